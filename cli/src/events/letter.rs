//! Messages of the dead-letter queue: each names a run of records of the table's stream, and not the records.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use callbook::ledger::sequence;
use callbook::model::time::{Instant, Zone};
use serde::Deserialize;
use serde_json::Value;

/// A run of records of one shard that the stream gave up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub stream: String,
    pub shard: String,
    /// The sequence numbers of the first and the last record.
    pub first: String,
    pub last: String,
    /// When about the first and the last change was made.
    pub from: Instant,
    pub until: Instant,
    /// How many records there are.
    pub records: u64,
}

/// What Lambda writes into the queue.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    request_context: Invoked,
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: Batch,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoked {
    function_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    shard_id: String,
    start_sequence_number: String,
    end_sequence_number: String,
    approximate_arrival_of_first_record: String,
    approximate_arrival_of_last_record: String,
    batch_size: u64,
    stream_arn: String,
}

impl Letter {
    /// Reads the messages that `aws sqs receive-message` printed, once or more often: its whole answer, or only the
    /// bodies.
    ///
    /// # Errors
    /// Returns an error if there is none, or one is no message of the function `publish` about the stream.
    pub fn read_all(text: &str, path: &Path) -> Result<Vec<Self>> {
        let mut letters = Vec::new();
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let value = value.with_context(|| {
                format!("{} is not what `aws sqs` prints: JSON", path.display())
            })?;
            for body in bodies(value) {
                let number = letters.len() + 1;
                let place = || format!("message {number} of {}", path.display());
                letters.push(Self::read(&body).with_context(place)?);
            }
        }
        ensure!(!letters.is_empty(), "{} has no message", path.display());
        Ok(letters)
    }

    fn read(body: &str) -> Result<Self> {
        let body: Body = serde_json::from_str(body).context(
            "expected what Lambda writes of a batch that it gave up, with DDBStreamBatchInfo",
        )?;
        let batch = body.batch;
        let time = |text: &str, name: &str| {
            let read = Instant::parse(text, &Zone::utc());
            read.with_context(|| format!("{name} is not a time"))
        };
        let from = &batch.approximate_arrival_of_first_record;
        let from = time(from, "approximateArrivalOfFirstRecord")?;
        let until = &batch.approximate_arrival_of_last_record;
        let until = time(until, "approximateArrivalOfLastRecord")?;
        if body.request_context.function_arn.contains("RollupFunction") {
            let utc = Zone::utc();
            bail!(
                "it is of `rollup`, which keeps sums, and tells of nothing. Make the sums again with \
                 `callbook rollup rebuild`, for the days of what was written from {} to {}",
                from.rfc3339(&utc),
                until.rfc3339(&utc),
            );
        }
        Ok(Self {
            stream: word(batch.stream_arn, "streamArn")?,
            shard: word(batch.shard_id, "shardId")?,
            first: digits(batch.start_sequence_number, "startSequenceNumber")?,
            last: digits(batch.end_sequence_number, "endSequenceNumber")?,
            from,
            until,
            records: batch.batch_size,
        })
    }

    /// Whether a record is one of these. `number` has 40 digits.
    #[must_use]
    pub fn covers(&self, number: &str) -> bool {
        (sequence(&self.first).as_str()..=sequence(&self.last).as_str()).contains(&number)
    }
}

/// The bodies in what was printed.
fn bodies(value: Value) -> Vec<String> {
    let text = |value: Value| match value {
        Value::String(body) => body,
        other => other.to_string(),
    };
    match value {
        Value::Array(bodies) => bodies.into_iter().map(text).collect(),
        Value::Object(mut answer) => match answer.remove("Messages") {
            Some(Value::Array(messages)) => {
                let bodies = messages.into_iter();
                let body = |mut message: Value| message.get_mut("Body").map(Value::take);
                bodies
                    .map(|message| body(message).map(text).unwrap_or_default())
                    .collect()
            }
            _ => vec![Value::Object(answer).to_string()],
        },
        other => vec![text(other)],
    }
}

/// A name that a shell takes as it is.
fn word(text: String, name: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/._-".contains(&byte);
    ensure!(
        !text.is_empty() && text.bytes().all(plain),
        "{name} is not one of AWS"
    );
    Ok(text)
}

fn digits(text: String, name: &str) -> Result<String> {
    let right = (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(
        right,
        "{name} is not a sequence number of at most 40 digits"
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Value {
        json!({
            "requestContext": {
                "requestId": "316aa6d0-8154-4cf1-9af7-85d5f4a6bc81",
                "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:callbook-PublishFunction-1",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 61,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": null},
            "version": "1.0",
            "timestamp": "2026-11-21T14:13:49.717Z",
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000001795262400123-864758bb",
                "startSequenceNumber": "800000000003126276362",
                "endSequenceNumber": "800000000003126276370",
                "approximateArrivalOfFirstRecord": "2026-11-20T14:13:19Z",
                "approximateArrivalOfLastRecord": "2026-11-20T14:13:20Z",
                "batchSize": 9,
                "streamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/callbook/stream/2026-11-14T00:04:06.388",
            },
        })
    }

    fn read(text: &str) -> Result<Vec<Letter>> {
        Letter::read_all(text, Path::new("letters.json"))
    }

    #[test]
    fn messages_are_read_however_they_were_printed() {
        let body = body().to_string();
        let message = json!({"MessageId": "1", "ReceiptHandle": "x", "Body": body});
        let answer = json!({"Messages": [message, message]});
        for (text, count) in [
            (body.clone(), 1),
            (format!("{body}\t{body}"), 2),
            (answer.to_string(), 2),
            (format!("{answer}\n{answer}"), 4),
            (json!([body, body, body]).to_string(), 3),
        ] {
            let letters = read(&text).unwrap();
            assert_eq!(letters.len(), count, "{text}");
            let letter = letters.first().unwrap();
            assert_eq!(letter.records, 9);
            assert!(letter.covers(&sequence("800000000003126276362")));
            assert!(letter.covers(&sequence("800000000003126276370")));
            assert!(!letter.covers(&sequence("800000000003126276371")));
            assert!(!letter.covers(&sequence("9")));
        }
    }

    #[test]
    fn what_is_no_message_of_the_queue_is_named() {
        let with = |place: &str, value: &str| {
            let mut body = body();
            *body.pointer_mut(place).unwrap() = json!(value);
            body.to_string()
        };
        for (text, told) in [
            (String::new(), "has no message"),
            ("{\"Messages\": []}".to_owned(), "has no message"),
            ("None".to_owned(), "not what `aws sqs` prints"),
            (json!({"Messages": [{}]}).to_string(), "message 1"),
            (json!({"Records": []}).to_string(), "DDBStreamBatchInfo"),
            (
                with("/DDBStreamBatchInfo/streamArn", "x; rm y"),
                "streamArn is not one of AWS",
            ),
            (
                with("/DDBStreamBatchInfo/endSequenceNumber", "8e3"),
                "endSequenceNumber",
            ),
            (
                with("/DDBStreamBatchInfo/approximateArrivalOfFirstRecord", "x"),
                "approximateArrivalOfFirstRecord is not a time",
            ),
            (
                with(
                    "/requestContext/functionArn",
                    "arn:aws:lambda:eu-west-1:123456789012:function:callbook-RollupFunction-1",
                ),
                "callbook rollup rebuild",
            ),
        ] {
            let error = format!("{:#}", read(&text).unwrap_err());
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
