//! Parses the code: the imports of each module and its public types. Tests inside a file are ignored, because
//! they may import anything.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Path, UseTree, Visibility};

use crate::repository::files;

/// One source file of a package.
pub struct Source {
    /// Its path from the repository's root.
    pub path: String,
    /// Its module path in its package; empty for `lib.rs`.
    pub module: Vec<String>,
    /// Every path that it imports, from the root of its package or of another (`callbook::ledger::Ledger`).
    imports: BTreeSet<Vec<String>>,
    /// The names of its `pub` types.
    pub types: Vec<String>,
}

/// The sources of a package.
pub struct Package {
    /// The sources by module.
    sources: BTreeMap<Vec<String>, Source>,
}

impl Package {
    /// Reads every file under `folder`, which contains a `lib.rs`.
    pub fn read(folder: &str) -> Self {
        let sources = files(folder, "rs")
            .into_iter()
            .filter(|(path, _)| !path.ends_with("/tests.rs") && !path.ends_with("/main.rs"))
            .map(|(path, text)| Source::read(folder, path, &text))
            .map(|source| (source.module.clone(), source))
            .collect();
        Self { sources }
    }

    /// The sources in order of their modules.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// The modules of this package that `source` imports from, except its own.
    pub fn imported_by<'a>(&'a self, source: &'a Source) -> BTreeSet<&'a [String]> {
        source
            .imports
            .iter()
            .filter_map(|path| self.module_of(&source.module, path))
            .filter(|module| *module != source.module)
            .collect()
    }

    /// The module that a path in the source of `here` refers to: its longest prefix that is a module.
    fn module_of<'a>(&'a self, here: &[String], path: &[String]) -> Option<&'a [String]> {
        let absolute = match path.first()?.as_str() {
            "crate" => path[1..].to_vec(),
            "self" => [here, &path[1..]].concat(),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let base = &here[..here.len().checked_sub(ups)?];
                [base, &path[ups..]].concat()
            }
            // A path that starts with the name of a child module.
            child => {
                let child = [here, &[child.to_owned()]].concat();
                self.sources.get(&child)?;
                [here, path].concat()
            }
        };
        (0..=absolute.len())
            .rev()
            .find_map(|length| self.sources.get_key_value(&absolute[..length]))
            .map(|(module, _)| module.as_slice())
    }
}

impl Source {
    fn read(folder: &str, path: String, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let name = path
            .strip_prefix(&format!("{folder}/"))
            .and_then(|name| name.strip_suffix(".rs"))
            .expect("a file of the folder");
        let mut module: Vec<String> = name.split('/').map(str::to_owned).collect();
        if module
            .last()
            .is_some_and(|last| last == "mod" || last == "lib")
        {
            module.pop();
        }
        let mut reader = Reader::default();
        reader.visit_file(&file);
        Self {
            path,
            module,
            imports: reader.imports,
            types: reader.types,
        }
    }
}

#[derive(Default)]
struct Reader {
    imports: BTreeSet<Vec<String>>,
    types: Vec<String>,
}

impl Reader {
    fn tree(&mut self, prefix: &[String], tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                let prefix = [prefix, &[path.ident.to_string()]].concat();
                self.tree(&prefix, &path.tree);
            }
            UseTree::Name(name) => {
                self.imports
                    .insert([prefix, &[name.ident.to_string()]].concat());
            }
            UseTree::Rename(name) => {
                self.imports
                    .insert([prefix, &[name.ident.to_string()]].concat());
            }
            UseTree::Glob(_) => {
                self.imports.insert(prefix.to_vec());
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(prefix, tree);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, public): (&[Attribute], _) = match item {
            Item::Mod(item) => (&item.attrs, None),
            Item::Struct(item) => (&item.attrs, Some((&item.vis, &item.ident))),
            Item::Enum(item) => (&item.attrs, Some((&item.vis, &item.ident))),
            Item::Trait(item) => (&item.attrs, Some((&item.vis, &item.ident))),
            Item::Type(item) => (&item.attrs, Some((&item.vis, &item.ident))),
            _ => (&[], None),
        };
        let is_test = attributes
            .iter()
            .any(|attribute| match attribute.meta.require_list() {
                Ok(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
                Err(_) => false,
            });
        if is_test {
            return;
        }
        if let Some((Visibility::Public(_), name)) = public {
            self.types.push(name.to_string());
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&[], &item.tree);
    }

    // `pub(in crate::ledger)` is not an import.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast Path) {
        let segments: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let first = segments.first().map(String::as_str);
        if segments.len() > 1 && matches!(first, Some("crate" | "super" | "callbook")) {
            self.imports.insert(segments);
        }
        visit::visit_path(self, path);
    }
}
