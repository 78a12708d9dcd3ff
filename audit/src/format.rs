//! Whether items have the stored format, which [`SHAPES`] describes.

use std::collections::HashMap;
use std::sync::LazyLock;

use aws_sdk_dynamodb::types::AttributeValue;

use super::finding::{Report, Rule};
use super::form;
use super::numbers;
use super::shapes::{SHAPES, SLOTS, Shape};
use super::table::{Entry, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "type",
        says: "every item has a known type",
        check: types,
    },
    Rule {
        name: "version",
        says: "every item has format version 1",
        check: versions,
    },
    Rule {
        name: "attributes",
        says: "an item has exactly the attributes of its type, with the right kinds",
        check: attributes,
    },
    Rule {
        name: "form",
        says: "phone numbers, sids, hashes and similar values have their form",
        check: forms,
    },
    Rule {
        name: "key",
        says: "an item has the key that its attributes determine",
        check: keys,
    },
    Rule {
        name: "expiry",
        says: "an item expires together with its subject",
        check: expiries,
    },
];

/// An attribute of a type.
struct Attribute {
    /// As DynamoDB names them: `S`, `N`, `BOOL`, `L`, `M`, `SS` or `BS`.
    kinds: Vec<&'static str>,
    must: bool,
}

/// A type's attributes by name.
struct Known {
    shape: &'static Shape,
    attributes: HashMap<String, Attribute>,
}

static KNOWN: LazyLock<HashMap<&'static str, Known>> = LazyLock::new(|| {
    SHAPES
        .iter()
        .map(|one| (one.kind, Known::of(one)))
        .collect()
});

impl Known {
    fn of(shape: &'static Shape) -> Self {
        let mut attributes: HashMap<String, Attribute> = HashMap::new();
        let lists = [
            ("S", shape.texts),
            ("N", shape.numbers),
            ("BOOL", shape.flags),
            ("L", shape.lists),
            ("M", shape.maps),
            ("SS", shape.sets),
            ("BS", shape.byte_sets),
            ("S", "pk sk type"),
            ("N", "v"),
            // Of an item that an export brought.
            ("BOOL", "restored?"),
        ];
        for (kind, names) in lists {
            for name in names.split_whitespace() {
                let mut add = |name: String, must| {
                    let kinds = Vec::new();
                    let known = attributes.entry(name).or_insert(Attribute { kinds, must });
                    known.kinds.push(kind);
                };
                if let Some(name) = name.strip_suffix('*') {
                    for slot in 0..SLOTS {
                        add(format!("{name}{slot}"), false);
                    }
                } else {
                    let must = !name.ends_with(['?', '_']);
                    add(name.trim_end_matches('?').to_owned(), must);
                }
            }
        }
        Self { shape, attributes }
    }

    /// The attribute with this name, or whose name this one begins with.
    fn attribute(&self, name: &str) -> Option<&Attribute> {
        let begun = || {
            let (_, found) = self
                .attributes
                .iter()
                .find(|(known, _)| known.ends_with('_') && name.starts_with(known.as_str()))?;
            Some(found)
        };
        self.attributes.get(name).or_else(begun)
    }
}

/// What DynamoDB calls the kind of a value.
fn kind_of(value: &AttributeValue) -> &'static str {
    match value {
        AttributeValue::S(_) => "S",
        AttributeValue::N(_) => "N",
        AttributeValue::Bool(_) => "BOOL",
        AttributeValue::L(_) => "L",
        AttributeValue::M(_) => "M",
        AttributeValue::Ss(_) => "SS",
        AttributeValue::Bs(_) => "BS",
        _ => "another kind",
    }
}

fn types(table: &Table<'_>, report: &mut Report) {
    for entry in table.all() {
        match entry.kind() {
            "" => report.add(entry, "it has no type"),
            kind if !KNOWN.contains_key(kind) => {
                report.add(entry, format!("the type {kind} is unknown"));
            }
            _ => {}
        }
    }
}

fn versions(table: &Table<'_>, report: &mut Report) {
    for entry in table.all() {
        report.check(entry.number("v") == Some(1), entry, "v is not 1");
    }
}

/// `type` and `v` have their own rules.
fn attributes(table: &Table<'_>, report: &mut Report) {
    for entry in table.all() {
        let Some(known) = KNOWN.get(entry.kind()) else {
            continue;
        };
        for (name, attribute) in &known.attributes {
            if attribute.must && name != "v" && !entry.has(name) {
                report.add(entry, format!("{name} is missing"));
            }
        }
        for (name, value) in entry.item {
            match known.attribute(name) {
                None => report.add(entry, format!("{name} is not an attribute of its type")),
                Some(attribute) if !attribute.kinds.contains(&kind_of(value)) => {
                    let kinds = attribute.kinds.join(" or ");
                    report.add(entry, format!("{name} is not of kind {kinds}"));
                }
                Some(_) => {}
            }
        }
    }
}

fn forms(table: &Table<'_>, report: &mut Report) {
    for entry in table.all() {
        for (name, value) in entry.item {
            if let AttributeValue::S(text) = value
                && !form::fits(name, text)
            {
                report.add(entry, format!("{name} does not have its form"));
            }
        }
    }
}

fn keys(table: &Table<'_>, report: &mut Report) {
    for entry in table.all() {
        let Some(Known { shape, .. }) = KNOWN.get(entry.kind()) else {
            continue;
        };
        let fits = shape
            .keys
            .iter()
            .any(|(pk, sk)| is(pk, entry.pk, entry) && is(sk, entry.sk, entry));
        if !fits {
            let places = shape.keys.iter().map(|(pk, sk)| format!("{pk} {sk}"));
            let places = places.collect::<Vec<_>>().join(" or ");
            report.add(entry, format!("its attributes require the key {places}"));
        }
    }
}

/// Whether half of a key matches the template for the item.
fn is(template: &str, key: &str, entry: Entry<'_>) -> bool {
    let mut rest = key;
    for piece in template.split_inclusive(['{', '}']) {
        let (text, name) = match piece.strip_suffix('}') {
            Some(name) => ("", Some(name)),
            None => (piece.strip_suffix('{').unwrap_or(piece), None),
        };
        let after = match name {
            None => rest.strip_prefix(text),
            Some("rest") => return !rest.is_empty(),
            Some(name) => match said(entry, name) {
                Some(value) => rest.strip_prefix(value.as_str()),
                None => {
                    let value = rest.split('#').next().unwrap_or_default();
                    let fits = !value.is_empty() && form::fits(name, value);
                    rest.strip_prefix(value).filter(|_| fits)
                }
            },
        };
        match after {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The value of a part of an item's key by its attributes; `None` if they do not determine it.
fn said(entry: Entry<'_>, name: &str) -> Option<String> {
    let lower = |name| Some(entry.text(name).unwrap_or_default().to_lowercase());
    match name {
        "start_day" => form::day(form::started(entry.text("call_sid")?)?),
        "shard" => form::shard(entry.text("call_sid")?).map(|shard| shard.to_string()),
        "moment_letters" => entry.number("moment").map(form::letters),
        "billed_day" => form::day(form::billed(entry.text("cost_id")?)?.0),
        "cost_shard" => form::billed(entry.text("cost_id")?).map(|(_, shard)| shard.to_string()),
        "cost_letters" => entry.text("cost_id").map(|id| format!("{id:0>19}")),
        "made_day" => form::day(form::billed(entry.text("adjustment_id")?)?.0),
        "adjustment_letters" => entry.text("adjustment_id").map(|id| format!("{id:0>19}")),
        "queue_digits" => entry.number("callqueue_id").map(|id| format!("{id:0>16}")),
        "published_day" => form::day(entry.number("published_at")?),
        "published_digits" => entry.number("published_at").map(|at| format!("{at:014}")),
        "endpoint_of" => delivery_part(entry, 1).map(|digits| format!("we_{digits}")),
        "delivery_moment" => delivery_part(entry, 2),
        "delivery_event" => delivery_part(entry, 3),
        "due_key" => entry.number("due").map(|due| format!("{due:014}")),
        "refused_day" => form::day(entry.number("refused_at")?),
        "created_day" => form::day(entry.number("created_at")?),
        "from_key" => entry.number("from").map(|from| format!("{from:014}")),
        "until_key" => entry.number("until").map(|until| format!("{until:014}")),
        "lasted_class" => numbers::lasted_class(entry).map(|class| class.to_string()),
        "reversed_calling" => {
            let calling = entry.text("calling")?.trim_start_matches('+');
            Some(calling.chars().rev().collect())
        }
        "region_key" => lower("region"),
        "locality_key" => lower("locality"),
        // The guid in a key is that of the request that started an assignment, never the item's own.
        "guid" => None,
        _ => {
            let number = || entry.number(name).map(|number| number.to_string());
            entry.text(name).map(str::to_owned).or_else(number)
        }
    }
}

/// A part of a delivery's id, counted from 0.
fn delivery_part(entry: Entry<'_>, index: usize) -> Option<String> {
    let id = entry.text("delivery_id")?;
    id.split('_').nth(index).map(str::to_owned)
}

/// How many seconds an item expires after its subject. The attribute, in milliseconds, is rounded down, so one
/// more second keeps the item until its last millisecond has passed.
const EXPIRIES: &[(&str, &str, i64)] = &[
    ("token", "expires", 1),
    ("live_call", "live_until", 0),
    ("reversed_live_call", "live_until", 0),
    ("queue_guard", "until", 1),
    ("once", "until", 1),
    ("sent_id", "counts_until", 1),
];

fn expiries(table: &Table<'_>, report: &mut Report) {
    for (kind, attribute, later) in EXPIRIES {
        for entry in table.of(kind) {
            let due = entry
                .number(attribute)
                .map(|at| at.div_euclid(1_000) + later);
            // The answer to a bill with a call id is kept for longer than its record counts.
            let kept = *kind == "once" && due < entry.number("expires_at");
            let good = due.is_none() || kept || due == entry.number("expires_at");
            report.check(
                good,
                entry,
                &format!("expires_at does not match {attribute}"),
            );
        }
    }
    for entry in table.of("number_starts").chain(table.of("carrier_starts")) {
        let slots = (0..SLOTS).filter_map(|slot| entry.number(&format!("until{slot}")));
        let due = slots.max().map(|until| until.div_euclid(1_000));
        let good = due <= entry.number("expires_at") || !entry.has("expires_at");
        report.check(good, entry, "it expires before the end of one of its calls");
    }
}
