//! Secrets that are brought along, and which of them are good enough (`docs/decisions.md`, D-532).

use std::fmt;

use super::credential_kind::CredentialKind;
use super::slow_hash::{NotHashed, Salt, SlowHash};

/// A secret that a person or another system chose, and that is good enough to be kept.
#[derive(Clone)]
pub struct ChosenSecret(String);

/// The longest secret, in bytes.
const LONGEST: usize = 256;

/// The fewest characters of a secret that comes with a name, and how many of them have to differ.
const FEWEST: usize = 8;
/// See [`FEWEST`].
const DIFFERENT: usize = 5;

/// The fewest characters of a secret that is looked up by: whoever tries secrets tries them on every key at once.
const FEWEST_OF_LOOKUP: usize = 16;

impl ChosenSecret {
    /// Checks a secret for a credential of the kind. `shown` is the public half, if there is one.
    ///
    /// # Errors
    /// Returns the first rule that the secret breaks. The error does not quote it.
    pub fn parse(
        kind: CredentialKind,
        shown: Option<&str>,
        text: &str,
    ) -> Result<Self, UnfitSecret> {
        let fewest = match kind.is_found_by_secret() {
            true => FEWEST_OF_LOOKUP,
            false => FEWEST,
        };
        if text.is_empty() {
            return Err(UnfitSecret::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(UnfitSecret::ControlCharacter);
        }
        // Clients and gateways take white space around a value away.
        if text.trim() != text {
            return Err(UnfitSecret::Surrounded);
        }
        let in_header = matches!(kind, CredentialKind::Trestle | CredentialKind::Tld);
        if in_header && !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UnfitSecret::NotAscii(kind.as_str()));
        }
        if text.len() > LONGEST {
            return Err(UnfitSecret::TooLong);
        }
        let characters: Vec<char> = text.chars().collect();
        if characters.len() < fewest {
            return Err(UnfitSecret::TooShort(kind.as_str(), fewest));
        }
        let mut different = characters;
        different.sort_unstable();
        different.dedup();
        if different.len() < DIFFERENT || shown.is_some_and(|shown| shown == text) {
            return Err(UnfitSecret::Guessable);
        }
        Ok(Self(text.to_owned()))
    }

    /// Hashes the secret for a credential of the kind. `shown` is the public half, if there is one, and
    /// `random` the salt of a credential that is looked up by a name.
    ///
    /// # Errors
    /// Returns `NotHashed` if there is not enough memory.
    pub fn hash(
        &self,
        kind: CredentialKind,
        shown: &str,
        random: Salt,
    ) -> Result<SlowHash, NotHashed> {
        let salt = match kind.is_found_by_secret() {
            true => Salt::of_lookup(kind, shown),
            false => random,
        };
        SlowHash::of(&self.0, salt)
    }

    /// Returns the secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ChosenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChosenSecret(..)")
    }
}

impl From<ChosenSecret> for String {
    fn from(secret: ChosenSecret) -> Self {
        secret.0
    }
}

/// Why a secret cannot be brought along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnfitSecret {
    /// There is none.
    #[error("the secret is empty")]
    Empty,
    /// It has a line break or another control character in it.
    #[error(
        "the secret has a line break or another control character in it; give one secret on one line"
    )]
    ControlCharacter,
    /// It begins or ends with white space.
    #[error("the secret begins or ends with white space, which clients do not send")]
    Surrounded,
    /// It cannot be sent in a header.
    #[error("a {0} secret is sent in a header: expected printable ASCII characters without spaces")]
    NotAscii(&'static str),
    /// It is too long.
    #[error("the secret is too long: expected at most 256 bytes")]
    TooLong,
    /// It is too short.
    #[error("the secret is too weak: expected at least {1} characters for a {0} credential")]
    TooShort(&'static str, usize),
    /// It is easy to guess.
    #[error(
        "the secret is too weak: expected at least 5 different characters, and not the credential's name"
    )]
    Guessable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use CredentialKind::{Fonedynamics, Integrator, Tld, Trestle, Truecnam, User};

    #[test]
    fn a_secret_that_is_weak_or_cannot_be_sent_is_refused() {
        let long = "abcdefgh".repeat(32);
        let longer = format!("{long}i");
        for (kind, shown, text, wanted) in [
            (Truecnam, Some("APIkey"), "APIpassword", Ok(())),
            (User, Some("test@user.com"), "testpassword", Ok(())),
            (User, None, "pässwörd mit Löchern", Ok(())),
            (Integrator, None, "abcde123", Ok(())),
            (Tld, None, "k3y-of-a-platform", Ok(())),
            (Trestle, None, "0123456789abcdef", Ok(())),
            (Fonedynamics, None, "0123456789abcdef", Ok(())),
            (User, None, &long, Ok(())),
            (User, None, &longer, Err(UnfitSecret::TooLong)),
            (User, None, "", Err(UnfitSecret::Empty)),
            (User, None, "abcde12", Err(UnfitSecret::TooShort("user", 8))),
            (
                Trestle,
                None,
                "0123456789abcde",
                Err(UnfitSecret::TooShort("trestle", 16)),
            ),
            (
                Fonedynamics,
                None,
                "0123456789abcde",
                Err(UnfitSecret::TooShort("fonedynamics", 16)),
            ),
            (User, None, "aaaabbbbccccdddd", Err(UnfitSecret::Guessable)),
            (
                User,
                Some("pat@example.com"),
                "pat@example.com",
                Err(UnfitSecret::Guessable),
            ),
            (User, None, " password1", Err(UnfitSecret::Surrounded)),
            (User, None, "password1\u{a0}", Err(UnfitSecret::Surrounded)),
            (
                User,
                None,
                "password1\n2",
                Err(UnfitSecret::ControlCharacter),
            ),
            (
                User,
                None,
                "password1\n",
                Err(UnfitSecret::ControlCharacter),
            ),
            (Tld, None, "pass word 12", Err(UnfitSecret::NotAscii("tld"))),
            (
                Trestle,
                None,
                "pässwörd01234567",
                Err(UnfitSecret::NotAscii("trestle")),
            ),
        ] {
            let found = ChosenSecret::parse(kind, shown, text).map(drop);
            assert_eq!(found, wanted, "{kind:?} {text:?}");
        }
    }
}
