//! Named values of a query string or a body, in the order in which they were sent.

use super::log_context::LogContext;

/// Named values in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
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

impl Parameters {
    /// Names and values as they were meant, such as those of JSON.
    pub(super) fn meant(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            texts: texts.into_iter().map(Parameter::meant).collect(),
            others: Vec::new(),
        }
    }

    /// The same with values that are no text, as they were sent.
    pub(super) fn with_others(self, others: Vec<(String, String)>) -> Self {
        Self { others, ..self }
    }

    /// Those of a query string, or of a form in its encoding.
    pub(super) fn urlencoded(text: &[u8]) -> Self {
        let pairs = text.split(|byte| *byte == b'&');
        Self {
            texts: pairs.filter_map(Parameter::urlencoded).collect(),
            others: Vec::new(),
        }
    }

    /// These, and behind them the others.
    pub(super) fn and(mut self, others: &Self) -> Self {
        self.texts.extend(others.texts.iter().cloned());
        self.others.extend(others.others.iter().cloned());
        self
    }

    /// The names that came with an object or an array for a value: the getters do not see
    /// those, and whoever knows such a name has to refuse it; see [`crate::request::fields::Fields::of`].
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(|(name, _)| name.as_str())
    }

    /// The first value of `name` that is more than white space, without the white space around it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.named(name)
            .map(|parameter| parameter.value.trim())
            .find(|value| !value.is_empty())
    }

    /// The first value of `name` that is more than white space, as it was sent.
    #[must_use]
    pub fn verbatim(&self, name: &str) -> Option<&str> {
        self.named(name)
            .map(|parameter| parameter.value.as_str())
            .find(|value| !value.trim().is_empty())
    }

    /// The first of several names that has a value.
    #[must_use]
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// As [`Parameters::get`] for a phone number, whose `+` a client need not have encoded.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<&str> {
        self.named(name)
            .map(Parameter::number)
            .find(|value| !value.is_empty())
    }

    /// As [`Parameters::first_of`] for a phone number, whose `+` a client need not have encoded.
    #[must_use]
    pub fn first_number_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.number(name))
    }

    /// Whether `name`, in either case, was sent at all; of several values the first that is more than
    /// white space, without the white space around it, else an empty one.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&str> {
        first_told(self.in_either_case(name).map(|sent| sent.value.trim()))
    }

    /// As [`Parameters::sent`] for a phone number, whose `+` a client need not have encoded.
    #[must_use]
    pub fn sent_number(&self, name: &str) -> Option<&str> {
        first_told(self.in_either_case(name).map(Parameter::number))
    }

    /// What was sent as `name`, in either case, and is more than white space.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// Everything that was sent as `name`, in either case, and is more than white space: a list with
    /// commas may also be sent as several parameters.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<String> {
        let values = self
            .in_either_case(name)
            .map(|parameter| parameter.value.trim())
            .filter(|value| !value.is_empty());
        let list = values.collect::<Vec<_>>().join(",");
        (!list.is_empty()).then_some(list)
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        self.texts
            .iter()
            .filter(move |parameter| parameter.name == name)
    }

    fn in_either_case(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        self.texts
            .iter()
            .filter(move |parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn record(&self, log: &LogContext) {
        for Parameter { name, value, .. } in &self.texts {
            log.parameter(name, value);
        }
        for (name, value) in &self.others {
            log.parameter(name, value);
        }
    }
}

/// The first value that is not empty, else the first.
fn first_told<'a>(values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut values = values.peekable();
    let first = values.peek().copied()?;
    Some(values.find(|value| !value.is_empty()).unwrap_or(first))
}
