//! Requests that were refused, as the people of the account see them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::id::CredentialId;
use super::time::Instant;
use super::vendor::VendorId;

/// The most characters of [`RefusedRequest::reason`].
const LONGEST_REASON: usize = 480;

/// Requests of one credential that were refused in the same way within one UTC hour.
///
/// It says what the sender's engineer needs to be told: no value of a parameter, no phone number and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRequest {
    /// The credential that sent them.
    pub credential_id: CredentialId,
    /// What people call that credential.
    pub label: String,
    /// The vendor that the credential belongs to.
    #[serde(default)]
    pub vendor_id: Option<VendorId>,
    /// The dialect in which they were answered.
    pub dialect: String,
    /// The function that refused them.
    pub function: String,
    /// Their method.
    pub method: String,
    /// Their path, with `{}` for each segment that names something.
    pub route: String,
    /// The status of the answer. TrueCNAM answers 200.
    pub status: u16,
    /// The product's own word for the refusal, as the log has it.
    pub error: String,
    /// The vendor's error code in the answer, if its dialect has codes.
    #[serde(default)]
    pub error_code: Option<String>,
    /// The names of the parameters at fault.
    pub fields: Vec<String>,
    /// What was wrong with the latest one, in plain words.
    pub reason: String,
    /// The id of the latest request.
    pub guid: String,
    /// How many there were at least.
    #[serde(rename = "times")]
    pub count: u64,
    /// When the first of them arrived.
    pub first_at: Instant,
    /// When the latest of them arrived.
    pub last_at: Instant,
}

impl RefusedRequest {
    /// The same refusal, with a reason that is short enough to be kept.
    #[must_use]
    pub fn shortened(mut self) -> Self {
        if let Some((end, _)) = self.reason.char_indices().nth(LONGEST_REASON) {
            self.reason.truncate(end);
            self.reason.push('…');
        }
        self
    }

    /// Returns what tells one way of being refused from another: 16 hex digits.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut hash = Sha256::new();
        let status = self.status.to_string();
        let code = self.error_code.as_deref().unwrap_or_default();
        let said = [
            &self.dialect,
            &self.function,
            &self.method,
            &self.route,
            &status,
            &self.error,
            code,
        ];
        let fields = self.fields.iter().map(String::as_str);
        for text in said.into_iter().chain(fields) {
            hash.update(text);
            hash.update([0]);
        }
        let hash = hex::encode(hash.finalize());
        hash.chars().take(16).collect()
    }

    /// Makes the entry that counts the requests of a credential that was refused in too many ways to tell apart.
    #[must_use]
    pub fn among_others(self, ways: usize) -> Self {
        Self {
            function: "*".to_owned(),
            method: "*".to_owned(),
            route: "*".to_owned(),
            error: "others".to_owned(),
            error_code: None,
            fields: Vec::new(),
            reason: format!(
                "requests were refused in more than {ways} different ways within this hour; these are the others, \
                 and the log has each of them"
            ),
            status: 0,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> RefusedRequest {
        RefusedRequest {
            credential_id: CredentialId::parse("cred_0123456789abcdef").unwrap(),
            label: "Acme".to_owned(),
            vendor_id: None,
            dialect: "tld".to_owned(),
            function: "inbound-billable".to_owned(),
            method: "POST".to_owned(),
            route: "/api/ingress/calls/inbound/billable".to_owned(),
            status: 400,
            error: "invalid_fields".to_owned(),
            error_code: None,
            fields: vec!["cost".to_owned()],
            reason: "cost: missing".to_owned(),
            guid: "84e2b789-d5f4-4634-98fe-dacc9fe42ba3".to_owned(),
            count: 1,
            first_at: Instant::from_millis(0),
            last_at: Instant::from_millis(0),
        }
    }

    #[test]
    fn a_signature_is_of_the_way_and_not_of_the_moment() {
        let first = refused();
        let again = RefusedRequest {
            reason: "cost: expected an amount".to_owned(),
            guid: "other".to_owned(),
            count: 7,
            last_at: Instant::from_millis(9),
            ..refused()
        };
        assert_eq!(first.signature(), again.signature());
        assert_eq!(first.signature().len(), 16);
        for other in [
            RefusedRequest {
                status: 401,
                ..refused()
            },
            RefusedRequest {
                fields: vec!["did".to_owned()],
                ..refused()
            },
            RefusedRequest {
                fields: Vec::new(),
                ..refused()
            },
            RefusedRequest {
                error_code: Some("cost".to_owned()),
                fields: Vec::new(),
                ..refused()
            },
            RefusedRequest {
                method: "GET".to_owned(),
                ..refused()
            },
            refused().among_others(20),
        ] {
            assert_ne!(first.signature(), other.signature(), "{other:?}");
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_two_characters() {
        let long = RefusedRequest {
            reason: "é".repeat(LONGEST_REASON + 1),
            ..refused()
        };
        assert_eq!(long.shortened().reason.chars().count(), LONGEST_REASON + 1);
        let short = RefusedRequest {
            reason: "é".repeat(LONGEST_REASON),
            ..refused()
        };
        assert_eq!(short.clone().shortened(), short);
    }
}
