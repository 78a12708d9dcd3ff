//! A change of one item with the number that is erased, and how it is written.

use std::fmt::Debug;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys::{Key, PAIR_HEAD, PK, SK};
use crate::ledger::table::item::{Item, number, text};
use crate::ledger::table::stream::{RESTORED, restored};
use crate::ledger::table::transaction::{ABSENT, Transaction};
use crate::model::erasure::Substitution;

/// The flag of a pair's head while the pair is moved: nobody else writes to the pair.
pub(super) const MOVING: &str = "moving";

/// How many attributes an item has at most whose every attribute is compared with what was read.
const MOST_COMPARED: usize = 60;

/// An item with the number, and what is written in its place.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) before: Item,
    /// `None` if it is deleted.
    pub(super) after: Option<Item>,
}

/// Where a change belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Nothing else depends on it.
    Single,
    /// A queue entry, or its place among those that wait.
    Queue,
    /// Calls, costs and feedback, which the parts below decide about.
    Fact,
    /// The lead, the first contact and the latest feedback.
    Contact,
    /// The head of a pair.
    Head,
}

impl Change {
    pub(super) fn to(before: Item, after: Item) -> Option<Self> {
        let changed = before != after;
        changed.then_some(Self {
            before,
            after: Some(after),
        })
    }

    pub(super) fn deletion(before: Item) -> Self {
        Self {
            before,
            after: None,
        }
    }

    /// The type of the item.
    pub(super) fn kind(&self) -> &str {
        text(&self.before, "type").unwrap_or("untyped")
    }

    /// An attribute of the item as it was.
    pub(super) fn was(&self, name: &str) -> &str {
        text(&self.before, name).unwrap_or_default()
    }

    /// Where it belongs.
    pub(super) fn part(&self) -> Part {
        let kind = self.was(PK).split('#').nth(2).unwrap_or_default();
        match (self.kind(), kind, self.was(SK)) {
            ("queue_entry" | "queue_waiting", ..) => Part::Queue,
            (_, "PAIR", PAIR_HEAD) => Part::Head,
            ("feedback", ..) | (_, "PAIR", _) | ("call" | "cost" | "adjustment", ..) => Part::Fact,
            (_, "N", _) => Part::Contact,
            _ => Part::Single,
        }
    }

    /// Its place among the changes: what others depend on comes last, and the parts of a queue entry lie together.
    pub(super) fn order(&self) -> (Part, u64, String) {
        let queued = match self.part() {
            Part::Queue => number(&self.before, "callqueue_id").unwrap_or(0),
            _ => 0,
        };
        (self.part(), queued, self.was(PK).to_owned())
    }

    /// How many writes it takes.
    pub(super) fn writes(&self) -> usize {
        match &self.after {
            Some(after) if key_of(after) != key_of(&self.before) => 2,
            _ => 1,
        }
    }

    /// Adds its writes, on condition that the item is as it was read.
    pub(super) fn write<Tag: Copy + Eq + Debug>(
        self,
        transaction: &mut Transaction<Tag>,
        tag: Tag,
    ) {
        let kind = self.kind().to_owned();
        let Self { before, after } = self;
        let key = key_of(&before);
        let condition = AsRead::of(&before);
        let write = match after {
            None => transaction.delete(tag, key, condition.text()),
            // The head of a pair that was marked is there already.
            Some(after) if key_of(&after) != key && before.contains_key(MOVING) => {
                transaction
                    .update(
                        tag,
                        key_of(&after),
                        "REMOVE #moving",
                        "attribute_exists(#moving)",
                    )
                    .name("#moving", MOVING);
                transaction.delete(tag, key, condition.text())
            }
            Some(mut after) if key_of(&after) != key => {
                // What is moved is counted and told again, though an export brought it; but not a refused bill: it
                // stays counted under its former key.
                match kind.as_str() {
                    "refused_bill" => after = restored(after),
                    _ => drop(after.remove(RESTORED)),
                }
                transaction.put(tag, after, ABSENT);
                transaction.delete(tag, key, condition.text())
            }
            Some(after) => {
                let (mut set, mut removed, mut values) = (Vec::new(), Vec::new(), Vec::new());
                for (name, value) in &after {
                    if before.get(name) != Some(value) {
                        let at = values.len();
                        set.push(format!("#s{at} = :s{at}"));
                        values.push((name.clone(), value.clone()));
                    }
                }
                for name in before.keys().filter(|name| !after.contains_key(*name)) {
                    removed.push(name.clone());
                }
                let mut expression = String::new();
                if !set.is_empty() {
                    expression.push_str(&format!("SET {}", set.join(", ")));
                }
                if !removed.is_empty() {
                    let names = (0..removed.len()).map(|at| format!("#g{at}"));
                    let names: Vec<_> = names.collect();
                    expression.push_str(&format!(" REMOVE {}", names.join(", ")));
                }
                let write = transaction.update(tag, key, expression, condition.text());
                for (at, (name, value)) in values.into_iter().enumerate() {
                    write.name(format!("#s{at}"), name);
                    write.value(format!(":s{at}"), value);
                }
                for (at, name) in removed.into_iter().enumerate() {
                    write.name(format!("#g{at}"), name);
                }
                write
            }
        };
        for (at, (name, value)) in condition.0.into_iter().enumerate() {
            write.name(format!("#r{at}"), name);
            write.value(format!(":r{at}"), value);
        }
    }
}

/// The condition that an item is as it was read.
struct AsRead(Vec<(String, AttributeValue)>);

impl AsRead {
    fn of(item: &Item) -> Self {
        let all = item.len() <= MOST_COMPARED;
        // What changes with every write of a large item.
        let counts =
            |name: &str| matches!(name, "received_at" | "named_at" | "revision" | "changes");
        let attributes = item.iter().filter(|(name, _)| all || counts(name));
        let attributes = attributes.filter(|(name, _)| !matches!(name.as_str(), PK | SK));
        let attributes = attributes.map(|(name, value)| (name.clone(), value.clone()));
        Self(attributes.collect())
    }

    fn text(&self) -> String {
        let mut text = "attribute_exists(pk)".to_owned();
        for at in 0..self.0.len() {
            text.push_str(&format!(" AND #r{at} = :r{at}"));
        }
        text
    }
}

/// The key of an item.
pub(super) fn key_of(item: &Item) -> Key {
    let part = |name| text(item, name).unwrap_or_default();
    Key::new(part(PK), part(SK))
}

/// The item with every notation of the number replaced, in its key and in all its texts. Numbers stay: they are
/// instants, counts and amounts.
pub(super) fn replaced(item: &Item, us: &Substitution) -> Item {
    let attributes = item.iter();
    attributes
        .map(|(name, value)| (name.clone(), replaced_value(value, us)))
        .collect()
}

fn replaced_value(value: &AttributeValue, us: &Substitution) -> AttributeValue {
    let text = |text: &String| us.replaced(text).unwrap_or_else(|| text.clone());
    match value {
        AttributeValue::S(one) => AttributeValue::S(text(one)),
        AttributeValue::Ss(all) => AttributeValue::Ss(all.iter().map(text).collect()),
        AttributeValue::L(values) => {
            AttributeValue::L(values.iter().map(|one| replaced_value(one, us)).collect())
        }
        AttributeValue::M(item) => AttributeValue::M(replaced(item, us)),
        other => other.clone(),
    }
}
