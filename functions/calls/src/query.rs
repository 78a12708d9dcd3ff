//! The parameters of a list of calls: a range, and filters that may select by the account's numbers.

use std::collections::BTreeSet;
use std::time::Duration;

use callbook::dialect::fonedynamics::field;
use callbook::model::call::Direction;
use callbook::model::field::Field;
use callbook::model::number::{AttributionText, RegisteredNumber, RoutingMethod};
use callbook::model::phone::PhoneNumber;
use callbook::model::property::PropertySid;
use callbook::model::report::{CallFilter, ContactFilter, Disposition, OfProperty};
use callbook::model::time::{CLOCK_SKEW, Instant, InvalidRange, Range, RangeEnd, Zone};
use callbook::problem::{Fault, Problem};
use callbook::request::Reader;
use serde::Serialize;

use crate::scene::CallContext;
use crate::wire::{disposition, number, time};

/// How far back a list reaches without `Date_From`.
const DEFAULT_RANGE: Duration = Duration::from_secs(30 * 86_400);

/// Selects the calls of a list, by the request alone. Page tokens are bound to it.
#[derive(Serialize)]
pub(crate) struct ListQuery {
    from: Option<RangeEnd>,
    to: Option<RangeEnd>,
    dispositions: BTreeSet<Disposition>,
    called: BTreeSet<PhoneNumber>,
    endpoints: BTreeSet<PhoneNumber>,
    /// Sources, media, campaigns and contents. An empty set selects all.
    attribution: [BTreeSet<AttributionText>; 4],
    contact: Option<ContactFilter>,
}

impl ListQuery {
    /// The parameters, without those of the page.
    pub(crate) const FIELDS: [Field; 10] = [
        field::DATE_FROM,
        field::DATE_TO,
        field::DISPOSITION,
        field::TO,
        field::ENDPOINT,
        field::ATTRIBUTION_SOURCE,
        field::ATTRIBUTION_MEDIUM,
        field::ATTRIBUTION_CAMPAIGN,
        field::ATTRIBUTION_CONTENT,
        field::UNIQUE,
    ];

    /// Reads the parameters. Returns `None` if one is at fault.
    ///
    /// A day cannot be checked yet, because its zone is not known. [`Self::range`] checks it.
    pub(crate) fn read(reader: &mut Reader<'_>, now: Instant) -> Option<Self> {
        let from = reader.optional(field::DATE_FROM, time);
        let to = reader.optional(field::DATE_TO, time);
        if let (Some(from), Some(to)) = (from, to)
            && day(from).is_none_or(|from| day(to).is_none_or(|to| from == to))
            && let Err((field, fault)) = span(from, to, &Zone::utc(), now)
        {
            reader.fault(field, fault);
        }
        let dispositions = reader.items(field::DISPOSITION, disposition);
        let called = reader.items(field::TO, number);
        let endpoints = reader.items(field::ENDPOINT, number);
        let mut attribution = |field| {
            let texts = reader.items(field, |text| Ok(AttributionText::parse(text)?));
            texts.map(Option::unwrap_or_default)
        };
        let [source, medium, campaign, content] = [
            attribution(field::ATTRIBUTION_SOURCE),
            attribution(field::ATTRIBUTION_MEDIUM),
            attribution(field::ATTRIBUTION_CAMPAIGN),
            attribution(field::ATTRIBUTION_CONTENT),
        ];
        let contact = reader.optional(field::UNIQUE, |text| match text {
            _ if text.eq_ignore_ascii_case("all") => Ok(None),
            _ if text.eq_ignore_ascii_case("unique") => Ok(Some(ContactFilter::First)),
            _ if text.eq_ignore_ascii_case("repeat") => Ok(Some(ContactFilter::Repeated)),
            _ => Err(Fault::invalid("expected All, Unique or Repeat")),
        });
        Some(Self {
            from: from?,
            to: to?,
            dispositions: dispositions?.unwrap_or_default(),
            called: called?.unwrap_or_default(),
            endpoints: endpoints?.unwrap_or_default(),
            attribution: [source?, medium?, campaign?, content?],
            contact: contact?.flatten(),
        })
    }

    /// Returns the range that the request means at `now`, with days in `zone`.
    ///
    /// # Errors
    /// Returns `Invalid` if the range ends before it begins, or is longer than a year.
    pub(crate) fn range(&self, zone: &Zone, now: Instant) -> Result<Range, Problem> {
        span(self.from, self.to, zone, now).map_err(|(field, fault)| Problem::of(field, fault))
    }

    /// Returns the filter, given the account's numbers and their assignments in the range.
    pub(crate) fn filter(&self, scene: &CallContext, property: Option<PropertySid>) -> CallFilter {
        let by_attribution = self.attribution.iter().any(|wanted| !wanted.is_empty());
        let by_number = by_attribution || !self.endpoints.is_empty();
        let numbers = || {
            let numbers = scene.numbers().filter(|number| self.selects(number));
            numbers.map(|number| number.number.clone()).collect()
        };
        let own_numbers: Option<BTreeSet<PhoneNumber>> = by_number.then(numbers);
        CallFilter {
            // Only inbound calls are routed.
            direction: (!self.endpoints.is_empty()).then_some(Direction::Inbound),
            called: self.called.clone(),
            dispositions: self.dispositions.clone(),
            own_numbers,
            property: property.map(|sid| OfProperty {
                sid,
                assignments: scene.assignments.clone(),
            }),
            contact: self.contact,
            ..CallFilter::default()
        }
    }

    /// Whether a number has the routing and attribution that the request asks for.
    fn selects(&self, number: &RegisteredNumber) -> bool {
        let settings = &number.settings;
        let attribution = &settings.attribution;
        let found = [
            &attribution.source,
            &attribution.medium,
            &attribution.campaign,
            &attribution.content,
        ];
        let mut attributions = self.attribution.iter().zip(found);
        let by_endpoint = settings.routing_method == Some(RoutingMethod::Endpoint);
        let routed = settings.endpoint_number.as_ref().filter(|_| by_endpoint);
        let among = |wanted: &BTreeSet<_>, found: Option<&_>| {
            wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
        };
        attributions.all(|(wanted, found)| among(wanted, found.as_ref()))
            && (self.endpoints.is_empty()
                || routed.is_some_and(|routed| self.endpoints.contains(routed)))
    }
}

/// Whether a time is a whole day, if there is one.
fn day(time: Option<RangeEnd>) -> Option<bool> {
    time.map(|time| time.is_day())
}

/// Returns the range that two times mean at `now`, or the field at fault.
fn span(
    from: Option<RangeEnd>,
    to: Option<RangeEnd>,
    zone: &Zone,
    now: Instant,
) -> Result<Range, (Field, Fault)> {
    let from = from.map(|from| from.moment(zone));
    let to = to.map(|to| to.moment(zone));
    let from = from.unwrap_or_else(|| to.unwrap_or(now).minus(DEFAULT_RANGE));
    let to = to.unwrap_or_else(|| now.plus(CLOCK_SKEW).max(from));
    Range::between(from, to, zone).map_err(|error| {
        let field = match error {
            InvalidRange::Backwards => field::DATE_TO,
            InvalidRange::TooLong => field::DATE_FROM,
        };
        (field, Fault::invalid(error))
    })
}
