//! A table's items, indexed for the rules.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

/// The types that are gone for every reader when they end, however late DynamoDB deletes them.
const ENDING: [&str; 15] = [
    "call",
    "joined_call",
    "joined_report",
    "pair_call",
    "pair_bill",
    "cost",
    "billed_caller",
    "adjustment",
    "pair_adjustment",
    "refused_bill",
    "lead",
    "first_contact",
    "feedback",
    "latest_feedback",
    "queue_entry",
];

/// One item, as the SDK returns it.
pub type Item = HashMap<String, AttributeValue>;

/// Every item of a table.
pub struct Table<'a> {
    entries: BTreeMap<(&'a str, &'a str), Entry<'a>>,
    kinds: HashMap<&'a str, Vec<Entry<'a>>>,
    calls: HashMap<(&'a str, &'a str), Entry<'a>>,
    costs: HashMap<(&'a str, &'a str), Entry<'a>>,
    joined: HashMap<(&'a str, &'a str), &'a str>,
    /// Items that are looked up and not judged.
    beside: Option<&'a Table<'a>>,
    /// The time of the audit, in milliseconds.
    pub now: i64,
}

impl<'a> Table<'a> {
    /// Indexes items that were read at `now`, in milliseconds since 1970, without those that have ended by then.
    #[must_use]
    pub fn new(items: &'a [Item], now: i64) -> Self {
        let entries: BTreeMap<_, _> = items
            .iter()
            .map(Entry::of)
            .filter(|entry| !(ENDING.contains(&entry.kind()) && entry.is_over(now)))
            .map(|entry| ((entry.pk, entry.sk), entry))
            .collect();
        let mut kinds: HashMap<_, Vec<_>> = HashMap::new();
        let mut calls = HashMap::new();
        let mut costs = HashMap::new();
        let mut joined = HashMap::new();
        for entry in entries.values() {
            kinds.entry(entry.kind()).or_default().push(*entry);
            if let ("call", Some(account), Some(sid)) =
                (entry.kind(), entry.account(), entry.text("call_sid"))
            {
                calls.insert((account, sid), *entry);
            }
            if let ("cost", Some(account), Some(id)) =
                (entry.kind(), entry.account(), entry.text("cost_id"))
            {
                costs.insert((account, id), *entry);
            }
            let place = entry.sk.split_once('#');
            if let (Some(account), Some((kind, sid)), Some(into)) =
                (entry.account(), place, entry.text("joined_into"))
            {
                // What became of a call counts more than what its report joined at first.
                if (entry.kind(), kind) == ("joined_call", "CALL") {
                    joined.insert((account, sid), into);
                } else if (entry.kind(), kind) == ("joined_report", "JOINED") {
                    joined.entry((account, sid)).or_insert(into);
                }
            }
        }
        Self {
            entries,
            kinds,
            calls,
            costs,
            joined,
            beside: None,
            now,
        }
    }

    /// Indexes items beside a table in which their pointers are looked up too, such as their account's
    /// settings.
    #[must_use]
    pub fn beside(items: &'a [Item], beside: &'a Table<'a>) -> Self {
        Self {
            beside: Some(beside),
            ..Self::new(items, beside.now)
        }
    }

    /// Every item, by key.
    pub fn all(&self) -> impl Iterator<Item = Entry<'a>> {
        self.entries.values().copied()
    }

    /// The items of one type, by key.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = Entry<'a>> {
        let found = self.kinds.get(kind).map(Vec::as_slice);
        found.unwrap_or_default().iter().copied()
    }

    /// The item at a key.
    #[must_use]
    pub fn at(&self, pk: &str, sk: &str) -> Option<Entry<'a>> {
        let found = self.entries.get(&(pk, sk)).copied();
        found.or_else(|| self.beside?.at(pk, sk))
    }

    /// An item in the partition of an account.
    #[must_use]
    pub fn own(&self, account: &str, sk: &str) -> Option<Entry<'a>> {
        self.at(&format!("A#{account}"), sk)
    }

    /// An item in the partition of an account's phone number.
    #[must_use]
    pub fn contact(&self, account: &str, phone: &str, sk: &str) -> Option<Entry<'a>> {
        self.at(&format!("A#{account}#N#{phone}"), sk)
    }

    /// An account's call.
    #[must_use]
    pub fn call(&self, account: &str, sid: &str) -> Option<Entry<'a>> {
        self.calls.get(&(account, sid)).copied()
    }

    /// An account's cost.
    #[must_use]
    pub fn cost(&self, account: &str, id: &str) -> Option<Entry<'a>> {
        self.costs.get(&(account, id)).copied()
    }

    /// The call that a sid answers with: the one that has it, or the one that it was joined to.
    #[must_use]
    pub fn answers(&self, account: &str, sid: &str) -> Option<Entry<'a>> {
        let mut sid = sid;
        // No chain is longer than the list, unless it goes in a circle.
        for _ in 0..=self.joined.len() {
            // A report that joined a call at first may be a call of its own by now.
            if let Some(call) = self.call(account, sid) {
                return Some(call);
            }
            sid = self.joined.get(&(account, sid))?;
        }
        None
    }

    /// Whether an item says which call a sid answers with.
    pub fn knows(&self, account: &str, sid: &str) -> bool {
        self.call(account, sid).is_some() || self.joined.contains_key(&(account, sid))
    }

    /// The items of one type, grouped by `key`, without those for which it returns `None`.
    pub fn grouped<K: Ord>(
        &self,
        kind: &str,
        key: impl Fn(Entry<'a>) -> Option<K>,
    ) -> BTreeMap<K, Vec<Entry<'a>>> {
        let mut groups: BTreeMap<K, Vec<_>> = BTreeMap::new();
        for entry in self.of(kind) {
            if let Some(key) = key(entry) {
                groups.entry(key).or_default().push(entry);
            }
        }
        groups
    }
}

/// One item with its key.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The partition key.
    pub pk: &'a str,
    /// The sort key.
    pub sk: &'a str,
    /// Every attribute, including those of the key.
    pub item: &'a Item,
}

impl<'a> Entry<'a> {
    /// An item; without a key, its keys are empty.
    #[must_use]
    pub fn of(item: &'a Item) -> Self {
        Self {
            pk: text(item, "pk").unwrap_or_default(),
            sk: text(item, "sk").unwrap_or_default(),
            item,
        }
    }

    /// The type; empty if the item has none.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.text("type").unwrap_or_default()
    }

    /// Whether its time is over at a moment in milliseconds.
    #[must_use]
    pub fn is_over(&self, now: i64) -> bool {
        let end = self.number("expires_at");
        end.is_some_and(|end| end.saturating_mul(1_000) <= now)
    }

    /// A text attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        text(self.item, name)
    }

    /// A whole-number attribute; instants are in milliseconds.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        number(self.item, name)
    }

    /// A decimal attribute: money.
    #[must_use]
    pub fn money(&self, name: &str) -> Option<Decimal> {
        match self.item.get(name)? {
            AttributeValue::N(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.item.get(name)?.as_bool().ok().copied()
    }

    /// A map.
    #[must_use]
    pub fn map(&self, name: &str) -> Option<&'a Item> {
        self.item.get(name)?.as_m().ok()
    }

    /// The texts of a list.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let list = self.item.get(name).and_then(|list| list.as_l().ok());
        let list = list.map(Vec::as_slice).unwrap_or_default().iter();
        list.filter_map(|one| one.as_s().ok()).map(String::as_str)
    }

    /// The maps of a list.
    pub fn maps(&self, name: &str) -> impl Iterator<Item = &'a Item> + Clone + use<'a> {
        let list = self.item.get(name).and_then(|list| list.as_l().ok());
        let list = list.map(Vec::as_slice).unwrap_or_default().iter();
        list.filter_map(|one| one.as_m().ok())
    }

    /// The texts of a set.
    pub fn set(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let set = self.item.get(name).and_then(|set| set.as_ss().ok());
        let set = set.map(Vec::as_slice).unwrap_or_default().iter();
        set.map(String::as_str)
    }

    /// Whether the item has the attribute.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.item.contains_key(name)
    }

    /// Whether both items have the same value of an attribute, or neither has the attribute.
    #[must_use]
    pub fn agrees(&self, other: &Entry<'_>, name: &str) -> bool {
        self.item.get(name) == other.item.get(name)
    }

    /// A part of the partition key, counted from 0: part 1 of `A#7#N#+12065550100` is the account.
    #[must_use]
    pub fn part(&self, index: usize) -> &'a str {
        self.pk.split('#').nth(index).unwrap_or_default()
    }

    /// The items of the same partition share a pair: its direction, its DID and its caller.
    #[must_use]
    pub fn pair(&self) -> (&'a str, &'a str, &'a str) {
        (self.part(3), self.part(4), self.part(5))
    }

    /// The account that the item belongs to, by its partition or else its attribute.
    #[must_use]
    pub fn account(&self) -> Option<&'a str> {
        match self.pk.strip_prefix("A#") {
            Some(rest) => rest.split('#').next(),
            None => self.text("account_id"),
        }
    }
}

/// A text attribute.
#[must_use]
pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A whole-number attribute.
#[must_use]
pub fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// A flag; an absent one is not set.
#[must_use]
pub fn flag(item: &Item, name: &str) -> bool {
    item.get(name)
        .is_some_and(|flag| flag.as_bool() == Ok(&true))
}

/// An amount that is written as text.
#[must_use]
pub fn amount(item: &Item, name: &str) -> Decimal {
    text(item, name)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
