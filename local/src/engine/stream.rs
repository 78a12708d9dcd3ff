//! The table's stream, and the upkeep of the engine's table of stream records.
//!
//! For each write, the engine looks up the highest sequence number among all stream records, and it never
//! deletes a record. Writes would slow down as the table grows. An index makes the lookup cheap, and the
//! hourly sweep deletes old records.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use rusqlite::Connection;
use serde_json::Value;

/// How long a stream record is kept, as in DynamoDB.
const RETENTION: Duration = Duration::from_secs(24 * 3_600);

/// How many records are read at once.
const RECORDS: usize = 1_000;

/// The table's stream. The engine has one shard, whose records lie in the order of the writes.
#[derive(Clone)]
pub struct Stream {
    database: Database,
    table: &'static str,
}

impl Stream {
    /// The name of the shard.
    pub const SHARD: &str = "shardId-00000001-callbook";

    pub(super) fn of(database: Database, table: &'static str) -> Self {
        Self { database, table }
    }

    /// Returns the records behind a sequence number, or from the first one that is kept, as Lambda delivers
    /// them. The call blocks.
    ///
    /// # Errors
    /// Returns an error if the table does not exist or the database cannot be read.
    pub fn after(&self, sequence: Option<&str>) -> Result<Vec<Value>> {
        let Self { database, table } = self;
        let failed = |error| anyhow!("cannot read the stream of {table}: {error}");
        let streams = database.list_streams(ListStreamsRequest {
            table_name: Some((*table).to_owned()),
            ..ListStreamsRequest::default()
        });
        let stream = streams.map_err(failed)?.streams.into_iter().next();
        let stream = stream.with_context(|| format!("the table {table} has no stream"))?;
        let kind = match sequence {
            Some(_) => "AFTER_SEQUENCE_NUMBER",
            None => "TRIM_HORIZON",
        };
        let iterator = database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: stream.stream_arn,
            shard_id: Self::SHARD.to_owned(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: sequence.map(str::to_owned),
        });
        let iterator = iterator.map_err(failed)?.shard_iterator;
        let found = database.get_records(GetRecordsRequest {
            shard_iterator: iterator.context("the stream has no iterator")?,
            limit: Some(RECORDS),
        });
        let records = found.map_err(failed)?.records.into_iter();
        records
            .map(|record| serde_json::to_value(record).context("a stream record is no JSON"))
            .collect()
    }
}

/// How long to wait for another connection's write lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Creates the index by which the engine finds the highest sequence number.
///
/// # Errors
/// Returns an error if the database cannot be written or has no stream records table.
pub fn create_index(database: &str) -> Result<()> {
    open(database)?
        .execute_batch(
            "CREATE INDEX IF NOT EXISTS callbook_stream_sequence \
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )
        .context("cannot index the stream records")
}

/// Deletes stream records older than a day and returns their number.
///
/// # Errors
/// Returns an error if the database cannot be written.
pub fn delete_old(database: &Path) -> Result<usize> {
    let database = database
        .to_str()
        .context("the path of the database is not valid Unicode")?;
    open(database)?
        .execute(
            "DELETE FROM _stream_records WHERE created_at < unixepoch() - ?1",
            [i64::try_from(RETENTION.as_secs())?],
        )
        .context("cannot delete old stream records")
}

fn open(database: &str) -> Result<Connection> {
    let connection = Connection::open(database).context("cannot open the database")?;
    connection.busy_timeout(LOCK_TIMEOUT)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = "CREATE TABLE _stream_records (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, \
                           sequence_number TEXT NOT NULL, created_at INTEGER NOT NULL)";

    #[test]
    fn the_highest_sequence_number_is_found_by_the_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let database = path.to_str().unwrap();
        let connection = Connection::open(database).unwrap();
        connection.execute_batch(RECORDS).unwrap();
        create_index(database).unwrap();
        create_index(database).unwrap();
        let connection = Connection::open(database).unwrap();
        let plan: String = connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 \
                 FROM _stream_records WHERE table_name = 'callbook'",
                [],
                |row| row.get("detail"),
            )
            .unwrap();
        assert!(plan.contains("callbook_stream_sequence"), "{plan}");
    }

    #[test]
    fn only_records_older_than_a_day_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(RECORDS).unwrap();
        for (number, age) in [("1", 90_000), ("2", 86_000), ("3", 0)] {
            connection
                .execute(
                    "INSERT INTO _stream_records (table_name, sequence_number, created_at) \
                     VALUES ('callbook', ?1, unixepoch() - ?2)",
                    (number, age),
                )
                .unwrap();
        }
        assert_eq!(delete_old(&path).unwrap(), 1);
        let oldest: u32 = connection
            .query_row(
                "SELECT MIN(CAST(sequence_number AS INTEGER)) FROM _stream_records",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(oldest, 2);
    }
}
