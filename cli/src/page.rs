//! The page that a browser gets at `/` of `callbook local`: plain HTML, without scripts and without anything from
//! elsewhere. It holds no secret, because every program of the machine can read it.

use callbook::model::account::AccountId;

/// Returns the page.
#[must_use]
pub fn html(base_url: &str, account: &AccountId) -> String {
    let rows: String = ENDPOINTS
        .iter()
        .map(|(dialect, paths)| {
            let paths: Vec<_> = paths
                .iter()
                .map(|path| format!("<code>{path}</code>"))
                .collect();
            format!("<tr><th scope=row>{dialect}<td>{}\n", paths.join("<br>"))
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width\">\n<title>Callbook</title>\n\
         <h1>Callbook is running</h1>\n\
         <p>This ledger is served on <code>{base_url}</code>, for the demo account <code>{account}</code>.\n\
         <h2>In a terminal</h2>\n\
         <pre>callbook demo                            a curl line for each endpoint, with its key\n\
         callbook credential list --account {account}\n\
         callbook import calls FILE --account {account} --dry-run\n\
         callbook --help</pre>\n\
         <h2>Endpoints</h2>\n<table>\n{rows}</table>\n\
         <p>README.md has each with an example, and openapi.yaml every parameter and answer.\n"
    )
}

/// The endpoints by dialect.
const ENDPOINTS: [(&str, &[&str]); 6] = [
    ("Trestle", &["POST /1.0/phone_feedback"]),
    ("TLD", &["POST /api/ingress/calls/inbound/billable"]),
    ("TrueCNAM", &["GET, POST /api/v1"]),
    (
        "TeleTracker",
        &[
            "POST /auth/login",
            "POST /auth/refresh",
            "POST /voice/rapidresponse",
            "GET /reports/call-data",
        ],
    ),
    (
        "Fone Dynamics",
        &[
            "/v2/Properties",
            "/v2/Numbers",
            "/v2/AvailableNumbers",
            "/v2/Calls",
            "/v2/Addresses",
        ],
    ),
    (
        "Callbook",
        &[
            "/callbook/v1/me",
            "/callbook/v1/summary",
            "/callbook/v1/vendors",
            "/callbook/v1/costs",
            "/callbook/v1/calls",
            "/callbook/v1/invoices/check",
            "/callbook/v1/queue",
            "/callbook/v1/events",
            "/callbook/v1/requests",
        ],
    ),
];
