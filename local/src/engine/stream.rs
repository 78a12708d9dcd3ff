//! Upkeep of the engine's table of stream records.
//!
//! For each write, the engine looks up the highest sequence number among all stream records, and it never
//! deletes a record. Writes would slow down as the table grows. An index makes the lookup cheap, and the
//! hourly sweep deletes old records.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;

/// How long a stream record is kept, as in DynamoDB.
const RETENTION: Duration = Duration::from_secs(24 * 3_600);

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
