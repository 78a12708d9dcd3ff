//! The operations of `openapi.yaml`, as the page about the API needs them. The document is part of the binary, and read when
//! somebody looks at it first.

use std::sync::LazyLock;

use serde_json::Value;

/// The document.
const TEXT: &str = include_str!("../../../openapi.yaml");

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The chapters, in the order of the document.
pub static CHAPTERS: LazyLock<Vec<Chapter>> = LazyLock::new(|| {
    let document: Value = serde_saphyr::from_str(TEXT).unwrap_or_default();
    chapters(&document)
});

/// The operations of one function.
pub struct Chapter {
    pub name: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

/// One operation.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    /// The name of the way to say who asks, the first of those that are possible.
    pub security: Vec<String>,
    pub parameters: Vec<Parameter>,
    /// The media type and an example of the body.
    pub body: Option<(String, Option<Value>)>,
    pub answers: Vec<Documented>,
}

/// A parameter of the path, the query or a header.
pub struct Parameter {
    pub name: String,
    pub place: String,
    pub required: bool,
    pub description: String,
    pub values: String,
    pub example: Option<String>,
}

/// A documented answer.
pub struct Documented {
    pub status: String,
    pub description: String,
    pub example: Option<Value>,
}

impl Operation {
    /// Whether a link may ask it: it only reads the own API, and needs nothing but the user.
    pub fn is_asked_by_link(&self) -> bool {
        self.method == "GET" && self.path.starts_with("/callbook/v1/") && !self.path.contains('{')
    }
}

/// Returns an operation of a chapter.
pub fn operation<'a>(chapter: &'a Chapter, id: &str) -> Option<&'a Operation> {
    chapter
        .operations
        .iter()
        .find(|operation| operation.id == id)
}

fn chapters(document: &Value) -> Vec<Chapter> {
    let tags = document["tags"].as_array().map(Vec::as_slice);
    let operations: Vec<(String, Operation)> = operations(document);
    let mut chapters: Vec<Chapter> = tags
        .unwrap_or_default()
        .iter()
        .map(|tag| Chapter {
            name: text(&tag["name"]),
            description: text(&tag["description"]),
            operations: Vec::new(),
        })
        .collect();
    for (tag, operation) in operations {
        let mut named = chapters.iter_mut();
        if let Some(chapter) = named.find(|chapter| chapter.name == tag) {
            chapter.operations.push(operation);
        }
    }
    chapters
}

fn operations(document: &Value) -> Vec<(String, Operation)> {
    let mut found = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for method in METHODS {
            let operation = &item[method];
            if operation.is_object() {
                let tags = operation["tags"].as_array();
                let tag = tags.and_then(|tags| tags.first()).map(text);
                let tag = tag.unwrap_or_default();
                found.push((tag, read(document, path, (item, method), operation)));
            }
        }
    }
    found
}

fn read(
    document: &Value,
    path: &str,
    (item, method): (&Value, &str),
    operation: &Value,
) -> Operation {
    let own = [&item["parameters"], &operation["parameters"]];
    let parameters = own.into_iter().filter_map(Value::as_array).flatten();
    let parameters = parameters.map(|found| parameter(resolved(document, found)));
    let mut parameters: Vec<Parameter> = parameters.collect();
    let security = operation["security"].as_array();
    let first = security.and_then(|ways| ways.first());
    let body = resolved(document, &operation["requestBody"]);
    let body = members(&body["content"]).next();
    if let Some((_, content)) = body {
        let schema = resolved(document, &content["schema"]);
        parameters.extend(
            members(&schema["properties"]).map(|(name, field)| Parameter {
                name: name.to_owned(),
                place: "body".to_owned(),
                required: requires(schema, name),
                ..parameter_of_schema(resolved(document, field))
            }),
        );
    }
    let answers = members(&operation["responses"]).map(|(status, answer)| {
        let answer = resolved(document, answer);
        let content = members(&answer["content"]).next();
        Documented {
            status: status.to_owned(),
            description: text(&answer["description"]),
            example: content.and_then(|(_, content)| example(content)),
        }
    });
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        security: first.map_or_else(Vec::new, |way| {
            members(way).map(|(name, _)| name.to_owned()).collect()
        }),
        parameters,
        body: body.map(|(media, content)| (media.to_owned(), example(content))),
        answers: answers.collect(),
    }
}

/// Whether an object must have a member.
fn requires(schema: &Value, name: &str) -> bool {
    let required = schema["required"].as_array();
    required.is_some_and(|required| required.iter().any(|found| found == name))
}

/// Reads what a schema says of a member of a body.
fn parameter_of_schema(schema: &Value) -> Parameter {
    parameter(&serde_json::json!({ "schema": schema, "description": schema["description"] }))
}

fn parameter(found: &Value) -> Parameter {
    let schema = &found["schema"];
    let values = schema["enum"].as_array().map(|values| {
        let values: Vec<_> = values.iter().map(text).collect();
        values.join(", ")
    });
    let example = [&found["example"], &schema["example"]];
    let mut example = example.into_iter().filter(|example| !example.is_null());
    Parameter {
        name: text(&found["name"]),
        place: text(&found["in"]),
        required: found["required"] == true || found["in"] == "path",
        description: text(&found["description"]),
        values: values.unwrap_or_default(),
        example: example.next().map(text),
    }
}

/// Returns the example of a body: its own, or the first of several.
fn example(content: &Value) -> Option<Value> {
    let own = &content["example"];
    if !own.is_null() {
        return Some(own.clone());
    }
    let first = members(&content["examples"]).next();
    first.map(|(_, example)| example["value"].clone())
}

/// Follows a reference within the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str();
    let target = reference.and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

/// Returns a value as text.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_read_whole() {
        let operations: Vec<_> = CHAPTERS
            .iter()
            .flat_map(|chapter| &chapter.operations)
            .collect();
        assert!(operations.len() > 50, "{}", operations.len());
        for operation in operations {
            assert!(!operation.summary.is_empty(), "{}", operation.id);
            assert!(!operation.answers.is_empty(), "{}", operation.id);
            let named = |parameter: &Parameter| !parameter.name.is_empty();
            assert!(operation.parameters.iter().all(named), "{}", operation.id);
        }
        let empty: Vec<_> = CHAPTERS
            .iter()
            .filter(|chapter| chapter.operations.is_empty())
            .collect();
        assert!(empty.is_empty());
    }
}
