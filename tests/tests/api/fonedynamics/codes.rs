//! Every error code of the vendor's document, raised by a real request.

use callbook_tests::fonedynamics::{
    FREE, NOBODY, NUMBER, OTHER, Site, ask, done, path_of, refusal, token,
};
use callbook_tests::teletracker::pair;

/// A request, the expected status and code, and the field that the answer names.
struct Row {
    method: &'static str,
    path: String,
    body: &'static str,
    status: u16,
    code: &'static str,
    field: Option<&'static str>,
}

fn row(
    (method, path): (&'static str, &str),
    body: &'static str,
    code: &'static str,
    field: &'static str,
) -> Row {
    Row {
        method,
        path: path.to_owned(),
        body,
        status: 400,
        code,
        field: Some(field),
    }
}

/// A request that is refused because of the current state, with no invalid field.
fn state((method, path): (&'static str, &str), code: &'static str) -> Row {
    Row {
        method,
        path: path.to_owned(),
        body: "",
        status: 403,
        code,
        field: None,
    }
}

#[tokio::test]
async fn every_code_is_raised_by_a_request() {
    let site = Site::new().await;
    let (property, other) = (site.property("P").await, site.property("Q").await);
    let address = site.address(FREE).await;
    done(&site.buy_at(&property, OTHER, &address).await);

    let properties = ("POST", "/v2/Properties");
    let numbers = format!("/v2/Properties/{property}/Numbers");
    let (buy, list) = (("POST", numbers.as_str()), |query: &str| {
        format!("{numbers}?{query}")
    });
    let number = path_of(OTHER);
    let change = ("POST", number.as_str());
    let addresses = format!("/v2/Accounts/{}/Addresses", site.sid());
    let add = ("POST", addresses.as_str());
    let long = "Name=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
    let rows = [
        row(properties, "", "PARAMETER_REQUIRED", "Name"),
        row(properties, "Name=", "PARAMETER_TOO_SHORT", "Name"),
        row(properties, long, "PARAMETER_TOO_LONG", "Name"),
        row(
            properties,
            "Name=n&TimeZone=x",
            "PARAMETER_INVALID",
            "TimeZone",
        ),
        row(
            change,
            "RoutingMethod=Endpoint",
            "ONE_OF_SEVERAL_PARAMETERS_REQUIRED",
            "EndpointNumber,Flow",
        ),
        row(
            change,
            "RoutingMethod=x",
            "UNKNOWN_ROUTING_METHOD",
            "RoutingMethod",
        ),
        row(
            change,
            "Recording=x",
            "UNKNOWN_RECORDING_OPTION",
            "Recording",
        ),
        row(
            change,
            "EndpointNumber=5551",
            "INVALID_PHONENUMBER_FORMAT",
            "EndpointNumber",
        ),
        row(("GET", &list("Type=x")), "", "UNKNOWN_NUMBERTYPE", "Type"),
        row(
            ("GET", &list("Capabilites=x")),
            "",
            "UNKNOWN_CAPABILITY",
            "Capabilities",
        ),
        row(buy, "Number=0", "INVALID_PHONENUMBER_FORMAT", "Number"),
        row(buy, "Number=%2B12065550199", "NUMBER_NOT_FOUND", "Number"),
        row(
            ("POST", &format!("/v2/Properties/{NOBODY}/Numbers")),
            "Number=%2B12065550111",
            "PROPERTY_NOT_FOUND",
            "PropertySid",
        ),
        row(
            buy,
            "Number=%2B12065550111&AddressSid=x",
            "ADDRESS_NOT_FOUND",
            "AddressSid",
        ),
        row(
            ("GET", &format!("/v2/Accounts/{NOBODY}/Numbers")),
            "",
            "ACCOUNT_NOT_FOUND",
            "AccountSid",
        ),
        row(
            add,
            "Line1=1&City=C&CountryCode=U",
            "INVALID_COUNTRYCODE_FORMAT",
            "CountryCode",
        ),
        row(
            add,
            "Line1=1&City=C&CountryCode=XX",
            "COUNTRY_NOT_FOUND",
            "CountryCode",
        ),
        state(
            ("DELETE", &format!("/v2/Addresses/{address}")),
            "ADDRESS_CANNOT_BE_DELETED",
        ),
        state(
            ("DELETE", &format!("{number}?PropertySid={other}")),
            "NUMBER_BELONGS_TO_DIFFERENT_PROPERTY",
        ),
    ];
    for row in rows {
        let what = format!("{} {} {}", row.method, row.code, row.body);
        let reply = site.ask(row.method, &row.path, row.body).await;
        let (status, code, errors) = refusal(&reply);
        assert_eq!((status, code.as_str()), (row.status, row.code), "{what}");
        let named: Vec<_> = errors.iter().map(|(_, field)| field.as_str()).collect();
        assert_eq!(named, Vec::from_iter(row.field), "{what}");
    }
}

#[tokio::test]
async fn the_codes_of_credential_and_server_errors_are_raised() {
    let site = Site::new().await;
    let nobody = format!("Basic {}", pair(site.sid(), "x"));
    let headers = [("authorization", nobody.as_str())];
    let reply = site
        .world
        .send("GET", "/v2/Properties", &headers, b"")
        .await;
    let (status, code, errors) = refusal(&reply);
    assert_eq!(
        (status, code.as_str(), errors.len()),
        (401, "UNAUTHORIZED", 0)
    );

    let kind = callbook::model::credential::CredentialKind::Fonedynamics;
    let reader = |new: &mut callbook::model::credential::NewCredential| new.read_only = true;
    let reader = site
        .world
        .credential_with(&site.account, kind, reader)
        .await;
    let reply = ask(&site.world.app, &reader, "DELETE", &path_of(NUMBER), "").await;
    let (status, code, _) = refusal(&reply);
    assert_eq!((status, code.as_str()), (403, "FORBIDDEN"));

    let other = site.world.account().await;
    let orphan = token(&site.world, &other).await;
    site.world.remove_account(&other.id).await;
    let reply = ask(&site.world.app, &orphan, "GET", "/v2/Properties", "").await;
    let (status, code, _) = refusal(&reply);
    assert_eq!((status, code.as_str()), (500, "INTERNAL_ERROR"));
}
