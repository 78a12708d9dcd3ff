//! Loading the inventory from files, and the countries that are served.

use std::io::Write;
use std::process::Stdio;

use crate::support::{CommandOutput, Operator};
use serde_json::{Value, json};

impl Operator {
    fn with_countries() -> Self {
        let operator = Self::new("UTC");
        for arguments in [&["US"][..], &["AU", "--requires-address"]] {
            operator
                .run(&[&["inventory", "country", "add", "--json"], arguments].concat())
                .json();
        }
        operator
    }

    fn load(&self, file: &str) -> CommandOutput {
        self.run(&["inventory", "load", file, "--json"])
    }

    fn inventory(&self, country: &str) -> Value {
        self.run(&["inventory", "list", "--country", country, "--json"])
            .json()
    }
}

const NUMBERS: &str = "\
number,type,capabilities,country,region,locality,price,carrier
+12125550101,Local,\"Voice,SMS\",US,New York,New York,$1.50,x
+12125550102,local,voice;sms;mms,us,New York,Albany,,
+18005550103,Toll-Free,Voice,US,,,2,
+61255501104,Local,Voice SMS,AU,New South Wales,Sydney,,
";

#[test]
fn loaded_numbers_are_listed_by_country_and_place() {
    let operator = Operator::with_countries();
    operator.write("numbers.csv", NUMBERS);
    assert_eq!(
        operator.load("numbers.csv").json(),
        json!({
            "rows": 4, "added": 4, "updated": 0, "unchanged": 0, "owned": 0, "rejected": 0, "rejects": null
        })
    );
    assert_eq!(
        operator.inventory("US"),
        json!([
            {
                "number": "+18005550103", "type": "Toll-Free", "capabilities": ["Voice"],
                "country": "US", "region": null, "locality": null, "price": "2.0000"
            },
            {
                "number": "+12125550102", "type": "Local", "capabilities": ["Voice", "SMS", "MMS"],
                "country": "US", "region": "New York", "locality": "Albany", "price": null
            },
            {
                "number": "+12125550101", "type": "Local", "capabilities": ["Voice", "SMS"],
                "country": "US", "region": "New York", "locality": "New York", "price": "1.5000"
            },
        ])
    );
    assert_eq!(operator.inventory("AU").as_array().unwrap().len(), 1);
}

#[test]
fn loading_a_file_again_applies_its_changes_and_nothing_else() {
    let operator = Operator::with_countries();
    operator.write("numbers.csv", NUMBERS);
    assert_eq!(operator.load("numbers.csv").json()["added"], 4);
    assert_eq!(operator.load("numbers.csv").json()["unchanged"], 4);
    // One number gets a new place, one a new price, and one a new capability.
    let changed = NUMBERS
        .replace("Albany", "Buffalo")
        .replace("$1.50", "1.75")
        .replace("Toll-Free,Voice", "Toll-Free,Voice|SMS");
    operator.write("changed.csv", &changed);
    let summary = operator.load("changed.csv").json();
    assert_eq!(
        (&summary["updated"], &summary["unchanged"]),
        (&json!(3), &json!(1))
    );
    let inventory = operator.inventory("US");
    let column = |name: &str| {
        let rows = inventory.as_array().unwrap().iter();
        json!(rows.map(|row| row[name].clone()).collect::<Vec<_>>())
    };
    assert_eq!(
        column("number"),
        json!(["+18005550103", "+12125550102", "+12125550101"]),
        "each number once"
    );
    assert_eq!(column("locality"), json!([null, "Buffalo", "New York"]));
    assert_eq!(column("price"), json!(["2.0000", null, "1.7500"]));
    assert_eq!(
        column("capabilities")[0],
        json!(["Voice", "SMS"]),
        "a change outside the place is applied as well"
    );
}

#[test]
fn the_first_of_two_rows_for_a_number_wins() {
    let operator = Operator::with_countries();
    let row = NUMBERS.lines().nth(1).unwrap();
    let same = row.replace("$1.50", "1.5").replace("New York", "NEW YORK");
    operator.write("same.csv", &format!("{NUMBERS}{same}\n"));
    let other = row.replace("$1.50", "9");
    operator.write("other.csv", &format!("{NUMBERS}{other}\n"));
    assert_eq!(operator.load("same.csv").json()["added"], 4, "counted once");
    for _ in 0..2 {
        let output = operator.load("other.csv");
        assert_eq!(output.code, 1);
        let expected = "line 6: number: an earlier row describes the same number differently";
        assert!(output.stderr.contains(expected), "{}", output.stderr);
        let summary: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(
            (
                &summary["unchanged"],
                &summary["updated"],
                &summary["rejected"]
            ),
            (&json!(4), &json!(0), &json!(1))
        );
        assert_eq!(operator.inventory("US")[2]["price"], "1.5000");
    }
}

#[test]
fn invalid_rows_are_reported_kept_and_can_be_corrected() {
    let operator = Operator::with_countries();
    operator.write(
        "bad.csv",
        "\
country,number,type,capabilities,region,price
US,+12125550101,Local,Voice,New York,
US,212-555-0102,Local,Voice,New York,
US,+12125550103,Mobile,Voice,New York,
US,+12125550104,Local,Fax,New York,
XX,+12125550105,Local,Voice,New York,
USA,+12125550106,Local,Voice,New York,
GB,+442079460107,Local,Voice,London,
US,+12125550108,Local,Voice,New York,-1
US,+12125550109,,Voice,New York,
US,+12125550110,Local
US,+442071838750,Local,Voice,New York,
",
    );
    let output = operator.load("bad.csv");
    assert_eq!(output.code, 1);
    let summary: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&summary["added"], &summary["rejected"]),
        (&json!(1), &json!(10))
    );
    for reason in [
        "line 3: number: ",
        "line 4: type: expected Local, Toll-Free, Shared-Rate or National",
        "line 5: capabilities: ",
        "line 6: country: no country of ISO 3166-1",
        "line 7: country: expected the two letters",
        "line 8: country: GB is not served; run `callbook inventory country add GB` first",
        "line 9: price: an amount is not negative",
        "line 10: type: missing",
        "line 11: expected 6 cells, as in the header line; found 3",
        "line 12: number: its country code is another country's",
    ] {
        assert!(
            output.stderr.contains(reason),
            "{reason}: {}",
            output.stderr
        );
    }
    assert!(
        !output.stderr.contains("55501"),
        "messages contain no phone number: {}",
        output.stderr
    );
    let rejects = operator.read("bad.rejects.csv");
    assert_eq!(rejects.lines().count(), 11);
    assert!(rejects.starts_with("reason,line,country,number,"));
    operator
        .run(&["inventory", "country", "add", "GB", "--json"])
        .json();
    operator.write("corrected.csv", &rejects.replace("Mobile", "Local"));
    let output = operator.load("corrected.csv");
    let summary: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&summary["added"], &summary["rejected"]),
        (&json!(2), &json!(8)),
        "the row of a country that is now served, and the row with the corrected type"
    );
}

#[test]
fn json_lines_can_be_loaded_from_the_standard_input() {
    let operator = Operator::with_countries();
    let lines = concat!(
        r#"{"number":"+12125550101","type":"Local","capabilities":["Voice","MMS"],"country":"US","price":0.10}"#,
        "\n",
        r#"{"number":"+12125550102","type":"Local","capabilities":["Voice",7],"country":"US"}"#,
        "\n",
        r#"{"number":"+12125550103","type":"National","capabilities":"SMS","country":"US","region":null}"#,
    );
    let mut child = operator
        .command(&["inventory", "load", "-", "--format", "ndjson", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&summary["added"], &summary["rejected"]),
        (&json!(2), &json!(1))
    );
    let rejects: Value = serde_json::from_str(&operator.read("inventory.rejects.ndjson")).unwrap();
    assert_eq!(rejects["line"], 2);
    let inventory = operator.inventory("US");
    assert_eq!(inventory[0]["capabilities"], json!(["Voice", "MMS"]));
    assert_eq!(inventory[0]["price"], "0.1000");
    assert_eq!(inventory[1]["capabilities"], json!(["SMS"]));
}

#[test]
fn a_number_that_belongs_to_an_account_is_left_alone() {
    let operator = Operator::with_countries();
    let register = ["number", "add", "+12125550101", "--account"];
    let registered = operator.run(&[&register[..], &[&operator.account]].concat());
    assert_eq!(registered.code, 0, "{}", registered.stderr);
    operator.write("numbers.csv", NUMBERS);
    let summary = operator.load("numbers.csv").json();
    assert_eq!(
        (&summary["added"], &summary["owned"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(operator.inventory("US").as_array().unwrap().len(), 2);
    // Registering a number removes it from the inventory.
    let register = ["number", "add", "+12125550102", "--account"];
    let registered = operator.run(&[&register[..], &[&operator.account]].concat());
    assert_eq!(registered.code, 0, "{}", registered.stderr);
    assert_eq!(operator.inventory("US").as_array().unwrap().len(), 1);
}

#[test]
fn numbers_and_countries_can_be_listed_and_removed() {
    let operator = Operator::with_countries();
    operator.write("numbers.csv", NUMBERS);
    operator.load("numbers.csv").json();
    let removed = operator
        .run(&["inventory", "remove", "+1 212-555-0101", "--json"])
        .json();
    assert_eq!(removed, json!({"number": "+12125550101", "removed": true}));
    assert_eq!(operator.inventory("US").as_array().unwrap().len(), 2);
    let again = operator.run(&["inventory", "remove", "+12125550101"]);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("not in the inventory"),
        "{}",
        again.stderr
    );

    let list = ["inventory", "country", "list", "--json"];
    assert_eq!(
        operator.run(&list).json(),
        json!([
            {"country": "AU", "requires_address": true},
            {"country": "US", "requires_address": false},
        ])
    );
    operator
        .run(&["inventory", "country", "add", "AU", "--json"])
        .json();
    assert_eq!(operator.run(&list).json()[0]["requires_address"], false);
    let remove = ["inventory", "country", "remove", "AU", "--json"];
    operator.run(&remove).json();
    assert_eq!(operator.run(&list).json().as_array().unwrap().len(), 1);
    assert_eq!(operator.run(&remove).code, 1, "it is no longer served");
    for wrong in ["XX", "USA"] {
        let output = operator.run(&["inventory", "country", "add", wrong]);
        assert_eq!(output.code, 2, "{wrong}");
    }
}
