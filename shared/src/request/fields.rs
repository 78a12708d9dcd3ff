//! Collects every field error of a request, so that a client is told all of them at once.

use crate::model::text::{IdempotencyKey, InvalidText};
use crate::problem::{Fault, FieldProblem, Problem};
use crate::request::{Parameters, Request};

/// The faults found so far, in the order in which the fields were asked for.
#[derive(Debug, Default)]
pub struct Fields {
    unreadable: Vec<String>,
    faults: Vec<FieldProblem>,
}

impl Fields {
    /// No fault yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No fault yet, of fields that stand in `parameters`: one that came there as an object or an array, and
    /// as nothing else, is at fault where it is asked for.
    #[must_use]
    pub fn of(parameters: &Parameters) -> Self {
        Self {
            unreadable: parameters.unreadable().map(str::to_owned).collect(),
            faults: Vec::new(),
        }
    }

    /// A field that must be there: absent or refused by `parse` is a fault, and `None`.
    pub fn required<V, T>(
        &mut self,
        field: &'static str,
        value: Option<V>,
        parse: impl FnOnce(V) -> Result<T, Fault>,
    ) -> Option<T> {
        match value {
            None => {
                let fault = match self.is_unreadable(field) {
                    true => Fault::Unreadable,
                    false => Fault::Missing,
                };
                self.fault(field, fault);
                None
            }
            Some(value) => self.parsed(field, value, parse),
        }
    }

    /// A field that may be absent: `Some(None)` when it is, `None` only when it is at fault.
    pub fn optional<V, T>(
        &mut self,
        field: &'static str,
        value: Option<V>,
        parse: impl FnOnce(V) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        match value {
            None if self.is_unreadable(field) => {
                self.fault(field, Fault::Unreadable);
                None
            }
            None => Some(None),
            Some(value) => self.parsed(field, value, parse).map(Some),
        }
    }

    /// Whether a field, in either case, came as an object or an array.
    #[must_use]
    pub fn is_unreadable(&self, field: &str) -> bool {
        let mut names = self.unreadable.iter();
        names.any(|name| name.eq_ignore_ascii_case(field))
    }

    /// The client's own name for the attempt, in `Idempotency-Key`: `Some(None)` where there is none.
    pub fn idempotency_key(&mut self, request: &Request) -> Option<Option<IdempotencyKey>> {
        self.optional(
            "Idempotency-Key",
            request.header("idempotency-key"),
            |text| IdempotencyKey::parse(text).map_err(invalid),
        )
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: &'static str, fault: Fault) {
        self.faults.push(FieldProblem { field, fault });
    }

    /// All the fields at once, or all the faults at once.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every fault noted.
    pub fn finish<P: Parsed>(self, fields: P) -> Result<P::All, Problem> {
        match fields.all() {
            Some(all) if self.faults.is_empty() => Ok(all),
            _ => Err(self.into_problem()),
        }
    }

    /// Whether no fault was noted yet.
    #[must_use]
    pub fn all_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// Goes on where no fault was noted.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every fault noted.
    pub fn check(self) -> Result<(), Problem> {
        match self.faults.is_empty() {
            true => Ok(()),
            false => Err(self.into_problem()),
        }
    }

    /// The faults noted so far, where there is nothing left to parse.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        Problem::Invalid(self.faults)
    }

    fn parsed<V, T>(
        &mut self,
        field: &'static str,
        value: V,
        parse: impl FnOnce(V) -> Result<T, Fault>,
    ) -> Option<T> {
        parse(value).map_err(|fault| self.fault(field, fault)).ok()
    }
}

/// A tuple of parsed fields, each `None` where it was at fault.
pub trait Parsed {
    /// The tuple without the `Option`s.
    type All;
    /// All of them, or `None` as soon as one is missing.
    fn all(self) -> Option<Self::All>;
}

macro_rules! parsed {
    ($($name:ident)+) => {
        impl<$($name),+> Parsed for ($(Option<$name>,)+) {
            type All = ($($name,)+);
            #[allow(non_snake_case, reason = "the macro has only the type's name to call a value by")]
            fn all(self) -> Option<Self::All> {
                let ($($name,)+) = self;
                Some(($($name?,)+))
            }
        }
    };
}

parsed!(A B);
parsed!(A B C);
parsed!(A B C D);
parsed!(A B C D E);
parsed!(A B C D E F);
parsed!(A B C D E F G);
parsed!(A B C D E F G H);
parsed!(A B C D E F G H I);

/// A parser's error as a field's fault: its text is the rule that was broken.
pub fn invalid(rule: impl std::fmt::Display) -> Fault {
    Fault::Invalid(rule.to_string())
}

/// Reads 1 and 0, and what JSON has for them.
///
/// # Errors
/// It is neither.
pub fn switch(text: &str) -> Result<bool, Fault> {
    match text {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(invalid("expected 0 or 1")),
    }
}

/// What is wrong with a text, as a fault of its own: too short, too long, or not to be read.
#[must_use]
pub fn text_fault(error: InvalidText) -> Fault {
    match error {
        InvalidText::Empty => Fault::TooShort("at least 1 character is needed".to_owned()),
        InvalidText::TooLong { .. } => Fault::TooLong(error.to_string()),
        InvalidText::ControlCharacter | InvalidText::Undecodable => invalid(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<u8, Fault> {
        text.parse().map_err(invalid)
    }

    #[test]
    fn every_fault_is_told_at_once_and_in_order() {
        let mut fields = Fields::new();
        let a = fields.required("a", None::<&str>, number);
        let b = fields.required("b", Some("1"), number);
        let c = fields.optional("c", Some("x"), number);
        let Err(Problem::Invalid(faults)) = fields.finish((a, b, c)) else {
            panic!("faults were let through");
        };
        assert_eq!(
            faults.iter().map(|fault| fault.field).collect::<Vec<_>>(),
            ["a", "c"]
        );
    }

    #[test]
    fn fields_without_a_fault_come_through() {
        let mut fields = Fields::new();
        let a = fields.required("a", Some("1"), number);
        let b = fields.optional("b", None::<&str>, number);
        assert_eq!(fields.finish((a, b)).ok(), Some((1, None)));
    }
}
