//! Parameters of a query string, a body or a path, in the order in which they were sent.

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

    /// Parses `name=value` of a query string or a form.
    fn urlencoded(pair: &[u8]) -> Option<Self> {
        let (name, value) = form_urlencoded::parse(pair).into_owned().next()?;
        let mut sent = pair.split(|byte| *byte == b'=').skip(1);
        let spelled = sent.next().is_some_and(|sent| sent.starts_with(b"+"));
        let digits = digit_behind_a_space(&value).filter(|_| spelled);
        let plus = digits.map(|digits| format!("+{digits}"));
        Some(Self { name, value, plus })
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
    pub(super) fn urlencoded(text: &[u8]) -> Self {
        let pairs = text.split(|byte| *byte == b'&');
        Self::of_layer(
            pairs.filter_map(Parameter::urlencoded).collect(),
            Vec::new(),
        )
    }

    /// Appends the layers of `others` behind these.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.layers.extend(others.layers.iter().cloned());
        self
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

    /// Returns all values that were sent under one of the field's names, joined with commas.
    ///
    /// Clients send a list as one parameter or as several.
    #[must_use]
    pub fn list(&self, field: Field) -> Option<String> {
        field.names().find_map(|name| {
            let sent = self
                .layers
                .iter()
                .flat_map(|layer| layer.named(field, name));
            let values = sent.map(|parameter| parameter.value.trim());
            let values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
            (!values.is_empty()).then(|| values.join(","))
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

/// Whether a name that was sent is one of the fields'.
pub(super) fn is_one_of(fields: &[Field], sent: &str) -> bool {
    fields
        .iter()
        .any(|field| field.names().any(|name| field.is_called(sent, name)))
}
