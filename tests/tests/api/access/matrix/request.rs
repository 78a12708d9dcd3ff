//! The documented request of a route, as any kind of credential would send it.

use callbook::model::credential::CredentialKind;
use callbook_local::gateway::route::Route;
use callbook_tests::documented::Operation;
use callbook_tests::teletracker::pair;
use callbook_tests::tld::{FORM, JSON, form};
use callbook_tests::{Key, Reply, World};
use serde_json::Value;

use super::holder::Holder;

/// What the last segments of a bill's path are where the route takes any.
const DEEP: &str = "8005550100/2069735100/";

/// A route of the template with its documented operation.
#[derive(Clone)]
pub struct Target {
    pub method: String,
    /// As the template writes it.
    pub path: String,
    pub function: String,
    operation: Operation,
    /// The `call_party` of a query that selects by it what is done.
    party: Option<&'static str>,
}

impl Target {
    pub fn of(route: &Route, operations: &[Operation]) -> Option<Self> {
        let (method, path) = route.key().split_once(' ')?;
        if route.function() == "console" {
            // Pages take no credential. What they ask of the API is in the matrix.
            return None;
        }
        let plain = path.replace("{proxy+}", "{did}/{cid}");
        let plain = plain.trim_end_matches('/');
        // HEAD is documented as GET.
        let documented = if method == "HEAD" { "GET" } else { method };
        let own = |one: &&Operation| one.method == documented && one.path == plain;
        let operation = operations.iter().find(own);
        let operation = operation.unwrap_or_else(|| panic!("{} is not documented", route.key()));
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            function: route.function().to_owned(),
            operation: operation.clone(),
            party: None,
        })
    }

    /// The requests that the route takes by one method and that do different things.
    pub fn each_query(self) -> Vec<Self> {
        let parties: &[_] = match self.function.as_str() {
            "caller-id" => &[
                Some("orig_call_start"),
                Some("terminating"),
                Some("orig_call_end"),
            ],
            _ => &[None],
        };
        let each = parties.iter().map(|party| Self {
            party: *party,
            ..self.clone()
        });
        each.collect()
    }

    /// Names the request.
    pub fn name(&self) -> String {
        let party = self.party.unwrap_or_default();
        format!("{} {} {party}", self.method, self.path)
            .trim_end()
            .to_owned()
    }

    /// The kinds of credential that the route takes.
    pub fn kinds(&self) -> Vec<CredentialKind> {
        let named = self.operation.schemes.iter();
        let mut kinds: Vec<CredentialKind> = named.filter_map(|scheme| of_scheme(scheme)).collect();
        // These take the credential in their body.
        match self.function.as_str() {
            "caller-id" => kinds.push(CredentialKind::Truecnam),
            "auth-login" => kinds.extend([CredentialKind::User, CredentialKind::Integrator]),
            _ => {}
        }
        assert!(
            !kinds.is_empty() || self.function == "auth-refresh",
            "say which credential {} takes",
            self.path
        );
        kinds
    }

    /// Whether the request can name an account or a resource of one.
    pub fn names(&self) -> bool {
        matches!(
            self.function.as_str(),
            "call-data" | "rapid-response" | "auth-login"
        ) || self
            .path
            .split('/')
            .any(|segment| segment.starts_with('{') && !is_of_a_bill(segment))
    }

    /// Whether the route's request changes anything, as access rules see it.
    pub fn writes(&self) -> bool {
        match (self.function.as_str(), self.party) {
            ("caller-id", party) => party != Some("terminating"),
            ("invoices", _) => false,
            _ => !self.reads(),
        }
    }

    fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// The path with the resources of `holder`.
    pub fn filled(&self, holder: &Holder) -> String {
        let mut before = "";
        let mut filled = Vec::new();
        for segment in self.path.split('/') {
            filled.push(match segment {
                "{did}" => "8005550100",
                "{cid}" => "2069735100",
                "{proxy+}" => DEEP,
                _ if segment.starts_with('{') => holder
                    .named(before)
                    .unwrap_or_else(|| panic!("say what {segment} of {} names", self.path)),
                _ => segment,
            });
            before = segment;
        }
        filled.join("/")
    }

    /// Sends the documented example with a key, about the resources of `holder`. `nth` tells requests apart.
    pub async fn send(
        &self,
        world: &World,
        key: &Key,
        holder: &Holder,
        own: bool,
        nth: usize,
    ) -> Reply {
        let kind = key.credential.kind;
        let name = if key.name.is_empty() {
            "none"
        } else {
            &key.name
        };
        let secret = key.secret.as_str();
        let account =
            (!own || kind == CredentialKind::Integrator).then(|| holder.account.id.as_str());
        let changed = |pairs: Vec<(String, String)>| -> String {
            let mut pairs: Vec<(&str, String)> = pairs
                .iter()
                .filter_map(|(field, value)| {
                    let value = match field.as_str() {
                        "username" => name,
                        "password" | "refresh_token" => secret,
                        "account_id" => account?,
                        "PropertySid" => &holder.property,
                        "vendor" => &holder.vendor,
                        "call_party" => self.party.unwrap_or(value),
                        _ => value,
                    };
                    Some((field.as_str(), value.to_owned()))
                })
                .collect();
            if self.function == "call-data" {
                pairs.extend(account.map(|account| ("account_id", account.to_owned())));
            }
            if self.function == "caller-id" && self.reads() {
                pairs.extend([
                    ("username", name.to_owned()),
                    ("password", secret.to_owned()),
                ]);
            }
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
            form(&pairs)
        };
        let query = changed(self.operation.query.clone());
        // Bills keep to their path, where it has DID and caller.
        let bodies = &self.operation.bodies;
        let body = bodies.get(nth % bodies.len().max(1));
        let body = match self.function.as_str() {
            "inbound-billable" => body,
            // Their examples say credential and account with placeholders, which `changed` replaces.
            "auth-login" | "auth-refresh" | "rapid-response" => {
                bodies.iter().find(|body| body.media_type == FORM)
            }
            _ => bodies.first(),
        };
        let text = match body {
            None => String::new(),
            Some(body) if body.media_type == FORM && self.function != "inbound-billable" => {
                let pairs = form_urlencoded::parse(body.text.as_bytes());
                changed(pairs.into_owned().collect())
            }
            Some(body) if body.media_type == JSON => renamed(&body.text, holder, nth),
            Some(body) => body.text.clone(),
        };
        let path = match (query.as_str(), body) {
            ("", _) => self.filled(holder),
            // An invoice as JSON says everything in its body.
            (_, Some(_)) if self.function == "invoices" => self.filled(holder),
            (query, _) => format!("{}?{query}", self.filled(holder)),
        };
        let authorization = match kind {
            CredentialKind::Integrator => format!("Integrator {}", pair(name, secret)),
            _ => format!("Basic {}", pair(name, secret)),
        };
        let mut headers = match self.function.as_str() {
            "phone-feedback" => vec![("x-api-key", secret)],
            "inbound-billable" => vec![("tld-api-id", name), ("tld-api-key", secret)],
            "caller-id" | "auth-login" | "auth-refresh" => Vec::new(),
            _ => vec![("authorization", authorization.as_str())],
        };
        headers.extend(body.map(|body| ("content-type", body.media_type)));
        world
            .send(&self.method, &path, &headers, text.as_bytes())
            .await
    }
}

/// A JSON body about the holder's vendor, and with an id of its own where it creates one.
fn renamed(text: &str, holder: &Holder, nth: usize) -> String {
    let mut body: Value = serde_json::from_str(text).expect("JSON");
    if body["vendor_id"] == "beta" {
        body["vendor_id"] = format!("beta-{nth}").into();
    }
    for field in ["vendor", "vendor_id"] {
        if body[field] == "acme" {
            body[field] = holder.vendor.as_str().into();
        }
    }
    body.to_string()
}

fn is_of_a_bill(segment: &str) -> bool {
    matches!(segment, "{did}" | "{cid}" | "{proxy+}")
}

fn of_scheme(scheme: &str) -> Option<CredentialKind> {
    Some(match scheme {
        "trestleKey" => CredentialKind::Trestle,
        "tldIdHeader" | "tldKeyHeader" | "tldIdQuery" | "tldKeyQuery" | "tldShortIdQuery"
        | "tldShortKeyQuery" => CredentialKind::Tld,
        "truecnamUsername" | "truecnamPassword" => CredentialKind::Truecnam,
        "teletrackerUser" | "callbookUser" => CredentialKind::User,
        "teletrackerIntegrator" => CredentialKind::Integrator,
        "fonedynamicsToken" => CredentialKind::Fonedynamics,
        // A token stands for its user or integrator; `renewal.rs` and `sign_in.rs` hold what it may do.
        "teletrackerToken" | "callbookToken" => return None,
        other => panic!("say which kind of credential {other} is"),
    })
}
