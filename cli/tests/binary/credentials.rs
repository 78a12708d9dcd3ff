//! The options of a credential, and how its rules are shown.

use serde_json::json;

use crate::support::Operator;

impl Operator {
    fn credential(&self, kind: &str, more: &[&str]) -> crate::support::CommandOutput {
        let create = ["credential", "create", kind, "--account", &self.account];
        self.run(&[&create[..], more].concat())
    }
}

#[test]
fn an_option_without_effect_on_a_kind_is_refused_and_names_its_kind() {
    let operator = Operator::new("UTC");
    for kind in ["trestle", "tld", "user"] {
        let output = operator.credential(kind, &["--read-only"]);
        assert_eq!(output.code, 1, "{kind}");
        for named in ["fonedynamics", "truecnam", "integrator", kind] {
            assert!(output.stderr.contains(named), "{kind}: {}", output.stderr);
        }
    }
    let both = operator.credential("truecnam", &["--read-only", "--carrier"]);
    assert_eq!(both.code, 1);
    assert!(both.stderr.contains("contradict"), "{}", both.stderr);
    for kind in ["trestle", "tld", "user", "integrator", "fonedynamics"] {
        let output = operator.credential(kind, &["--carrier"]);
        assert_eq!(output.code, 1, "{kind}");
        assert!(
            output.stderr.contains("truecnam"),
            "{kind}: {}",
            output.stderr
        );
    }
    let list = ["credential", "list", "--account", &operator.account];
    let listed = operator.run(&[&list[..], &["--json"]].concat());
    assert_eq!(listed.json(), json!([]), "none of them was created");
    for (kind, fitting) in [
        ("truecnam", &["--carrier"][..]),
        ("truecnam", &["--read-only"]),
        ("integrator", &["--read-only"]),
        ("fonedynamics", &["--read-only", "--product", "calls/2"]),
        ("user", &["--product", "call-data"]),
    ] {
        assert_eq!(operator.credential(kind, fitting).code, 0, "{kind}");
    }
    let other_product = operator.credential("tld", &["--product", "call-data"]);
    assert_eq!(other_product.code, 0);
    let note = "note: a tld credential cannot be used for call-data";
    assert!(
        other_product.stderr.contains(note),
        "{}",
        other_product.stderr
    );
}

#[test]
fn credentials_can_be_distinguished_by_their_rules() {
    let operator = Operator::new("UTC");
    let of = ["--account", operator.account.as_str()];
    operator.credential("truecnam", &["--label", "plain"]);
    operator.credential("truecnam", &["--label", "switch", "--carrier"]);
    let restricted = [
        "--label",
        "restricted",
        "--read-only",
        "--product",
        "calls/2",
        "--ip",
        "203.0.113.0/24",
        "--endpoint",
        "/v2/Calls*",
        "--json",
    ];
    let restricted = operator.credential("fonedynamics", &restricted).json();
    let table = operator
        .run(&[&["credential", "list"], &of[..]].concat())
        .stdout;
    // The rules of a credential may take several lines.
    let line = |label: &str| {
        let mut rows = table.split("cred_");
        rows.find(|row| row.contains(label)).unwrap()
    };
    assert!(!line("plain").contains("carrier"), "{table}");
    assert!(line("switch").contains("carrier"), "{table}");
    for rule in [
        "read-only",
        "products=calls/2",
        "ips=203.0.113.0/24",
        "endpoints=/v2/Calls*",
    ] {
        assert!(line("restricted").contains(rule), "{rule}: {table}");
        assert!(!line("plain").contains(rule), "{rule}: {table}");
    }

    let id = restricted["credential_id"].as_str().unwrap();
    let show = [&["credential", "show", id], &of[..]].concat();
    let shown = operator.run(&[&show[..], &["--json"]].concat()).json();
    for field in ["label", "products", "ips", "endpoints", "read_only"] {
        assert_eq!(shown[field], restricted[field], "{field}");
    }
    let secret = restricted["token"].as_str().unwrap();
    let shown = operator.run(&show);
    assert!(shown.stdout.contains("203.0.113.0/24"), "{}", shown.stdout);
    assert!(!shown.stdout.contains(secret), "the secret is shown once");
    let other = ["credential", "show", "cred_0123456789abcdef"];
    let unknown = operator.run(&[&other[..], &of].concat());
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("credential list --account"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn names_and_labels_may_not_contain_control_characters() {
    let operator = Operator::new("UTC");
    for name in ["evil\u{1b}]0;pwn\u{7}\u{1b}[2J", "a\nb", "a\u{9b}2J"] {
        for refused in [
            operator.run(&["account", "create", name]),
            operator.run(&["callprocess", "add", name, "--account", &operator.account]),
            operator.credential("tld", &["--label", name]),
        ] {
            assert_eq!(refused.code, 1, "{name:?}");
            let reported = refused.stderr.contains("control characters");
            assert!(reported, "{name:?}: {}", refused.stderr);
            assert!(!refused.stderr.contains(['\u{1b}', '\u{9b}']), "{name:?}");
        }
    }
}
