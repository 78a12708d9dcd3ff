//! Every access pattern has a figure of what its reads cost at most, every key builder has a pattern, and every
//! figure is held by a test.

use std::collections::BTreeSet;

use crate::repository::{files, text};

/// The table of access patterns, and some of the key builders. The others are in the folder beside it.
const KEYS: &str = "shared/src/ledger/keys.rs";

/// Why a figure needs no test: the read is of whole keys, or only operators' commands make it.
const WITHOUT_TEST: [&str; 2] = ["key", "command"];

/// The rows of a file's tables: their cells, without the lines between heading and rows.
fn rows(path: &str) -> Vec<Vec<String>> {
    let text = text(path);
    let lines = text.lines().filter_map(|line| line.strip_prefix("//! | "));
    lines
        .map(|line| {
            line.trim_end_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

/// The patterns of the table at the top of `keys.rs`.
fn patterns() -> BTreeSet<u32> {
    let rows = rows(KEYS).into_iter();
    rows.filter_map(|row| row[0].parse().ok()).collect()
}

/// The patterns of each row of `bounds.rs`, and what holds its figure.
fn figures() -> Vec<(Vec<u32>, String)> {
    let rows = rows("shared/src/ledger/keys/bounds.rs").into_iter();
    rows.filter_map(|row| {
        let patterns: Result<Vec<u32>, _> = row[0].split(", ").map(str::parse).collect();
        Some((patterns.ok()?, row.last()?.clone()))
    })
    .collect()
}

#[test]
fn every_access_pattern_has_one_figure() {
    let mut found = BTreeSet::new();
    for (patterns, _) in figures() {
        for pattern in patterns {
            assert!(found.insert(pattern), "{pattern} has two figures");
        }
    }
    assert_eq!(found, patterns());
}

#[test]
fn every_figure_is_held_by_a_test() {
    let tests: String = files("tests/tests/api", "rs")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    for (patterns, held) in figures() {
        let name = held.trim_matches('`');
        let known = WITHOUT_TEST.contains(&name) || tests.contains(&format!("fn {name}("));
        assert!(known, "{patterns:?}: there is no test {name}");
    }
}

/// The numbers behind the word `pattern` in a doc comment: `Pattern 4`, `patterns 14, 15 and 28`.
fn named(doc: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for (at, word) in doc.match_indices("attern") {
        let behind = doc[at + word.len()..].trim_start_matches('s');
        let numbers = behind
            .split([' ', ',', '.', ':', ')'])
            .filter(|word| !word.is_empty());
        let numbers = numbers.take_while(|word| *word == "and" || word.parse::<u32>().is_ok());
        found.extend(numbers.filter_map(|word| word.parse::<u32>().ok()));
    }
    found
}

#[test]
fn every_key_builder_names_its_pattern() {
    let patterns = patterns();
    let beside = files("shared/src/ledger/keys", "rs");
    for (path, text) in [(KEYS.to_owned(), text(KEYS))].into_iter().chain(beside) {
        let file = syn::parse_file(&text).expect("Rust");
        for item in file.items {
            let syn::Item::Fn(function) = item else {
                continue;
            };
            let syn::ReturnType::Type(_, returned) = &function.sig.output else {
                continue;
            };
            let is_key = matches!(&**returned, syn::Type::Path(path) if path.path.is_ident("Key"));
            if !is_key {
                continue;
            }
            let docs = function
                .attrs
                .iter()
                .filter_map(|attribute| match &attribute.meta {
                    syn::Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                        syn::Expr::Lit(literal) => match &literal.lit {
                            syn::Lit::Str(text) => Some(text.value()),
                            _ => None,
                        },
                        _ => None,
                    },
                    _ => None,
                });
            let doc: Vec<String> = docs.collect();
            let named = named(&doc.join(" "));
            let name = &function.sig.ident;
            assert!(!named.is_empty(), "{path}: {name} names no pattern");
            assert!(named.is_subset(&patterns), "{path}: {name}: {named:?}");
        }
    }
}

#[test]
fn numbers_behind_the_word_are_found() {
    assert_eq!(
        named("Partition of patterns 14, 15 and 28."),
        BTreeSet::from([14, 15, 28])
    );
    assert_eq!(
        named("The copy of pattern 11 that is sorted"),
        BTreeSet::from([11])
    );
    assert_eq!(named("Pattern 5: the window"), BTreeSet::from([5]));
    assert_eq!(named("no number"), BTreeSet::new());
}
