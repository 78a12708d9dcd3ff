//! Finding every item with a number: one scan of the table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::erase::change::{Change, Part, replaced};
use crate::ledger::erase::record::KindCounts;
use crate::ledger::erase::treatment::{change_of, once};
use crate::ledger::keys::{self, Key};
use crate::ledger::summary::names::account_of;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, instant, known, n, number, s, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::erasure::Substitution;
use crate::model::time::Instant;

/// The types that say what an account is, and nothing about a person who calls or is called.
const SETTINGS: [&str; 19] = [
    "account",
    "account_entry",
    "credential",
    "former_credential",
    "account_credential",
    "limit",
    "token",
    "session",
    "number_owner",
    "number",
    "stock",
    "property",
    "address",
    "tenure",
    "vendor",
    "number_vendors",
    "call_process",
    "billed_span",
    "settling",
];

/// The sums of the stream, which follow the calls and costs, and the record of the erasure itself.
const DERIVED: [&str; 3] = ["sums", "callers", "erasure"];

/// What an account's items say about a number.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    /// The types of settings that name the number.
    pub(super) settings: BTreeSet<String>,
    /// How many calls with the number are live.
    pub(super) live: u64,
    /// Until when a vendor's retry of a bill is answered by an idempotency record that goes away.
    pub(super) repeats_until: Option<Instant>,
    /// The idempotency records that were made with a cost, until it is known which costs are the person's.
    onces: HashMap<String, Vec<Key>>,
    /// The idempotency records with the number in them.
    mentions: Vec<Item>,
}

/// Whose number is looked for.
pub(super) struct Wanted<'a> {
    pub(super) account: &'a Account,
    pub(super) us: &'a Substitution,
    pub(super) now: Instant,
}

impl Found {
    /// How many items of each type there are.
    pub(super) fn counts(&self) -> KindCounts {
        counts(&self.changes)
    }

    fn take(&mut self, item: Item, wanted: &Wanted<'_>) {
        let (us, account) = (wanted.us, &wanted.account.id);
        let kind = text(&item, "type").unwrap_or_default().to_owned();
        match kind.as_str() {
            kind if DERIVED.contains(&kind) => {}
            kind if SETTINGS.contains(&kind) => {
                if replaced(&item, us) != item {
                    self.settings.insert(kind.to_owned());
                }
            }
            "live_call" | "reversed_live_call" => self.take_live(item, wanted),
            "once" => self.take_once(item, wanted),
            _ => self.changes.extend(change_of(item, us, account)),
        }
    }

    fn take_live(&mut self, item: Item, wanted: &Wanted<'_>) {
        if replaced(&item, wanted.us) == item {
            return;
        }
        let live = instant(&item, "live_until").is_some_and(|until| until > wanted.now);
        if !live {
            self.changes.push(Change::deletion(item));
        } else if text(&item, "type") == Some("live_call") {
            self.live += 1;
        }
    }

    fn take_once(&mut self, item: Item, wanted: &Wanted<'_>) {
        if replaced(&item, wanted.us) != item {
            self.mentions.push(item);
        } else if let Some(made) = text(&item, "made") {
            let key = Key::new(
                text(&item, keys::PK).unwrap_or_default(),
                text(&item, keys::SK).unwrap_or_default(),
            );
            self.onces.entry(made.to_owned()).or_default().push(key);
        }
    }

    fn decide_once(&mut self, item: Item, credential: Option<&str>, wanted: &Wanted<'_>) {
        let until = instant(&item, "until").filter(|until| *until > wanted.now);
        let Some(change) = once(item, wanted.us, credential) else {
            return;
        };
        if change.after.is_none() {
            self.repeats_until = self.repeats_until.max(until);
        }
        self.changes.push(change);
    }

    /// The costs of the person, each with the credential that sent its bill.
    fn costs(&self) -> BTreeMap<String, Option<String>> {
        let costs = self.changes.iter().filter(|change| change.kind() == "cost");
        costs
            .map(|cost| {
                let credential = text(&cost.before, "credential_id").map(str::to_owned);
                (cost.was("cost_id").to_owned(), credential)
            })
            .collect()
    }

    /// Ends the queue entries that still wait for a call to the person.
    fn end_waiting(&mut self, now: Instant) {
        let waiting: HashMap<u64, i64> = self
            .changes
            .iter()
            .filter(|change| change.kind() == "queue_waiting")
            .filter_map(|change| {
                let attempts = number(&change.before, "attempts").unwrap_or(0);
                Some((number(&change.before, "callqueue_id")?, attempts))
            })
            .collect();
        for change in &mut self.changes {
            let id = number::<u64>(&change.before, "callqueue_id");
            let attempts = id.and_then(|id| waiting.get(&id));
            if let ("queue_entry", Some(attempts)) = (change.kind(), attempts)
                && let Some(after) = &mut change.after
            {
                let status = match *attempts < i64::from(MOST_ATTEMPTS) {
                    true => "expired",
                    false => "failed",
                };
                after.insert("callqueue_status".to_owned(), s(status));
                after.insert("attempts".to_owned(), n(*attempts));
                after.insert("ended_at".to_owned(), n(now.millis()));
            }
        }
    }
}

/// How often an entry of the queue is given to takers before it has failed.
const MOST_ATTEMPTS: u32 = crate::ledger::contacts::waiting::MOST_ATTEMPTS;

pub(super) fn counts<'a>(changes: impl IntoIterator<Item = &'a Change>) -> KindCounts {
    let mut counts = KindCounts::new();
    for change in changes {
        *counts.entry(change.kind().to_owned()).or_default() += 1;
    }
    counts
}

impl Ledger {
    /// Reads the whole table for an account's items with a number. `progress` is told how many items were read.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and [`StoreError::Later`] if a
    /// later version wrote an item of the account.
    pub(super) async fn find_number(
        &self,
        wanted: &Wanted<'_>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let account = &wanted.account.id;
        let scan = self
            .scan()
            .filter("begins_with(pk, :own) OR account_id = :account OR #type = :carriers")
            .name("#type", "type")
            .value(":own", s(keys::account_partition(account)))
            .value(":account", s(account.as_str()))
            .value(":carriers", s("carrier_starts"));
        let take = async |items: Vec<Item>| {
            for item in items {
                if is_of(&item, account) {
                    found.take(known(item)?, wanted);
                }
            }
            Ok(())
        };
        scan.each(progress, take).await?;
        self.find_onces(&mut found, wanted).await?;
        found.end_waiting(wanted.now);
        found.changes.sort_by_cached_key(Change::order);
        Ok(found)
    }

    /// Finds the idempotency records that answer the person's costs.
    async fn find_onces(&self, found: &mut Found, wanted: &Wanted<'_>) -> Result<(), StoreError> {
        let (onces, mentions) = (
            std::mem::take(&mut found.onces),
            std::mem::take(&mut found.mentions),
        );
        let costs = found.costs();
        for item in mentions {
            let made = text(&item, "made").and_then(|made| costs.get(made));
            let credential = made.and_then(|credential| credential.clone());
            found.decide_once(item, credential.as_deref(), wanted);
        }
        for (cost, credential) in costs {
            let keys = onces.get(&cost).cloned().unwrap_or_default();
            for item in self.items(keys).await? {
                found.decide_once(item, credential.as_deref(), wanted);
            }
        }
        Ok(())
    }
}

/// Whether an item is an account's, or has parts of many accounts.
fn is_of(item: &Item, account: &AccountId) -> bool {
    match text(item, keys::PK).and_then(account_of) {
        Some(owner) => owner == *account,
        None => {
            let shared = text(item, "type") == Some("carrier_starts");
            let owner = item.get("account_id").and_then(|owner| match owner {
                AttributeValue::S(owner) => Some(owner.as_str()),
                _ => None,
            });
            shared || owner == Some(account.as_str())
        }
    }
}

/// Whether a change has to be made together with what depends on it.
pub(super) fn is_core(change: &Change) -> bool {
    change.part() >= Part::Fact
}
