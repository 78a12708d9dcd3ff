//! What lies in the table, past all functions: every item, by its type.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::model::account::AccountId;
use callbook::model::credential::Credential;
use callbook_local::engine::TABLE;

use crate::World;

/// An item as the table keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored(HashMap<String, AttributeValue>);

impl Stored {
    /// A text attribute, or a number's digits, or a boolean's word; empty where there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
            Some(AttributeValue::Bool(flag)) => flag.to_string(),
            _ => String::new(),
        }
    }

    /// Whether the attribute is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl World {
    /// Every item in the table.
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
        items.into_iter().map(Stored).collect()
    }

    /// Takes an account out of the table, past all functions, and leaves all that it owns.
    pub async fn remove_account(&self, account: &AccountId) {
        let pk = format!("A#{account}");
        let client = self.engine.client();
        let remove = client
            .delete_item()
            .table_name(TABLE)
            .key("pk", AttributeValue::S(pk.clone()))
            .key("sk", AttributeValue::S("ACCOUNT".to_owned()));
        remove.send().await.expect("the account is removed");
        let reason = "the test takes the account out of the table";
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

    /// The one item of a type.
    pub async fn only(&self, kind: &str) -> Stored {
        let mut items = self.items(kind).await;
        assert_eq!(items.len(), 1, "exactly one {kind}");
        items.remove(0)
    }
}
