//! Makes the columns of an import from the cells of another software's record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use callbook::model::time::{DateFormat, DateOrder, FileDate, OrderProof, Zone, whole_seconds};

use super::direction::{DirectionCells, Way, lower};
use super::numbers::{is_extension, number_in};
use super::profile::{ColumnRule, Profile};
use super::record::COLUMNS;
use crate::args::ColumnArg;
use crate::table::{Fields, RowCells, RowFields, key};

/// How the columns of an import are made.
#[derive(Default)]
pub struct ColumnMapping {
    fields: BTreeMap<&'static str, Field>,
    direction: DirectionCells,
    /// Values for rows that do not say their own.
    constants: BTreeMap<&'static str, String>,
    /// The only values that calls have in some columns, in lower case.
    only: BTreeMap<String, Vec<String>>,
    /// Values of rows that are no calls, in lower case.
    except: BTreeMap<String, Vec<String>>,
}

/// One column of an import.
#[derive(Default)]
struct Field {
    any: Vec<Vec<String>>,
    inbound: Option<Vec<Vec<String>>>,
    outbound: Option<Vec<Vec<String>>>,
    formats: Vec<DateFormat>,
    /// Whether no other format is accepted.
    strict: bool,
    zone: Option<Zone>,
    values: BTreeMap<String, String>,
    answered_if: Vec<String>,
    empty: Option<String>,
}

impl ColumnMapping {
    /// The columns of an import under their own names.
    #[must_use]
    pub fn own() -> Self {
        let mut mapping = Self::default();
        for name in COLUMNS.required.iter().chain(COLUMNS.optional) {
            if *name != "direction" {
                let field = Field {
                    any: vec![vec![key(name)]],
                    ..Field::default()
                };
                mapping.fields.insert(name, field);
            }
        }
        mapping.direction = DirectionCells::of_column(vec![key("direction")]);
        mapping
    }

    /// The columns of a profile.
    ///
    /// # Errors
    /// Returns an error if the profile names a column, a format or a zone that does not exist.
    pub fn of(profile: &Profile) -> Result<Self> {
        let mut mapping = Self::default();
        for (name, rule) in &profile.columns {
            let known = COLUMNS
                .find(name)
                .with_context(|| format!("an import has no column {name}"))?;
            let field = Field::of(rule).with_context(|| format!("column {name}"))?;
            mapping.fields.insert(known, field);
        }
        mapping.direction = DirectionCells::of(&profile.direction)?;
        let values_of = |columns: &BTreeMap<String, Vec<String>>| {
            let columns = columns.iter();
            columns
                .map(|(name, values)| (key(name), lower(values)))
                .collect()
        };
        mapping.only = values_of(&profile.only);
        mapping.except = values_of(&profile.except);
        Ok(mapping)
    }

    /// Replaces columns by those of the command line.
    pub fn replace(&mut self, columns: &[ColumnArg]) {
        for column in columns {
            let ColumnArg {
                name,
                from,
                format,
                constant,
            } = column;
            if let Some(constant) = constant {
                self.constants.insert(name, constant.clone());
                continue;
            }
            let keys: Vec<String> = from.iter().map(|name| key(name)).collect();
            if *name == "direction" {
                self.direction = DirectionCells::of_column(keys);
                continue;
            }
            let field = self.fields.entry(name).or_default();
            *field = Field {
                any: vec![keys],
                formats: format.iter().cloned().collect(),
                strict: format.is_some(),
                ..Field::default()
            };
        }
    }

    /// Returns the required columns that are made from none of these, by their keys.
    pub fn lacking(&self, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
        let made = |alternatives: &[Vec<String>]| {
            alternatives
                .iter()
                .any(|keys| keys.iter().all(|key| has(key)))
        };
        let is_made = |name: &'static str| {
            if self.constants.contains_key(name) {
                return true;
            }
            if name == "direction" {
                return self.direction.is_told(&has);
            }
            self.fields.get(name).is_some_and(|field| {
                made(&field.any)
                    || field.inbound.as_deref().is_some_and(made)
                    || field.outbound.as_deref().is_some_and(made)
            })
        };
        let required = COLUMNS.required.iter().copied();
        required.filter(|name| !is_made(name)).collect()
    }

    /// Whether a record has a date and durations where they belong.
    #[must_use]
    pub fn is_call(&self, names: &[String], record: &[String]) -> bool {
        let cells = names
            .iter()
            .map(|name| key(name))
            .zip(record.iter().cloned());
        let cells = Named(cells.collect());
        let text = |name: &str| {
            let field = self.fields.get(name)?;
            field.read(&cells, Way::Inbound, false).ok()
        };
        let date = text("call_date").unwrap_or_default();
        let is_duration = |name: &str| {
            text(name).is_none_or(|text| text.is_empty() || whole_seconds(&text).is_ok())
        };
        FileDate::parse(&date, DateOrder::Mdy).is_ok()
            && ["duration", "elapsed"].into_iter().all(is_duration)
    }

    /// Makes the columns of an import from the cells of a row.
    ///
    /// # Errors
    /// Returns an error for a call between extensions, which is not recorded, and for what is no call.
    pub fn read(&self, cells: &dyn RowCells) -> RowFields {
        for (columns, is_call) in [(&self.only, true), (&self.except, false)] {
            for (column, values) in columns {
                let cell = cells.get(column)?.unwrap_or_default();
                if values.contains(&cell.trim().to_lowercase()) != is_call {
                    return Err(format!("not a call, by its column {column}"));
                }
            }
        }
        let is_inside = |name: &str| {
            let text = first_filled(cells, &self.fields.get(name)?.any).ok()?;
            (!text.is_empty()).then(|| is_extension(number_in(&text)))
        };
        let way = self.direction.tell(cells, is_inside);
        if way == Some(Way::Internal) {
            return Err(
                "a call between extensions; only calls from and to outside are recorded".to_owned(),
            );
        }
        let mut fields = Fields::new();
        let direction = match (way, self.constants.get("direction")) {
            (Some(Way::Outbound), _) => Ok("outbound".to_owned()),
            (Some(_), _) => Ok("inbound".to_owned()),
            (None, Some(constant)) => Ok(constant.clone()),
            (None, None) => Err(
                "nothing in the row says inbound or outbound; give the rest of the file \
                 one with --column direction==inbound"
                    .to_owned(),
            ),
        };
        let way = match direction.as_deref() {
            Ok("outbound") => Way::Outbound,
            _ => Way::Inbound,
        };
        fields.insert("direction", direction);
        for name in COLUMNS.required.iter().chain(COLUMNS.optional) {
            if *name == "direction" {
                continue;
            }
            let constant = self.constants.get(name);
            let is_number = matches!(*name, "call_from" | "call_to");
            let text = match self.fields.get(name) {
                Some(field) => field.read(cells, way, is_number),
                None => Ok(String::new()),
            };
            let text = text.map(|text| match constant {
                Some(constant) if text.is_empty() || (is_number && is_extension(&text)) => {
                    constant.clone()
                }
                _ => text,
            });
            if text.as_ref().map_or(true, |text| !text.is_empty()) {
                fields.insert(name, text);
            }
        }
        Ok(fields)
    }
}

impl Field {
    fn of(rule: &ColumnRule) -> Result<Self> {
        let alternatives = |names: &[String]| -> Vec<Vec<String>> {
            names.iter().map(|name| vec![key(name)]).collect()
        };
        let mut any = alternatives(&rule.from);
        if !rule.joined.is_empty() {
            any.push(rule.joined.iter().map(|name| key(name)).collect());
        }
        let formats = rule
            .formats
            .iter()
            .map(|format| DateFormat::parse(format).map_err(|error| anyhow!("{format}: {error}")));
        let values = rule.values.iter();
        Ok(Self {
            any,
            inbound: rule.inbound.as_deref().map(alternatives),
            outbound: rule.outbound.as_deref().map(alternatives),
            formats: formats.collect::<Result<_>>()?,
            strict: false,
            zone: rule.zone.as_deref().map(Zone::parse).transpose()?,
            values: values
                .map(|(value, own)| (value.to_lowercase(), own.clone()))
                .collect(),
            answered_if: rule.answered_if.iter().map(|name| key(name)).collect(),
            empty: rule.empty.clone(),
        })
    }

    fn read(&self, cells: &dyn RowCells, way: Way, is_number: bool) -> Result<String, String> {
        for column in &self.answered_if {
            // A time that never was is written as zeros.
            let cell = cells.get(column)?.unwrap_or_default();
            if cell.contains(|c: char| ('1'..='9').contains(&c)) {
                return Ok("Answered".to_owned());
            }
        }
        let by_way = match way {
            Way::Outbound => &self.outbound,
            _ => &self.inbound,
        };
        let text = first_filled(cells, by_way.as_ref().unwrap_or(&self.any))?;
        if text.is_empty() {
            return Ok(self.empty.clone().unwrap_or_default());
        }
        if is_number {
            return Ok(number_in(&text).to_owned());
        }
        if let Some(value) = self.values.get(&text.to_lowercase()) {
            return Ok(value.clone());
        }
        self.date(text)
    }

    /// Rewrites a date of a known format or zone. Another text stays as it is.
    fn date(&self, text: String) -> Result<String, String> {
        let zone = self.zone.as_ref();
        for format in &self.formats {
            if let Ok(date) = FileDate::parse_as(&text, format) {
                return date.canonical(zone).map_err(|error| error.to_string());
            }
        }
        if let (true, Some(format)) = (self.strict, self.formats.first()) {
            return Err(format!("expected a date in the format {}", format.as_str()));
        }
        let indifferent = FileDate::order_proof(&text) == OrderProof::Indifferent;
        if let (Some(zone), true) = (zone, indifferent)
            && let Ok(date) = FileDate::parse(&text, DateOrder::Mdy)
        {
            return date
                .canonical(Some(zone))
                .map_err(|error| error.to_string());
        }
        Ok(text)
    }
}

/// Returns the first alternative that is not empty; the columns of one are joined by a blank.
fn first_filled(cells: &dyn RowCells, alternatives: &[Vec<String>]) -> Result<String, String> {
    for keys in alternatives {
        let mut parts = Vec::new();
        for key in keys {
            let cell = cells.get(key)?.unwrap_or_default();
            let cell = cell.trim();
            if !cell.is_empty() {
                parts.push(cell.to_owned());
            }
        }
        if !parts.is_empty() {
            return Ok(parts.join(" "));
        }
    }
    Ok(String::new())
}

/// The cells of a record, by the keys of their columns.
struct Named(BTreeMap<String, String>);

impl RowCells for Named {
    fn get(&self, key: &str) -> Result<Option<Cow<'_, str>>, String> {
        Ok(self.0.get(key).map(|cell| Cow::Borrowed(cell.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_valid_and_makes_every_required_column() {
        for profile in Profile::built_in().unwrap() {
            let mapping = ColumnMapping::of(&profile).unwrap();
            assert!(!profile.title.is_empty() && !profile.source.is_empty());
            assert!(!(profile.headers.is_empty() && profile.rows.is_empty()));
            for name in COLUMNS.required {
                let made = *name == "direction" || mapping.fields.contains_key(name);
                assert!(made, "{}: {name}", profile.name);
            }
            // An amount would be money that somebody owes.
            assert!(!mapping.fields.contains_key("cost"), "{}", profile.name);
        }
    }
}
