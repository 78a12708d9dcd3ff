use callbook_local::gateway::event;
use callbook_tests::truecnam::{Pbx, pair};
use callbook_tests::{LAMBDA_ID, World, deliver};
use serde_json::{Value, json};

use super::story::{CALLER, PERSON};

#[tokio::test]
async fn a_log_line_has_the_documented_fields() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let query = pair("terminating", CALLER, "");
    pbx.get(
        &world,
        &[&query[..], &[("resp_format", "yaml"), ("Jane Doe", PERSON)]].concat(),
    )
    .await;
    let lines = world.logs();
    let mut line: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    for name in [
        "guid",
        "gateway_request_id",
        "credential_id",
        "account_id",
        "duration_us",
    ] {
        line[name] = json!(format!("<{name}>"));
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&line).unwrap(), @r#"
    {
      "_aws": {
        "CloudWatchMetrics": [
          {
            "Dimensions": [
              [
                "function"
              ]
            ],
            "Metrics": [
              {
                "Name": "client_errors",
                "Unit": "Count"
              },
              {
                "Name": "server_errors",
                "Unit": "Count"
              }
            ],
            "Namespace": "Callbook"
          }
        ],
        "Timestamp": 1795262400000
      },
      "account_id": "<account_id>",
      "client_errors": 1,
      "cold": true,
      "credential_id": "<credential_id>",
      "dialect": "truecnam",
      "duration_us": "<duration_us>",
      "error": "invalid_fields",
      "error_code": "5",
      "fields": [
        "resp_format"
      ],
      "function": "caller-id",
      "gateway_request_id": "<gateway_request_id>",
      "guid": "<guid>",
      "lambda_request_id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      "level": "INFO",
      "message": "request",
      "method": "GET",
      "parameters": {
        "<8 characters>": "<13 characters>",
        "call_party": "terminating",
        "called_number": "",
        "calling_number": "+*******5100",
        "password": "<64 characters>",
        "resp_format": "<4 characters>",
        "username": "<16 characters>"
      },
      "path": "/api/v1",
      "replayed": false,
      "server_errors": 0,
      "source_ip": "127.0.0.1",
      "status": 200,
      "timestamp": "2026-11-21T12:00:00+00:00"
    }
    "#);
}

#[tokio::test]
async fn a_line_has_the_ids_that_the_gateway_and_lambda_log_beside_its_own() {
    let world = World::new().await;
    for (sent, logged) in [
        (json!("JKJaXmPLvHcESHA="), json!("JKJaXmPLvHcESHA=")),
        (json!(null), Value::Null),
        (json!(""), Value::Null),
        (json!("two words"), Value::Null),
        (json!("x".repeat(65)), Value::Null),
    ] {
        let mut event = event::from_local("GET", "/api/v1", &[], b"").unwrap();
        event["requestContext"]["requestId"] = sent;
        let reply = deliver(&world.app, &event).await;
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        assert_eq!(line["gateway_request_id"], logged);
        assert_eq!(line["lambda_request_id"], LAMBDA_ID);
        assert_eq!(line["guid"], reply.header("x-request-guid").unwrap());
    }
}
