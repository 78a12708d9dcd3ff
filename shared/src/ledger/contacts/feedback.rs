//! Feedback (patterns 14 and 29): its own record, and the latest feedback about the number with the sums of
//! all feedback about it.

use crate::ledger::contacts::feedback_sums::{CellChanges, Counted, day_of, gap_before, is_summed};
use crate::ledger::contacts::latest::{
    AS_READ, Latest, Sums, Tag, WITHOUT_SUMS, feedback_values, latest_at, update_latest,
};
use crate::ledger::keys;
use crate::ledger::table::end::{END, has_ended};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, s, text};
use crate::ledger::table::retry::{Retry, Start};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::credential::Credential;
use crate::model::feedback::Feedback;
use crate::model::text::PersonName;
use crate::model::time::Instant;

/// The response is new.
const NEW_RESPONSE: &str = "attribute_not_exists(pk)";

/// The earlier feedback of the response is what was read.
const REPLACED: &str =
    "received_at = :replaced AND phone_status = :was_status AND right_party = :was_right";

impl Ledger {
    /// Records a piece of feedback. It replaces earlier feedback of the same response about the same number;
    /// if later feedback of that response is there, that stays and nothing is written.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] if nothing was written, and [`StoreError::Unavailable`] if that is not
    /// known. In both cases the request may be sent again.
    pub async fn record_feedback(
        &self,
        credential: &Credential,
        feedback: &Feedback,
        now: Instant,
    ) -> Result<(), StoreError> {
        let account = &credential.account;
        let own_key = keys::feedback(account, &feedback.phone, &feedback.response_id);
        let mut before: Option<Item> = None;
        let mut found: Option<Item> = None;
        let mut retry = Retry::planning("the feedback about this number").within(self.patience);
        loop {
            if retry.next().await? == Start::AfterPause {
                let latest = keys::latest_feedback(account, feedback.phone.as_e164());
                (before, found) = futures_util::try_join!(
                    self.get_even_ended(own_key.clone()),
                    self.get_even_ended(latest)
                )?;
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
            update_feedback(&mut transaction, credential, feedback, before.as_ref(), now);
            update_latest(&mut transaction, credential, feedback, latest, sums, now);
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
    credential: &Credential,
    feedback: &Feedback,
    replaced: Option<&Item>,
    now: Instant,
) {
    let key = keys::feedback(&credential.account, &feedback.phone, &feedback.response_id);
    let first = match replaced.is_some_and(|replaced| has_ended(replaced, now)) {
        true => ":now",
        false => "if_not_exists(first_received_at, :now)",
    };
    let mut sets = format!(
        "SET #type = :type, v = :v, response_id = :response, phone = :phone, \
         phone_status = :status, right_party = :right, credential_id = :credential, \
         received_at = :now, first_received_at = {first}"
    );
    let mut removes = Vec::new();
    let end = credential.feedback_kept.end(now);
    match feedback.name {
        Some(_) => sets.push_str(", #name = :name"),
        None => removes.push("#name"),
    }
    match end {
        Some(_) => sets.push_str(", expires_at = :end"),
        None => removes.push(END),
    }
    let expression = match removes.is_empty() {
        true => sets,
        false => format!("{sets} REMOVE {}", removes.join(", ")),
    };
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
        .value(":credential", s(credential.id.as_str()))
        .values(end.map(|end| (":end", n(end))));
    if let Some(name) = &feedback.name {
        write.value(":name", s(name.as_str()));
    }
}
