//! Lists of calls: which of them, in pages, and how many there are.

use std::collections::BTreeSet;
use std::time::Duration;

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::list::Wanted;
use callbook::dialect::fonedynamics::{self, field};
use callbook::ledger::{CallReport, CallRow};
use callbook::model::call::Direction;
use callbook::model::number::{AttributionText, RegisteredNumber, RoutingMethod};
use callbook::model::phone::PhoneNumber;
use callbook::model::property::PropertySid;
use callbook::model::report::{CallFilter, ContactFilter, Disposition, OfProperty, Position};
use callbook::model::time::{Instant, InvalidRange, Range, RangeEnd, Zone};
use callbook::problem::{Fault, Problem};
use callbook::request::Parameters;
use callbook::request::fields::{Fields, invalid, text_fault};
use callbook::request::page_token::{ListQuestion, PageKey};
use serde::Serialize;

use crate::Asking;
use crate::scene::CallContext;
use crate::wire::{CLOCK_SKEW, Call, disposition, given_number, number, time};

/// How far back a list goes that does not say from when.
const USUAL: Duration = Duration::from_secs(30 * 86_400);

/// How many calls one request looks at, as far as its time allows: they are counted.
const MOST_CALLS: usize = 100_000;

/// The filters, which a page token is bound to.
const FILTERS: [&str; 10] = [
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

/// Whose calls are listed, by the sid in the path.
#[derive(Clone, Copy)]
pub enum Whose<'a> {
    /// An account's.
    Account(&'a str),
    /// A property's.
    Property(&'a str),
}

impl Asking<'_> {
    /// Answers one page of a list.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn list(&self, whose: Whose<'_>) -> Result<Answer, Problem> {
        let (ledger, key, account) = (
            self.app.ledger()?,
            self.app.page_key()?,
            &self.caller.account,
        );
        let given = |name| Some((name, self.parameters.list(name)?));
        let filters: Vec<_> = FILTERS.into_iter().filter_map(given).collect();
        let question = ListQuestion {
            account: &account.id,
            path: self.request.path().as_str(),
            filters: &filters,
        };
        let now = self.request.received();
        let mut fields = Fields::new();
        if let Whose::Account(sid) = whose {
            self.caller.check_own(&mut fields, sid);
        }
        let query = Query::read(fields, &self.parameters, key, &question, now)?;
        let property = match whose {
            Whose::Account(_) => None,
            Whose::Property(sid) => Some(self.caller.property(ledger, sid).await?),
        };
        let zone = property
            .as_ref()
            .and_then(|property| property.zone.as_ref());
        let zone = zone.unwrap_or(&account.zone);
        let place = query.place(zone, now)?;
        self.count().await?;
        let scene = CallContext::of_account(ledger, &account.id).await?;
        let report = ledger.call_report(
            &account.id,
            account.shards,
            place.range.until(now.plus(CLOCK_SKEW)),
            query.filter(&scene, property.map(|property| property.sid)),
            place.behind.as_ref().map(|(position, _)| position.clone()),
            // The first page counts them all.
            place.behind.is_some().then_some(query.wanted.count()),
        );
        let report = report.without_feedback().limited(
            MOST_CALLS,
            self.request.received(),
            self.app.clock(),
        );
        let page = Page::read(report, &query.wanted, &place).await?;
        let next = page.next.map(|position| {
            let place = Place {
                range: place.range,
                behind: Some((position, page.total)),
            };
            key.list_token(&question, &place.to_text())
        });
        let rows = page.rows.iter();
        Ok(fonedynamics::success(&Calls {
            calls: rows
                .map(|call| Call::of(call, &account.sid, &scene))
                .collect(),
            total_count: page.total,
            next_page_token: next,
        }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Calls<'a> {
    calls: Vec<Call<'a>>,
    total_count: usize,
    next_page_token: Option<String>,
}

/// Where a page begins. The first one fixes the range and counts its calls, and those behind it keep to
/// both: what is recorded meanwhile neither shifts a page nor hides a call.
struct Place {
    range: Range,
    behind: Option<(Position, usize)>,
}

impl Place {
    fn to_text(&self) -> String {
        let (from, to) = (self.range.from.millis(), self.range.to.millis());
        let behind = self.behind.as_ref();
        let (position, total) = behind.map_or(("", 0), |(at, total)| (at.as_str(), *total));
        format!("{from}.{to}.{total}.{position}")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (from, to, total) = (number()?, number()?, number()?);
        let position = Position::parse(parts.next()?)?;
        Some(Self {
            range: Range {
                from: Instant::from_millis(from),
                to: Instant::from_millis(to),
            },
            behind: Some((position, usize::try_from(total).ok()?)),
        })
    }
}

/// Which calls are asked for, as far as the request says.
struct Query {
    from: Option<RangeEnd>,
    to: Option<RangeEnd>,
    dispositions: BTreeSet<Disposition>,
    called: Option<PhoneNumber>,
    endpoint: Option<PhoneNumber>,
    attribution: [Option<AttributionText>; 4],
    contact: Option<ContactFilter>,
    wanted: Wanted,
}

impl Query {
    fn read(
        mut fields: Fields,
        parameters: &Parameters,
        key: &PageKey,
        question: &ListQuestion<'_>,
        now: Instant,
    ) -> Result<Self, Problem> {
        let from = fields.optional(field::DATE_FROM, parameters.given(field::DATE_FROM), time);
        let to = fields.optional(field::DATE_TO, parameters.given(field::DATE_TO), time);
        if let (Some(from), Some(to)) = (from, to)
            && day(from).is_none_or(|from| day(to).is_none_or(|to| from == to))
            && let Err((field, fault)) = span(from, to, &Zone::utc(), now)
        {
            fields.fault(field, fault);
        }
        let text = parameters.list(field::DISPOSITION);
        let dispositions = fields.optional(field::DISPOSITION, text, |text| {
            text.split(',').map(disposition).collect()
        });
        let called = fields.optional(field::TO, given_number(parameters, field::TO), number);
        let text = given_number(parameters, field::ENDPOINT);
        let endpoint = fields.optional(field::ENDPOINT, text, number);
        let mut attribution = |name| {
            fields.optional(name, parameters.given(name), |text| {
                AttributionText::parse(text).map_err(text_fault)
            })
        };
        let attribution = [
            attribution(field::ATTRIBUTION_SOURCE),
            attribution(field::ATTRIBUTION_MEDIUM),
            attribution(field::ATTRIBUTION_CAMPAIGN),
            attribution(field::ATTRIBUTION_CONTENT),
        ];
        let contact =
            fields.optional(
                field::UNIQUE,
                parameters.given(field::UNIQUE),
                |text| match text {
                    _ if text.eq_ignore_ascii_case("all") => Ok(None),
                    _ if text.eq_ignore_ascii_case("unique") => Ok(Some(ContactFilter::First)),
                    _ if text.eq_ignore_ascii_case("repeat") => Ok(Some(ContactFilter::Repeated)),
                    _ => Err(invalid("expected All, Unique or Repeat")),
                },
            );
        let wanted = Wanted::read(&mut fields, parameters, key, question);
        let (from, to, dispositions, called, endpoint, contact, wanted) =
            fields.finish((from, to, dispositions, called, endpoint, contact, wanted))?;
        Ok(Self {
            from,
            to,
            dispositions: dispositions.unwrap_or_default(),
            called,
            endpoint,
            attribution: attribution.map(Option::flatten),
            contact: contact.flatten(),
            wanted,
        })
    }

    /// The token's place, or the beginning of the range that the request means at `now`.
    fn place(&self, zone: &Zone, now: Instant) -> Result<Place, Problem> {
        let place = self.wanted.behind().and_then(Place::parse);
        if let Some(place) = place {
            return Ok(place);
        }
        let range = span(self.from, self.to, zone, now)
            .map_err(|(field, fault)| Problem::of(field, fault))?;
        Ok(Place {
            range,
            behind: None,
        })
    }

    fn filter(&self, scene: &CallContext, property: Option<PropertySid>) -> CallFilter {
        let by_number = self.endpoint.is_some() || self.attribution.iter().any(Option::is_some);
        let numbers = || {
            let numbers = scene.numbers().filter(|number| self.is_by(number));
            numbers.map(|number| number.number.clone()).collect()
        };
        let own_numbers: Option<BTreeSet<PhoneNumber>> = by_number.then(numbers);
        CallFilter {
            // Only a call that came in was routed anywhere.
            direction: self.endpoint.is_some().then_some(Direction::Inbound),
            did: self.called.clone(),
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

    /// Whether a number is set up as the filters want it.
    fn is_by(&self, number: &RegisteredNumber) -> bool {
        let settings = &number.settings;
        let attribution = &settings.attribution;
        let found = [
            &attribution.source,
            &attribution.medium,
            &attribution.campaign,
            &attribution.content,
        ];
        let mut attributions = self.attribution.iter().zip(found);
        let endpoint = self.endpoint.as_ref();
        let by_endpoint = settings.routing_method == Some(RoutingMethod::Endpoint);
        let routed = settings.endpoint_number.as_ref().filter(|_| by_endpoint);
        attributions.all(|(wanted, found)| wanted.is_none() || wanted == found)
            && endpoint.is_none_or(|endpoint| routed == Some(endpoint))
    }
}

/// Whether a time is a date, where there is one.
fn day(time: Option<RangeEnd>) -> Option<bool> {
    time.map(|time| time.is_day())
}

/// The range that is meant at `now`, or the field at fault.
fn span(
    from: Option<RangeEnd>,
    to: Option<RangeEnd>,
    zone: &Zone,
    now: Instant,
) -> Result<Range, (&'static str, Fault)> {
    let from = from.map(|from| from.moment(zone));
    let to = to.map(|to| to.moment(zone));
    let from = from.unwrap_or_else(|| to.unwrap_or(now).minus(USUAL));
    let to = to.unwrap_or_else(|| now.plus(CLOCK_SKEW).max(from));
    Range::between(from, to, zone).map_err(|error| {
        let field = match error {
            InvalidRange::Backwards => field::DATE_TO,
            InvalidRange::TooLong => field::DATE_FROM,
        };
        (field, invalid(error))
    })
}

/// One page of the calls that were asked for.
struct Page {
    rows: Vec<CallRow>,
    total: usize,
    next: Option<Position>,
}

impl Page {
    /// Reads the rows of a page; the first one's reading goes on to the end of the range, for the count.
    async fn read(mut report: CallReport, wanted: &Wanted, place: &Place) -> Result<Self, Problem> {
        let counted = place.behind.as_ref().map(|(_, total)| *total);
        let (mut rows, mut seen) = (Vec::new(), 0);
        let mut more = None;
        while let Some(batch) = report.next().await? {
            for row in batch {
                seen += 1;
                if seen > wanted.skip() && rows.len() < wanted.count() {
                    rows.push(row);
                } else if seen > wanted.skip() {
                    more = more.or_else(|| rows.last().map(|last| Position::after(&last.sid)));
                }
            }
            if counted.is_some() && more.is_some() {
                break;
            }
            if report.is_exhausted() {
                let Some(total) = counted else {
                    return Err(too_many());
                };
                more = report.resume_at();
                if more.is_some() {
                    return Ok(Self {
                        rows,
                        total,
                        next: more,
                    });
                }
            }
        }
        Ok(Self {
            rows,
            total: counted.unwrap_or(seen),
            next: more,
        })
    }
}

fn too_many() -> Problem {
    let rule = format!(
        "the range has more than {MOST_CALLS} calls, or takes too long to count; ask for a shorter one"
    );
    Problem::of(field::DATE_FROM, invalid(rule))
}
