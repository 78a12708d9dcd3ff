//! Records of the table's stream, as `aws dynamodbstreams get-records` prints them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use callbook::ledger::sequence;
use callbook::model::time::{Instant, Zone};
use serde_json::{Value, json};

/// Records in the order of the stream, by their sequence numbers in 40 digits.
pub type Records = BTreeMap<String, Value>;

/// Adds the records of one answer, or of several behind each other.
///
/// # Errors
/// Returns an error if the text is something else.
pub fn add_all(text: &str, path: &Path, records: &mut Records) -> Result<()> {
    for page in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let place = || {
            format!(
                "{} is not what `aws dynamodbstreams get-records` prints",
                path.display()
            )
        };
        let mut page = page.with_context(place)?;
        let found = page.get_mut("Records").and_then(Value::as_array_mut);
        for record in std::mem::take(found.with_context(place)?) {
            let (number, record) = as_delivered(record).with_context(place)?;
            records.insert(number, record);
        }
    }
    Ok(())
}

/// A record as Lambda delivers it. The command line writes a time as text, and the stream as seconds, which the ids of
/// events depend on.
fn as_delivered(mut record: Value) -> Result<(String, Value)> {
    let change = record.get_mut("dynamodb").and_then(Value::as_object_mut);
    let change = change.context("a record has no dynamodb")?;
    let number = change.get("SequenceNumber").and_then(Value::as_str);
    let number = number.context("a record has no SequenceNumber")?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(digits, "a SequenceNumber is not a number");
    let number = sequence(number);
    let time = change.get("ApproximateCreationDateTime");
    let time = match time.context("a record has no ApproximateCreationDateTime")? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let time = Instant::parse(&time, &Zone::utc());
    let time = time.context("ApproximateCreationDateTime is not a time")?;
    let seconds = json!(time.seconds());
    change.insert("ApproximateCreationDateTime".to_owned(), seconds);
    Ok((number, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: &str, time: impl Into<Value>) -> Value {
        let time: Value = time.into();
        json!({"eventName": "INSERT", "dynamodb": {
            "SequenceNumber": number, "ApproximateCreationDateTime": time, "Keys": {},
        }})
    }

    #[test]
    fn pages_become_records_in_the_order_of_the_stream() {
        let first = json!({"Records": [
            record("1000", json!("2026-11-21T14:05:00+00:00")),
            record("999", json!("2026-11-21T15:05:00.250000+01:00")),
        ], "NextShardIterator": "x"});
        let second = json!({"Records": [record("1000", json!(1_795_269_900.0)), record("1001", json!(1_795_269_900))]});
        let mut records = Records::new();
        let text = format!("{first}\n{second}\n");
        add_all(&text, Path::new("records.json"), &mut records).unwrap();
        let numbers: Vec<_> = records
            .values()
            .map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap())
            .collect();
        assert_eq!(numbers, ["999", "1000", "1001"]);
        for record in records.values() {
            let seconds = &record["dynamodb"]["ApproximateCreationDateTime"];
            assert_eq!(seconds, &json!(1_795_269_900));
        }
    }

    #[test]
    fn what_is_no_page_is_named() {
        for (text, told) in [
            (
                "x".to_owned(),
                "not what `aws dynamodbstreams get-records` prints",
            ),
            (
                "{}".to_owned(),
                "not what `aws dynamodbstreams get-records` prints",
            ),
            (json!({"Records": [{}]}).to_string(), "no dynamodb"),
            (
                json!({"Records": [record("x", json!(1))]}).to_string(),
                "SequenceNumber",
            ),
            (
                json!({"Records": [record("1", json!("x"))]}).to_string(),
                "not a time",
            ),
        ] {
            let mut records = Records::new();
            let error = add_all(&text, Path::new("records.json"), &mut records);
            let error = format!("{:#}", error.unwrap_err());
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
