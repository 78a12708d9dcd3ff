//! Parameters of a query string, a body or a path, in the order in which they were sent.

use percent_encoding::percent_decode;

use super::charset;
use super::log_context::LogContext;
use crate::model::field::Field;

/// Parameters in layers, such as the body's before the query string's.
///
/// A value in an earlier layer wins, whatever name it was sent under.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    layers: Vec<Layer>,
}

/// The parameters of one place, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
struct Layer {
    texts: Vec<Parameter>,
    /// JSON values other than strings, numbers and booleans, as they were sent.
    others: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    value: String,
    /// The value with its leading `+`, if the encoding turned that into a space.
    plus: Option<String>,
}

impl Parameter {
    /// Makes a parameter whose encoding keeps a `+`, such as JSON.
    fn meant((name, value): (String, String)) -> Self {
        Self {
            name,
            value,
            plus: None,
        }
    }

    /// Makes a parameter of a query string or a form. `pair` is how it was spelled.
    fn urlencoded(pair: &[u8], name: String, value: String) -> Self {
        let mut sent = pair.split(|byte| *byte == b'=').skip(1);
        let spelled = sent.next().is_some_and(|sent| sent.starts_with(b"+"));
        let digits = digit_behind_a_space(&value).filter(|_| spelled);
        let plus = digits.map(|digits| format!("+{digits}"));
        Self { name, value, plus }
    }

    /// Returns the value by its field's rules: unchanged, as a phone number, or trimmed.
    fn read(&self, field: Field) -> &str {
        if field.is_verbatim() {
            &self.value
        } else if field.is_phone_number() {
            self.number()
        } else {
            self.value.trim()
        }
    }

    /// Returns the value as a phone number, trimmed.
    ///
    /// A `+` that the client did not encode counts as encoded. Any other single space before a digit is
    /// kept, because it may be a `+` that was lost on the way.
    fn number(&self) -> &str {
        let value = self.plus.as_ref().unwrap_or(&self.value).trim_end();
        match digit_behind_a_space(value) {
            Some(_) => value,
            None => value.trim_start(),
        }
    }
}

/// Returns the text after one space, if it begins with a digit.
fn digit_behind_a_space(value: &str) -> Option<&str> {
    let rest = value.strip_prefix(' ')?;
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then_some(rest)
}

impl Layer {
    fn named(&self, field: Field, name: &'static str) -> impl Iterator<Item = &Parameter> {
        let texts = self.texts.iter();
        texts.filter(move |parameter| field.is_called(&parameter.name, name))
    }
}

impl Parameters {
    fn of_layer(texts: Vec<Parameter>, others: Vec<(String, String)>) -> Self {
        Self {
            layers: vec![Layer { texts, others }],
        }
    }

    /// Makes parameters whose encoding keeps a `+`, such as JSON.
    pub(super) fn meant(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of_layer(
            texts.into_iter().map(Parameter::meant).collect(),
            Vec::new(),
        )
    }

    /// Makes parameters from the members of a JSON object: texts, and other values as they were sent.
    pub(super) fn json(texts: Vec<(String, String)>, others: Vec<(String, String)>) -> Self {
        Self::of_layer(texts.into_iter().map(Parameter::meant).collect(), others)
    }

    /// Parses a query string, or a form in the same encoding.
    ///
    /// If any name or value is not UTF-8, or `charset` says so, all of them are read as Windows-1252: no byte
    /// is lost, and two different texts stay two.
    pub(super) fn urlencoded(text: &[u8], charset: Option<&str>) -> Self {
        let pairs = text.split(|byte| *byte == b'&');
        let pairs = pairs.filter(|pair| !pair.is_empty());
        let sent: Vec<_> = pairs.map(|pair| (pair, decoded(pair))).collect();
        let is_utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
        let utf8 = !charset::is_single_byte(charset)
            && sent
                .iter()
                .all(|(_, (name, value))| is_utf8(name) && is_utf8(value));
        let text = |bytes: Vec<u8>| match utf8 {
            true => String::from_utf8(bytes).unwrap_or_default(),
            false => charset::single_byte(&bytes),
        };
        let parameters = sent
            .into_iter()
            .map(|(pair, (name, value))| Parameter::urlencoded(pair, text(name), text(value)));
        Self::of_layer(parameters.collect(), Vec::new())
    }

    /// Appends the layers of `others` behind these.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.layers.extend(others.layers.iter().cloned());
        self
    }

    /// Returns every name with its value, in the order in which they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.layers.iter().flat_map(|layer| &layer.texts);
        texts.map(|parameter| (parameter.name.as_str(), parameter.value.as_str()))
    }

    /// Returns the first value of a field that is not blank.
    #[must_use]
    pub fn value(&self, field: Field) -> Option<&str> {
        self.layers.iter().find_map(|layer| {
            field.names().find_map(|name| {
                let mut values = layer.named(field, name).map(|sent| sent.read(field));
                values.find(|value| !value.trim().is_empty())
            })
        })
    }

    /// Returns the value as [`Parameters::value`] does, or an empty text if only blank values were
    /// sent.
    #[must_use]
    pub fn sent(&self, field: Field) -> Option<&str> {
        let is_sent = || {
            let mut layers = self.layers.iter();
            layers.any(|layer| {
                let mut names = field.names();
                names.any(|name| layer.named(field, name).next().is_some())
            })
        };
        self.value(field).or_else(|| is_sent().then_some(""))
    }

    /// Returns the items of all values that were sent under one of the field's names, joined with commas.
    #[must_use]
    pub fn list(&self, field: Field) -> Option<String> {
        self.items(field).map(|items| items.join(","))
    }

    /// Returns the items of all values that were sent under one of the field's names.
    ///
    /// Clients send a list as one parameter with commas or as several parameters. The framework of one vendor
    /// writes brackets around a list, and quotes around an item with a comma. An empty list is none.
    #[must_use]
    pub fn items(&self, field: Field) -> Option<Vec<String>> {
        field.names().find_map(|name| {
            let sent = self
                .layers
                .iter()
                .flat_map(|layer| layer.named(field, name));
            let items = sent.flat_map(|parameter| match field.is_phone_number() {
                true => numbers(parameter.number()),
                false => listed(&parameter.value),
            });
            let items: Vec<_> = items.collect();
            (!items.is_empty()).then_some(items)
        })
    }

    /// Whether a field was sent as a JSON object or array. The other getters ignore such values.
    #[must_use]
    pub fn is_unreadable(&self, field: Field) -> bool {
        let mut others = self.layers.iter().flat_map(|layer| &layer.others);
        others.any(|(sent, _)| field.names().any(|name| sent.eq_ignore_ascii_case(name)))
    }

    /// Returns the names that were sent and belong to none of the fields, each once.
    #[must_use]
    pub fn unknown(&self, fields: &[Field]) -> Vec<&str> {
        let names = self.layers.iter().flat_map(|layer| {
            let texts = layer.texts.iter().map(|sent| sent.name.as_str());
            texts.chain(layer.others.iter().map(|(name, _)| name.as_str()))
        });
        let mut unknown: Vec<&str> = Vec::new();
        for sent in names {
            if !sent.is_empty() && !is_one_of(fields, sent) && !unknown.contains(&sent) {
                unknown.push(sent);
            }
        }
        unknown
    }

    pub(super) fn record(&self, log: &LogContext) {
        for Layer { texts, others } in &self.layers {
            for Parameter { name, value, .. } in texts {
                log.parameter(name, value);
            }
            for (name, value) in others {
                log.parameter(name, value);
            }
        }
    }
}

/// Returns the items of a list of phone numbers, which have their country codes: a space before a digit is a
/// `+` that was not encoded.
fn numbers(text: &str) -> Vec<String> {
    let (first, rest) = match digit_behind_a_space(text) {
        Some(digits) => ("+", digits),
        None => ("", text),
    };
    let mut plus = String::from(first);
    let mut characters = rest.chars().peekable();
    while let Some(character) = characters.next() {
        let is_space = plus.ends_with(',') && character == ' ';
        let digit = characters.peek().is_some_and(char::is_ascii_digit);
        plus.push(if is_space && digit { '+' } else { character });
    }
    listed(&plus)
}

/// Returns the items of a list: between commas outside of quotes, with or without brackets around all.
fn listed(text: &str) -> Vec<String> {
    let text = text.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let text = inner.unwrap_or(text);
    if text.trim().is_empty() {
        return Vec::new();
    }
    let mut quoted = false;
    let items = text.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let item = |item: &str| {
        let item = item.trim();
        let inner = item
            .strip_prefix('"')
            .and_then(|item| item.strip_suffix('"'));
        inner.map_or_else(|| item.to_owned(), |inner| inner.replace("\"\"", "\""))
    };
    items.map(item).collect()
}

/// Returns the bytes of the name and the value of a pair of a query string or a form.
fn decoded(pair: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let equals = pair.iter().position(|byte| *byte == b'=');
    let (name, value) = pair.split_at(equals.unwrap_or(pair.len()));
    let bytes = |text: &[u8]| {
        let spaced: Vec<u8> = text
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect();
        percent_decode(&spaced).collect()
    };
    (bytes(name), bytes(value.get(1..).unwrap_or_default()))
}

/// Whether a name that was sent is one of the fields'.
pub(super) fn is_one_of(fields: &[Field], sent: &str) -> bool {
    fields
        .iter()
        .any(|field| field.names().any(|name| field.is_called(sent, name)))
}
