//! Who may use the engine of `callbook local` and `callbook database`.

use std::fs;
use std::process::Command;

use crate::support::{Server, callbook, run};

const FILE: &str = "engine.credentials";

#[test]
fn the_printed_lines_have_the_key_of_the_folder_and_no_other_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let first = Server::start(&["database", "--data", data]);
    let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        assert!(text.contains(&first.exports[name]), "{name}");
    }
    let list = ["account", "list", "--json"];
    let served = run(callbook(&list).envs(&first.exports));
    assert_eq!(served.code, 0, "{}", served.stderr);

    // The file is a profile, which every AWS tool can read.
    let profile = callbook(&[&list[..], &["--profile", "default"]].concat())
        .envs(&first.exports)
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join(FILE))
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .output()
        .unwrap();
    assert!(profile.status.success(), "{profile:?}");

    let other = Server::start(&["local", "--memory"]);
    let refused = run(callbook(&list)
        .envs(&other.exports)
        .env("AWS_ENDPOINT_URL_DYNAMODB", &first.url));
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(
        refused.stderr.contains("Unset AWS_ACCESS_KEY_ID"),
        "{}",
        refused.stderr
    );
    drop(first);
    let again = Server::start(&["database", "--data", data]);
    assert_eq!(
        again.exports["AWS_SECRET_ACCESS_KEY"],
        text.rsplit_once("= ").unwrap().1.trim(),
        "a restart keeps the key"
    );
}

#[test]
fn without_a_key_in_the_environment_a_command_takes_that_of_the_default_folder() {
    let home = tempfile::tempdir().unwrap();
    let database = Server::start_with(&["database"], |command| {
        command
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"));
    });
    let list = |home: &std::path::Path| {
        let arguments = ["account", "list", "--table", "callbook"];
        run(callbook(&arguments)
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("AWS_ENDPOINT_URL_DYNAMODB", &database.url))
    };
    let served = list(home.path());
    assert_eq!(served.code, 0, "{}", served.stderr);
    let elsewhere = tempfile::tempdir().unwrap();
    let refused = list(elsewhere.path());
    assert_eq!(refused.code, 1, "{}", refused.stdout);
}

/// What another user of this machine can do. The test must run as root to become one.
#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
#[test]
fn another_user_of_the_machine_is_refused() {
    let nobody = |arguments: &[&str]| {
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .args(arguments)
            .output()
    };
    match nobody(&["true"]) {
        Ok(output) if output.status.success() => {}
        _ => {
            println!("skipped: only root can become another user, with setpriv and curl");
            return;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let server = Server::start(&["local", "--data", data]);
    let engine = &server.exports["AWS_ENDPOINT_URL_DYNAMODB"];
    for file in [FILE, "callbook.db", "demo.json"] {
        let path = folder.path().join(file);
        let read = nobody(&["cat", path.to_str().unwrap()]).unwrap();
        assert!(!read.status.success() && read.stdout.is_empty(), "{file}");
    }
    let scope = ["local", "20261126", "us-east-1", "dynamodb", "aws4_request"].join("/");
    let authorization = format!(
        "authorization: AWS4-HMAC-SHA256 Credential={scope}, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00"
    );
    for verb in ["ListTables", "Scan", "PutItem", "DeleteTable"] {
        let target = format!("x-amz-target: DynamoDB_20120810.{verb}");
        let body = r#"{"TableName":"callbook"}"#;
        let asked = nobody(&[
            "curl",
            "-sS",
            "-H",
            &authorization,
            "-H",
            "x-amz-date: 20261126T101904Z",
            "-H",
            "content-type: application/x-amz-json-1.0",
            "-H",
            &target,
            "-d",
            body,
            engine,
        ]);
        let answer = String::from_utf8(asked.unwrap().stdout).unwrap();
        assert!(answer.contains("UnrecognizedClient"), "{verb}: {answer}");
    }
    let list = ["account", "list", "--json"];
    let accounts = run(callbook(&list).envs(&server.exports)).json();
    assert_eq!(accounts.as_array().map(Vec::len), Some(1), "{accounts}");
}
