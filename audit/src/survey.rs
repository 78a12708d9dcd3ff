//! What a table has to be audited: the keys of its calls, entries and leads, without their contents.
//!
//! The table is read from its beginning to its end. Read by the ways that the product reads, it would show
//! nothing of what these ways miss (D-400).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use rust_decimal::Decimal;

use super::money::EntrySum;
use super::place::{Found, GroupId, group_of, group_of_row, hash};
use super::source::{Part, ReadError, WireTable};
use super::table::{Entry, Item, text};

/// How many parts of the table are read at once.
const PARTS: i32 = 4;

/// The attributes that say which caller an item is about, and what an adjustment amounts to.
const ATTRIBUTES: &str = "pk, sk, call_to, call_from, direction, joined_into, adjusted, expires_at";

/// What was found of one account.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// By group.
    pub(crate) found: Vec<Found>,
    /// The UTC days that have rows or kept sums.
    pub(crate) days: BTreeSet<String>,
    pub(crate) adjusted: EntrySum,
}

/// Sids of joined calls, and the sids that they were joined to.
#[derive(Default)]
struct Joined(Vec<(Found, Box<str>)>);

#[derive(Default)]
struct Surveyor {
    accounts: BTreeMap<String, (Survey, Joined)>,
    /// The partition of the item before.
    last: Arc<str>,
    /// The time of the audit, in milliseconds.
    now: i64,
}

/// Which groups to look for; `None` for all.
pub(crate) type Wanted<'a> = Option<&'a HashSet<GroupId>>;

/// Finds what there is at `now`, by account. `read` is told how many items were read.
///
/// # Errors
/// Returns `ReadError` if DynamoDB does not answer in time or refuses.
pub(crate) async fn survey(
    source: &WireTable,
    account: Option<&str>,
    wanted: Wanted<'_>,
    now: i64,
    read: &(dyn Fn(usize) + Sync),
) -> Result<BTreeMap<String, Survey>, ReadError> {
    // The trailing `#` leaves out the account's own partition, and accounts whose ids begin like its id.
    let prefix = account.map_or_else(|| "A#".to_owned(), |id| format!("A#{id}#"));
    let parts = (0..PARTS).map(|number| {
        let prefix = &prefix;
        async move {
            let surveyor = Mutex::new(Surveyor {
                now,
                ..Surveyor::default()
            });
            let part = Part {
                prefix,
                number: (number, PARTS),
                // Whether a finding stands is decided by everything that was written before.
                consistent: wanted.is_some(),
                attributes: ATTRIBUTES,
            };
            let each = |items: Vec<Item>| {
                read(items.len());
                let mut surveyor = surveyor.lock().unwrap_or_else(PoisonError::into_inner);
                for item in &items {
                    surveyor.take(item, wanted);
                }
            };
            source.part(&part, each).await?;
            let surveyor = surveyor.into_inner();
            Ok(surveyor.unwrap_or_else(PoisonError::into_inner).accounts)
        }
    });
    let parts: Vec<_> = stream::iter(parts)
        .buffer_unordered(PARTS as usize)
        .try_collect()
        .await?;
    let mut accounts: BTreeMap<String, (Survey, Joined)> = BTreeMap::new();
    for (id, (survey, joined)) in parts.into_iter().flatten() {
        let (all, all_joined) = accounts.entry(id).or_default();
        all.found.extend(survey.found);
        all.days.extend(survey.days);
        all.adjusted.add(&survey.adjusted);
        all_joined.0.extend(joined.0);
    }
    if let Some(id) = account {
        accounts.entry(id.to_owned()).or_default();
    }
    let accounts = accounts.into_iter().map(|(id, (mut survey, joined))| {
        survey.place(joined, wanted);
        survey.found.sort_unstable();
        survey.found.dedup();
        (id, survey)
    });
    Ok(accounts.collect())
}

impl Surveyor {
    fn take(&mut self, item: &Item, wanted: Wanted<'_>) {
        let (Some(pk), Some(sk)) = (text(item, "pk"), text(item, "sk")) else {
            return;
        };
        let parts: Vec<&str> = pk.split('#').collect();
        let Some(account) = parts.get(1) else { return };
        let row = matches!(
            parts.get(2),
            Some(&("DAY" | "BILLED" | "ADJUSTED" | "REFUSED"))
        );
        if row && Entry::of(item).is_over(self.now) {
            return;
        }
        let (survey, joined) = match self.accounts.get_mut(*account) {
            Some(known) => known,
            None => self.accounts.entry((*account).to_owned()).or_default(),
        };
        let again = &*self.last == pk;
        if !again {
            self.last = Arc::from(pk);
        }
        let mut found = |group: GroupId, sk: Option<&str>| {
            if wanted.is_none_or(|wanted| wanted.contains(&group)) {
                let (pk, sk) = (Arc::clone(&self.last), sk.map(Box::from));
                survey.found.push(Found { group, pk, sk });
            }
        };
        match parts.as_slice() {
            // The items of a partition come one after the other.
            ["A", _, "PAIR", ..] if again => {}
            ["A", account, "PAIR", way, to, from] => {
                found(group_of(account, way, to, from), None);
            }
            ["A", account, "N", phone] if matches!(sk, "LEAD" | "FIRST") => {
                found(group_of(account, "in", "", phone), None);
            }
            ["A", account, "DAY" | "BILLED", day, _] => {
                survey.days.insert((*day).to_owned());
                if let Some(into) = text(item, "joined_into") {
                    let (group, pk, sk) = (0, Arc::clone(&self.last), Some(Box::from(sk)));
                    joined.0.push((Found { group, pk, sk }, Box::from(into)));
                    return;
                }
                found(group_of_row(account, item), Some(sk));
            }
            ["A", _, "SUM" | "REFUSED", day] => {
                survey.days.insert((*day).to_owned());
            }
            ["A", _, "ADJUSTED", day] => {
                survey.days.insert((*day).to_owned());
                let amount = item
                    .get("adjusted")
                    .and_then(|n| n.as_n().ok()?.parse().ok());
                survey.adjusted.count += 1;
                survey.adjusted.amount += amount.unwrap_or(Decimal::ZERO);
            }
            _ => {}
        }
    }
}

impl Survey {
    /// Puts each joined call to the group of the call that it leads to.
    fn place(&mut self, joined: Joined, wanted: Wanted<'_>) {
        if joined.0.is_empty() {
            return;
        }
        let mut targets: HashMap<Box<str>, Option<GroupId>> = HashMap::new();
        for (_, into) in &joined.0 {
            targets.insert(into.clone(), None);
        }
        let sid = |found: &Found| Some(found.sk.as_deref()?.split_once('#')?.1.to_owned());
        for found in &self.found {
            if let Some(group) = sid(found).and_then(|sid| targets.get_mut(sid.as_str())) {
                *group = Some(found.group);
            }
        }
        let mut left = joined.0;
        loop {
            let before = left.len();
            for (mut found, into) in std::mem::take(&mut left) {
                let Some(group) = targets.get(&into).copied().flatten() else {
                    left.push((found, into));
                    continue;
                };
                if let Some(target) = sid(&found).and_then(|sid| targets.get_mut(sid.as_str())) {
                    *target = Some(group);
                }
                found.group = group;
                self.found.push(found);
            }
            if left.len() == before {
                break;
            }
        }
        // One that leads to no call is a group of its own.
        for (mut found, _) in left {
            found.group = hash(&(&found.pk, &found.sk));
            if wanted.is_none_or(|wanted| wanted.contains(&found.group)) {
                self.found.push(found);
            }
        }
    }
}
