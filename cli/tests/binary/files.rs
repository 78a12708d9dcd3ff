//! Files as people have them: encodings, separators, empty rows, orders of dates, hours that come twice.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator};

const HEADER: &str = "call_date,direction,call_from,call_to";

fn summary(output: &CommandOutput) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{}", output.stderr))
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn a_file_is_read_in_its_encoding_and_with_its_separator() {
    let row = "2026-11-02 10:15:03,inbound,2065550100,3105550111,né\n";
    let text = format!("{HEADER},notes\n{row}");
    let marked = format!("\u{feff}{text}");
    let semicolons = text.replace(',', ";");
    let tabs = text.replace(',', "\t");
    let latin: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    for (name, bytes, more) in [
        ("plain", text.as_bytes().to_vec(), &[][..]),
        ("mark", marked.as_bytes().to_vec(), &[]),
        ("semicolons", semicolons.as_bytes().to_vec(), &[]),
        ("tabs", tabs.as_bytes().to_vec(), &[]),
        ("bars", text.replace(',', "|").into_bytes(), &[]),
        ("said", format!("sep=;\r\n{semicolons}").into_bytes(), &[]),
        (
            "given",
            text.replace(',', "^").into_bytes(),
            &["--separator", "^"],
        ),
        (
            "excel",
            utf16(&format!("\u{feff}{tabs}"), u16::to_le_bytes),
            &[],
        ),
        ("big", utf16(&marked, u16::to_be_bytes), &[]),
        ("bare", utf16(&text, u16::to_le_bytes), &[]),
        ("latin", latin.clone(), &["--encoding", "windows-1252"]),
    ] {
        let operator = Operator::new("UTC");
        let file = format!("{name}.csv");
        std::fs::write(operator.folder.path().join(&file), bytes).unwrap();
        let (output, calls) = operator.import_with(&file, more);
        assert_eq!(output.code, 0, "{name}: {}", output.stderr);
        assert_eq!(
            (calls.len(), &calls[0]["notes"]),
            (1, &json!("né")),
            "{name}"
        );
    }
    // Not valid, and not guessed.
    let operator = Operator::new("UTC");
    std::fs::write(operator.folder.path().join("latin.csv"), latin).unwrap();
    let (output, _) = operator.import_with("latin.csv", &[]);
    assert_eq!(summary(&output)["rejected"], 1);
    assert!(
        output.stderr.contains("line 2: notes: expected UTF-8"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("--encoding"), "{}", output.stderr);
}

#[test]
fn json_lines_may_begin_with_a_byte_order_mark() {
    let operator = Operator::new("UTC");
    let row = |minute: u8| {
        json!({
            "call_date": format!("2026-11-02T10:{minute:02}:00Z"), "direction": "inbound",
            "call_from": "12065550110", "call_to": "13105550111",
        })
    };
    operator.write("calls.ndjson", &format!("\u{feff}{}\n{}\n", row(1), row(2)));
    let (output, calls) = operator.import_with("calls.ndjson", &[]);
    assert_eq!((output.code, calls.len()), (0, 2), "{}", output.stderr);
}

#[test]
fn rows_of_nothing_are_no_rows_and_the_counts_add_up() {
    let operator = Operator::new("UTC");
    operator.write(
        "calls.csv",
        &format!(
            "{HEADER}\n2026-11-02 10:17:03,Inbound,2065550107,3105550111\n,,,\n , ,,\n\n\
             2026-11-02 10:17:03,inbound,2065550107,3105550111\n2026-11-02,sideways,1,2\n"
        ),
    );
    let (output, _) = operator.import_with("calls.csv", &[]);
    assert_eq!(
        summary(&output),
        json!({"rows": 3, "imported": 1, "already_there": 1, "rejected": 1, "rejects": "calls.rejects.csv"})
    );
    assert!(
        output
            .stderr
            .contains("error: 1 row was rejected; correct it"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("line 7: direction"),
        "{}",
        output.stderr
    );
}

#[test]
fn one_file_has_one_order_of_day_and_month() {
    let rows = |dates: &[&str]| {
        let rows = dates.iter().enumerate();
        let rows = rows.map(|(at, date)| format!("{date},inbound,206555010{at},3105550111\n"));
        format!("{HEADER}\n{}", rows.collect::<String>())
    };
    let dates = ["25/10/2026 10:15", "2/11/2026 10:15", "13/11/2026 10:15"];
    let operator = Operator::new("Australia/Sydney");
    operator.write("calls.csv", &rows(&dates));
    let (output, calls) = operator.import_with("calls.csv", &[]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(
        output.stderr.contains("day first, as line 2 proves"),
        "{}",
        output.stderr
    );
    let starts: Vec<_> = calls
        .iter()
        .map(|call| call["call_date"].as_str().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "2026-10-25T10:15:00+11:00",
            "2026-11-02T10:15:00+11:00",
            "2026-11-13T10:15:00+11:00"
        ]
    );
    // Both orders in one file: nothing of it is recorded.
    operator.write(
        "mixed.csv",
        &rows(&["2/11/2026", "25/10/2026", "10/26/2026"]),
    );
    let (output, calls) = operator.import_with("mixed.csv", &[]);
    assert_eq!((output.code, calls.len()), (1, 3));
    for part in ["line 4 writes the month first", "line 3 the day"] {
        assert!(output.stderr.contains(part), "{}", output.stderr);
    }
    let (output, calls) = operator.import_with("calls.csv", &["--date-order", "mdy"]);
    assert_eq!((output.code, calls.len()), (1, 3));
    assert!(
        output.stderr.contains("line 2 is no date in the order"),
        "{}",
        output.stderr
    );
    // Nothing proves it: the account's order, which is said, or that of the command line.
    operator.write("open.csv", &rows(&["2/11/2026 10:15"]));
    let order = [
        "account",
        "update",
        &operator.account,
        "--date-order",
        "dmy",
    ];
    let (output, calls) = operator.import_with("open.csv", &[]);
    assert_eq!(calls[0]["call_date"], "2026-02-11T10:15:00+11:00");
    assert!(
        output.stderr.contains("unclear: line 2"),
        "{}",
        output.stderr
    );
    assert_eq!(operator.run(&order).code, 0);
    let (output, _) = operator.import_with("open.csv", &[]);
    assert_eq!(
        summary(&output)["imported"],
        1,
        "2 November is another call"
    );
    let (output, _) = operator.import_with("open.csv", &["--date-order", "mdy"]);
    assert_eq!(summary(&output)["already_there"], 1, "11 February is known");
}

#[test]
fn an_hour_that_comes_twice_is_settled_by_the_duration() {
    let operator = Operator::new("America/New_York");
    operator.write(
        "calls.csv",
        &format!(
            "{HEADER},end_date,duration,external_id\n\
             2026-11-01 01:50:00,inbound,2065550101,3105550111,2026-11-01 01:10:00,1200,a\n\
             2026-11-01 01:30:00,inbound,2065550103,3105550111,2026-11-01 02:05:00,0:35:00,b\n\
             2026-11-01 00:50:00,inbound,2065550104,3105550111,2026-11-01 01:10:00,80m,c\n"
        ),
    );
    let (output, calls) = operator.import_with("calls.csv", &[]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let times = calls.iter().map(|call| {
        let text = |name: &str| call[name].as_str().unwrap().to_owned();
        (
            text("call_date"),
            text("end_date"),
            call["duration"].as_u64().unwrap(),
        )
    });
    let expected = [
        (
            "2026-11-01T00:50:00-04:00",
            "2026-11-01T01:10:00-05:00",
            4_800,
        ),
        (
            "2026-11-01T01:50:00-04:00",
            "2026-11-01T01:10:00-05:00",
            1_200,
        ),
        (
            "2026-11-01T01:30:00-05:00",
            "2026-11-01T02:05:00-05:00",
            2_100,
        ),
    ];
    let expected =
        expected.map(|(start, end, seconds)| (start.to_owned(), end.to_owned(), seconds));
    assert_eq!(times.collect::<Vec<_>>(), expected);
}

#[test]
fn what_cannot_have_ended_yet_is_rejected() {
    let operator = Operator::new("UTC");
    operator.write(
        "calls.csv",
        &format!(
            "{HEADER},end_date,duration,date_billed\n\
             2026-11-02 10:30:03,inbound,2065550301,3105550111,,1589241600,\n\
             2026-11-02 10:31:03,inbound,2065550301,3105550111,2999-11-02 10:10:00,,\n\
             2026-11-02 10:32:03,inbound,2065550301,3105550111,,,2999-01-01\n"
        ),
    );
    let (output, calls) = operator.import_with("calls.csv", &[]);
    assert_eq!(calls.len(), 0);
    for reason in [
        "line 2: duration: ",
        "line 3: end_date: ",
        "line 4: date_billed: ",
    ] {
        assert!(output.stderr.contains(reason), "{}", output.stderr);
    }
}

#[test]
fn a_dry_run_shows_what_an_import_would_do_and_records_nothing() {
    let operator = Operator::new("America/New_York");
    operator.write(
        "calls.csv",
        "callid;startTime;duration;caller;callee;price;direction\n\
         a1;2/11/2026 10:15:03;199;+12065550100;+13105550111;25.50;inbound\n\
         a2;3/11/2026 10:15:03;199;+12065550101;+13105550111;25.50;inbound\n\
         a3;4/11/2026 10:15:03;199;+12065550101;3105550111;25.50;sideways\n",
    );
    let import = [
        "import",
        "calls",
        "calls.csv",
        "--account",
        &operator.account,
        "--dry-run",
    ];
    let shown = operator.run(&import);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for part in [
        "cells separated by semicolons, UTF-8",
        "profile ivozprovider",
        "unclear: line 2",
        "read in America/New_York",
        "not read: price",
        "2026-02-11 10:15:03",
        "+12065550100",
        "would_record  2",
        "would_reject  1",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
    assert!(
        shown.stderr.contains("line 4: direction: "),
        "{}",
        shown.stderr
    );
    let known = operator
        .run(&[&import[..], &["--date-order", "dmy", "--json"]].concat())
        .json();
    assert_eq!(
        known["counts"],
        json!({"rows": 3, "would_record": 2, "with_cost": 0, "would_reject": 1})
    );
    assert_eq!(known["calls"][0]["call_date"], "2026-11-02 10:15:03");
    let (_, calls) = operator.import_with("calls.csv", &["--dry-run"]);
    assert_eq!(calls.len(), 0);
    let files = std::fs::read_dir(operator.folder.path()).unwrap().count();
    assert_eq!(files, 1, "no rejects file");
    let costs = ["--column", "cost=price", "--date-order", "dmy"];
    let (output, calls) = operator.import_with("calls.csv", &costs);
    assert_eq!(summary(&output)["imported"], 2);
    assert_eq!(calls[0]["cost"], "25.5000");
}

#[test]
fn the_standard_input_is_read_like_a_file() {
    let operator = Operator::new("UTC");
    let import = [
        "import",
        "calls",
        "-",
        "--account",
        &operator.account,
        "--json",
    ];
    let mut child = operator
        .command(&import)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let rows = "\u{feff}call_date;direction;call_from;call_to\r\n\
                25/10/2026 10:15;inbound;2065550103;3105550111\r\n";
    child
        .stdin
        .take()
        .unwrap()
        .write_all(rows.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts["imported"], 1);
}

/// Ctrl-C while an import is writing.
#[cfg(unix)]
#[test]
fn an_import_that_is_stopped_says_what_it_did_and_goes_on_later() {
    use std::process::Command;

    let operator = Operator::new("UTC");
    let mut calls = format!("{HEADER}\n");
    let rows = 30_000;
    for n in 0..rows {
        let (day, hour, minute) = (1 + n / 1_440 % 28, n / 60 % 24, n % 60);
        calls.push_str(&format!(
            "2026-02-{day:02} {hour:02}:{minute:02}:00,inbound,2069{n:06},3105550111\n"
        ));
    }
    operator.write("calls.csv", &calls);
    let import = [
        "import",
        "calls",
        "calls.csv",
        "--account",
        &operator.account,
        "--json",
    ];
    let mut child = operator
        .command(&import)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It has begun once the first call is in the log.
    let first = [
        "export",
        "calls",
        "--account",
        &operator.account,
        "--format",
        "ndjson",
    ];
    let range = ["--from", "2026-02-01", "--to", "2026-02-01"];
    while operator
        .run(&[&first[..], &range].concat())
        .stdout
        .is_empty()
    {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it began");
    }
    let process = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &process])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    let imported = counts["imported"].as_u64().unwrap();
    assert!(
        said.contains("Run the same command again to go on"),
        "{said}"
    );
    assert!(said.contains("recorded so far"), "{said}");
    assert!(imported > 0 && imported < rows, "{counts}");
    let count = [
        "export",
        "calls",
        "--account",
        &operator.account,
        "--format",
        "ndjson",
    ];
    let range = ["--from", "2026-02-01", "--to", "2026-02-28"];
    let found = operator
        .run(&[&count[..], &range].concat())
        .stdout
        .lines()
        .count();
    assert_eq!(found as u64, imported, "it said what it did");
}
