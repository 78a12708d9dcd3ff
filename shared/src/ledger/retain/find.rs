//! Finding the rows of an account whose ends are not those of its setting: one scan of the table.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::calls::pair::PairCallItem;
use crate::ledger::calls::switch::{MOST_JOINS, pair_of};
use crate::ledger::keys::{self, Key};
use crate::ledger::report::row::CallRow;
use crate::ledger::table::end::{end_of, later_end};
use crate::ledger::table::error::{StoreError, translate};
use crate::ledger::table::item::{Item, instant, known, read, s, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::call::{CallSid, CostId};
use crate::model::pair::call::PairCall;
use crate::model::time::Instant;

/// A row whose end is to be another one.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) kind: String,
    /// The end that it has.
    pub(super) had: Option<i64>,
    /// The end that it gets.
    pub(super) end: Option<i64>,
}

/// What to look for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) account: &'a Account,
    pub(super) now: Instant,
    /// Whether to give ends to what is kept as long as anything of its pair or number.
    pub(super) shared: Shared,
}

/// What to do about the rows that are kept as long as anything of their pair or number: heads, external ids, leads and
/// first contacts. They do not say when they were written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// Leave them.
    Leave,
    /// Give an end to those that have none, or one that is too late.
    Mark,
    /// And put off the end of those that may end too early, because the setting was shorter.
    PutOff,
}

/// Rows that were read for the sake of others.
#[derive(Default)]
struct Beside {
    /// When calls end, by the sids of their rows.
    calls: HashMap<CallSid, Option<i64>>,
    /// The ends of other rows, by their keys: those that calls were joined to, and costs.
    others: HashMap<(String, String), Item>,
}

impl Beside {
    /// When the call of a row ends.
    fn end_of_call_at(&self, row: &Item) -> Option<Option<i64>> {
        let sid = text(row, keys::SK).and_then(keys::sid_of)?;
        self.calls.get(&sid).copied()
    }
}

impl Ledger {
    /// Reads the table for the account's rows whose ends are others than its setting says, but for those that have ended. `take` gets those of a
    /// page at a time, and `progress` how many items were read.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, [`StoreError::Later`] if a later
    /// version wrote an item of the account, and the error of `take`.
    pub(super) async fn rows_to_end(
        &self,
        wanted: Wanted<'_>,
        progress: &(dyn Fn(u64) + Sync),
        mut take: impl AsyncFnMut(Vec<Row>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // The account's own partition has settings alone.
        let own = format!("{}#", keys::account_partition(&wanted.account.id));
        let (mut start, mut count) = (None, 0);
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.table)
                .consistent_read(true)
                .filter_expression("begins_with(pk, :own)")
                .expression_attribute_values(":own", s(own.clone()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(translate)?;
            count += u64::try_from(page.scanned_count).unwrap_or(0);
            progress(count);
            let items = page.items.unwrap_or_default().into_iter().map(known);
            let mut items = items.collect::<Result<Vec<_>, _>>()?;
            // What has ended does not come back, although DynamoDB may not have deleted it yet.
            items.retain(|item| end_of(item).is_none_or(|end| end > wanted.now.seconds()));
            let rows = self.rows_of_page(wanted, items).await?;
            if !rows.is_empty() {
                take(rows).await?;
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    async fn rows_of_page(
        &self,
        wanted: Wanted<'_>,
        items: Vec<Item>,
    ) -> Result<Vec<Row>, StoreError> {
        let beside = self.beside(wanted.account, &items).await?;
        let rows = items.into_iter().map(|item| row(wanted, &beside, item));
        rows.filter_map(Result::transpose).collect()
    }

    /// Reads what the ends of some rows depend on.
    async fn beside(&self, account: &Account, items: &[Item]) -> Result<Beside, StoreError> {
        let mut beside = Beside::default();
        let mut others: Vec<Item> = Vec::new();
        let mut seen = BTreeSet::new();
        // A call that was joined may have been joined again.
        for _ in 0..=MOST_JOINS {
            let from = if others.is_empty() { items } else { &others };
            let wanted = from.iter().filter_map(|item| other_of(account, item));
            let wanted = wanted.filter(|key| seen.insert((key.pk.clone(), key.sk.clone())));
            let wanted: Vec<Key> = wanted.collect();
            if wanted.is_empty() {
                break;
            }
            others.extend(self.items(wanted).await?);
        }
        let calls = items.iter().chain(&others);
        let calls = calls.filter(|item| text(item, "type") == Some("call"));
        let rows = calls.filter_map(|item| CallRow::of(item.clone()));
        let rows: HashMap<CallSid, CallRow> = rows.map(|row| (row.sid.clone(), row)).collect();
        let pairs = rows.values().filter_map(|row| {
            let pair = pair_of(row)?;
            Some(keys::pair_call(&account.id, &pair, &row.sid))
        });
        for item in self.items(pairs.collect()).await? {
            let call = PairCall::from(read::<PairCallItem>(item)?);
            let end = end_of_call(account, &call);
            beside.calls.insert(call.sid, end);
        }
        // The row of a call that its pair does not have.
        for (sid, row) in rows {
            let end = account.calls_kept.end(row.started);
            beside.calls.entry(sid).or_insert(end);
        }
        let keyed = others.into_iter().map(|item| (key_of(&item), item));
        beside.others = keyed.collect();
        Ok(beside)
    }
}

/// The row that the end of another one depends on.
fn other_of(account: &Account, item: &Item) -> Option<Key> {
    let sid = |name| CallSid::parse(text(item, name)?).ok();
    match text(item, "type")? {
        "joined_call" | "joined_report" => Some(keys::call(&account.id, &sid("joined_into")?)),
        "cost" => Some(keys::call(&account.id, &sid("call_sid")?)),
        "billed_caller" => {
            let id = CostId::parse(text(item, "cost_id")?).ok()?;
            Some(keys::cost(&account.id, &id))
        }
        _ => None,
    }
}

fn key_of(item: &Item) -> (String, String) {
    let part = |name| text(item, name).unwrap_or_default().to_owned();
    (part(keys::PK), part(keys::SK))
}

/// When a call ends by the setting.
fn end_of_call(account: &Account, call: &PairCall) -> Option<i64> {
    let recorded = call.reports.iter().map(|report| report.recorded_at);
    account.calls_kept.end(recorded.max()?)
}

/// When what names the call that a report or a call was joined to ends: with that call, or where that is gone, by the
/// start that its sid says.
fn end_of_joined(account: &Account, beside: &Beside, item: &Item) -> Option<i64> {
    let mut item = item;
    for _ in 0..=MOST_JOINS {
        let key = other_of(account, item);
        let Some(next) = key.and_then(|key| beside.others.get(&(key.pk, key.sk))) else {
            break;
        };
        if let Some(end) = beside.end_of_call_at(next) {
            return end;
        }
        item = next;
    }
    let into = CallSid::parse(text(item, "joined_into")?).ok()?;
    account.calls_kept.end(into.started())
}

/// When a cost ends: after its receipt, or with its call if that is later.
fn end_of_cost(account: &Account, beside: &Beside, cost: &Item, received: Instant) -> Option<i64> {
    let own = account.costs_kept.end(received);
    let call = other_of(account, cost);
    let call = call.and_then(|key| beside.others.get(&(key.pk, key.sk)));
    match call.and_then(|call| beside.end_of_call_at(call)) {
        Some(call) => later_end(own, call),
        None => own,
    }
}

/// The row of an item, if its end is to be another one.
fn row(wanted: Wanted<'_>, beside: &Beside, item: Item) -> Result<Option<Row>, StoreError> {
    let (pk, sk) = key_of(&item);
    let (had, kind) = (end_of(&item), text(&item, "type").unwrap_or_default());
    let kind = kind.to_owned();
    let Some(end) = end_of_item(wanted, beside, item)? else {
        return Ok(None);
    };
    let key = Key::new(pk, sk);
    let row = Row {
        key,
        kind,
        had,
        end,
    };
    Ok((row.had != row.end).then_some(row))
}

/// When an item ends by the setting; `None` if it is of a type that does not.
fn end_of_item(
    wanted: Wanted<'_>,
    beside: &Beside,
    item: Item,
) -> Result<Option<Option<i64>>, StoreError> {
    let account = wanted.account;
    let costs = account.costs_kept;
    let kind = text(&item, "type").unwrap_or_default();
    let other = || {
        let key = other_of(account, &item)?;
        beside.others.get(&(key.pk, key.sk))
    };
    let at = |name: &str| {
        let missing = || StoreError::Broken(format!("{} has no {name}", kind.replace('_', " ")));
        instant(&item, name).ok_or_else(missing)
    };
    Ok(Some(match kind {
        "pair_call" => {
            let call = PairCall::from(read::<PairCallItem>(item)?);
            end_of_call(account, &call)
        }
        "call" => beside
            .end_of_call_at(&item)
            .unwrap_or_else(|| end_of(&item)),
        "joined_call" | "joined_report" => end_of_joined(account, beside, &item),
        "cost" => end_of_cost(account, beside, &item, at("received_at")?),
        "billed_caller" => match other() {
            Some(cost) => {
                let received = instant(cost, "received_at").unwrap_or(at("moment")?);
                end_of_cost(account, beside, cost, received)
            }
            None => costs.end(at("moment")?),
        },
        "pair_bill" => costs.end(at("received_at")?),
        "adjustment" | "pair_adjustment" => costs.end(at("made_at")?),
        "refused_bill" => costs.end(at("refused_at")?),
        "pair" | "pair_id" => {
            let latest = later_end(account.calls_kept.end(wanted.now), costs.end(wanted.now));
            shared_end(wanted.shared, end_of(&item), latest)
        }
        "lead" | "first_contact" => {
            let latest = account.contacts_kept.end(wanted.now);
            shared_end(wanted.shared, end_of(&item), latest)
        }
        "feedback" | "latest_feedback" => account.feedback_kept.end(at("received_at")?),
        "queue_entry" => account.queue_kept.end(at("created_at")?),
        _ => return Ok(None),
    }))
}

/// When what does not say when it was written last ends, given when it ends so far, and when it ends if it is written
/// now.
fn shared_end(shared: Shared, had: Option<i64>, latest: Option<i64>) -> Option<i64> {
    match (shared, had.zip(latest)) {
        (Shared::Leave, _) => had,
        (Shared::Mark, Some((had, latest))) => Some(had.min(latest)),
        _ => latest,
    }
}

/// The attribute that says what was recorded with the last write of a call: a new end records nothing.
pub(super) fn nothing_recorded() -> AttributeValue {
    AttributeValue::L(Vec::new())
}
