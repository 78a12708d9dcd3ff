//! Accounts, credentials and sign-ins.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Case, Damaged, flag, n, prove, s};

/// A session's item and those of its tokens.
fn sign_in(t: &Damaged) -> Vec<usize> {
    let of_sign_in = |index: &usize| matches!(t.text(*index, "type").as_str(), "session" | "token");
    (0..t.0.items.len()).filter(of_sign_in).collect()
}

fn own(t: &Damaged) -> usize {
    let id = t.account();
    t.find("account", |account| account.account() == Some(&id))
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "account",
        damage: |t| {
            let empty = t.0.empty.clone();
            let account = t.find("account", |one| one.account() == Some(&empty));
            let what = "items belong to this account, but it does not exist";
            let key = t.key(account, what);
            t.remove(account);
            vec![key]
        },
    },
    Case {
        rule: "account-listed",
        damage: |t| {
            let entry = t.find("account_entry", |_| true);
            let id = t.text(entry, "account_id");
            t.remove(entry);
            let account = t.find("account", |one| one.account() == Some(&id));
            vec![t.key(account, "the directory has no entry for it")]
        },
    },
    Case {
        rule: "account-process",
        damage: |t| {
            let account = own(t);
            t.set(account, "callprocess_id", n(9_999));
            vec![t.key(account, "callprocess_id names no call process")]
        },
    },
    Case {
        rule: "credential-copy",
        damage: |t| {
            let credential = t.find("credential", |_| true);
            t.set(credential, "label", s("another"));
            vec![t.key(credential, "its copy in the list differs")]
        },
    },
    Case {
        rule: "credential-copy",
        damage: |t| {
            let copy = t.find("account_credential", |_| true);
            let id = t.text(copy, "credential_id");
            t.remove(copy);
            let credential = t.find("credential", |one| one.text("credential_id") == Some(&id));
            vec![t.key(credential, "it is not in its account's list")]
        },
    },
    Case {
        rule: "credential-former",
        damage: |t| {
            let former = t.find("former_credential", |_| true);
            t.set(former, "label", s("another"));
            let what = "it is neither a copy of its credential nor revoked";
            vec![t.key(former, what)]
        },
    },
    Case {
        rule: "credential-former",
        damage: |t| {
            let former = t.find("former_credential", |_| true);
            let id = t.text(former, "credential_id");
            t.remove(former);
            let listed = t.find("account_credential", |one| {
                one.text("credential_id") == Some(&id)
            });
            vec![t.key(listed, "it cannot be found by its former secret")]
        },
    },
    Case {
        rule: "credential-closed",
        damage: |t| {
            let credential = t.find("credential", |one| one.text("kind") == Some("tld"));
            let id = t.text(credential, "credential_id");
            let listed = t.find("account_credential", |one| {
                one.text("credential_id") == Some(&id)
            });
            for place in [credential, listed] {
                t.set(place, "account_closed", flag(true));
            }
            vec![t.key(
                listed,
                "it is closed and its account is not, or the reverse",
            )]
        },
    },
    Case {
        rule: "credential-feedback",
        damage: |t| {
            let mut listed = None;
            for kind in ["credential", "former_credential", "account_credential"] {
                let copy = t.find(kind, |one| one.text("kind") == Some("trestle"));
                t.set(copy, "feedback_days", n(120));
                listed = Some(copy);
            }
            let says = "it keeps feedback for another time than its account";
            listed
                .map(|listed| t.key(listed, says))
                .into_iter()
                .collect()
        },
    },
    Case {
        rule: "credential-secret",
        damage: |t| {
            let credential = t.find("credential", |_| true);
            let id = t.text(credential, "credential_id");
            let copy = t.find("account_credential", |one| {
                one.text("credential_id") == Some(&id)
            });
            for place in [credential, copy] {
                t.set(place, "secret_argon2", s("A".repeat(64)));
            }
            vec![t.key(credential, "it has no hash of its secret, or two")]
        },
    },
    Case {
        rule: "credential-copy",
        damage: |t| {
            // No item names this credential.
            let credential = t.find("credential", |one| {
                one.text("kind") == Some("integrator") && one.has("accounts")
            });
            let id = t.text(credential, "credential_id");
            t.remove(credential);
            let copy = t.find("account_credential", |one| {
                one.text("credential_id") == Some(&id)
            });
            vec![t.key(copy, "it cannot be found by what a client presents")]
        },
    },
    Case {
        rule: "credential-accounts",
        damage: |t| {
            let nobody = AttributeValue::L(vec![s("7")]);
            let copy = t.find("account_credential", |one| one.has("accounts"));
            t.set(copy, "accounts", nobody.clone());
            let credential = t.find("credential", |one| one.has("accounts"));
            t.set(credential, "accounts", nobody);
            let what = "it acts for an account that does not exist";
            vec![t.key(credential, what)]
        },
    },
    Case {
        rule: "credential-used",
        damage: |t| {
            let feedback = t.find("feedback", |_| true);
            t.set(feedback, "credential_id", s("nobody's"));
            vec![t.key(feedback, "credential_id names no credential")]
        },
    },
    Case {
        rule: "credential-used",
        damage: |t| {
            let cost = t.find("cost", |cost| cost.has("method_id"));
            t.set(cost, "method_id", s("nobody's"));
            let what = "credential_id and method_id name no credential";
            vec![t.key(cost, what)]
        },
    },
    Case {
        rule: "credential-used",
        damage: |t| {
            let limit = t.find("limit", |_| true);
            let pk = format!("A#{}#LIMIT#nobody's", t.account());
            t.set(limit, "pk", s(pk));
            vec![t.key(limit, "the account has no such credential")]
        },
    },
    Case {
        rule: "limit-counts",
        damage: |t| {
            let limit = t.find("limit", |_| true);
            t.set(limit, "minute_count", n(9));
            vec![t.key(limit, "minute_count is not the sum of seconds")]
        },
    },
    Case {
        rule: "limit-counts",
        damage: |t| {
            let limit = t.find("limit", |_| true);
            t.set_in(limit, "days", "d1", n(9));
            vec![t.key(limit, "month_count is not the sum of days")]
        },
    },
    Case {
        rule: "token-session",
        damage: |t| {
            let token = t.find("token", |one| one.text("kind") == Some("access"));
            t.set(token, "session_id", s("another"));
            vec![t.key(token, "its session does not exist")]
        },
    },
    Case {
        rule: "token-session",
        damage: |t| {
            let token = t.find("token", |one| one.text("kind") == Some("access"));
            t.set(token, "credential_name", s("another"));
            vec![t.key(token, "its session has another credential")]
        },
    },
    Case {
        rule: "session-token",
        damage: |t| {
            let session = t.find("session", |_| true);
            let hash = t.text(session, "refresh_sha256");
            let token = t.find("token", |one| one.part(1) == hash);
            t.remove(token);
            let session = t.find("session", |_| true);
            let what = "refresh_sha256 names no refresh token of the session with the same expiry";
            vec![t.key(session, what)]
        },
    },
    Case {
        rule: "session-credential",
        damage: |t| {
            for index in sign_in(t) {
                t.set(index, "credential_name", s("another"));
            }
            let session = t.find("session", |_| true);
            vec![t.key(session, "its credential does not act for the account")]
        },
    },
];

#[tokio::test]
async fn damaged_accounts_credentials_and_sessions_are_found() {
    prove(CASES).await;
}

#[tokio::test]
async fn an_expired_item_is_not_reported_as_missing() {
    let mut t = Damaged(super::correct().await);
    let session = t.find("session", |_| true);
    t.remove(session);
    let found = callbook_audit::audit(&t.0.items, t.0.now);
    assert!(found.iter().any(|one| one.rule == "token-session"));
    t.0.now += 30 * 86_400_000;
    assert_eq!(callbook_audit::audit(&t.0.items, t.0.now), []);
}
