//! Feedback as it comes in (patterns 14 and 29): its own record, and what was last said about the number.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, key, n, s, text};
use crate::ledger::table::legacy::{Transacted, UpdateWrite};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::feedback::Feedback;
use crate::model::id::CredentialId;
use crate::model::time::Instant;

/// Newer than what is there: what was received later stays.
const NEWER: &str = "(attribute_not_exists(pk) OR received_at <= :now)";

/// Older than what was last said of the number.
const OLDER: &str = "received_at > :now";

/// The name is another response's, or there is none.
const NOT_OURS: &str = "(attribute_not_exists(named_by) OR named_by <> :response)";

/// There is no name that another response gave later.
const NO_LATER_NAME: &str =
    "(attribute_not_exists(named_by) OR named_by = :response OR named_at <= :now)";

/// There is one.
const LATER_NAME: &str = "named_by <> :response AND named_at > :now";

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

/// What becomes of what was last said about the number.
#[derive(Clone, Copy)]
struct Latest {
    /// Whether this is the last that was said; else another piece of feedback was faster, and of this one
    /// the name alone may count.
    newest: bool,
    name: Name,
}

impl Latest {
    /// What `feedback` makes of what nobody has said anything about, as far as is known.
    fn of_new(feedback: &Feedback) -> Self {
        Self {
            newest: true,
            name: match gives_name(feedback) {
                true => Name::Set,
                false => Name::Keep,
            },
        }
    }

    /// What it makes of what was found.
    fn of_found(feedback: &Feedback, found: &Item, now: Instant) -> Self {
        let newest = instant(found, "received_at").is_none_or(|at| at <= now);
        let ours = text(found, "named_by") == Some(feedback.response_id.as_str());
        let later_name = instant(found, "named_at").is_some_and(|at| at > now);
        let name = match gives_name(feedback) {
            true if ours || !later_name => Name::Set,
            false if ours => Name::Remove,
            _ => Name::Keep,
        };
        Self { newest, name }
    }
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
        let mut latest = Latest::of_new(feedback);
        for _ in 0..PLANS {
            let writes = vec![
                self.feedback_write(account, credential, feedback, now)?,
                self.latest_write(account, feedback, latest, now)?,
            ];
            let Transacted::Refused(found) = self.transact(writes).await? else {
                return Ok(());
            };
            for (index, item) in found {
                latest = match (index, item) {
                    // Newer feedback of the same response is there: the newest wins, and this one has
                    // been received.
                    (0, _) => return Ok(()),
                    (_, Some(item)) => Latest::of_found(feedback, &item, now),
                    (_, None) => Latest::of_new(feedback),
                };
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
        let mut write = said(self.update(key(place), &expression, NEWER), feedback)
            .name("#name", "name")
            .value(":v", n(1))
            .value(":now", at(now))
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
        latest: Latest,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let Latest { newest, name } = latest;
        let sets = match newest {
            true => {
                "SET #type = :type, v = :v, phone_status = :status, right_party = :right, \
                 received_at = :now"
            }
            false => "SET v = :v",
        };
        let (change, still) = match name {
            Name::Set => (
                ", #name = :name, named_by = :response, named_at = :now",
                NO_LATER_NAME,
            ),
            Name::Remove => (" REMOVE #name, named_by, named_at", "named_by = :response"),
            Name::Keep if gives_name(feedback) => ("", LATER_NAME),
            Name::Keep => ("", NOT_OURS),
        };
        let age = if newest { NEWER } else { OLDER };
        let place = key(keys::latest(account, feedback.phone.as_e164()));
        let (expression, condition) = (format!("{sets}{change}"), format!("{age} AND {still}"));
        let mut write = self
            .update(place, &expression, &condition)
            .value(":v", n(1))
            .value(":now", at(now))
            .value(":response", s(feedback.response_id.as_str()));
        if newest {
            write = said(write, feedback).value(":type", s("latest_feedback"));
        }
        if name != Name::Keep {
            write = write.name("#name", "name");
        }
        if let (Name::Set, Some(name)) = (name, &feedback.name) {
            write = write.value(":name", s(name.as_str()));
        }
        write.write()
    }
}

/// Whether it has a name with right party contact.
fn gives_name(feedback: &Feedback) -> bool {
    feedback.name.is_some() && feedback.right_party
}

/// What both writes say of feedback that is the newest.
fn said(write: UpdateWrite, feedback: &Feedback) -> UpdateWrite {
    write
        .name("#type", "type")
        .value(":status", s(feedback.status.as_str()))
        .value(":right", AttributeValue::Bool(feedback.right_party))
}
