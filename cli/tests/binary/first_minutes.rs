//! What a newcomer meets: the banner, a second terminal, a browser, and what is said if no ledger is named.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::support::{Server, callbook, run};

/// Another terminal of the user who started a server.
fn terminal(server: &Server, arguments: &[&str]) -> std::process::Command {
    let mut command = callbook(arguments);
    command.env("XDG_DATA_HOME", server.data.path());
    command
}

#[test]
fn the_banner_fits_a_terminal_and_shows_no_secret() {
    let server = Server::start(&["local", "--memory"]);
    assert!(server.banner.lines().count() <= 12, "{}", server.banner);
    assert!(
        server.banner.lines().all(|line| line.chars().count() <= 80),
        "{}",
        server.banner
    );
    assert!(server.banner.contains(&server.url), "{}", server.banner);
    let listed = run(&mut terminal(&server, &["account", "list", "--json"])).json();
    let account = listed[0]["account_id"].as_str().unwrap();
    assert!(server.banner.contains(account), "{}", server.banner);
    let credentials = run(&mut terminal(&server, &["demo", "--json"])).json();
    for secret in ["/tld/api_key", "/user/password", "/trestle/api_key"] {
        let secret = credentials.pointer(secret).unwrap().as_str().unwrap();
        assert!(!server.banner.contains(secret), "{}", server.banner);
    }
}

#[test]
fn another_terminal_finds_what_runs_and_nothing_after_its_end() {
    let mut server = Server::start(&["local", "--memory"]);
    let list = ["account", "list", "--json"];
    let listed = run(&mut terminal(&server, &list)).json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let lines = run(&mut terminal(&server, &["demo"]));
    assert!(
        lines
            .stdout
            .contains(&format!("curl -sS {}/api/v1", server.url))
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let running = server.data.path().join("callbook/running");
        let file = fs::read_dir(&running).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::metadata(&running).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
    // A killed one leaves its file, which the next command removes.
    server.kill();
    for arguments in [&list[..], &["demo"]] {
        let output = run(&mut terminal(&server, arguments));
        assert_ne!(output.code, 0);
        assert!(
            output.stderr.contains("callbook local"),
            "{}",
            output.stderr
        );
    }
    let running = server.data.path().join("callbook/running");
    assert_eq!(fs::read_dir(running).unwrap().count(), 0);
}

#[test]
fn of_several_that_run_one_has_to_be_named() {
    let first = Server::start(&["local", "--memory"]);
    let data = first.data.path().to_owned();
    let second = Server::start_with(&["local", "--memory"], |command| {
        command.env("XDG_DATA_HOME", &data);
    });
    let list = ["account", "list", "--json"];
    let output = run(&mut terminal(&first, &list));
    assert_eq!(output.code, 2, "{}", output.stderr);
    for url in [&first.url, &second.url] {
        assert!(output.stderr.contains(url.as_str()), "{}", output.stderr);
    }
    let engine = &second.exports["AWS_ENDPOINT_URL_DYNAMODB"];
    let named = [&list[..], &["--endpoint-url", engine]].concat();
    run(&mut terminal(&first, &named)).json();
    let demo = run(&mut terminal(
        &first,
        &["demo", "--json", "--url", &second.url],
    ))
    .json();
    assert_eq!(demo["base_url"], Value::String(second.url.clone()));
    // The one in the default folder goes without saying.
    let third = Server::start_with(&["local"], |command| {
        command.env("XDG_DATA_HOME", &data);
    });
    let demo = run(&mut terminal(&first, &["demo", "--json"])).json();
    assert_eq!(demo["base_url"], Value::String(third.url.clone()));
    run(&mut terminal(&first, &list)).json();
}

#[test]
fn a_browser_gets_a_page_and_programs_get_what_a_deployment_answers() {
    let server = Server::start(&["local", "--memory"]);
    let get = |path: &str, accept: &str| {
        let host = server.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: {accept}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let home = get("/", browser);
    assert!(home.starts_with("HTTP/1.1 303"), "{home}");
    assert!(home.contains("location: /console"), "{home}");
    let page = get("/console/sign-in", browser);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for part in ["text/html", "default-src 'none'", "<h1>", "demo user"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let credentials = run(&mut terminal(&server, &["demo", "--json"])).json();
    let secret = credentials["tld"]["api_key"].as_str().unwrap();
    for part in ["<script>", "https://", secret] {
        assert!(!page.contains(part), "{part}: {page}");
    }
    for (path, accept) in [
        ("/", "*/*"),
        ("/", "application/json"),
        ("/nothing", browser),
    ] {
        let answer = get(path, accept);
        assert!(
            answer.starts_with("HTTP/1.1 404"),
            "{path} {accept}: {answer}"
        );
    }
}

#[test]
fn without_a_ledger_a_command_says_what_to_do() {
    let output = run(&mut callbook(&["account", "list"]));
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    for part in ["callbook local", "TABLE_NAME", "describe-stacks"] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }
    for named in [
        &["--region", "eu-central-1"][..],
        &["--endpoint-url", "https://example.com"],
    ] {
        let output = run(&mut callbook(&[&["account", "list"][..], named].concat()));
        assert_eq!(output.code, 2);
        assert!(
            output.stderr.contains("export TABLE_NAME")
                || output.stderr.contains("Export TABLE_NAME"),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn an_unknown_profile_is_named_with_those_that_exist() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    fs::write(
        &config,
        "[profile prod]\nregion = eu-central-1\n[default]\n",
    )
    .unwrap();
    let list = ["account", "list", "--table", "t"];
    let named = [&list[..], &["--profile", "nope"]].concat();
    for (arguments, variable) in [(&named[..], ""), (&list, "nope")] {
        let output = run(callbook(arguments)
            .env("AWS_CONFIG_FILE", &config)
            .env("AWS_PROFILE", variable));
        assert_eq!(output.code, 2, "{}", output.stderr);
        let said = output.stderr.replace('\n', " ");
        for part in [
            "no profile `nope`",
            "they have default, prod",
            "aws configure",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
