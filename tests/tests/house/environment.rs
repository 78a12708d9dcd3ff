//! The environment variables that the code reads are those that the template or the platform sets.

use std::collections::BTreeSet;

use crate::repository::{files, functions, globals, members, text};

/// The variables that Lambda sets in every function.
const SET_BY_LAMBDA: [&str; 5] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// The variables for a store at another address; no deployment sets them.
const FOR_ANOTHER_STORE: [&str; 5] = [
    "AWS_ENDPOINT_URL_EVENTBRIDGE",
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

/// The names in calls such as `variable("NAME")` in `config.rs`.
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
    let set: BTreeSet<_> = &of_the_template() | &names(&SET_BY_LAMBDA);
    assert_eq!(of_the_code(), &set | &names(&FOR_ANOTHER_STORE));
}

#[test]
fn the_template_sets_no_variable_of_the_platform() {
    let template = of_the_template();
    assert!(template.contains("TABLE_NAME"), "{template:?}");
    assert!(template.is_disjoint(&names(&SET_BY_LAMBDA)), "{template:?}");
    assert!(
        template.is_disjoint(&names(&FOR_ANOTHER_STORE)),
        "{template:?}"
    );
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
