//! Files of any software, by `--column`.

use serde_json::json;

use crate::support::{Operator, callbook, run};

#[test]
fn columns_of_other_names_are_read() {
    let operator = Operator::new("America/New_York");
    operator.write(
        "cdr.csv",
        "when;clock;src;dst;secs;fee\n2/11/26;10:15;\"\"\"Bob\"\" <2065550100>\";3105550111;0:03:19;25.50\n",
    );
    let columns = [
        "--column",
        "call_date=when+clock,%d/%m/%y %H:%M",
        "--column",
        "call_from=src",
        "--column",
        "CALL_TO=DST",
        "--column",
        "duration=secs",
        "--column",
        "direction==inbound",
    ];
    let (output, calls) = operator.import_with("cdr.csv", &columns);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let call = &calls[0];
    assert_eq!(
        json!([
            call["call_date"],
            call["call_from"],
            call["call_to"],
            call["duration"],
            call["cost"]
        ]),
        json!([
            "2026-11-02T10:15:00-05:00",
            "+12065550100",
            "+13105550111",
            199,
            null
        ])
    );
    // A date of another form is rejected: the format was named.
    operator.write(
        "other.csv",
        "when;clock;src;dst;secs\n2026-11-02;10:15;2065550100;3105550111;1\n",
    );
    let (output, _) = operator.import_with("other.csv", &columns);
    let expected = "line 2: call_date: expected a date in the format %d/%m/%y %H:%M";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
}

#[test]
fn columns_of_a_file_without_a_header_line_have_numbers() {
    let operator = Operator::new("UTC");
    operator.write(
        "cdr.csv",
        "1793632503,2065550100,3105550111,in,199\n1793636103,2065550100,12,in,199\n",
    );
    let columns = [
        "--no-header",
        "--column",
        "call_date=#1",
        "--column",
        "call_from=#2",
        "--column",
        "call_to=#3",
        "--column",
        "direction=#4",
        "--column",
        "duration=#5",
    ];
    let (output, calls) = operator.import_with("cdr.csv", &columns);
    assert!(
        output.stderr.contains("line 2: call_to: "),
        "{}",
        output.stderr
    );
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["call_date"], "2026-11-02T15:15:03+00:00");
    // The rejects have a header line, with the numbers that the columns had.
    let rejects = operator.read("cdr.rejects.csv");
    assert!(
        rejects.starts_with("reason,line,#1,#2,#3,#4,#5\n"),
        "{rejects}"
    );
    operator.write("corrected.csv", &rejects.replace(",12,", ",3105550112,"));
    let (output, calls) = operator.import_with("corrected.csv", &columns);
    assert_eq!((output.code, calls.len()), (0, 2), "{}", output.stderr);
}

#[test]
fn what_a_file_lacks_is_named() {
    let operator = Operator::new("UTC");
    operator.write("cdr.csv", "a,b\n1,2\n");
    for (columns, expected) in [
        (
            &["--column", "call_from=c"][..],
            "the file has no column c; it has a, b",
        ),
        (
            &["--column", "call_from=a"],
            "the file lacks call_date, direction, call_to",
        ),
        (
            &["--no-header", "--column", "call_from=#1"],
            "call_date, direction, call_to",
        ),
        (
            &["--no-header", "--column", "call_from=#3"],
            "the file has no column #3; it has #1, #2",
        ),
        (&[], "No profile knows these columns"),
    ] {
        let (output, _) = operator.import_with("cdr.csv", columns);
        assert_eq!(output.code, 1, "{columns:?}");
        let said = output.stderr.replace('\n', " ");
        assert!(said.contains(expected), "{columns:?}: {said}");
    }
    for (column, expected) in [
        ("caller=a", "an import has no column caller"),
        ("call_date=a,%H:%M", "expected a format of dates"),
        ("call_date", "expected NAME=COLUMN"),
        ("call_date=", "expected the name of a column"),
    ] {
        let import = [
            "import",
            "calls",
            "x.csv",
            "--account",
            "1",
            "--column",
            column,
        ];
        let output = run(&mut callbook(&import));
        assert_eq!(output.code, 2, "{column}");
        assert!(
            output.stderr.contains(expected),
            "{column}: {}",
            output.stderr
        );
    }
}
