//! Every documented endpoint has all that an endpoint has; a row here is what a new one starts with.

use std::collections::BTreeSet;

use callbook::model::credential::CredentialKind;
use callbook_cli::template;
use callbook_tests::teletracker::{basic, integrator};
use callbook_tests::tld::FORM;
use callbook_tests::{World, golden};
use http::Method;

use crate::repository::{function_folders, functions, operations};

struct Endpoint {
    method: &'static str,
    path: &'static str,
    function: &'static str,
    /// Whose golden files have an exchange with it.
    vendor: &'static str,
    credential: CredentialKind,
    /// A request that is good but for its credential: media type and body, or a query string.
    body: (&'static str, &'static str),
    query: &'static str,
    /// What a request without a credential is answered: the status, and a text of the body.
    unauthenticated: (u16, &'static str),
    /// What a request with a credential and nothing else is answered.
    invalid: (u16, &'static str),
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

/// A sid of the right form that nothing has.
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

const ENDPOINTS: &[Endpoint] = &[
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
        // It has no parameter that it must have: with none it is answered.
        invalid: (200, r#""TotalCount":0"#),
        ..fonedynamics("properties", "GET", "/v2/Properties", "", "")
    },
];

impl Endpoint {
    fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path as a client sends it, with a query string if there is any.
    fn address(&self, query: &str) -> String {
        let path = self
            .path
            .replace("{did}", "8005550100")
            .replace("{cid}", "2069735100")
            .replace("{sid}", SID)
            .replace("{number}", "12065550111");
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    }
}

#[test]
fn the_table_has_every_documented_endpoint() {
    let here: BTreeSet<_> = ENDPOINTS
        .iter()
        .map(|one| (one.key(), one.function.to_owned()))
        .collect();
    let documented: BTreeSet<_> = operations()
        .into_iter()
        .map(|one| (one.key(), one.function))
        .collect();
    assert_eq!(here, documented);
    let served: BTreeSet<_> = ENDPOINTS
        .iter()
        .map(|one| one.function.to_owned())
        .collect();
    let mut folders = function_folders();
    assert!(
        folders.remove("fallback"),
        "the function of every other path"
    );
    assert_eq!(
        served, folders,
        "a package without an endpoint, or the other way round"
    );
}

#[test]
fn every_endpoint_has_a_route_to_a_function_of_the_template() {
    let routes = template::routes(template::TEXT).unwrap();
    let deployed = functions();
    for endpoint in ENDPOINTS {
        let keys: BTreeSet<_> = routes.iter().map(|route| route.key().to_owned()).collect();
        assert!(keys.contains(&endpoint.key()), "{}", endpoint.key());
        assert!(
            deployed.contains_key(endpoint.function),
            "{}",
            endpoint.key()
        );
    }
}

#[test]
fn every_endpoint_has_a_golden_exchange() {
    let routes = template::routes(template::TEXT).unwrap();
    for endpoint in ENDPOINTS {
        let goldens = golden::files(endpoint.vendor);
        let found = goldens.iter().any(|(_, golden)| {
            let text = |name: &str| {
                golden["request"][name]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            };
            let (method, path) = (text("method"), text("path"));
            let path = path.split('?').next().unwrap_or_default().to_owned();
            let method: Method = method.parse().unwrap_or_default();
            routes
                .find(&method, &path)
                .is_some_and(|found| found.route_key == endpoint.key())
        });
        assert!(
            found,
            "tests/golden/{} has no {}",
            endpoint.vendor,
            endpoint.key()
        );
    }
}

#[tokio::test]
async fn every_endpoint_refuses_a_request_without_a_credential() {
    let world = World::new().await;
    for endpoint in ENDPOINTS {
        let (media, body) = endpoint.body;
        let address = endpoint.address(endpoint.query);
        let headers = [("content-type", media)];
        let reply = world
            .send(endpoint.method, &address, &headers, body.as_bytes())
            .await;
        let (status, text) = endpoint.unauthenticated;
        assert_eq!(reply.status, status, "{}: {}", endpoint.key(), reply.body);
        assert!(
            reply.body.contains(text),
            "{}: {}",
            endpoint.key(),
            reply.body
        );
    }
}

#[tokio::test]
async fn every_endpoint_refuses_a_request_without_its_parameters() {
    let world = World::new().await;
    let account = world.account().await;
    for endpoint in ENDPOINTS {
        let key = world.credential(&account, endpoint.credential).await;
        let login = format!("username={}&password={}", key.name, key.secret);
        let query = if endpoint.vendor == "truecnam" {
            login.as_str()
        } else {
            ""
        };
        let media = ("content-type", endpoint.body.0);
        let authorization = match endpoint.credential {
            CredentialKind::Integrator => integrator(&key),
            _ => basic(&key),
        };
        let headers = match endpoint.credential {
            CredentialKind::Trestle => vec![media, ("x-api-key", &key.secret)],
            CredentialKind::Tld => vec![
                media,
                ("tld-api-id", &key.name),
                ("tld-api-key", &key.secret),
            ],
            CredentialKind::Truecnam => vec![media],
            CredentialKind::User | CredentialKind::Integrator | CredentialKind::Fonedynamics => {
                vec![media, ("authorization", authorization.as_str())]
            }
        };
        let body = if endpoint.credential == CredentialKind::Trestle {
            "{}"
        } else {
            ""
        };
        let reply = world
            .send(
                endpoint.method,
                &endpoint.address(query),
                &headers,
                body.as_bytes(),
            )
            .await;
        let (status, text) = endpoint.invalid;
        assert_eq!(reply.status, status, "{}: {}", endpoint.key(), reply.body);
        assert!(
            reply.body.contains(text),
            "{}: {}",
            endpoint.key(),
            reply.body
        );
    }
}
