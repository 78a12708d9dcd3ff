//! The demo account filled with data: through the endpoints, once, and all of it adds up.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{CommandOutput, Server, callbook, run};

/// A running ledger, and a terminal of the user who started it.
struct Filled {
    server: Server,
}

impl Filled {
    fn new(arguments: &[&str]) -> Self {
        let all = [&["local", "--memory"][..], arguments].concat();
        Self {
            server: Server::start(&all),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = callbook(arguments);
        command.env("XDG_DATA_HOME", self.server.data.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        run(&mut self.command(arguments))
    }

    fn account(&self) -> String {
        let listed = self.run(&["account", "list", "--json"]).json();
        listed[0]["account_id"].as_str().unwrap().to_owned()
    }
}

fn made(filled: &Value, what: &str) -> u64 {
    let count = filled["made"][what].as_u64();
    count.unwrap_or_else(|| panic!("{what}: {filled}"))
}

#[test]
fn the_demo_account_is_filled_once_and_everything_adds_up() {
    let local = Filled::new(&["--timezone", "America/Chicago"]);
    let fill = ["demo", "fill", "--calls-per-day", "20", "--json"];
    let filled = local.run(&fill).json();
    assert_eq!(filled["already_filled"], false);
    assert_eq!(filled["timezone"], "America/Chicago");
    assert!(made(&filled, "calls") > 250, "{filled}");
    assert!(made(&filled, "bills") > 100, "{filled}");
    assert_eq!(made(&filled, "callees for the dialer"), 8);
    assert!(made(&filled, "requests that are refused") > 20, "{filled}");
    // Each day is made from its date, so how many there are of a flaw differs from day to day.
    let flaws = [
        "of callers who never called",
        "for calls that were too short",
        "at another price than agreed",
        "of a second vendor for one call",
    ];
    let flaws: u64 = flaws.iter().map(|what| made(&filled, what)).sum();
    assert!(flaws > 5, "{filled}");
    let account = local.account();
    let audited = local.run(&["audit", "--account", &account]);
    assert_eq!(audited.code, 0, "{}{}", audited.stdout, audited.stderr);

    let again = local.run(&fill).json();
    assert_eq!(again["already_filled"], true);
    assert_eq!(
        again["totals"]["acknowledged"],
        filled["totals"]["acknowledged"]
    );
    assert_eq!(again["totals"]["calls"], filled["totals"]["calls"]);

    // The statement does not agree, in every way that the command tells apart.
    let statement = filled["statement"].as_str().unwrap();
    assert!(
        fs::read_to_string(statement)
            .unwrap()
            .starts_with("Call Date,")
    );
    let check = &filled["statement_check"];
    assert_ne!(check["difference"], "0.0000");
    assert!(
        check["agreed"]["statement"]["count"].as_u64().unwrap() > 20,
        "{check}"
    );
}

#[test]
fn the_zone_of_a_demo_account_that_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let first = Server::start(&["local", "--data", &data, "--timezone", "Asia/Tokyo"]);
    drop(first);
    drop(Server::start(&["local", "--data", &data]));
    let other = run(&mut callbook(&[
        "local",
        "--data",
        &data,
        "--port",
        "0",
        "--timezone",
        "UTC",
    ]));
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("Asia/Tokyo"), "{}", other.stderr);
}

#[test]
fn nothing_is_filled_where_nothing_runs() {
    let output = run(&mut callbook(&["demo", "fill"]));
    assert_eq!(output.code, 1);
    assert!(
        output.stderr.contains("callbook local"),
        "{}",
        output.stderr
    );
    let output = run(&mut callbook(&["demo", "fill", "--calls-per-day", "9"]));
    assert_eq!(output.code, 2);
}
