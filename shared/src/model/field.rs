//! Request parameters as the contracts define them: name, reading rules, privacy and error codes.
//!
//! Each dialect declares its parameters once, in its `field.rs`. Handlers read by them, errors name them,
//! and the log masks by them.

use std::borrow::Cow;

/// One parameter of a contract.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name as the contract spells it, which errors use whatever the client called the parameter.
    pub name: &'static str,
    /// How a log line shows the value.
    pub privacy: Privacy,
    /// What the dialect answers if the parameter is at fault.
    pub codes: &'static Codes,
    /// The names that clients may send it under, the one that wins first; only `name` if empty.
    read_as: &'static [&'static str],
    any_case: bool,
    verbatim: bool,
}

/// How a log line shows a parameter's value.
#[derive(Clone, Copy, Debug)]
pub enum Privacy {
    /// A phone number: the last four digits. A client may send its `+` unencoded.
    PhoneNumber,
    /// Harmless if the function says that the value is what it should be, else private.
    PlainIf(fn(&str) -> bool),
    /// A secret, or something about a person: the length alone.
    Private,
}

/// What a dialect answers for each kind of fault: its error code, or its text where it has no codes.
#[derive(Clone, Copy, Debug)]
pub struct Codes {
    /// The parameter is required and was not sent.
    pub missing: &'static str,
    /// It was sent as an object or an array.
    pub unreadable: &'static str,
    /// It breaks a rule of its own.
    pub invalid: &'static str,
    /// It is shorter than allowed.
    pub too_short: &'static str,
    /// It is longer than allowed.
    pub too_long: &'static str,
    /// It names something that the account does not have.
    pub not_found: &'static str,
    /// It names something that is not offered.
    pub unavailable: &'static str,
    /// What the message says if it names something that the account does not have.
    pub not_found_text: &'static str,
}

impl Codes {
    /// The same code whatever the fault.
    #[must_use]
    pub const fn all(code: &'static str) -> Self {
        Self {
            missing: code,
            unreadable: code,
            invalid: code,
            too_short: code,
            too_long: code,
            not_found: code,
            unavailable: code,
            not_found_text: "not found",
        }
    }
}

impl Field {
    /// A phone number.
    #[must_use]
    pub const fn phone_number(name: &'static str, codes: &'static Codes) -> Self {
        Self::new(name, Privacy::PhoneNumber, codes)
    }

    /// A value that a log line may show if `is_plain` says so.
    #[must_use]
    pub const fn plain_if(
        name: &'static str,
        is_plain: fn(&str) -> bool,
        codes: &'static Codes,
    ) -> Self {
        Self::new(name, Privacy::PlainIf(is_plain), codes)
    }

    /// A secret, something about a person, or a text of any kind.
    #[must_use]
    pub const fn private(name: &'static str, codes: &'static Codes) -> Self {
        Self::new(name, Privacy::Private, codes)
    }

    const fn new(name: &'static str, privacy: Privacy, codes: &'static Codes) -> Self {
        Self {
            name,
            privacy,
            codes,
            read_as: &[],
            any_case: false,
            verbatim: false,
        }
    }

    /// The same parameter, read under several names: of those sent together the first of `names` wins.
    #[must_use]
    pub const fn read_as(self, names: &'static [&'static str]) -> Self {
        Self {
            read_as: names,
            ..self
        }
    }

    /// The same parameter, whose name a client may write in either case.
    #[must_use]
    pub const fn in_any_case(self) -> Self {
        Self {
            any_case: true,
            ..self
        }
    }

    /// The same parameter, whose value keeps the white space around it.
    #[must_use]
    pub const fn verbatim(self) -> Self {
        Self {
            verbatim: true,
            ..self
        }
    }

    /// The names that it may be sent under, the one that wins first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let only = self.read_as.is_empty().then_some(self.name);
        only.into_iter().chain(self.read_as.iter().copied())
    }

    /// Whether `sent` is `name`, one of [`Field::names`], by the parameter's rule for upper and lower case.
    #[must_use]
    pub fn is_called(&self, sent: &str, name: &str) -> bool {
        match self.any_case {
            true => sent.eq_ignore_ascii_case(name),
            false => sent == name,
        }
    }

    /// Whether the value is a phone number.
    #[must_use]
    pub fn is_phone_number(&self) -> bool {
        matches!(self.privacy, Privacy::PhoneNumber)
    }

    /// Whether the value keeps the white space around it.
    #[must_use]
    pub fn is_verbatim(&self) -> bool {
        self.verbatim
    }
}

/// Several parameters that the contract holds to one rule, such as "one of them is required".
#[derive(Clone, Copy, Debug)]
pub struct FieldGroup {
    /// Its members.
    pub fields: &'static [Field],
    /// What stands between the members' names where errors name the group.
    pub separator: &'static str,
    /// What the dialect answers if the rule is broken.
    pub code: &'static str,
}

impl FieldGroup {
    /// The members' names with `separator` between them.
    #[must_use]
    pub fn names(&self, separator: &str) -> String {
        let names: Vec<_> = self.fields.iter().map(|field| field.name).collect();
        names.join(separator)
    }
}

/// What an error is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// One parameter.
    Field(Field),
    /// Several parameters together.
    Group(FieldGroup),
}

impl Subject {
    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Field(field) => Cow::Borrowed(field.name),
            Self::Group(group) => Cow::Owned(group.names(group.separator)),
        }
    }
}

impl From<Field> for Subject {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<FieldGroup> for Subject {
    fn from(group: FieldGroup) -> Self {
        Self::Group(group)
    }
}

/// Declares a dialect's parameters, and `FIELDS` with all of them, so that the log forgets none.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $field:expr;)+) => {
        $($(#[$doc])* pub const $name: $crate::model::field::Field = $field;)+

        /// Every parameter of the dialect.
        pub const FIELDS: &[$crate::model::field::Field] = &[$($name),+];
    };
}
pub(crate) use fields;
