//! The calls of one caller, or of a pair whose caller has no number: read at one moment, and judged.
//!
//! Every write to a pair raises the version of its head (D-270). What is read between two readings of the same
//! versions is therefore of one moment, although it takes several requests. Where an entry is on a call of
//! another group, both groups are read together, and each counts its own items.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::finding::Finding;
use super::form;
use super::money::Money;
use super::place::{Found, GroupId, group_of_row, owner};
use super::rules::{check, money_rules};
use super::source::{AT_ONCE, Key, ReadError, WireTable};
use super::table::{Entry, Item, Table, number, text};
use futures_util::{StreamExt, TryStreamExt, stream};

/// How often a group that changes while it is read is read again.
const ATTEMPTS: u32 = 8;

/// What a group is at one moment.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) calls: u64,
    pub(crate) money: Money,
    pub(crate) findings: Vec<Finding>,
    /// The groups that were read together.
    pub(crate) groups: BTreeSet<GroupId>,
    /// The leads and first contacts, which calls of pairs that are not known yet may have changed too.
    pub(crate) contacts: Vec<Item>,
}

/// Reads and judges groups of one account.
pub(crate) struct Judge<'a> {
    pub(crate) source: &'a WireTable,
    /// The account and its properties.
    pub(crate) settings: &'a Table<'a>,
    /// Everything that was found of the account, by group.
    pub(crate) found: &'a [Found],
}

impl Judge<'_> {
    /// Judges groups. `None` stands for one that changed in every attempt.
    ///
    /// # Errors
    /// Returns `ReadError` if DynamoDB does not answer in time or refuses.
    pub(crate) async fn judge(
        &self,
        groups: &[GroupId],
    ) -> Result<Vec<Option<Box<Judged>>>, ReadError> {
        let mut judged: Vec<Option<Box<Judged>>> = groups.iter().map(|_| None).collect();
        let mut plans: Vec<Plan> = groups.iter().map(|id| self.plan(*id)).collect();
        let mut attempt = 0;
        while attempt < ATTEMPTS {
            let (open, outcomes): (Vec<&mut Plan>, Vec<&mut Option<Box<Judged>>>) = plans
                .iter_mut()
                .zip(judged.iter_mut())
                .filter(|(_, judged)| judged.is_none())
                .unzip();
            if open.is_empty() {
                break;
            }
            let read = self.read(open).await?;
            let grown = read.iter().any(|read| matches!(read, Read::Grown));
            for (outcome, read) in outcomes.into_iter().zip(read) {
                if let Read::Steady(judged) = read {
                    *outcome = Some(judged);
                }
            }
            if !grown && judged.iter().any(Option::is_none) {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
            }
        }
        Ok(judged)
    }

    fn plan(&self, group: GroupId) -> Plan {
        let mut plan = Plan {
            group,
            groups: BTreeSet::new(),
            pairs: BTreeSet::new(),
            keys: BTreeSet::new(),
        };
        self.join(&mut plan, group);
        plan
    }

    /// Adds everything that was found of a group to a plan, and returns whether the group is new to it.
    fn join(&self, plan: &mut Plan, group: GroupId) -> bool {
        let new = plan.groups.insert(group);
        let begin = self.found.partition_point(|found| found.group < group);
        let end = self.found.partition_point(|found| found.group <= group);
        for one in self
            .found
            .get(begin..end)
            .filter(|_| new)
            .unwrap_or_default()
        {
            let pk = one.pk.to_string();
            match &one.sk {
                Some(sk) => drop(plan.keys.insert((pk, sk.to_string()))),
                None if pk.contains("#PAIR#") => plan.add_pair(pk),
                None => plan.add_contact(&pk),
            }
        }
        new
    }

    /// Adds the pair that a row is of, with its group, and the call that a cost is on. Returns whether there
    /// was something new.
    fn follow(&self, plan: &mut Plan, row: &Item) -> bool {
        let entry = Entry::of(row);
        let mut new = false;
        if let (Some(to), Some(from)) = (entry.text("call_to"), entry.text("call_from")) {
            let way = match entry.text("direction") {
                Some("outbound") => "out",
                _ => "in",
            };
            let pk = format!("A#{}#PAIR#{way}#{to}#{from}", entry.part(1));
            if !plan.pairs.contains(&pk) {
                plan.add_pair(pk);
                self.join(plan, group_of_row(entry.part(1), row));
                new = true;
            }
        }
        let call = entry.text("call_sid");
        let key = call.and_then(|sid| call_key(entry.part(1), sid));
        new | key.is_some_and(|key| plan.keys.insert(key))
    }

    /// Reads the groups of some plans.
    async fn read(&self, mut plans: Vec<&mut Plan>) -> Result<Vec<Read>, ReadError> {
        let pairs: BTreeSet<&String> = plans.iter().flat_map(|plan| &plan.pairs).collect();
        let heads = pairs.iter().map(|pk| ((*pk).clone(), "HEAD".to_owned()));
        let heads: Vec<Key> = heads.collect();
        let before = versions(self.source.items(heads.clone()).await?);
        let pairs = pairs.into_iter().cloned().map(|pk| async move {
            let mut items = Vec::new();
            let read = self.source.partition(&pk, "", |page| items.extend(page));
            read.await?;
            Ok((pk, items))
        });
        let pairs: BTreeMap<String, Vec<Item>> = stream::iter(pairs.collect::<Vec<_>>())
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for plan in &mut plans {
            let held = plan.pairs.iter().filter_map(|pk| pairs.get(pk));
            let held: Vec<&Vec<Item>> = held.collect();
            let items = held.into_iter().flatten();
            items.for_each(|item| plan.add_rows(item));
        }
        let keys = plans.iter().flat_map(|plan| plan.keys.clone()).collect();
        let rows = self.source.items(keys).await?.into_iter().map(|item| {
            let entry = Entry::of(&item);
            ((entry.pk.to_owned(), entry.sk.to_owned()), item)
        });
        let rows: BTreeMap<Key, Item> = rows.collect();
        let after = versions(self.source.items(heads).await?);
        let read = plans.into_iter().map(|plan| {
            let own: Vec<&Item> = plan.keys.iter().filter_map(|key| rows.get(key)).collect();
            // Each row is followed, whatever those before it brought.
            if own.iter().filter(|row| self.follow(plan, row)).count() > 0 {
                return Read::Grown;
            }
            let still = |pk: &String| before.get(pk) == after.get(pk);
            if !plan.pairs.iter().all(still) {
                return Read::Changed;
            }
            let held = plan.pairs.iter().filter_map(|pk| pairs.get(pk));
            let items = held.flatten().chain(own).cloned();
            Read::Steady(Box::new(self.judgement(plan, &items.collect::<Vec<_>>())))
        });
        Ok(read.collect())
    }

    fn judgement(&self, plan: &Plan, items: &[Item]) -> Judged {
        let table = Table::beside(items, self.settings);
        let contacts = ["lead", "first_contact"].into_iter();
        let contacts = contacts.flat_map(|kind| table.of(kind));
        let calls = table.of("call").filter(|call| owner(*call) == plan.group);
        Judged {
            calls: calls.map(|_| 1).sum(),
            money: Money::of(&table, plan.group),
            findings: check(money_rules(), &table),
            groups: plan.groups.clone(),
            contacts: contacts.map(|entry| entry.item.clone()).collect(),
        }
    }
}

/// What became of reading a group.
enum Read {
    Steady(Box<Judged>),
    /// A write came in between.
    Changed,
    /// There is more to read.
    Grown,
}

/// What to read of a group.
#[derive(Debug)]
struct Plan {
    group: GroupId,
    /// This group, and those that are read with it.
    groups: BTreeSet<GroupId>,
    pairs: BTreeSet<String>,
    /// Those of rows and, of callers, the lead and the first contact.
    keys: BTreeSet<Key>,
}

impl Plan {
    fn add_pair(&mut self, pk: String) {
        if let ["A", account, "PAIR", "in", _, from] = pk.split('#').collect::<Vec<_>>().as_slice()
            && form::is_phone(from)
        {
            self.add_contact(&format!("A#{account}#N#{from}"));
        }
        self.pairs.insert(pk);
    }

    fn add_contact(&mut self, pk: &str) {
        let keys = ["LEAD", "FIRST"].map(|sk| (pk.to_owned(), sk.to_owned()));
        self.keys.extend(keys);
    }

    /// Adds the rows that an item of a pair names.
    fn add_rows(&mut self, item: &Item) {
        let entry = Entry::of(item);
        let account = entry.part(1);
        let own = entry.text("call_sid");
        let reports = entry.maps("reports").filter_map(|one| text(one, "sid"));
        let joined = reports.filter(|sid| Some(*sid) != own);
        // The sid of a report in another's call has a row that leads to that call.
        let joined = joined
            .filter_map(|sid| call_key(account, sid))
            .flat_map(|key| {
                let report = key.1.replacen("CALL#", "JOINED#", 1);
                [(key.0.clone(), report), key]
            });
        let calls = own.and_then(|sid| call_key(account, sid));
        let entries = entry.maps("entries").filter_map(|one| text(one, "cost_id"));
        let ids = entries.chain(entry.text("cost_id"));
        let costs = ids.filter_map(|id| cost_key(account, id));
        self.keys.extend(joined.chain(calls).chain(costs));
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

fn versions(heads: Vec<Item>) -> BTreeMap<String, Option<i64>> {
    let heads = heads.into_iter();
    let versions = heads.map(|head| {
        let pk = Entry::of(&head).pk.to_owned();
        (pk, number(&head, "version"))
    });
    versions.collect()
}
