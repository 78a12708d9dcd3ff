//! Every documented endpoint has a route, golden exchanges and checks of its parameters.

use std::collections::BTreeSet;

use callbook::model::credential::CredentialKind;
use callbook_local::template;
use callbook_tests::teletracker::{basic, integrator};
use callbook_tests::{World, golden};
use http::Method;

use crate::endpoints::ENDPOINTS;
use crate::repository::{function_folders, functions, operations, routeless_functions};

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
    assert!(folders.remove("console"), "pages are no part of the API");
    folders.retain(|name| !routeless_functions().contains(name));
    assert_eq!(
        served, folders,
        "packages and functions of endpoints differ"
    );
}

#[test]
fn every_endpoint_has_a_route_to_a_function_of_the_template() {
    let routes = template::own_routes().unwrap();
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
    let routes = template::own_routes().unwrap();
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
