//! Named values of a query string, a body or a path, in the order in which they were sent.

use super::log_context::LogContext;
use crate::model::field::Field;

/// Named values in layers, such as those of the body in front of those of the query string: a value in an
/// earlier layer wins, whatever name it was sent under.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    layers: Vec<Layer>,
}

/// The values of one place, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
struct Layer {
    texts: Vec<Parameter>,
    /// What JSON has besides texts, numbers and booleans, as it was sent.
    others: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    value: String,
    /// The value with the `+` that it began with, where the encoding has made a space of it.
    plus: Option<String>,
}

impl Parameter {
    /// A value as it was meant, such as one of JSON.
    fn meant((name, value): (String, String)) -> Self {
        Self {
            name,
            value,
            plus: None,
        }
    }

    /// `name=value` of a query string or a form.
    fn urlencoded(pair: &[u8]) -> Option<Self> {
        let (name, value) = form_urlencoded::parse(pair).into_owned().next()?;
        let mut sent = pair.split(|byte| *byte == b'=').skip(1);
        let spelled = sent.next().is_some_and(|sent| sent.starts_with(b"+"));
        let digits = digit_behind_a_space(&value).filter(|_| spelled);
        let plus = digits.map(|digits| format!("+{digits}"));
        Some(Self { name, value, plus })
    }

    /// The value by the rules of its field: as it was sent, as a phone number, or without the white space
    /// around it.
    fn read(&self, field: Field) -> &str {
        if field.is_verbatim() {
            &self.value
        } else if field.is_phone_number() {
            self.number()
        } else {
            self.value.trim()
        }
    }

    /// The value as a phone number, without the white space around it. The `+` of a client that did not
    /// encode it is as good as one that was encoded; any other one space in front of a digit stays, for it
    /// may be a `+` that was lost on the way.
    fn number(&self) -> &str {
        let value = self.plus.as_ref().unwrap_or(&self.value).trim_end();
        match digit_behind_a_space(value) {
            Some(_) => value,
            None => value.trim_start(),
        }
    }
}

/// What stands behind one space, where it begins with a digit.
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

    /// Names and values as they were meant, such as those of JSON.
    pub(super) fn meant(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of_layer(
            texts.into_iter().map(Parameter::meant).collect(),
            Vec::new(),
        )
    }

    /// The members of a JSON object: texts, and values that are no text, as they were sent.
    pub(super) fn json(texts: Vec<(String, String)>, others: Vec<(String, String)>) -> Self {
        Self::of_layer(texts.into_iter().map(Parameter::meant).collect(), others)
    }

    /// Those of a query string, or of a form in its encoding.
    pub(super) fn urlencoded(text: &[u8]) -> Self {
        let pairs = text.split(|byte| *byte == b'&');
        Self::of_layer(
            pairs.filter_map(Parameter::urlencoded).collect(),
            Vec::new(),
        )
    }

    /// These, and behind them the layers of `others`.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.layers.extend(others.layers.iter().cloned());
        self
    }

    /// The first value of a field that is more than white space.
    #[must_use]
    pub fn value(&self, field: Field) -> Option<&str> {
        self.layers.iter().find_map(|layer| {
            field.names().find_map(|name| {
                let mut values = layer.named(field, name).map(|sent| sent.read(field));
                values.find(|value| !value.trim().is_empty())
            })
        })
    }

    /// As [`Parameters::value`], but the empty text if the field was sent with nothing but white space.
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

    /// All that was sent of a field under one name, joined with commas: clients send a list as one
    /// parameter or as several.
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

    /// Whether a field, in either case, came as a JSON object or array, which the other getters do not see.
    #[must_use]
    pub fn is_unreadable(&self, field: Field) -> bool {
        let mut others = self.layers.iter().flat_map(|layer| &layer.others);
        others.any(|(sent, _)| field.names().any(|name| sent.eq_ignore_ascii_case(name)))
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
