//! The engine's file, looked at before the engine writes into it and when it fails.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};

/// Refuses a file that is not the engine's.
///
/// # Errors
/// Names the file, and says what it is.
pub fn check(file: &Path) -> Result<()> {
    let tables = tables(file).with_context(|| {
        format!(
            "{} is no database that can be read: put a copy of it back, or choose another folder with --data",
            file.display()
        )
    })?;
    ensure!(
        tables.is_empty() || tables.iter().any(|table| table == "_stream_records"),
        "{} is another program's database (its tables: {}); choose another folder with --data",
        file.display(),
        tables.join(", ")
    );
    Ok(())
}

/// What is wrong with a file, in the words of the database's own check; `None` when nothing is that can be seen.
pub fn damage(file: &Path) -> Option<String> {
    let checked = open(file).and_then(|connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
    });
    match checked {
        Ok(fine) if fine == "ok" => None,
        Ok(fault) => Some(fault.split_whitespace().collect::<Vec<_>>().join(" ")),
        Err(error) => Some(error.to_string()),
    }
}

fn tables(file: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = open(file)?;
    let mut query = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let tables = query.query_map([], |row| row.get(0))?;
    tables.collect()
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_file_and_the_engines_own_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("empty"), "").unwrap();
        std::fs::write(path("text"), "no database\n".repeat(100)).unwrap();
        for (name, table) in [("own", "_stream_records"), ("foreign", "customers")] {
            let made = Connection::open(path(name)).unwrap();
            made.execute_batch(&format!("CREATE TABLE {table} (id INTEGER)"))
                .unwrap();
        }
        assert!(check(&path("empty")).is_ok() && check(&path("own")).is_ok());
        for (name, why) in [("text", "no database"), ("foreign", "customers")] {
            let refused = format!("{:#}", check(&path(name)).unwrap_err());
            assert!(refused.contains(why), "{refused}");
            let place = path(name).display().to_string();
            assert!(refused.contains(&place), "{refused}");
        }
        assert_eq!(damage(&path("own")), None);
        assert!(damage(&path("text")).is_some());
    }
}
