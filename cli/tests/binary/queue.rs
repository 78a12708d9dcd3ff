//! The dialer's queue from the command line: callees are listed, taken, finished, and called by a command.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{CommandOutput, run};
use crate::told::Local;

impl Local {
    fn queue_command(&self, command: &str, more: &[&str]) -> Command {
        let account = ["queue", command, "--account", self.account()];
        self.command(&[&account[..], more].concat())
    }

    fn queue(&self, command: &str, more: &[&str]) -> CommandOutput {
        run(&mut self.queue_command(command, more))
    }

    /// The entries that are offered or taken: callee and attempt.
    fn listed(&self) -> Vec<(String, u64)> {
        let entries = self.queue("list", &["--json"]).json();
        let entries = entries["entries"].as_array().unwrap().iter();
        let of = |entry: &Value| {
            let callee = entry["callee"].as_str().unwrap().to_owned();
            (callee, entry["attempt"].as_u64().unwrap())
        };
        entries.map(of).collect()
    }
}

/// Asserts that of two callees that wait the first one was taken, kept for longer and called.
pub fn assert_called(answers: &[Value]) {
    let [waiting, taken, extended, finished] = answers else {
        panic!("expected four answers");
    };
    let callee = &taken["entries"][0];
    assert_eq!(waiting["entries"].as_array().map(Vec::len), Some(2));
    assert_eq!(callee["callee"], "+12065550100");
    assert_eq!(extended["id"], callee["id"]);
    let expected = json!({"id": callee["id"], "attempt": 1, "result": "completed"});
    assert_eq!(finished, &expected);
}

#[test]
fn callees_are_listed_taken_and_finished() {
    let local = Local::new();
    let none = local.queue("list", &[]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("Nobody waits"), "{}", none.stderr);
    let id = local.add("2065550101");
    local.add("2065550102");
    let table = local.queue("list", &[]).stdout;
    assert!(table.contains("+12065550101"), "{table}");
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );

    let taken = local.queue("take", &["--lease", "300s", "--json"]).json();
    assert_eq!(taken["entries"][0]["id"], id);
    let id = id.to_string();
    let wrong = local.queue("finish", &[&id, "--result", "completed", "--attempt", "2"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.stderr.contains("not this taker's"),
        "{}",
        wrong.stderr
    );
    for _ in 0..2 {
        let done = local.queue("finish", &[&id, "--result", "completed"]);
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    assert_eq!(local.listed(), [("+12065550102".to_owned(), 0)]);
    let unknown = local.queue("finish", &["7", "--result", "failed"]);
    assert!(unknown.stderr.contains("no entry 7"), "{}", unknown.stderr);
    for (option, value) in [
        ("--limit", "101"),
        ("--lease", "0s"),
        ("--callprocess", "x"),
    ] {
        assert_eq!(local.queue("take", &[option, value]).code, 2, "{option}");
    }
}

#[test]
fn a_command_runs_for_each_callee_and_its_exit_status_finishes_it() {
    let local = Local::new();
    for callee in ["2065550101", "2065550102", "2065550103"] {
        local.add(callee);
    }
    // The second one is not called: its command fails.
    let dial = "cat >> called.txt; ! tail -n 1 called.txt | grep -q 5550102";
    let done = local.queue("run", &["--until-empty", "--", "sh", "-c", dial]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let results = ["completed", "failed", "completed"];
    for result in results {
        assert!(done.stderr.contains(result), "{}", done.stderr);
    }
    let called = std::fs::read_to_string(local.folder.path().join("called.txt")).unwrap();
    let called: Vec<Value> = called
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let callees: Vec<_> = called.iter().map(|entry| entry["callee"].clone()).collect();
    assert_eq!(callees, ["+12065550101", "+12065550102", "+12065550103"]);
    assert_eq!(called[0]["whisper_text"], "Hello");
    assert_eq!(local.listed(), []);
    let nothing = local.queue("run", &["--until-empty", "--", "/no/such/program"]);
    assert_eq!(nothing.code, 0, "nobody waits");
    local.add("2065550104");
    let nothing = local.queue("run", &["--until-empty", "--", "/no/such/program"]);
    assert_eq!(nothing.code, 1);
    assert!(
        nothing.stderr.contains("cannot start"),
        "{}",
        nothing.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_callee_whose_caller_is_killed_is_offered_again() {
    let local = Local::new();
    local.add("2065550101");
    // The command kills the program that runs it.
    let arguments = ["--lease", "1s", "--", "sh", "-c", "kill -9 $PPID"];
    let mut first = local.queue_command("run", &arguments);
    let killed = first.stderr(Stdio::null()).status().unwrap();
    assert_eq!(killed.code(), None, "it ends by a signal");
    assert_eq!(local.listed(), [("+12065550101".to_owned(), 1)]);
    // It waits for the lease to run out.
    let again = ["--interval", "1s", "--", "sh", "-c", "echo called"];
    let mut second = local.queue_command("run", &again);
    let mut second = second
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = std::io::BufReader::new(second.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    assert_eq!(line, "called\n");
    second.kill().unwrap();
    second.wait().unwrap();
}
