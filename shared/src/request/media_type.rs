//! The header `Content-Type`, as RFC 9110 writes it, and other headers that a client may send twice.

/// A media type and its parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MediaType {
    /// Type and subtype in lower case, such as `application/json`.
    essence: String,
    /// The parameters in their order: names in lower case, values without quotes.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads the header's value. It is empty if there is none.
    ///
    /// A gateway joins a header that was sent twice with a comma. The same media type twice is that type, with
    /// the parameters of both. Two different ones, or one whose parameters differ, are no media type.
    pub(super) fn read(header: &str) -> Self {
        let mut read: Option<Self> = None;
        for element in split(header, ',') {
            let element = Self::element(element);
            match &mut read {
                None => read = Some(element),
                Some(first) if first.agrees_with(&element) => {
                    let known = first.parameters.len();
                    let more = element.parameters.into_iter().filter(|(name, _)| {
                        let mut earlier = first.parameters.iter().take(known);
                        !earlier.any(|(earlier, _)| earlier == name)
                    });
                    first.parameters.extend(more.collect::<Vec<_>>());
                }
                Some(_) => return Self::default(),
            }
        }
        read.unwrap_or_default()
    }

    /// Reads one media type. White space around its parts does not count.
    fn element(text: &str) -> Self {
        let mut parts = split(text, ';');
        let essence = parts.next().unwrap_or_default().trim();
        let parameters = parts.filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
        });
        Self {
            essence: essence.to_ascii_lowercase(),
            parameters: parameters.collect(),
        }
    }

    /// Whether both are the same type, and no parameter of both differs.
    fn agrees_with(&self, other: &Self) -> bool {
        let agree = |(name, value): &(String, String)| {
            self.parameter(name).is_none_or(|own| match name.as_str() {
                "charset" => own.eq_ignore_ascii_case(value),
                _ => own == value,
            })
        };
        self.essence == other.essence && other.parameters.iter().all(agree)
    }

    /// Returns type and subtype in lower case.
    pub(super) fn essence(&self) -> &str {
        &self.essence
    }

    /// Returns the first parameter of a name in lower case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Returns the first of a header's values, if a comma joins several that are alike, and the whole text
/// otherwise.
pub(super) fn once(value: &str) -> &str {
    let mut values = value.split(',').map(str::trim);
    let first = values.next().unwrap_or_default();
    match values.all(|value| value == first) {
        true => first,
        false => value,
    }
}

/// Splits at a separator that stands outside of quotes. Empty parts are left out, the first one excepted.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(move |c: char| {
        if escaped {
            escaped = false;
            return false;
        }
        match c {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return c == separator && !quoted,
        }
        false
    });
    let mut parts = parts.enumerate();
    std::iter::from_fn(move || {
        parts
            .find(|(at, part)| *at == 0 || !part.trim().is_empty())
            .map(|(_, part)| part)
    })
}

/// Returns what a quoted string stands for, or the text itself.
fn unquoted(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(inner) = inner else {
        return text.to_owned();
    };
    let mut escaped = false;
    let kept = inner.chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_as_rfc_9110_writes_it() {
        for (header, essence, name, value) in [
            ("application/json", "application/json", "charset", None),
            (
                "Application/JSON ; Charset = UTF-8",
                "application/json",
                "charset",
                Some("UTF-8"),
            ),
            (
                "multipart/form-data; boundary=abc ; charset=utf-8",
                "multipart/form-data",
                "boundary",
                Some("abc"),
            ),
            (
                "multipart/form-data;boundary=\"a;b,c\"",
                "multipart/form-data",
                "boundary",
                Some("a;b,c"),
            ),
            (
                r#"multipart/form-data; boundary="a\"b\\c""#,
                "multipart/form-data",
                "boundary",
                Some(r#"a"b\c"#),
            ),
            (
                "text/csv;;header=present;",
                "text/csv",
                "header",
                Some("present"),
            ),
            ("", "", "charset", None),
        ] {
            let read = MediaType::read(header);
            assert_eq!(read.essence(), essence, "{header}");
            assert_eq!(read.parameter(name), value, "{header}");
        }
    }

    #[test]
    fn a_media_type_sent_twice_is_one_unless_they_differ() {
        for (header, essence, charset) in [
            (
                "application/json,application/json",
                "application/json",
                None,
            ),
            (
                "application/json, Application/Json",
                "application/json",
                None,
            ),
            (
                "application/json, application/json; charset=utf-8",
                "application/json",
                Some("utf-8"),
            ),
            (
                "application/json; charset=utf-8,application/json; charset=UTF-8",
                "application/json",
                Some("utf-8"),
            ),
            ("application/json,", "application/json", None),
            ("application/json, text/plain", "", None),
            ("a/b; charset=utf-8, a/b; charset=latin1", "", None),
        ] {
            let read = MediaType::read(header);
            assert_eq!(
                (read.essence(), read.parameter("charset")),
                (essence, charset),
                "{header}"
            );
        }
    }
}
