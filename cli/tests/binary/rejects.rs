//! Rows that an import does not take: where they go, what is told of them, and how they come back.

use std::fs;

use crate::support::{Ended, Operator};
use serde_json::{Value, json};

impl Operator {
    fn take(&self, file: &str, more: &[&str]) -> Ended {
        let import = ["import", "calls", file, "--account", &self.account];
        self.run(&[&import[..], &["--json"], more].concat())
    }
}

/// What a command that rejected rows printed.
fn summary(ended: &Ended) -> Value {
    assert_eq!(ended.code, 1, "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

/// A good row and a bad one.
const CALLS: &str = "\
call_date,direction,call_from,call_to
2026-03-08,inbound,2069735101,2069735100
2026-03-09,sideways,2069735101,2069735100
";

#[test]
fn no_file_that_is_there_is_ever_a_rejects_file() {
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
        for ended in [
            operator.take("calls.csv", &["--rejects", rejects]),
            operator.run(&["inventory", "load", "calls.csv", "--rejects", rejects]),
        ] {
            assert_eq!(ended.code, 1);
            let told = format!("the file {rejects} is there already");
            assert!(ended.err.contains(&told), "{rejects}: {}", ended.err);
        }
    }
    assert_eq!(operator.read("calls.csv"), CALLS);
    assert_eq!(operator.read("other.csv"), "mine");
    let ended = operator.take("calls.csv", &["--rejects", "new.csv"]);
    let found = summary(&ended);
    assert_eq!(
        found,
        json!({"imported": 1, "already_there": 0, "rejected": 1, "rejects": "new.csv"}),
        "nothing was recorded before"
    );
}

#[test]
fn what_was_mended_is_not_overwritten_by_another_run() {
    let operator = Operator::new("UTC");
    operator.write("calls.csv", CALLS);
    let first = summary(&operator.take("calls.csv", &[]));
    assert_eq!(first["rejects"], "calls.rejects.csv");
    operator.write("calls.rejects.csv", "mended");
    for name in ["calls.rejects.2.csv", "calls.rejects.3.csv"] {
        let ended = operator.take("calls.csv", &[]);
        assert_eq!(summary(&ended)["rejects"], name);
        assert!(ended.err.contains(name), "{}", ended.err);
        assert!(operator.read(name).contains("sideways"));
    }
    assert_eq!(operator.read("calls.rejects.csv"), "mended");
    // The rejects of rejects lie beside them.
    let again = summary(&operator.take("calls.rejects.3.csv", &[]));
    assert_eq!(again["rejects"], "calls.rejects.4.csv");
    let found = operator.read("calls.rejects.4.csv");
    assert_eq!(
        found,
        operator.read("calls.rejects.3.csv").replace(",3,", ",2,"),
        "reason and line are told anew, not once more"
    );
    let made = fs::read_dir(operator.folder.path()).unwrap().count();
    assert_eq!(made, 5, "nothing else was written");
}

#[test]
fn lines_are_counted_as_editors_count_them() {
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
        let ended = operator.take(&format!("{name}.csv"), &[]);
        let told: Vec<_> = ended
            .err
            .lines()
            .filter_map(|line| line.strip_suffix(": call_date: missing"))
            .collect();
        assert_eq!(told, ["line 2", "line 6", "line 9", "line 11"], "{name}");
        let rejects = operator.read(&format!("{name}.rejects.csv"));
        for line in [2, 6, 9, 11] {
            assert!(rejects.contains(&format!("missing,{line},")), "{rejects}");
        }
    }
}

/// The columns that a line is rejected for.
fn columns_of(ended: &Ended, line: u64) -> Vec<&str> {
    let told = format!("line {line}: ");
    let told = ended.err.lines().find_map(|text| text.strip_prefix(&told));
    let faults = told.unwrap().split("; ");
    let mut columns: Vec<_> = faults
        .filter_map(|fault| Some(fault.split_once(": ")?.0))
        .collect();
    columns.dedup();
    columns
}

#[test]
fn all_that_is_wrong_with_a_row_is_told_at_once() {
    let operator = Operator::new("UTC");
    let calls = "\
call_date,direction,call_from,call_to,end_date,duration,cost,date_billed
2026-03-08,sideways,2069735101,12,,1.5,-1,
,inbound,anonymous,2069735100,2026-02-30,,,never
2026-03-08,inbound,,2069735100,2026-03-07,7,1,
";
    operator.write("calls.csv", calls);
    let ended = operator.take("calls.csv", &[]);
    assert_eq!(summary(&ended)["rejected"], 3);
    for (line, columns) in [
        (2, ["direction", "call_to", "duration", "cost"].as_slice()),
        (3, &["call_date", "call_from", "end_date", "date_billed"]),
        (4, &["call_from", "end_date"]),
    ] {
        assert_eq!(columns_of(&ended, line), columns, "{line}");
    }
    let told = "call_from: missing; end_date: the call ends before it starts,4,2026-03-08,";
    assert!(operator.read("calls.rejects.csv").contains(told));
    let numbers = "\
number,type,capabilities,country,price
12,Mobile,Fax,XX,-1
+12125550101,Mobile,Voice,GB,-1
";
    operator.write("numbers.csv", numbers);
    let ended = operator.run(&["inventory", "load", "numbers.csv", "--json"]);
    assert_eq!(summary(&ended)["rejected"], 2);
    for (line, columns) in [
        (
            2,
            ["country", "number", "type", "capabilities", "price"].as_slice(),
        ),
        (3, &["country", "number", "type", "price"]),
    ] {
        assert_eq!(columns_of(&ended, line), columns, "{line}");
    }
}

#[test]
fn a_quote_that_is_not_closed_swallows_no_row_in_silence() {
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
    let ended = operator.take("open.csv", &[]);
    let found = summary(&ended);
    assert_eq!(
        (&found["imported"], &found["rejected"]),
        (&json!(5), &json!(1))
    );
    let told = "line 7: a quote that is opened in it is never closed, or not where a cell ends";
    assert!(ended.err.contains(told), "{}", ended.err);
    // The rejects are no good rows before they are mended.
    assert!(operator.read("open.rejects.csv").contains("10:59"));
    let again = summary(&operator.take("open.rejects.csv", &[]));
    assert_eq!(
        (&again["imported"], &again["rejected"]),
        (&json!(0), &json!(1))
    );
    // A second one closes the first within a cell.
    let two: String = calls
        .split_inclusive('\n')
        .map(|row| match row.contains("10:20") {
            true => row.replace("later", "\"later"),
            false => row.to_owned(),
        })
        .collect();
    operator.write("two.csv", &two);
    let found = summary(&operator.take("two.csv", &[]));
    assert_eq!(
        (
            &found["imported"],
            &found["already_there"],
            &found["rejected"]
        ),
        (&json!(39), &json!(5), &json!(1))
    );
    operator.write("mended.csv", &calls.replace("\"broken", "mended"));
    let taken = operator.take("mended.csv", &[]).json();
    assert_eq!(
        (&taken["imported"], &taken["already_there"]),
        (&json!(16), &json!(44))
    );
    operator.write("header.csv", &calls.replacen("notes", "notes,\"more", 1));
    let ended = operator.take("header.csv", &[]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(
        ended
            .err
            .contains("the header line cannot be read: a quote"),
        "{}",
        ended.err
    );
}

#[test]
fn a_quote_that_is_not_closed_is_told_of_numbers_too() {
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
    let ended = operator.run(&["inventory", "load", "numbers.csv", "--json"]);
    let found = summary(&ended);
    assert_eq!(
        (&found["added"], &found["rejected"]),
        (&json!(1), &json!(1))
    );
    assert!(
        ended.err.contains("line 3: a quote that is opened"),
        "{}",
        ended.err
    );
}

#[test]
fn a_rejected_object_keeps_every_value_letter_for_letter() {
    let operator = Operator::new("UTC");
    let row = concat!(
        r#""Call_Date":"2026-03-08","direction":"sideways","call_from":2069735101,"call_to":2069735100,"#,
        r#""cost":25.50000000000000000001,"order":99999999999999999999,"ratio":1E2,"#,
        r#""notes":"caf\u00e9","more":{"b": [1.0,2],"a":null}}"#,
    );
    operator.write("calls.ndjson", &format!("{{{row}\n"));
    summary(&operator.take("calls.ndjson", &[]));
    let told = concat!(
        r#"{"reason":"direction: expected inbound or outbound; "#,
        r#"cost: an amount has at most 4 decimals","line":1,"#
    );
    let rejects = operator.read("calls.rejects.ndjson");
    assert_eq!(rejects, format!("{told}{row}\n"));
    summary(&operator.take("calls.rejects.ndjson", &[]));
    assert_eq!(operator.read("calls.rejects.2.ndjson"), rejects);
}

#[test]
fn a_line_that_is_no_object_can_be_mended_in_its_text() {
    let operator = Operator::new("UTC");
    let good = r#"{"call_date":"2026-03-08","direction":"inbound","call_from":"2069735101","call_to":"2069735100"}"#;
    operator.write("calls.ndjson", &format!("\n{}\n", good.replace("\"}", "")));
    let ended = operator.take("calls.ndjson", &[]);
    assert_eq!(summary(&ended)["rejects"], "calls.rejects.ndjson");
    assert!(ended.err.contains("line 2: no JSON object: column "));
    let rejects = operator.read("calls.rejects.ndjson");
    let row: Value = serde_json::from_str(&rejects).unwrap();
    assert_eq!(row["line"], 2);
    assert_eq!(row["text"], good.replace("\"}", ""));
    // Not mended yet, it is rejected as it was.
    summary(&operator.take("calls.rejects.ndjson", &[]));
    assert_eq!(
        operator.read("calls.rejects.2.ndjson"),
        rejects.replace("\"line\":2", "\"line\":1")
    );
    let object: Value = serde_json::from_str(good).unwrap();
    let mended = json!({"reason": row["reason"], "line": 2, "text": good});
    let unfolded = json!({"reason": row["reason"], "line": 2, "text": object});
    operator.write("mended.ndjson", &format!("{mended}\n{unfolded}\n"));
    let taken = operator.take("mended.ndjson", &[]).json();
    assert_eq!(
        (&taken["imported"], &taken["already_there"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn columns_are_known_in_either_case_and_a_wrong_header_is_told_once() {
    let operator = Operator::new("UTC");
    let shouted = CALLS.replace("sideways", "OUTBOUND").to_uppercase();
    operator.write("shouted.csv", &shouted);
    assert_eq!(operator.take("shouted.csv", &[]).json()["imported"], 2);
    operator.write("ignored.csv", &shouted.replace('\n', ",x,x,,\n"));
    assert_eq!(operator.take("ignored.csv", &[]).json()["already_there"], 2);
    for (header, told) in [
        (
            "call_date,DIRECTION,call_from,call_to,direction",
            "the column direction twice",
        ),
        (
            "2026-03-08,inbound,a,b,c",
            "does not name call_date, direction, call_from, call_to",
        ),
        (
            "call_date,direction,from,call_to,x",
            "does not name call_from",
        ),
        ("", "does not name call_date"),
    ] {
        let row = "2026-03-08,inbound,2069735101,2069735100,outbound\n";
        operator.write("wrong.csv", &format!("{header}\n{}", row.repeat(3)));
        let ended = operator.take("wrong.csv", &[]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{header}");
        assert_eq!(
            ended.err.matches(told).count(),
            1,
            "{header}: {}",
            ended.err
        );
    }
    let twice = r#"{"call_date":"2026-03-08","direction":"inbound","call_from":"2069735101","call_to":"2069735100","cost":1,"COST":2}"#;
    operator.write("twice.ndjson", twice);
    let ended = operator.take("twice.ndjson", &[]);
    assert_eq!(summary(&ended)["imported"], 0);
    assert!(
        ended.err.contains("line 1: cost: there twice"),
        "{}",
        ended.err
    );
}

#[test]
fn a_file_of_one_json_document_is_not_taken_for_a_table() {
    let operator = Operator::new("UTC");
    operator.write(
        "calls.json",
        r#"{"call_date":"2026-03-08","direction":"inbound","call_from":"2069735101","call_to":"2069735100"}"#,
    );
    let ended = operator.take("calls.json", &[]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("--format ndjson"), "{}", ended.err);
    let taken = operator.take("calls.json", &["--format", "ndjson"]).json();
    assert_eq!(taken["imported"], 1);
}
