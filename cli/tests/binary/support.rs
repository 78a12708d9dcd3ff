//! The `callbook` binary as a person or a script runs it, and as much HTTP as it takes to talk to it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// `callbook` with arguments, and nothing of this process's own AWS configuration.
pub fn callbook(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callbook"));
    command.args(arguments).stdin(Stdio::null());
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

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).expect("JSON on the standard output")
    }
}

pub fn run(command: &mut Command) -> Ended {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command starts");
    Ended {
        code: status.code().expect("an exit code and no signal"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}

/// A running `callbook local` or `callbook database`; killed when it is dropped.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// What it printed once it was ready.
    pub banner: String,
}

impl Server {
    /// Starts a command on a free port, and waits for it to say where it serves.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_saying(arguments, Stdio::null())
    }

    /// The same, with its standard error going to `saying`.
    pub fn start_saying(arguments: &[&str], saying: Stdio) -> Self {
        let mut child = callbook(arguments)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(saying)
            .spawn()
            .expect("the command starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut banner = String::new();
        // Its last line is the one that sets the credentials of any store on this machine.
        while !banner
            .lines()
            .last()
            .is_some_and(|line| line.contains("AWS_SECRET_ACCESS_KEY"))
        {
            let read = out.read_line(&mut banner).expect("text");
            assert_ne!(read, 0, "it ended before it was ready: {:?}", child.wait());
        }
        let url = banner
            .split_whitespace()
            .find(|word| word.starts_with("http://127.0.0.1:"));
        let url = url.expect("its address").trim_end_matches(',').to_owned();
        Self { child, url, banner }
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is running");
        self.child.wait().expect("it is over");
    }

    /// Sends a signal such as `INT`, and waits for the end.
    #[cfg(unix)]
    pub fn signal(&mut self, name: &str) -> Option<i32> {
        let process = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &process])
            .status();
        assert!(sent.expect("kill").success());
        self.child.wait().expect("it is over").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A person with a store of their own, an account in it, and a folder of files.
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
        let made = operator.run(&["account", "create", "Acme", "--timezone", zone, "--json"]);
        made.json()["account_id"]
            .as_str()
            .unwrap()
            .clone_into(&mut operator.account);
        operator
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = callbook(arguments);
        command
            .current_dir(self.folder.path())
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.server.url)
            .env("TABLE_NAME", "callbook");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        run(&mut self.command(arguments))
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// An answer: status, headers in lower case, body.
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

/// Posts a body; `None` when no whole answer came back.
pub fn post(url: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
    let host = url.strip_prefix("http://").expect("a URL");
    let mut request = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Reply::parse(&answer)
}
