//! `callbook retention`: what an operator sets, sees and is refused.

use serde_json::json;

use crate::later::change_account;
use crate::support::Operator;

#[test]
fn a_time_is_set_shown_and_taken_back() {
    let operator = Operator::new("UTC");
    let account = operator.account.as_str();
    let shown = operator
        .run(&["retention", "show", account, "--json"])
        .json();
    assert_eq!(shown["calls"], "forever");
    assert_eq!(shown["to_be_applied"], false);
    assert_eq!(shown["applied"], json!([]));
    assert_eq!(shown["least_days"], 32);
    assert_eq!(shown["fixed"]["refused requests"], "7 days");
    let set = [
        "retention",
        "set",
        account,
        "--calls",
        "90",
        "--costs",
        "365",
    ];
    let done = operator.run(&set);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(
        done.stderr.contains("callbook retention apply"),
        "{}",
        done.stderr
    );
    let shown = operator
        .run(&["retention", "show", account, "--json"])
        .json();
    assert_eq!(
        (&shown["calls"], &shown["costs"], &shown["contacts"]),
        (&json!("90 days"), &json!("365 days"), &json!("forever"))
    );
    let more = [
        "retention",
        "set",
        account,
        "--contacts",
        "365",
        "--feedback",
        "92",
        "--queue",
        "90",
        "--json",
    ];
    let more = operator.run(&more).json();
    assert_eq!(
        (&more["contacts"], &more["feedback"], &more["queue"]),
        (&json!("365 days"), &json!("92 days"), &json!("90 days"))
    );
    assert_eq!(shown["to_be_applied"], true);
    let plan = ["retention", "apply", account, "--dry-run", "--json"];
    let plan = operator.run(&plan).json();
    assert_eq!(plan["would_end"], json!({}));
    let back = [
        "retention",
        "set",
        account,
        "--calls",
        "forever",
        "--costs",
        "forever",
        "--contacts",
        "forever",
        "--json",
    ];
    assert_eq!(operator.run(&back).json()["calls"], "forever");
}

#[test]
fn a_setting_that_was_never_changed_is_applied_at_once_and_leaves_a_receipt() {
    let operator = Operator::new("UTC");
    let account = operator.account.as_str();
    let apply = ["retention", "apply", account, "--who", "jane", "--json"];
    let receipt = operator.run(&apply).json();
    assert_eq!(receipt["by"], "jane");
    assert_eq!(
        (&receipt["ended"], &receipt["lifted"]),
        (&json!({}), &json!({}))
    );
    assert!(receipt["finished_at"].is_string());
    let shown = operator
        .run(&["retention", "show", account, "--json"])
        .json();
    assert_eq!(shown["applied"], json!([receipt]));
}

#[test]
fn every_reason_why_a_time_is_too_short_is_said() {
    let operator = Operator::new("UTC");
    let account = operator.account.as_str();
    let set = |more: &[&str]| operator.run(&[&["retention", "set", account][..], more].concat());
    for (more, code, reasons) in [
        (
            &["--calls", "30", "--costs", "20"][..],
            1,
            &[
                "calls must be kept for at least 32 days",
                "costs must be kept for at least 32 days",
                "at least as long as calls (30 days)",
            ][..],
        ),
        (
            &["--costs", "90"],
            1,
            &["at least as long as calls (forever)"],
        ),
        (
            &["--calls", "0"],
            2,
            &["expected a number of days, 1 to 36500, or forever"],
        ),
        (
            &["--calls", "never"],
            2,
            &["expected a number of days, 1 to 36500, or forever"],
        ),
        (&[], 2, &["--calls"]),
        (
            &["--contacts", "100", "--feedback", "91", "--queue", "31"],
            1,
            &[
                "contacts must be kept for at least as long as calls (forever)",
                "feedback must be kept for at least 92 days",
                "queue entries must be kept for at least 32 days",
            ],
        ),
    ] {
        let refused = set(more);
        assert_eq!(refused.code, code, "{more:?}: {}", refused.stderr);
        let told = refused
            .stderr
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for reason in reasons {
            assert!(told.contains(reason), "{reason}: {told}");
        }
    }
    assert_eq!(set(&["--calls", "40", "--costs", "40"]).code, 0);
    let update = ["account", "update", account, "--billing-window-days", "60"];
    let refused = operator.run(&update);
    assert_eq!(refused.code, 1);
    let told = refused
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(told.contains("at least 62 days"), "{told}");
    let missing = operator.run(&["retention", "show", "4711"]);
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("does not exist"),
        "{}",
        missing.stderr
    );
}

#[test]
fn calls_from_before_what_is_kept_are_not_imported_again() {
    let operator = Operator::new("UTC");
    let account = operator.account.as_str();
    let set = [
        "retention",
        "set",
        account,
        "--calls",
        "40",
        "--costs",
        "40",
    ];
    assert_eq!(operator.run(&set).code, 0);
    operator.write(
        "calls.csv",
        "call_date,direction,call_from,call_to\n2020-01-01T12:00:00Z,inbound,+12065550100,+18005550100\n",
    );
    let import = [
        "import",
        "calls",
        "calls.csv",
        "--account",
        account,
        "--json",
    ];
    let imported = operator.run(&import);
    assert!(imported.stdout.contains("\"rejected\": 1"), "{imported:?}");
    let rejects = operator.read("calls.rejects.csv");
    assert!(
        rejects.contains("the account keeps nothing from before"),
        "{rejects}"
    );
    let list = [
        "cost",
        "list",
        "--account",
        account,
        "--from",
        "2020-01-01",
        "--to",
        "2020-01-31",
        "--by",
        "call",
    ];
    let listed = operator.run(&list);
    assert!(
        listed.stderr.contains("keeps calls since"),
        "{}",
        listed.stderr
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_receipt_names_the_run_that_did_the_work() {
    let operator = Operator::new("UTC");
    let account = operator.account.as_str();
    operator.write(
        "calls.csv",
        "call_date,direction,call_from,call_to\n2026-11-20T12:00:00Z,inbound,+12065550100,+18005550100\n",
    );
    let import = ["import", "calls", "calls.csv", "--account", account];
    assert_eq!(operator.run(&import).code, 0);
    let set = [
        "retention",
        "set",
        account,
        "--calls",
        "36500",
        "--costs",
        "36500",
    ];
    assert_eq!(operator.run(&set).code, 0);
    // Long enough ago that functions know it.
    let long_ago = "SET calls_kept.changed_at = :one, costs_kept.changed_at = :one";
    change_account(&operator, long_ago).await;
    let apply = ["retention", "apply", account, "--json"];
    let worked = operator.run(&apply);
    assert!(!worked.stderr.contains("nothing left"), "{}", worked.stderr);
    let worked = worked.json();
    assert_eq!(worked["ended"]["call"], 1, "{worked}");
    let empty = operator.run(&apply);
    assert_eq!(empty.json()["ended"], json!({}));
    let id = worked["retention_id"].as_str().expect("an id");
    assert!(empty.stderr.contains(id), "{}", empty.stderr);
}
