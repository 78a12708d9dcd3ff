//! A history that leaves a ledger: longer than any report may be.

use crate::support::{Ended, Operator};
use serde_json::Value;

impl Operator {
    fn rows_of(&self, from: &str, to: &str) -> Vec<Value> {
        let Ended { code, out, err } = self.history(from, to);
        assert_eq!(code, 0, "{err}");
        let lines = out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn history(&self, from: &str, to: &str) -> Ended {
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

/// Calls in their order, around moments that are 366 days behind 2023-03-10: on that day in 2024 the clocks of
/// the zone go forward.
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
fn a_range_of_many_years_has_every_call_once_and_in_order() {
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
    let moments = operator.rows_of("2023-03-10T05:00:00Z", "2025-03-11T04:00:00Z");
    assert_eq!(notes(&moments), [1, 2, 3, 4, 5, 6]);
    // It is what its parts are, one behind the other.
    let parts = [
        ("2023-03-10", "2024-03-09"),
        ("2024-03-10", "2025-03-10"),
        ("2025-03-11", "2025-03-11"),
    ];
    let parts = parts.map(|(from, to)| operator.rows_of(from, to));
    assert_eq!(whole, parts.concat());
    let refused = operator.history("2025-01-01", "2021-01-01");
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(
        refused.err.contains("the start is after the end"),
        "{}",
        refused.err
    );
}
