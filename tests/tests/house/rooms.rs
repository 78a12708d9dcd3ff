//! One room per concern: where libraries may be used, and the longest allowed file.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repository::{files, function_folders, members, operations, text, toml};

/// A longer file usually has more than one concern.
const LONGEST_FILE: usize = 500;

/// A file's code, without comments and without everything from its first test on.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().map(|line| match line.trim_start() {
        comment if comment.starts_with("//") => "",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The code of the deployed crates.
fn deployed() -> Vec<(String, String)> {
    ["shared/src", "functions"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .filter(|(path, _)| !path.ends_with("/tests.rs"))
        .map(|(path, text)| (path, code(&text)))
        .collect()
}

/// Asserts that a word is used in all of `rooms` and nowhere else.
fn stays_in(word: &str, rooms: &[&str]) {
    let users: Vec<_> = deployed()
        .into_iter()
        .filter(|(_, code)| code.contains(word))
        .map(|(path, _)| path)
        .collect();
    for path in &users {
        assert!(
            rooms.iter().any(|room| path.starts_with(room)),
            "{path} uses {word}"
        );
    }
    for room in rooms {
        assert!(
            users.iter().any(|path| path.starts_with(room)),
            "{room} no longer uses {word}"
        );
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    for (word, rooms) in [
        ("aws_sdk_dynamodb", &["shared/src/ledger/"] as &[&str]),
        ("aws_smithy", &["shared/src/ledger/"]),
        ("serde_dynamo", &["shared/src/ledger/"]),
        ("lambda_http", &["shared/src/edge/"]),
        ("multer", &["shared/src/request/"]),
        ("rlibphonenumber", &["shared/src/model/phone"]),
        ("quick_xml", &["shared/src/dialect/"]),
        ("jiff::", &["shared/src/model/time"]),
        ("SystemTime", &["shared/src/clock.rs"]),
        // One client for the store, and one for the internet.
        (
            "hyper_util",
            &["shared/src/ledger/table/", "shared/src/outbound/"],
        ),
        ("lookup_host", &["shared/src/outbound/guard.rs"]),
    ] {
        stays_in(word, rooms);
    }
}

/// Three-digit numbers in the code that could be statuses of answers.
fn statuses(code: &str) -> BTreeSet<&str> {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
        .filter(|word| word.len() == 3)
        .filter(|word| {
            word.parse()
                .is_ok_and(|number| http::StatusCode::from_u16(number).is_ok_and(is_known))
        })
        .collect()
}

fn is_known(status: http::StatusCode) -> bool {
    status.canonical_reason().is_some() && status.as_u16() >= 200
}

#[test]
fn only_dialects_name_a_status() {
    let mut named = BTreeSet::new();
    for (path, code) in deployed() {
        let found = statuses(&code);
        if path.starts_with("shared/src/dialect/") {
            named.extend(found.into_iter().map(str::to_owned));
        } else if path == "shared/src/outbound/received.rs" {
            // The statuses of others' answers.
        } else {
            // Some three-digit numbers are seconds, milliseconds or percentages.
            let quantities = [
                "from_secs(300)",
                "from_millis(800)",
                "* 200",
                "MOST_RESULTS: usize = 200",
                "OF_KEY: i64 = 200",
                "[203, 0, 113, _]",
            ];
            let code = quantities
                .iter()
                .fold(code, |code, known| code.replace(known, ""));
            assert!(
                statuses(&code).is_empty(),
                "{path} names {:?}",
                statuses(&code)
            );
            assert!(!code.contains("StatusCode"), "{path} uses StatusCode");
        }
    }
    for status in [
        "200", "201", "400", "401", "403", "404", "405", "409", "413", "415", "429", "500", "503",
    ] {
        assert!(named.contains(status), "no dialect answers {status}");
    }
}

#[test]
fn functions_depend_on_the_shared_crate_and_not_on_each_other_or_on_the_cloud() {
    let folders = function_folders();
    for folder in &folders {
        let manifest = toml(&format!("functions/{folder}/Cargo.toml"));
        let dependencies: BTreeSet<_> = members(&manifest["dependencies"])
            .map(|(name, _)| name.to_owned())
            .collect();
        assert!(dependencies.contains("callbook"), "{folder}");
        // The console's pages are made of what the API's functions answer in its process (D-760).
        assert!(
            folder == "console" || dependencies.is_disjoint(&folders),
            "{folder} depends on another function"
        );
        for name in dependencies {
            assert!(
                !name.starts_with("aws-") && !name.starts_with("lambda"),
                "{folder}: {name}"
            );
        }
    }
    let shared = toml("shared/Cargo.toml");
    for (name, _) in members(&shared["dependencies"]) {
        assert!(
            !folders.contains(name),
            "the shared crate depends on {name}"
        );
        assert!(
            !name.starts_with("callbook"),
            "the shared crate depends on {name}"
        );
    }
}

#[test]
fn the_binary_of_a_function_contains_wiring_only() {
    for folder in function_folders() {
        let main = code(&text(&format!("functions/{folder}/src/main.rs")));
        let lines = main.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 5, "{folder} has {lines} lines in its main.rs");
        let function = folder.replace('-', "_");
        let serves = main.contains("callbook::edge::serve")
            && main.contains(&format!("(&{function}::FUNCTION)"));
        assert!(serves, "{folder}");
    }
}

#[test]
fn every_package_uses_the_dependencies_and_lints_of_the_workspace() {
    let folders = function_folders();
    let packages = folders.iter().map(|folder| format!("functions/{folder}"));
    for package in packages.chain(["shared", "audit", "local", "cli", "tests"].map(str::to_owned)) {
        let manifest = toml(&format!("{package}/Cargo.toml"));
        assert_eq!(
            manifest["lints"]["workspace"],
            Value::Bool(true),
            "{package}"
        );
        for kind in ["dependencies", "dev-dependencies"] {
            for (name, from) in members(&manifest[kind]) {
                let local = from.get("path").is_some();
                assert!(
                    from["workspace"] == true || local,
                    "{package} does not take {name} from the workspace"
                );
            }
        }
    }
}

#[test]
fn no_file_exceeds_the_longest_allowed_length() {
    for folder in ["shared", "functions", "audit", "local", "cli", "tests"] {
        for (path, text) in files(folder, "rs") {
            let lines = text.lines().count();
            assert!(lines <= LONGEST_FILE, "{path} has {lines} lines");
        }
    }
}

#[test]
fn the_readme_has_every_route() {
    let readme = text("README.md");
    for operation in operations() {
        let (path, parameters) = match operation.path.find("/{") {
            Some(at) => operation.path.split_at(at),
            None => (operation.path.as_str(), ""),
        };
        let parts = [&operation.method, &operation.function, path, parameters];
        let row = readme
            .lines()
            .find(|line| line.starts_with('|') && parts.iter().all(|part| line.contains(part)));
        assert!(row.is_some(), "README.md lacks {}", operation.key());
    }
}
