//! Files that were written by a system whose clock was wrong.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::{CommandOutput, Server, callbook, post, run};

/// A deployment on this machine, with calls that its switch reported.
struct Desk {
    server: Server,
    folder: tempfile::TempDir,
    account: String,
}

const CALLS: usize = 8;

impl Desk {
    /// The switch reported a call each hour, at 10:00 to 17:00.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials.json");
        let server = Server::start(&["local", "--memory", "--credentials", file.to_str().unwrap()]);
        let demo: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let text = |group: &str, name: &str| demo[group][name].as_str().unwrap().to_owned();
        let (user, password) = (
            text("fonedynamics", "account_sid"),
            text("fonedynamics", "token"),
        );
        let property = text("fonedynamics", "property_sid");
        let authorization = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        for call in 0..CALLS {
            let body = format!(
                "From=%2B1206973510{call}&To=%2B18005550100&Direction=Inbound\
                 &Started=2026-03-08T{}:00:00Z",
                10 + call
            );
            let path = format!("/v2/Properties/{property}/Calls");
            let reply = post(&server.url, &path, &headers, &body).unwrap();
            assert_eq!(reply.status, 200, "{}", reply.body);
        }
        let account = &demo["account"]["account_id"];
        Self {
            account: account
                .as_str()
                .map_or_else(|| account.to_string(), str::to_owned),
            server,
            folder,
        }
    }

    /// Writes a file with a row for each call, so many seconds late.
    fn write(&self, late: impl Fn(usize) -> usize) {
        let mut rows = "call_date,direction,call_from,call_to,duration\n".to_owned();
        for call in 0..CALLS {
            let (minutes, seconds) = (late(call) / 60, late(call) % 60);
            rows.push_str(&format!(
                "2026-03-08T{}:{minutes:02}:{seconds:02}Z,inbound,+1206973510{call},+18005550100,30\n",
                10 + call
            ));
        }
        fs::write(self.folder.path().join("calls.csv"), rows).unwrap();
    }

    fn import(&self, more: &[&str]) -> CommandOutput {
        let arguments = ["import", "calls", "calls.csv", "--account", &self.account];
        self.run(&[&arguments[..], &["--json"], more].concat())
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = callbook(arguments);
        command
            .current_dir(self.folder.path())
            .envs(&self.server.exports);
        run(&mut command)
    }

    /// How many calls the log has.
    fn calls(&self) -> usize {
        let range = ["--from", "2026-03-08", "--to", "2026-03-08"];
        let export = ["export", "calls", "--account", &self.account];
        let output = self.run(&[&export[..], &range, &["--format", "ndjson"]].concat());
        assert_eq!(output.code, 0, "{}", output.stderr);
        output.stdout.lines().count()
    }
}

#[test]
fn an_import_says_when_most_of_its_rows_have_a_call_at_one_distance() {
    let desk = Desk::new();
    desk.write(|call| 118 + call % 5);
    let imported = desk.import(&[]);
    assert_eq!(imported.json()["imported"], CALLS);
    let hint = "8 of 8 rows have a call 118 to 122 seconds earlier; is this file's clock wrong?";
    assert!(imported.stderr.contains(hint), "{}", imported.stderr);
    assert!(
        imported.stderr.contains("--clock -120"),
        "{}",
        imported.stderr
    );
    assert_eq!(desk.calls(), 2 * CALLS, "each call twice");
    let again = desk.import(&[]);
    assert!(again.stderr.contains(hint), "{}", again.stderr);
}

#[test]
fn the_times_of_a_file_are_corrected_where_they_enter() {
    let desk = Desk::new();
    desk.write(|_| 120);
    let imported = desk.import(&["--clock", "-120"]);
    assert_eq!(imported.json()["imported"], CALLS);
    assert!(!imported.stderr.contains("clock"), "{}", imported.stderr);
    assert_eq!(desk.calls(), CALLS, "each call once");
    let again = desk.import(&["--clock", "-120"]);
    assert_eq!(again.json()["already_there"], CALLS);
    assert_eq!(desk.calls(), CALLS);
}

#[test]
fn a_correction_the_wrong_way_is_corrected_by_the_next_hint() {
    let desk = Desk::new();
    desk.write(|_| 120);
    let imported = desk.import(&["--clock", "-7200"]);
    let hint = "8 of 8 rows have a call 7080 seconds later; is this file's clock wrong? Then import it \
                with --clock -120";
    assert!(imported.stderr.contains(hint), "{}", imported.stderr);
}

#[test]
fn rows_at_many_distances_say_nothing_about_the_clock() {
    let desk = Desk::new();
    desk.write(|call| 120 + 60 * call);
    let imported = desk.import(&[]);
    assert_eq!(imported.json()["imported"], CALLS);
    assert!(!imported.stderr.contains("clock"), "{}", imported.stderr);
    let refused = desk.import(&["--clock", "two minutes"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
}
