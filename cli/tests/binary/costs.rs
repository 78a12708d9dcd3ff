//! `callbook cost` and `callbook export costs` against a running `callbook database`.

use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator};

/// Three imported calls with costs, and one without.
const CALLS: &str = "\
call_date,direction,call_from,call_to,cost,notes
2026-11-21T10:00:00-05:00,inbound,2069735101,2069735100,25,=1+1
2026-11-21T11:00:00-05:00,inbound,2069735102,2069735100,7.50,
2026-11-22T10:00:00-05:00,inbound,2069735103,2069735100,12.3456,
2026-11-22T11:00:00-05:00,inbound,2069735104,2069735100,,
";

const RANGE: [&str; 4] = ["--from", "2026-11-21", "--to", "2026-11-22"];

struct Office {
    operator: Operator,
}

impl Office {
    fn new() -> Self {
        let operator = Operator::new("America/New_York");
        operator.write("calls.csv", CALLS);
        let import = ["import", "calls", "calls.csv", "--account"];
        let imported = operator.run(&[&import[..], &[&operator.account, "--json"]].concat());
        assert_eq!(imported.json()["imported"], 4, "{}", imported.stderr);
        Self { operator }
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        let account = ["--account", &self.operator.account];
        self.operator.run(&[arguments, &account].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.code, 0, "{arguments:?}: {}", output.stderr);
        output.json()
    }

    fn costs(&self) -> Value {
        self.json(&[&["cost", "list"][..], &RANGE].concat())
    }

    fn id(&self, amount: &str) -> String {
        let costs = self.costs();
        let costs = costs["costs"].as_array().unwrap().iter();
        let cost = costs.clone().find(|cost| cost["amount"] == amount);
        cost.unwrap()["cost_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_list_fits_80_columns_and_ends_with_the_sums() {
    let office = Office::new();
    let vendor = "a-vendor-with-a-very-long-id-indeed";
    let added = office.run(&["vendor", "add", vendor, "--name", "Long"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let id = office.id("7.5000");
    let voided = office.run(&["cost", "void", &id, "--reason", "wrong number"]);
    assert_eq!(voided.code, 0, "{}", voided.stderr);
    let list = office.run(&[&["cost", "list"][..], &RANGE].concat());
    assert_eq!(list.code, 0, "{}", list.stderr);
    for line in list.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let lines: Vec<&str> = list.stdout.lines().collect();
    assert!(lines[0].starts_with("COST_ID"), "{}", lines[0]);
    assert!(lines[1].contains("2026-11-21") && lines[1].ends_with("matched"));
    assert!(lines[2].ends_with("void"), "{}", lines[2]);
    for sum in [
        "acknowledged  44.8456 USD in 3",
        "in force      37.3456 USD in 2",
        "void          7.5000 USD in 1",
        "unmatched     0.0000 USD in 0",
    ] {
        assert!(list.stdout.contains(sum), "{sum}: {}", list.stdout);
    }
}

#[test]
fn a_list_is_filtered_and_comes_as_json_and_csv() {
    let office = Office::new();
    let list = office.costs();
    assert_eq!(list["costs"].as_array().unwrap().len(), 3);
    assert_eq!(
        list["totals"]["matched"],
        json!({"count": 3, "amount": "44.8456"})
    );
    assert_eq!(list["totals"]["complete"], true);
    for (more, count) in [
        (&["--unmatched"][..], 0),
        (&["--state", "in_force"], 3),
        (&["--caller", "(206) 973-5102"], 1),
        (&["--did", "2069735199"], 0),
        (&["--vendor", "(none)"], 3),
        (&["--by", "call"], 3),
        (&["--expectation", "as_agreed"], 0),
    ] {
        let list = office.json(&[&["cost", "list"][..], &RANGE, more].concat());
        assert_eq!(list["costs"].as_array().unwrap().len(), count, "{more:?}");
    }
    let csv = office.run(&[&["cost", "list", "--csv"][..], &RANGE].concat());
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", csv.stdout);
    assert!(lines[0].starts_with("cost_id,vendor_id,credential_id,label,did,cid,amount"));
    assert!(lines[1].contains(",25.0000,USD,2026-11-21T10:00:00-05:00,"));
    assert!(
        csv.stderr.contains("acknowledged: 44.8456 USD in 3"),
        "{}",
        csv.stderr
    );
    let both = office.run(&[&["cost", "list", "--unmatched", "--by", "call"][..], &RANGE].concat());
    assert_eq!(both.code, 1);
    assert!(
        both.stderr.contains("has no time of a call"),
        "{}",
        both.stderr
    );
}

#[test]
fn what_terms_make_of_costs_is_listed_summed_and_exported() {
    let operator = Operator::new("America/New_York");
    let account = ["--account", operator.account.as_str()];
    let run = |arguments: &[&str]| {
        let output = operator.run(&[arguments, &account].concat());
        assert_eq!(output.code, 0, "{arguments:?}: {}", output.stderr);
        output
    };
    run(&["vendor", "add", "acme", "--name", "Acme"]);
    run(&[
        "vendor",
        "terms",
        "acme",
        "--from",
        "2026-01-01",
        "--price",
        "25",
    ]);
    let number = ["number", "add", "2069735100", "--vendor", "acme"];
    run(&[&number[..], &["--from", "2026-01-01"]].concat());
    operator.write("calls.csv", CALLS);
    run(&["import", "calls", "calls.csv"]);
    let list = |more: &[&str]| run(&[&["cost", "list"][..], &RANGE, more].concat());
    let all = list(&["--json"]).json();
    let words: Vec<_> = all["costs"].as_array().unwrap().iter().collect();
    let words: Vec<_> = words.iter().map(|cost| &cost["expectation"]).collect();
    assert_eq!(words, ["as_agreed", "other_price", "other_price"]);
    let expected = json!({
        "as_agreed": {"count": 1, "amount": "25.0000"},
        "other_price": {"count": 2, "amount": "19.8456"},
    });
    assert_eq!(all["expectations"], expected);
    let other = list(&["--expectation", "OTHER_PRICE", "--json"]).json();
    assert_eq!(other["totals"]["matched"], expected["other_price"]);
    let table = list(&[]).stdout;
    assert!(table.contains("other_price   19.8456 USD in 2"), "{table}");
    let none = list(&["--flag", "two_vendors", "--json"]).json();
    assert_eq!(
        (&none["costs"], &none["expectations"]),
        (&json!([]), &json!({}))
    );
    let csv = run(&[&["export", "costs"][..], &RANGE].concat()).stdout;
    assert_eq!(csv.matches(",other_price,").count(), 2, "{csv}");
}

#[test]
fn a_cost_is_shown_voided_and_matched_with_its_history() {
    let office = Office::new();
    let id = office.id("25.0000");
    let call = office.json(&["cost", "show", &id])["call_sid"].clone();
    let call = call.as_str().unwrap();
    let none = ["cost", "match", &id, "none", "--reason", "not our call"];
    let unmatched = office.json(&none);
    assert_eq!(
        (&unmatched["match"], &unmatched["pinned"]),
        (&json!("unmatched"), &json!(true))
    );
    let back = [
        "cost", "match", &id, call, "--reason", "ours", "--who", "Ann",
    ];
    assert_eq!(office.json(&back)["call_sid"], call);
    let unpinned = office.json(&["cost", "unpin", &id, "--reason", "no doubt"]);
    assert_eq!(
        (&unpinned["call_sid"], &unpinned["pinned"]),
        (&json!(call), &json!(false))
    );
    let voided = office.json(&["cost", "void", &id, "--reason", "disputed", "--all"]);
    assert_eq!(
        (&voided["state"], &voided["revived"]),
        (&json!("void"), &json!([]))
    );
    let shown = office.json(&["cost", "show", &id]);
    let history = shown["history"].as_array().unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|line| (line["what"].as_str().unwrap(), line["by"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("import", "import"),
            ("pin", "operator"),
            ("pin", "Ann"),
            ("unpin", "operator"),
            ("void", "operator")
        ]
    );
    let table = office.run(&["cost", "show", &id]);
    assert!(table.stdout.contains("disputed"), "{}", table.stdout);
    for (arguments, reason) in [
        (["cost", "show", "17"].to_vec(), "no such cost"),
        (
            ["cost", "void", "17", "--reason", "r"].to_vec(),
            "no such cost",
        ),
        (
            ["cost", "match", &id, &"A".repeat(32), "--reason", "r"].to_vec(),
            "no such inbound call",
        ),
    ] {
        let refused = office.run(&arguments);
        assert_eq!(refused.code, 1, "{arguments:?}");
        assert!(refused.stderr.contains(reason), "{}", refused.stderr);
    }
    assert_eq!(
        office.run(&["cost", "void", &id]).code,
        2,
        "a reason is needed"
    );
}

#[test]
fn an_adjustment_stands_beside_the_costs() {
    let office = Office::new();
    let id = office.id("25.0000");
    let today = ["--from", "2026-11-01", "--to", "2099-12-31"];
    let adjust = [
        "cost", "adjust", "--cost", &id, "--amount", "-7.50", "--reason", "won",
    ];
    let made = office.json(&adjust);
    assert_eq!(
        (&made["amount"], &made["cost_id"]),
        (&json!("-7.5000"), &json!(id))
    );
    assert_eq!(
        office
            .run(&["vendor", "add", "acme", "--name", "Acme"])
            .code,
        0
    );
    let month = ["cost", "adjust", "--vendor", "acme", "--month", "2026-11"];
    let fee = office.json(&[&month[..], &["--amount", "20", "--reason", "late fee"]].concat());
    assert_eq!(
        (&fee["vendor_id"], &fee["month"]),
        (&json!("acme"), &json!("2026-11"))
    );
    let list = office.json(&[&["cost", "list"][..], &today].concat());
    assert_eq!(
        list["totals"]["adjusted"],
        json!({"count": 2, "amount": "12.5000"})
    );
    for wrong in [
        &["--amount", "1", "--reason", "r"][..],
        &["--cost", &id, "--amount", "0", "--reason", "r"],
        &[
            "--cost", &id, "--vendor", "acme", "--amount", "1", "--reason", "r",
        ],
        &["--vendor", "acme", "--amount", "1", "--reason", "r"],
    ] {
        let refused = office.run(&[&["cost", "adjust"][..], wrong].concat());
        assert_eq!(refused.code, 2, "{wrong:?}: {}", refused.stderr);
    }
    let nobody = ["cost", "adjust", "--vendor", "nobody", "--month", "2026-11"];
    let refused = office.run(&[&nobody[..], &["--amount", "1", "--reason", "r"]].concat());
    assert!(
        refused.stderr.contains("no such vendor"),
        "{}",
        refused.stderr
    );
}

#[test]
fn exports_say_what_they_wrote_and_what_they_left_out() {
    let office = Office::new();
    let id = office.id("7.5000");
    assert_eq!(office.run(&["cost", "void", &id, "--reason", "r"]).code, 0);
    let costs = office.run(&[&["export", "costs", "-o", "costs.csv"][..], &RANGE].concat());
    assert_eq!(costs.code, 0, "{}", costs.stderr);
    for line in [
        "rows        3",
        "billed      2",
        "sum         37.3456 USD",
        "unmatched   0.0000 USD in 0",
        "void        7.5000 USD in 1",
        "file        costs.csv",
    ] {
        assert!(costs.stdout.contains(line), "{line}: {}", costs.stdout);
    }
    let written = office.operator.read("costs.csv");
    assert_eq!(written.lines().count(), 4, "{written}");
    assert_eq!(written.matches(",void,").count(), 1, "{written}");
    let lines = office.run(&[&["export", "costs", "--format", "ndjson"][..], &RANGE].concat());
    let rows: Vec<Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(
        lines
            .stderr
            .contains("rows: 3; billed: 2; sum: 37.3456 USD"),
        "{}",
        lines.stderr
    );
    let calls = office.run(&[&["export", "calls", "-o", "calls-out.csv"][..], &RANGE].concat());
    for line in [
        "rows        4",
        "billed      2",
        "void        7.5000 USD in 1",
    ] {
        assert!(calls.stdout.contains(line), "{line}: {}", calls.stdout);
    }
}

#[test]
fn a_list_without_a_range_has_every_cost_and_reads_the_days_that_exist() {
    let office = Office::new();
    let old = "\
call_date,direction,call_from,call_to,cost,notes
2019-05-01T10:00:00-05:00,inbound,2069735105,2069735100,1,
";
    office.operator.write("old.csv", old);
    let imported = office.run(&["import", "calls", "old.csv"]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let decades = ["--from", "1970-01-01", "--to", "2199-12-31"];
    for range in [
        &[][..],
        &decades,
        &["--from", "2019-05-01"],
        &["--to", "2026-12-31"],
    ] {
        let list = office.json(&[&["cost", "list"], range].concat());
        let sum = json!({"count": 4, "amount": "45.8456"});
        assert_eq!(list["totals"]["acknowledged"], sum, "{range:?}");
    }
    for range in [
        ["--from", "2030-01-01", "--to", "2031-01-01"],
        ["--from", "1970-01-01", "--to", "1971-01-01"],
    ] {
        let none = office.json(&[&["cost", "list"], &range[..]].concat());
        assert_eq!(none["costs"], json!([]), "{range:?}");
    }
    let by_call = office.run(&["cost", "list", "--by", "call"]);
    assert_eq!(by_call.code, 1);
    assert!(
        by_call.stderr.contains("--from and --to"),
        "{}",
        by_call.stderr
    );
}
