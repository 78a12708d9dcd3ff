//! Every file that code, tests or documents cite exists.

use std::collections::BTreeSet;

use crate::repository::{exists, files, text};

/// Folders whose files are cited by their path.
const ROOTS: [&str; 10] = [
    "contracts",
    "docs",
    "shared",
    "functions",
    "audit",
    "local",
    "cli",
    "tests",
    "scripts",
    ".ci",
];

/// Finds paths in a text: words that start with a folder of the repository and contain no placeholder.
fn cited(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let mut found = BTreeSet::new();
    for word in text.split(|c: char| c.is_whitespace() || "\"'`()[],;|=".contains(c)) {
        let word = word.trim_end_matches(['.', ':', '!', '?', '/']);
        let word = word.split(['#', ':']).next().unwrap_or_default();
        let Some((first, _)) = word.split_once('/') else {
            continue;
        };
        if ROOTS.contains(&first) && word.chars().all(is_part) {
            found.insert(word.to_owned());
        }
    }
    found
}

#[test]
fn every_cited_path_exists() {
    let code = ["shared", "functions", "audit", "local", "cli", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"));
    let documents = files("docs", "md");
    let others = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "clippy.toml",
        "template.yaml",
        "openapi.yaml",
        ".ci/run",
        "SECURITY.md",
        "deny.toml",
        "samconfig.toml",
        ".github/workflows/ci.yml",
        ".github/workflows/deploy.yml",
        ".github/workflows/release.yml",
        "scripts/build-release",
        "scripts/check-dependencies",
        "scripts/check-template",
        "scripts/install-tools",
        "scripts/release-template",
        "scripts/smoke-cargo-lambda",
        "scripts/try-servicestack",
    ]
    .map(|path| (path.to_owned(), text(path)));
    let mut checked = 0;
    for (file, text) in code.chain(documents).chain(others) {
        for path in cited(&text) {
            checked += 1;
            // A contract can be cited without `docs/`, and a test file from its package.
            let places = [
                path.clone(),
                format!("docs/{path}"),
                format!("tests/{path}"),
                path.replacen("tests/", "cli/tests/", 1),
            ];
            assert!(
                places.iter().any(|place| exists(place)),
                "{file} names {path}, which is not in the repository"
            );
        }
    }
    assert!(checked > 50, "only {checked} paths were found");
}

#[test]
fn paths_are_found_in_prose_and_code() {
    let text = "see `docs/decisions.md#d-012`, (contracts/tld.md): \"shared/src/model\", tests/events/<name>.json";
    let expected = ["contracts/tld.md", "docs/decisions.md", "shared/src/model"];
    assert_eq!(cited(text), expected.map(str::to_owned).into());
}

/// The numbers of decisions in a text, such as `D-001`.
fn decisions(text: &str) -> BTreeSet<&str> {
    let numbers = text.split("D-").skip(1).filter_map(|rest| rest.get(..3));
    numbers
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

#[test]
fn every_cited_decision_is_written_down_and_in_the_index() {
    let page = text("docs/decisions.md");
    let entries: Vec<_> = page.split("\n## D-").skip(1).collect();
    let written: BTreeSet<_> = entries.iter().filter_map(|entry| entry.get(..3)).collect();
    let rows = page.split("\n| [D-").skip(1);
    let listed: BTreeSet<_> = rows.filter_map(|row| row.get(..3)).collect();
    assert!(written.len() > 250);
    assert_eq!(written.len(), entries.len(), "a number is used once");
    assert_eq!(listed, written);
    let code = ["shared", "functions", "audit", "local", "cli", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"));
    for (path, text) in code.chain(files("docs", "md")) {
        for number in decisions(&text) {
            assert!(written.contains(number), "{path} cites D-{number}");
        }
    }
}
