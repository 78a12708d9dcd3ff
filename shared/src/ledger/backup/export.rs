//! Reading every item of the table, for an export.

use futures_util::{TryStreamExt, stream};
use serde_json::json;

use crate::ledger::backup::{OF_THE_TABLE, json};
use crate::ledger::keys;
use crate::ledger::summary::names::account_of;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, known, number, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::stream::RESTORED;
use crate::model::account::AccountId;
use crate::model::time::Instant;

/// In how many parts the table is read at once.
const PARTS: i32 = 4;

/// The types that change without anybody's doing anything with a call or a cost.
const RESTLESS: [&str; 2] = ["limit", "webhook_progress"];

/// An item of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedItem {
    /// Whose it is; `None` for what belongs to no account, such as numbers for sale.
    pub owner: Option<AccountId>,
    /// Its type.
    pub kind: String,
    /// The line that stands for it.
    pub line: String,
    /// Whether it changes only when something happens in the ledger.
    pub is_steady: bool,
}

/// How many items an export leaves out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// They are over: `expires_at` has passed.
    pub expired: u64,
    /// They say how far this table's own stream is followed.
    pub of_the_table: u64,
}

/// What is read of an item.
enum Read {
    Exported(ExportedItem),
    Expired,
    OfTheTable,
}

impl Ledger {
    /// Reads the whole table once, and hands each item to `each`, in no order. Items that are written meanwhile are
    /// read as they are before or after that.
    ///
    /// # Errors
    /// Returns what `each` returns; [`StoreError::Unavailable`] if DynamoDB does not answer in time; and
    /// [`StoreError::Later`] if a later version wrote an item.
    pub async fn export_items<E: From<StoreError>>(
        &self,
        now: Instant,
        mut each: impl FnMut(ExportedItem) -> Result<(), E>,
    ) -> Result<LeftOut, E> {
        let parts = (0..PARTS).map(|part| Box::pin(self.scan().part(part, PARTS).pages()));
        let mut pages = stream::select_all(parts);
        let mut left_out = LeftOut::default();
        while let Some(page) = pages.try_next().await? {
            for item in page.items {
                match read(known(item)?, now) {
                    Read::Exported(item) => each(item)?,
                    Read::Expired => left_out.expired += 1,
                    Read::OfTheTable => left_out.of_the_table += 1,
                }
            }
        }
        Ok(left_out)
    }
}

fn read(mut item: Item, now: Instant) -> Read {
    let kind = text(&item, "type").unwrap_or_default().to_owned();
    if OF_THE_TABLE.contains(&kind.as_str()) {
        return Read::OfTheTable;
    }
    if is_over(&item, now) {
        return Read::Expired;
    }
    item.remove(RESTORED);
    Read::Exported(ExportedItem {
        owner: owner_of(&item),
        is_steady: !RESTLESS.contains(&kind.as_str()),
        line: json!({"Item": json::written(&item)}).to_string(),
        kind,
    })
}

/// Whether the time is up after which DynamoDB deletes the item.
pub(super) fn is_over(item: &Item, now: Instant) -> bool {
    number::<i64>(item, "expires_at").is_some_and(|end| end <= now.seconds())
}

/// Whose an item is.
pub(in crate::ledger) fn owner_of(item: &Item) -> Option<AccountId> {
    let (pk, sk) = (text(item, keys::PK)?, text(item, keys::SK)?);
    let named = || match pk {
        keys::ACCOUNTS => Some(sk),
        // The endpoints of all accounts lie together.
        _ if pk.starts_with(keys::ENDPOINT_PROGRESS) => sk.split('#').next(),
        _ => text(item, "account_id"),
    };
    account_of(pk).or_else(|| AccountId::parse(named()?).ok())
}
