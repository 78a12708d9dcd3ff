//! Request parameters as the contracts define them: name, parsing rules, privacy and error codes.
//!
//! Each dialect declares its parameters once, in its `field.rs`. Handlers, error messages and the log
//! all use that declaration.

use std::borrow::Cow;

/// One parameter of a contract.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The contract's spelling of the name. Errors use it, whatever name the client used.
    pub name: &'static str,
    /// How the log shows the value.
    pub privacy: Privacy,
    /// The dialect's answers for each fault.
    pub codes: &'static Codes,
    /// The names that clients may use, in order of precedence. Empty means `name` only.
    read_as: &'static [&'static str],
    any_case: bool,
    verbatim: bool,
}

/// How the log shows a parameter's value.
#[derive(Clone, Copy, Debug)]
pub enum Privacy {
    /// A phone number: only the last four digits are shown. A client may send its `+` unencoded.
    PhoneNumber,
    /// Shown if the function recognizes the value, and otherwise private.
    PlainIf(fn(&str) -> bool),
    /// A secret or personal data: only the length is shown.
    Private,
}

/// A dialect's answer for each kind of fault: an error code, or a text if the dialect has no codes.
#[derive(Clone, Copy, Debug)]
pub struct Codes {
    /// The parameter is required and was not sent.
    pub missing: &'static str,
    /// The value is an object or an array.
    pub unreadable: &'static str,
    /// The value breaks a rule.
    pub invalid: &'static str,
    /// The value is too short.
    pub too_short: &'static str,
    /// The value is too long.
    pub too_long: &'static str,
    /// The value names something that the account does not have.
    pub not_found: &'static str,
    /// The value names something that is not offered.
    pub unavailable: &'static str,
    /// The message for a value that names something that the account does not have.
    pub not_found_text: &'static str,
}

impl Codes {
    /// Uses one code for every fault.
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
    /// Declares a phone number.
    #[must_use]
    pub const fn phone_number(name: &'static str, codes: &'static Codes) -> Self {
        Self::new(name, Privacy::PhoneNumber, codes)
    }

    /// Declares a parameter whose value the log shows if `is_plain` returns true.
    #[must_use]
    pub const fn plain_if(
        name: &'static str,
        is_plain: fn(&str) -> bool,
        codes: &'static Codes,
    ) -> Self {
        Self::new(name, Privacy::PlainIf(is_plain), codes)
    }

    /// Declares a secret, personal data or free text.
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

    /// Sets the names that clients may use. If several are sent, the first of `names` wins.
    #[must_use]
    pub const fn read_as(self, names: &'static [&'static str]) -> Self {
        Self {
            read_as: names,
            ..self
        }
    }

    /// Lets clients write the name in upper or lower case.
    #[must_use]
    pub const fn in_any_case(self) -> Self {
        Self {
            any_case: true,
            ..self
        }
    }

    /// Keeps the white space around the value.
    #[must_use]
    pub const fn verbatim(self) -> Self {
        Self {
            verbatim: true,
            ..self
        }
    }

    /// Returns the names that clients may use, in order of precedence.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let only = self.read_as.is_empty().then_some(self.name);
        only.into_iter().chain(self.read_as.iter().copied())
    }

    /// Whether `sent` is `name`, one of [`Field::names`]. Case matters unless the field ignores it.
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

    /// Whether the white space around the value is kept.
    #[must_use]
    pub fn is_verbatim(&self) -> bool {
        self.verbatim
    }
}

/// Several parameters under one rule of the contract, such as "one of them is required".
#[derive(Clone, Copy, Debug)]
pub struct FieldGroup {
    /// The parameters.
    pub fields: &'static [Field],
    /// The separator between their names in errors.
    pub separator: &'static str,
    /// The dialect's answer if the rule is broken.
    pub code: &'static str,
}

impl FieldGroup {
    /// Returns the parameters' names, joined with `separator`.
    #[must_use]
    pub fn names(&self, separator: &str) -> String {
        let names: Vec<_> = self.fields.iter().map(|field| field.name).collect();
        names.join(separator)
    }
}

/// The subject of an error.
#[derive(Clone, Debug)]
pub enum Subject {
    /// One parameter.
    Field(Field),
    /// Several parameters together.
    Group(FieldGroup),
    /// A parameter that the request does not take, by the name that the client sent.
    Unknown(String),
}

impl Subject {
    /// Returns the name that errors use.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Field(field) => Cow::Borrowed(field.name),
            Self::Group(group) => Cow::Owned(group.names(group.separator)),
            Self::Unknown(name) => Cow::Owned(name.clone()),
        }
    }

    /// Returns the name that the log may show. A client may put anything into a name of its own.
    #[must_use]
    pub fn logged_name(&self) -> Cow<'static, str> {
        match self {
            Self::Field(_) | Self::Group(_) => self.name(),
            Self::Unknown(_) => Cow::Borrowed("an unknown parameter"),
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

/// Declares a dialect's parameters, and `FIELDS` with all of them, so that the log knows every one.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $field:expr;)+) => {
        $($(#[$doc])* pub const $name: $crate::model::field::Field = $field;)+

        /// Every parameter of the dialect.
        pub const FIELDS: &[$crate::model::field::Field] = &[$($name),+];
    };
}
pub(crate) use fields;
