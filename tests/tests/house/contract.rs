//! Checks answers against `openapi.yaml`.

use callbook_tests::Reply;
use callbook_tests::written::{Format, pairs};
use serde_json::{Value, json};

use crate::repository::{self, Operation, members, resolved};

pub struct Contract(&'static Value);

impl Contract {
    pub fn read() -> Self {
        Self(repository::openapi())
    }

    pub fn document(&self) -> &Value {
        self.0
    }

    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolved(self.0, value)
    }

    /// The violations of `schema` in `instance`, as places and rules without values.
    pub fn faults(&self, schema: &Value, instance: &Value) -> Vec<String> {
        let mut root = schema.as_object().expect("a schema").clone();
        root.insert(
            "components".to_owned(),
            json!({"schemas": self.0["components"]["schemas"]}),
        );
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&Value::Object(root))
            .unwrap_or_else(|error| panic!("{schema} is not a schema: {error}"));
        let faults = validator.iter_errors(instance);
        faults
            .map(|fault| format!("{} against {}", fault.instance_path(), fault.schema_path()))
            .collect()
    }

    /// The examples of an operation's query parameters, as one object.
    pub fn query_example(&self, operation: &Operation) -> Value {
        let parameters = operation.body["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        parameters
            .map(|parameter| self.resolved(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| {
                let name = parameter["name"].as_str().expect("a name");
                Some((name.to_owned(), parameter.get("example")?.clone()))
            })
            .collect()
    }

    /// The documented statuses of an operation.
    pub fn statuses(operation: &Operation) -> Vec<u16> {
        members(&operation.body["responses"])
            .map(|(status, _)| status.parse().unwrap())
            .collect()
    }

    /// Checks an answer against the documentation of its status and media type.
    pub fn check(&self, operation: &Operation, reply: &Reply, what: &str) {
        let responses = &operation.body["responses"];
        let response = responses.get(reply.status.to_string()).unwrap_or_else(|| {
            panic!("{what}: {} is not documented: {}", reply.status, reply.body)
        });
        let response = self.resolved(response);
        for (name, header) in members(&response["headers"]) {
            let header = self.resolved(header);
            match reply.header(&name.to_ascii_lowercase()) {
                None => assert_ne!(header["required"], true, "{what}: {name} is missing"),
                Some(value) => {
                    let faults = self.faults(&header["schema"], &typed(&header["schema"], value));
                    assert!(faults.is_empty(), "{what}: {name}: {value}");
                }
            }
        }
        let media = reply.header("content-type").expect("a content type");
        let media = media.split(';').next().unwrap_or_default();
        let content = response["content"]
            .get(media)
            .unwrap_or_else(|| panic!("{what}: {media} is not documented for {}", reply.status));
        let schema = &content["schema"];
        let body = match media {
            "application/json" | "application/problem+json" => reply.json(),
            "application/xml" => Self::of_xml(self.resolved(schema), &reply.body),
            _ => Value::String(reply.body.clone()),
        };
        let faults = self.faults(schema, &body);
        assert!(faults.is_empty(), "{what}: {faults:?} in {}", reply.body);
    }

    /// Reads XML with one element per property.
    fn of_xml(schema: &Value, text: &str) -> Value {
        let fields = pairs(Format::Xml, text, &[]).into_iter();
        fields
            .map(|(name, text)| {
                let value = typed(&schema["properties"][&name], &text);
                (name, value)
            })
            .collect()
    }
}

/// Converts a text to the type in its schema.
fn typed(schema: &Value, text: &str) -> Value {
    match schema["type"] == "integer" {
        true => text
            .parse::<i64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
        false => json!(text),
    }
}
