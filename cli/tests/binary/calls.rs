//! Import and export of calls.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::support::{CommandOutput, Operator};
use serde_json::{Value, json};

impl Operator {
    fn import(&self, file: &str) -> CommandOutput {
        self.run(&[
            "import",
            "calls",
            file,
            "--account",
            &self.account,
            "--json",
        ])
    }

    fn export(&self, more: &[&str]) -> CommandOutput {
        let range = ["--from", "2026-01-01", "--to", "2026-12-31"];
        let export = ["export", "calls", "--account", &self.account];
        self.run(&[&export[..], &range, more].concat())
    }

    /// The costs of all calls, sorted as text.
    fn costs(&self) -> Vec<String> {
        let rows = self.rows().into_iter();
        let mut costs: Vec<_> = rows
            .map(|row| row["cost"].as_str().unwrap_or_default().to_owned())
            .collect();
        costs.sort();
        costs
    }

    fn rows(&self) -> Vec<Value> {
        let output = self.export(&["--format", "ndjson"]);
        assert_eq!(output.code, 0, "{}", output.stderr);
        let lines = output.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

const CALLS: &str = "\
direction,call_date,call_from,call_to,end_date,duration,disposition,cost,date_billed,notes,external_id,unknown column
inbound,2026-03-08 01:30:00,(206) 973-5101,206-973-5100,,200,Sale,$1.5,2026-03-09,\"two
lines\",A-1,x
inbound,2026-03-08T03:00:00-04:00,20697351,2069735100,,,,,,,,
outbound,03/07/2026 11:59 PM,2069735100,+13105550142,2026-03-08 00:01:00,,,,,,,
";

#[test]
fn exported_calls_equal_the_imported_ones() {
    let operator = Operator::new("America/New_York");
    operator.write("calls.csv", CALLS);
    let imported = operator.import("calls.csv").json();
    assert_eq!(
        imported,
        json!({"rows": 3, "imported": 3, "already_there": 0, "rejected": 0, "rejects": null})
    );
    let rows = operator.rows();
    let column = |name: &str| json!(rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>());
    for (name, values) in [
        ("direction", json!(["outbound", "inbound", "inbound"])),
        (
            "call_date",
            json!([
                "2026-03-07T23:59:00-05:00",
                "2026-03-08T01:30:00-05:00",
                "2026-03-08T03:00:00-04:00"
            ]),
        ),
        (
            "end_date",
            json!([
                "2026-03-08T00:01:00-05:00",
                "2026-03-08T01:33:20-05:00",
                null
            ]),
        ),
        ("duration", json!([120, 200, null])),
        (
            "call_from",
            json!(["+12069735100", "+12069735101", "20697351"]),
        ),
        (
            "call_to",
            json!(["+13105550142", "+12069735100", "+12069735100"]),
        ),
        ("disposition", json!([null, "Sale", null])),
        ("cost", json!([null, "1.5000", null])),
        (
            "date_billed",
            json!([null, "2026-03-09T00:00:00-04:00", null]),
        ),
        ("notes", json!([null, "two\nlines", null])),
    ] {
        assert_eq!(column(name), values, "{name}");
    }
    assert!(
        rows[1]["lead_id"].is_string(),
        "an inbound caller with a number gets a lead"
    );
    assert_eq!(rows[0]["lead_id"], Value::Null);
}

#[test]
fn missing_cells_get_the_defaults_that_the_help_describes() {
    let operator = Operator::new("UTC");
    let calls = "\
call_date,direction,call_from,call_to,duration,cost
2026-03-08T10:00:00Z,inbound,000,2069735100,90,1
2026-03-08T11:00:00Z,inbound,000,2069735100,,1
2026-03-08T12:00:00Z,inbound,nobody,2069735100,,
";
    operator.write("calls.csv", calls);
    let output = operator.import("calls.csv");
    assert!(
        output.stderr.contains("line 4: call_from: "),
        "{}",
        output.stderr
    );
    let found: Vec<_> = operator
        .rows()
        .into_iter()
        .map(|row| (row["date_billed"].clone(), row["lead_id"].clone()))
        .collect();
    assert_eq!(
        found,
        ["2026-03-08T10:01:30Z", "2026-03-08T11:00:00Z"]
            .map(|billed| (json!(billed.replace('Z', "+00:00")), Value::Null))
    );
}

#[test]
fn a_repeated_import_records_nothing_twice() {
    let operator = Operator::new("UTC");
    operator.write("calls.csv", CALLS);
    assert_eq!(operator.import("calls.csv").json()["imported"], 3);
    let before = operator.rows();
    let again = operator.import("calls.csv").json();
    assert_eq!(
        again,
        json!({"rows": 3, "imported": 0, "already_there": 3, "rejected": 0, "rejects": null})
    );
    // A call keeps its identity if the account gets more shards later.
    let more = operator.run(&["account", "update", &operator.account, "--shards", "4"]);
    assert_eq!(more.code, 0, "{}", more.stderr);
    assert_eq!(operator.import("calls.csv").json()["already_there"], 3);
    assert_eq!(operator.rows(), before);
    // The same call with another external ID is another call.
    operator.write("other.csv", &CALLS.replace("A-1", "A-2"));
    assert_eq!(operator.import("other.csv").json()["imported"], 1);
}

#[test]
fn invalid_rows_are_reported_kept_and_can_be_corrected() {
    let operator = Operator::new("UTC");
    let bad = "\
call_date,direction,call_from,call_to,cost
2026-03-08,inbound,2069735101,2069735100,
2026-02-30,inbound,2069735101,2069735100,
2026-03-08,sideways,2069735101,2069735100,
2026-03-08,inbound,2069735101,12,
2026-03-08,inbound,2069735101,2069735100,1e3
2026-03-08,inbound,2069735101
2999-01-01,inbound,2069735101,2069735100,
,inbound,2069735101,2069735100,
";
    operator.write("bad.csv", bad);
    let output = operator.import("bad.csv");
    assert_eq!(output.code, 1);
    let summary: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&summary["imported"], &summary["rejected"]),
        (&json!(1), &json!(7))
    );
    for reason in [
        "line 3: call_date: ",
        "line 4: direction: expected inbound or outbound",
        "line 5: call_to: ",
        "line 6: cost: ",
        "line 7: expected 5 cells, as in the header line; found 3",
        "line 8: call_date: ",
        "line 9: call_date: missing",
    ] {
        assert!(
            output.stderr.contains(reason),
            "{reason}: {}",
            output.stderr
        );
    }
    assert!(
        !output.stderr.contains("206973"),
        "messages contain no phone number: {}",
        output.stderr
    );
    assert_eq!(operator.rows().len(), 1);
    let rejects = operator.read("bad.rejects.csv");
    assert_eq!(rejects.lines().count(), 8);
    let corrected = rejects.replace("2026-02-30", "2026-02-28");
    operator.write("corrected.csv", &corrected);
    let summary = operator.import("corrected.csv");
    let summary: Value = serde_json::from_str(&summary.stdout).unwrap();
    assert_eq!(
        (&summary["imported"], &summary["rejected"]),
        (&json!(1), &json!(6))
    );
}

#[test]
fn json_lines_can_be_imported_from_the_standard_input() {
    let operator = Operator::new("UTC");
    let lines = concat!(
        r#"{"call_date":"2026-03-08T00:00:00Z","direction":"inbound","call_from":"2069735101","call_to":2069735100,"duration":7,"cost":0.10,"notes":null}"#,
        "\n\nnonsense\n",
        r#"{"call_date":"2026-03-08T00:00:01Z","direction":"outbound","call_from":"2069735101"}"#,
    );
    let import = ["import", "calls", "-", "--format", "ndjson", "--json"];
    let mut command = operator.command(&[&import[..], &["--account", &operator.account]].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&summary["imported"], &summary["rejected"]),
        (&json!(1), &json!(2))
    );
    let row = &operator.rows()[0];
    assert_eq!(
        (&row["duration"], &row["cost"]),
        (&json!(7), &json!("0.1000"))
    );
    let rejects = operator.read("import.rejects.ndjson");
    let rejects: Vec<Value> = rejects
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&rejects[0]["line"], &rejects[1]["line"]),
        (&json!(3), &json!(4))
    );
    assert_eq!(rejects[1]["reason"], "call_to: missing");
}

#[test]
fn a_call_described_differently_by_two_rows_is_recorded_once_and_reported() {
    let operator = Operator::new("UTC");
    let calls = "\
call_date,direction,call_from,call_to,cost,external_id
2026-03-08,inbound,2069735101,2069735100,5,A
2026-03-08,inbound,2069735101,2069735100,7,A
2026-03-08,inbound,2069735101,2069735100,5.00,A
";
    operator.write("calls.csv", calls);
    for (imported, existing) in [(1, 1), (0, 2)] {
        let output = operator.import("calls.csv");
        assert_eq!(output.code, 1);
        let summary: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(summary["imported"], imported);
        assert_eq!(summary["already_there"], existing);
        assert_eq!(summary["rejected"], 1);
        let expected = "line 3: the same call is already recorded with different details; if these are \
                        two calls, give each an external_id";
        assert!(output.stderr.contains(expected), "{}", output.stderr);
        let rows = operator.rows();
        assert_eq!((rows.len(), &rows[0]["cost"]), (1, &json!("5.0000")));
    }
    let rejects = operator.read("calls.rejects.csv");
    operator.write("corrected.csv", &rejects.replace(",7,A", ",7,B"));
    assert_eq!(operator.import("corrected.csv").json()["imported"], 1);
    assert_eq!(operator.costs(), ["5.0000", "7.0000"]);
}

#[test]
fn an_export_imported_into_its_own_account_adds_nothing_and_into_another_every_call_once() {
    let mut operator = Operator::new("UTC");
    let calls = "\
call_date,direction,call_from,call_to,cost,external_id
2026-03-08,inbound,2069735101,2069735100,5,A
2026-03-08,inbound,2069735101,2069735100,7,B
2026-03-08,outbound,2069735100,2069735101,11,
";
    operator.write("calls.csv", calls);
    assert_eq!(operator.import("calls.csv").json()["imported"], 3);
    for format in ["csv", "ndjson"] {
        let file = format!("out.{format}");
        operator
            .export(&["--format", format, "-o", &file, "--json"])
            .json();
    }
    let costs = ["11.0000", "5.0000", "7.0000"];
    for file in ["out.csv", "out.ndjson"] {
        assert_eq!(operator.import(file).json()["already_there"], 3);
        assert_eq!(operator.costs(), costs);
    }
    let other = operator
        .run(&["account", "create", "Other", "--json"])
        .json();
    other["account_id"]
        .as_str()
        .unwrap()
        .clone_into(&mut operator.account);
    assert_eq!(operator.import("out.csv").json()["imported"], 3);
    for file in ["out.csv", "out.ndjson"] {
        assert_eq!(operator.import(file).json()["already_there"], 3);
        assert_eq!(operator.costs(), costs);
    }
}

#[test]
fn a_dash_exports_to_the_standard_output() {
    let operator = Operator::new("UTC");
    operator.write("calls.csv", CALLS);
    operator.import("calls.csv").json();
    let standard = operator.export(&[]);
    assert_eq!(operator.export(&["-o", "-"]).stdout, standard.stdout);
    assert!(!operator.folder.path().join("-").exists());
    for output in [&["--json"][..], &["--json", "-o", "-"]] {
        let refused = operator.export(output);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
        assert!(
            refused.stderr.contains("--format ndjson"),
            "{}",
            refused.stderr
        );
    }
    let lines = operator.export(&["--json", "--format", "ndjson"]);
    assert_eq!((lines.code, lines.stdout.lines().count()), (0, 3));
}

#[test]
fn an_export_writes_a_complete_file_that_can_be_imported() {
    let operator = Operator::new("UTC");
    let mut calls = "call_date,direction,call_from,call_to\n".to_owned();
    for n in 0..3_000 {
        let (hour, minute) = (n / 60 % 24, n % 60);
        calls.push_str(&format!(
            "2026-03-{:02}T{hour:02}:{minute:02}:00Z,outbound,2069735100,+1310555{:04}\n",
            1 + n / 1_440,
            n % 10_000
        ));
    }
    operator.write("calls.csv", &calls);
    assert_eq!(operator.import("calls.csv").json()["imported"], 3_000);
    let output = operator.export(&["-o", "out.csv", "--json"]).json();
    assert_eq!(output["rows"], 3_000);
    let out = operator.read("out.csv");
    assert_eq!(
        out.lines().count(),
        3_001,
        "a header line and one row for each call"
    );
    assert!(out.starts_with("call_id,account_id,direction,"));
    let dates: Vec<_> = out
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap())
        .collect();
    assert!(dates.is_sorted());
    assert!(!Path::new(&operator.folder.path().join("out.csv.part")).exists());
    let again = operator.import("out.csv").json();
    assert_eq!(again["already_there"], 3_000, "an export can be imported");
    let standard = operator.export(&[]);
    assert_eq!(standard.stdout, out);
    let refused = operator.run(&[
        "export",
        "calls",
        "--account",
        &operator.account,
        "--from",
        "2026-03-02",
        "--to",
        "2026-03-01",
    ]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("the start is after the end"),
        "{}",
        refused.stderr
    );
}
