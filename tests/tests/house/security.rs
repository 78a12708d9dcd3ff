//! The tables of `docs/security.md`: every risk of the OWASP API Security Top 10 has its row, every row has a
//! test, and the fuzzer tries every parser of the model.

use std::collections::{BTreeMap, BTreeSet};

use callbook_tests::fuzz::parsers::PARSERS;

use crate::repository::{exists, files, text};

/// The paths that a cell links to, from the repository's root.
fn linked(cell: &str) -> Vec<String> {
    let links = cell.split("](").skip(1);
    links
        .filter_map(|link| link.split(')').next())
        .map(|path| path.trim_start_matches("../").to_owned())
        .collect()
}

#[test]
fn every_risk_of_the_top_ten_has_a_test_that_exists() {
    let text = text("docs/security.md");
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with("| API")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let [risk, _held, tests] = cells.as_slice() else {
            panic!("{line}");
        };
        found.insert(risk.split(':').next().unwrap_or_default().trim().to_owned());
        let tests = linked(tests);
        assert!(!tests.is_empty(), "{risk} has no test");
        for path in tests {
            assert!(exists(&path), "{risk}: {path}");
            assert!(
                path.ends_with(".rs") || path.starts_with("scripts/"),
                "{risk}: {path}"
            );
        }
    }
    let all: BTreeSet<String> = (1..=10).map(|number| format!("API{number}:2023")).collect();
    let found: BTreeSet<String> = found
        .into_iter()
        .map(|risk| format!("{risk}:2023"))
        .collect();
    assert_eq!(found, all);
}

#[test]
fn every_table_of_security_names_a_test_in_each_row() {
    let text = text("docs/security.md");
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("|-"));
    for row in rows.filter(|row| row.contains("](../") || row.contains(".rs`")) {
        let last = row
            .trim_end_matches(['|', ' '])
            .rsplit(" | ")
            .next()
            .unwrap_or_default();
        for path in linked(last) {
            assert!(path.starts_with("decisions.md") || exists(&path), "{path}");
        }
    }
}

#[test]
fn the_fuzzer_tries_every_parser_of_the_model() {
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, name, _) in PARSERS {
        if name.contains("::parse") {
            *tried.entry(file).or_default() += 1;
        }
    }
    for (path, text) in files("shared/src/model", "rs") {
        let name = path
            .strip_prefix("shared/src/model/")
            .and_then(|name| name.strip_suffix(".rs"));
        let name = name.expect("a file of the model");
        let parsers = text.matches("pub fn parse").count();
        // A macro writes one parser for several types.
        let tried = tried.get(name).copied().unwrap_or(0);
        assert!(
            tried >= parsers,
            "{path}: {parsers} parsers, of which the fuzzer tries {tried}"
        );
    }
}
