//! Feedback (patterns 14 and 29): its own record, and the latest feedback about the number with the sums of
//! all feedback about it.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::contacts::feedback_sums::{CellChanges, Counted, day_of, gap_before, is_summed};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, s, text};
use crate::ledger::table::retry::{Retry, Start};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction, Write};
use crate::model::account::AccountId;
use crate::model::feedback::Feedback;
use crate::model::id::CredentialId;
use crate::model::text::PersonName;
use crate::model::time::Instant;

/// There is no feedback that was received later, and what there is was counted lately.
const NEWER: &str = "(attribute_not_exists(pk) OR \
                     (received_at BETWEEN :gap AND :now AND attribute_exists(summed)))";

/// There is feedback that was received later.
const OLDER: &str = "(received_at > :now AND attribute_exists(summed))";

/// The feedback about the number is what was read, and its sums are.
const AS_READ: &str = "(received_at = :read AND attribute_exists(summed))";

/// The feedback about the number is what was read, and it has no sums.
const WITHOUT_SUMS: &str = "(received_at = :read AND attribute_not_exists(summed))";

/// The response is new.
const NEW_RESPONSE: &str = "attribute_not_exists(pk)";

/// The earlier feedback of the response is what was read.
const REPLACED: &str =
    "received_at = :replaced AND phone_status = :was_status AND right_party = :was_right";

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
        let own_key = keys::feedback(account, &feedback.phone, &feedback.response_id);
        let mut before: Option<Item> = None;
        let mut found: Option<Item> = None;
        let mut retry = Retry::planning("the feedback about this number").within(self.patience);
        loop {
            if retry.next().await? == Start::AfterPause {
                let latest = keys::latest_feedback(account, feedback.phone.as_e164());
                (before, found) =
                    futures_util::try_join!(self.get(own_key.clone()), self.get(latest))?;
            }
            if before
                .as_ref()
                .is_some_and(|before| stays(before, feedback, now))
            {
                return Ok(());
            }
            let latest = Latest::of(feedback, found.as_ref(), now);
            let sums = self
                .sums(account, feedback, before.as_ref(), found.as_ref(), now)
                .await?;
            let mut transaction = Transaction::new();
            let replaced = before.as_ref();
            update_feedback(
                &mut transaction,
                account,
                credential,
                feedback,
                replaced,
                now,
            );
            update_latest(&mut transaction, account, feedback, latest, sums, now);
            let Committed::Refused(mut refusals) = self.commit_plan(transaction, &retry).await?
            else {
                return Ok(());
            };
            if refusals.contains(Tag::Feedback) {
                before = refusals.take(Tag::Feedback);
            }
            if refusals.contains(Tag::LatestFeedback) {
                found = refusals.take(Tag::LatestFeedback);
            }
        }
    }

    /// What becomes of the sums of a number whose latest feedback is `found`, if feedback replaces `before`.
    async fn sums(
        &self,
        account: &AccountId,
        feedback: &Feedback,
        before: Option<&Item>,
        found: Option<&Item>,
        now: Instant,
    ) -> Result<Sums, StoreError> {
        let new = Counted::new(feedback.status, feedback.right_party, now);
        let old = before.and_then(Counted::of);
        let newest = latest_at(found).is_none_or(|at| at <= now);
        let Some(found) = found else {
            return Ok(Sums::add(new, old, newest));
        };
        let Some(read) = latest_at(Some(found)) else {
            return Ok(Sums::add(new, old, newest));
        };
        if !is_summed(found) {
            let mut all = vec![new];
            let partition = keys::contact_partition(account, &feedback.phone);
            let query = self.query(partition).prefix(keys::FEEDBACK);
            query
                .each(|item| {
                    let own = text(&item, "response_id") == Some(feedback.response_id.as_str());
                    all.extend(Counted::of(&item).filter(|_| !own));
                    Ok(())
                })
                .await?;
            return Ok(Sums {
                cells: CellChanges::counting(all, day_of(now.max(read))),
                condition: WITHOUT_SUMS,
                read: Some(read),
            });
        }
        if newest && read < gap_before(now) {
            return Ok(Sums {
                cells: CellChanges::restarting(new, old, day_of(read)),
                condition: AS_READ,
                read: Some(read),
            });
        }
        Ok(Sums::add(new, old, newest))
    }
}

/// When the latest feedback was received.
fn latest_at(found: Option<&Item>) -> Option<Instant> {
    instant(found?, "received_at")
}

/// What becomes of the sums, and the condition under which it is right.
struct Sums {
    cells: CellChanges,
    condition: &'static str,
    /// When the latest feedback was received, where the condition asks for it.
    read: Option<Instant>,
}

impl Sums {
    fn add(new: Counted, old: Option<Counted>, newest: bool) -> Self {
        Self {
            cells: CellChanges::adding(new, old, newest),
            condition: if newest { NEWER } else { OLDER },
            read: None,
        }
    }
}

/// Whether the recorded feedback of a response stays as it is: it was received later, or it says the same and
/// was received at the same moment, as by an earlier try of the same request.
fn stays(recorded: &Item, feedback: &Feedback, now: Instant) -> bool {
    let received = instant(recorded, "received_at");
    let right_party = recorded
        .get("right_party")
        .and_then(|right| right.as_bool().ok().copied());
    let name = feedback.name.as_ref().map(PersonName::as_str);
    let same = text(recorded, "phone_status") == Some(feedback.status.as_str())
        && right_party == Some(feedback.right_party)
        && text(recorded, "name") == name;
    received > Some(now) || (received == Some(now) && same)
}

fn update_feedback(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    credential: &CredentialId,
    feedback: &Feedback,
    replaced: Option<&Item>,
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
    let write = transaction.update(Tag::Feedback, key, expression, NEW_RESPONSE);
    if let Some(replaced) = replaced {
        let was = |name: &str| replaced.get(name).cloned();
        write.only_if(REPLACED);
        for (value, name) in [
            (":replaced", "received_at"),
            (":was_status", "phone_status"),
            (":was_right", "right_party"),
        ] {
            if let Some(was) = was(name) {
                write.value(value, was);
            }
        }
    }
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
    sums: Sums,
    now: Instant,
) {
    let Latest { newest, name } = latest;
    let mut sets = vec!["v = :v".to_owned(), "summed = :summed".to_owned()];
    if newest {
        sets.extend(
            [
                "#type = :type",
                "phone_status = :status",
                "right_party = :right",
                "received_at = :now",
            ]
            .map(str::to_owned),
        );
    }
    let mut removes = sums.cells.removes;
    let still = match name {
        Name::Set => {
            sets.extend(
                ["#name = :name", "named_by = :response", "named_at = :now"].map(str::to_owned),
            );
            NO_LATER_NAME
        }
        Name::Remove => {
            removes.extend(["#name", "named_by", "named_at"].map(str::to_owned));
            "named_by = :response"
        }
        Name::Keep if gives_name(feedback) => LATER_NAME,
        Name::Keep => NOT_OURS,
    };
    sets.extend(sums.cells.sets);
    let mut expression = format!("SET {}", sets.join(", "));
    for (clause, parts) in [("ADD", sums.cells.adds), ("REMOVE", removes)] {
        if !parts.is_empty() {
            expression.push_str(&format!(" {clause} {}", parts.join(", ")));
        }
    }
    let condition = format!("{} AND {still}", sums.condition);
    let key = keys::latest_feedback(account, feedback.phone.as_e164());
    let write = transaction
        .update(Tag::LatestFeedback, key, expression, condition)
        .value(":v", n(1))
        .value(":now", at(now))
        .value(":summed", AttributeValue::Bool(true))
        .value(":response", s(feedback.response_id.as_str()));
    if sums.condition == NEWER {
        write.value(":gap", at(gap_before(now)));
    }
    if let Some(read) = sums.read {
        write.value(":read", at(read));
    }
    for (value, count) in sums.cells.values {
        write.value(value, count);
    }
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
