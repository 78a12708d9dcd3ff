//! What comes back from a receiver.

use std::time::Duration;

use crate::model::time::Instant;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The beginning of its body.
    pub beginning: Vec<u8>,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has taken the delivery.
    Taken,
    /// The receiver wants no deliveries any more.
    Gone,
    /// It has not taken the delivery.
    Refused,
    /// It names another place. Redirects are not followed: that place was not checked, and is not the customer's
    /// word.
    Redirected,
}

impl Received {
    /// Returns what the answer says.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.status {
            200..=299 => Verdict::Taken,
            300..=399 => Verdict::Redirected,
            410 => Verdict::Gone,
            _ => Verdict::Refused,
        }
    }

    /// Returns how long the receiver asks to wait from `now` on, in seconds or until a date. A date that is past
    /// asks for nothing.
    #[must_use]
    pub fn asked_pause(&self, now: Instant) -> Option<Duration> {
        let asked = self.retry_after.as_ref()?.trim();
        if let Ok(seconds) = asked.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = Instant::parse_http_date(asked)?;
        let millis = u64::try_from(until.millis().saturating_sub(now.millis())).ok()?;
        Some(Duration::from_millis(millis))
    }
}

/// Why there is no answer. No text of the receiver's is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// The URL cannot be requested.
    #[error("the URL cannot be requested")]
    Url,
    /// The host has no address.
    #[error("the host cannot be resolved")]
    Unresolved,
    /// The host has an address that deliveries are not sent to.
    #[error("the host resolves to a private, local or reserved address")]
    Address,
    /// No connection.
    #[error("no connection")]
    NoConnection,
    /// The connection is not secure: the certificate is wrong, unknown or out of date.
    #[error("no secure connection: {0}")]
    Insecure(String),
    /// No answer in time.
    #[error("no answer within {0} seconds")]
    TimedOut(u64),
    /// The connection ended before the answer did, or what came is no HTTP.
    #[error("the connection broke before an answer came")]
    Broken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_asks_for_time_in_seconds_or_until_a_date() {
        let now = Instant::from_millis(784_111_770_500);
        for (header, pause) in [
            (Some("120"), Some(120_000)),
            (Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(6_500)),
            (Some("Sun, 06 Nov 1994 08:49:30 GMT"), None),
            (Some("-1"), None),
            (Some("soon"), None),
            (None, None),
        ] {
            let received = Received {
                status: 503,
                retry_after: header.map(str::to_owned),
                beginning: Vec::new(),
            };
            let pause = pause.map(Duration::from_millis);
            assert_eq!(received.asked_pause(now), pause, "{header:?}");
        }
    }
}
