//! The operator's commands against a running `callbook database`.

use std::process::{Command, Stdio};

use crate::support::{CommandOutput, Server, callbook, run};
use serde_json::{Value, json};

struct Operator(Server);

impl Operator {
    fn new() -> Self {
        Self(Server::start(&["database", "--memory"]))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = callbook(arguments);
        command.envs(&self.0.exports);
        command
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        run(&mut self.command(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).json()
    }

    /// Creates an account and returns its ID.
    fn account(&self, name: &str) -> String {
        self.json(&["account", "create", name])["account_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn assert_refused(&self, arguments: &[&str], reason: &str) {
        let output = self.run(arguments);
        assert_eq!(output.code, 1, "{arguments:?}: {}", output.stderr);
        assert!(
            output.stderr.contains(reason),
            "{arguments:?}: {}",
            output.stderr
        );
    }
}

#[test]
fn an_account_can_be_created_shown_listed_and_updated() {
    let operator = Operator::new();
    let created = operator.json(&[
        "account",
        "create",
        " Acme ",
        "--timezone",
        "America/New_York",
    ]);
    assert_eq!(created["name"], "Acme");
    for (setting, value) in [
        ("timezone", json!("America/New_York")),
        ("resp_type", json!("basic")),
        ("resp_format", json!("json")),
        ("carrier", json!(false)),
        ("trueclid", json!(false)),
        ("registered_dids_only", json!(false)),
        ("tldialer", json!(true)),
        ("advanced_call_log", json!(true)),
        ("billing_window_days", json!(30)),
        ("repeat_window_minutes", json!(10)),
        ("live_call_hours", json!(4)),
        ("shards", json!(1)),
    ] {
        assert_eq!(created[setting], value, "a new account's {setting}");
    }
    let id = created["account_id"].as_str().unwrap();
    assert_eq!(operator.json(&["account", "show", id]), created);
    assert_eq!(operator.json(&["account", "list"]), json!([created]));

    let changes = [
        "--carrier",
        "--tldialer=false",
        "--shards",
        "4",
        "--repeat-window-minutes",
        "0",
    ];
    let updated = operator.json(&[&["account", "update", id], &changes[..]].concat());
    let mut expected = created.clone();
    for (setting, value) in [
        ("carrier", json!(true)),
        ("tldialer", json!(false)),
        ("shards", json!(4)),
        ("repeat_window_minutes", json!(0)),
    ] {
        expected[setting] = value;
    }
    assert_eq!(updated, expected, "nothing else changes");
    assert_eq!(operator.json(&["account", "show", id]), updated);
    operator.assert_refused(&["account", "update", id, "--shards", "3"], "only grow");
    operator.assert_refused(
        &["account", "show", "99999999"],
        "account 99999999 does not exist",
    );
    operator.assert_refused(&["account", "create", " "], "the name must be");
    operator.assert_refused(&["account", "update", id], "nothing to change");
    operator.assert_refused(
        &["account", "update", id, "--name", "a\nb"],
        "control characters",
    );
}

#[test]
fn concurrent_updates_of_an_account_all_take_effect() {
    let operator = Operator::new();
    for round in 1..=3 {
        let id = &operator.account("Acme");
        let process = round.to_string();
        let commands = [
            &["account", "update", id, "--tldialer=false"][..],
            &["account", "update", id, "--registered-dids-only"],
            &["account", "update", id, "--shards", "4"],
            &[
                "callprocess",
                "add",
                "Outbound",
                "--account",
                id,
                "--id",
                &process,
                "--default",
            ],
        ];
        let commands = commands.map(|arguments| {
            operator
                .command(arguments)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        });
        for mut command in commands {
            assert!(command.wait().unwrap().success());
        }
        let account = operator.json(&["account", "show", id]);
        for (setting, value) in [
            ("tldialer", json!(false)),
            ("registered_dids_only", json!(true)),
            ("shards", json!(4)),
            ("callprocess_id", json!(round)),
        ] {
            assert_eq!(account[setting], value, "{setting} in round {round}");
        }
    }
}

#[test]
fn a_credential_shows_its_secret_only_once() {
    let operator = Operator::new();
    let account = operator.account("Acme");
    let mut secrets = Vec::new();
    for (kind, fields) in [
        ("trestle", &["api_key"][..]),
        ("tld", &["api_id", "api_key"]),
        ("truecnam", &["username", "password"]),
    ] {
        let created = operator.json(&["credential", "create", kind, "--account", &account]);
        assert_eq!(
            (&created["kind"], &created["status"]),
            (&json!(kind), &json!("active"))
        );
        for field in fields {
            assert!(
                created[field].as_str().is_some_and(|text| text.len() >= 8),
                "{kind} {field}"
            );
        }
        let secret = created[fields.last().copied().unwrap()]
            .as_str()
            .unwrap()
            .to_owned();
        // 256 bits are 43 characters in Base64 and 64 in hexadecimal.
        assert!(secret.len() >= 43, "{kind}");
        secrets.push(secret);
    }
    let listed = operator.run(&["credential", "list", "--account", &account, "--json"]);
    assert_eq!(listed.json().as_array().map(Vec::len), Some(3));
    let table = operator.run(&["credential", "list", "--account", &account]);
    for secret in &secrets {
        assert!(
            !listed.stdout.contains(secret.as_str()) && !table.stdout.contains(secret.as_str())
        );
    }
    operator.assert_refused(
        &["credential", "create", "tld", "--account", "99999999"],
        "account 99999999 does not exist",
    );
}

#[test]
fn a_credential_has_the_rules_and_limits_that_were_given() {
    let operator = Operator::new();
    let account = operator.account("Acme");
    let created = operator.json(&[
        "credential",
        "create",
        "tld",
        "--account",
        &account,
        "--label",
        "Ringba",
        "--expires",
        "2999-01-01",
        "--endpoint",
        "/api/ingress/calls/inbound/billable*",
        "--ip",
        "203.0.113.0/24",
        "--ip",
        "2001:db8::1",
        "--per-second",
        "5",
        "--per-month",
        "1000",
    ]);
    assert_eq!(created["label"], "Ringba");
    assert_eq!(created["expires"], "2999-01-01T00:00:00.000Z");
    assert_eq!(
        created["endpoints"],
        json!(["/api/ingress/calls/inbound/billable*"])
    );
    assert_eq!(created["ips"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        created["limits"],
        json!({"per_second": 5, "per_month": 1000})
    );
    let defaults = operator.json(&["credential", "create", "truecnam", "--account", &account]);
    assert_eq!(
        defaults["limits"],
        json!({"per_minute": 600, "per_day": 100_000, "starts_per_minute": 600})
    );
    let create = ["credential", "create", "truecnam", "--account", &account];
    let zeros = [
        "--per-minute",
        "0",
        "--per-day",
        "0",
        "--starts-per-minute",
        "0",
    ];
    let unlimited = operator.json(&[&create[..], &zeros].concat());
    assert_eq!(unlimited["limits"], json!({"starts_per_minute": 0}));
    operator.assert_refused(
        &[&create, &["--expires", "2001-01-01"][..]].concat(),
        "in the past",
    );
}

#[test]
fn a_credential_can_be_disabled_enabled_and_revoked_permanently() {
    let operator = Operator::new();
    let account = operator.account("Acme");
    let created = operator.json(&["credential", "create", "trestle", "--account", &account]);
    let id = created["credential_id"].as_str().unwrap();
    for (command, status) in [
        ("disable", "disabled"),
        ("enable", "active"),
        ("disable", "disabled"),
        ("revoke", "revoked"),
    ] {
        let changed = operator.json(&["credential", command, id, "--account", &account]);
        assert_eq!(
            changed,
            json!({"credential_id": id, "status": status}),
            "{command}"
        );
        let listed = operator.json(&["credential", "list", "--account", &account]);
        assert_eq!(listed[0]["status"], json!(status), "{command}");
    }
    operator.assert_refused(
        &["credential", "enable", id, "--account", &account],
        "cannot be undone",
    );
    let other = operator.account("Other");
    operator.assert_refused(
        &["credential", "disable", id, "--account", &other],
        "has no credential",
    );
}

#[test]
fn a_number_belongs_to_one_account_until_it_is_released() {
    let operator = Operator::new();
    let (acme, other) = (operator.account("Acme"), operator.account("Other"));
    let number = |command, account: &str, numbers: &[&str]| {
        let arguments = [
            &["number", command, "--account", account, "--json"],
            numbers,
        ]
        .concat();
        let output = operator.run(&arguments);
        (
            output.code,
            serde_json::from_str::<Value>(&output.stdout).expect("JSON"),
        )
    };
    let outcome = |text: &str| json!([{"number": "+12065550100", "outcome": text}]);
    let local = ["(206) 555-0100"];
    assert_eq!(number("add", &acme, &local), (0, outcome("registered")));
    assert_eq!(
        number("add", &acme, &["+12065550100"]),
        (0, outcome("registered before"))
    );
    assert_eq!(
        number("add", &other, &local),
        (1, outcome("taken by another account"))
    );
    assert_eq!(
        number("remove", &other, &local),
        (1, outcome("not the account's"))
    );
    let listed = operator.json(&["number", "list", "--account", &acme]);
    assert_eq!(listed[0]["number"], "+12065550100");
    assert!(listed[0]["registered_at"].is_string());
    assert_eq!(
        operator.json(&["number", "list", "--account", &other]),
        json!([])
    );
    assert_eq!(number("remove", &acme, &local), (0, outcome("given back")));
    assert_eq!(number("add", &other, &local), (0, outcome("registered")));
}

fn create<'a>(kind: &'a str, account: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["credential", "create", kind, "--account", account], more].concat()
}

#[test]
fn a_user_can_have_a_chosen_name_and_several_accounts() {
    let operator = Operator::new();
    let (first, second) = (operator.account("First"), operator.account("Second"));
    let several = [
        "--account",
        second.as_str(),
        "--username",
        "pat@example.com",
    ];
    let created = operator.json(&create("user", &first, &several));
    assert_eq!(created["username"], "pat@example.com");
    assert_eq!(created["account_id"], json!(first));
    assert_eq!(created["accounts"], json!([second]));
    assert_eq!(created["password"].as_str().map(str::len), Some(64));
    let listed = operator.json(&["credential", "list", "--account", &first]);
    assert_eq!(listed[0]["name"], "pat@example.com");

    operator.assert_refused(
        &create("user", &first, &several),
        "pat@example.com is taken",
    );
    operator.assert_refused(
        &create("user", &first, &["--account", "99999999"]),
        "account 99999999 does not exist",
    );
    operator.assert_refused(
        &create("trestle", &first, &["--username", "pat"]),
        "a key has no id",
    );
    operator.assert_refused(
        &create("tld", &first, &["--account", &second]),
        "only for user and integrator credentials",
    );
    for username in ["", "a b", "a:b"] {
        let output = operator.run(&create("user", &first, &["--username", username]));
        assert_eq!(output.code, 2, "{username:?}: {}", output.stderr);
    }
    let created = operator.json(&create("integrator", &first, &[]));
    assert_eq!(created["username"].as_str().map(str::len), Some(16));
}

#[test]
fn a_call_process_can_be_added_made_the_default_and_removed() {
    let operator = Operator::new();
    let account = operator.account("Acme");
    let of = ["--account", account.as_str()];
    let on = |arguments: &[&str]| operator.json(&[&["callprocess"], arguments, &of[..]].concat());
    let default = || operator.json(&["account", "show", &account])["callprocess_id"].clone();
    assert_eq!(on(&["list"]), json!([]));
    assert_eq!(default(), Value::Null);
    let first = on(&["add", " Sales ", "--default"]);
    assert_eq!(
        (&first["name"], &first["default"]),
        (&json!("Sales"), &json!(true))
    );
    assert_eq!(default(), first["callprocess_id"]);
    let second = on(&["add", "Support", "--id", "4021"]);
    assert_eq!(
        (&second["callprocess_id"], &second["default"]),
        (&json!(4021), &json!(false))
    );
    operator.assert_refused(
        &[&["callprocess", "add", "Again", "--id", "4021"], &of[..]].concat(),
        "already has a call process 4021",
    );
    assert_eq!(on(&["default", "4021"])["default"], true);
    assert_eq!(default(), 4021);
    operator.assert_refused(
        &[&["callprocess", "default", "5"], &of[..]].concat(),
        "has no call process 5",
    );
    assert_eq!(on(&["list"]).as_array().map(Vec::len), Some(2));
    on(&["remove", "4021"]);
    assert_eq!(
        default(),
        Value::Null,
        "the account has no default any more"
    );
    operator.assert_refused(
        &[&["callprocess", "remove", "4021"], &of[..]].concat(),
        "has no call process 4021",
    );
    assert_eq!(on(&["list"]).as_array().map(Vec::len), Some(1));
}
