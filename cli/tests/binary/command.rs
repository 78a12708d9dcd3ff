//! The `callbook` command in general: exit codes, help, servers and the printed requests.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::queue::assert_called;
use crate::support::{CommandOutput, Server, callbook, post, run};
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
fn wrong_usage_exits_with_code_2_and_a_message() {
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
        let output = run(&mut callbook(arguments));
        assert_eq!(output.code, 2, "{arguments:?}: {}", output.stderr);
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn every_command_has_help_and_every_shell_has_completions() {
    for command in [
        "local",
        "database",
        "account",
        "credential",
        "number",
        "request",
    ] {
        let output = run(&mut callbook(&[command, "--help"]));
        assert_eq!(output.code, 0, "{command}");
        assert!(output.stdout.contains("Usage:"), "{command}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&mut callbook(&["completions", shell]));
        assert_eq!(output.code, 0, "{shell}");
        assert!(output.stdout.contains("credential"), "{shell}");
    }
    let version = run(&mut callbook(&["--version"]));
    assert_eq!(
        (version.code, version.stdout.trim()),
        (0, concat!("callbook ", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn a_port_in_use_is_reported_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for command in ["local", "database"] {
        let output = run(&mut callbook(&[command, "--memory", "--port", &port]));
        assert_eq!(output.code, 1, "{command}");
        assert!(
            output.stderr.contains(&format!("port {port} is in use")),
            "{command}: {}",
            output.stderr
        );
        assert!(
            output.stderr.contains("--port"),
            "{command}: {}",
            output.stderr
        );
    }
}

#[test]
fn a_data_folder_can_be_used_by_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let _server = Server::start(&["local", "--data", data]);
    for command in ["local", "database"] {
        let output = run(&mut callbook(&[command, "--data", data, "--port", "0"]));
        assert_eq!(output.code, 1, "{command}");
        assert!(
            output.stderr.contains("in use by another callbook process"),
            "{}",
            output.stderr
        );
    }
}

#[cfg(unix)]
#[test]
fn a_signal_stops_a_server_cleanly_and_the_next_one_can_start() {
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
fn the_credentials_file_has_all_fields_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.json");
    let server = Server::start(&["local", "--memory", "--credentials", file.to_str().unwrap()]);
    let found: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(
        names(&found).join(" "),
        "account base_url demo_data fonedynamics integrator tld trestle truecnam truecnam_carrier user"
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

/// Runs the printed requests in a shell and returns their answers, each ended by `\u{1e}`.
fn pasted() -> String {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["local", "--data", folder.path().to_str().unwrap()]);
    let demo = run(callbook(&["demo"]).env("XDG_DATA_HOME", server.data.path()));
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    // One shell runs all lines, because later lines use the answers to earlier ones. A separator ends each
    // answer.
    let lines: Vec<_> = demo
        .stdout
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

/// Runs the printed requests within one UTC day.
///
/// They report today's calls, so midnight must not come between a call and the report.
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
fn the_printed_requests_work_when_pasted() {
    let pasted = pasted_on_one_day();
    let mut answers: Vec<_> = pasted.split_terminator('\u{1e}').collect();
    assert_eq!(
        answers.len(),
        42,
        "feedback, start, query, end, three bills, two reports, costs, calls, three rapid responses, a sign-in, a \
         rapid response, eleven requests to Fone Dynamics' API, six to vendors and `me`, the summary, a \
         statement, four to the queue, the refused requests, and two to webhooks"
    );
    let spreadsheet = answers.remove(8);
    let mut answers: Vec<Value> = answers
        .iter()
        .map(|answer| serde_json::from_str(answer).expect("a JSON answer"))
        .collect();
    let own: Vec<Value> = answers.drain(8..10).collect();
    let totals = &own[0]["totals"];
    assert_eq!(
        totals["superseded"],
        json!({"count": 2, "amount": "52.0000"})
    );
    assert_eq!(totals["matched"], json!({"count": 1, "amount": "27.5000"}));
    assert_eq!(own[1]["calls"][0]["cost"], "27.5000");
    assert_eq!(answers[0]["status"], "success");
    assert_eq!(answers[1]["status"], "ok");
    assert_eq!(answers[2]["true_clid"], "verified");
    assert_eq!(
        answers[3]["name"],
        json!(""),
        "nothing is known about the called number"
    );
    for (answer, cost) in answers[4..].iter().zip(["25.50", "26.50", "27.50"]) {
        assert_eq!(
            (&answer["cost"], &answer["updated"]),
            (&json!(cost), &json!(1))
        );
    }
    let rows = answers[7]["data"].as_array().expect("rows");
    let billed: Vec<_> = rows.iter().filter(|row| !row["cost"].is_null()).collect();
    assert_eq!(
        (rows.len(), billed.len()),
        (2, 1),
        "the call that was placed and the call that was received"
    );
    assert_eq!(billed[0]["cost"], "27.5000");
    assert_eq!(billed[0]["name"], "Alice Example");
    assert_eq!(
        spreadsheet.lines().count(),
        3,
        "a header line and the same rows"
    );
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
        ended_call,
        refused,
        released,
        deleted,
    ] = &answers[13..24]
    else {
        panic!("expected eleven answers of Fone Dynamics' API");
    };
    let property = &property["Property"];
    assert_eq!(property["Name"], "Summer");
    assert_eq!(available["TotalCount"], 1);
    assert_eq!(available["AvailableNumbers"][0]["Locality"], "Vancouver");
    assert_eq!(bought["Status"], "Pending", "no address in Canada yet");
    assert_eq!(configured["Status"], "Active");
    assert_eq!(configured["AddressSid"], address["AddressSid"]);
    assert_eq!(calls["TotalCount"], 1);
    assert_eq!(calls["Calls"][0]["CallSid"], call["CallSid"]);
    assert_eq!(calls["Calls"][0]["PropertySid"], property["PropertySid"]);
    assert_eq!(ended_call["Disposition"], "Answered");
    assert_eq!(
        refused["ResponseStatus"]["ErrorCode"],
        "ADDRESS_CANNOT_BE_DELETED"
    );
    assert_eq!(released["Number"], bought["Number"]);
    assert_eq!(deleted["AddressSid"], address["AddressSid"]);
    let [
        me,
        created,
        agreed,
        changed,
        shown,
        listed,
        summed,
        compared,
        queue @ ..,
        refused,
        hook,
        hooks,
    ] = &answers[24..]
    else {
        panic!("expected answers of the API, of its queue, its refused requests, and webhooks");
    };
    assert_eq!(hooks["webhooks"][0]["id"], hook["id"]);
    let refused = refused["requests"].as_array().expect("refused requests");
    let again = |one: &Value| one["function"] == "rapid-response";
    assert!(refused.iter().any(again), "{refused:?}");
    assert_called(queue);
    assert_eq!(
        (&me["role"], &me["currency"]),
        (&json!("admin"), &json!("USD"))
    );
    assert_eq!(
        (&created["vendor_id"], &created["terms"]),
        (&json!("acme"), &json!([]))
    );
    assert_eq!(agreed["terms"][0]["price"], "25.0000");
    assert_eq!((changed, shown), (agreed, agreed));
    assert_eq!(listed["vendors"], json!([agreed]));
    // Whether the sums have followed already is a matter of milliseconds.
    assert!(summed["totals"]["calls"].is_u64());
    assert_eq!(compared["not_in_ledger"]["statement"]["count"], 1);
}

#[test]
fn a_request_can_be_looked_up_by_its_guid() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("credentials.json");
    let credentials = ["--credentials", file.to_str().unwrap()];
    let server = Server::start(&[&["local", "--data", data][..], &credentials].concat());
    let demo: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let text = |name: &str| demo["tld"][name].as_str().unwrap().to_owned();
    let headers = [
        ("tld-api-id", text("api_id")),
        ("tld-api-key", text("api_key")),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let bill = "did=3105550111&cid=2065550100&cost=25";
    let bill = format!("/api/ingress/calls/inbound/billable?{bill}");
    let reply = post(&server.url, &bill, &headers, "").expect("an answer");
    let billed: Value = serde_json::from_str(&reply.body).unwrap();
    let guid = reply.header("x-request-guid").expect("a guid");
    let found = run(&mut callbook(&["request", guid, "--data", data, "--json"])).json();
    assert_eq!(found["cost_id"], billed["cost_id"]);
    assert!(
        found["label"].is_string() && found.get("call_sid").is_none(),
        "{found}"
    );
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
    assert!(
        table.stdout.contains("missing_credential"),
        "{}",
        table.stdout
    );

    let reply = post(&server.url, "/auth/login", &[], "").expect("an answer");
    let guid = reply.header("x-request-guid").expect("a guid");
    let table = run(&mut callbook(&["request", guid, "--data", data]));
    for text in ["MISSING_REQUIRED_PARAMS", "username, password"] {
        assert!(table.stdout.contains(text), "{}", table.stdout);
    }

    let unknown = run(&mut callbook(&["request", GUID, "--data", data]));
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("has no request"),
        "{}",
        unknown.stderr
    );
    let elsewhere = run(&mut callbook(&["request", GUID, "--stack", "acme"]));
    assert_eq!(elsewhere.code, 3, "{}", elsewhere.stderr);
    assert!(elsewhere.stdout.contains("/aws/lambda/acme/") && elsewhere.stdout.contains(GUID));
}

#[test]
fn a_bill_that_was_refused_for_its_did_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("credentials.json");
    let credentials = ["--credentials", file.to_str().unwrap()];
    let server = Server::start(&[&["local", "--data", data][..], &credentials].concat());
    let demo: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let account = demo["account"]["account_id"].as_str().unwrap();
    let mut update = callbook(&["account", "update", account, "--registered-dids-only"]);
    update.envs(&server.exports);
    let updated = run(&mut update);
    assert_eq!(updated.code, 0, "{}", updated.stderr);

    let text = |name: &str| demo["tld"][name].as_str().unwrap();
    let headers = [
        ("tld-api-id", text("api_id")),
        ("tld-api-key", text("api_key")),
    ];
    let bill = "/api/ingress/calls/inbound/billable?did=3105550199&cid=2065550100&cost=25";
    let reply = post(&server.url, bill, &headers, "").expect("an answer");
    assert_ne!(reply.status, 200, "{}", reply.body);
    let guid = reply.header("x-request-guid").expect("a guid");
    let found = run(&mut callbook(&["request", guid, "--data", data])).stdout;
    assert!(found.contains("not a number of the account"), "{found}");
}

#[test]
fn an_unreachable_store_exits_with_code_1_and_advice() {
    // A port that is bound but not listening refuses connections, and no other program can take it.
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let store = format!("http://{}", bound.local_addr().unwrap());
    let mut command = callbook(&["account", "list", "--table", "callbook"]);
    let CommandOutput {
        code,
        stdout,
        stderr,
        ..
    } = run(command.env("AWS_ENDPOINT_URL_DYNAMODB", store));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("error:") && stderr.contains("AWS_ENDPOINT_URL_DYNAMODB"),
        "{stderr}"
    );
}
