//! A client of every vendor, to test the same case in each dialect. Integrators and tokens exist in
//! TeleTracker only and have their own tests.

use callbook::edge::App;
use callbook::model::credential::CredentialKind;
use serde_json::json;

use crate::call_data::CALL_DATA;
use crate::teletracker::pair;
use crate::tld::{self, form};
use crate::{Key, Reply, send_to, truecnam};

/// Every vendor, by the kind of its credential.
pub const ALL: [CredentialKind; 5] = [
    CredentialKind::Trestle,
    CredentialKind::Tld,
    CredentialKind::Truecnam,
    CredentialKind::User,
    CredentialKind::Fonedynamics,
];

/// The number in every request below.
pub const PHONE: &str = "12069735100";

/// Whether a request is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The request is valid, and counts against limits.
    Well,
    /// The request lacks a required parameter.
    Wanting,
}

/// Sends the vendor's request to an instance of the functions, with a name and a secret. A vendor whose keys
/// have no name gets the secret only.
pub async fn send(
    app: &App,
    vendor: CredentialKind,
    name: &str,
    secret: &str,
    sent: Sent,
) -> Reply {
    let number = if sent == Sent::Well { PHONE } else { "" };
    match vendor {
        CredentialKind::Trestle => {
            let body = json!({
                "response_id": "T_1",
                "phone": number,
                "phone_status": "Connected",
                "phone_right_party_contact": true,
            });
            let headers = [("x-api-key", secret)];
            let body = body.to_string();
            send_to(
                app,
                "POST",
                "/1.0/phone_feedback",
                &headers,
                body.as_bytes(),
            )
            .await
        }
        CredentialKind::Tld => {
            let body = form(&[("did", PHONE), ("cid", number), ("cost", "1")]);
            let headers = [
                ("tld-api-id", name),
                ("tld-api-key", secret),
                ("content-type", tld::FORM),
            ];
            send_to(app, "POST", tld::PATH, &headers, body.as_bytes()).await
        }
        CredentialKind::Truecnam => {
            let query = form(&[
                ("username", name),
                ("password", secret),
                ("calling_number", number),
                ("resp_type", "extended"),
            ]);
            send_to(app, "GET", &format!("{}?{query}", truecnam::PATH), &[], b"").await
        }
        CredentialKind::User => {
            let end = if sent == Sent::Well { "2026-11-21" } else { "" };
            let query = form(&[
                ("start_date", "2026-11-21"),
                ("end_date", end),
                ("cid", PHONE),
            ]);
            let basic = format!("Basic {}", pair(name, secret));
            let headers = [("authorization", basic.as_str())];
            send_to(app, "GET", &format!("{CALL_DATA}?{query}"), &headers, b"").await
        }
        CredentialKind::Fonedynamics => {
            let count = if sent == Sent::Well { "1" } else { "x" };
            let number = format!("+{PHONE}");
            let query = form(&[("Results_Count", count), ("To", &number)]);
            let basic = format!("Basic {}", pair(name, secret));
            let headers = [("authorization", basic.as_str())];
            send_to(
                app,
                "GET",
                &format!("/v2/Accounts/{name}/Calls?{query}"),
                &headers,
                b"",
            )
            .await
        }
        CredentialKind::Integrator => panic!("an integrator has no account of its own"),
    }
}

/// Sends the vendor's request with a key.
pub async fn use_key(app: &App, key: &Key, sent: Sent) -> Verdict {
    let reply = send(app, key.credential.kind, &key.name, &key.secret, sent).await;
    verdict(key.credential.kind, &reply)
}

/// The status, and the error by which the vendor's clients distinguish problems; empty if there is none.
pub type Verdict = (u16, String);

/// Reads the verdict from an answer.
#[must_use]
pub fn verdict(vendor: CredentialKind, reply: &Reply) -> Verdict {
    let body = reply.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let error = match vendor {
        CredentialKind::Trestle if reply.status == 403 => {
            format!("{} {}", text("errorCode"), text("hint"))
        }
        CredentialKind::Trestle if reply.status == 429 => text("errorCode"),
        CredentialKind::Trestle | CredentialKind::Tld => text("error"),
        CredentialKind::Truecnam if text("err") == "0" => String::new(),
        CredentialKind::Truecnam => format!("{} {}", text("err"), text("error_msg")),
        CredentialKind::User | CredentialKind::Integrator => text("errorCode"),
        CredentialKind::Fonedynamics => {
            let code = &body["ResponseStatus"]["ErrorCode"];
            code.as_str().unwrap_or_default().to_owned()
        }
    };
    (reply.status, error)
}

/// The verdict of a successful request.
#[must_use]
pub fn done() -> Verdict {
    (200, String::new())
}
