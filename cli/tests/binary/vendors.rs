//! Vendors, their terms, and the numbers and credentials that are theirs.

use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator};

impl Operator {
    fn vendor(&self, command: &str, id: &str, more: &[&str]) -> CommandOutput {
        let arguments = ["vendor", command, id, "--account", &self.account];
        self.run(&[&arguments[..], more].concat())
    }

    fn add_number(&self, number: &str, more: &[&str]) -> CommandOutput {
        let arguments = ["number", "add", number, "--account", &self.account];
        self.run(&[&arguments[..], more].concat())
    }

    fn add_vendors(&self) {
        for (id, name) in [("acme", "Acme Leads"), ("beta", "Beta")] {
            let added = self.vendor("add", id, &["--name", name]);
            assert_eq!(added.code, 0, "{}", added.stderr);
        }
    }
}

/// Every line of a table fits a terminal of 80 columns.
fn assert_fits(table: &str) {
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_vendor_is_added_listed_shown_and_changed() {
    let operator = Operator::new("America/New_York");
    let of = ["--account", operator.account.as_str()];
    let none = operator.run(&[&["vendor", "list"], &of[..]].concat());
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("no vendors"), "{}", none.stderr);
    operator.add_vendors();
    let again = operator.vendor("add", "acme", &["--name", "Acme Leads", "--json"]);
    assert_eq!(
        again.json()["vendor_id"],
        "acme",
        "the same again is the same"
    );
    let other = operator.vendor("add", "acme", &["--name", "Another"]);
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("vendor update"), "{}", other.stderr);

    let terms = [
        "--from",
        "2026-12-01",
        "--price",
        "25.50",
        "--minimum-seconds",
        "90",
    ];
    let agreed = operator.vendor("terms", "acme", &[&terms[..], &["--json"]].concat());
    let expected = json!([
        {"from": "2026-12-01", "price": "25.5000", "minimum_seconds": 90, "duplicate_days": 0},
    ]);
    assert_eq!(agreed.json()["terms"], expected);
    let paused = operator.vendor("update", "acme", &["--status", "paused", "--json"]);
    assert_eq!(paused.json()["status"], "paused");

    let list = [&["vendor", "list"], &of[..]].concat();
    let table = operator.run(&list).stdout;
    assert!(table.contains("25.50 from 2026-12-01, 90 s"), "{table}");
    assert_fits(&table);
    let listed = operator.run(&[&list[..], &["--json"]].concat()).json();
    assert_eq!(listed[0]["terms"], expected);
    assert_eq!(listed[1]["vendor_id"], "beta");
    let long = "y".repeat(100);
    operator.vendor("update", "beta", &["--name", &long]);
    let table = operator.run(&list).stdout;
    assert!(table.contains("yyyyyyyyyyyyyyy..."), "{table}");
    assert_fits(&table);
    let shown = operator.vendor("show", "acme", &[]);
    assert!(shown.stdout.contains("Acme Leads") && shown.stdout.contains("paused"));
    assert_fits(&shown.stdout);

    for (command, more) in [
        ("show", &[][..]),
        ("update", &["--status", "paused"]),
        ("terms", &["--from", "2026-12-01", "--price", "1"]),
        ("numbers", &[]),
    ] {
        let unknown = operator.vendor(command, "nobody", more);
        assert_eq!(unknown.code, 1, "{command}");
        assert!(
            unknown.stderr.contains("vendor list --account"),
            "{}",
            unknown.stderr
        );
    }
    for (command, id, more) in [
        ("add", "a b", &["--name", "x"][..]),
        ("update", "acme", &["--status", "gone"]),
        ("terms", "acme", &["--from", "12/01/2026", "--price", "1"]),
        ("terms", "acme", &["--from", "2026-12-01", "--price", "-1"]),
    ] {
        let wrong = operator.vendor(command, id, more);
        assert_eq!(wrong.code, 2, "{command} {more:?}: {}", wrong.stderr);
    }
    assert_eq!(
        operator.vendor("update", "acme", &[]).code,
        1,
        "nothing to change"
    );
}

#[test]
fn a_number_is_a_vendors_for_a_time_and_has_an_attribution() {
    let operator = Operator::new("America/New_York");
    operator.add_vendors();
    let number = "(206) 555-0100";
    let unknown = operator.add_number(number, &["--vendor", "nobody"]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("vendor add nobody"),
        "{}",
        unknown.stderr
    );
    let attribution = [
        "--source",
        "google",
        "--medium",
        "cpc",
        "--campaign",
        "fall",
    ];
    let acme = ["--vendor", "acme", "--from", "2026-01-01", "--content", "b"];
    let added = operator.add_number(number, &[&acme[..], &attribution, &["--json"]].concat());
    let added = added.json();
    assert_eq!(added[0]["outcome"], "registered");
    let since = "2026-01-01T05:00:00.000Z";
    let period = json!([{"vendor_id": "acme", "from": since, "until": null}]);
    assert_eq!(
        added[0]["vendors"], period,
        "a date is in the account's zone"
    );

    let spring = [
        "--vendor",
        "beta",
        "--from",
        "2026-03-01",
        "--until",
        "2026-04-01",
    ];
    let moved = operator
        .add_number(number, &[&spring[..], &["--json"]].concat())
        .json();
    assert_eq!(moved[0]["outcome"], "registered before");
    let of = ["--account", operator.account.as_str()];
    let list = [&["number", "list"], &of[..]].concat();
    let listed = operator.run(&[&list[..], &["--json"]].concat()).json();
    let expected = [
        ("vendor_id", "acme"),
        ("source", "google"),
        ("medium", "cpc"),
        ("campaign", "fall"),
        ("content", "b"),
    ];
    for (name, value) in expected {
        assert_eq!(listed[0][name], value, "{name}");
    }
    assert_fits(&operator.run(&list).stdout);
    let long = "x".repeat(100);
    let tagged = operator.add_number(number, &["--source", &long, "--campaign", &long]);
    assert_eq!(tagged.code, 0, "{}", tagged.stderr);
    let table = operator.run(&list).stdout;
    assert!(table.contains("xxxxxxx... "), "{table}");
    assert_fits(&table);
    let untagged = operator.add_number(number, &["--source", "", "--campaign", "winter"]);
    assert_eq!(untagged.code, 0, "{}", untagged.stderr);
    let listed = operator.run(&[&list[..], &["--json"]].concat()).json();
    assert_eq!(
        (&listed[0]["source"], &listed[0]["medium"]),
        (&Value::Null, &json!("cpc"))
    );
    assert_eq!(listed[0]["vendor_id"], "acme", "the vendor stays");

    let numbers = operator.vendor("numbers", "acme", &["--json"]).json();
    let periods: Vec<_> = numbers.as_array().unwrap().iter().collect();
    assert_eq!(periods.len(), 2, "before and after the spring: {numbers}");
    assert_eq!(periods[0]["until"], "2026-03-01T05:00:00.000Z");
    let table = operator.vendor("numbers", "beta", &[]).stdout;
    assert!(table.contains("+12065550100"), "{table}");
    assert_fits(&table);

    let taken = operator
        .add_number(number, &["--no-vendor", "--json"])
        .json();
    assert!(taken[0]["vendors"].as_array().unwrap().last().unwrap()["until"].is_string());
    let listed = operator.run(&[&list[..], &["--json"]].concat()).json();
    assert_eq!(listed[0]["vendor_id"], Value::Null);
    for wrong in [
        &["--from", "2026-01-01"][..],
        &["--vendor", "acme", "--from", "soon"],
        &[
            "--vendor",
            "acme",
            "--from",
            "2026-02-01",
            "--until",
            "2026-01-01",
        ],
    ] {
        let refused = operator.add_number(number, wrong);
        assert_eq!(refused.code, 1, "{wrong:?}");
        assert!(refused.stderr.contains("--from"), "{}", refused.stderr);
    }
}

#[test]
fn a_credential_has_a_vendor_dids_and_a_role() {
    let operator = Operator::new("UTC");
    operator.add_vendors();
    let of = ["--account", operator.account.as_str()];
    let create = |kind: &str, more: &[&str]| {
        let arguments = ["credential", "create", kind];
        operator.run(&[&arguments[..], &of, more, &["--json"]].concat())
    };
    let fenced = [
        "--vendor",
        "acme",
        "--did",
        "(206) 555-0100",
        "--did",
        "2065550101",
    ];
    let key = create("tld", &fenced).json();
    let dids = json!(["+12065550100", "+12065550101"]);
    assert_eq!((&key["vendor_id"], &key["dids"]), (&json!("acme"), &dids));
    let id = key["credential_id"].as_str().unwrap();
    let update = |id: &str, more: &[&str]| {
        let arguments = ["credential", "update", id];
        operator.run(&[&arguments[..], &of, more, &["--json"]].concat())
    };
    let show = |id: &str| {
        let arguments = ["credential", "show", id];
        operator
            .run(&[&arguments[..], &of, &["--json"]].concat())
            .json()
    };
    for (change, vendor, dids) in [
        (&["--vendor", "beta"][..], json!("beta"), dids),
        (
            &["--did", "3105550111"],
            json!("beta"),
            json!(["+13105550111"]),
        ),
        (&["--no-vendor", "--any-did"], Value::Null, json!([])),
        (
            &["--vendor", "acme", "--did", "2065550100"],
            json!("acme"),
            json!(["+12065550100"]),
        ),
    ] {
        let updated = update(id, change).json();
        assert_eq!((&updated["vendor_id"], &updated["dids"]), (&vendor, &dids));
        assert_eq!(show(id), updated, "as it is stored");
    }
    let list = [&["credential", "list"], &of[..]].concat();
    let table = operator.run(&list).stdout;
    assert!(table.contains("vendor=acme, dids=+12065550100"), "{table}");

    let user = create("user", &["--role", "viewer"]).json();
    assert_eq!(user["role"], "viewer");
    let user = user["credential_id"].as_str().unwrap();
    assert!(operator.run(&list).stdout.contains("viewer"));
    assert_eq!(update(user, &["--role", "admin"]).json()["role"], "admin");
    assert_eq!(
        create("user", &[]).json()["role"],
        "admin",
        "unless it is said"
    );

    for (output, text) in [
        (create("user", &["--vendor", "acme"]), "only for tld"),
        (create("trestle", &["--did", "2065550100"]), "only for tld"),
        (create("tld", &["--role", "viewer"]), "only for user"),
        (create("tld", &["--vendor", "nobody"]), "vendor list"),
        (update(id, &["--vendor", "nobody"]), "vendor list"),
        (update(id, &["--role", "viewer"]), "only for user"),
        (update(user, &["--any-did"]), "only for tld"),
        (update(id, &[]), "nothing to change"),
        (
            update("cred_0123456789abcdef", &["--any-did"]),
            "credential list",
        ),
    ] {
        assert_eq!(output.code, 1, "{text}");
        assert!(output.stderr.contains(text), "{text}: {}", output.stderr);
    }
    let revoke = [&["credential", "revoke", id], &of[..]].concat();
    assert_eq!(operator.run(&revoke).code, 0);
    let revoked = update(id, &["--any-did"]);
    assert_eq!(revoked.code, 1);
    assert!(revoked.stderr.contains("revoked"), "{}", revoked.stderr);
}

#[test]
fn an_account_has_a_currency_for_good_and_settings_that_change() {
    let operator = Operator::new("UTC");
    let shown = operator
        .run(&["account", "show", &operator.account, "--json"])
        .json();
    for (name, value) in [
        ("currency", json!("USD")),
        ("same_call_seconds", json!(60)),
        ("rebill", json!("replace")),
        ("date_order", json!("mdy")),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let settings = [
        "--same-call-seconds",
        "0",
        "--rebill",
        "add",
        "--date-order",
        "dmy",
        "--json",
    ];
    let create = ["account", "create", "Acme", "--currency", "eur"];
    let created = operator.run(&[&create[..], &settings].concat()).json();
    let update = ["account", "update", &operator.account];
    let updated = operator.run(&[&update[..], &settings].concat()).json();
    for (account, currency) in [(&created, "EUR"), (&updated, "USD")] {
        assert_eq!(account["currency"], currency);
        assert_eq!(account["same_call_seconds"], 0);
        assert_eq!(
            (&account["rebill"], &account["date_order"]),
            (&json!("add"), &json!("dmy"))
        );
    }
    for wrong in [
        &["account", "create", "Acme", "--currency", "XXX"][..],
        &["account", "update", &operator.account, "--currency", "EUR"],
        &[
            "account",
            "update",
            &operator.account,
            "--same-call-seconds",
            "601",
        ],
        &["account", "update", &operator.account, "--rebill", "never"],
        &[
            "account",
            "update",
            &operator.account,
            "--date-order",
            "ymd",
        ],
    ] {
        assert_eq!(operator.run(wrong).code, 2, "{wrong:?}");
    }
}
