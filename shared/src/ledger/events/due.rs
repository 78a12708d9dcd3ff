//! Costs that have had no call for a day (pattern 82).
//!
//! Whoever publishes notes when an unmatched cost is to be told of. An hourly task marks those that still have no
//! call then, in their pair, and the stream tells of the mark: so the news has its place among those of its pair.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ledger::events::change::OVERDUE_SINCE;
use crate::ledger::keys::{self, Key};
use crate::ledger::table::condition::ALWAYS;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, n, read, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::update::Updated;
use crate::model::account::AccountId;
use crate::model::call::CostId;
use crate::model::pair::entry::State;
use crate::model::time::Instant;

/// For how long a cost may have no call before that is told.
pub const UNMATCHED_AFTER: Duration = Duration::from_secs(86_400);

/// For how long a note is kept if no task takes it.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// How many notes of an account are read at once.
const PAGE: usize = 100;

/// Where a cost is that may be told of.
#[derive(Serialize, Deserialize)]
struct DueItem {
    cost_id: CostId,
    pair: String,
    bill: String,
}

impl Ledger {
    /// Notes that a cost has no call since a moment: `key` is that of its entry in its pair.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn note_unmatched(
        &self,
        account: &AccountId,
        id: &CostId,
        (pair, bill): (&str, &str),
        since: Instant,
    ) -> Result<(), StoreError> {
        let due = since.plus(UNMATCHED_AFTER);
        let set = "SET #type = :type, v = :v, cost_id = :cost, pair = :pair, bill = :bill, \
                   expires_at = :expires";
        self.update_item(keys::unmatched_due(account, due, id), set, ALWAYS)
            .name("#type", "type")
            .value(":type", s("unmatched_due"))
            .value(":v", version())
            .value(":cost", s(id.as_str()))
            .value(":pair", s(pair))
            .value(":bill", s(bill))
            .value(":expires", n(due.plus(KEPT).seconds()))
            .send()
            .await
            .map(drop)
    }

    /// Marks the costs of all accounts that have had no call for a day, and returns how many.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time; another call goes on.
    pub async fn mark_overdue(&self, now: Instant) -> Result<usize, StoreError> {
        let mut marked = 0;
        for account in self.accounts().await? {
            let (from, to) = keys::unmatched_due_by(now);
            loop {
                let query = self.query(keys::unmatched_partition(&account.id));
                let page = query.between(&from, &to).limit(PAGE).page().await?;
                let last = page.last.is_none();
                for item in page.items {
                    let key = Key::new(
                        text(&item, keys::PK).unwrap_or_default(),
                        text(&item, keys::SK).unwrap_or_default(),
                    );
                    let due: DueItem = read(item)?;
                    marked += usize::from(self.mark(&due, now).await?);
                    self.delete_if_present(key).await?;
                }
                if last {
                    break;
                }
            }
        }
        Ok(marked)
    }

    async fn mark(&self, due: &DueItem, now: Instant) -> Result<bool, StoreError> {
        let key = Key::new(due.pair.as_str(), due.bill.as_str());
        let open = format!(
            "attribute_exists(pk) AND #state = :open AND attribute_not_exists({OVERDUE_SINCE})"
        );
        let marked = self
            .update_item(key, format!("SET {OVERDUE_SINCE} = :now"), open)
            .name("#state", "state")
            .value(":open", s(State::InForce.as_str()))
            .value(":now", at(now))
            .send()
            .await?;
        Ok(matches!(marked, Updated::Done(_)))
    }
}
