//! Profiles: how the call records of other software are written. Each is a file of `cli/profiles`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::table::key;

/// The profiles of this program, by name. To add one, add its file to `cli/profiles`, a line here, and a file of
/// records as that software writes them to `cli/tests/binary/profiles`.
const BUILT_IN: [(&str, &str); 12] = [
    ("3cx", include_str!("../../profiles/3cx.toml")),
    ("asterisk", include_str!("../../profiles/asterisk.toml")),
    ("callrail", include_str!("../../profiles/callrail.toml")),
    ("freepbx", include_str!("../../profiles/freepbx.toml")),
    ("freeswitch", include_str!("../../profiles/freeswitch.toml")),
    (
        "ivozprovider",
        include_str!("../../profiles/ivozprovider.toml"),
    ),
    ("retreaver", include_str!("../../profiles/retreaver.toml")),
    ("ringba", include_str!("../../profiles/ringba.toml")),
    (
        "ringcentral",
        include_str!("../../profiles/ringcentral.toml"),
    ),
    ("twilio", include_str!("../../profiles/twilio.toml")),
    ("vicidial", include_str!("../../profiles/vicidial.toml")),
    ("yeastar", include_str!("../../profiles/yeastar.toml")),
];

/// How one software writes call records.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name for `--software`.
    pub name: String,
    /// The software and the export.
    pub title: String,
    /// The document that says which columns there are.
    pub source: String,
    /// The columns that a header line must name to be recognised, once for each form of the export. Case, blanks
    /// and punctuation do not matter.
    #[serde(default)]
    pub headers: Vec<Vec<String>>,
    /// The columns of a file without a header line, once for each number of columns that it may have.
    #[serde(default)]
    pub rows: Vec<Vec<String>>,
    /// Columns with amounts. They are not read unless `--column cost=...` says so.
    #[serde(default)]
    pub amounts: Vec<String>,
    /// The only values that calls have in some columns, in any case. Other rows are no calls.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
    /// Values in some columns, in any case, of rows that are no calls.
    #[serde(default)]
    pub except: BTreeMap<String, Vec<String>>,
    /// What the first cell of the report's row of sums says.
    #[serde(default)]
    pub totals: Vec<String>,
    /// What its user should know.
    pub note: Option<String>,
    /// How to tell inbound calls from outbound ones.
    pub direction: DirectionRule,
    /// What the columns of an import are made from.
    pub columns: BTreeMap<String, ColumnRule>,
}

/// What a column of an import is made from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// The file's columns; the first one that is not empty counts.
    #[serde(default)]
    pub from: Vec<String>,
    /// The same for inbound calls, if they differ.
    pub inbound: Option<Vec<String>>,
    /// The same for outbound calls.
    pub outbound: Option<Vec<String>>,
    /// Columns that make one text together, such as a date and a time.
    #[serde(default)]
    pub joined: Vec<String>,
    /// Formats of a date that are tried before the usual ones.
    #[serde(default)]
    pub formats: Vec<String>,
    /// The zone of dates without an offset, if it is not the account's.
    pub zone: Option<String>,
    /// Other spellings of values, in any case.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Columns that are filled for answered calls only; their value is `Answered`.
    #[serde(default)]
    pub answered_if: Vec<String>,
    /// The value of an empty cell.
    pub empty: Option<String>,
}

/// How to tell inbound calls from outbound ones. The first rule that says something counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectionRule {
    /// Columns that are filled for inbound calls only.
    #[serde(default)]
    pub filled_if_inbound: Vec<String>,
    /// The columns to compare with the next three lists; the first one that is not empty counts.
    #[serde(default)]
    pub from: Vec<String>,
    /// Values of inbound calls, in any case; a `*` at the end stands for anything.
    #[serde(default)]
    pub inbound: Vec<String>,
    /// Values of outbound calls.
    #[serde(default)]
    pub outbound: Vec<String>,
    /// Values of calls between extensions, which are not recorded.
    #[serde(default)]
    pub internal: Vec<String>,
    /// Whether an extension on one side and a number on the other tell the direction.
    #[serde(default)]
    pub by_extension: bool,
    /// The direction of all other calls.
    pub default: Option<String>,
}

impl Profile {
    /// Returns the profiles of this program, by name.
    ///
    /// # Errors
    /// Returns an error if one is not valid, which a test rules out.
    pub fn built_in() -> Result<Vec<Self>> {
        BUILT_IN
            .iter()
            .map(|(name, text)| Self::parse(text).with_context(|| format!("profile {name}")))
            .collect()
    }

    /// Returns the text of a profile of this program.
    ///
    /// # Errors
    /// Returns an error if there is no profile of that name.
    pub fn text(name: &str) -> Result<&'static str> {
        let mut profiles = BUILT_IN.iter();
        let found = profiles.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, text)| *text).ok_or_else(|| no_profile(name))
    }

    /// Finds a profile of this program by its name, or reads one from a file ending in `.toml`.
    ///
    /// # Errors
    /// Returns an error if there is no such profile, or the file is not valid.
    pub fn named(name: &str) -> Result<Self> {
        let path = Path::new(name);
        let text = match path.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("toml") => {
                &fs::read_to_string(path).with_context(|| format!("cannot read the file {name}"))?
            }
            _ => Self::text(name)?,
        };
        Self::parse(text).with_context(|| format!("the profile {name} is not valid"))
    }

    fn parse(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// Returns the names of the columns if a first record is one of this profile's, and whether it is a header
    /// line.
    #[must_use]
    pub fn names(&self, first: &[String]) -> Option<(Vec<String>, bool)> {
        let found: BTreeSet<String> = first.iter().map(|name| key(name)).collect();
        let has_all = |names: &[String]| {
            !names.is_empty() && names.iter().all(|name| found.contains(&key(name)))
        };
        // The rejects of a file without a header line have one.
        let mut forms = self.headers.iter().chain(&self.rows);
        if forms.any(|names| has_all(names)) {
            return Some((first.to_vec(), true));
        }
        let row = self.rows.iter().find(|names| names.len() == first.len());
        row.map(|names| (names.clone(), false))
    }
}

impl Profile {
    /// Returns how many columns of the form of a file it has that fits best.
    #[must_use]
    pub fn matched(&self, names: &[String]) -> usize {
        let found: BTreeSet<String> = names.iter().map(|name| key(name)).collect();
        let matched = |form: &Vec<String>| {
            let keys: BTreeSet<String> = form.iter().map(|name| key(name)).collect();
            keys.is_subset(&found).then_some(keys.len())
        };
        let forms = self.headers.iter().chain(&self.rows);
        forms.filter_map(matched).max().unwrap_or(0)
    }
}

fn no_profile(name: &str) -> anyhow::Error {
    let names = BUILT_IN.map(|(name, _)| name).join(", ");
    anyhow!("there is no profile {name}; there are {names}, and files ending in .toml")
}

/// Checks that a pattern's value stands for one of the two directions.
///
/// # Errors
/// Returns an error for any other word.
pub fn check_direction(word: &str) -> Result<&'static str> {
    match word {
        "inbound" => Ok("inbound"),
        "outbound" => Ok("outbound"),
        _ => bail!("expected inbound or outbound"),
    }
}
