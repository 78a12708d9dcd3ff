//! `callbook export all` and `callbook restore`: files that are whole or refused.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator, Server, callbook, run};

/// An operator whose ledger has some calls and costs, and an export of it.
fn exported() -> Operator {
    let operator = Operator::new("UTC");
    let mut rows = "call_date,direction,call_from,call_to,duration,cost,notes\n".to_owned();
    for call in 0..60 {
        rows.push_str(&format!(
            "2026-11-{:02} 10:00:{:02},inbound,+120655501{:02},+13105550111,30,1.25,note {call}\n",
            call % 20 + 1,
            call % 60,
            call % 50,
        ));
    }
    operator.write("calls.csv", &rows);
    let import = [
        "import",
        "calls",
        "calls.csv",
        "--account",
        &operator.account,
    ];
    let imported = operator.run(&import);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    operator
}

fn on(server: &Server, operator: &Operator, arguments: &[&str]) -> CommandOutput {
    let mut command = callbook(arguments);
    command
        .current_dir(operator.folder.path())
        .envs(&server.exports);
    run(&mut command)
}

fn manifest(operator: &Operator, folder: &str) -> Value {
    serde_json::from_str(&operator.read(&format!("{folder}/manifest.json"))).expect("JSON")
}

#[test]
fn an_export_restores_a_ledger_that_adds_up_and_reads_the_same() {
    let operator = exported();
    let export = operator.run(&["export", "all", "-o", "all", "--json"]);
    let shown = export.json();
    let manifest = manifest(&operator, "all");
    assert_eq!(manifest["format"], "callbook-export");
    assert_eq!(manifest["version"], 1);
    assert_eq!(shown["items"], manifest["items"]);
    assert_eq!(manifest["files"][0]["types"]["cost"], 60);
    let dry = operator.run(&["restore", "all", "--dry-run", "--json"]);
    assert_eq!(dry.json()["restored"], 0);
    let full = operator.run(&["restore", "all"]);
    assert_eq!(full.code, 1);
    assert!(full.stderr.contains("not empty"), "{}", full.stderr);
    let other = Server::start(&["database", "--memory"]);
    let restored = on(&other, &operator, &["restore", "all", "--json"]).json();
    assert_eq!(restored["restored"], manifest["items"]);
    let again = on(&other, &operator, &["restore", "all"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("was restored"), "{}", again.stderr);
    let costs = ["export", "costs", "--account", &operator.account];
    let range = ["--from", "2026-11-01", "--to", "2026-11-30"];
    let costs = [&costs[..], &range].concat();
    let calls = ["export", "calls", "--account", &operator.account];
    let calls = [&calls[..], &range].concat();
    for command in [&costs, &calls] {
        let (old, new) = (operator.run(command), on(&other, &operator, command));
        assert_eq!((new.code, &new.stdout), (0, &old.stdout));
        assert!(new.stdout.lines().count() > 60, "{}", new.stdout);
    }
    let export = on(
        &other,
        &operator,
        &["export", "all", "-o", "again", "--json"],
    )
    .json();
    assert_eq!(export["files"][0]["types"], manifest["files"][0]["types"]);
    assert_eq!(export["files"][0]["bytes"], manifest["files"][0]["bytes"]);
}

#[test]
fn one_account_is_exported_alone_and_a_folder_with_files_is_not_touched() {
    let operator = exported();
    let other = operator
        .run(&["account", "create", "Beta", "--json"])
        .json();
    let other = other["account_id"].as_str().unwrap();
    let one = ["export", "all", "--account", other, "-o", "one", "--json"];
    let one = operator.run(&one).json();
    let wanted = format!("account-{other}.ndjson");
    assert_eq!(one["files"][0]["file"], json!(wanted));
    assert_eq!(one["accounts"], 1);
    let again = operator.run(&["export", "all", "-o", "one"]);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("has files already"),
        "{}",
        again.stderr
    );
    let nobody = operator.run(&["export", "all", "--account", "7", "-o", "nobody"]);
    assert_eq!(nobody.code, 1);
    assert!(!operator.folder.path().join("nobody").exists());
}

#[test]
fn files_that_are_not_those_of_the_manifest_are_refused_before_anything_is_written() {
    let operator = exported();
    assert_eq!(operator.run(&["export", "all", "-o", "all"]).code, 0);
    let file = format!("all/account-{}.ndjson", operator.account);
    let whole = operator.read(&file);
    let manifest = operator.read("all/manifest.json");
    let other = Server::start(&["database", "--memory"]);
    let refused = |why: &str| {
        let restore = on(&other, &operator, &["restore", "all"]);
        assert_eq!(restore.code, 1, "{why}");
        assert!(restore.stderr.contains(why), "{why}: {}", restore.stderr);
    };
    operator.write(&file, whole.trim_end());
    refused("not the file that was exported");
    operator.write(&file, &whole.replacen("1.25", "9.25", 1));
    refused("not the file that was exported");
    fs::remove_file(operator.folder.path().join(&file)).unwrap();
    refused("is missing");
    operator.write(&file, &whole);
    let outside = manifest.replace("\"account-", "\"../account-");
    operator.write("all/manifest.json", &outside);
    refused("outside its folder");
    operator.write(
        "all/manifest.json",
        &manifest.replace("\"version\": 1", "\"version\": 2"),
    );
    refused("version 2");
    let half = manifest.split("\"files\"").next().unwrap();
    operator.write("all/manifest.json", half);
    refused("no manifest");
    fs::remove_file(operator.folder.path().join("all/manifest.json")).unwrap();
    refused("no whole export");
    operator.write("all/manifest.json", &manifest);
    assert_eq!(on(&other, &operator, &["restore", "all"]).code, 0);
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten();
    let names = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    names.collect()
}

#[test]
fn an_export_that_is_killed_leaves_nothing_that_looks_whole() {
    let operator = exported();
    let folder = operator.folder.path().join("all");
    let mut killed = 0;
    for lines in 0..400 {
        let _removed = fs::remove_dir_all(&folder);
        let mut command = operator.command(&["export", "all", "-o", "all"]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut export = command.spawn().unwrap();
        // It is killed as soon as its folder has so many entries, wherever it is then.
        while names(&folder).len() < lines % 3 + 1 {
            if export.try_wait().unwrap().is_some() {
                break;
            }
        }
        let _killed = export.kill();
        export.wait().unwrap();
        if names(&folder).iter().any(|name| name == "manifest.json") {
            let checked = operator.run(&["restore", "all", "--dry-run"]);
            assert_eq!(checked.code, 0, "{}", checked.stderr);
        } else {
            killed += 1;
            let refused = operator.run(&["restore", "all", "--dry-run"]);
            assert_eq!(refused.code, 1);
        }
        if killed == 6 {
            break;
        }
    }
    assert_eq!(killed, 6);
    let next = operator.run(&["export", "all", "-o", "all"]);
    assert_eq!(next.code, 0, "the next one clears up: {}", next.stderr);
}
