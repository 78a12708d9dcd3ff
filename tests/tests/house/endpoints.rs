//! The table of endpoints. A new endpoint starts with a row here.

mod webhooks;

use callbook::model::credential::CredentialKind;
use callbook_tests::tld::{FORM, JSON};

/// One method of one path, with the data that every endpoint needs.
pub struct Endpoint {
    pub method: &'static str,
    pub path: &'static str,
    pub function: &'static str,
    /// The vendor whose golden files have an exchange with the endpoint.
    pub vendor: &'static str,
    pub credential: CredentialKind,
    /// A request that lacks only its credential: media type and body, or a query string.
    pub body: (&'static str, &'static str),
    pub query: &'static str,
    /// The answer to a request without a credential: its status, and a text in its body.
    pub unauthenticated: (u16, &'static str),
    /// The answer to a request with a credential and nothing else.
    pub invalid: (u16, &'static str),
}

const FEEDBACK: &str = r#"{"response_id":"T_1","phone":"2069735100","phone_status":"Connected","phone_right_party_contact":true}"#;
const BILL: &str = "did=8005550100&cid=2069735100&cost=25.50";
const CALL: &str =
    "calling_number=12069735100&called_number=18005550100&call_party=orig_call_start";

const fn billable(path: &'static str) -> Endpoint {
    Endpoint {
        method: "POST",
        path,
        function: "inbound-billable",
        vendor: "tld",
        credential: CredentialKind::Tld,
        body: (FORM, BILL),
        query: "",
        unauthenticated: (401, "No API ID Provided"),
        invalid: (400, "Missing or Invalid Cost"),
    }
}

const fn caller_id(method: &'static str, body: &'static str, query: &'static str) -> Endpoint {
    Endpoint {
        method,
        path: "/api/v1",
        function: "caller-id",
        vendor: "truecnam",
        credential: CredentialKind::Truecnam,
        body: (FORM, body),
        query,
        unauthenticated: (200, "Missing required parameter: username"),
        invalid: (200, "Missing required parameter: calling_number"),
    }
}

const RESPONSE: &str = "callee=2065550100&whisper_text=x&account_id=1";

const fn teletracker(
    path: &'static str,
    function: &'static str,
    body: &'static str,
    missing: &'static str,
) -> Endpoint {
    Endpoint {
        method: "POST",
        path,
        function,
        vendor: "teletracker",
        credential: CredentialKind::Integrator,
        body: (FORM, body),
        query: "",
        unauthenticated: (401, "UNAUTHENTICATED"),
        invalid: (400, missing),
    }
}

/// A valid sid that no resource has.
const SID: &str = "ZZZZZZZZZZAAAAAAAAAAAAAAAAAAAAAA";

const fn fonedynamics(
    function: &'static str,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    wanting: &'static str,
) -> Endpoint {
    Endpoint {
        method,
        path,
        function,
        vendor: "fonedynamics",
        credential: CredentialKind::Fonedynamics,
        body: (FORM, body),
        query: "",
        unauthenticated: (401, "UNAUTHORIZED"),
        invalid: (400, wanting),
    }
}

const fn callbook(
    function: &'static str,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    invalid: (u16, &'static str),
) -> Endpoint {
    Endpoint {
        method,
        path,
        function,
        vendor: "callbook",
        credential: CredentialKind::User,
        body: (JSON, body),
        query: "",
        unauthenticated: (401, "urn:callbook:problem:missing_credential"),
        invalid,
    }
}

/// Every documented endpoint.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "POST",
        path: "/1.0/phone_feedback",
        function: "phone-feedback",
        vendor: "trestle",
        credential: CredentialKind::Trestle,
        body: ("application/json", FEEDBACK),
        query: "",
        unauthenticated: (403, "MISSING_API_KEY"),
        invalid: (400, "Missing required fields: response_id"),
    },
    billable("/api/ingress/calls/inbound/billable"),
    billable("/api/ingress/calls/inbound/billable/{did}"),
    billable("/api/ingress/calls/inbound/billable/{did}/{cid}"),
    caller_id("GET", "", CALL),
    caller_id("POST", CALL, ""),
    teletracker(
        "/voice/rapidresponse",
        "rapid-response",
        RESPONSE,
        r#"["account_id","callee","whisper_text"]"#,
    ),
    teletracker(
        "/auth/login",
        "auth-login",
        "username=nobody&password=wrong",
        r#"["password","username"]"#,
    ),
    teletracker(
        "/auth/refresh",
        "auth-refresh",
        "refresh_token=84e2b789-d5f4-4634-98fe-dacc9fe42ba3",
        r#"["refresh_token"]"#,
    ),
    Endpoint {
        method: "GET",
        path: "/reports/call-data",
        function: "call-data",
        vendor: "teletracker",
        credential: CredentialKind::User,
        body: (FORM, ""),
        query: "start_date=2026-11-20&end_date=2026-11-21",
        unauthenticated: (401, "UNAUTHENTICATED"),
        invalid: (400, r#""missingInputVars":["end_date","start_date"]"#),
    },
    fonedynamics("calls", "GET", "/v2/Calls/{sid}", "", "CALL_NOT_FOUND"),
    fonedynamics(
        "calls",
        "POST",
        "/v2/Calls/{sid}",
        "Disposition=Busy",
        "ONE_OF_SEVERAL_PARAMETERS_REQUIRED",
    ),
    fonedynamics(
        "calls",
        "GET",
        "/v2/Properties/{sid}/Calls",
        "",
        "PROPERTY_NOT_FOUND",
    ),
    fonedynamics(
        "calls",
        "POST",
        "/v2/Properties/{sid}/Calls",
        "From=%2B12065550100&To=%2B18005550100",
        "PARAMETER_REQUIRED",
    ),
    fonedynamics(
        "calls",
        "GET",
        "/v2/Accounts/{sid}/Calls",
        "",
        "ACCOUNT_NOT_FOUND",
    ),
    fonedynamics(
        "properties",
        "POST",
        "/v2/Properties",
        "Name=Roofing",
        "PARAMETER_REQUIRED",
    ),
    fonedynamics(
        "properties",
        "GET",
        "/v2/Properties/{sid}",
        "",
        "PROPERTY_NOT_FOUND",
    ),
    fonedynamics(
        "numbers",
        "GET",
        "/v2/Properties/{sid}/Numbers",
        "",
        "PROPERTY_NOT_FOUND",
    ),
    fonedynamics(
        "numbers",
        "POST",
        "/v2/Properties/{sid}/Numbers",
        "Number=%2B12065550111",
        "PARAMETER_REQUIRED",
    ),
    fonedynamics(
        "numbers",
        "GET",
        "/v2/Accounts/{sid}/Numbers",
        "",
        "ACCOUNT_NOT_FOUND",
    ),
    fonedynamics(
        "numbers",
        "GET",
        "/v2/Numbers/{number}",
        "",
        "NUMBER_NOT_FOUND",
    ),
    fonedynamics(
        "numbers",
        "POST",
        "/v2/Numbers/{number}",
        "Friendly=Main",
        "ONE_OF_SEVERAL_PARAMETERS_REQUIRED",
    ),
    fonedynamics(
        "numbers",
        "DELETE",
        "/v2/Numbers/{number}",
        "",
        "NUMBER_NOT_FOUND",
    ),
    fonedynamics(
        "numbers",
        "GET",
        "/v2/AvailableNumbers",
        "",
        "PARAMETER_REQUIRED",
    ),
    fonedynamics(
        "addresses",
        "GET",
        "/v2/Accounts/{sid}/Addresses",
        "",
        "ACCOUNT_NOT_FOUND",
    ),
    fonedynamics(
        "addresses",
        "POST",
        "/v2/Accounts/{sid}/Addresses",
        "Line1=1&City=C&CountryCode=US",
        "PARAMETER_REQUIRED",
    ),
    fonedynamics(
        "addresses",
        "GET",
        "/v2/Addresses/{sid}",
        "",
        "ADDRESS_NOT_FOUND",
    ),
    fonedynamics(
        "addresses",
        "DELETE",
        "/v2/Addresses/{sid}",
        "",
        "ADDRESS_NOT_FOUND",
    ),
    Endpoint {
        // It has no required parameter, so a request without any succeeds.
        invalid: (200, r#""TotalCount":0"#),
        ..fonedynamics("properties", "GET", "/v2/Properties", "", "")
    },
    callbook(
        "me",
        "GET",
        "/callbook/v1/me",
        "",
        (200, r#""role":"admin""#),
    ),
    callbook(
        "summary",
        "GET",
        "/callbook/v1/summary",
        "",
        (200, r#""groups":[],"totals":{"calls":0"#),
    ),
    callbook(
        "vendors",
        "GET",
        "/callbook/v1/vendors",
        "",
        (200, r#"{"vendors":[],"next_cursor":null}"#),
    ),
    callbook(
        "vendors",
        "POST",
        "/callbook/v1/vendors",
        r#"{"vendor_id":"acme","name":"Acme"}"#,
        (400, r#"{"field":"name","message":"missing"}"#),
    ),
    callbook(
        "vendors",
        "GET",
        "/callbook/v1/vendors/{id}",
        "",
        (404, "vendor_not_found"),
    ),
    callbook(
        "vendors",
        "PATCH",
        "/callbook/v1/vendors/{id}",
        r#"{"status":"paused"}"#,
        (400, r#"{"field":"name, status","message":"missing"}"#),
    ),
    callbook(
        "vendors",
        "PUT",
        "/callbook/v1/vendors/{id}/terms",
        r#"{"from":"2026-12-01","price":"25"}"#,
        (400, r#"{"field":"price","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "GET",
        "/callbook/v1/costs",
        "",
        (400, r#"{"field":"from","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "GET",
        "/callbook/v1/costs/refused",
        "",
        (400, r#"{"field":"from","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "GET",
        "/callbook/v1/costs/{id}",
        "",
        (404, "cost_not_found"),
    ),
    callbook(
        "costs",
        "POST",
        "/callbook/v1/costs/{id}/void",
        r#"{"reason":"disputed"}"#,
        (400, r#"{"field":"reason","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "POST",
        "/callbook/v1/costs/{id}/match",
        r#"{"call_sid":"none","reason":"not ours"}"#,
        (400, r#"{"field":"call_sid","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "POST",
        "/callbook/v1/costs/{id}/unpin",
        r#"{"reason":"a mistake"}"#,
        (400, r#"{"field":"reason","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "GET",
        "/callbook/v1/adjustments",
        "",
        (400, r#"{"field":"to","message":"missing"}"#),
    ),
    callbook(
        "costs",
        "POST",
        "/callbook/v1/adjustments",
        r#"{"vendor_id":"acme","month":"2026-11","amount":"-7.50","reason":"credit"}"#,
        (400, r#"{"field":"amount","message":"missing"}"#),
    ),
    callbook(
        "calls-log",
        "GET",
        "/callbook/v1/calls",
        "",
        (400, r#"{"field":"from","message":"missing"}"#),
    ),
    callbook(
        "calls-log",
        "GET",
        "/callbook/v1/calls/{sid}",
        "",
        (404, "call_not_found"),
    ),
    callbook(
        "invoices",
        "POST",
        "/callbook/v1/invoices/check",
        r#"{"vendor":"acme","from":"2026-11-01","to":"2026-11-30","rows":[]}"#,
        (400, r#"{"field":"rows","message":"missing"}"#),
    ),
    callbook(
        "queue",
        "GET",
        "/callbook/v1/queue",
        "",
        (200, r#"{"entries":[],"next_cursor":null}"#),
    ),
    callbook(
        "events",
        "GET",
        "/callbook/v1/events",
        "",
        (200, r#""has_more":false"#),
    ),
    callbook(
        "requests",
        "GET",
        "/callbook/v1/requests",
        "",
        (200, r#""next_cursor":null"#),
    ),
    callbook(
        "queue",
        "POST",
        "/callbook/v1/queue/take",
        r#"{"limit":10}"#,
        (200, r#"{"entries":[]}"#),
    ),
    callbook(
        "queue",
        "POST",
        "/callbook/v1/queue/{id}/extend",
        r#"{"lease_seconds":300}"#,
        (404, "queue_entry_not_found"),
    ),
    callbook(
        "queue",
        "POST",
        "/callbook/v1/queue/{id}/finish",
        r#"{"result":"completed"}"#,
        (400, r#"{"field":"result","message":"missing"}"#),
    ),
    webhooks::LIST,
    webhooks::CREATE,
    webhooks::CHANGE,
    webhooks::DELETE,
    webhooks::ROTATE,
    webhooks::TEST,
    webhooks::DELIVERIES,
    webhooks::RESEND,
];

impl Endpoint {
    /// The name of the endpoint in `openapi.yaml`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path as a client sends it, with the query string unless it is empty.
    pub fn address(&self, query: &str) -> String {
        let path = self
            .path
            .replace("{did}", "8005550100")
            .replace("{cid}", "2069735100")
            .replace("{sid}", SID)
            .replace("{number}", "12065550111")
            .replace("{id}", "acme");
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    }
}
