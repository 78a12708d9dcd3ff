//! The data folder: damaged and foreign databases, permissions, secrets, and the console log.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::{Server, callbook, post, run};

fn assert_refused(data: &Path, reason: &str) {
    let file = data.join("callbook.db");
    for command in ["local", "database"] {
        let arguments = [command, "--port", "0", "--data", data.to_str().unwrap()];
        let output = run(&mut callbook(&arguments));
        assert_eq!(output.code, 1, "{command}: {}", output.stderr);
        assert!(
            output.stderr.contains(reason),
            "{command}: {}",
            output.stderr
        );
        let path = file.display().to_string();
        assert!(
            output.stderr.contains(&path),
            "{command}: {}",
            output.stderr
        );
        assert!(
            !output.stderr.contains("AWS"),
            "{command}: {}",
            output.stderr
        );
    }
}

#[test]
fn a_file_that_is_not_a_database_is_named_and_stays_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callbook.db");
    let text = "somebody's notes\n".repeat(300);
    fs::write(&file, &text).unwrap();
    assert_refused(folder.path(), "not a readable database");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn the_database_of_another_program_is_refused_and_stays_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callbook.db");
    let created = Connection::open(&file).unwrap();
    created
        .execute_batch("CREATE TABLE customers (id INTEGER)")
        .unwrap();
    drop(created);
    let before = fs::read(&file).unwrap();
    assert_refused(folder.path(), "customers");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_ledger_is_reported_as_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut server = Server::start(&["local", "--data", data]);
    #[cfg(unix)]
    server.signal("TERM");
    #[cfg(not(unix))]
    server.kill();
    let file = folder.path().join("callbook.db");
    // The root page of the product's table, not one of the engine's own tables.
    let (page, size): (usize, usize) = Connection::open(&file)
        .unwrap()
        .query_row(
            "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'callbook'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[(page - 1) * size..page * size].fill(0xa5);
    fs::write(&file, &bytes).unwrap();
    let arguments = ["local", "--port", "0", "--data", data];
    let output = run(&mut callbook(&arguments));
    assert_eq!(output.code, 1, "{}", output.stderr);
    let path = file.display().to_string();
    assert!(output.stderr.contains(&path), "{}", output.stderr);
    assert!(output.stderr.contains("damaged"), "{}", output.stderr);
    assert!(!output.stderr.contains("AWS"), "{}", output.stderr);
}

#[cfg(unix)]
#[test]
fn a_ledger_that_others_could_read_becomes_readable_only_by_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("callbook.db");
    File::create(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let _server = Server::start(&["database", "--data", data]);
    for name in [
        "callbook.db",
        "callbook.db-wal",
        "page-token.key",
        "engine.credentials",
    ] {
        let found = fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn the_console_log_masks_paths_like_the_request_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr");
    let stderr = Stdio::from(File::create(&log).unwrap());
    let server = Server::start_with_stderr(&["local", "--memory"], stderr);
    let secret = "secretpasswordword";
    for path in [
        format!("/{secret}/12065550123"),
        format!("/a%20b/{secret}"),
        "/api/ingress/calls/inbound/billable/(206)%20555-0123".to_owned(),
    ] {
        assert!(post(&server.url, &path, &[], "").is_some(), "{path}");
    }
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("/<18 characters>/*******0123"), "{log}");
    assert!(log.contains("/<3 characters>/<18 characters>"), "{log}");
    assert!(log.contains("/inbound/billable/******0123"), "{log}");
    assert!(!log.contains(secret), "{log}");
    // A guid at a line's end may hold any digits, so only the paths are searched for the numbers.
    let paths: Vec<_> = log
        .lines()
        .filter_map(|line| line.split(' ').nth(2))
        .collect();
    assert_eq!(paths.len(), 3, "{log}");
    assert!(paths.iter().all(|path| !path.contains("555")), "{log}");
}

/// The names of the environment variables that the template gives to functions.
fn variables() -> Vec<String> {
    let template: Value = serde_saphyr::from_str(callbook_local::template::TEXT).unwrap();
    let resources = template["Resources"].as_object().unwrap().values();
    let globals = &template["Globals"]["Function"];
    let functions = resources.map(|resource| &resource["Properties"]);
    functions
        .chain([globals])
        .filter_map(|settings| settings["Environment"]["Variables"].as_object())
        .flat_map(|variables| variables.keys().cloned())
        .collect()
}

#[test]
fn the_database_prints_every_variable_that_the_template_gives_to_functions() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let printed = |server: &Server| server.exports.clone();
    let first = printed(&Server::start(&["database", "--data", data]));
    for name in variables() {
        // For a deployment's metrics, the proxies before it, and the bus behind it.
        let only_deployed = ["STACK_NAME", "TRUSTED_PROXIES", "EVENT_BUS_NAME"];
        assert!(
            first.contains_key(&name) || only_deployed.contains(&name.as_str()),
            "{name}"
        );
    }
    assert!(first["PAGE_TOKEN_KEY"].len() >= 32);
    let second = printed(&Server::start(&["database", "--data", data]));
    assert_eq!(first["PAGE_TOKEN_KEY"], second["PAGE_TOKEN_KEY"]);
    let other = printed(&Server::start(&["database", "--memory"]));
    assert_ne!(first["PAGE_TOKEN_KEY"], other["PAGE_TOKEN_KEY"]);
}

#[test]
fn a_file_of_somebody_else_is_no_credentials_file_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.json");
    fs::write(&file, "{\"mine\": 1}").unwrap();
    let credentials = ["--credentials", file.to_str().unwrap()];
    let local = ["local", "--memory", "--port", "0"];
    let refused = run(&mut callbook(&[&local[..], &credentials].concat()));
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("notes.json"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"mine\": 1}");
}

/// A ledger whose last run was killed after some accounts were made, and their number.
fn killed(data: &str) -> usize {
    let mut server = Server::start(&["database", "--data", data]);
    let count = 5;
    for number in 0..count {
        let name = format!("Account {number}");
        let created = run(callbook(&["account", "create", &name, "--json"]).envs(&server.exports));
        assert_eq!(created.code, 0, "{}", created.stderr);
    }
    server.kill();
    count
}

#[test]
fn a_ledger_is_not_started_with_less_than_a_killed_run_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let count = killed(data);
    let log = folder.path().join("callbook.db-wal");
    let whole = fs::read(&log).unwrap();
    let refused = |reason: &str| {
        for command in ["local", "database"] {
            let start = [command, "--port", "0", "--data", data];
            let output = run(&mut callbook(&start));
            assert_eq!(output.code, 1, "{reason}: {}", output.stderr);
            for part in [reason, "callbook.db-wal", "callbook.open", "restore"] {
                assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
            }
        }
    };
    fs::remove_file(&log).unwrap();
    refused("missing");
    fs::write(&log, "").unwrap();
    refused("empty");
    let mut damaged = whole.clone();
    damaged[5_000] ^= 1;
    fs::write(&log, &damaged).unwrap();
    refused("damaged");
    fs::write(&log, &whole[..whole.len() - 4_120]).unwrap();
    refused("pages");
    fs::write(&log, &whole).unwrap();
    let accounts = |server: &Server| {
        let list = run(callbook(&["account", "list", "--json"]).envs(&server.exports));
        list.json().as_array().map(Vec::len)
    };
    let mut server = Server::start(&["database", "--data", data]);
    assert_eq!(accounts(&server), Some(count));
    #[cfg(unix)]
    {
        assert_eq!(server.signal("TERM"), Some(0));
        assert!(!folder.path().join("callbook.open").exists());
        let again = Server::start(&["database", "--data", data]);
        assert_eq!(accounts(&again), Some(count));
    }
}
