//! The variables that the code reads are those that somebody sets.

use std::collections::BTreeSet;

use crate::repository::{files, functions, globals, members, text};

/// What Lambda sets in every function.
const LAMBDAS: [&str; 5] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What somebody sets who keeps the store elsewhere; a deployment has none of them.
const ELSEWHERE: [&str; 4] = [
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

fn of_the_template() -> BTreeSet<String> {
    let everywhere = globals();
    let mut names = BTreeSet::new();
    for settings in functions().values().chain([&everywhere]) {
        let variables = members(&settings["Environment"]["Variables"]);
        names.extend(variables.map(|(name, _)| name.to_owned()));
    }
    names
}

/// The names in calls of `config.rs` such as `variable("NAME")`.
fn of_the_code() -> BTreeSet<String> {
    let code = text("shared/src/config.rs");
    let calls = code.split("variable(\"").skip(1);
    calls
        .map(|call| call.split('"').next().unwrap().to_owned())
        .collect()
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_functions_read_what_the_template_and_the_platform_set() {
    let set: BTreeSet<_> = &of_the_template() | &names(&LAMBDAS);
    assert_eq!(of_the_code(), &set | &names(&ELSEWHERE));
}

#[test]
fn the_template_sets_nothing_that_the_platform_does() {
    let template = of_the_template();
    assert!(template.contains("TABLE_NAME"), "{template:?}");
    assert!(template.is_disjoint(&names(&LAMBDAS)), "{template:?}");
    assert!(template.is_disjoint(&names(&ELSEWHERE)), "{template:?}");
}

#[test]
fn the_environment_is_read_in_one_file() {
    for folder in ["shared/src", "functions"] {
        for (path, code) in files(folder, "rs") {
            let reads = ["env::var", "env::vars", "env!(", "std::env"];
            let found = reads.iter().any(|read| code.contains(read));
            assert_eq!(found, path == "shared/src/config.rs", "{path}");
        }
    }
}
