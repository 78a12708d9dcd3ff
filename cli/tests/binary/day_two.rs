//! What an operator does after the first day: changes and rotates credentials, closes accounts, erases numbers.

use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator};

impl Operator {
    fn key(&self, kind: &str, more: &[&str]) -> Value {
        let create = [
            "credential",
            "create",
            kind,
            "--account",
            &self.account,
            "--json",
        ];
        self.run(&[&create[..], more].concat()).json()
    }

    fn of_key(&self, verb: &str, key: &Value, more: &[&str]) -> CommandOutput {
        let id = key["credential_id"].as_str().expect("an id");
        let command = ["credential", verb, id, "--account", &self.account];
        self.run(&[&command[..], more].concat())
    }
}

#[test]
fn every_option_of_an_update_is_applied_and_what_changed_is_said() {
    let operator = Operator::new("Europe/Berlin");
    let key = operator.key("truecnam", &["--label", "PBX"]);
    let update = [
        "--per-second",
        "5",
        "--per-minute",
        "3000",
        "--per-day",
        "0",
        "--per-month",
        "1000000",
        "--starts-per-minute",
        "0",
        "--ip",
        "203.0.113.0/24",
        "--ip",
        "198.51.100.7",
        "--endpoint",
        "/api/v1*",
        "--expires",
        "2099-01-01",
        "--label",
        "PBX, 2026",
        "--carrier",
        "--json",
    ];
    let updated = operator.of_key("update", &key, &update);
    let shown = updated.json();
    let limits = json!({
        "per_second": 5, "per_minute": 3000, "per_month": 1_000_000, "starts_per_minute": 0,
    });
    for (field, wanted) in [
        ("limits", limits),
        ("ips", json!(["203.0.113.0/24", "198.51.100.7"])),
        ("endpoints", json!(["/api/v1*"])),
        ("expires", json!("2098-12-31T23:00:00.000Z")),
        ("label", json!("PBX, 2026")),
        ("carrier", json!(true)),
    ] {
        assert_eq!(shown[field], wanted, "{field}");
        let said = format!("changed {field}:");
        assert!(
            updated.stderr.contains(&said),
            "{field}: {}",
            updated.stderr
        );
    }
    assert!(
        updated.stderr.contains("within 30 seconds"),
        "{}",
        updated.stderr
    );
    assert_eq!(operator.of_key("show", &key, &["--json"]).json(), shown);
    let again = operator.of_key("update", &key, &update);
    assert_eq!(again.json(), shown);
    assert!(again.stderr.contains("Nothing changed"), "{}", again.stderr);
    let back = [
        "--any-ip",
        "--any-endpoint",
        "--no-expiry",
        "--label",
        "",
        "--carrier=false",
        "--json",
    ];
    let back = operator.of_key("update", &key, &back).json();
    for (field, wanted) in [
        ("ips", json!([])),
        ("endpoints", json!([])),
        ("expires", Value::Null),
        ("label", json!("")),
        ("carrier", json!(false)),
    ] {
        assert_eq!(back[field], wanted, "{field}");
    }
}

#[test]
fn every_wrong_option_of_an_update_is_named_at_once() {
    let operator = Operator::new("UTC");
    let key = operator.key("trestle", &[]);
    let wrong = operator.of_key(
        "update",
        &key,
        &[
            "--per-second",
            "many",
            "--ip",
            "300.1.1.1",
            "--ip",
            "203.0.113.0/24",
            "--endpoint",
            "a?b",
            "--expires",
            "2001-01-01",
            "--product",
            "fax",
            "--role",
            "king",
            "--vendor",
            "a b",
            "--did",
            "12",
            "--starts-per-minute",
            "5",
            "--carrier",
            "--read-only",
            "--label",
            "a\nb",
        ],
    );
    assert_eq!(wrong.code, 1, "{}", wrong.stdout);
    for option in [
        "--per-second",
        "--ip",
        "--endpoint",
        "--expires",
        "--product",
        "--role",
        "--vendor",
        "--did",
        "--starts-per-minute",
        "--carrier",
        "--read-only",
        "--label",
    ] {
        assert!(wrong.stderr.contains(option), "{option}: {}", wrong.stderr);
    }
    let shown = operator.of_key("show", &key, &["--json"]).json();
    assert_eq!(shown["ips"], json!([]), "nothing was changed");
    let nothing = operator.of_key("update", &key, &[]);
    assert!(
        nothing.stderr.contains("nothing to change"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn a_secret_is_rotated_and_the_former_one_ended() {
    let operator = Operator::new("UTC");
    for (kind, name, secret) in [
        ("trestle", "", "api_key"),
        ("tld", "api_id", "api_key"),
        ("truecnam", "username", "password"),
        ("user", "username", "password"),
        ("integrator", "username", "password"),
        ("fonedynamics", "account_sid", "token"),
    ] {
        let key = operator.key(kind, &[]);
        let rotated = operator.of_key("rotate", &key, &["--overlap", "12h", "--json"]);
        let shown = rotated.json();
        assert_eq!(shown["credential_id"], key["credential_id"], "{kind}");
        assert_eq!(shown[name], key[name], "{kind}: the name stays");
        assert_ne!(shown[secret], key[secret], "{kind}");
        assert_eq!(shown[secret].as_str().map(str::len), Some(64), "{kind}");
        assert!(shown["former_until"].is_string(), "{kind}");
        assert!(
            rotated.stderr.contains("Both secrets are good until"),
            "{}",
            rotated.stderr
        );
        let third = operator.of_key("rotate", &key, &[]);
        assert_eq!(third.code, 1, "{kind}");
        assert!(third.stderr.contains("end-rotation"), "{}", third.stderr);
        let ended = operator.of_key("end-rotation", &key, &["--json"]);
        assert_eq!(ended.json()["former_until"], Value::Null, "{kind}");
        assert!(
            ended.stderr.contains("within 30 seconds"),
            "{}",
            ended.stderr
        );
        let again = operator.of_key("end-rotation", &key, &[]);
        assert!(again.stderr.contains("one secret"), "{}", again.stderr);
        operator.write("secret.txt", "a-secret-of-the-client\n");
        let brought = ["--secret-from", "secret.txt", "--overlap", "0", "--json"];
        let brought = operator.of_key("rotate", &key, &brought);
        assert!(!brought.stdout.contains("a-secret-of-the-client"), "{kind}");
        assert_eq!(brought.json()["former_until"], Value::Null, "{kind}");
    }
    for wrong in ["7", "91d", "-1d", "d", "1w"] {
        let key = operator.key("tld", &[]);
        let overlap = format!("--overlap={wrong}");
        assert_eq!(
            operator.of_key("rotate", &key, &[&overlap]).code,
            2,
            "{wrong}"
        );
    }
}

#[test]
fn an_account_is_closed_and_opened_again() {
    let operator = Operator::new("UTC");
    let id = operator.account.as_str();
    operator.key("tld", &[]);
    let number = ["number", "add", "+12065550100", "--account", id];
    assert_eq!(operator.run(&number).code, 0);
    let closed = operator.run(&["account", "close", id, "--json"]);
    let shown = closed.json();
    assert!(shown["closed_at"].is_string());
    assert_eq!(
        (&shown["credentials_refused"], &shown["numbers_kept"]),
        (&json!(1), &json!(1))
    );
    assert!(
        closed.stderr.contains("1 number was not released"),
        "{}",
        closed.stderr
    );
    let create = ["credential", "create", "tld", "--account", id];
    let refused = operator.run(&create);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("account reopen"),
        "{}",
        refused.stderr
    );
    let released = operator
        .run(&["account", "close", id, "--release-numbers", "--json"])
        .json();
    assert_eq!(
        (&released["numbers_released"], &released["numbers_kept"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        released["closed_at"], shown["closed_at"],
        "it was closed before"
    );
    let opened = operator.run(&["account", "reopen", id, "--json"]).json();
    assert_eq!(opened["closed_at"], Value::Null);
    assert_eq!(operator.run(&create).code, 0);
    assert_eq!(operator.run(&["account", "close", "99"]).code, 1);
}

#[test]
fn a_number_is_erased_with_a_receipt() {
    let operator = Operator::new("UTC");
    let id = operator.account.as_str();
    operator.write(
        "calls.csv",
        "direction,call_date,call_from,call_to,cost,notes\n\
         inbound,2026-11-01T10:00:00Z,+12065550100,+13105550111,1.50,Called 206-555-0100\n\
         inbound,2026-11-02T10:00:00Z,+12065550100,+13105550111,2.25,\n\
         inbound,2026-11-02T10:00:00Z,+12065550101,+13105550111,4,\n",
    );
    let imported = operator.run(&["import", "calls", "calls.csv", "--account", id]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let costs = |operator: &Operator| {
        let list = [
            "cost",
            "list",
            "--account",
            id,
            "--from",
            "2026-11-01",
            "--to",
            "2026-11-30",
            "--json",
        ];
        operator.run(&list).json()["totals"].clone()
    };
    let before = costs(&operator);
    let erase = |more: &[&str]| {
        let erase = ["erase", "(206) 555-0100", "--account", id, "--json"];
        operator.run(&[&erase[..], more].concat())
    };
    let plan = erase(&["--dry-run"]).json();
    assert_eq!(plan["found"]["call"], 2, "{plan}");
    let named = erase(&["--reason", "Pat of 206 555 0100"]);
    assert!(
        named.stderr.contains("without the number"),
        "{}",
        named.stderr
    );
    let receipt = erase(&["--reason", "Request 7"]);
    let shown = receipt.json();
    assert_eq!(shown["found"], plan["found"]);
    assert_eq!(shown["changed"], shown["found"]);
    assert!(!format!("{}{}", receipt.stdout, receipt.stderr).contains("5550100"));
    assert_eq!(costs(&operator), before);
    let audit = operator.run(&["audit", "--account", id]);
    assert_eq!(audit.code, 0, "{}{}", audit.stdout, audit.stderr);
    let again = erase(&[]);
    assert_eq!(again.json()["found"], json!({}));
    assert!(
        again.stderr.contains("Nothing of the account"),
        "{}",
        again.stderr
    );
    let receipts = operator
        .run(&["erase", "--receipts", "--account", id, "--json"])
        .json();
    assert_eq!(receipts, json!([shown]));
    let own = operator.run(&["number", "add", "+13105550111", "--account", id]);
    assert_eq!(own.code, 0);
    let own = operator.run(&["erase", "+13105550111", "--account", id]);
    assert!(own.stderr.contains("the account's own"), "{}", own.stderr);
    assert_eq!(own.code, 1);
}

#[test]
fn a_credential_is_named_by_a_label_that_no_other_has() {
    let operator = Operator::new("UTC");
    let key = operator.key("tld", &["--label", "Ringba"]);
    let of = |verb: &str, name: &str| {
        operator.run(&[
            "credential",
            verb,
            name,
            "--account",
            &operator.account,
            "--json",
        ])
    };
    assert_eq!(
        of("show", "Ringba").json()["credential_id"],
        key["credential_id"]
    );
    assert_eq!(of("disable", "Ringba").json()["status"], "disabled");
    assert_eq!(of("show", "ringba").code, 1, "a label is exact");
    let other = operator.key("tld", &["--label", "Ringba"]);
    let both = of("show", "Ringba");
    assert_eq!(both.code, 1);
    for id in [&key, &other] {
        let id = id["credential_id"].as_str().unwrap();
        assert!(both.stderr.contains(id), "{}", both.stderr);
    }
    let id = key["credential_id"].as_str().unwrap();
    assert_eq!(of("revoke", id).code, 0);
    let left = of("show", "Ringba").json();
    assert_eq!(
        left["credential_id"], other["credential_id"],
        "the other is revoked"
    );
    assert_eq!(of("show", "").code, 1);
}

#[test]
fn an_account_is_deleted_after_its_grace_and_can_be_opened_until_then() {
    let operator = Operator::new("UTC");
    let close = ["account", "close", &operator.account, "--delete", "--json"];
    let dry = operator.run(&[&close[..], &["--dry-run"]].concat());
    assert_eq!(dry.json()["found"], json!({}), "{}", dry.stderr);
    let waits = operator.run(&close);
    assert!(waits.json()["delete_after"].is_string());
    assert!(
        waits.stderr.contains("Nothing is deleted yet"),
        "{}",
        waits.stderr
    );
    let show = ["account", "show", &operator.account, "--json"];
    assert_eq!(
        operator.run(&show).json()["delete_after"],
        waits.json()["delete_after"]
    );
    let again = operator.run(&[&close[..], &["--grace-days", "90"]].concat());
    assert_eq!(again.json(), waits.json(), "the date is said once");
    assert_eq!(
        operator.run(&["account", "reopen", &operator.account]).code,
        0
    );
    assert_eq!(operator.run(&show).json()["delete_after"], Value::Null);
    let short = operator.run(&[&close[..], &["--grace-days", "1"]].concat());
    assert_eq!(short.code, 2);
    let nobody = operator.run(&["account", "close", "7", "--delete"]);
    assert_eq!(nobody.code, 1);
}
