//! How many calls are live (pattern 12): counts of an account and of a key's calls to one number.
//!
//! A count has a cell for each hour in which calls that are live now stop being live. An end takes its call out
//! of the cell. A call without an end stays in it until the hour has passed, so that a call may be counted for
//! up to an hour longer than it is live, and is never counted after that. Requests that start calls at the
//! same time do not see each other's, so a few of them may exceed a limit together.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ledger::calls::live_item::{CallStart, LiveItem};
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys::{self, Key};
use crate::ledger::table::item::{Item, n, number, s, text, version};
use crate::ledger::table::transaction::{ALWAYS, Transaction};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How many live calls an account may have.
const OF_ACCOUNT: i64 = 10_000;

/// How many live calls to one number a key without carrier service may have.
const OF_KEY: i64 = 200;

/// For how long a count is kept after it was changed last: no call is live for longer than 168 hours.
const KEPT: Duration = Duration::from_secs(169 * 3_600);

/// How the names of a count's cells begin. The rest is the hour since 1970.
const CELL: &str = "until_";

/// Which limit on live calls is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveCallLimit {
    /// The account has 10,000 live calls.
    Account,
    /// The key, which has no carrier service, has 200 live calls to the called number.
    Called,
}

/// The counts that a start depends on.
#[derive(Default)]
pub(in crate::ledger) struct LiveCounts(Vec<Item>);

impl LiveCounts {
    pub(in crate::ledger) fn new(items: Vec<Item>) -> Self {
        Self(items)
    }

    /// The limit that a start would exceed. The call that it replaces is not counted.
    pub(in crate::ledger) fn limit_reached(
        &self,
        start: &CallStart<'_>,
        replaced: Option<&LiveItem>,
        now: Instant,
    ) -> Option<LiveCallLimit> {
        let replaced = i64::from(replaced.is_some_and(|live| counts_at(live, now)));
        let account = keys::live_count_partition(&start.account.id);
        let (mut of_account, mut of_key) = (-replaced, -replaced);
        for item in &self.0 {
            let live: i64 = cells(item)
                .filter(|(hour, _)| *hour >= hour_of(now))
                .map(|(_, count)| count)
                .sum();
            match text(item, keys::PK) == Some(account.as_str()) {
                true => of_account += live,
                false => of_key += live,
            }
        }
        if of_account >= OF_ACCOUNT {
            return Some(LiveCallLimit::Account);
        }
        (of_key >= OF_KEY).then_some(LiveCallLimit::Called)
    }

    /// The cells of a count whose hours have passed.
    fn passed(&self, key: &Key, now: Instant) -> Vec<String> {
        let found = self.0.iter().find(|item| {
            text(item, keys::PK) == Some(&key.pk) && text(item, keys::SK) == Some(&key.sk)
        });
        let cells = found.into_iter().flat_map(cells);
        cells
            .filter(|(hour, _)| *hour < hour_of(now))
            .map(|(hour, _)| cell(hour))
            .collect()
    }
}

/// What a start or an end changes in the counts.
#[derive(Default)]
pub(in crate::ledger) struct CountChanges(Vec<(Key, BTreeMap<i64, i64>)>);

impl CountChanges {
    /// Counts a call that is live from now on.
    pub(in crate::ledger) fn add(&mut self, live: &LiveItem, called: &PhoneNumber) {
        self.change(live, called, 1);
    }

    /// Takes a call out of the counts, if it is counted.
    pub(in crate::ledger) fn remove(
        &mut self,
        live: &LiveItem,
        called: &PhoneNumber,
        now: Instant,
    ) {
        if counts_at(live, now) {
            self.change(live, called, -1);
        }
    }

    fn change(&mut self, live: &LiveItem, called: &PhoneNumber, by: i64) {
        let Some(credential) = &live.credential_id else {
            return;
        };
        let hour = hour_of(live.live_until);
        let of_account = keys::live_count(&live.account_id, live.call_sid.shard());
        let of_key = keys::live_count_to(&live.account_id, called, credential);
        let of_key = (!live.carrier).then_some(of_key);
        for key in [Some(of_account), of_key].into_iter().flatten() {
            let hours = match self.0.iter().position(|(other, _)| *other == key) {
                Some(at) => self.0.get_mut(at).map(|(_, hours)| hours),
                None => {
                    self.0.push((key, BTreeMap::new()));
                    self.0.last_mut().map(|(_, hours)| hours)
                }
            };
            if let Some(hours) = hours {
                *hours.entry(hour).or_default() += by;
            }
        }
    }

    /// Adds the writes. Cells of the known counts whose hours have passed are removed.
    pub(in crate::ledger) fn write(
        self,
        transaction: &mut Transaction<Tag>,
        known: &LiveCounts,
        now: Instant,
    ) {
        for (key, hours) in self.0 {
            let hours: Vec<_> = hours.into_iter().filter(|(_, by)| *by != 0).collect();
            if hours.is_empty() {
                continue;
            }
            let added = hours
                .iter()
                .map(|(hour, _)| format!("{} :by{hour}", cell(*hour)));
            let added = added.collect::<Vec<_>>().join(", ");
            let mut expression =
                format!("SET #type = :type, v = :v, expires_at = :expires ADD {added}");
            let passed = known.passed(&key, now).join(", ");
            if !passed.is_empty() {
                expression.push_str(" REMOVE ");
                expression.push_str(&passed);
            }
            let write = transaction
                .update(Tag::LiveIndex, key, expression, ALWAYS)
                .name("#type", "type")
                .value(":type", s("live_count"))
                .value(":v", version())
                .value(":expires", n(now.plus(KEPT).seconds()));
            for (hour, by) in hours {
                write.value(format!(":by{hour}"), n(by));
            }
        }
    }
}

/// Whether a call is counted at a moment: calls of earlier versions never are.
fn counts_at(live: &LiveItem, now: Instant) -> bool {
    live.credential_id.is_some() && hour_of(live.live_until) >= hour_of(now)
}

fn hour_of(instant: Instant) -> i64 {
    instant.seconds().div_euclid(3_600)
}

fn cell(hour: i64) -> String {
    format!("{CELL}{hour}")
}

/// The cells of a count: the hour in which its calls stop being live, and how many there are.
fn cells(item: &Item) -> impl Iterator<Item = (i64, i64)> {
    item.keys().filter_map(|name| {
        let hour = name.strip_prefix(CELL)?.parse().ok()?;
        Some((hour, number(item, name)?))
    })
}
