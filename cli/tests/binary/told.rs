//! A running ledger with its demo account, and commands that list and follow what happens in it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{CommandOutput, Reply, Server, callbook, post, run};

/// Before every test, and late enough for a list that begins there.
pub const LONG_AGO: &str = "2026-01-01";

/// After every test.
pub const NEVER: &str = "2999-01-01";

/// A running ledger with its demo account.
pub struct Local {
    pub server: Server,
    pub folder: tempfile::TempDir,
    demo: Value,
}

impl Local {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.json");
        let path = file.to_str().unwrap();
        let server = Server::start(&["local", "--memory", "--credentials", path]);
        let demo = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        Self {
            server,
            folder,
            demo,
        }
    }

    pub fn text(&self, group: &str, name: &str) -> &str {
        self.demo[group][name].as_str().expect("a text")
    }

    pub fn account(&self) -> &str {
        self.text("account", "account_id")
    }

    /// Sends a rapid response as the demo user.
    pub fn respond(&self, body: &Value) -> Reply {
        let user = [self.text("user", "username"), self.text("user", "password")];
        let basic = format!("Basic {}", STANDARD.encode(user.join(":")));
        let headers = [
            ("authorization", basic.as_str()),
            ("content-type", "application/json"),
        ];
        let body = body.to_string();
        post(&self.server.url, "/voice/rapidresponse", &headers, &body).expect("an answer")
    }

    /// Queues a callee by a rapid response, and returns the entry's id.
    pub fn add(&self, callee: &str) -> u64 {
        let reply = self.respond(&json!({"callee": callee, "whisper_text": "Hello"}));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        body["result"]["callqueue_id"].as_u64().expect("an id")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = callbook(arguments);
        command
            .current_dir(self.folder.path())
            .envs(&self.server.exports);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> CommandOutput {
        run(&mut self.command(arguments))
    }

    /// Runs a command of the demo account.
    pub fn of_account(&self, arguments: &[&str]) -> CommandOutput {
        self.run(&[arguments, &["--account", self.account()]].concat())
    }

    /// Starts a command of the demo account that goes on.
    pub fn follow(&self, arguments: &[&str]) -> Followed {
        let arguments = [arguments, &["--account", self.account(), "--follow"]].concat();
        let mut command = self.command(&arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        Followed {
            child,
            lines: Some(lines),
        }
    }
}

/// A command that goes on, killed on drop.
pub struct Followed {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl Followed {
    /// Waits for its next line.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let lines = self.lines.as_mut().expect("somebody reads");
        let read = lines.read_line(&mut line).expect("text");
        assert_ne!(read, 0, "it ended");
        line
    }

    /// Reads no more, as `head` does.
    pub fn leave(&mut self) {
        self.lines = None;
    }

    /// Waits for its end, and returns the exit code.
    pub fn ended(&mut self) -> i32 {
        let status = self.child.wait().expect("it was started");
        status.code().expect("an exit code, not a signal")
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        // It may have ended already.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
