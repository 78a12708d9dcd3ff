//! Which paths the product has, with which methods, and whose dialect each belongs to.
//!
//! The gateway matches routes exactly and sends the rest to `fallback`; the functions ask the same
//! table, so a path answers the same deployed, under cargo lambda and locally. A test holds it against
//! `template.yaml`.

use crate::dialect::Dialect;
use crate::model::rules::NormalPath;
use crate::problem::Problem;

/// The path of phone feedback.
pub const PHONE_FEEDBACK: &str = "/1.0/phone_feedback";
/// The path of inbound billable; up to two segments may follow.
pub const INBOUND_BILLABLE: &str = "/api/ingress/calls/inbound/billable";
/// The path of TrueCLID.
pub const CALLER_ID: &str = "/api/v1";

/// The path of call data.
pub const CALL_DATA: &str = "/reports/call-data";
/// The path of rapid response.
pub const RAPID_RESPONSE: &str = "/voice/rapidresponse";
/// The path of sign-in.
pub const AUTH_LOGIN: &str = "/auth/login";
/// The path of a sign-in's renewal.
pub const AUTH_REFRESH: &str = "/auth/refresh";

/// The path of properties.
pub const PROPERTIES: &str = "/v2/Properties";
/// The path of one property.
pub const PROPERTY: &str = "/v2/Properties/{}";
/// The path of a property's numbers.
pub const PROPERTY_NUMBERS: &str = "/v2/Properties/{}/Numbers";
/// The path of an account's numbers.
pub const ACCOUNT_NUMBERS: &str = "/v2/Accounts/{}/Numbers";
/// The path of one number.
pub const NUMBER: &str = "/v2/Numbers/{}";
/// The path of numbers that can be bought.
pub const AVAILABLE_NUMBERS: &str = "/v2/AvailableNumbers";
/// The path of an account's addresses.
pub const ACCOUNT_ADDRESSES: &str = "/v2/Accounts/{}/Addresses";
/// The path of one address.
pub const ADDRESS: &str = "/v2/Addresses/{}";
/// The path of one call.
pub const CALL: &str = "/v2/Calls/{}";
/// The path of a property's calls.
pub const PROPERTY_CALLS: &str = "/v2/Properties/{}/Calls";
/// The path of an account's calls.
pub const ACCOUNT_CALLS: &str = "/v2/Accounts/{}/Calls";

/// One path of the product.
struct Route {
    /// Its segments; `{}` stands for any one.
    path: &'static str,
    /// How many more segments may follow.
    more: usize,
    allow: &'static str,
}

impl Route {
    const fn new(path: &'static str, allow: &'static str) -> Self {
        Self {
            path,
            more: 0,
            allow,
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
    Route::new(PHONE_FEEDBACK, "POST"),
    Route::new(INBOUND_BILLABLE, "POST").and_up_to(2),
    Route::new(CALLER_ID, "GET, POST"),
    Route::new(CALL_DATA, "GET"),
    Route::new(RAPID_RESPONSE, "POST"),
    Route::new(AUTH_LOGIN, "POST"),
    Route::new(AUTH_REFRESH, "POST"),
    Route::new(PROPERTIES, "GET, POST"),
    Route::new(PROPERTY, "GET"),
    Route::new(PROPERTY_NUMBERS, "GET, POST"),
    Route::new(ACCOUNT_NUMBERS, "GET"),
    Route::new(NUMBER, "GET, POST, DELETE"),
    Route::new(AVAILABLE_NUMBERS, "GET"),
    Route::new(ACCOUNT_ADDRESSES, "GET, POST"),
    Route::new(ADDRESS, "GET, DELETE"),
    Route::new(CALL, "GET, POST"),
    Route::new(PROPERTY_CALLS, "GET, POST"),
    Route::new(ACCOUNT_CALLS, "GET"),
];

/// Path prefixes that are one dialect's, whether or not the path exists.
const FAMILIES: [(&str, Dialect); 7] = [
    ("/1.0", Dialect::Trestle),
    ("/api/ingress", Dialect::Tld),
    (CALLER_ID, Dialect::Truecnam),
    ("/reports", Dialect::Teletracker),
    ("/voice", Dialect::Teletracker),
    ("/auth", Dialect::Teletracker),
    ("/v2", Dialect::Fonedynamics),
];

/// Every path of the product, without what may follow it.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.path)
}

/// Whose dialect a path is answered in.
#[must_use]
pub fn dialect_of(path: &NormalPath) -> Dialect {
    FAMILIES
        .into_iter()
        .find(|(family, _)| rest_of(path, family).is_some())
        .map_or(Dialect::Neutral, |(_, dialect)| dialect)
}

/// Whether a path is there, and takes the method.
///
/// # Errors
/// [`Problem::NotFound`], or [`Problem::MethodNotAllowed`] with the methods that are.
pub fn check(method: &str, path: &NormalPath) -> Result<(), Problem> {
    let route = ROUTES.iter().find(|route| route.is(path));
    match route {
        None => Err(Problem::NotFound),
        Some(route) if route.allow.split(", ").any(|allowed| allowed == method) => Ok(()),
        Some(route) => Err(Problem::MethodNotAllowed { allow: route.allow }),
    }
}

/// A path's segments, for a function that has several paths.
#[must_use]
pub fn segments(path: &NormalPath) -> Vec<&str> {
    path.as_str().split('/').skip(1).collect()
}

/// What follows `prefix` in a path that it is a whole-segment prefix of.
fn rest_of<'a>(path: &'a NormalPath, prefix: &str) -> Option<&'a str> {
    path.as_str()
        .strip_prefix(prefix)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
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
            ("/api/v10", Dialect::Neutral),
            ("/voice/rapidresponse/", Dialect::Teletracker),
            ("/auth/logout", Dialect::Teletracker),
            ("/authors", Dialect::Neutral),
            ("/v2/Numbers", Dialect::Fonedynamics),
            ("/v20", Dialect::Neutral),
            ("/", Dialect::Neutral),
        ] {
            assert_eq!(dialect_of(&NormalPath::of(path)), dialect, "{path}");
        }
    }

    #[test]
    fn a_path_takes_its_own_methods_only() {
        let check = |method, path| check(method, &NormalPath::of(path));
        assert!(check("POST", "/api/ingress/calls/inbound/billable/").is_ok());
        assert!(check("POST", "/api/ingress/calls/inbound/billable/1/2").is_ok());
        assert!(matches!(
            check("POST", "/api/ingress/calls/inbound/billable/1/2/3"),
            Err(Problem::NotFound)
        ));
        assert!(matches!(
            check("PUT", "/api/v1"),
            Err(Problem::MethodNotAllowed { allow: "GET, POST" })
        ));
    }
}
