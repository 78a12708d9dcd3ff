//! The session of a browser: a cookie with the tokens that the API knows its user by.

use callbook::dialect::{Answer, console as dialect};
use callbook::edge::Visit;
use callbook::ids;
use callbook::model::token::{Token, TokenPair};
use callbook::problem::{Cause, Problem};

/// The tokens of a browser's session, and the secret that its forms are bound to.
#[derive(Clone)]
pub struct Session {
    /// The access token.
    pub access: Token,
    /// The refresh token.
    pub refresh: Token,
    secret: String,
}

/// How many characters the secret of forms has.
const SECRET: usize = 32;

impl Session {
    /// Starts the session of a pair of tokens.
    ///
    /// # Errors
    /// Returns `Internal` if the system has no entropy.
    pub fn start(access: Token, refresh: Token) -> Result<Self, Problem> {
        let secret = ids::secret().ok_or_else(|| {
            Problem::Internal(Cause::text("the system has no entropy for a session"))
        })?;
        Ok(Self {
            access,
            refresh,
            secret: secret.chars().take(SECRET).collect(),
        })
    }

    /// Returns the session of a visit, if its browser sends the cookie of one.
    pub fn of(visit: &Visit<'_>) -> Option<Self> {
        Self::parse(visit.request().cookie(&cookie_name(visit))?)
    }

    /// Reads the value of a cookie.
    pub fn parse(text: &str) -> Option<Self> {
        let [access, refresh, secret] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let secret = (secret.len() == SECRET && secret.bytes().all(hex)).then(|| secret.to_owned());
        Some(Self {
            access: Token::parse(access).ok()?,
            refresh: Token::parse(refresh).ok()?,
            secret: secret?,
        })
    }

    /// Returns the same session with its next pair of tokens.
    pub fn renewed(&self, pair: TokenPair) -> Self {
        Self {
            access: pair.access,
            refresh: pair.refresh,
            secret: self.secret.clone(),
        }
    }

    /// Has the browser keep the session until it is closed.
    pub fn keep(&self, visit: &Visit<'_>, answer: Answer) -> Answer {
        dialect::with_cookie(answer, cookie(visit, &self.value(), ""))
    }

    /// Returns the value of the cookie, which is a secret.
    pub fn value(&self) -> String {
        let (access, refresh) = (self.access.reveal(), self.refresh.reveal());
        format!("{access}.{refresh}.{}", self.secret)
    }

    /// Returns what each form of the session has to send. Only this deployment can compute it.
    pub fn form_token(&self, visit: &Visit<'_>) -> String {
        hex::encode(visit.key().derive("console form", &self.secret))
    }
}

/// Has the browser forget its session.
pub fn forget(visit: &Visit<'_>, answer: Answer) -> Answer {
    dialect::with_cookie(answer, cookie(visit, "", "; Max-Age=0"))
}

/// Makes the value of `Set-Cookie`. `SameSite=Lax` keeps the cookie from every request that another site causes but
/// links, so that a page's URL can be shared; pages change nothing (`docs/decisions.md`, D-762).
fn cookie(visit: &Visit<'_>, value: &str, end: &str) -> String {
    let name = cookie_name(visit);
    let secure = if is_local(visit) { "" } else { "; Secure" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{end}")
}

/// Returns the name of the cookie. `callbook local` serves over HTTP, where browsers refuse the prefix `__Host-`; two
/// of them on one machine differ in their port, which browsers do not tell cookies apart by.
fn cookie_name(visit: &Visit<'_>) -> String {
    if !is_local(visit) {
        return "__Host-callbook".to_owned();
    }
    let host = visit.request().header("host").unwrap_or_default();
    let port = host.rsplit_once(':').map(|(_, port)| port);
    let port = port.filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    format!("callbook-{}", port.unwrap_or("80"))
}

fn is_local(visit: &Visit<'_>) -> bool {
    visit.demo().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_cookie_is_a_session() {
        let token = "84e2b789-d5f4-4634-98fe-dacc9fe42ba3";
        let secret = "0123456789abcdef0123456789abcdef";
        assert!(Session::parse(&format!("{token}.{token}.{secret}")).is_some());
        for text in [
            String::new(),
            format!("{token}.{token}"),
            format!("{token}.{token}.{secret}0"),
            format!("{token}.{token}.{}", secret.to_uppercase()),
            format!("{token}.nothing.{secret}"),
            format!("{token}.{token}.{secret}.{secret}"),
        ] {
            assert!(Session::parse(&text).is_none(), "{text}");
        }
    }
}
