//! Ids and secrets that clients had before: `account create --id`, `credential create --secret-from`.

use std::fs::File;

use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator, Server, post, run};

const SID: &str = "KQWERTYUIOPASDFGHJKLZXCVBNMQWERT";

/// An operator of a whole local deployment, whose clients all have ids and secrets from before.
fn operator() -> Operator {
    let operator = Operator {
        server: Server::start(&["local", "--memory"]),
        folder: tempfile::tempdir().unwrap(),
        account: "12345".to_owned(),
    };
    let create = ["account", "create", "Acme", "--id", "12345", "--sid", SID];
    let created = operator.run(&[&create[..], &["--json"]].concat()).json();
    assert_eq!(created["account_id"], "12345");
    assert_eq!(created["account_sid"], SID);
    operator
}

impl Operator {
    /// Creates a credential with a secret from a file.
    fn bring(&self, kind: &str, secret: &str, more: &[&str]) -> CommandOutput {
        self.write("secret.txt", secret);
        let create = ["credential", "create", kind, "--account", &self.account];
        let from = ["--secret-from", "secret.txt", "--json"];
        self.run(&[&create[..], &from, more].concat())
    }
}

/// Basic credentials in Base64.
fn basic(name: &str, secret: &str) -> String {
    use base64::Engine;
    let pair = format!("{name}:{secret}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}

#[test]
fn a_client_of_each_dialect_keeps_its_id_and_secret() {
    let operator = operator();
    let mut shown = Vec::new();
    for (kind, secret, more) in [
        ("truecnam", "APIpassword", &["--id", "APIkey"][..]),
        ("user", "testpassword\n", &["--username", "test@user.com"]),
        ("tld", "9f86d081884c7d65\r\n", &["--id", "1047"]),
        ("fonedynamics", "d41d8cd98f00b204e980", &[]),
    ] {
        let created = operator.bring(kind, secret, more);
        let view = created.json();
        for field in ["password", "api_key", "token"] {
            assert_eq!(view[field], Value::Null, "{kind}: {field} is not shown");
        }
        let all = format!("{}{}", created.stdout, created.stderr);
        assert!(!all.contains(secret.trim_end()), "{kind}: {all}");
        shown.push(view);
    }
    assert_eq!(shown[0]["username"], "APIkey");
    assert_eq!(shown[2]["api_id"], "1047");
    assert_eq!(shown[3]["account_sid"], SID);
    // From the standard input, and for people.
    let create = ["credential", "create", "trestle", "--account", "12345"];
    operator.write("key.txt", "aXk39sLq0PzR7tYw2mNb\n");
    let key = File::open(operator.folder.path().join("key.txt")).unwrap();
    let created = run(operator
        .command(&[&create[..], &["--secret-from", "-"]].concat())
        .stdin(key));
    assert_eq!(created.code, 0, "{}", created.stderr);
    assert!(
        created
            .stderr
            .contains("The secret is the one that you gave.")
    );

    let url = operator.server.url.as_str();
    let as_form = ("content-type", "application/x-www-form-urlencoded");
    let as_json = ("content-type", "application/json");
    let start = "username=APIkey&password=APIpassword&resp_format=json&resp_type=extended\
                 &calling_number=12125551212&called_number=16465557000&call_party=orig_call_start";
    let login = json!({"username": "test@user.com", "password": "testpassword"}).to_string();
    let feedback = json!({
        "response_id": "T_1",
        "phone": "2069735100",
        "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    let token = basic(SID, "d41d8cd98f00b204e980");
    for (path, headers, body) in [
        ("/api/v1", vec![as_form], start),
        ("/auth/login", vec![as_json], login.as_str()),
        (
            "/api/ingress/calls/inbound/billable/3105550111/2065550100",
            vec![
                ("tld-api-id", "1047"),
                ("tld-api-key", "9f86d081884c7d65"),
                as_form,
            ],
            "cost=25.50",
        ),
        (
            "/1.0/phone_feedback",
            vec![("x-api-key", "aXk39sLq0PzR7tYw2mNb"), as_json],
            &feedback.to_string(),
        ),
        (
            "/v2/Properties",
            vec![("authorization", token.as_str()), as_json],
            r#"{"Name":"Spring"}"#,
        ),
    ] {
        let reply = post(url, path, &headers, body).expect("an answer");
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert!(!reply.body.contains("\"err\":\"2\""), "{}", reply.body);
    }
}

#[test]
fn a_client_keeps_the_sids_of_its_properties_and_addresses() {
    const PROPERTY: &str = "PQWERTYUIOPASDFGHJKLZXCVBNMQWERT";
    const ADDRESS: &str = "JQWERTYUIOPASDFGHJKLZXCVBNMQWERT";
    let operator = operator();
    let secret = "d41d8cd98f00b204e980";
    assert_eq!(operator.bring("fonedynamics", secret, &[]).code, 0);
    let own = ["--account", "12345", "--json"];
    let property = ["property", "create", "Spring", "--sid", PROPERTY];
    let zone = ["--timezone", "Australia/Sydney"];
    let created = operator.run(&[&property[..], &zone, &own].concat()).json();
    assert_eq!(created["property_sid"], PROPERTY);
    assert_eq!(created["timezone"], "Australia/Sydney");
    let address = ["address", "create", "--line1", "1 Example Street", "--city"];
    let address = [&address[..], &["Exampleton", "--country", "AU"]].concat();
    let address = [&address[..], &["--sid", ADDRESS]].concat();
    let created = operator.run(&[&address[..], &own].concat()).json();
    assert_eq!(created["address_sid"], ADDRESS);
    let number = ["number", "add", "+12065550100", "--property", PROPERTY];
    for outcome in ["registered", "registered before"] {
        let added = operator.run(&[&number[..], &own].concat()).json();
        assert_eq!(added[0]["outcome"], outcome);
    }
    let numbers = operator.run(&[&["number", "list"][..], &own].concat());
    assert_eq!(numbers.json()[0]["property_sid"], PROPERTY);

    let url = operator.server.url.as_str();
    let token = basic(SID, secret);
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let call = json!({"From": "+12125551212", "To": "+12065550100"}).to_string();
    let path = format!("/v2/Properties/{PROPERTY}/Calls");
    let recorded = post(url, &path, &headers, &call).expect("an answer");
    assert_eq!(recorded.status, 200, "{}", recorded.body);
    assert!(recorded.body.contains(PROPERTY), "{}", recorded.body);
    let link = json!({ "AddressSid": ADDRESS }).to_string();
    let linked = post(url, "/v2/Numbers/%2B12065550100", &headers, &link).expect("an answer");
    assert_eq!(linked.status, 200, "{}", linked.body);
    assert!(linked.body.contains(ADDRESS), "{}", linked.body);

    // What exists is never overwritten, not even by what was said before.
    for (create, list, sid) in [
        (&property[..], "property", PROPERTY),
        (&address[..], "address", ADDRESS),
    ] {
        let again = operator.run(&[create, &own].concat());
        assert_eq!(again.code, 1, "{}", again.stdout);
        let wanted = format!("{sid} already; `callbook {list} list` lists them");
        assert!(again.stderr.contains(&wanted), "{}", again.stderr);
        let listed = operator.run(&[&[list, "list"][..], &own].concat()).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
    }
    let listed = operator.run(&[&["property", "list"][..], &own].concat());
    assert_eq!(listed.json()[0]["timezone"], "Australia/Sydney");
    for (wrong, code, wanted) in [
        (
            &["property", "create", "P", "--sid", "short"][..],
            2,
            "32 upper case letters",
        ),
        (
            &["number", "add", "+12065550111", "--property", ADDRESS],
            1,
            "callbook property create --sid",
        ),
    ] {
        let refused = operator.run(&[wrong, &own].concat());
        assert_eq!(refused.code, code, "{wrong:?}: {}", refused.stdout);
        assert!(refused.stderr.contains(wanted), "{}", refused.stderr);
    }
}

#[test]
fn what_cannot_be_brought_along_is_refused_with_the_reason() {
    let operator = operator();
    let taken = "aXk39sLq0PzR7tYw2mNb";
    assert_eq!(operator.bring("trestle", taken, &[]).code, 0);
    assert_eq!(
        operator
            .bring("user", "testpassword", &["--id", "pat"])
            .code,
        0
    );
    let generated = [
        "credential",
        "create",
        "trestle",
        "--account",
        "12345",
        "--json",
    ];
    let generated = operator.run(&generated).json()["api_key"].clone();
    let generated = generated.as_str().unwrap();
    let long = "abcdefgh".repeat(33);
    for (kind, secret, more, wanted) in [
        ("user", "", &[][..], "the secret is empty"),
        ("user", "\n", &[], "the secret is empty"),
        ("user", "short1!", &[], "at least 8 characters"),
        ("trestle", "0123456789abcde", &[], "at least 16 characters"),
        ("user", "aaaabbbbcccc", &[], "5 different characters"),
        (
            "user",
            "pat@example.com",
            &["--id", "pat@example.com"],
            "not the credential's name",
        ),
        ("user", long.as_str(), &[], "at most 256 bytes"),
        (
            "user",
            "one-secret\nand-another",
            &[],
            "one secret on one line",
        ),
        ("user", " testpassword", &[], "white space"),
        ("tld", "pässword-of-tld", &[], "printable ASCII"),
        ("trestle", taken, &[], "this key is taken"),
        ("trestle", generated, &[], "this key is taken"),
        (
            "user",
            "testpassword",
            &["--id", "pat"],
            "the name pat is taken",
        ),
        (
            "trestle",
            "aXk39sLq0PzR7tYw2mNc",
            &["--id", "x"],
            "a key has no id",
        ),
        (
            "fonedynamics",
            "d41d8cd98f00b204e980",
            &["--id", "x"],
            "account create --sid",
        ),
    ] {
        let refused = operator.bring(kind, secret, more);
        assert_eq!(refused.code, 1, "{kind} {secret:?}: {}", refused.stdout);
        assert!(
            refused.stderr.contains(wanted),
            "{wanted}: {}",
            refused.stderr
        );
        let quoted = !secret.trim().is_empty() && secret != "pat@example.com";
        assert!(
            !quoted || !refused.stderr.contains(secret),
            "{}",
            refused.stderr
        );
    }
    let missing = [
        "credential",
        "create",
        "user",
        "--account",
        "12345",
        "--secret-from",
        "no.txt",
    ];
    let missing = operator.run(&missing);
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("cannot read no.txt"),
        "{}",
        missing.stderr
    );
    std::fs::write(
        operator.folder.path().join("secret.bin"),
        b"\xff\xfe\x00secret",
    )
    .unwrap();
    let binary = [
        "credential",
        "create",
        "user",
        "--account",
        "12345",
        "--secret-from",
        "secret.bin",
    ];
    let binary = operator.run(&binary);
    assert_eq!(binary.code, 1);
    assert!(
        binary.stderr.contains("is not text in UTF-8"),
        "{}",
        binary.stderr
    );
    for (id, code) in [("a b", 2), ("a:b", 2), ("ä", 2), ("", 2)] {
        let refused = operator.bring("user", "testpassword", &["--id", id]);
        assert_eq!(refused.code, code, "{id:?}: {}", refused.stderr);
    }

    for (arguments, code, wanted) in [
        (["--id", "12345"], 1, "the account ID 12345 is taken"),
        (["--sid", SID], 1, "is taken; give another"),
        (["--id", "012"], 2, "1 to 18 digits"),
        (["--sid", "abc"], 2, "32 upper case letters"),
    ] {
        let refused = operator.run(&[&["account", "create", "Other"][..], &arguments].concat());
        assert_eq!(refused.code, code, "{arguments:?}: {}", refused.stdout);
        assert!(refused.stderr.contains(wanted), "{}", refused.stderr);
    }
}
