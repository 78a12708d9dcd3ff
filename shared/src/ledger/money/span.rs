//! The days of billing of an account (pattern 41): from the day of the account to today, and whatever bills
//! said beyond.
//!
//! A list that is asked for decades reads the days within these. Almost every bill is of today, so almost none
//! writes anything here. One that says an earlier or a later day widens the span first, and is recorded then.

use crate::ledger::keys;
use crate::ledger::money::known_days::Side;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{s, text, version};
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::time::{Instant, Range, UtcDay};

impl Ledger {
    /// Widens the days of billing to the day of an entry that is about to be recorded.
    pub(in crate::ledger) async fn note_billed_day(
        &self,
        account: &Account,
        billed: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        let day = UtcDay::of(billed);
        let side = if day < UtcDay::of(account.created_at) {
            Side::Before
        } else if day > UtcDay::of(now) {
            Side::Behind
        } else {
            return Ok(());
        };
        if self.spans.has(&account.id, day, side) {
            return Ok(());
        }
        let (name, condition) = match side {
            Side::Before => ("first_day", "attribute_not_exists(#day) OR #day > :day"),
            Side::Behind => ("last_day", "attribute_not_exists(#day) OR #day < :day"),
        };
        let key = keys::billed_span(&account.id);
        let set = "SET #type = :type, v = :v, #day = :day";
        // If it is refused, the span is wide enough.
        self.update_item(key, set, condition)
            .name("#type", "type")
            .name("#day", name)
            .value(":type", s("billed_span"))
            .value(":v", version())
            .value(":day", s(day.to_string()))
            .send()
            .await?;
        self.spans.widen(&account.id, day, side);
        Ok(())
    }

    /// The days in which costs of an account were billed, or will be that are recorded already; `None` for an
    /// account of an earlier version, whose days are not known.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn billed_days(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<Option<Range>, StoreError> {
        if !account.keeps_span {
            return Ok(None);
        }
        let item = self.get(keys::billed_span(&account.id)).await?;
        let said = |name: &str| UtcDay::parse(text(item.as_ref()?, name)?).ok();
        let (created, today) = (UtcDay::of(account.created_at), UtcDay::of(now));
        let first = said("first_day").map_or(created, |day| day.min(created));
        let last = said("last_day").map_or(today, |day| day.max(today));
        let to = last
            .next()
            .map_or(Instant::from_millis(i64::MAX), UtcDay::begins);
        Ok(Some(Range {
            from: first.begins(),
            to,
        }))
    }
}
