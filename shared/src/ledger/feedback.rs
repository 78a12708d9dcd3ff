//! Feedback as it comes in (patterns 14 and 29): its own record, and what was last said about the number.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use super::item::{Item, at, instant, key, n, s, text};
use super::transact::{Transacted, UpdateWrite};
use super::{Ledger, StoreError, keys};
use crate::model::account::AccountId;
use crate::model::feedback::Feedback;
use crate::model::id::CredentialId;
use crate::model::time::Instant;

/// Newer than what is there: what was received later stays.
const NEWER: &str = "(attribute_not_exists(pk) OR received_at <= :now)";

/// What becomes of the name that the number is known by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// It is the one that came with this feedback.
    Set,
    /// It is another response's, and stays.
    Keep,
    /// It came from this very response, which now takes it back.
    Remove,
}

/// How often the plan is made anew after what was found.
const PLANS: u32 = 4;

impl Ledger {
    /// Keeps a piece of feedback; the same response and number again replaces the earlier one, and of
    /// two that cross on the way the one received later stays.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_feedback(
        &self,
        account: &AccountId,
        credential: &CredentialId,
        feedback: &Feedback,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut name = match (&feedback.name, feedback.right_party) {
            (Some(_), true) => Name::Set,
            _ => Name::Keep,
        };
        let mut newest = true;
        for _ in 0..PLANS {
            let mut writes = vec![self.feedback_write(account, credential, feedback, now)?];
            if newest {
                writes.push(self.latest_write(account, feedback, name, now)?);
            }
            let Transacted::Refused(found) = self.transact(writes).await? else {
                return Ok(());
            };
            for (index, item) in found {
                match (index, item) {
                    // Newer feedback of the same response is there: the newest wins, and this one has
                    // been received.
                    (0, _) => return Ok(()),
                    (_, Some(item)) if instant(&item, "received_at").is_some_and(|at| at > now) => {
                        newest = false;
                    }
                    (_, Some(item)) if named_by(&item, feedback) => name = Name::Remove,
                    (_, _) => name = Name::Keep,
                }
            }
        }
        Err(StoreError::Unavailable(
            "what is known of the number kept changing".to_owned(),
        ))
    }

    fn feedback_write(
        &self,
        account: &AccountId,
        credential: &CredentialId,
        feedback: &Feedback,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let place = keys::feedback(account, &feedback.phone, &feedback.response_id);
        let name = if feedback.name.is_some() {
            ", #name = :name"
        } else {
            " REMOVE #name"
        };
        let expression = format!(
            "SET #type = :type, v = :v, response_id = :response, phone = :phone, \
             phone_status = :status, right_party = :right, credential_id = :credential, \
             received_at = :now, \
             first_received_at = if_not_exists(first_received_at, :now){name}"
        );
        let mut write = said(self.update(key(place), &expression, NEWER), feedback, now)
            .name("#name", "name")
            .value(":type", s("feedback"))
            .value(":response", s(feedback.response_id.as_str()))
            .value(":phone", s(feedback.phone.as_e164()))
            .value(":credential", s(credential.as_str()));
        if let Some(name) = &feedback.name {
            write = write.value(":name", s(name.as_str()));
        }
        write.write()
    }

    fn latest_write(
        &self,
        account: &AccountId,
        feedback: &Feedback,
        name: Name,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        const SAID: &str = "SET #type = :type, v = :v, phone_status = :status, \
                            right_party = :right, received_at = :now";
        let place = key(keys::latest(account, feedback.phone.as_e164()));
        let response = s(feedback.response_id.as_str());
        let write = match (name, &feedback.name) {
            (Name::Set, Some(text)) => {
                let expression = format!("{SAID}, #name = :name, named_by = :response");
                self.update(place, &expression, NEWER)
                    .name("#name", "name")
                    .value(":name", s(text.as_str()))
                    .value(":response", response)
            }
            (Name::Remove, _) => {
                let condition = format!("{NEWER} AND named_by = :response");
                self.update(place, &format!("{SAID} REMOVE #name, named_by"), &condition)
                    .name("#name", "name")
                    .value(":response", response)
            }
            _ => {
                let condition = format!(
                    "{NEWER} AND (attribute_not_exists(named_by) OR named_by <> :response)"
                );
                self.update(place, SAID, &condition)
                    .value(":response", response)
            }
        };
        said(write, feedback, now)
            .value(":type", s("latest_feedback"))
            .write()
    }
}

/// What both writes say.
fn said(write: UpdateWrite, feedback: &Feedback, now: Instant) -> UpdateWrite {
    write
        .name("#type", "type")
        .value(":v", n(1))
        .value(":status", s(feedback.status.as_str()))
        .value(":right", AttributeValue::Bool(feedback.right_party))
        .value(":now", at(now))
}

fn named_by(item: &Item, feedback: &Feedback) -> bool {
    text(item, "named_by") == Some(feedback.response_id.as_str())
}
