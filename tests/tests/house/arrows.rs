//! The allowed imports between the rooms of the shared crate, and the code that belongs in one room.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{files, function_folders};
use crate::source::{Package, Source};

/// The rooms that each room of the shared crate imports from, exactly. Every arrow leads to a room further
/// down in this list.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "edge",
        &[
            "access", "clock", "config", "deliver", "dialect", "ids", "ledger", "model",
            "outbound", "problem", "publish", "request",
        ],
    ),
    ("publish", &["clock", "dialect", "ledger", "model"]),
    (
        "dialect",
        &["access", "ledger", "model", "problem", "request"],
    ),
    (
        "access",
        &["clock", "ids", "ledger", "model", "problem", "request"],
    ),
    ("deliver", &["clock", "ids", "ledger", "model", "outbound"]),
    ("ledger", &["clock", "config", "ids", "model", "problem"]),
    ("outbound", &["model"]),
    ("request", &["model", "problem"]),
    ("ids", &["model"]),
    ("clock", &["model"]),
    ("config", &[]),
    ("problem", &["model"]),
    ("model", &[]),
];

/// Arrows that are tolerated for now, as pairs of rooms. Do not add any.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn rooms_import_exactly_what_the_table_lists() {
    let package = Package::read("shared/src");
    let mut drawn: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in package.sources() {
        let Some(room) = source.module.first() else {
            continue;
        };
        let rooms = drawn.entry(room).or_default();
        let imported = package.imported_by(source);
        rooms.extend(imported.into_iter().filter_map(|module| {
            let other = module.first().unwrap_or_else(|| {
                panic!(
                    "{} imports from lib.rs, which only lists the rooms",
                    source.path
                )
            });
            (other != room).then_some(other.as_str())
        }));
    }
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ARROWS
        .iter()
        .map(|(room, others)| {
            let exceptions = EXCEPTIONS.iter().filter(|(from, _)| from == room);
            let others = others.iter().copied();
            (*room, others.chain(exceptions.map(|(_, to)| *to)).collect())
        })
        .collect();
    assert_eq!(drawn, allowed);
}

#[test]
fn every_arrow_in_the_table_leads_down() {
    let floors: Vec<_> = ARROWS.iter().map(|(room, _)| *room).collect();
    for (floor, (room, others)) in ARROWS.iter().enumerate() {
        for other in *others {
            let below = floors.iter().position(|room| room == other);
            assert!(
                below.is_some_and(|below| below > floor),
                "{room} -> {other}"
            );
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_cycle() {
    let functions = function_folders();
    let packages = functions.iter().map(|name| format!("functions/{name}/src"));
    let others = ["shared/src", "audit/src", "local/src", "cli/src"].map(str::to_owned);
    let mut cycles = Vec::new();
    for folder in packages.chain(others) {
        let package = Package::read(&folder);
        let arrows: BTreeMap<&[String], BTreeSet<&[String]>> = package
            .sources()
            .map(|source| (source.module.as_slice(), package.imported_by(source)))
            .collect();
        let way = cycle(&arrows);
        if !way.is_empty() {
            cycles.push(format!("{folder}: {}", way.join(" -> ")));
        }
    }
    assert!(cycles.is_empty(), "{cycles:?}");
}

/// Finds a cycle: repeatedly removes modules without an arrow to another, and follows the arrows of what is
/// left from one module back to itself.
fn cycle(arrows: &BTreeMap<&[String], BTreeSet<&[String]>>) -> Vec<String> {
    let mut left = arrows.clone();
    loop {
        let ends: Vec<_> = left
            .iter()
            .filter(|(_, to)| to.iter().all(|module| !left.contains_key(module)))
            .map(|(module, _)| *module)
            .collect();
        if ends.is_empty() {
            break;
        }
        for module in ends {
            left.remove(module);
        }
    }
    let mut way: Vec<&[String]> = left.keys().take(1).copied().collect();
    while let Some(last) = way.last() {
        let next = left[last].iter().find(|module| left.contains_key(**module));
        let next = *next.expect("a remaining module has an arrow");
        let begin = way.iter().position(|module| *module == next);
        way.push(next);
        if let Some(begin) = begin {
            way.drain(..begin);
            break;
        }
    }
    way.into_iter().map(|module| module.join("::")).collect()
}

#[test]
fn cycles_are_found() {
    let name = |name: &str| vec![name.to_owned()];
    let (a, b, c, d) = (name("a"), name("b"), name("c"), name("d"));
    let arrows = |list: &[(&'static str, &'static str)]| list.to_vec();
    let drawn = |list: Vec<(&'static str, &'static str)>| {
        let of = |wanted: &str| match wanted {
            "a" => a.as_slice(),
            "b" => b.as_slice(),
            "c" => c.as_slice(),
            _ => d.as_slice(),
        };
        let mut graph: BTreeMap<&[String], BTreeSet<&[String]>> = ["a", "b", "c", "d"]
            .into_iter()
            .map(|module| (of(module), BTreeSet::new()))
            .collect();
        for (from, to) in list {
            graph.get_mut(of(from)).expect("a module").insert(of(to));
        }
        cycle(&graph)
    };
    assert!(drawn(arrows(&[("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])).is_empty());
    let found = drawn(arrows(&[("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")]));
    assert_eq!(found, ["b", "c", "b"]);
}

#[test]
fn no_two_public_types_have_one_name() {
    let functions = function_folders();
    let packages = functions.iter().map(|name| format!("functions/{name}/src"));
    let others = ["shared/src", "audit/src", "local/src", "cli/src"].map(str::to_owned);
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in packages.chain(others) {
        let package = Package::read(&folder);
        for Source { path, types, .. } in package.sources() {
            for name in types {
                places.entry(name.clone()).or_default().push(path.clone());
            }
        }
    }
    places.retain(|_, places| places.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

/// Words for building transactions, queries and retries, which belong in `ledger/table` only.
#[test]
fn only_the_table_room_builds_transactions_queries_and_retries() {
    let words = [
        "Delete::builder",
        "delete_item()",
        "put_item()",
        "update_item()",
        "transact_write_items()",
        "TransactWriteItem",
        "key_condition_expression",
        ".query()\n",
        "time::sleep",
        "jitter_millis",
    ];
    for word in words {
        let users: Vec<_> = files("shared/src", "rs")
            .into_iter()
            .filter(|(_, text)| text.contains(word))
            .map(|(path, _)| path)
            .filter(|path| path != "shared/src/ids.rs")
            .collect();
        for path in &users {
            assert!(
                path.starts_with("shared/src/ledger/table/"),
                "{path}: {word}"
            );
        }
    }
}
