//! Accounts, credentials, and the sessions and tokens of a sign-in.

use super::finding::{Report, Rule};
use super::table::{Entry, Table, number, text};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "account",
        says: "what an account owns belongs to an account that exists",
        check: accounts,
    },
    Rule {
        name: "account-listed",
        says: "the directory of accounts has every account",
        check: listed,
    },
    Rule {
        name: "account-process",
        says: "an account's default call process exists",
        check: default_processes,
    },
    Rule {
        name: "credential-copy",
        says: "a credential and its copy in its account's list are equal",
        check: credential_copies,
    },
    Rule {
        name: "credential-former",
        says: "the name of a former secret finds its credential while both secrets are good, and is revoked after",
        check: former_credentials,
    },
    Rule {
        name: "credential-feedback",
        says: "a credential for feedback keeps it as long as its account",
        check: feedback_credentials,
    },
    Rule {
        name: "credential-closed",
        says: "a credential that is closed with its account is one of a closed account, and has no other",
        check: closed_credentials,
    },
    Rule {
        name: "credential-secret",
        says: "a credential has one hash of its secret",
        check: credential_secrets,
    },
    Rule {
        name: "credential-accounts",
        says: "the accounts that a credential acts for exist",
        check: credential_accounts,
    },
    Rule {
        name: "credential-used",
        says: "the credential that an item names exists",
        check: credentials_used,
    },
    Rule {
        name: "limit-counts",
        says: "the count of a minute is the sum of its seconds, and of a month the sum of its days",
        check: limit_counts,
    },
    Rule {
        name: "token-session",
        says: "a token that has not expired has a session, and both have the same credential and account",
        check: token_sessions,
    },
    Rule {
        name: "session-token",
        says: "a session's refresh token exists and expires with the session",
        check: session_tokens,
    },
    Rule {
        name: "session-credential",
        says: "the credential of a session acts for the session's account",
        check: session_credentials,
    },
];

/// Reports each missing account once, at the key that it would have.
fn accounts(table: &Table<'_>, report: &mut Report) {
    // The record of a deletion outlives its account.
    let owned = table
        .all()
        .filter(|entry| entry.kind() != "account_deletion");
    let mut owners: Vec<_> = owned.filter_map(|entry| entry.account()).collect();
    owners.sort_unstable();
    owners.dedup();
    for id in owners {
        if table.own(id, "ACCOUNT").is_none() {
            let what = "items belong to this account, but it does not exist";
            report.missing(&format!("A#{id}"), "ACCOUNT", what);
        }
    }
}

fn listed(table: &Table<'_>, report: &mut Report) {
    for account in table.of("account") {
        let id = account.account().unwrap_or_default();
        let listed = table.at("ACCOUNTS", id).is_some();
        report.check(listed, account, "the directory has no entry for it");
    }
}

fn default_processes(table: &Table<'_>, report: &mut Report) {
    for account in table.of("account") {
        if let Some(process) = account.number("callprocess_id") {
            let id = account.account().unwrap_or_default();
            let there = table.own(id, &format!("PROCESS#{process}")).is_some();
            report.check(there, account, "callprocess_id names no call process");
        }
    }
}

/// Whether two copies of a credential say the same.
fn same(one: Entry<'_>, other: Entry<'_>) -> bool {
    let names = one.item.keys().chain(other.item.keys());
    let mut names = names.filter(|name| !matches!(name.as_str(), "pk" | "sk" | "type"));
    names.all(|name| one.agrees(&other, name))
}

/// The name that a credential's former secret is looked up by.
fn former_name<'a>(credential: Entry<'a>) -> Option<&'a str> {
    text(credential.map("former")?, "name")
}

fn former_credentials(table: &Table<'_>, report: &mut Report) {
    for former in table.of("former_credential") {
        let (account, id) = (former.text("account_id"), former.text("credential_id"));
        let key = format!("CRED#{}", id.unwrap_or_default());
        // A credential that is not listed is told of by its other copy.
        let Some(listed) = table.own(account.unwrap_or_default(), &key) else {
            continue;
        };
        let name = former_name(listed).unwrap_or_default();
        let kind = former.text("kind").unwrap_or_default();
        let good = match former.pk == format!("CRED#{kind}#{name}") {
            true => same(former, listed),
            false => former.text("status") == Some("revoked"),
        };
        report.check(
            good,
            former,
            "it is neither a copy of its credential nor revoked",
        );
    }
    for listed in table.of("account_credential") {
        if let Some(name) = former_name(listed) {
            let there = find(table, listed.text("kind"), Some(name)).is_some();
            report.check(there, listed, "it cannot be found by its former secret");
        }
    }
}

fn closed_credentials(table: &Table<'_>, report: &mut Report) {
    for listed in table.of("account_credential") {
        let account = table.own(listed.account().unwrap_or_default(), "ACCOUNT");
        let closed = account.is_some_and(|account| account.has("closed_at"));
        let others = listed.texts("accounts").next().is_some();
        let marked = listed.flag("account_closed") == Some(true);
        let over = listed.text("status") == Some("revoked");
        let good = over || marked == (closed && !others);
        report.check(
            good,
            listed,
            "it is closed and its account is not, or the reverse",
        );
    }
}

fn feedback_credentials(table: &Table<'_>, report: &mut Report) {
    for listed in table.of("account_credential") {
        let account = table.own(listed.account().unwrap_or_default(), "ACCOUNT");
        let kept = account.and_then(|account| account.map("feedback_kept"));
        let pending = kept.is_some_and(|kept| kept.contains_key("changed_at"));
        let days = kept.and_then(|kept| number(kept, "days"));
        let records =
            listed.text("kind") == Some("trestle") && listed.text("status") != Some("revoked");
        let good = !records || pending || listed.number("feedback_days") == days;
        report.check(
            good,
            listed,
            "it keeps feedback for another time than its account",
        );
    }
}

fn credential_copies(table: &Table<'_>, report: &mut Report) {
    for found in table.of("credential") {
        let (account, id) = (found.text("account_id"), found.text("credential_id"));
        let key = format!("CRED#{}", id.unwrap_or_default());
        match table.own(account.unwrap_or_default(), &key) {
            Some(listed) => {
                report.check(same(found, listed), found, "its copy in the list differs");
            }
            None => report.add(found, "it is not in its account's list"),
        }
    }
    for listed in table.of("account_credential") {
        let there = find(table, listed.text("kind"), listed.text("name")).is_some();
        report.check(
            there,
            listed,
            "it cannot be found by what a client presents",
        );
    }
}

fn credential_secrets(table: &Table<'_>, report: &mut Report) {
    let one = |has: &dyn Fn(&str) -> bool| has("secret_sha256") != has("secret_argon2");
    for credential in table.of("credential") {
        let former = credential.map("former");
        let good = one(&|name| credential.has(name))
            && former.is_none_or(|former| one(&|name| former.contains_key(name)));
        report.check(good, credential, "it has no hash of its secret, or two");
    }
}

fn find<'a>(table: &Table<'a>, kind: Option<&str>, name: Option<&str>) -> Option<Entry<'a>> {
    table.at(&format!("CRED#{}#{}", kind?, name?), "CRED")
}

fn credential_accounts(table: &Table<'_>, report: &mut Report) {
    for credential in table.of("credential") {
        for id in credential.texts("accounts") {
            let there = table.own(id, "ACCOUNT").is_some();
            report.check(
                there,
                credential,
                "it acts for an account that does not exist",
            );
        }
    }
}

fn credentials_used(table: &Table<'_>, report: &mut Report) {
    let by_id = table.grouped("credential", |one| one.text("credential_id"));
    for kind in ["feedback", "queue_entry"] {
        for entry in table.of(kind) {
            let there = entry
                .text("credential_id")
                .is_none_or(|id| by_id.contains_key(id));
            report.check(there, entry, "credential_id names no credential");
        }
    }
    for limit in table.of("limit") {
        // Windows are stored with the credential's own account, whichever account it acts for.
        let credential = by_id.get(limit.part(3)).and_then(|found| found.first());
        let owner = credential.and_then(|one| one.text("account_id"));
        let good = owner == limit.account();
        report.check(good, limit, "the account has no such credential");
    }
    for cost in table.of("cost") {
        let (id, name) = (cost.text("credential_id"), cost.text("method_id"));
        let credential = id.and_then(|id| by_id.get(id)?.first());
        let good = match id {
            Some(_) => credential.is_some_and(|one| one.text("name") == name),
            None => name.is_none(),
        };
        report.check(good, cost, "credential_id and method_id name no credential");
    }
}

fn limit_counts(table: &Table<'_>, report: &mut Report) {
    for limit in table.of("limit") {
        for (total, parts) in [("minute_count", "seconds"), ("month_count", "days")] {
            let counts = limit.map(parts).into_iter().flatten();
            let sum: i64 = counts
                .filter_map(|(name, _)| number(limit.map(parts)?, name))
                .sum();
            let good = limit.number(total).is_none_or(|total| total == sum);
            report.check(good, limit, &format!("{total} is not the sum of {parts}"));
        }
    }
}

fn session<'a>(table: &Table<'a>, entry: Entry<'_>) -> Option<Entry<'a>> {
    let (account, id) = (entry.text("account_id")?, entry.text("session_id")?);
    table.at(&format!("A#{account}#SESSION#{id}"), "SESSION")
}

/// Whether the store may already have expired the item.
fn expired(table: &Table<'_>, entry: Entry<'_>) -> bool {
    entry
        .number("expires_at")
        .is_some_and(|seconds| seconds <= table.now.div_euclid(1_000))
}

fn token_sessions(table: &Table<'_>, report: &mut Report) {
    for token in table.of("token").filter(|token| !expired(table, *token)) {
        match session(table, token) {
            Some(session) => {
                let same = ["credential_kind", "credential_name"]
                    .iter()
                    .all(|name| token.agrees(&session, name));
                report.check(same, token, "its session has another credential");
            }
            None => report.add(token, "its session does not exist"),
        }
    }
}

fn session_tokens(table: &Table<'_>, report: &mut Report) {
    for session in table.of("session").filter(|one| !expired(table, *one)) {
        let hash = session.text("refresh_sha256").unwrap_or_default();
        let token = table.at(&format!("TOKEN#{hash}"), "TOKEN");
        let good = token.is_some_and(|token| {
            token.text("kind") == Some("refresh")
                && ["session_id", "account_id", "expires_at"]
                    .iter()
                    .all(|name| token.agrees(&session, name))
        });
        let what = "refresh_sha256 names no refresh token of the session with the same expiry";
        report.check(good, session, what);
    }
}

fn session_credentials(table: &Table<'_>, report: &mut Report) {
    for session in table.of("session") {
        let (kind, name) = (
            session.text("credential_kind"),
            session.text("credential_name"),
        );
        let account = session.account().unwrap_or_default();
        let good = find(table, kind, name).is_some_and(|credential| {
            credential.text("account_id") == Some(account)
                || credential.texts("accounts").any(|id| id == account)
        });
        report.check(good, session, "its credential does not act for the account");
    }
}
