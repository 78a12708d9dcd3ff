//! The data folder: what is damaged, another's or open to others, and what the log on the console shows.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::{Server, callbook, post, run};

fn refused(data: &Path, why: &str) {
    let file = data.join("callbook.db");
    for command in ["local", "database"] {
        let arguments = [command, "--port", "0", "--data", data.to_str().unwrap()];
        let ended = run(&mut callbook(&arguments));
        assert_eq!(ended.code, 1, "{command}: {}", ended.err);
        assert!(ended.err.contains(why), "{command}: {}", ended.err);
        let place = file.display().to_string();
        assert!(ended.err.contains(&place), "{command}: {}", ended.err);
        assert!(!ended.err.contains("AWS"), "{command}: {}", ended.err);
    }
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callbook.db");
    let text = "somebody's notes\n".repeat(300);
    fs::write(&file, &text).unwrap();
    refused(folder.path(), "not a readable database");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn another_programs_database_is_not_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callbook.db");
    let made = Connection::open(&file).unwrap();
    made.execute_batch("CREATE TABLE customers (id INTEGER)")
        .unwrap();
    drop(made);
    let before = fs::read(&file).unwrap();
    refused(folder.path(), "customers");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_ledger_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut server = Server::start(&["local", "--data", data]);
    #[cfg(unix)]
    server.signal("TERM");
    #[cfg(not(unix))]
    server.kill();
    let file = folder.path().join("callbook.db");
    // The page by which everything in the table is found, and nothing of the engine's own.
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
    let ended = run(&mut callbook(&arguments));
    assert_eq!(ended.code, 1, "{}", ended.err);
    let place = file.display().to_string();
    assert!(ended.err.contains(&place), "{}", ended.err);
    assert!(ended.err.contains("damaged"), "{}", ended.err);
    assert!(!ended.err.contains("AWS"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn a_ledger_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("callbook.db");
    File::create(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let _server = Server::start(&["database", "--data", data]);
    for name in ["callbook.db", "callbook.db-wal", "page-token.key"] {
        let found = fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn the_log_on_the_console_is_as_discreet_as_the_one_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let saying = Stdio::from(File::create(&said).unwrap());
    let server = Server::start_saying(&["local", "--memory"], saying);
    let secret = "secretpasswordword";
    for path in [
        format!("/{secret}/12065550123"),
        format!("/a%20b/{secret}"),
        "/api/ingress/calls/inbound/billable/(206)%20555-0123".to_owned(),
    ] {
        assert!(post(&server.url, &path, &[], "").is_some(), "{path}");
    }
    let said = fs::read_to_string(&said).unwrap();
    assert!(said.contains("/<18 characters>/*******0123"), "{said}");
    assert!(said.contains("/<3 characters>/<18 characters>"), "{said}");
    assert!(said.contains("/inbound/billable/******0123"), "{said}");
    assert!(!said.contains(secret) && !said.contains("555"), "{said}");
}

/// The names under `Environment: Variables:` of the globals and of every function.
fn variables() -> Vec<String> {
    let template: Value = serde_saphyr::from_str(callbook_local::template::TEXT).unwrap();
    let resources = template["Resources"].as_object().unwrap().values();
    let everywhere = &template["Globals"]["Function"];
    let functions = resources.map(|resource| &resource["Properties"]);
    functions
        .chain([everywhere])
        .filter_map(|settings| settings["Environment"]["Variables"].as_object())
        .flat_map(|variables| variables.keys().cloned())
        .collect()
}

#[test]
fn the_database_prints_all_that_the_functions_are_given_by_the_template() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let printed = |server: &Server| {
        let lines = server
            .banner
            .lines()
            .filter_map(|line| line.strip_prefix("export "));
        let pairs = lines
            .flat_map(str::split_whitespace)
            .filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let first = printed(&Server::start(&["database", "--data", data]));
    for name in variables() {
        // A deployment's name, for its metrics: there is none here.
        assert!(first.contains_key(&name) || name == "STACK_NAME", "{name}");
    }
    assert!(first["PAGE_TOKEN_KEY"].len() >= 32);
    let second = printed(&Server::start(&["database", "--data", data]));
    assert_eq!(first["PAGE_TOKEN_KEY"], second["PAGE_TOKEN_KEY"]);
    let other = printed(&Server::start(&["database", "--memory"]));
    assert_ne!(first["PAGE_TOKEN_KEY"], other["PAGE_TOKEN_KEY"]);
}
