//! The engine's own table of stream records. It numbers each change by the highest number so far, which it
//! looks for among all records, and it forgets none of them: without what is done here a write would cost
//! the more the more were made before it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;

/// For how long a change can be read from the stream, as DynamoDB keeps it.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// How long to wait for a request that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lets the engine find the highest number without reading all of them.
///
/// # Errors
/// The database cannot be written, or is none of the engine's.
pub fn index(database: &str) -> Result<()> {
    open(database)?
        .execute_batch(
            "CREATE INDEX IF NOT EXISTS callbook_stream_sequence \
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )
        .context("the engine's stream cannot be indexed")
}

/// Forgets the changes of more than a day ago.
///
/// # Errors
/// The database cannot be written.
pub fn forget(database: &Path) -> Result<usize> {
    let database = database.to_str().context("the path is not Unicode")?;
    open(database)?
        .execute(
            "DELETE FROM _stream_records WHERE created_at < unixepoch() - ?1",
            [i64::try_from(KEPT.as_secs())?],
        )
        .context("the engine's stream cannot be shortened")
}

fn open(database: &str) -> Result<Connection> {
    let connection = Connection::open(database).context("the database does not open")?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = "CREATE TABLE _stream_records (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, \
                           sequence_number TEXT NOT NULL, created_at INTEGER NOT NULL)";

    #[test]
    fn the_highest_number_is_found_by_the_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let database = path.to_str().unwrap();
        let connection = Connection::open(database).unwrap();
        connection.execute_batch(RECORDS).unwrap();
        index(database).unwrap();
        index(database).unwrap();
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
    fn only_what_is_more_than_a_day_old_is_forgotten() {
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
        assert_eq!(forget(&path).unwrap(), 1);
        let left: u32 = connection
            .query_row(
                "SELECT MIN(CAST(sequence_number AS INTEGER)) FROM _stream_records",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(left, 2);
    }
}
