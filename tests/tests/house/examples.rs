//! The examples of answers in `openapi.yaml` look like real answers.

use std::collections::{BTreeMap, BTreeSet};

use callbook_tests::Reply;
use serde_json::Value;

use crate::contract::Contract;
use crate::repository::{Operation, members};

/// Where an answer is documented: a component's name, or an operation with a status.
type Place = String;

/// What was seen at each place of an answer: the forms of its values, and the names of its objects.
type Forms = BTreeMap<String, BTreeSet<String>>;

/// The forms of real answers, by where they are documented.
#[derive(Default)]
pub struct Answers(BTreeMap<Place, Forms>);

impl Answers {
    /// Keeps the forms of an answer. Only JSON has them.
    pub fn keep(&mut self, operation: &Operation, reply: &Reply) {
        if let Ok(body) = serde_json::from_str(&reply.body) {
            let place = place(operation, &reply.status.to_string());
            walk(&body, "", self.0.entry(place).or_default());
        }
    }

    /// What the examples of an operation's answers say otherwise than all real answers. A value that no real
    /// answer had, or had only as null or empty, says nothing.
    pub fn faults(&self, contract: &Contract, operation: &Operation) -> BTreeSet<String> {
        let mut faults = BTreeSet::new();
        for (status, response) in members(&operation.body["responses"]) {
            let place = place(operation, status);
            let real = self.0.get(&place);
            for (media, content) in members(&contract.resolved(response)["content"]) {
                if !media.ends_with("json") {
                    continue;
                }
                let several =
                    members(&content["examples"]).map(|(name, one)| (name, &one["value"]));
                let single = content.get("example").map(|example| ("example", example));
                for (name, example) in several.chain(single) {
                    let mut forms = Forms::new();
                    walk(example, "", &mut forms);
                    for (at, forms) in forms {
                        let Some(known) = real.and_then(|real| real.get(&at)) else {
                            continue;
                        };
                        if known.iter().all(|form| form == "null" || form == "empty") {
                            continue;
                        }
                        let other = forms.difference(known);
                        faults.extend(other.map(|form| {
                            format!("{place}: {name}: {at} is {form}, in answers {known:?}")
                        }));
                    }
                }
            }
        }
        faults
    }
}

fn place(operation: &Operation, status: &str) -> Place {
    let response = &operation.body["responses"][status];
    let named = response["$ref"].as_str().map(str::to_owned);
    named.unwrap_or_else(|| format!("{} {status}", operation.key()))
}

/// Collects the forms of a value and of all that is in it. The elements of a list share a place.
fn walk(value: &Value, at: &str, forms: &mut Forms) {
    let form = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(number) if number.is_f64() => "a fraction".to_owned(),
        Value::Number(_) => "an integer".to_owned(),
        Value::String(text) => form(text).to_owned(),
        Value::Array(values) => {
            for value in values {
                walk(value, &format!("{at}[]"), forms);
            }
            "a list".to_owned()
        }
        Value::Object(object) => {
            for (name, value) in object {
                walk(value, &format!("{at}/{name}"), forms);
            }
            let names: Vec<_> = object.keys().map(String::as_str).collect();
            format!("an object of {}", names.join(", "))
        }
    };
    forms.entry(at.to_owned()).or_default().insert(form);
}

/// What a text is by its look: an identifier, a number or an instant in one notation, or words.
fn form(text: &str) -> &'static str {
    // A digit becomes 9, an upper case letter A, a lower case one a; runs count once.
    let mut pattern = String::new();
    for letter in text.chars() {
        let class = match letter {
            '0'..='9' => '9',
            'A'..='Z' => 'A',
            'a'..='z' => 'a',
            other => other,
        };
        if !pattern.ends_with(class) {
            pattern.push(class);
        }
    }
    let uuid = text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    match pattern.as_str() {
        _ if uuid => "a UUID",
        "" => "empty",
        "9" => "digits",
        "+9" => "an E.164 number",
        "9-9-9" => "a date",
        "9-9-9 9:9:9" => "a local time",
        "9-9-9A9:9:9A" => "an instant in UTC",
        "9-9-9A9:9:9-9:9" | "9-9-9A9:9:9+9:9" => "an instant with an offset",
        "9-9-9A9:9:9.9A" => "an instant in UTC with a fraction",
        "9.9" | "-9.9" => match text.split_once('.').map(|(_, behind)| behind.len()) {
            Some(2) => "money with 2 places",
            Some(4) => "money with 4 places",
            _ => "a decimal",
        },
        "A" if text.len() == 32 => "a sid",
        _ => "words",
    }
}

#[test]
fn texts_of_one_look_have_one_form() {
    for (text, expected) in [
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "a UUID"),
        ("2069735100", "digits"),
        ("+12069735100", "an E.164 number"),
        ("25.50", "money with 2 places"),
        ("-7.5000", "money with 4 places"),
        ("2026-11-21 09:30:00", "a local time"),
        ("2026-11-21T09:30:00-08:00", "an instant with an offset"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", "a sid"),
        ("01KANEXAMPLE0000000000000A", "words"),
        ("Missing or Invalid DID", "words"),
        ("", "empty"),
    ] {
        assert_eq!(form(text), expected, "{text}");
    }
}
