//! The product's routes: paths, methods, and the dialect that each path belongs to.
//!
//! The gateway matches routes exactly and sends the rest to `fallback`. The functions check the same
//! table, so a path gets the same answer in Lambda, under cargo lambda and locally. A test compares the
//! table with `template.yaml`.

use std::iter;

use crate::dialect::Dialect;
pub use crate::model::fence::INBOUND_BILLABLE;
use crate::model::rules::NormalPath;
use crate::problem::Problem;
use crate::request::Request;

/// One path of the product.
struct Route {
    /// The path. `{}` stands for any one segment.
    path: &'static str,
    /// How many more segments may follow.
    more: usize,
    allow: &'static str,
    /// The one function that serves the path.
    function: &'static str,
}

impl Route {
    const fn new(path: &'static str, allow: &'static str, function: &'static str) -> Self {
        Self {
            path,
            more: 0,
            allow,
            function,
        }
    }

    const fn and_up_to(self, more: usize) -> Self {
        Self { more, ..self }
    }

    fn is(&self, path: &NormalPath) -> bool {
        let mut segments = path.as_str().split('/').skip(1);
        let mut own = self.path.split('/').skip(1);
        own.all(|own| {
            segments
                .next()
                .is_some_and(|segment| matches!(own, "{}") || own == segment)
        }) && segments.count() <= self.more
    }
}

const ROUTES: &[Route] = &[
    Route::new("/1.0/phone_feedback", "POST", "phone-feedback"),
    Route::new(INBOUND_BILLABLE, "POST", "inbound-billable").and_up_to(2),
    Route::new("/api/v1", "GET, HEAD, POST", "caller-id"),
    Route::new("/reports/call-data", "GET, HEAD", "call-data"),
    Route::new("/voice/rapidresponse", "POST", "rapid-response"),
    Route::new("/auth/login", "POST", "auth-login"),
    Route::new("/auth/refresh", "POST", "auth-refresh"),
    Route::new("/v2/Properties", "GET, HEAD, POST", "properties"),
    Route::new("/v2/Properties/{}", "GET, HEAD", "properties"),
    Route::new("/v2/Properties/{}/Numbers", "GET, HEAD, POST", "numbers"),
    Route::new("/v2/Accounts/{}/Numbers", "GET, HEAD", "numbers"),
    Route::new("/v2/Numbers/{}", "GET, HEAD, POST, DELETE", "numbers"),
    Route::new("/v2/AvailableNumbers", "GET, HEAD", "numbers"),
    Route::new("/v2/Accounts/{}/Addresses", "GET, HEAD, POST", "addresses"),
    Route::new("/v2/Addresses/{}", "GET, HEAD, DELETE", "addresses"),
    Route::new("/v2/Calls/{}", "GET, HEAD, POST", "calls"),
    Route::new("/v2/Properties/{}/Calls", "GET, HEAD, POST", "calls"),
    Route::new("/v2/Accounts/{}/Calls", "GET, HEAD", "calls"),
    Route::new("/callbook/v1/me", "GET, HEAD", "me"),
    Route::new("/callbook/v1/summary", "GET, HEAD", "summary"),
    Route::new("/callbook/v1/vendors", "GET, HEAD, POST", "vendors"),
    Route::new("/callbook/v1/vendors/{}", "GET, HEAD, PATCH", "vendors"),
    Route::new("/callbook/v1/vendors/{}/terms", "PUT", "vendors"),
    Route::new("/callbook/v1/costs", "GET, HEAD", "costs"),
    Route::new("/callbook/v1/costs/refused", "GET, HEAD", "costs"),
    Route::new("/callbook/v1/costs/{}", "GET, HEAD", "costs"),
    Route::new("/callbook/v1/costs/{}/void", "POST", "costs"),
    Route::new("/callbook/v1/costs/{}/match", "POST", "costs"),
    Route::new("/callbook/v1/costs/{}/unpin", "POST", "costs"),
    Route::new("/callbook/v1/adjustments", "GET, HEAD, POST", "costs"),
    Route::new("/callbook/v1/calls", "GET, HEAD", "calls-log"),
    Route::new("/callbook/v1/calls/{}", "GET, HEAD", "calls-log"),
    Route::new("/callbook/v1/invoices/check", "POST", "invoices"),
    Route::new("/callbook/v1/events", "GET, HEAD", "events"),
    Route::new("/callbook/v1/requests", "GET, HEAD", "requests"),
    Route::new("/callbook/v1/queue", "GET, HEAD", "queue"),
    Route::new("/callbook/v1/queue/take", "POST", "queue"),
    Route::new("/callbook/v1/queue/{}/extend", "POST", "queue"),
    Route::new("/callbook/v1/queue/{}/finish", "POST", "queue"),
    Route::new("/callbook/v1/webhooks", "GET, HEAD, POST", "webhooks"),
    Route::new("/callbook/v1/webhooks/{}", "PATCH, DELETE", "webhooks"),
    Route::new("/callbook/v1/webhooks/{}/rotate", "POST", "webhooks"),
    Route::new("/callbook/v1/webhooks/{}/test", "POST", "webhooks"),
    Route::new(
        "/callbook/v1/webhooks/{}/deliveries",
        "GET, HEAD",
        "webhooks",
    ),
    Route::new("/callbook/v1/deliveries/{}/resend", "POST", "webhooks"),
    Route::new("/console", "GET, HEAD", "console"),
    Route::new("/console/{}", "GET, HEAD, POST", "console").and_up_to(6),
];

/// First segments of paths that belong to one dialect, whether or not the path exists.
///
/// A vendor's client that is pointed here calls paths that this product does not serve, too. It reads the
/// refusal only in its own vendor's form.
const FAMILIES: [(&str, Dialect); 11] = [
    ("reports", Dialect::Teletracker),
    ("voice", Dialect::Teletracker),
    ("auth", Dialect::Teletracker),
    ("sms", Dialect::Teletracker),
    ("messaging", Dialect::Teletracker),
    ("users", Dialect::Teletracker),
    ("accounts", Dialect::Teletracker),
    ("v1", Dialect::Fonedynamics),
    ("v2", Dialect::Fonedynamics),
    ("callbook", Dialect::Callbook),
    ("console", Dialect::Console),
];

/// Returns every path of the product, without optional segments.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.path)
}

/// Returns the dialect that a path is answered in.
///
/// Besides the [`FAMILIES`], `/N.N` is Trestle's, `/api/ingress` and `/api/egress` are TLD's, and `/api/vN`
/// is TrueCNAM's.
#[must_use]
pub fn dialect_of(path: &NormalPath) -> Dialect {
    let mut segments = path.as_str().split('/').skip(1);
    let first = segments.next().unwrap_or_default();
    if first == "api" {
        return match segments.next().unwrap_or_default() {
            "ingress" | "egress" => Dialect::Tld,
            second if second.strip_prefix('v').is_some_and(is_number) => Dialect::Truecnam,
            _ => Dialect::Neutral,
        };
    }
    if let Some((major, minor)) = first.split_once('.')
        && is_number(major)
        && is_number(minor)
    {
        return Dialect::Trestle;
    }
    FAMILIES
        .into_iter()
        .find(|(family, _)| *family == first)
        .map_or(Dialect::Neutral, |(_, dialect)| dialect)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks that a path exists and supports the method.
///
/// # Errors
/// Returns `NotFound`, or `MethodNotAllowed` with the methods that the path supports.
pub fn check(method: &str, path: &NormalPath) -> Result<(), Problem> {
    supports(route_of(path), method)
}

/// Checks that a path is one of the function's own and supports the method.
///
/// A gateway matches the path as it was sent, and may pass on `..`. Endpoint rules are held against the
/// normalized path, so no function may serve a request whose normalized path is another function's.
///
/// # Errors
/// As [`check`]; also `NotFound` for a path of another function.
pub fn check_own(function: &str, method: &str, path: &NormalPath) -> Result<(), Problem> {
    supports(
        route_of(path).filter(|route| route.function == function),
        method,
    )
}

/// Returns the name of the function that serves a path.
#[must_use]
pub fn function_of(path: &NormalPath) -> Option<&'static str> {
    route_of(path).map(|route| route.function)
}

/// Returns the path of the table that a path matches, which names nothing: `/v2/Numbers/{}`.
#[must_use]
pub fn template_of(path: &NormalPath) -> Option<&'static str> {
    route_of(path).map(|route| route.path)
}

fn route_of(path: &NormalPath) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.is(path))
}

fn supports(route: Option<&Route>, method: &str) -> Result<(), Problem> {
    match route {
        None => Err(Problem::NotFound),
        Some(route) if route.allow.split(", ").any(|allowed| allowed == method) => Ok(()),
        Some(route) => Err(Problem::MethodNotAllowed { allow: route.allow }),
    }
}

/// Returns the method and the segments of the path, such as `["GET", "v2", "Numbers", "18005550100"]`, for a
/// function that serves several routes.
#[must_use]
pub fn parts(request: &Request) -> Vec<&str> {
    let segments = request.path().as_str().split('/').skip(1);
    iter::once(request.method()).chain(segments).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_answered_in_its_own_dialect() {
        for (path, dialect) in [
            ("/1.0/phone_feedback", Dialect::Trestle),
            ("/1.0/other", Dialect::Trestle),
            ("/api/ingress/calls/inbound/billable/1/2", Dialect::Tld),
            ("/api/v1/", Dialect::Truecnam),
            ("/api/v10", Dialect::Truecnam),
            ("/api/v2/lookup", Dialect::Truecnam),
            ("/api/version", Dialect::Neutral),
            ("/api", Dialect::Neutral),
            ("/api/egress/leads", Dialect::Tld),
            ("/3.0/phone_intel", Dialect::Trestle),
            ("/1.1/real_contact", Dialect::Trestle),
            ("/1.0", Dialect::Trestle),
            ("/1.x/phone", Dialect::Neutral),
            ("/favicon.ico", Dialect::Neutral),
            ("/sms/send", Dialect::Teletracker),
            ("/messaging/threads", Dialect::Teletracker),
            ("/users/1", Dialect::Teletracker),
            ("/accounts", Dialect::Teletracker),
            ("/v2/Properties/A/Messages", Dialect::Fonedynamics),
            ("/v1/Accounts", Dialect::Fonedynamics),
            ("/voice/rapidresponse/", Dialect::Teletracker),
            ("/auth/logout", Dialect::Teletracker),
            ("/authors", Dialect::Neutral),
            ("/v2/Numbers", Dialect::Fonedynamics),
            ("/v20", Dialect::Neutral),
            ("/callbook/v1/nothing", Dialect::Callbook),
            ("/callbooks", Dialect::Neutral),
            ("/", Dialect::Neutral),
        ] {
            assert_eq!(dialect_of(&NormalPath::of(path)), dialect, "{path}");
        }
    }

    #[test]
    fn a_function_serves_its_own_paths_only() {
        let path = |text: &str| NormalPath::of(text);
        let climbed = path("/api/ingress/calls/inbound/billable/a/../../../../../../v2/Properties");
        assert_eq!(function_of(&climbed), Some("properties"));
        assert!(check_own("properties", "POST", &climbed).is_ok());
        assert!(matches!(
            check_own("inbound-billable", "POST", &climbed),
            Err(Problem::NotFound)
        ));
        assert_eq!(function_of(&path("/v2/Nothing")), None);
    }

    #[test]
    fn a_path_accepts_its_own_methods_only() {
        let check = |method, path| check(method, &NormalPath::of(path));
        assert!(check("POST", "/api/ingress/calls/inbound/billable/").is_ok());
        assert!(check("POST", "/api/ingress/calls/inbound/billable/1/2").is_ok());
        assert!(matches!(
            check("POST", "/api/ingress/calls/inbound/billable/1/2/3"),
            Err(Problem::NotFound)
        ));
        assert!(matches!(
            check("PUT", "/api/v1"),
            Err(Problem::MethodNotAllowed {
                allow: "GET, HEAD, POST"
            })
        ));
    }
}
