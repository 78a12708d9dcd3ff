//! The `callbook` command: exit codes, what scripts read, and what people are told.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::support::{Ended, Server, callbook, post, run};
use callbook::clock::Clock;
use serde_json::{Value, json};
use tokio::net::TcpSocket;

const GUID: &str = "84e2b789-d5f4-4634-98fe-dacc9fe42ba3";

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn wrong_usage_is_exit_code_2_and_is_explained() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["account", "create"],
        &["account", "show", "abc", "--table", "t"],
        &["account", "list"],
        &[
            "account",
            "create",
            "Acme",
            "--table",
            "t",
            "--timezone",
            "Mars/Olympus",
        ],
        &["account", "create", "Acme", "--table", "t", "--shards", "0"],
        &[
            "credential",
            "create",
            "nobody",
            "--account",
            "12345678",
            "--table",
            "t",
        ],
        &[
            "credential",
            "create",
            "tld",
            "--account",
            "12345678",
            "--table",
            "t",
            "--ip",
            "300.1.1.1",
        ],
        &[
            "credential",
            "create",
            "tld",
            "--account",
            "12345678",
            "--table",
            "t",
            "--endpoint",
            "/api//ingress/*",
        ],
        &["number", "add", "--account", "12345678", "--table", "t"],
        &[
            "number",
            "add",
            "--account",
            "12345678",
            "--table",
            "t",
            "nonsense",
        ],
        &["local", "--memory", "--data", "x"],
        &["local", "--port", "65536"],
        &["request", "no-guid"],
        &["completions", "tcsh"],
    ] {
        let ended = run(&mut callbook(arguments));
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.err);
        assert!(
            ended.out.is_empty() && !ended.err.is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn every_command_explains_itself_and_completes_in_every_shell() {
    for command in [
        "local",
        "database",
        "account",
        "credential",
        "number",
        "request",
    ] {
        let ended = run(&mut callbook(&[command, "--help"]));
        assert_eq!(ended.code, 0, "{command}");
        assert!(ended.out.contains("Usage:"), "{command}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let ended = run(&mut callbook(&["completions", shell]));
        assert_eq!(ended.code, 0, "{shell}");
        assert!(ended.out.contains("credential"), "{shell}");
    }
    let version = run(&mut callbook(&["--version"]));
    assert_eq!(
        (version.code, version.out.trim()),
        (0, concat!("callbook ", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn a_port_in_use_is_named_with_what_to_do_about_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for command in ["local", "database"] {
        let ended = run(&mut callbook(&[command, "--memory", "--port", &port]));
        assert_eq!(ended.code, 1, "{command}");
        assert!(
            ended.err.contains(&format!("port {port} is in use")),
            "{command}: {}",
            ended.err
        );
        assert!(ended.err.contains("--port"), "{command}: {}", ended.err);
    }
}

#[test]
fn a_data_folder_is_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let _server = Server::start(&["local", "--data", data]);
    for command in ["local", "database"] {
        let ended = run(&mut callbook(&[command, "--data", data, "--port", "0"]));
        assert_eq!(ended.code, 1, "{command}");
        assert!(
            ended.err.contains("in use by another callbook process"),
            "{}",
            ended.err
        );
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_cleanly_and_lets_the_next_one_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for signal in ["INT", "TERM"] {
        for command in ["local", "database"] {
            let mut server = Server::start(&[command, "--data", data]);
            assert_eq!(server.signal(signal), Some(0), "{command} after {signal}");
        }
    }
}

#[test]
fn the_credentials_file_has_its_shape_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.json");
    let server = Server::start(&["local", "--memory", "--credentials", file.to_str().unwrap()]);
    let found: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(
        names(&found),
        [
            "account",
            "base_url",
            "fonedynamics",
            "integrator",
            "tld",
            "trestle",
            "truecnam",
            "truecnam_carrier",
            "user"
        ]
    );
    assert_eq!(found["base_url"], json!(server.url));
    for (name, fields) in [
        (
            "account",
            &["account_id", "account_sid", "callprocess_id", "timezone"][..],
        ),
        ("trestle", &["api_key"]),
        ("tld", &["api_id", "api_key"]),
        ("truecnam", &["password", "username"]),
        ("truecnam_carrier", &["password", "username"]),
        ("user", &["password", "username"]),
        ("integrator", &["password", "username"]),
        ("fonedynamics", &["account_sid", "property_sid", "token"]),
    ] {
        assert_eq!(names(&found[name]), fields, "{name}");
        for field in fields {
            assert!(
                found[name][field]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
                    || found[name][field].is_u64(),
                "{name}.{field}"
            );
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

/// What the printed requests are answered when they are pasted into a shell, separated by `\u{1e}`.
fn pasted() -> String {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["local", "--data", folder.path().to_str().unwrap()]);
    // In one shell, since later lines use what earlier ones were answered; a separator ends each answer.
    let lines: Vec<_> = server
        .banner
        .lines()
        .filter(|line| line.starts_with("curl ") || line.contains("=$(curl "))
        .map(|line| format!("{line}\nprintf '\\036'\n"))
        .collect();
    let script = format!("exec 2>&1\n{}", lines.concat());
    let pasted = Command::new("sh").args(["-c", &script]).output();
    let pasted = pasted.expect("sh");
    assert!(pasted.status.success(), "curl");
    String::from_utf8(pasted.stdout).expect("text")
}

/// The same within one UTC day: the printed requests ask for today's calls, so midnight must not fall
/// between a call and its report.
fn pasted_on_one_day() -> String {
    let today = || Clock::system().now().utc_day();
    loop {
        let (day, pasted) = (today(), pasted());
        if today() == day {
            return pasted;
        }
    }
}

#[test]
fn the_printed_requests_work_as_they_are_pasted() {
    let pasted = pasted_on_one_day();
    let mut answers: Vec<_> = pasted.split_terminator('\u{1e}').collect();
    assert_eq!(
        answers.len(),
        25,
        "feedback, start, query, end, three bills, two reports, three responses, sign-in, response, \
         and Fone Dynamics' eleven"
    );
    let spreadsheet = answers.remove(8);
    let answers: Vec<Value> = answers
        .iter()
        .map(|answer| serde_json::from_str(answer).expect("a JSON answer"))
        .collect();
    assert_eq!(answers[0]["status"], "success");
    assert_eq!(answers[1]["status"], "ok");
    assert_eq!(answers[2]["true_clid"], "verified");
    assert_eq!(
        answers[3]["name"],
        json!(""),
        "the carrier knows nothing of the called number"
    );
    for (answer, cost) in answers[4..].iter().zip(["25.50", "26.50", "27.50"]) {
        assert_eq!(
            (&answer["cost"], &answer["updated"]),
            (&json!(cost), &json!(1))
        );
    }
    let rows = answers[7]["data"].as_array().expect("rows");
    let billed: Vec<_> = rows.iter().filter(|row| !row["cost"].is_null()).collect();
    assert_eq!((rows.len(), billed.len()), (2, 1), "placed, and received");
    assert_eq!(billed[0]["cost"], "27.5000");
    assert_eq!(billed[0]["name"], "Alice Example");
    assert_eq!(spreadsheet.lines().count(), 3, "a header and the same rows");
    assert!(spreadsheet.contains(",27.5000,"));
    assert_eq!(
        answers[8]["missingInputVars"],
        json!(["callee", "whisper_text"])
    );
    assert_eq!(answers[9]["result"]["callqueue_status"], "processing");
    assert_eq!(answers[10]["errorCode"], "DUPLICATE_QUEUE_ENTRY");
    assert_eq!(answers[11]["tokenLifetime"], 3600);
    assert_eq!(answers[12]["result"]["lead_numtocall"], "+13105550111");
    let [
        property,
        available,
        bought,
        address,
        configured,
        call,
        calls,
        ended,
        refused,
        released,
        deleted,
    ] = &answers[13..]
    else {
        panic!("eleven answers of Fone Dynamics' story");
    };
    assert_eq!(property["Name"], "Summer");
    assert_eq!(available["TotalCount"], 1);
    assert_eq!(available["AvailableNumbers"][0]["Locality"], "Vancouver");
    assert_eq!(bought["Status"], "Pending", "no address in Canada yet");
    assert_eq!(configured["Status"], "Active");
    assert_eq!(configured["AddressSid"], address["AddressSid"]);
    assert_eq!(calls["TotalCount"], 1);
    assert_eq!(calls["Calls"][0]["CallSid"], call["CallSid"]);
    assert_eq!(calls["Calls"][0]["PropertySid"], property["PropertySid"]);
    assert_eq!(ended["Disposition"], "Answered");
    assert_eq!(
        refused["ResponseStatus"]["ErrorCode"],
        "ADDRESS_CANNOT_BE_DELETED"
    );
    assert_eq!((released, deleted), (&json!({}), &json!({})));
}

#[test]
fn a_request_is_looked_up_by_its_guid() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let server = Server::start(&["local", "--data", data]);
    let reply = post(&server.url, "/1.0/phone_feedback", &[], "{}").expect("an answer");
    let guid = reply.header("x-request-guid").expect("a guid");
    let found = run(&mut callbook(&["request", guid, "--data", data, "--json"])).json();
    assert_eq!(found["guid"], json!(guid));
    assert_eq!(
        (&found["function"], &found["status"]),
        (&json!("phone-feedback"), &json!(403))
    );
    assert_eq!(found["error"], "missing_credential");
    assert_eq!(found["error_code"], "MISSING_API_KEY");
    let table = run(&mut callbook(&["request", guid, "--data", data]));
    assert!(table.out.contains("missing_credential"), "{}", table.out);

    let reply = post(&server.url, "/auth/login", &[], "").expect("an answer");
    let guid = reply.header("x-request-guid").expect("a guid");
    let table = run(&mut callbook(&["request", guid, "--data", data]));
    for told in ["MISSING_REQUIRED_PARAMS", "username, password"] {
        assert!(table.out.contains(told), "{}", table.out);
    }

    let unknown = run(&mut callbook(&["request", GUID, "--data", data]));
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("has no request"), "{}", unknown.err);
    let elsewhere = run(&mut callbook(&["request", GUID, "--stack", "acme"]));
    assert_eq!(elsewhere.code, 3, "{}", elsewhere.err);
    assert!(elsewhere.out.contains("/aws/lambda/acme/") && elsewhere.out.contains(GUID));
}

#[test]
fn a_store_that_is_not_there_is_exit_code_1_with_advice() {
    // Bound and not listening: connections are refused, and no other program is given the port meanwhile.
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let store = format!("http://{}", bound.local_addr().unwrap());
    let mut command = callbook(&["account", "list", "--table", "callbook"]);
    let Ended { code, out, err } = run(command.env("AWS_ENDPOINT_URL_DYNAMODB", store));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.contains("error:") && err.contains("AWS_ENDPOINT_URL_DYNAMODB"),
        "{err}"
    );
}
