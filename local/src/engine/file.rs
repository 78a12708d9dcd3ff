//! Checks of the engine's database file: before the engine opens it, and after the engine fails.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};

/// Checks that the file is empty or a database of the engine.
///
/// # Errors
/// Returns an error that names the file if it is not a database, or is one of another program.
pub fn check(file: &Path) -> Result<()> {
    let tables = tables(file).with_context(|| {
        format!(
            "{} is not a readable database; restore it from a backup or choose another folder with --data",
            file.display()
        )
    })?;
    ensure!(
        tables.is_empty() || tables.iter().any(|table| table == "_stream_records"),
        "{} is the database of another program (tables: {}); choose another folder with --data",
        file.display(),
        tables.join(", ")
    );
    Ok(())
}

/// Returns the first fault that the database's own quick check finds in a file, or `None`.
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
    fn only_an_empty_file_and_the_engines_database_pass_the_check() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("empty"), "").unwrap();
        std::fs::write(path("text"), "not a database\n".repeat(100)).unwrap();
        for (name, table) in [("own", "_stream_records"), ("foreign", "customers")] {
            let created = Connection::open(path(name)).unwrap();
            created
                .execute_batch(&format!("CREATE TABLE {table} (id INTEGER)"))
                .unwrap();
        }
        assert!(check(&path("empty")).is_ok() && check(&path("own")).is_ok());
        for (name, reason) in [
            ("text", "not a readable database"),
            ("foreign", "customers"),
        ] {
            let error = format!("{:#}", check(&path(name)).unwrap_err());
            assert!(error.contains(reason), "{error}");
            let file = path(name).display().to_string();
            assert!(error.contains(&file), "{error}");
        }
        assert_eq!(damage(&path("own")), None);
        assert!(damage(&path("text")).is_some());
    }
}
