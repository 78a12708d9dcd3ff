//! Reads the items of the table directly, by type.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::model::account::AccountId;
use callbook::model::credential::Credential;
use callbook::model::property::NumberAssignment;
use callbook::model::time::{Instant, Range};
use callbook_local::engine::TABLE;

use crate::World;

/// An item as stored in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored(HashMap<String, AttributeValue>);

impl Stored {
    /// An attribute as text: a string, the digits of a number or `true` or `false`; empty if it is absent.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
            Some(AttributeValue::Bool(flag)) => flag.to_string(),
            _ => String::new(),
        }
    }

    /// How many values a list has.
    #[must_use]
    pub fn len_of(&self, name: &str) -> usize {
        match self.0.get(name) {
            Some(AttributeValue::L(list)) => list.len(),
            _ => 0,
        }
    }

    /// Whether the item has the attribute.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl World {
    /// Every item in the table, but the notes of refused requests: a test that a refusal changes nothing compares
    /// them all.
    pub async fn all_items(&self) -> Vec<Stored> {
        let client = self.engine.client();
        let items = client
            .scan()
            .table_name(TABLE)
            .into_paginator()
            .items()
            .send();
        let items = items
            .collect::<Result<Vec<_>, _>>()
            .await
            .expect("the table is read");
        let items = items.into_iter().map(Stored);
        items
            .filter(|item| item.text("type") != "refused_request")
            .collect()
    }

    /// Every assignment of an account's numbers, past and present.
    pub async fn assignments(&self, account: &AccountId) -> Vec<NumberAssignment> {
        let always = Range {
            from: Instant::from_millis(0),
            to: Instant::from_millis(i64::MAX),
        };
        let found = self.ledger.assignments_during(account, always).await;
        found.expect("the store answers")
    }

    /// Removes an account directly from the table, without the items that it owns.
    pub async fn remove_account(&self, account: &AccountId) {
        let pk = format!("A#{account}");
        let client = self.engine.client();
        let remove = client
            .delete_item()
            .table_name(TABLE)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S("ACCOUNT".to_owned()));
        remove.send().await.expect("the account is removed");
        let reason = "the test removes the account from the table";
        self.expect_finding("account", (&pk, "ACCOUNT"), reason);
    }

    /// Gives a credential a status that no version of the product knows, past all functions.
    pub async fn break_credential(&self, credential: &Credential) {
        let pk = format!("CRED#{}#{}", credential.kind.as_str(), credential.name);
        let client = self.engine.client();
        let write = client
            .update_item()
            .table_name(TABLE)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S("CRED".to_owned()))
            .update_expression("SET #status = :unknown")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":unknown", AttributeValue::S("unknown".to_owned()));
        write.send().await.expect("the credential is changed");
        let reason = "the test gives the credential an unknown status";
        self.expect_finding("credential-copy", (&pk, "CRED"), reason);
    }

    /// Every item of a type: `cost`, `call`, `lead`, `first_contact`, `feedback`, `once`...
    pub async fn items(&self, kind: &str) -> Vec<Stored> {
        let all = self.all_items().await.into_iter();
        all.filter(|item| item.text("type") == kind).collect()
    }

    /// The only item of a type.
    pub async fn only(&self, kind: &str) -> Stored {
        let mut items = self.items(kind).await;
        assert_eq!(items.len(), 1, "exactly one {kind}");
        items.remove(0)
    }
}
