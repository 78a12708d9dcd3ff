//! Reads the files of the repository that these tests compare.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use callbook_local::template;
use serde_json::{Map, Value};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in the repository")
        .into()
}

/// A file's text; `path` from the repository's root.
pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether a file or folder exists; `path` from the repository's root.
pub fn exists(path: &str) -> bool {
    root().join(path).exists()
}

pub fn toml(path: &str) -> Value {
    toml::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `openapi.yaml`, which is read once.
pub fn openapi() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        serde_saphyr::from_str(&text("openapi.yaml")).expect("openapi.yaml is YAML")
    });
    &DOCUMENT
}

/// `template.yaml`, which is read once. Tags such as `!Ref` are read as their plain values.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_saphyr::from_str(template::TEXT).expect("template.yaml is YAML"));
    &DOCUMENT
}

/// The properties of the template's resources of a type.
pub fn resources(of: &str) -> Vec<Value> {
    members(&document()["Resources"])
        .filter(|(_, resource)| resource["Type"] == of)
        .map(|(_, resource)| resource["Properties"].clone())
        .collect()
}

/// The template's global settings of functions.
pub fn globals() -> Value {
    document()["Globals"]["Function"].clone()
}

/// The template's functions by the name of their package.
pub fn functions() -> BTreeMap<String, Value> {
    resources("AWS::Serverless::Function")
        .into_iter()
        .map(|function| {
            let uri = function["CodeUri"].as_str().expect("a CodeUri");
            let name = uri
                .strip_prefix("functions/")
                .expect("a package of functions/")
                .to_owned();
            (name, function)
        })
        .collect()
}

/// The functions that have no route: they follow the table's stream, the bus or a schedule.
pub fn routeless_functions() -> BTreeSet<String> {
    let routes = template::own_routes().expect("the template has routes");
    let routed: BTreeSet<_> = routes.iter().map(|route| route.function()).collect();
    let functions = functions().into_keys();
    functions
        .filter(|name| !routed.contains(name.as_str()))
        .collect()
}

/// The names of the folders of `functions/`.
pub fn function_folders() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("functions")).expect("functions/ exists");
    folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// One operation of `openapi.yaml`.
#[derive(Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    /// The function, from the operation's tag.
    pub function: String,
    pub body: Value,
}

impl Operation {
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub fn operations() -> Vec<Operation> {
    let document = openapi();
    let mut operations = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, body) in members(item).filter(|(name, _)| *name != "parameters") {
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.to_owned(),
                function: body["tags"][0].as_str().expect("a tag").to_owned(),
                body: body.clone(),
            });
        }
    }
    operations
}

/// A document's value, with its `$ref` resolved if it has one.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let pointer = reference
                .strip_prefix('#')
                .expect("a reference in the same document");
            document
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
    }
}

/// The members of an object; none for any other value.
pub fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value
        .as_object()
        .unwrap_or(&NONE)
        .iter()
        .map(|(name, value)| (name.as_str(), value))
}

/// Every file under `folder` whose name ends in `.extension`: its path from the root, and its text.
pub fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    gather(&root().join(folder), extension, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has no file .{extension}");
    found
}

fn gather(folder: &Path, extension: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            let name = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}
