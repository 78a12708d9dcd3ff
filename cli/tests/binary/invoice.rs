//! `callbook invoice check`: a vendor's statement against the ledger.

use std::fs;

use serde_json::{Value, json};

use crate::support::{CommandOutput, Server, callbook, post, run};

/// A ledger that is served, and a vendor with a key in an account in New York.
struct Office {
    server: Server,
    folder: tempfile::TempDir,
    account: String,
    key: Value,
}

impl Office {
    fn new() -> Self {
        let mut office = Self {
            server: Server::start(&["local", "--memory"]),
            folder: tempfile::tempdir().unwrap(),
            account: String::new(),
            key: Value::Null,
        };
        let created = office.json(&[
            "account",
            "create",
            "Acme",
            "--timezone",
            "America/New_York",
        ]);
        created["account_id"]
            .as_str()
            .unwrap()
            .clone_into(&mut office.account);
        let of = ["--account", office.account.as_str()];
        office.json(&[&["vendor", "add", "acme", "--name", "Acme"], &of[..]].concat());
        let create = ["credential", "create", "tld", "--vendor", "acme"];
        office.key = office.json(&[&create[..], &of].concat());
        office
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = callbook(arguments);
        command.current_dir(self.folder.path());
        command.envs(&self.server.exports);
        run(&mut command)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).json()
    }

    /// Bills a call of a caller on a day of November 2025.
    fn bill(&self, caller: &str, date: &str, cost: &str, more: &str) {
        self.bill_on(caller, (date, date), cost, more);
    }

    /// The same, billed at another time than its call.
    fn bill_on(&self, caller: &str, (called, billed): (&str, &str), cost: &str, more: &str) {
        let secret = |name: &str| self.key[name].as_str().expect("a credential").to_owned();
        let (id, key) = (secret("api_id"), secret("api_key"));
        let headers = [
            ("tld-api-id", id.as_str()),
            ("tld-api-key", key.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = format!(
            "did=8005550100&cid={caller}&cost={cost}&call_date={called}&date_billed={billed}{more}"
        );
        let path = "/api/ingress/calls/inbound/billable";
        let reply = post(&self.server.url, path, &headers, &body).expect("an answer");
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn check(&self, file: &str, more: &[&str]) -> CommandOutput {
        let check = [
            "invoice",
            "check",
            file,
            "--vendor",
            "acme",
            "--account",
            &self.account,
        ];
        self.run(&[&check[..], more].concat())
    }
}

const NOVEMBER: [&str; 4] = ["--from", "2025-11-01", "--to", "2025-11-30"];

#[test]
fn a_statement_is_compared_and_its_differences_are_written() {
    let office = Office::new();
    let noon = "2025-11-20T12:00:00-05:00";
    office.bill("2065550100", noon, "25", "");
    office.bill("2065550101", noon, "25", "&call_id=x1");
    office.bill("2065550101", noon, "30", "&call_id=x1");
    office.bill("2065550102", noon, "1025", "");
    office.bill("anonymous", "2025-11-21T12:00:00-05:00", "25", "");
    office.write(
        "acme.csv",
        "Start Time;Called Number;Caller ID;Payout;Campaign\n\
         11/20/2025 12:00:30;(800) 555-0100;(206) 555-0100;$25,00;Fall\n\
         11/20/2025 12:00:30;(800) 555-0100;(206) 555-0100;$25,00;Fall\n\
         11/20/2025 12:01;8005550100;2065550101;25;\"Fall\nagain\"\n\
         11/20/2025 12:02;8005550100;2065550102;1.025;\n\
         11/21/2025 15:00;8005550100;2065550103;25;\n",
    );
    let found = office.check("acme.csv", &NOVEMBER);
    assert_eq!(found.code, 1, "{}", found.stderr);
    for line in found.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let words: Vec<Vec<&str>> = found
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for expected in [
        "agreed 2 1050.00 2 1050.00 0.00",
        "other_amount 1 25.00 1 30.00 -5.00",
        "not_in_ledger 1 25.00 0 0.00 25.00",
        "not_on_statement 0 0.00 1 25.00 -25.00",
        "twice_on_statement 1 25.00 0 0.00 25.00",
        "void_here 0 0.00 0 0.00 0.00",
        "total 5 1125.00 4 1105.00 20.00",
        "The statement asks for 20.00 more than the ledger counts:",
        "-5.00 1 line has another amount than the ledger",
        "+25.00 1 line is for a call that another line is for",
    ] {
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert!(words.contains(&expected), "{expected:?}: {}", found.stdout);
    }
    assert!(
        found.stderr.contains("acme.differences.csv"),
        "{}",
        found.stderr
    );
    let written = office.read("acme.differences.csv");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 5, "{written}");
    assert!(
        lines[0].starts_with("kind,line,date,did,caller,call_id,amount,ledger_amount,difference")
    );
    assert!(lines[1].starts_with("other_amount,4,2025-11-20T12:01:00-05:00,+18005550100,+12065550101,x1,25.0000,30.0000,-5.0000,"));
    assert!(lines[1].contains(",earlier_price,"));
    assert!(
        lines[3].starts_with("not_on_statement,,2025-11-21T12:00:00-05:00,+18005550100,withheld,")
    );
    assert!(lines[4].ends_with(",same_call,2"), "{written}");

    let again = office.check("acme.csv", &NOVEMBER);
    assert_eq!((again.code, again.stdout.as_str()), (2, ""));
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(office.check("acme.csv", &["--force"]).code, 1);
    assert_eq!(
        office.read("acme.differences.csv"),
        written,
        "the range is the statement's own"
    );
    let json = office.check("acme.csv", &["--output", "other.csv", "--json"]);
    assert_eq!(json.code, 1, "{}", json.stderr);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (&json["difference"], &json["file"]),
        (&json!("20.0000"), &json!("other.csv"))
    );
    assert_eq!(json["from"], "2025-11-20T00:00:00-05:00");
    // Nothing lies within no time at all, except what is at the same moment.
    let strict = office.check(
        "acme.csv",
        &["--tolerance", "0s", "-o", "strict.csv", "--json"],
    );
    let strict: Value = serde_json::from_str(&strict.stdout).unwrap();
    assert_eq!(strict["agreed"]["statement"]["count"], 0);
}

#[test]
fn a_statement_that_agrees_exits_with_0_and_one_that_cannot_be_read_with_2() {
    let office = Office::new();
    office.bill("2065550100", "2025-11-20T12:00:00-05:00", "25", "");
    office.write(
        "good.csv",
        "day,number called,who,sum\n2025-11-20,8005550100,2065550100,25\n",
    );
    let named = [
        "--column",
        "date=day",
        "--column",
        "caller=who",
        "--column",
        "amount=sum",
    ];
    let found = office.check("good.csv", &[&named[..], &["--tolerance", "2m"]].concat());
    assert_eq!(found.code, 0, "{}", found.stderr);
    assert!(
        found
            .stdout
            .ends_with("The statement and the ledger agree.\n"),
        "{}",
        found.stdout
    );
    assert!(!office.folder.path().join("good.differences.csv").exists());
    let json = office
        .check("good.csv", &[&named[..], &["--json"]].concat())
        .json();
    assert_eq!(json["file"], Value::Null);

    office.write(
        "bad.csv",
        "date,did,caller,amount\n2025-11-20,12,2065550100,x\n,,,1\n",
    );
    office.write("either.csv", "call id,amount\nx,\"1,234\"\n");
    for (file, more, text) in [
        ("bad.csv", &[][..], "line 2, did: expected a phone number"),
        ("bad.csv", &[], "line 3, date: missing"),
        ("good.csv", &[], "column date"),
        ("either.csv", &NOVEMBER, "--decimal"),
        ("either.csv", &["--decimal", "point"], "--from and --to"),
        ("none.csv", &[], "cannot read the file none.csv"),
    ] {
        let found = office.check(file, more);
        assert_eq!(
            (found.code, found.stdout.as_str()),
            (2, ""),
            "{file}: {}",
            found.stderr
        );
        assert!(found.stderr.contains(text), "{text}: {}", found.stderr);
    }
    let unknown = [
        "invoice",
        "check",
        "good.csv",
        "--vendor",
        "nobody",
        "--account",
        &office.account,
    ];
    let unknown = office.run(&unknown);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("vendor list"), "{}", unknown.stderr);
    for wrong in [
        &["--column", "colour=red"][..],
        &["--column", "date"],
        &["--tolerance", "2h"],
        &["--tolerance", "3601"],
        &["--decimal", "dot"],
        &["--from", "yesterday"],
    ] {
        assert_eq!(office.check("good.csv", wrong).code, 2, "{wrong:?}");
    }
}

#[test]
fn bills_that_came_days_after_their_calls_are_on_the_statement_of_the_calls() {
    let office = Office::new();
    let bill = |caller: &str, called: &str, billed: &str| {
        office.bill_on(caller, (called, billed), "25", "");
    };
    bill(
        "2065550100",
        "2025-11-20T12:00:00-05:00",
        "2025-11-20T12:10:00-05:00",
    );
    bill(
        "2065550101",
        "2025-11-21T12:00:00-05:00",
        "2025-11-27T08:00:00-05:00",
    );
    // An earlier call that was billed on a day of the statement is on another statement.
    bill(
        "2065550102",
        "2025-11-10T12:00:00-05:00",
        "2025-11-20T08:00:00-05:00",
    );
    office.write(
        "late.csv",
        "date,did,caller,amount\n\
         2025-11-20 12:00,8005550100,2065550100,25\n\
         2025-11-21 12:00,8005550100,2065550101,25\n",
    );
    let agreed = office.check("late.csv", &[]);
    assert_eq!(agreed.code, 0, "{}{}", agreed.stdout, agreed.stderr);
    let said = "costs     those of calls of this time, whenever they were billed";
    assert!(agreed.stdout.contains(said), "{}", agreed.stdout);
    let json = office.check("late.csv", &["--json"]).json();
    assert_eq!(
        (&json["by"], &json["difference"]),
        (&json!("call"), &json!("0.0000"))
    );

    let days = ["--from", "2025-11-20", "--to", "2025-11-21"];
    let billed = office.check("late.csv", &[&days[..], &["--json"]].concat());
    assert_eq!(billed.code, 1);
    let billed: Value = serde_json::from_str(&billed.stdout).unwrap();
    assert_eq!(billed["by"], "billed");
    assert_eq!(billed["not_in_ledger"]["statement"]["count"], 1);
    assert_eq!(billed["not_on_statement"]["ledger"]["count"], 1);
    let by_call = [&days[..], &["--by", "call", "--force"]].concat();
    let by_call = office.check("late.csv", &by_call);
    assert_eq!(by_call.code, 0, "{}", by_call.stdout);
}
