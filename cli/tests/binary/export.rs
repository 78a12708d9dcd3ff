//! Export of a range that is longer than a report may be.

use crate::support::{CommandOutput, Operator};
use serde_json::Value;

impl Operator {
    fn rows_of(&self, from: &str, to: &str) -> Vec<Value> {
        let CommandOutput {
            code,
            stdout,
            stderr,
            ..
        } = self.export_range(from, to);
        assert_eq!(code, 0, "{stderr}");
        let lines = stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn export_range(&self, from: &str, to: &str) -> CommandOutput {
        let export = ["export", "calls", "--account", &self.account];
        self.run(
            &[
                &export[..],
                &["--from", from, "--to", to, "--format", "ndjson"],
            ]
            .concat(),
        )
    }
}

/// Starts of calls in order, around instants that are multiples of 366 days after 2023-03-10. On that day in
/// 2024 the clocks of the zone go forward.
const STARTS: [&str; 8] = [
    "2023-03-09T23:59:59.999-05:00",
    "2023-03-10T00:00:00-05:00",
    "2024-03-09T23:59:59.999-05:00",
    "2024-03-10T00:00:00-05:00",
    "2024-03-10T01:59:59-05:00",
    "2024-03-10T03:00:00-04:00",
    "2025-03-10T23:59:59.999-04:00",
    "2025-03-11T00:00:00-04:00",
];

#[test]
fn an_export_of_many_years_has_every_call_once_and_in_order() {
    let operator = Operator::new("America/New_York");
    let mut calls = "call_date,direction,call_from,call_to,notes\n".to_owned();
    for (n, start) in STARTS.iter().enumerate().rev() {
        calls.push_str(&format!("{start},inbound,2069735101,2069735100,{n}\n"));
    }
    operator.write("calls.csv", &calls);
    let import = ["import", "calls", "calls.csv", "--account"];
    let imported = operator.run(&[&import[..], &[&operator.account, "--json"]].concat());
    assert_eq!(imported.json()["imported"], STARTS.len());
    let notes = |rows: &[Value]| -> Vec<usize> {
        let notes = rows.iter().map(|row| row["notes"].as_str().unwrap());
        notes.map(|text| text.parse().unwrap()).collect()
    };
    let whole = operator.rows_of("2023-03-10", "2025-03-11");
    assert_eq!(notes(&whole), [1, 2, 3, 4, 5, 6, 7]);
    let instants = operator.rows_of("2023-03-10T05:00:00Z", "2025-03-11T04:00:00Z");
    assert_eq!(notes(&instants), [1, 2, 3, 4, 5, 6]);
    // The whole range equals its parts, one after the other.
    let parts = [
        ("2023-03-10", "2024-03-09"),
        ("2024-03-10", "2025-03-10"),
        ("2025-03-11", "2025-03-11"),
    ];
    let parts = parts.map(|(from, to)| operator.rows_of(from, to));
    assert_eq!(whole, parts.concat());
    let refused = operator.export_range("2025-01-01", "2021-01-01");
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(
        refused.stderr.contains("the start is after the end"),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_export_replaces_no_file_and_an_import_gives_back_every_text() {
    let operator = Operator::new("UTC");
    let notes = ["=1", "'=1", "a;=1", "x, y", "\u{ff1d}1", "plain"];
    let mut lines = String::new();
    for (minute, notes) in notes.iter().enumerate() {
        let row = serde_json::json!({
            "call_date": format!("2025-11-21T01:{minute:02}:00Z"), "direction": "inbound",
            "call_from": "2069735101", "call_to": "2069735100", "notes": notes,
        });
        lines.push_str(&format!("{row}\n"));
    }
    operator.write("calls.ndjson", &lines);
    let of = |account: &str| -> Vec<String> {
        let range = [
            "--from",
            "2025-11-21",
            "--to",
            "2025-11-21",
            "--account",
            account,
        ];
        range.map(str::to_owned).to_vec()
    };
    let export = |account: &str, more: &[&str]| {
        let of = of(account);
        let of: Vec<_> = of.iter().map(String::as_str).collect();
        operator.run(&[&["export", "calls"], &of[..], more].concat())
    };
    let first = operator.account.clone();
    let imported = operator.run(&["import", "calls", "calls.ndjson", "--account", &first]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    operator.write("out.csv", "mine");
    let refused = export(&first, &["-o", "out.csv"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(operator.read("out.csv"), "mine");
    let written = export(&first, &["-o", "out.csv", "--force"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let csv = operator.read("out.csv");
    for cell in ["'=1", "''=1", "a;'=1", "'\u{ff1d}1"] {
        assert!(csv.contains(&format!(",{cell}\r\n")), "{cell}: {csv}");
    }
    // Another account gets the same calls from the file.
    let second = operator
        .run(&["account", "create", "Second", "--json"])
        .json();
    let second = second["account_id"].as_str().unwrap().to_owned();
    let imported = operator.run(&["import", "calls", "out.csv", "--account", &second]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    for account in [first, second] {
        let rows = export(&account, &["--format", "ndjson"]).stdout;
        let found: Vec<String> = rows
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["notes"].clone())
            .map(|notes| notes.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, notes);
    }
}
