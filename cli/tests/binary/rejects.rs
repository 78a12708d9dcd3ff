//! Rejected rows: the file they go to, the reasons that are reported, and how they are imported again.

use std::fs;

use crate::support::{CommandOutput, Operator};
use serde_json::{Value, json};

impl Operator {
    fn import_calls(&self, file: &str, more: &[&str]) -> CommandOutput {
        let import = ["import", "calls", file, "--account", &self.account];
        self.run(&[&import[..], &["--json"], more].concat())
    }
}

/// The summary printed by a command that rejected rows.
fn summary(output: &CommandOutput) -> Value {
    assert_eq!(output.code, 1, "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

/// A valid row and an invalid one.
const CALLS: &str = "\
call_date,direction,call_from,call_to
2026-03-08,inbound,2069735101,2069735100
2026-03-09,sideways,2069735101,2069735100
";

#[test]
fn an_existing_file_is_never_used_as_the_rejects_file() {
    let operator = Operator::new("UTC");
    operator.write("calls.csv", CALLS);
    operator.write("other.csv", "mine");
    #[cfg(unix)]
    for (name, target) in [("link.csv", "calls.csv"), ("dangling.csv", "nowhere.csv")] {
        let link = operator.folder.path().join(name);
        std::os::unix::fs::symlink(target, link).unwrap();
    }
    let named = ["calls.csv", "./calls.csv", "other.csv"];
    let links = ["link.csv", "dangling.csv"];
    for rejects in named.iter().chain(links.iter().filter(|_| cfg!(unix))) {
        for output in [
            operator.import_calls("calls.csv", &["--rejects", rejects]),
            operator.run(&["inventory", "load", "calls.csv", "--rejects", rejects]),
        ] {
            assert_eq!(output.code, 1);
            let expected = format!("the file {rejects} exists already");
            assert!(
                output.stderr.contains(&expected),
                "{rejects}: {}",
                output.stderr
            );
        }
    }
    assert_eq!(operator.read("calls.csv"), CALLS);
    assert_eq!(operator.read("other.csv"), "mine");
    let output = operator.import_calls("calls.csv", &["--rejects", "new.csv"]);
    let found = summary(&output);
    assert_eq!(
        found,
        json!({"rows": 2, "imported": 1, "already_there": 0, "rejected": 1, "rejects": "new.csv"}),
        "the refused runs recorded nothing"
    );
}

#[test]
fn a_corrected_rejects_file_is_not_overwritten_by_another_run() {
    let operator = Operator::new("UTC");
    operator.write("calls.csv", CALLS);
    let first = summary(&operator.import_calls("calls.csv", &[]));
    assert_eq!(first["rejects"], "calls.rejects.csv");
    operator.write("calls.rejects.csv", "corrected");
    for name in ["calls.rejects.2.csv", "calls.rejects.3.csv"] {
        let output = operator.import_calls("calls.csv", &[]);
        assert_eq!(summary(&output)["rejects"], name);
        assert!(output.stderr.contains(name), "{}", output.stderr);
        assert!(operator.read(name).contains("sideways"));
    }
    assert_eq!(operator.read("calls.rejects.csv"), "corrected");
    // Rejects of a rejects file get the next free number.
    let again = summary(&operator.import_calls("calls.rejects.3.csv", &[]));
    assert_eq!(again["rejects"], "calls.rejects.4.csv");
    let found = operator.read("calls.rejects.4.csv");
    assert_eq!(
        found,
        operator.read("calls.rejects.3.csv").replace(",3,", ",2,"),
        "the reason and the line are replaced, not added again"
    );
    let files = fs::read_dir(operator.folder.path()).unwrap().count();
    assert_eq!(files, 5, "no other file was written");
}

#[test]
fn line_numbers_are_those_that_an_editor_shows() {
    let operator = Operator::new("UTC");
    let calls = "\
call_date,direction,call_from,call_to,notes
,inbound,2069735101,2069735100,
2026-03-08,inbound,2069735101,2069735100,\"three

lines\"
,inbound,2069735101,2069735100,


,inbound,2069735101,2069735100,\"two
lines\"
,inbound,2069735101,2069735100,
";
    for (name, end) in [("unix", "\n"), ("windows", "\r\n")] {
        operator.write(&format!("{name}.csv"), &calls.replace('\n', end));
        let output = operator.import_calls(&format!("{name}.csv"), &[]);
        let reported: Vec<_> = output
            .stderr
            .lines()
            .filter_map(|line| line.strip_suffix(": call_date: missing"))
            .collect();
        assert_eq!(
            reported,
            ["line 2", "line 6", "line 9", "line 11"],
            "{name}"
        );
        let rejects = operator.read(&format!("{name}.rejects.csv"));
        for line in [2, 6, 9, 11] {
            assert!(rejects.contains(&format!("missing,{line},")), "{rejects}");
        }
    }
}

/// The columns that a line is rejected for.
fn columns_of(output: &CommandOutput, line: u64) -> Vec<&str> {
    let prefix = format!("line {line}: ");
    let reason = output
        .stderr
        .lines()
        .find_map(|text| text.strip_prefix(&prefix));
    let faults = reason.unwrap().split("; ");
    let mut columns: Vec<_> = faults
        .filter_map(|fault| Some(fault.split_once(": ")?.0))
        .collect();
    columns.dedup();
    columns
}

#[test]
fn all_faults_of_a_row_are_reported_at_once() {
    let operator = Operator::new("UTC");
    let calls = "\
call_date,direction,call_from,call_to,end_date,duration,cost,date_billed
2026-03-08,sideways,2069735101,12,,1.5x,-1,
,inbound,nobody,2069735100,2026-02-30,,,never
2026-03-08,inbound,,2069735100,2026-03-07,7,1,
";
    operator.write("calls.csv", calls);
    let output = operator.import_calls("calls.csv", &[]);
    assert_eq!(summary(&output)["rejected"], 3);
    for (line, columns) in [
        (2, ["direction", "call_to", "duration", "cost"].as_slice()),
        (3, &["call_date", "call_from", "end_date", "date_billed"]),
        (4, &["call_from", "end_date"]),
    ] {
        assert_eq!(columns_of(&output, line), columns, "{line}");
    }
    let expected = "call_from: missing; end_date: the call ends before it starts,4,2026-03-08,";
    assert!(operator.read("calls.rejects.csv").contains(expected));
    let numbers = "\
number,type,capabilities,country,price
12,Mobile,Fax,XX,-1
+12125550101,Mobile,Voice,GB,-1
";
    operator.write("numbers.csv", numbers);
    let output = operator.run(&["inventory", "load", "numbers.csv", "--json"]);
    assert_eq!(summary(&output)["rejected"], 2);
    for (line, columns) in [
        (
            2,
            ["country", "number", "type", "capabilities", "price"].as_slice(),
        ),
        (3, &["country", "number", "type", "price"]),
    ] {
        assert_eq!(columns_of(&output, line), columns, "{line}");
    }
}

#[test]
fn no_row_is_lost_silently_in_an_unclosed_quote() {
    let operator = Operator::new("UTC");
    let mut calls = "call_date,direction,call_from,call_to,notes\n".to_owned();
    for minute in 0..60 {
        let notes = match minute {
            0..5 => "5\" pipe",
            5 => "\"broken",
            _ => "later",
        };
        calls.push_str(&format!(
            "2026-03-08 10:{minute:02},inbound,2069735101,2069735100,{notes}\n"
        ));
    }
    operator.write("open.csv", &calls);
    let output = operator.import_calls("open.csv", &[]);
    let found = summary(&output);
    assert_eq!(
        (&found["imported"], &found["rejected"]),
        (&json!(5), &json!(1))
    );
    let expected = "line 7: a quote is never closed, or is closed before the end of its cell";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    // The rejected row is rejected again until it is corrected.
    assert!(operator.read("open.rejects.csv").contains("10:59"));
    let again = summary(&operator.import_calls("open.rejects.csv", &[]));
    assert_eq!(
        (&again["imported"], &again["rejected"]),
        (&json!(0), &json!(1))
    );
    // A second quote closes the first one in the middle of a cell.
    let two: String = calls
        .split_inclusive('\n')
        .map(|row| match row.contains("10:20") {
            true => row.replace("later", "\"later"),
            false => row.to_owned(),
        })
        .collect();
    operator.write("two.csv", &two);
    let found = summary(&operator.import_calls("two.csv", &[]));
    assert_eq!(
        (
            &found["imported"],
            &found["already_there"],
            &found["rejected"]
        ),
        (&json!(39), &json!(5), &json!(1))
    );
    operator.write("corrected.csv", &calls.replace("\"broken", "corrected"));
    let imported = operator.import_calls("corrected.csv", &[]).json();
    assert_eq!(
        (&imported["imported"], &imported["already_there"]),
        (&json!(16), &json!(44))
    );
    operator.write("header.csv", &calls.replacen("notes", "notes,\"more", 1));
    let output = operator.import_calls("header.csv", &[]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(
        output
            .stderr
            .contains("cannot read the header line: a quote"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_unclosed_quote_in_an_inventory_file_is_reported() {
    let operator = Operator::new("UTC");
    operator
        .run(&["inventory", "country", "add", "US", "--json"])
        .json();
    let numbers = "\
number,type,capabilities,country,region,locality
+12125550101,Local,Voice,US,New York,Albany
+12125550102,Local,Voice,US,New York,\"Albany
+12125550103,Local,Voice,US,New York,Albany
";
    operator.write("numbers.csv", numbers);
    let output = operator.run(&["inventory", "load", "numbers.csv", "--json"]);
    let found = summary(&output);
    assert_eq!(
        (&found["added"], &found["rejected"]),
        (&json!(1), &json!(1))
    );
    assert!(
        output.stderr.contains("line 3: a quote is never closed"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_rejected_object_keeps_the_text_of_every_value() {
    let operator = Operator::new("UTC");
    let row = concat!(
        r#""Call_Date":"2026-03-08","direction":"sideways","call_from":2069735101,"call_to":2069735100,"#,
        r#""cost":25.50000000000000000001,"order":99999999999999999999,"ratio":1E2,"#,
        r#""notes":"caf\u00e9","more":{"b": [1.0,2],"a":null}}"#,
    );
    operator.write("calls.ndjson", &format!("{{{row}\n"));
    summary(&operator.import_calls("calls.ndjson", &[]));
    let prefix = concat!(
        r#"{"reason":"direction: expected inbound or outbound; "#,
        r#"cost: an amount has at most 4 decimals","line":1,"#
    );
    let rejects = operator.read("calls.rejects.ndjson");
    assert_eq!(rejects, format!("{prefix}{row}\n"));
    summary(&operator.import_calls("calls.rejects.ndjson", &[]));
    assert_eq!(operator.read("calls.rejects.2.ndjson"), rejects);
}

#[test]
fn a_line_that_is_not_an_object_can_be_corrected_in_its_text() {
    let operator = Operator::new("UTC");
    let good = r#"{"call_date":"2026-03-08","direction":"inbound","call_from":"2069735101","call_to":"2069735100"}"#;
    operator.write("calls.ndjson", &format!("\n{}\n", good.replace("\"}", "")));
    let output = operator.import_calls("calls.ndjson", &[]);
    assert_eq!(summary(&output)["rejects"], "calls.rejects.ndjson");
    assert!(
        output
            .stderr
            .contains("line 2: not a JSON object: error in column ")
    );
    let rejects = operator.read("calls.rejects.ndjson");
    let row: Value = serde_json::from_str(&rejects).unwrap();
    assert_eq!(row["line"], 2);
    assert_eq!(row["text"], good.replace("\"}", ""));
    // It is rejected again, unchanged, until it is corrected.
    summary(&operator.import_calls("calls.rejects.ndjson", &[]));
    assert_eq!(
        operator.read("calls.rejects.2.ndjson"),
        rejects.replace("\"line\":2", "\"line\":1")
    );
    let object: Value = serde_json::from_str(good).unwrap();
    let corrected = json!({"reason": row["reason"], "line": 2, "text": good});
    let unfolded = json!({"reason": row["reason"], "line": 2, "text": object});
    operator.write("corrected.ndjson", &format!("{corrected}\n{unfolded}\n"));
    let imported = operator.import_calls("corrected.ndjson", &[]).json();
    assert_eq!(
        (&imported["imported"], &imported["already_there"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn column_names_ignore_case_and_a_wrong_header_is_reported_once() {
    let operator = Operator::new("UTC");
    let uppercase = CALLS.replace("sideways", "OUTBOUND").to_uppercase();
    operator.write("uppercase.csv", &uppercase);
    assert_eq!(
        operator.import_calls("uppercase.csv", &[]).json()["imported"],
        2
    );
    operator.write("ignored.csv", &uppercase.replace('\n', ",x,x,,\n"));
    assert_eq!(
        operator.import_calls("ignored.csv", &[]).json()["already_there"],
        2
    );
    for (header, reason) in [
        (
            "call_date,DIRECTION,call_from,call_to,direction",
            "the column direction twice",
        ),
        (
            "2026-03-08,inbound,a,b,c",
            "it lacks call_date, direction, call_from, call_to",
        ),
        ("call_date,direction,from,call_to,x", "it lacks call_from"),
        ("", "it lacks call_date"),
    ] {
        let row = "2026-03-08,inbound,2069735101,2069735100,outbound\n";
        operator.write("wrong.csv", &format!("{header}\n{}", row.repeat(3)));
        let output = operator.import_calls("wrong.csv", &[]);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{header}");
        assert_eq!(
            output.stderr.matches(reason).count(),
            1,
            "{header}: {}",
            output.stderr
        );
    }
    let twice = r#"{"call_date":"2026-03-08","direction":"inbound","call_from":"2069735101","call_to":"2069735100","cost":1,"COST":2}"#;
    operator.write("twice.ndjson", twice);
    let output = operator.import_calls("twice.ndjson", &[]);
    assert_eq!(summary(&output)["imported"], 0);
    assert!(
        output.stderr.contains("line 1: cost: given twice"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_file_of_one_json_document_is_not_read_as_csv() {
    let operator = Operator::new("UTC");
    operator.write(
        "calls.json",
        r#"{"call_date":"2026-03-08","direction":"inbound","call_from":"2069735101","call_to":"2069735100"}"#,
    );
    let output = operator.import_calls("calls.json", &[]);
    assert_eq!(output.code, 1);
    assert!(
        output.stderr.contains("--format ndjson"),
        "{}",
        output.stderr
    );
    let imported = operator
        .import_calls("calls.json", &["--format", "ndjson"])
        .json();
    assert_eq!(imported["imported"], 1);
}
