//! Feedback (patterns 14 and 29): its own record, and the latest feedback about the number.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, s, text};
use crate::ledger::table::retry::{Retry, Start};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction, Write};
use crate::model::account::AccountId;
use crate::model::feedback::Feedback;
use crate::model::id::CredentialId;
use crate::model::time::Instant;

/// There is no feedback that was received later.
const NEWER: &str = "(attribute_not_exists(pk) OR received_at <= :now)";

/// There is feedback that was received later.
const OLDER: &str = "received_at > :now";

/// The name was given by another response, or there is none.
const NOT_OURS: &str = "(attribute_not_exists(named_by) OR named_by <> :response)";

/// No other response gave a name later.
const NO_LATER_NAME: &str =
    "(attribute_not_exists(named_by) OR named_by = :response OR named_at <= :now)";

/// Another response gave a name later.
const LATER_NAME: &str = "named_by <> :response AND named_at > :now";

/// What becomes of the name in the latest feedback.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// It is the name in this feedback.
    Set,
    /// It stays, because another response gave it.
    Keep,
    /// It is removed, because the response that gave it takes it back.
    Remove,
}

/// What a piece of feedback makes of the latest feedback about its number.
#[derive(Clone, Copy)]
struct Latest {
    /// Whether it is the latest. If not, its name may still be the latest name.
    newest: bool,
    name: Name,
}

impl Latest {
    /// For a number whose latest feedback is `found`.
    fn of(feedback: &Feedback, found: Option<&Item>, now: Instant) -> Self {
        match found {
            Some(found) => Self::of_found(feedback, found, now),
            None => Self::of_new(feedback),
        }
    }

    /// For a number without any feedback, as far as is known.
    fn of_new(feedback: &Feedback) -> Self {
        Self {
            newest: true,
            name: match gives_name(feedback) {
                true => Name::Set,
                false => Name::Keep,
            },
        }
    }

    /// For a number whose latest feedback was found to be `found`.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Feedback,
    LatestFeedback,
}

impl Ledger {
    /// Records a piece of feedback. It replaces earlier feedback of the same response about the same number;
    /// if later feedback of that response is there, that stays and nothing is written.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] if nothing was written, and [`StoreError::Unavailable`] if that is not
    /// known. In both cases the request may be sent again.
    pub async fn record_feedback(
        &self,
        account: &AccountId,
        credential: &CredentialId,
        feedback: &Feedback,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut latest = Latest::of_new(feedback);
        let mut retry = Retry::planning("the feedback about this number").within(self.patience);
        loop {
            if retry.next().await? == Start::AfterPause {
                let found = self.get(keys::latest_feedback(account, feedback.phone.as_e164()));
                latest = Latest::of(feedback, found.await?.as_ref(), now);
            }
            let mut transaction = Transaction::new();
            update_feedback(&mut transaction, account, credential, feedback, now);
            update_latest(&mut transaction, account, feedback, latest, now);
            let Committed::Refused(refusals) = self.commit_plan(transaction, &retry).await? else {
                return Ok(());
            };
            if refusals.contains(Tag::Feedback) {
                return Ok(());
            }
            if refusals.contains(Tag::LatestFeedback) {
                latest = Latest::of(feedback, refusals.item(Tag::LatestFeedback), now);
            }
        }
    }
}

fn update_feedback(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    credential: &CredentialId,
    feedback: &Feedback,
    now: Instant,
) {
    let key = keys::feedback(account, &feedback.phone, &feedback.response_id);
    let name = match feedback.name {
        Some(_) => ", #name = :name",
        None => " REMOVE #name",
    };
    let expression = format!(
        "SET #type = :type, v = :v, response_id = :response, phone = :phone, \
         phone_status = :status, right_party = :right, credential_id = :credential, \
         received_at = :now, \
         first_received_at = if_not_exists(first_received_at, :now){name}"
    );
    let write = transaction.update(Tag::Feedback, key, expression, NEWER);
    feedback_values(write, feedback)
        .name("#name", "name")
        .value(":v", n(1))
        .value(":now", at(now))
        .value(":type", s("feedback"))
        .value(":response", s(feedback.response_id.as_str()))
        .value(":phone", s(feedback.phone.as_e164()))
        .value(":credential", s(credential.as_str()));
    if let Some(name) = &feedback.name {
        write.value(":name", s(name.as_str()));
    }
}

fn update_latest(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    feedback: &Feedback,
    latest: Latest,
    now: Instant,
) {
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
    let key = keys::latest_feedback(account, feedback.phone.as_e164());
    let (expression, condition) = (format!("{sets}{change}"), format!("{age} AND {still}"));
    let write = transaction
        .update(Tag::LatestFeedback, key, expression, condition)
        .value(":v", n(1))
        .value(":now", at(now))
        .value(":response", s(feedback.response_id.as_str()));
    if newest {
        feedback_values(write, feedback).value(":type", s("latest_feedback"));
    }
    if name != Name::Keep {
        write.name("#name", "name");
    }
    if let (Name::Set, Some(name)) = (name, &feedback.name) {
        write.value(":name", s(name.as_str()));
    }
}

/// Whether the feedback names the person that was reached.
fn gives_name(feedback: &Feedback) -> bool {
    feedback.name.is_some() && feedback.right_party
}

/// Adds the values that both writes set.
fn feedback_values<'a>(write: &'a mut Write, feedback: &Feedback) -> &'a mut Write {
    write
        .name("#type", "type")
        .value(":status", s(feedback.status.as_str()))
        .value(":right", AttributeValue::Bool(feedback.right_party))
}
