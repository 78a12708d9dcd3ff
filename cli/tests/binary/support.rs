//! Runs the `callbook` binary as a person or a script does, and speaks just enough HTTP to it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;

/// A home of nobody, which does not exist.
const NO_DATA: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/nobody");

/// Returns `callbook` with arguments, without the AWS configuration of this process.
pub fn callbook(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callbook"));
    command.args(arguments).stdin(Stdio::null());
    // No test finds the ledger of another one, or that of the person who runs it.
    command.env("XDG_DATA_HOME", NO_DATA);
    command.env("HOME", NO_DATA);
    for name in [
        "TABLE_NAME",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL",
        "AWS_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "PAGE_TOKEN_KEY",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        command.env_remove(name);
    }
    command
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub struct CommandOutput {
    pub code: i32,
    pub stdout: String,
    /// The standard error with each message in one line.
    pub stderr: String,
    /// The standard error as it was, with messages broken where a terminal ends.
    pub broken: String,
}

impl CommandOutput {
    /// The standard output as JSON; the command must have succeeded.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON on the standard output")
    }
}

pub fn run(command: &mut Command) -> CommandOutput {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command starts");
    let broken = String::from_utf8(stderr).expect("text");
    CommandOutput {
        code: status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8(stdout).expect("text"),
        stderr: broken.replace("\n  ", " "),
        broken,
    }
}

/// A running `callbook local` or `callbook database`, killed on drop.
pub struct Server {
    child: Child,
    /// The base URL: `http://127.0.0.1:PORT`.
    pub url: String,
    /// What it printed when it was ready.
    pub banner: String,
    /// The variables that a command needs for its ledger.
    pub exports: BTreeMap<String, String>,
    /// The folder of its temporary files; one that was killed leaves its own there.
    pub temporary: Arc<tempfile::TempDir>,
    /// The folder of the user's data, in which other terminals find it.
    pub data: Arc<tempfile::TempDir>,
}

impl Server {
    /// Starts a command on a free port, and waits until it prints its URL.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with_stderr(arguments, Stdio::null())
    }

    /// Starts a command like [`Server::start`], with its standard error redirected.
    pub fn start_with_stderr(arguments: &[&str], stderr: Stdio) -> Self {
        let temporary = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        Self::start_in(arguments, stderr, temporary)
    }

    /// Starts a command like [`Server::start_with_stderr`], with a folder for its temporary files.
    pub fn start_in(arguments: &[&str], stderr: Stdio, temporary: Arc<tempfile::TempDir>) -> Self {
        let mut command = callbook(arguments);
        command.stderr(stderr);
        Self::spawn(command, temporary, |_| {})
    }

    /// Starts a command like [`Server::start`], with its environment changed.
    pub fn start_with(arguments: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        let temporary = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let mut command = callbook(arguments);
        command.stderr(Stdio::null());
        Self::spawn(command, temporary, change)
    }

    fn spawn(
        mut command: Command,
        temporary: Arc<tempfile::TempDir>,
        change: impl FnOnce(&mut Command),
    ) -> Self {
        let own_data = Arc::new(tempfile::tempdir().expect("a folder"));
        command.env("XDG_DATA_HOME", own_data.path());
        change(&mut command);
        let data = command
            .get_envs()
            .find_map(|(name, value)| (name == "XDG_DATA_HOME").then_some(value?));
        let data = PathBuf::from(data.expect("a folder for data"));
        let mut child = command
            .env("TMPDIR", temporary.path())
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut banner = String::new();
        // The banner of `database` ends with the lines to export, and that of `local` says how to stop it.
        let is_last =
            |line: &str| line.contains("AWS_SECRET_ACCESS_KEY") || line == "Press Ctrl-C to stop.";
        while !banner.lines().last().is_some_and(is_last) {
            let read = stdout.read_line(&mut banner).expect("text");
            assert_ne!(
                read,
                0,
                "it stopped before it was ready: {:?}",
                child.wait()
            );
        }
        let url = banner
            .split_whitespace()
            .find(|word| word.starts_with("http://127.0.0.1:"));
        let url = url.expect("its address").trim_end_matches(',').to_owned();
        let printed = banner
            .lines()
            .filter_map(|line| line.strip_prefix("export "))
            .flat_map(str::split_whitespace)
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let exports = announced(&data, &url).unwrap_or(printed);
        Self {
            child,
            url,
            banner,
            exports,
            temporary,
            data: own_data,
        }
    }

    /// Kills it, like `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is running");
        self.child.wait().expect("it has stopped");
    }

    /// Sends a signal such as `INT`, and returns the exit code.
    #[cfg(unix)]
    pub fn signal(&mut self, name: &str) -> Option<i32> {
        let process = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &process])
            .status();
        assert!(sent.expect("kill").success());
        self.child.wait().expect("it has stopped").code()
    }
}

/// What a command needs for the `callbook local` at `url`, from the file by which other terminals find it.
fn announced(data: &Path, url: &str) -> Option<BTreeMap<String, String>> {
    let files = fs::read_dir(data.join("callbook/running")).ok()?;
    let mut running = files.filter_map(|file| {
        serde_json::from_slice::<Value>(&fs::read(file.ok()?.path()).ok()?).ok()
    });
    let running = running.find(|running| running["base_url"] == url)?;
    let text = |name: &str| running[name].as_str().map(str::to_owned);
    let variables = [
        ("AWS_ENDPOINT_URL_DYNAMODB", text("endpoint")?),
        ("TABLE_NAME", text("table")?),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", text("key_id")?),
        ("AWS_SECRET_ACCESS_KEY", text("key_secret")?),
    ];
    Some(BTreeMap::from(
        variables.map(|(name, value)| (name.to_owned(), value)),
    ))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have stopped already.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// An operator with a database, an account in it, and a folder for files.
pub struct Operator {
    pub server: Server,
    pub folder: tempfile::TempDir,
    pub account: String,
}

impl Operator {
    pub fn new(zone: &str) -> Self {
        let mut operator = Self {
            server: Server::start(&["database", "--memory"]),
            folder: tempfile::tempdir().unwrap(),
            account: String::new(),
        };
        let created = operator.run(&["account", "create", "Acme", "--timezone", zone, "--json"]);
        created.json()["account_id"]
            .as_str()
            .unwrap()
            .clone_into(&mut operator.account);
        operator
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

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// An HTTP response; header names are in lower case.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let reply = Self {
            status,
            headers,
            body: body.to_owned(),
        };
        let length: usize = reply.header("content-length")?.parse().ok()?;
        (reply.body.len() == length).then_some(reply)
    }
}

/// Posts a body; returns `None` if no complete response arrives.
pub fn post(url: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
    let host = url.strip_prefix("http://").expect("a URL");
    let mut request = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).ok()?;
    Reply::parse(&response)
}
