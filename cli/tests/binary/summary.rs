//! `callbook summary` and `callbook rollup`, beside `callbook local`, which follows the table's stream.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{CommandOutput, Server, callbook, post, run};

/// Calls of two days in New York: two billed ones, one without a cost, and one the day before.
const CALLS: &str = "\
call_date,direction,call_from,call_to,duration,disposition,cost
2026-11-20T23:30:00-05:00,inbound,2069735101,2069735100,30,Answered,10
2026-11-21T10:00:00-05:00,inbound,2069735101,2069735100,60,Answered,25
2026-11-21T10:30:00-05:00,inbound,2069735102,2069735100,40,Busy,7.50
2026-11-21T11:00:00-05:00,inbound,2069735103,2069735100,,,
";

/// A running `callbook local` with a data folder.
struct Local {
    server: Server,
    credentials: Value,
}

impl Local {
    fn start(folder: &Path) -> Self {
        let (data, credentials) = (folder.join("data"), folder.join("credentials.json"));
        let server = Server::start(&[
            "local",
            "--data",
            data.to_str().unwrap(),
            "--credentials",
            credentials.to_str().unwrap(),
        ]);
        let credentials = fs::read(credentials).unwrap();
        Self {
            server,
            credentials: serde_json::from_slice(&credentials).unwrap(),
        }
    }

    /// Runs a command against its ledger.
    fn run(&self, arguments: &[&str]) -> CommandOutput {
        run(callbook(arguments).envs(&self.server.exports))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).json()
    }

    fn account(&self) -> String {
        let created = self.json(&[
            "account",
            "create",
            "Acme",
            "--timezone",
            "America/New_York",
        ]);
        created["account_id"].as_str().unwrap().to_owned()
    }

    fn import(&self, account: &str, folder: &Path, rows: &str) {
        let file = folder.join("calls.csv");
        fs::write(&file, rows).unwrap();
        let file = file.to_str().unwrap();
        let imported = self.run(&["import", "calls", file, "--account", account]);
        assert_eq!(imported.code, 0, "{}", imported.stderr);
    }

    /// Makes the sums of both days again, which waits until the stream is followed to this moment, and
    /// returns how many items were wrong.
    fn rebuild(&self, account: &str) -> i64 {
        let rebuild = ["rollup", "rebuild", "--account", account];
        let days = ["--from", "2026-11-20", "--to", "2026-11-21"];
        let rows = self.json(&[&rebuild[..], &days].concat());
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), 3, "two days in New York are in three of UTC");
        assert!(rows.iter().all(|row| row["left"] == 0), "{rows:?}");
        rows.iter()
            .map(|row| row["corrected"].as_i64().unwrap())
            .sum()
    }
}

#[test]
fn a_summary_is_a_table_json_and_csv() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path());
    let account = local.account();
    local.import(&account, folder.path(), CALLS);
    assert_eq!(local.rebuild(&account), 0);
    let summary = |more: &[&str]| {
        let range = ["summary", "--account", &account, "--to", "2026-11-21"];
        local.run(&[&range[..], more].concat())
    };
    let both = ["--from", "2026-11-20", "--by", "vendor,hour"];
    let csv = summary(&[&both[..], &["--csv"]].concat());
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    let columns = "vendor,hour,calls,answered,seconds,billed_calls,cost,per_call,per_answered,\
                   unmatched,superseded,void,adjusted,two_vendors,two_vendors_costs,maybe_second,\
                   id_reused,other_price,refused,unmatched_over_day";
    let zeros = "0.0000,0.0000,0.0000,0.0000,0,0,0,0,0,0.0000,0.0000";
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            columns.to_owned(),
            format!(",10,2,1,100,2,32.5000,16.2500,32.5000,{zeros}"),
            format!(",11,1,0,0,0,0.0000,0.0000,,{zeros}"),
            format!(",23,1,1,30,1,10.0000,10.0000,10.0000,{zeros}"),
        ]
    );
    let table = summary(&both);
    for line in table.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let rows: Vec<Vec<&str>> = table
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0][..2], ["VENDOR", "HOUR"]);
    assert_eq!(rows.last().unwrap()[0], "total");
    assert!(
        table
            .stderr
            .contains("2026-11-20 to 2026-11-21, in USD, as of ")
    );

    let today = [
        "--from",
        "2026-11-21",
        "--by",
        "day",
        "--compare",
        "previous",
    ];
    let compared = summary(&[&today[..], &["--json"]].concat()).json();
    let group = &compared["groups"][0];
    for (name, value) in [
        ("day", "2026-11-21"),
        ("calls", "3"),
        ("cost", "32.5000"),
        ("calls_before", "1"),
        ("cost_before", "10.0000"),
    ] {
        assert_eq!(group[name], value, "{name}");
    }
    assert_eq!(compared["groups"].as_array().unwrap().len(), 1);
    assert_eq!(compared["totals"]["calls_before"], "1");
    assert_eq!(
        (&compared["currency"], &compared["settling"]),
        (&json!("USD"), &json!(false))
    );
    let twice = summary(&["--by", "day,day"]);
    assert_eq!(twice.code, 1);
    assert!(
        twice.stderr.contains("two groupings that differ"),
        "{}",
        twice.stderr
    );
    let nothing = summary(&["--from", "2026-11-21", "--vendor", "nobody", "--by", "did"]);
    assert!(nothing.stdout.contains("total"), "{}", nothing.stdout);
}

#[cfg(unix)]
#[test]
fn sums_go_on_where_they_were_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut local = Local::start(folder.path());
    let account = local.account();
    let (header, rows) = CALLS.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let totals = |local: &Local| {
        let days = ["--from", "2026-11-20", "--to", "2026-11-21"];
        let summary = ["summary", "--account", account.as_str()];
        local.json(&[&summary[..], &days].concat())["totals"].clone()
    };
    // It is stopped, and killed, before or after it has summed up what was imported.
    for (run, row) in rows.iter().enumerate() {
        local.import(&account, folder.path(), &format!("{header}\n{row}\n"));
        match run % 2 {
            0 => assert_eq!(local.server.signal("INT"), Some(0)),
            _ => local.server.kill(),
        }
        local = Local::start(folder.path());
        // What an earlier run left is summed up before it is ready.
        assert_eq!(totals(&local)["calls"], (run + 1).to_string());
    }
    assert_eq!(local.rebuild(&account), 0, "nothing was wrong");
    let totals = totals(&local);
    assert_eq!(
        (&totals["cost"], &totals["seconds"]),
        (&json!("42.5000"), &json!("130"))
    );
}

#[test]
fn all_prices_of_a_call_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path());
    let account = local.credentials["account"]["account_id"].as_str().unwrap();
    let call = "call_date,direction,call_from,call_to\n2026-11-21T15:00:00Z,inbound,2069735101,2069735100\n";
    local.import(account, folder.path(), call);
    let tld = |name: &str| local.credentials["tld"][name].as_str().unwrap();
    let headers = [
        ("tld-api-id", tld("api_id")),
        ("tld-api-key", tld("api_key")),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let bill = |cost: &str| -> String {
        let body =
            format!("did=2069735100&cid=2069735101&cost={cost}&call_date=2026-11-21T15:00:00Z");
        let path = "/api/ingress/calls/inbound/billable";
        let reply = post(&local.server.url, path, &headers, &body).expect("an answer");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let answer: Value = serde_json::from_str(&reply.body).unwrap();
        answer["cost_id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (bill("25"), bill("30"));
    let cost =
        |arguments: &[&str]| local.json(&[&["cost"], arguments, &["--account", account]].concat());
    assert_eq!(cost(&["show", &first])["state"], "superseded");
    let void = ["void", &second, "--reason", "wrong number", "--all"];
    let voided = cost(&void);
    assert_eq!(
        (&voided["state"], &voided["revived"]),
        (&json!("void"), &json!([]))
    );
    assert_eq!(cost(&["show", &first])["state"], "void");
    let credit = [
        "adjust", "--cost", &first, "--amount", "-5", "--reason", "credit",
    ];
    let made = cost(&credit);
    let shown = cost(&["show", &first])["adjustments"].clone();
    assert_eq!(shown[0]["adjustment_id"], made["adjustment_id"]);
    let sid = voided["call_sid"].as_str().unwrap();
    cost(&[
        "adjust", "--call", sid, "--amount", "2", "--reason", "late fee",
    ]);
    let shown = cost(&["show", &first])["adjustments"].clone();
    let told: Vec<_> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["on"].as_str().unwrap(), one["amount"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("cost", "-5.0000"), ("call", "2.0000")]);
    let table = local.run(&["cost", "show", &first, "--account", account]);
    assert!(table.stdout.contains("late fee"), "{}", table.stdout);
}

#[test]
fn a_disposition_that_a_spreadsheet_would_calculate_is_text_in_csv() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path());
    let account = local.account();
    let calls = "call_date,direction,call_from,call_to,disposition\n\
                 2026-11-21T10:00:00Z,inbound,2069735101,2069735100,=1+1\n";
    local.import(&account, folder.path(), calls);
    assert_eq!(local.rebuild(&account), 0);
    let csv = local.run(&[
        "summary",
        "--account",
        &account,
        "--from",
        "2026-11-20",
        "--to",
        "2026-11-21",
        "--by",
        "disposition",
        "--csv",
    ]);
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    let row = csv.stdout.lines().nth(1);
    assert!(
        row.is_some_and(|row| row.starts_with("'=1+1,1,")),
        "{}",
        csv.stdout
    );
}
