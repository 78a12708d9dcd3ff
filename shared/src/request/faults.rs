//! Collects every fault of a request, so that one answer reports them all.

use crate::model::field::Subject;
use crate::problem::{Fault, FieldProblem, Problem};

/// The faults found so far, in the order in which the fields were read.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldProblem>);

impl Faults {
    /// Adds a fault of one parameter, or of several together.
    pub fn add(&mut self, subject: impl Into<Subject>, fault: Fault) {
        self.0.push(FieldProblem {
            subject: subject.into(),
            fault,
        });
    }

    /// Returns the parsed value, or adds its fault and returns `None`.
    pub fn noted<T>(&mut self, subject: impl Into<Subject>, parsed: Result<T, Fault>) -> Option<T> {
        parsed.map_err(|fault| self.add(subject, fault)).ok()
    }

    /// Returns all parsed fields, if no fault was added.
    ///
    /// # Errors
    /// Returns `Invalid` with every fault.
    pub fn finish<P: Parsed>(self, fields: P) -> Result<P::All, Problem> {
        match fields.all() {
            Some(all) if self.0.is_empty() => Ok(all),
            _ => Err(self.into_problem()),
        }
    }

    /// Checks that no fault was added.
    ///
    /// # Errors
    /// Returns `Invalid` with every fault.
    pub fn check(self) -> Result<(), Problem> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(self.into_problem()),
        }
    }

    /// Returns the faults as a problem, when there is nothing left to parse.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        Problem::Invalid(self.0)
    }
}

/// A tuple of parsed fields, each `None` if it was at fault.
pub trait Parsed {
    /// The tuple without the `Option`s.
    type All;
    /// Returns every field, or `None` if any is `None`.
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

parsed!(A);
parsed!(A B);
parsed!(A B C);
parsed!(A B C D);
parsed!(A B C D E);
parsed!(A B C D E F);
parsed!(A B C D E F G);
parsed!(A B C D E F G H);
parsed!(A B C D E F G H I);
