//! The answer to a look-up of a credential that does not exist, which takes as long as any other.
//!
//! The item of a credential is read from JSON, decoded, and its hash is compared. If all that were done for
//! existing names only, the time of a refusal would tell which names exist. So an unknown name does the same
//! work with the item of a decoy.

use std::sync::OnceLock;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, stored};
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, NewCredential};
use crate::model::id::CredentialId;
use crate::model::time::Instant;

/// A credential that was looked up by its name.
#[derive(Debug)]
pub struct FoundCredential {
    /// The credential, or a decoy.
    pub credential: Credential,
    /// Whether it exists. A decoy authenticates nobody.
    pub exists: bool,
}

/// How many letters a decoy's label has.
const LABEL: &str = "call platform";

/// Decodes the item of a credential, or that of a decoy if there is none.
pub(super) fn decoded(
    kind: CredentialKind,
    item: Option<Item>,
) -> Result<FoundCredential, StoreError> {
    let exists = item.is_some();
    let item = match item {
        Some(item) => item,
        None => item_of(text(kind)),
    };
    Ok(FoundCredential {
        credential: read(item)?,
        exists,
    })
}

/// The JSON of a decoy's item, as DynamoDB writes it. It is made once in a process.
fn text(kind: CredentialKind) -> &'static str {
    static TEXTS: [OnceLock<String>; CredentialKind::ALL.len()] =
        [const { OnceLock::new() }; CredentialKind::ALL.len()];
    let place = CredentialKind::ALL.into_iter().position(|one| one == kind);
    let text = place.and_then(|place| TEXTS.get(place));
    text.map_or("{}", |text| text.get_or_init(|| written(kind)))
}

fn written(kind: CredentialKind) -> String {
    let mut new = NewCredential::of(kind, AccountId::from_number(10_000_000));
    LABEL.clone_into(&mut new.label);
    let name = "0".repeat(16);
    let (credential, _secret) = new.issue(
        CredentialId::from_bytes([0; 8]),
        name,
        String::new(),
        Instant::from_millis(1_800_000_000_000),
    );
    let key = keys::credential(kind, &credential.name);
    stored(key, "credential", &credential)
        .map(|item| json_of(&item).to_string())
        .unwrap_or_default()
}

fn json_of(item: &Item) -> Value {
    let attributes = item.iter();
    let attributes = attributes.map(|(name, value)| (name.clone(), json_of_value(value)));
    Value::Object(attributes.collect())
}

fn json_of_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(digits) => json!({"N": digits}),
        AttributeValue::Bool(flag) => json!({"BOOL": flag}),
        AttributeValue::L(values) => {
            json!({"L": values.iter().map(json_of_value).collect::<Vec<_>>()})
        }
        AttributeValue::M(item) => json!({"M": json_of(item)}),
        _ => json!({"NULL": true}),
    }
}

fn item_of(text: &str) -> Item {
    let attributes: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let attributes = attributes.into_iter();
    attributes
        .map(|(name, value)| (name, value_of(value)))
        .collect()
}

fn value_of(value: Value) -> AttributeValue {
    let Value::Object(members) = value else {
        return AttributeValue::Null(true);
    };
    match members.into_iter().next() {
        Some((kind, Value::String(text))) if kind == "S" => AttributeValue::S(text),
        Some((_, Value::String(digits))) => AttributeValue::N(digits),
        Some((kind, Value::Bool(flag))) if kind == "BOOL" => AttributeValue::Bool(flag),
        Some((_, Value::Array(values))) => {
            AttributeValue::L(values.into_iter().map(value_of).collect())
        }
        Some((_, Value::Object(item))) => AttributeValue::M(
            item.into_iter()
                .map(|(name, value)| (name, value_of(value)))
                .collect(),
        ),
        _ => AttributeValue::Null(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::credential::{ChosenSecret, NewSecret, Salt, SecretHash, StoredSecret};

    const SECRET: &str = "secret-of-a-client";

    fn generated(_: CredentialKind) -> NewSecret {
        NewSecret::Generated(SECRET.to_owned())
    }

    fn chosen(kind: CredentialKind) -> NewSecret {
        let secret = ChosenSecret::parse(kind, None, SECRET).unwrap();
        let hash = secret.hash(kind, NAME, Salt::from_bytes([7; Salt::BYTES]));
        NewSecret::Chosen(secret, hash.unwrap())
    }

    const NAME: &str = "0123456789abcdef";

    /// An item as long as those of credentials that commands make.
    fn typical(kind: CredentialKind, secret: NewSecret) -> Item {
        let mut new = NewCredential::of(kind, AccountId::from_number(32_396_530));
        new.label = "a platform ab".to_owned();
        let (credential, _secret) = new.issue_with(
            CredentialId::from_bytes([7; 8]),
            NAME.to_owned(),
            secret,
            Instant::from_millis(1_795_262_400_000),
        );
        stored(
            keys::credential(kind, &credential.name),
            "credential",
            &credential,
        )
        .unwrap()
    }

    #[test]
    fn an_unknown_name_reads_as_many_bytes_and_attributes_as_a_known_one() {
        let presented = SecretHash::of(SECRET);
        for kind in CredentialKind::ALL {
            for secret in [generated(kind), chosen(kind)] {
                let fast = matches!(secret, NewSecret::Generated(_));
                let item = typical(kind, secret);
                let decoy = text(kind);
                assert_eq!(decoy.len(), json_of(&item).to_string().len(), "{kind:?}");
                let read = item_of(decoy);
                assert_eq!(read.len(), item.len(), "{kind:?}");
                for (name, value) in &item {
                    let name = match name.as_str() {
                        "secret_argon2" => "secret_sha256",
                        name => name,
                    };
                    let same = std::mem::discriminant(value) == std::mem::discriminant(&read[name]);
                    assert!(same, "{kind:?} {name}");
                }
                let known = decoded(kind, Some(item)).unwrap();
                let unknown = decoded(kind, None).unwrap();
                assert!(known.exists && !unknown.exists, "{kind:?}");
                assert_eq!(known.credential.kind, unknown.credential.kind);
                assert_eq!(known.credential.secret.is_fast(&presented), fast);
                assert!(!unknown.credential.secret.is_fast(&presented));
                let slow = matches!(known.credential.secret, StoredSecret::Slow(_));
                assert_eq!(slow, !fast);
            }
        }
    }
}
