//! What the reads of the functions cost.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity,
};
use callbook_local::engine::TABLE;
use serde_json::Value;

use crate::World;
use crate::faults::Seen;

/// The read units of a query, of a read by key or of a batch: the test sends it again and asks for its cost.
///
/// # Panics
/// Panics if it is another request.
pub async fn of(world: &World, seen: &Seen) -> f64 {
    let client = world.engine.client();
    let body = &seen.body;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let consumed: Vec<ConsumedCapacity> = match seen.verb.as_str() {
        "Query" => {
            let query = client
                .query()
                .table_name(TABLE)
                .set_key_condition_expression(text("KeyConditionExpression"))
                .set_filter_expression(text("FilterExpression"))
                .set_projection_expression(text("ProjectionExpression"))
                .set_expression_attribute_names(names(&body["ExpressionAttributeNames"]))
                .set_exclusive_start_key(
                    body["ExclusiveStartKey"]
                        .is_object()
                        .then(|| item(&body["ExclusiveStartKey"])),
                )
                .set_expression_attribute_values(Some(item(&body["ExpressionAttributeValues"])))
                .set_limit(
                    body["Limit"]
                        .as_i64()
                        .and_then(|limit| limit.try_into().ok()),
                )
                .set_scan_index_forward(body["ScanIndexForward"].as_bool())
                .set_consistent_read(body["ConsistentRead"].as_bool())
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = query.send().await.expect("the query is answered");
            answer.consumed_capacity.into_iter().collect()
        }
        "GetItem" => {
            let get = client
                .get_item()
                .table_name(TABLE)
                .set_key(Some(item(&body["Key"])))
                .set_consistent_read(body["ConsistentRead"].as_bool())
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = get.send().await.expect("the item is read");
            answer.consumed_capacity.into_iter().collect()
        }
        "BatchGetItem" => {
            let wanted = &body["RequestItems"][TABLE];
            let keys = wanted["Keys"].as_array().expect("keys").iter();
            let ask = KeysAndAttributes::builder()
                .set_keys(Some(keys.map(item).collect()))
                .set_consistent_read(wanted["ConsistentRead"].as_bool());
            let batch = client
                .batch_get_item()
                .request_items(TABLE, ask.build().expect("keys"))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = batch.send().await.expect("the items are read");
            answer.consumed_capacity.unwrap_or_default()
        }
        verb => panic!("{verb} is no read"),
    };
    consumed.iter().filter_map(|one| one.capacity_units).sum()
}

/// The attributes that an expression has other names for.
fn names(body: &Value) -> Option<HashMap<String, String>> {
    let members = body.as_object()?.iter();
    let name = |value: &Value| value.as_str().expect("a name").to_owned();
    Some(
        members
            .map(|(short, long)| (short.clone(), name(long)))
            .collect(),
    )
}

/// Texts and numbers, as the wire protocol writes them.
fn item(body: &Value) -> HashMap<String, AttributeValue> {
    let members = body.as_object().expect("an object").iter();
    let value = |value: &Value| match (value["S"].as_str(), value["N"].as_str()) {
        (Some(text), _) => AttributeValue::S(text.to_owned()),
        (_, Some(number)) => AttributeValue::N(number.to_owned()),
        _ => match value["BOOL"].as_bool() {
            Some(flag) => AttributeValue::Bool(flag),
            None => panic!("neither a text nor a number nor a flag"),
        },
    };
    members
        .map(|(name, one)| (name.clone(), value(one)))
        .collect()
}
