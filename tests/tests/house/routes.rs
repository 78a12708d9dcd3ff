//! Template, contract, local emulator and code have the same routes and the same functions.

use std::collections::{BTreeMap, BTreeSet};

use callbook::edge::routes;
use callbook::model::rules::NormalPath;
use callbook::problem::Problem;
use callbook_local::gateway::route::Routes;
use callbook_local::template;
use callbook_tests::World;
use http::Method;
use serde_json::Value;

use crate::repository::{self, function_folders, functions, operations, toml};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

fn gateway() -> &'static Routes {
    template::own_routes().unwrap()
}

/// The template's routes except `$default`: method, path, function.
fn routed() -> Vec<(String, String, String)> {
    let routes = gateway();
    let named = routes.iter().filter(|route| route.key() != "$default");
    named
        .map(|route| {
            let (method, path) = route.key().split_once(' ').expect("a method and a path");
            (
                method.to_owned(),
                path.to_owned(),
                route.function().to_owned(),
            )
        })
        .collect()
}

/// A path as a client sends it.
fn sample(path: &str) -> String {
    path.replace("{did}", "8005550100")
        .replace("{cid}", "2069735100")
        .replace("{sid}", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF")
        .replace("{number}", "18005550100")
        .replace("{id}", "acme")
        .replace("{proxy+}", "8005550100/2069735100/")
}

fn gateway_function(method: &str, path: &str) -> String {
    let method: Method = method.parse().unwrap();
    gateway()
        .find(&method, path)
        .expect("there is a $default route")
        .function
}

#[test]
fn template_build_and_command_line_have_every_function() {
    let folders = function_folders();
    let manifest = toml("Cargo.toml");
    let built = manifest["workspace"]["metadata"]["lambda"]["build"]["packages"].clone();
    let built: BTreeSet<String> = serde_json::from_value(built).unwrap();
    let in_template: BTreeSet<String> = functions().into_keys().collect();
    let linked = callbook_local::functions().map(|function| function.name.to_owned());
    assert_eq!(in_template, folders, "functions of template.yaml");
    assert_eq!(built, folders, "packages that cargo lambda builds");
    assert_eq!(
        &BTreeSet::from(linked) | &repository::routeless_functions(),
        folders,
        "functions that the command line runs"
    );
    for folder in folders {
        let package = toml(&format!("functions/{folder}/Cargo.toml"));
        assert_eq!(package["package"]["name"], Value::String(folder.clone()));
        let dependency = &manifest["workspace"]["dependencies"][&folder]["path"];
        assert_eq!(*dependency, Value::String(format!("functions/{folder}")));
    }
}

#[test]
fn the_contract_has_operations_for_exactly_the_routes() {
    let documented: BTreeSet<_> = operations()
        .into_iter()
        .map(|one| (one.method, one.path, one.function))
        .collect();
    // `HEAD` is documented in words: it is answered as `GET` is. Pages are for people, and no part of the API (D-761).
    let deployed: BTreeSet<_> = routed()
        .into_iter()
        .filter(|(method, _, function)| method != "HEAD" && function != "console")
        .map(|(method, path, function)| {
            let path = path
                .trim_end_matches("{proxy+}")
                .trim_end_matches('/')
                .to_owned();
            (method, path, function)
        })
        .collect();
    assert_eq!(documented, deployed);
}

#[test]
fn head_has_a_route_wherever_get_has_one() {
    let routed = routed();
    let of = |wanted: &str| -> BTreeSet<_> {
        let routes = routed.iter().filter(|(method, _, _)| method == wanted);
        routes.map(|(_, path, function)| (path, function)).collect()
    };
    assert!(of("GET").len() > 40);
    assert_eq!(of("HEAD"), of("GET"));
}

#[test]
fn every_operation_can_be_reached_with_a_trailing_slash() {
    for operation in operations() {
        for slash in ["", "/"] {
            let path = sample(&operation.path) + slash;
            let function = gateway_function(&operation.method, &path);
            assert_eq!(function, operation.function, "{} {path}", operation.method);
        }
    }
}

#[test]
fn the_code_has_the_paths_and_methods_of_the_template() {
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path, _) in routed() {
        methods.entry(sample(&path)).or_default().insert(method);
    }
    for (path, methods) in methods {
        for method in METHODS {
            let checked = routes::check(method, &NormalPath::of(&path));
            if methods.contains(method) {
                assert!(checked.is_ok(), "{method} {path}");
            } else {
                let Err(Problem::MethodNotAllowed { allow }) = checked else {
                    panic!("{method} {path} is accepted")
                };
                let allow: BTreeSet<String> = allow.split(", ").map(str::to_owned).collect();
                assert_eq!(allow, methods, "{method} {path}");
            }
        }
    }
}

#[test]
fn the_code_has_the_functions_of_the_template() {
    for (_, path, function) in routed() {
        let path = NormalPath::of(&sample(&path));
        assert_eq!(
            routes::function_of(&path),
            Some(function.as_str()),
            "{path:?}"
        );
    }
}

/// The routing of `cargo lambda watch`, from the router metadata in the workspace's manifest.
struct Emulator(matchit::Router<Vec<(Option<BTreeSet<String>>, String)>>);

impl Emulator {
    fn new() -> Self {
        let manifest = toml("Cargo.toml");
        let routes = &manifest["workspace"]["metadata"]["lambda"]["watch"]["router"];
        let mut paths: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for route in routes.as_array().expect("the router metadata") {
            let methods = route
                .get("methods")
                .map(|methods| serde_json::from_value(methods.clone()).expect("methods"));
            let function = route["function"].as_str().unwrap().to_owned();
            let path = route["path"].as_str().unwrap().to_owned();
            paths.entry(path).or_default().push((methods, function));
        }
        let mut router = matchit::Router::new();
        for (path, functions) in paths {
            router
                .insert(path, functions)
                .expect("the emulator accepts the path");
        }
        Self(router)
    }

    fn function(&self, method: &str, path: &str) -> Option<&str> {
        let found = self.0.at(path).ok()?;
        found
            .value
            .iter()
            .find(|(methods, _)| {
                methods
                    .as_ref()
                    .is_none_or(|methods| methods.contains(method))
            })
            .map(|(_, function)| function.as_str())
    }
}

#[test]
fn cargo_lambda_and_the_gateway_call_the_same_function() {
    let emulator = Emulator::new();
    let mut paths = BTreeSet::new();
    for (_, path, _) in routed() {
        let path = sample(&path);
        let bare = path.trim_end_matches('/').to_owned();
        paths.extend([
            format!("{bare}/"),
            format!("{bare}/9/9"),
            format!("{bare}x"),
            bare,
        ]);
    }
    paths.extend(["/", "/no/such/path", "/1.0", "/api", "/api/ingress/calls"].map(str::to_owned));
    for path in paths {
        for method in METHODS {
            let gateway = gateway_function(method, &path);
            assert_eq!(
                emulator.function(method, &path),
                Some(&*gateway),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn every_route_is_answered_by_its_function_and_not_by_the_fallback() {
    let world = World::new().await;
    let unrouted = world.send("POST", "/no/such/path", &[], b"").await;
    assert_eq!(unrouted.status, 404);
    for (method, path, function) in routed() {
        let path = sample(&path);
        let reply = world.send(&method, &path, &[], b"").await;
        assert_ne!(reply.status, 404, "{method} {path}");
        assert_ne!(reply.body, unrouted.body, "{method} {path}");
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        assert_eq!(line["function"], Value::String(function), "{method} {path}");
    }
}

#[test]
fn a_request_without_a_route_goes_to_the_fallback() {
    let routes = gateway();
    let default = routes.iter().filter(|route| route.key() == "$default");
    let default: Vec<_> = default.map(|route| route.function()).collect();
    assert_eq!(default, ["fallback"]);
    for (method, path) in [("GET", "/"), ("PUT", "/api/v1"), ("POST", "/api/v10")] {
        assert_eq!(
            gateway_function(method, path),
            "fallback",
            "{method} {path}"
        );
    }
}

#[test]
fn the_gateway_may_call_exactly_the_functions_that_have_routes() {
    let permitted: BTreeSet<_> = repository::resources("AWS::Lambda::Permission")
        .iter()
        .map(|permission| {
            let source = permission["SourceArn"].as_str().expect("a source");
            assert!(source.ends_with(":${Api}/*"), "{source}");
            let function = permission["FunctionName"].as_str().expect("a function");
            function.to_owned()
        })
        .collect();
    let mut called = BTreeSet::new();
    let document = repository::document();
    for (id, resource) in repository::members(&document["Resources"]) {
        let Some(folder) = resource["Properties"]["CodeUri"].as_str() else {
            continue;
        };
        let name = folder.trim_start_matches("functions/");
        if !repository::routeless_functions().contains(name) {
            called.insert(id.to_owned());
        }
    }
    assert!(called.len() > 20);
    assert_eq!(permitted, called);
}
