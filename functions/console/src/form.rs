//! Names and values: of a query string, or of a form.

use std::borrow::Cow;

/// Names and values in the order in which they were sent. Of several values of one name, the first counts.
#[derive(Clone, Debug, Default)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Makes pairs of names and values. Those without a value are left out.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let pairs = pairs.into_iter();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Returns a value, trimmed. `None` if it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(found, _)| found == name);
        let value = named.next().map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// Makes pairs of names and values that are written down.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self::default().with(pairs)
    }

    /// Returns the same pairs with other values. An empty one takes the pair away.
    pub fn with(&self, changes: &[(&str, &str)]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| {
            let mut changed = changes.iter();
            !changed.any(|(other, _)| other == name)
        });
        let changes = changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::new(kept.cloned().chain(changes))
    }

    /// Returns the pairs of these names.
    pub fn only(&self, names: &[&str]) -> Self {
        let pairs = self.0.iter();
        let named = pairs.filter(|(name, _)| names.contains(&name.as_str()));
        Self(named.cloned().collect())
    }

    /// Returns the names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns them as a query string.
    pub fn encoded(&self) -> String {
        query(&self.iter().collect::<Vec<_>>())
    }

    /// Returns a path with them as its query string.
    pub fn at(&self, path: &str) -> String {
        match self.0.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", self.encoded()),
        }
    }
}

/// Encodes names and values as a query string. Those without a value are left out.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut encoder = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        encoder.append_pair(name, value);
    }
    encoder.finish()
}

/// Encodes a text as one segment of a path.
pub fn segment(text: &str) -> String {
    // A space is `+` in a form, and `%20` in a path.
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    match encoded.contains('+') {
        true => Cow::Owned(encoded.replace('+', "%20")),
        false => Cow::Borrowed(encoded.as_str()),
    }
    .into_owned()
}
