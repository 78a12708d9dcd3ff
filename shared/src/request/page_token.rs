//! Tokens by which a client asks for the next page: opaque, and good for nothing but the very question
//! they were given out for.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::account::AccountId;
use crate::model::report::{CallFilter, Position};
use crate::model::time::Range;

/// The form of the tokens; one of another form is refused.
const VERSION: u8 = 1;

/// The same of tokens of lists.
const LIST_VERSION: u8 = 2;

/// How long the code behind the position is.
const CODE: usize = 32;

/// What signs the tokens of a deployment.
#[derive(Clone)]
pub struct PageKey(Hmac<Sha256>);

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageKey")
    }
}

/// The key has fewer than 32 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key for page tokens has at least 32 characters")]
pub struct WeakKey;

/// The question that a token belongs to.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Whose calls.
    pub account: &'a AccountId,
    /// Of when.
    pub range: &'a Range,
    /// Which of them.
    pub filter: &'a CallFilter,
}

/// The list that a token belongs to.
#[derive(Clone, Copy)]
pub struct ListQuestion<'a> {
    /// Whose.
    pub account: &'a AccountId,
    /// Where it is asked for.
    pub path: &'a str,
    /// Which rows of it: each filter's name and value, in one order.
    pub filters: &'a [(&'static str, String)],
}

impl PageKey {
    /// Takes a secret of at least 32 characters.
    ///
    /// # Errors
    /// It is shorter.
    pub fn new(secret: &str) -> Result<Self, WeakKey> {
        if secret.len() < 32 {
            return Err(WeakKey);
        }
        Hmac::new_from_slice(secret.as_bytes())
            .map(Self)
            .map_err(|_| WeakKey)
    }

    /// The token for what follows `position`.
    #[must_use]
    pub fn token(&self, question: &Question<'_>, position: &Position) -> String {
        let mut token = vec![VERSION];
        token.extend_from_slice(position.as_str().as_bytes());
        let code = self.code(question, position).finalize().into_bytes();
        token.extend_from_slice(&code);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Where a token says that reading goes on; `None` for one that was not given out for `question`.
    #[must_use]
    pub fn position(&self, question: &Question<'_>, token: &str) -> Option<Position> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (version, rest) = token.split_first()?;
        let (position, code) = rest.split_at_checked(rest.len().checked_sub(CODE)?)?;
        let position = Position::parse(std::str::from_utf8(position).ok()?)?;
        let known = *version == VERSION;
        let signed = self.code(question, &position).verify_slice(code).is_ok();
        (known && signed).then_some(position)
    }

    /// The token for what follows the row of this name in a list.
    #[must_use]
    pub fn list_token(&self, question: &ListQuestion<'_>, name: &str) -> String {
        let mut token = vec![LIST_VERSION];
        token.extend_from_slice(name.as_bytes());
        let code = self.list_code(question, name).finalize().into_bytes();
        token.extend_from_slice(&code);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The row's name that a token was made of; `None` for one that was not given out for `question`.
    #[must_use]
    pub fn list_position(&self, question: &ListQuestion<'_>, token: &str) -> Option<String> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (version, rest) = token.split_first()?;
        let (name, code) = rest.split_at_checked(rest.len().checked_sub(CODE)?)?;
        let name = std::str::from_utf8(name).ok()?;
        let known = *version == LIST_VERSION;
        let signed = self.list_code(question, name).verify_slice(code).is_ok();
        (known && signed).then(|| name.to_owned())
    }

    fn list_code(&self, question: &ListQuestion<'_>, name: &str) -> Hmac<Sha256> {
        let ListQuestion {
            account,
            path,
            filters,
        } = question;
        let mut parts = vec![account.as_str(), path, name];
        for (filter, value) in *filters {
            parts.extend([filter, value.as_str()]);
        }
        let parts: Vec<_> = parts.into_iter().map(with_length).collect();
        let mut code = self.0.clone();
        code.update(&[LIST_VERSION]);
        code.update(parts.join(",").as_bytes());
        code
    }

    /// Everything that makes the question, each part with its length, so that no two questions read the
    /// same.
    fn code(&self, question: &Question<'_>, position: &Position) -> Hmac<Sha256> {
        let Question {
            account,
            range,
            filter,
        } = question;
        let CallFilter {
            direction,
            billed,
            did,
            cid,
            dispositions,
            // Lists of other dialects have these, and questions of their own.
            own_numbers: _,
            property: _,
            contact: _,
        } = filter;
        let direction = direction.map(|direction| format!("{direction:?}"));
        let billed = billed.map(|billed| billed.to_string());
        let dispositions: String = dispositions
            .iter()
            .map(|one| with_length(one.as_str()))
            .collect();
        let callers: String = cid.iter().map(|one| with_length(one.as_str())).collect();
        let parts = [
            Some(account.as_str()),
            Some(&range.from.millis().to_string()),
            Some(&range.to.millis().to_string()),
            direction.as_deref(),
            billed.as_deref(),
            did.as_ref().map(|did| did.as_e164()),
            Some(&callers),
            Some(&dispositions),
            Some(position.as_str()),
        ]
        .map(|part| match part {
            Some(text) => with_length(text),
            None => "-".to_owned(),
        });
        let mut code = self.0.clone();
        code.update(&[VERSION]);
        code.update(parts.join(",").as_bytes());
        code
    }
}

/// A part that no other parts read like, whatever is in it.
fn with_length(part: &str) -> String {
    format!("{}:{part}", part.len())
}
