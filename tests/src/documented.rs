//! The documented requests: every operation of `openapi.yaml` with its examples, ready to be sent.

use serde_json::{Map, Value};

use crate::tld::{FORM, JSON, form};

const TEXT: &str = include_str!("../../openapi.yaml");

/// The media type of multipart bodies, with the boundary that examples use.
pub const MULTIPART: &str = "multipart/form-data; boundary=edge";

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The method.
    pub method: String,
    /// The path, with `{}` around its parameters.
    pub path: String,
    /// The function that serves it.
    pub function: String,
    /// The names of the security schemes that it takes, without repeats.
    pub schemes: Vec<String>,
    /// The examples of its path parameters.
    pub in_path: Vec<(String, String)>,
    /// The examples of its query string, decoded.
    pub query: Vec<(String, String)>,
    /// An example of each media type that its body may have.
    pub bodies: Vec<Body>,
}

/// An example of a body.
#[derive(Clone, Debug)]
pub struct Body {
    /// The media type.
    pub media_type: &'static str,
    /// The text.
    pub text: String,
}

impl Operation {
    /// The example of the path.
    #[must_use]
    pub fn example_path(&self) -> String {
        let filled = |path: String, (name, value): &(String, String)| {
            path.replace(&format!("{{{name}}}"), value)
        };
        self.in_path.iter().fold(self.path.clone(), filled)
    }
}

/// Every operation, in the order of the document.
///
/// # Panics
/// Panics if the document is not valid, or an example is missing that the others cannot stand for.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let document: Value = serde_saphyr::from_str(TEXT).expect("openapi.yaml is YAML");
    let mut found = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, body) in members(item).filter(|(name, _)| *name != "parameters") {
            let shared = list(&item["parameters"]).iter();
            let parameters: Vec<&Value> = shared
                .chain(list(&body["parameters"]))
                .map(|parameter| resolved(&document, parameter))
                .collect();
            let placed = |place: &'static str| {
                let own = parameters.iter().filter(move |one| one["in"] == place);
                own.flat_map(|one| examples(one)).collect()
            };
            let mut schemes: Vec<String> = list(&body["security"])
                .iter()
                .flat_map(members)
                .map(|(scheme, _)| scheme.to_owned())
                .collect();
            schemes.dedup();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.to_owned(),
                function: text(&body["tags"][0]),
                schemes,
                in_path: placed("path"),
                query: placed("query"),
                bodies: bodies(resolved(&document, &body["requestBody"])),
            });
        }
    }
    found
}

/// The pairs that a parameter's example stands for: one, or each member of an object.
fn examples(parameter: &Value) -> Vec<(String, String)> {
    match &parameter["example"] {
        Value::Null => Vec::new(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| (name.clone(), scalar(value)))
                .collect()
        }
        value => vec![(text(&parameter["name"]), scalar(value))],
    }
}

/// An example of each media type. One without an example of its own has the members of another's.
fn bodies(body: &Value) -> Vec<Body> {
    let content = &body["content"];
    let example = members(content).find_map(|(_, media)| media["example"].as_object());
    let empty = Map::new();
    let members_of = |media: &Value| match media["example"].as_object() {
        Some(own) => own.clone(),
        None => example.unwrap_or(&empty).clone(),
    };
    members(content)
        .map(|(media_type, media)| {
            let fields = members_of(media);
            let pairs: Vec<(&str, String)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), scalar(value)))
                .collect();
            let (media_type, text) = match media_type {
                JSON => (JSON, Value::Object(fields).to_string()),
                FORM => {
                    let pairs: Vec<_> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
                    (FORM, form(&pairs))
                }
                "multipart/form-data" => (MULTIPART, multipart(&pairs)),
                "text/csv" => (
                    "text/csv",
                    "Date,DID,Caller,Payout\r\n2026-11-21 10:00:00,8005550100,2065550100,25.00\r\n"
                        .to_owned(),
                ),
                other => panic!("say how a body of {other} is written"),
            };
            Body { media_type, text }
        })
        .collect()
}

fn multipart(pairs: &[(&str, String)]) -> String {
    let parts = pairs.iter().map(|(name, value)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    parts.chain(["--edge--\r\n".to_owned()]).collect()
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let object = value.as_object().into_iter().flatten();
    object.map(|(name, value)| (name.as_str(), value))
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let pointer = reference.trim_start_matches('#');
            document.pointer(pointer).expect("a reference")
        }
    }
}
