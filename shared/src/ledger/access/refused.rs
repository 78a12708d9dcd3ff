//! Refused requests (pattern 84), for the people of the account whose credential sent them.
//!
//! Requests of one credential that are refused in the same way within one hour are one item, which counts them.
//! So what is kept grows with the ways in which requests are wrong, and not with how often they are sent.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys;
use crate::ledger::table::condition::PRESENT;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, n, read, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::update::Updated;
use crate::model::account::AccountId;
use crate::model::id::CredentialId;
use crate::model::refused_request::RefusedRequest;
use crate::model::time::{Instant, UtcDay};
use crate::model::vendor::VendorId;

/// For how long a refused request is kept.
pub const REFUSED_REQUESTS_KEPT: Duration = Duration::from_secs(7 * 86_400);

/// How many items a query reads at once.
const PAGE: usize = 256;

/// How many items a page may have read before it ends at the next hour.
const MOST_READ: usize = 2_048;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Which refused requests are listed.
#[derive(Clone, Debug, Default)]
pub struct RefusedRequestQuery {
    /// Only those of this credential.
    pub credential: Option<CredentialId>,
    /// Only those of this vendor's credentials.
    pub vendor: Option<VendorId>,
    /// Only those of which one arrived at this moment or later.
    pub since: Option<Instant>,
    /// Behind which entry the page begins.
    pub after: Option<RefusedRequestPlace>,
    /// How many entries the page has at most.
    pub limit: usize,
}

/// A place in the list: an hour, and within it when the latest request of an entry arrived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedRequestPlace(String);

/// A page of refused requests, those of the latest hour first, and within an hour the latest first.
#[derive(Clone, Debug)]
pub struct RefusedRequestPage {
    /// The entries.
    pub requests: Vec<RefusedRequest>,
    /// Where the next page begins, if there can be one.
    pub next: Option<RefusedRequestPlace>,
}

impl RefusedRequestPlace {
    fn of(request: &RefusedRequest) -> Self {
        let (hour, last) = (Self::behind_hour(request.first_at), request.last_at);
        let (last, id) = (last.millis().max(0), &request.credential_id);
        Self(format!(
            "{}#{last:014}#{id}#{}",
            hour.0,
            request.signature()
        ))
    }

    /// The place behind all entries of the hour of a moment.
    fn behind_hour(moment: Instant) -> Self {
        let hour = moment.seconds().max(0).div_euclid(3_600);
        Self(format!("{:014}", hour.saturating_mul(3_600_000)))
    }

    /// Reads what [`Self::as_str`] returned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let place = Self(text.to_owned());
        (text.len() <= 80 && place.hour().is_some()).then_some(place)
    }

    /// Returns the place as page tokens spell it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment from which on the list goes back: in its hour, or before it if all of the hour was listed.
    fn resumes(&self) -> Option<Instant> {
        let hour = self.hour()?;
        match self.0.contains('#') {
            true => Some(hour),
            false => Some(hour.minus(MILLISECOND)),
        }
    }

    /// The beginning of its hour.
    fn hour(&self) -> Option<Instant> {
        let millis = self.0.split('#').next()?;
        let digits = millis.len() == 14 && millis.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| millis.parse().ok().map(Instant::from_millis))
            .flatten()
    }
}

impl Ledger {
    /// Adds refused requests to the entry of their credential, way and hour.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time. The requests may be counted or not.
    pub async fn note_refused_requests(
        &self,
        account: &AccountId,
        refused: &RefusedRequest,
    ) -> Result<(), StoreError> {
        let key = || {
            let signature = refused.signature();
            keys::refused_request(
                account,
                &refused.credential_id,
                &signature,
                refused.first_at,
            )
        };
        let count = n(i64::try_from(refused.count).unwrap_or(i64::MAX));
        let mut set = "SET #type = :type, v = :v, credential_id = :credential, label = :label, \
                       dialect = :dialect, #function = :function, #method = :method, route = :route, \
                       #status = :status, #error = :error, #fields = :fields, reason = :reason, \
                       guid = :guid, first_at = if_not_exists(first_at, :first), last_at = :last, \
                       expires_at = :expires"
            .to_owned();
        let optional = [
            ("error_code", ":code", refused.error_code.as_deref()),
            (
                "vendor_id",
                ":vendor",
                refused.vendor_id.as_ref().map(VendorId::as_str),
            ),
        ];
        for (name, value, _) in optional.iter().filter(|(.., text)| text.is_some()) {
            set.push_str(&format!(", {name} = {value}"));
        }
        set.push_str(" ADD #times :times");
        // A repeat of this write finds its own guid, and one that comes late does not say what came last.
        let condition = "attribute_not_exists(pk) OR (guid <> :guid AND last_at <= :last)";
        let mut update = self.update_item(key(), set, condition);
        for name in ["type", "function", "method", "status", "error", "fields"] {
            update = update.name(format!("#{name}"), name);
        }
        for (_, value, text) in optional {
            if let Some(text) = text {
                update = update.value(value, s(text));
            }
        }
        let fields = refused.fields.iter().map(s).collect();
        let expires = refused.last_at.plus(REFUSED_REQUESTS_KEPT).seconds();
        let update = update
            .name("#times", "times")
            .value(":type", s("refused_request"))
            .value(":v", version())
            .value(":credential", s(refused.credential_id.as_str()))
            .value(":label", s(&refused.label))
            .value(":dialect", s(&refused.dialect))
            .value(":function", s(&refused.function))
            .value(":method", s(&refused.method))
            .value(":route", s(&refused.route))
            .value(":status", n(refused.status))
            .value(":error", s(&refused.error))
            .value(":fields", AttributeValue::L(fields))
            .value(":reason", s(&refused.reason))
            .value(":guid", s(&refused.guid))
            .value(":first", at(refused.first_at))
            .value(":last", at(refused.last_at))
            .value(":expires", n(expires))
            .value(":times", count.clone());
        let found = match update.send().await? {
            Updated::Done(_) => return Ok(()),
            Updated::Refused(found) => found,
        };
        let own = |item: &Item| text(item, "guid") == Some(&refused.guid);
        if found.as_ref().is_none_or(own) {
            return Ok(());
        }
        // Another process has noted a later one.
        let add = self.update_item(key(), "ADD #times :times", PRESENT);
        let add = add.name("#times", "times").value(":times", count);
        add.send().await.map(drop)
    }

    /// Lists refused requests, those of the latest hour first.
    ///
    /// Each hour is read to its end, because the entries of an hour are stored by their names.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn refused_requests(
        &self,
        account: &AccountId,
        query: &RefusedRequestQuery,
        now: Instant,
    ) -> Result<RefusedRequestPage, StoreError> {
        let oldest = now.minus(REFUSED_REQUESTS_KEPT);
        let since = query.since.map_or(oldest, |since| since.max(oldest));
        let after = query.after.as_ref().and_then(RefusedRequestPlace::resumes);
        let mut moment = after.unwrap_or(now).min(now);
        let mut reading = Reading::new(query, since);
        if moment < since {
            return Ok(reading.page(true));
        }
        loop {
            self.read_refused_of_day(account, moment, &mut reading)
                .await?;
            let before = UtcDay::of(moment).begins().minus(MILLISECOND);
            let ends = before < since;
            if reading.is_full() || ends {
                return Ok(reading.page(ends));
            }
            moment = before;
        }
    }

    /// Reads a day from the hour of a moment backwards, until the page is full.
    async fn read_refused_of_day(
        &self,
        account: &AccountId,
        moment: Instant,
        reading: &mut Reading<'_>,
    ) -> Result<(), StoreError> {
        let day = UtcDay::of(moment);
        let partition = keys::refused_requests_partition(account, day);
        let (from, mut to) =
            keys::refused_requests_between(reading.since.max(day.begins()), moment);
        loop {
            let query = self.query(partition.as_str());
            let query = query.between(from.as_str(), to.as_str());
            let page = query.descending().limit(PAGE).page().await?;
            for item in page.items {
                // The one that the page before ended with is read again.
                if text(&item, keys::SK) != Some(to.as_str()) {
                    reading.add(read(item)?);
                }
            }
            let Some(last) = page.last else {
                reading.end_hour();
                return Ok(());
            };
            if reading.is_full() {
                reading.day_ended = false;
                return Ok(());
            }
            to = last;
        }
    }
}

/// The entries that were read for a page.
struct Reading<'a> {
    query: &'a RefusedRequestQuery,
    since: Instant,
    /// Those of hours that were read to their ends, in order.
    found: Vec<(RefusedRequestPlace, RefusedRequest)>,
    /// Those of the hour that is being read.
    hour: Vec<(RefusedRequestPlace, RefusedRequest)>,
    /// The beginning of that hour.
    current: Option<RefusedRequestPlace>,
    /// The hour that was read to its end last.
    ended: Option<RefusedRequestPlace>,
    /// Whether the day was read to its beginning.
    day_ended: bool,
    read: usize,
}

impl<'a> Reading<'a> {
    fn new(query: &'a RefusedRequestQuery, since: Instant) -> Self {
        Self {
            query,
            since,
            found: Vec::new(),
            hour: Vec::new(),
            current: None,
            ended: None,
            day_ended: true,
            read: 0,
        }
    }

    fn add(&mut self, request: RefusedRequest) {
        self.read += 1;
        let hour = RefusedRequestPlace::behind_hour(request.first_at);
        if self.current.as_ref() != Some(&hour) {
            self.end_hour();
            self.current = Some(hour);
        }
        let place = RefusedRequestPlace::of(&request);
        let query = self.query;
        let credential = query.credential.as_ref();
        let vendor = query.vendor.as_ref();
        let wanted = request.last_at >= self.since
            && credential.is_none_or(|credential| *credential == request.credential_id)
            && vendor.is_none_or(|vendor| Some(vendor) == request.vendor_id.as_ref())
            && query.after.as_ref().is_none_or(|after| place < *after);
        if wanted {
            self.hour.push((place, request));
        }
    }

    fn end_hour(&mut self) {
        self.hour.sort_by(|(one, _), (other, _)| other.cmp(one));
        self.found.append(&mut self.hour);
        self.ended = self.current.take().or(self.ended.take());
    }

    /// Whether no more needs to be read, or enough was.
    fn is_full(&self) -> bool {
        self.found.len() > self.query.limit || (self.read >= MOST_READ && self.ended.is_some())
    }

    /// The page; `ends` says that no earlier day can have more.
    fn page(mut self, ends: bool) -> RefusedRequestPage {
        let next = if self.found.len() > self.query.limit {
            self.found.truncate(self.query.limit);
            self.found.last().map(|(place, _)| place.clone())
        } else if ends && self.day_ended {
            None
        } else {
            self.ended
        };
        let requests = self.found.into_iter().map(|(_, request)| request);
        RefusedRequestPage {
            requests: requests.collect(),
            next,
        }
    }
}
