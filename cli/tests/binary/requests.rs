//! Refused requests from the command line: listed, narrowed and followed.

use serde_json::{Value, json};

use crate::told::{LONG_AGO, Local, NEVER};

/// Sends a request that is refused, and waits until it is listed so often.
fn refuse(local: &Local, count: u64) -> Value {
    let reply = local.respond(&json!({"callee": "2065550101"}));
    assert_eq!(reply.status, 400, "{}", reply.body);
    loop {
        let rows = local.of_account(&["requests", "--json"]).json();
        let mut rows = rows["requests"].as_array().unwrap().iter();
        let row = rows.find(|row| row["status"] == 400);
        if let Some(row) = row.filter(|row| row["count"].as_u64() >= Some(count)) {
            return row.clone();
        }
        // A process adds requests up, and writes them with a later one.
        local.respond(&json!({"callee": "2065550101"}));
    }
}

#[test]
fn refused_requests_are_listed_narrowed_and_followed() {
    let local = Local::new();
    let none = local.of_account(&["requests"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("No request was refused"), "{none:?}");
    let row = refuse(&local, 1);
    assert_eq!(row["status"], 400);
    assert_eq!(row["route"], "/voice/rapidresponse");
    let credential = row["credential_id"].as_str().expect("an id");

    let listed = local.of_account(&["requests", "--credential", credential]);
    assert_eq!((listed.code, listed.stderr.as_str()), (0, ""));
    assert!(
        listed.stdout.contains("POST /voice/rapidresponse  400"),
        "{}",
        listed.stdout
    );
    assert!(listed.stdout.contains("whisper_text"), "{}", listed.stdout);
    assert!(!listed.stdout.contains("2065550101"), "{}", listed.stdout);
    for more in [
        ["--since", NEVER],
        ["--vendor", "acme"],
        ["--credential", "cred_0123456789abcdef"],
    ] {
        let none = local.of_account(&[&["requests"], &more[..]].concat());
        assert_eq!((none.code, none.stdout.as_str()), (0, ""), "{more:?}");
    }

    let mut followed = local.follow(&["requests", "--since", LONG_AGO, "--json"]);
    let told: Value = serde_json::from_str(&followed.line()).unwrap();
    assert_eq!(told["credential_id"], credential);
    // An entry is told again when it has more.
    let count = told["count"].as_u64().unwrap();
    refuse(&local, count + 1);
    let again: Value = serde_json::from_str(&followed.line()).unwrap();
    assert!(again["count"].as_u64() > Some(count), "{again}");
    assert_eq!(again["first_at"], told["first_at"]);
}

#[test]
fn what_is_wrong_with_a_list_is_said() {
    let local = Local::new();
    for (arguments, code, told) in [
        (&["requests"] as &[&str], 2, "--account"),
        (&["requests", "--account", "99999999"], 1, "99999999"),
        (
            &["requests", "--account", "12345678", "--credential", "x"],
            2,
            "--credential",
        ),
        (
            &["requests", "--account", "12345678", "--vendor", "a b"],
            2,
            "--vendor",
        ),
        (
            &["requests", "--account", "12345678", "--since", "tomorrow"],
            2,
            "tomorrow",
        ),
    ] {
        let output = local.run(arguments);
        assert_eq!(output.code, code, "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
}
