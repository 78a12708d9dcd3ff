//! DynamoDB's wire protocol: a verb in `X-Amz-Target`, JSON in and out.
//!
//! The engine has an HTTP server of its own. It takes any access key and lets every web page read its answers,
//! so it is not built in (D-480).

use dynoxide::{Database, DynoxideError};
use http::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

const TARGETS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// The answer to a request: its status and its JSON.
pub struct WireAnswer {
    pub status: u16,
    pub json: String,
}

/// Does what an admitted request asks for. The call blocks while the database works.
pub fn answer(database: &Database, headers: &HeaderMap, body: &str) -> WireAnswer {
    let target = headers.get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok()).unwrap_or("");
    let mut verbs = TARGETS.into_iter();
    let verb = verbs.find_map(|prefix| target.strip_prefix(prefix));
    match perform(database, verb.unwrap_or_default(), body) {
        Ok(json) => WireAnswer { status: 200, json },
        Err(error) => WireAnswer {
            status: error.status_code(),
            json: error.to_json(),
        },
    }
}

fn perform(db: &Database, verb: &str, body: &str) -> Result<String, DynoxideError> {
    match verb {
        "BatchExecuteStatement" => run(body, |request| db.batch_execute_statement(request)),
        "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| db.batch_write_item(request)),
        "CreateTable" => run(body, |request| db.create_table(request)),
        "DeleteItem" => run(body, |request| db.delete_item(request)),
        "DeleteTable" => run(body, |request| db.delete_table(request)),
        "DescribeStream" => run(body, |request| db.describe_stream(request)),
        "DescribeTable" => run(body, |request| db.describe_table(request)),
        "DescribeTimeToLive" => run(body, |request| db.describe_time_to_live(request)),
        "ExecuteStatement" => run(body, |request| db.execute_statement(request)),
        "ExecuteTransaction" => run(body, |request| db.execute_transaction(request)),
        "GetItem" => run(body, |request| db.get_item(request)),
        "GetRecords" => run(body, |request| db.get_records(request)),
        "GetShardIterator" => run(body, |request| db.get_shard_iterator(request)),
        "ListStreams" => run(body, |request| db.list_streams(request)),
        "ListTables" => run(body, |request| db.list_tables(request)),
        "ListTagsOfResource" => run(body, |request| db.list_tags_of_resource(request)),
        "PutItem" => run(body, |request| db.put_item(request)),
        "Query" => run(body, |request| db.query(request)),
        "Scan" => run(body, |request| db.scan(request)),
        "TagResource" => run(body, |request| db.tag_resource(request)),
        "TransactGetItems" => run(body, |request| db.transact_get_items(request)),
        "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
        "UntagResource" => run(body, |request| db.untag_resource(request)),
        "UpdateItem" => run(body, |request| db.update_item(request)),
        "UpdateTable" => run(body, |request| db.update_table(request)),
        "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
        _ => Err(DynoxideError::ValidationException(format!(
            "the engine does not know the operation `{verb}`"
        ))),
    }
}

fn run<Request: DeserializeOwned, Reply: Serialize>(
    body: &str,
    act: impl FnOnce(Request) -> Result<Reply, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_str(body).map_err(|error| unreadable(&error))?;
    let reply = act(request)?;
    serde_json::to_string(&reply)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Words a request that cannot be read as DynamoDB does: what is no JSON or has the wrong type is a
/// `SerializationException`, any other fault a `ValidationException`.
fn unreadable(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    // The engine begins the messages of its own checks with a marker.
    match text.split_once(':') {
        Some((marker, rest)) if marker.starts_with("VALIDATION") => {
            DynoxideError::ValidationException(rest.to_owned())
        }
        Some((marker, rest)) if marker.starts_with("SERIALIZATION") => {
            DynoxideError::SerializationException(rest.to_owned())
        }
        _ if error.is_data() && !text.starts_with("invalid type") => {
            DynoxideError::ValidationException(text)
        }
        _ => DynoxideError::SerializationException(text),
    }
}
