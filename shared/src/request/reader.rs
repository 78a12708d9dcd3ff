//! Reads a request's fields as their [`Field`] declares them, and collects their faults.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::body::JsonObject;
use super::faults::{Faults, Parsed};
use super::incoming::Request;
use super::parameters::{Parameters, is_one_of};
use crate::model::field::{Field, Subject};
use crate::model::text::IdempotencyKey;
use crate::problem::{Fault, Problem};

/// Reads the parameters of a query string or a body.
///
/// Each field is read by the rules in its declaration. A blank value counts as absent, except in
/// [`Reader::required_sent`] and [`Reader::optional_sent`]. A field that was sent only as a JSON object
/// or array is at fault.
#[derive(Debug)]
pub struct Reader<'a> {
    parameters: &'a Parameters,
    faults: Faults,
}

impl<'a> Reader<'a> {
    /// Creates a reader without faults.
    #[must_use]
    pub fn new(parameters: &'a Parameters) -> Self {
        Self {
            parameters,
            faults: Faults::default(),
        }
    }

    /// Reads a required field. Returns `None` if it is at fault.
    pub fn required<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a str) -> Result<T, Fault>,
    ) -> Option<T> {
        let value = self.parameters.value(field);
        self.required_value(field, value, parse)
    }

    /// Reads a required field. A blank value counts as empty: too short, not missing.
    pub fn required_sent<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a str) -> Result<T, Fault>,
    ) -> Option<T> {
        let value = self.parameters.sent(field);
        self.required_value(field, value, parse)
    }

    /// Reads an optional field. Returns `Some(None)` if it is absent, `None` if it is at fault.
    pub fn optional<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a str) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let value = self.parameters.value(field);
        self.optional_value(field, value, parse)
    }

    /// Reads an optional field. A blank value counts as empty, which removes a setting.
    pub fn optional_sent<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a str) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let value = self.parameters.sent(field);
        self.optional_value(field, value, parse)
    }

    /// Reads an optional list as [`Reader::list`] does, item by item.
    pub fn items<T: Ord>(
        &mut self,
        field: Field,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Option<BTreeSet<T>>> {
        let items = self.parameters.items(field);
        self.optional_value(field, items, |items| {
            items.iter().map(|item| parse(item)).collect()
        })
    }

    /// Reads an optional comma-separated list, which may be sent as several parameters of one name, and in
    /// brackets.
    pub fn list<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let list = self.parameters.list(field);
        self.optional_value(field, list, |list| parse(&list))
    }

    /// Reads a path segment.
    pub fn in_path<T>(
        &mut self,
        field: Field,
        segment: &'a str,
        parse: impl FnOnce(&'a str) -> Result<T, Fault>,
    ) -> Option<T> {
        self.faults.noted(field, parse(segment))
    }

    /// Reads the client's idempotency key from the header `Idempotency-Key`.
    pub fn idempotency_key(
        &mut self,
        field: Field,
        request: &Request,
    ) -> Option<Option<IdempotencyKey>> {
        self.faults.noted(field, idempotency_key(request))
    }

    /// Adds a fault for each parameter that is none of the fields, by the name that was sent.
    pub fn only(&mut self, fields: &[Field]) {
        self.only_or(fields, |_| Fault::unknown());
    }

    /// Adds a fault for each parameter that is none of the fields, by the name that was sent. `fault` says
    /// which.
    pub fn only_or(&mut self, fields: &[Field], fault: impl Fn(&str) -> Fault) {
        for name in self.parameters.unknown(fields) {
            self.faults.add(unknown(name), fault(name));
        }
    }

    /// Whether a field has a value.
    #[must_use]
    pub fn has_value(&self, field: Field) -> bool {
        self.parameters.value(field).is_some()
    }

    /// Returns a field's value as it was sent: an empty text if it is blank.
    #[must_use]
    pub fn sent(&self, field: Field) -> Option<&'a str> {
        self.parameters.sent(field)
    }

    /// Whether any of the fields was sent, blank and unreadable ones included.
    #[must_use]
    pub fn has_any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| {
            self.parameters.sent(*field).is_some() || self.parameters.is_unreadable(*field)
        })
    }

    /// Adds a fault of one parameter, or of several together.
    pub fn fault(&mut self, subject: impl Into<Subject>, fault: Fault) {
        self.faults.add(subject, fault);
    }

    /// Returns the faults found so far, for checks that do not read a parameter.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Returns all parsed fields, if none was at fault.
    ///
    /// # Errors
    /// Returns `Invalid` with every fault.
    pub fn finish<P: Parsed>(self, fields: P) -> Result<P::All, Problem> {
        self.faults.finish(fields)
    }

    /// Returns the faults as a problem, when there is nothing left to parse.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        self.faults.into_problem()
    }

    fn required_value<T>(
        &mut self,
        field: Field,
        value: Option<&'a str>,
        parse: impl FnOnce(&'a str) -> Result<T, Fault>,
    ) -> Option<T> {
        let parsed = match value {
            Some(value) => parse(value),
            None if self.parameters.is_unreadable(field) => Err(Fault::Unreadable),
            None => Err(Fault::Missing),
        };
        self.faults.noted(field, parsed)
    }

    fn optional_value<V, T>(
        &mut self,
        field: Field,
        value: Option<V>,
        parse: impl FnOnce(V) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let parsed = match value {
            Some(value) => parse(value).map(Some),
            None if self.parameters.is_unreadable(field) => Err(Fault::Unreadable),
            None => Ok(None),
        };
        self.faults.noted(field, parsed)
    }
}

/// Reads the members of a JSON object, each as the JSON that was sent. `null` counts as absent.
#[derive(Debug)]
pub struct JsonReader<'a> {
    object: &'a JsonObject,
    faults: Faults,
}

impl<'a> JsonReader<'a> {
    /// Creates a reader without faults.
    #[must_use]
    pub fn new(object: &'a JsonObject) -> Self {
        Self {
            object,
            faults: Faults::default(),
        }
    }

    /// Reads a required member. Returns `None` if it is at fault.
    pub fn required<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a RawValue) -> Result<T, Fault>,
    ) -> Option<T> {
        let parsed = self.member(field).ok_or(Fault::Missing).and_then(parse);
        self.faults.noted(field, parsed)
    }

    /// Reads an optional member. Returns `Some(None)` if it is absent or blank, `None` if it is at
    /// fault.
    pub fn optional<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a RawValue) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let value = self.member(field).filter(|value| !is_blank(value));
        self.faults.noted(field, value.map(parse).transpose())
    }

    /// Reads an optional member. A blank value is parsed like any other.
    pub fn optional_sent<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&'a RawValue) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        let value = self.member(field);
        self.faults.noted(field, value.map(parse).transpose())
    }

    /// Reads the client's idempotency key from the header `Idempotency-Key`.
    pub fn idempotency_key(
        &mut self,
        field: Field,
        request: &Request,
    ) -> Option<Option<IdempotencyKey>> {
        self.faults.noted(field, idempotency_key(request))
    }

    /// Adds a fault for each member that is none of the fields, by the name that was sent.
    pub fn only(&mut self, fields: &[Field]) {
        for name in self.object.keys() {
            if !is_one_of(fields, name) {
                self.faults.add(unknown(name), Fault::unknown());
            }
        }
    }

    /// Adds a fault for each parameter of the query string, for a request that takes its body alone.
    pub fn no_query(&mut self, request: &Request) {
        for name in request.query().unknown(&[]) {
            self.faults.add(unknown(name), Fault::unknown());
        }
    }

    /// Adds a fault of one parameter, or of several together.
    pub fn fault(&mut self, subject: impl Into<Subject>, fault: Fault) {
        self.faults.add(subject, fault);
    }

    /// Returns all parsed members, if none was at fault.
    ///
    /// # Errors
    /// Returns `Invalid` with every fault.
    pub fn finish<P: Parsed>(self, fields: P) -> Result<P::All, Problem> {
        self.faults.finish(fields)
    }

    fn member(&self, field: Field) -> Option<&'a RawValue> {
        let value = self.object.get(field.name).map(AsRef::as_ref);
        value.filter(|value: &&RawValue| value.get() != "null")
    }
}

fn is_blank(value: &RawValue) -> bool {
    json_string(value).is_ok_and(|text| text.trim().is_empty())
}

/// The subject of the fault of a parameter that a request does not take.
fn unknown(name: &str) -> Subject {
    // A name is shown to its sender, as far as a person can read it.
    Subject::Unknown(name.chars().take(64).collect())
}

fn idempotency_key(request: &Request) -> Result<Option<IdempotencyKey>, Fault> {
    let key = request.header("idempotency-key").map(IdempotencyKey::parse);
    key.transpose().map_err(Fault::invalid)
}

/// Reads a JSON string, or a number as it was written.
///
/// # Errors
/// Returns `Invalid` if the value is anything else.
pub fn json_string_or_number(value: &RawValue) -> Result<String, Fault> {
    match value.get() {
        number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            Ok(number.to_owned())
        }
        _ => json_string(value).map_err(|_| Fault::invalid("expected a string or a number")),
    }
}

/// Reads a whole JSON number from 0 to `most`.
///
/// # Errors
/// Returns `Invalid` if the value is anything else.
pub fn json_count(value: &RawValue, most: u32) -> Result<u32, Fault> {
    let number = serde_json::from_str(value.get()).ok();
    number
        .filter(|number| *number <= most)
        .ok_or_else(|| Fault::invalid(format!("expected a whole number from 0 to {most}")))
}

/// Reads a JSON string.
///
/// # Errors
/// Returns `Invalid` if the value is anything else.
pub fn json_string(value: &RawValue) -> Result<String, Fault> {
    serde_json::from_str(value.get()).map_err(|_| Fault::invalid("expected a string"))
}

/// Reads 1 or 0, or `true` or `false` in either case.
///
/// # Errors
/// Returns `Invalid` if the value is anything else.
pub fn switch(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Fault::invalid("expected 0 or 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::Codes;

    const CODES: &Codes = &Codes::all("");
    const A: Field = Field::private("a", CODES);
    const B: Field = Field::private("b", CODES).in_any_case();
    const C: Field = Field::private("c", CODES).read_as(&["see", "c"]);

    fn number(text: &str) -> Result<u8, Fault> {
        text.parse().map_err(Fault::invalid)
    }

    #[test]
    fn all_faults_are_reported_at_once_and_in_order() {
        let parameters = Parameters::urlencoded(b"a=%20&B=1&c=2&see=x", None);
        let mut reader = Reader::new(&parameters);
        let a = reader.required(A, number);
        let b = reader.required(B, number);
        let c = reader.optional(C, number);
        let Err(Problem::Invalid(faults)) = reader.finish((a, b, c)) else {
            panic!("the faults were not reported");
        };
        let names: Vec<_> = faults.iter().map(|fault| fault.name()).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(faults[0].fault, Fault::Missing);
    }

    #[test]
    fn valid_fields_are_returned() {
        let parameters = Parameters::urlencoded(b"a=1&C=3&b=&b=2,3&b=4", None);
        let mut reader = Reader::new(&parameters);
        let a = reader.required(A, number);
        let b = reader.list(B, |list| Ok(list.to_owned()));
        let c = reader.optional(C, number);
        let expected = (1, Some("2,3,4".to_owned()), None);
        assert_eq!(reader.finish((a, b, c)).ok(), Some(expected));
    }

    #[test]
    fn an_earlier_layer_wins_under_any_name() {
        let body = Parameters::urlencoded(b"c=1&see=", None);
        let query = Parameters::urlencoded(b"see=2&see=3", None);
        assert_eq!(body.clone().and(&query).value(C), Some("1"));
        assert_eq!(query.and(&body).value(C), Some("2"));
    }

    #[test]
    fn a_field_defines_how_white_space_and_a_bare_plus_are_read() {
        const NUMBER: Field = Field::phone_number("n", CODES);
        const VERBATIM: Field = Field::private("v", CODES).verbatim();
        let parameters = Parameters::urlencoded(b"a=+1+&n=+1+&v=+1+", None);
        assert_eq!(parameters.value(A), Some("1"));
        assert_eq!(parameters.value(NUMBER), Some("+1"));
        assert_eq!(parameters.value(VERBATIM), Some(" 1 "));
    }

    #[test]
    fn a_blank_value_counts_only_for_readers_of_sent_values() {
        let parameters = Parameters::urlencoded(b"a=%20&b=", None);
        let mut reader = Reader::new(&parameters);
        assert_eq!(reader.required(A, |_| Ok(())), None);
        assert_eq!(
            reader.required_sent(A, |text| Ok(text.is_empty())),
            Some(true)
        );
        assert_eq!(reader.optional(B, |_| Ok(())), Some(None));
        let sent = reader.optional_sent(B, |text| Ok(text.is_empty()));
        assert_eq!(sent, Some(Some(true)));
        assert_eq!(reader.optional_sent(C, |_| Ok(())), Some(None));
    }
}
