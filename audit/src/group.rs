//! The calls of one caller, or of a pair whose caller has no number: read at one moment, and judged.
//!
//! Every write to a pair raises the version of its head (D-270). What is read between two readings of the same
//! versions is therefore of one moment, although it takes several requests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use rust_decimal::Decimal;

use super::source::{AT_ONCE, Key, ReadError, Source};
use super::survey::Found;
use super::table::{Entry, Item, Table, amount, number, text};
use super::{Finding, check, form, money_rules, shown};

/// How often a group that changes while it is read is read again.
const ATTEMPTS: u32 = 8;

/// A number of entries, and what they amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many there are.
    pub count: u64,
    /// In the account's currency.
    pub amount: Decimal,
}

impl Sum {
    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.amount += other.amount;
    }

    fn of(amounts: impl Iterator<Item = Decimal>) -> Self {
        let mut sum = Self::default();
        for amount in amounts {
            sum.add(&Self { count: 1, amount });
        }
        sum
    }
}

/// The sums of contracts/money.md, each from the items that decide it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Every row, by its number.
    pub acknowledged: Sum,
    /// By the states of the rows.
    pub in_force: Sum,
    /// See [`Self::in_force`].
    pub superseded: Sum,
    /// See [`Self::in_force`].
    pub void: Sum,
    /// The entries in force that calls hold; the amount is that of the rows of the calls.
    pub matched: Sum,
    /// The entries in force that are with no call.
    pub unmatched: Sum,
    /// The adjustments, which are beside all of these.
    pub adjusted: Sum,
}

impl Money {
    /// Whether acknowledged is in force, superseded and void, and in force is matched and unmatched.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let total = |parts: &[Sum]| {
            let mut sum = Sum::default();
            parts.iter().for_each(|part| sum.add(part));
            sum
        };
        self.acknowledged == total(&[self.in_force, self.superseded, self.void])
            && self.in_force == total(&[self.matched, self.unmatched])
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.acknowledged.add(&other.acknowledged);
        self.in_force.add(&other.in_force);
        self.superseded.add(&other.superseded);
        self.void.add(&other.void);
        self.matched.add(&other.matched);
        self.unmatched.add(&other.unmatched);
        self.adjusted.add(&other.adjusted);
    }

    fn of(table: &Table<'_>) -> Self {
        let with = |state: &'static str| {
            let costs = table.of("cost");
            let costs = costs.filter(move |cost| cost.text("state") == Some(state));
            Sum::of(costs.map(|cost| amount(cost.item, "amount")))
        };
        let costs = table.of("cost");
        let entries = table.of("pair_call").flat_map(|call| call.maps("entries"));
        let calls = table.of("call").filter_map(|call| call.money("cost"));
        let bills = table.of("pair_bill").map(|bill| bill.item);
        let bills = bills.filter(|bill| shown::counts(bill));
        Self {
            acknowledged: Sum::of(costs.map(|cost| cost.money("cost").unwrap_or_default())),
            in_force: with("in_force"),
            superseded: with("superseded"),
            void: with("void"),
            matched: Sum {
                count: Sum::of(
                    entries
                        .filter(|entry| shown::counts(entry))
                        .map(|_| Decimal::ZERO),
                )
                .count,
                amount: calls.sum(),
            },
            unmatched: Sum::of(bills.map(|bill| amount(bill, "amount"))),
            adjusted: Sum::default(),
        }
    }
}

/// What a group is at one moment.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) calls: u64,
    pub(crate) money: Money,
    pub(crate) findings: Vec<Finding>,
    /// The lead and the first contact, which calls of pairs that are not known yet may have changed too.
    pub(crate) contact: Vec<Item>,
}

/// Reads and judges groups of one account. `None` stands for a group that changed in every attempt.
///
/// # Errors
/// Returns `ReadError` if DynamoDB does not answer in time or refuses.
pub(crate) async fn judge(
    source: &Source,
    settings: &Table<'_>,
    groups: &[&[Found]],
) -> Result<Vec<Option<Judged>>, ReadError> {
    let mut judged: Vec<Option<Judged>> = groups.iter().map(|_| None).collect();
    let mut plans: Vec<Plan> = groups.iter().map(|found| Plan::of(found)).collect();
    for attempt in 0..ATTEMPTS {
        let mut left: Vec<(&mut Plan, &mut Option<Judged>)> = plans
            .iter_mut()
            .zip(judged.iter_mut())
            .filter(|(_, judged)| judged.is_none())
            .collect();
        if left.is_empty() {
            break;
        }
        if attempt > 0 {
            tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
        }
        let plans: Vec<&mut Plan> = left.iter_mut().map(|(plan, _)| &mut **plan).collect();
        let read = read(source, plans).await?;
        for ((_, judged), items) in left.into_iter().zip(read) {
            *judged = items.map(|items| judgement(&items, settings));
        }
    }
    Ok(judged)
}

fn judgement(items: &[Item], settings: &Table<'_>) -> Judged {
    let table = Table::beside(items, settings);
    let contact = ["lead", "first_contact"].into_iter();
    let contact = contact.flat_map(|kind| table.of(kind));
    Judged {
        calls: table.of("call").map(|_| 1).sum(),
        money: Money::of(&table),
        findings: check(money_rules(), &table),
        contact: contact.map(|entry| entry.item.clone()).collect(),
    }
}

/// What to read of a group.
#[derive(Debug)]
struct Plan {
    pairs: BTreeSet<String>,
    /// Rows and, of callers, the lead and the first contact.
    keys: BTreeSet<Key>,
}

impl Plan {
    fn of(found: &[Found]) -> Self {
        let mut plan = Self {
            pairs: BTreeSet::new(),
            keys: BTreeSet::new(),
        };
        for one in found {
            let pk = one.pk.to_string();
            match &one.sk {
                Some(sk) => drop(plan.keys.insert((pk, sk.to_string()))),
                None if pk.contains("#PAIR#") => plan.add_pair(pk),
                None => plan.add_contact(pk),
            }
        }
        plan
    }

    fn add_pair(&mut self, pk: String) {
        if let ["A", account, "PAIR", "in", _, from] = pk.split('#').collect::<Vec<_>>().as_slice()
            && form::is_phone(from)
        {
            self.add_contact(format!("A#{account}#N#{from}"));
        }
        self.pairs.insert(pk);
    }

    fn add_contact(&mut self, pk: String) {
        let keys = ["LEAD", "FIRST"].map(|sk| (pk.clone(), sk.to_owned()));
        self.keys.extend(keys);
    }

    /// Adds the rows that an item of a pair names.
    fn add_rows(&mut self, item: &Item) {
        let entry = Entry::of(item);
        let account = entry.part(1);
        let reports = entry.maps("reports").filter_map(|one| text(one, "sid"));
        let sids = reports.chain(entry.text("call_sid"));
        let calls: Vec<Key> = sids.filter_map(|sid| call_key(account, sid)).collect();
        let entries = entry.maps("entries").filter_map(|one| text(one, "cost_id"));
        let ids = entries.chain(entry.text("cost_id"));
        let costs: Vec<Key> = ids.filter_map(|id| cost_key(account, id)).collect();
        self.keys.extend(calls.into_iter().chain(costs));
    }

    /// Adds the pair that a row is of, and returns whether it was not known.
    fn add_pair_of(&mut self, row: &Item) -> bool {
        let row = Entry::of(row);
        let (Some(to), Some(from)) = (row.text("call_to"), row.text("call_from")) else {
            return false;
        };
        let way = match row.text("direction") {
            Some("outbound") => "out",
            _ => "in",
        };
        let pk = format!("A#{}#PAIR#{way}#{to}#{from}", row.part(1));
        let new = !self.pairs.contains(&pk);
        if new {
            self.add_pair(pk);
        }
        new
    }
}

fn call_key(account: &str, sid: &str) -> Option<Key> {
    let (day, shard) = (form::day(form::started(sid)?)?, form::shard(sid)?);
    Some((
        format!("A#{account}#DAY#{day}#{shard}"),
        format!("CALL#{sid}"),
    ))
}

fn cost_key(account: &str, id: &str) -> Option<Key> {
    let (billed, shard) = form::billed(id)?;
    let day = form::day(billed)?;
    Some((
        format!("A#{account}#BILLED#{day}#{shard}"),
        format!("COST#{id:0>19}"),
    ))
}

/// Reads groups. `None` stands for one that changed meanwhile, or of which more has to be read.
async fn read(
    source: &Source,
    mut plans: Vec<&mut Plan>,
) -> Result<Vec<Option<Vec<Item>>>, ReadError> {
    let heads: Vec<Key> = plans
        .iter()
        .flat_map(|plan| &plan.pairs)
        .map(|pk| (pk.clone(), "HEAD".to_owned()))
        .collect();
    let before = versions(source.items(heads.clone()).await?);
    let pairs = plans.iter().flat_map(|plan| plan.pairs.clone());
    let pairs = pairs.map(|pk| async move {
        let mut items = Vec::new();
        let read = source.partition(&pk, "", |page| items.extend(page));
        read.await?;
        Ok((pk, items))
    });
    let mut pairs: BTreeMap<String, Vec<Item>> = stream::iter(pairs.collect::<Vec<_>>())
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for plan in &mut plans {
        let names: Vec<&Vec<Item>> = plan.pairs.iter().filter_map(|pk| pairs.get(pk)).collect();
        names
            .into_iter()
            .flatten()
            .for_each(|item| plan.add_rows(item));
    }
    let keys = plans.iter().flat_map(|plan| plan.keys.clone()).collect();
    let rows = source.items(keys).await?.into_iter().map(|item| {
        let entry = Entry::of(&item);
        ((entry.pk.to_owned(), entry.sk.to_owned()), item)
    });
    let mut rows: BTreeMap<Key, Item> = rows.collect();
    let after = versions(source.items(heads).await?);
    let read = plans.into_iter().map(|plan| {
        let still = |pk: &String| before.get(pk) == after.get(pk);
        let steady = plan.pairs.iter().all(still);
        let held = plan.pairs.iter().filter_map(|pk| pairs.remove(pk));
        let mut items: Vec<Item> = held.flatten().collect();
        let keys = std::mem::take(&mut plan.keys);
        // A row that two groups name is of one of them, and the other says so.
        let own: Vec<Item> = keys.iter().filter_map(|key| rows.remove(key)).collect();
        plan.keys = keys;
        let more = own.iter().filter(|row| plan.add_pair_of(row)).count();
        items.extend(own);
        (steady && more == 0).then_some(items)
    });
    Ok(read.collect())
}

fn versions(heads: Vec<Item>) -> BTreeMap<String, Option<i64>> {
    let heads = heads.into_iter();
    let versions = heads.map(|head| {
        let pk = Entry::of(&head).pk.to_owned();
        (pk, number(&head, "version"))
    });
    versions.collect()
}
