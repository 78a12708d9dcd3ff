//! What a credential may be given, and how its rules are shown.

use serde_json::json;

use crate::support::Operator;

impl Operator {
    fn credential(&self, kind: &str, more: &[&str]) -> crate::support::Ended {
        let create = ["credential", "create", kind, "--account", &self.account];
        self.run(&[&create[..], more].concat())
    }
}

#[test]
fn what_would_have_no_effect_on_a_kind_is_refused_with_the_kind_that_it_is_for() {
    let operator = Operator::new("UTC");
    for kind in ["trestle", "tld", "truecnam", "user", "integrator"] {
        let ended = operator.credential(kind, &["--read-only"]);
        assert_eq!(ended.code, 1, "{kind}");
        let told = ended.err.contains("fonedynamics") && ended.err.contains(kind);
        assert!(told, "{kind}: {}", ended.err);
    }
    for kind in ["trestle", "tld", "user", "integrator", "fonedynamics"] {
        let ended = operator.credential(kind, &["--carrier"]);
        assert_eq!(ended.code, 1, "{kind}");
        assert!(ended.err.contains("truecnam"), "{kind}: {}", ended.err);
    }
    let list = ["credential", "list", "--account", &operator.account];
    let listed = operator.run(&[&list[..], &["--json"]].concat());
    assert_eq!(listed.json(), json!([]), "none of them was made");
    for (kind, fitting) in [
        ("truecnam", &["--carrier"][..]),
        ("fonedynamics", &["--read-only", "--product", "calls/2"]),
        ("user", &["--product", "call-data"]),
    ] {
        assert_eq!(operator.credential(kind, fitting).code, 0, "{kind}");
    }
    let elsewhere = operator.credential("tld", &["--product", "call-data"]);
    assert_eq!(elsewhere.code, 0);
    let noted = "note: no request with a tld credential is for call-data";
    assert!(elsewhere.err.contains(noted), "{}", elsewhere.err);
}

#[test]
fn credentials_are_told_apart_by_their_rules() {
    let operator = Operator::new("UTC");
    let of = ["--account", operator.account.as_str()];
    operator.credential("truecnam", &["--label", "plain"]);
    operator.credential("truecnam", &["--label", "switch", "--carrier"]);
    let fenced = [
        "--label",
        "fenced",
        "--read-only",
        "--product",
        "calls/2",
        "--ip",
        "203.0.113.0/24",
        "--endpoint",
        "/v2/Calls*",
        "--json",
    ];
    let fenced = operator.credential("fonedynamics", &fenced).json();
    let table = operator
        .run(&[&["credential", "list"], &of[..]].concat())
        .out;
    let line = |label: &str| table.lines().find(|line| line.contains(label)).unwrap();
    assert!(!line("plain").contains("carrier"), "{table}");
    assert!(line("switch").contains("carrier"), "{table}");
    for rule in [
        "read-only",
        "products=calls/2",
        "ips=203.0.113.0/24",
        "endpoints=/v2/Calls*",
    ] {
        assert!(line("fenced").contains(rule), "{rule}: {table}");
        assert!(!line("plain").contains(rule), "{rule}: {table}");
    }

    let id = fenced["credential_id"].as_str().unwrap();
    let show = [&["credential", "show", id], &of[..]].concat();
    let shown = operator.run(&[&show[..], &["--json"]].concat()).json();
    for field in ["label", "products", "ips", "endpoints", "read_only"] {
        assert_eq!(shown[field], fenced[field], "{field}");
    }
    let secret = fenced["token"].as_str().unwrap();
    let shown = operator.run(&show);
    assert!(shown.out.contains("203.0.113.0/24"), "{}", shown.out);
    assert!(!shown.out.contains(secret), "the secret is shown once");
    let other = ["credential", "show", "cred_0123456789abcdef"];
    let unknown = operator.run(&[&other[..], &of].concat());
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.err.contains("credential list --account"),
        "{}",
        unknown.err
    );
}

#[test]
fn names_and_labels_are_one_line_that_a_terminal_can_be_given() {
    let operator = Operator::new("UTC");
    for name in ["evil\u{1b}]0;pwn\u{7}\u{1b}[2J", "a\nb", "a\u{9b}2J"] {
        for refused in [
            operator.run(&["account", "create", name]),
            operator.run(&["callprocess", "add", name, "--account", &operator.account]),
            operator.credential("tld", &["--label", name]),
        ] {
            assert_eq!(refused.code, 1, "{name:?}");
            let told = refused.err.contains("control characters");
            assert!(told, "{name:?}: {}", refused.err);
            assert!(!refused.err.contains(['\u{1b}', '\u{9b}']), "{name:?}");
        }
    }
}
