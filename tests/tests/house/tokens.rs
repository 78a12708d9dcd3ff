//! The tokens of a webhook's URL are the members of events.

use std::collections::BTreeSet;

use callbook::model::webhook::token;
use serde_json::Value;

use crate::repository::{files, members};

#[test]
fn every_text_number_and_flag_of_some_event_is_a_token_and_nothing_else_is() {
    let mut expected: BTreeSet<String> = ["event_id", "type", "time", "subject"]
        .map(str::to_owned)
        .into();
    let schemas = files("docs/events/schemas/v1", "json");
    assert!(schemas.len() > 5);
    for (path, text) in schemas {
        if path.ends_with("/event.json") {
            continue;
        }
        let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
        for (name, member) in members(&schema["properties"]) {
            let kinds = member["type"].to_string();
            if !kinds.contains("array") && !kinds.contains("object") {
                expected.insert(name.to_owned());
            }
        }
    }
    let tokens: BTreeSet<String> = token::all().into_iter().map(str::to_owned).collect();
    assert_eq!(tokens, expected);
}
