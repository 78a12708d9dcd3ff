//! What the deployment says about itself: the table and the routes, out of `template.yaml`.
//!
//! The local engine and the local front are made of the very text that is deployed, so they cannot
//! disagree with it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableInput;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TimeToLiveSpecification,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::gateway::route::{Route, Routes};

/// The text of `template.yaml`.
pub const TEXT: &str = include_str!("../../template.yaml");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<Key>,
    time_to_live_specification: TimeToLive,
    stream_specification: Stream,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stream {
    stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    code_uri: String,
    #[serde(default)]
    events: BTreeMap<String, Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    r#type: String,
    properties: EventProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EventProperties {
    method: Option<String>,
    path: Option<String>,
}

/// The resources of one type, by their logical id.
fn resources<T: DeserializeOwned>(text: &str, of: &str) -> Result<Vec<T>> {
    // CloudFormation's own tags (!Ref, !GetAtt, ...) are read as the plain values under them.
    let document: Document =
        serde_saphyr::from_str(text).context("template.yaml does not parse")?;
    document
        .resources
        .into_iter()
        .filter(|(_, resource)| resource.r#type == of)
        .map(|(id, resource)| {
            serde_json::from_value(resource.properties)
                .with_context(|| format!("{id} in template.yaml is not understood"))
        })
        .collect()
}

/// The routes of this product's own template, read once a process.
///
/// # Errors
/// As [`routes`].
pub fn own_routes() -> Result<&'static Routes> {
    static OWN: OnceLock<Routes> = OnceLock::new();
    if let Some(routes) = OWN.get() {
        return Ok(routes);
    }
    let routes = routes(TEXT)?;
    Ok(OWN.get_or_init(|| routes))
}

/// The routes of the HTTP API; a function is called by the name of its package.
///
/// # Errors
/// The text is no template of this product.
pub fn routes(text: &str) -> Result<Routes> {
    let mut routes = Vec::new();
    for function in resources::<Function>(text, "AWS::Serverless::Function")? {
        let uri = function.code_uri.trim_end_matches('/');
        let name = uri.rsplit('/').next().unwrap_or(uri);
        for event in function
            .events
            .into_values()
            .filter(|event| event.r#type == "HttpApi")
        {
            routes.push(match (event.properties.method, event.properties.path) {
                (Some(method), Some(path)) => Route::new(&method, &path, name)?,
                (None, None) => Route::default(name),
                _ => bail!("an event of {name} has a method or a path and not the other"),
            });
        }
    }
    Ok(Routes::new(routes))
}

/// Makes the table in an empty engine; one that is there already stays as it is.
///
/// # Errors
/// The store does not answer, or `template.yaml` has no table.
pub async fn create_table(client: &Client, name: &str) -> Result<()> {
    let mut tables: Vec<Table> = resources(TEXT, "AWS::DynamoDB::Table")?;
    let table = tables.pop().context("template.yaml has no table")?;
    let created = table.input(name)?;
    let made = client
        .create_table()
        .set_table_name(created.table_name)
        .set_attribute_definitions(created.attribute_definitions)
        .set_key_schema(created.key_schema)
        .set_billing_mode(created.billing_mode)
        .set_stream_specification(created.stream_specification)
        .send()
        .await;
    match made {
        Ok(_) => {}
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|e| e.is_resource_in_use_exception()) =>
        {
            return Ok(());
        }
        Err(error) => return Err(error).context("the table cannot be made"),
    }
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(table.time_to_live_specification.attribute_name)
        .enabled(table.time_to_live_specification.enabled)
        .build()?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(expiry)
        .send()
        .await
        .context("the expiry of items cannot be turned on")?;
    Ok(())
}

impl Table {
    fn input(&self, name: &str) -> Result<CreateTableInput> {
        let mut input = CreateTableInput::builder()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .stream_specification(
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(StreamViewType::from(
                        self.stream_specification.stream_view_type.as_str(),
                    ))
                    .build()?,
            );
        for attribute in &self.attribute_definitions {
            input = input.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(&attribute.attribute_name)
                    .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
                    .build()?,
            );
        }
        for key in &self.key_schema {
            input = input.key_schema(
                KeySchemaElement::builder()
                    .attribute_name(&key.attribute_name)
                    .key_type(KeyType::from(key.key_type.as_str()))
                    .build()?,
            );
        }
        Ok(input.build()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Storage};
    use http::Method;

    #[test]
    fn every_function_of_the_template_has_a_route() {
        let routes = routes(TEXT).unwrap();
        for (method, path, function) in [
            (Method::POST, "/1.0/phone_feedback", "phone-feedback"),
            (Method::POST, "/1.0/phone_feedback/", "phone-feedback"),
            (
                Method::POST,
                "/api/ingress/calls/inbound/billable",
                "inbound-billable",
            ),
            (
                Method::POST,
                "/api/ingress/calls/inbound/billable/1/2/",
                "inbound-billable",
            ),
            (Method::GET, "/api/v1", "caller-id"),
            (Method::POST, "/api/v1/", "caller-id"),
            (Method::PUT, "/api/v1", "fallback"),
            (Method::GET, "/", "fallback"),
        ] {
            assert_eq!(
                routes.find(&method, path).unwrap().function,
                function,
                "{method} {path}"
            );
        }
    }

    #[tokio::test]
    async fn the_table_is_made_once_and_as_the_template_says() {
        let engine = Engine::start(Storage::Memory).await.unwrap();
        let client = engine.client();
        create_table(&client, "ledger").await.unwrap();
        create_table(&client, "ledger").await.unwrap();
        let table = client
            .describe_table()
            .table_name("ledger")
            .send()
            .await
            .unwrap();
        let keys = table.table.unwrap().key_schema.unwrap();
        assert_eq!(
            keys.iter()
                .map(KeySchemaElement::attribute_name)
                .collect::<Vec<_>>(),
            ["pk", "sk"]
        );
        let expiry = client
            .describe_time_to_live()
            .table_name("ledger")
            .send()
            .await
            .unwrap();
        let expiry = expiry.time_to_live_description.unwrap();
        assert_eq!(expiry.attribute_name.as_deref(), Some("expires_at"));
        engine.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_is_one_engines_at_a_time_and_keeps_what_it_was_told() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("made").join("too");
        let engine = Engine::start(Storage::Folder(folder.clone()))
            .await
            .unwrap();
        create_table(&engine.client(), "ledger").await.unwrap();
        let refused = Engine::start(Storage::Folder(folder.clone()))
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("in use"), "{refused}");
        engine.shutdown().await.unwrap();

        let engine = Engine::start(Storage::Folder(folder.clone()))
            .await
            .unwrap();
        let tables = engine.client().list_tables().send().await.unwrap();
        assert_eq!(tables.table_names(), ["ledger"]);
        engine.shutdown().await.unwrap();
    }
}
