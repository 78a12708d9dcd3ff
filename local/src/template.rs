//! The table and the routes of the deployment, read from `template.yaml`.
//!
//! The local engine and the local gateway are built from the text that is deployed, so they cannot differ
//! from it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableInput;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TimeToLiveSpecification, TimeToLiveStatus,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::gateway::route::{Route, Routes};

/// The text of `template.yaml`.
pub const TEXT: &str = include_str!("../../template.yaml");

/// The key of an operation for every method.
const ANY: &str = "x-amazon-apigateway-any-method";

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
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpApi {
    definition_body: OpenApi,
}

#[derive(Deserialize)]
struct OpenApi {
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(rename = "x-amazon-apigateway-integration")]
    integration: Integration,
}

#[derive(Deserialize)]
struct Integration {
    uri: String,
}

/// Returns all resources of one type, with their logical IDs and in the order of these.
fn named<T: DeserializeOwned>(text: &str, kind: &str) -> Result<Vec<(String, T)>> {
    // Tags of CloudFormation, such as !Ref and !GetAtt, are read as the values that they are applied to.
    let document: Document = serde_saphyr::from_str(text)
        .context("template.yaml is not valid YAML, or has no resources")?;
    document
        .resources
        .into_iter()
        .filter(|(_, resource)| resource.r#type == kind)
        .map(|(id, resource)| {
            let properties = serde_json::from_value(resource.properties);
            let properties = properties.with_context(|| {
                format!("the properties of {id} in template.yaml are not valid")
            })?;
            Ok((id, properties))
        })
        .collect()
}

/// Returns the properties of all resources of one type, in the order of their logical IDs.
fn resources<T: DeserializeOwned>(text: &str, kind: &str) -> Result<Vec<T>> {
    let named = named(text, kind)?.into_iter();
    Ok(named.map(|(_, properties)| properties).collect())
}

/// Returns the routes of `template.yaml`, which is parsed once a process.
///
/// # Errors
/// Returns an error for the reasons of [`routes`].
pub fn own_routes() -> Result<&'static Routes> {
    static OWN: OnceLock<Routes> = OnceLock::new();
    if let Some(routes) = OWN.get() {
        return Ok(routes);
    }
    let routes = routes(TEXT)?;
    Ok(OWN.get_or_init(|| routes))
}

/// Returns the table of `template.yaml`, which is read once.
fn own_table() -> Result<&'static Table> {
    static OWN: OnceLock<Table> = OnceLock::new();
    if let Some(table) = OWN.get() {
        return Ok(table);
    }
    let mut tables: Vec<Table> = resources(TEXT, "AWS::DynamoDB::Table")?;
    let table = tables.pop().context("template.yaml has no table")?;
    Ok(OWN.get_or_init(|| table))
}

/// Returns the routes of the HTTP API in a template; each names its function by its package.
///
/// # Errors
/// Returns an error if the text is not a valid template or a route in it is not valid.
pub fn routes(text: &str) -> Result<Routes> {
    let functions: BTreeMap<String, Function> = named(text, "AWS::Serverless::Function")?
        .into_iter()
        .collect();
    let mut routes = Vec::new();
    for api in resources::<HttpApi>(text, "AWS::Serverless::HttpApi")? {
        for (path, operations) in api.definition_body.paths {
            for (method, operation) in operations {
                let uri = operation.integration.uri;
                let id = uri
                    .split_once("/functions/${")
                    .and_then(|(_, rest)| rest.split_once(".Arn}/"))
                    .map(|(id, _)| id);
                let function = id.and_then(|id| functions.get(id));
                let function = function
                    .with_context(|| format!("{method} {path} calls no function: {uri}"))?;
                let folder = function.code_uri.trim_end_matches('/');
                let name = folder.rsplit('/').next().unwrap_or(folder);
                routes.push(match path.as_str() {
                    "$default" => Route::default(name),
                    path if method == ANY => Route::new("ANY", path, name)?,
                    path => Route::new(&method, path, name)?,
                });
            }
        }
    }
    Ok(Routes::new(routes))
}

/// Creates the table in an engine, if it does not exist, and turns on the expiry of its items, if an earlier
/// start was cut off before it did.
///
/// # Errors
/// Returns an error if the engine does not answer in time or `template.yaml` has no table.
pub async fn create_table(client: &Client, name: &str) -> Result<()> {
    let table = own_table()?;
    let input = table.input(name)?;
    let created = client
        .create_table()
        .set_table_name(input.table_name)
        .set_attribute_definitions(input.attribute_definitions)
        .set_key_schema(input.key_schema)
        .set_billing_mode(input.billing_mode)
        .set_stream_specification(input.stream_specification)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|e| e.is_resource_in_use_exception()) =>
        {
            let described = client.describe_time_to_live().table_name(name).send().await;
            let described = described.context("cannot read the expiry of items")?;
            let status = described
                .time_to_live_description
                .and_then(|description| description.time_to_live_status);
            if matches!(
                status,
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            ) {
                return Ok(());
            }
        }
        Err(error) => return Err(error).context("cannot create the table"),
    }
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(&table.time_to_live_specification.attribute_name)
        .enabled(table.time_to_live_specification.enabled)
        .build()?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(expiry)
        .send()
        .await
        .context("cannot turn on the expiry of items")?;
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
    fn requests_are_routed_to_the_functions_of_the_template() {
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

    /// The attribute by which items expire.
    async fn expiry(client: &Client) -> Option<String> {
        let described = client.describe_time_to_live().table_name("ledger");
        let described = described.send().await.unwrap();
        described.time_to_live_description?.attribute_name
    }

    #[tokio::test]
    async fn the_table_is_created_once_as_the_template_declares_it() {
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
        assert_eq!(expiry(&client).await.as_deref(), Some("expires_at"));
        engine.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn a_start_that_was_cut_off_before_the_expiry_is_finished_by_the_next() {
        let engine = Engine::start(Storage::Memory).await.unwrap();
        let client = engine.client();
        let mut tables: Vec<Table> = resources(TEXT, "AWS::DynamoDB::Table").unwrap();
        let input = tables.pop().unwrap().input("ledger").unwrap();
        let cut_off = client
            .create_table()
            .set_table_name(input.table_name)
            .set_attribute_definitions(input.attribute_definitions)
            .set_key_schema(input.key_schema)
            .set_billing_mode(input.billing_mode)
            .set_stream_specification(input.stream_specification);
        cut_off.send().await.unwrap();
        assert_eq!(expiry(&client).await, None);
        create_table(&client, "ledger").await.unwrap();
        assert_eq!(expiry(&client).await.as_deref(), Some("expires_at"));
        engine.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_is_locked_by_one_engine_and_keeps_its_data() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("missing").join("folders");
        let engine = Engine::start(Storage::Folder(folder.clone()))
            .await
            .unwrap();
        create_table(&engine.client(), "ledger").await.unwrap();
        let error = Engine::start(Storage::Folder(folder.clone()))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("in use"), "{error}");
        engine.shutdown().await.unwrap();

        let engine = Engine::start(Storage::Folder(folder.clone()))
            .await
            .unwrap();
        let tables = engine.client().list_tables().send().await.unwrap();
        assert_eq!(tables.table_names(), ["ledger"]);
        engine.shutdown().await.unwrap();
    }
}
