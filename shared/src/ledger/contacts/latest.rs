//! The latest feedback about a number (pattern 29), with the name that was given last.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::contacts::feedback_sums::{CellChanges, Counted, gap_before};
use crate::ledger::keys;
use crate::ledger::table::end::{END, has_ended};
use crate::ledger::table::item::{Item, at, instant, n, s, text};
use crate::ledger::table::transaction::{Transaction, Write};
use crate::model::credential::Credential;
use crate::model::feedback::Feedback;
use crate::model::time::Instant;

/// There is no feedback that was received later, and what there is was counted lately.
const NEWER: &str = "(attribute_not_exists(pk) OR \
                     (received_at BETWEEN :gap AND :now AND attribute_exists(summed)))";

/// There is feedback that was received later.
const OLDER: &str = "(received_at > :now AND attribute_exists(summed))";

/// The feedback about the number is what was read, and its sums are.
pub(super) const AS_READ: &str = "(received_at = :read AND attribute_exists(summed))";

/// The feedback about the number is what was read, and it has no sums.
pub(super) const WITHOUT_SUMS: &str = "(received_at = :read AND attribute_not_exists(summed))";

/// The name was given by another response, or there is none.
const NOT_OURS: &str = "(attribute_not_exists(named_by) OR named_by <> :response)";

/// No other response gave a name later.
const NO_LATER_NAME: &str =
    "(attribute_not_exists(named_by) OR named_by = :response OR named_at <= :now)";

/// Another response gave a name later.
const LATER_NAME: &str = "named_by <> :response AND named_at > :now";

/// What was known of the number has ended, and is not deleted yet.
const ENDED: &str = "expires_at <= :now_seconds";

/// The writes of a piece of feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Feedback,
    LatestFeedback,
}

/// What becomes of the name in the latest feedback.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// It is the name in this feedback.
    Set,
    /// It stays, because another response gave it.
    Keep,
    /// It is removed, because the response that gave it takes it back.
    Remove,
    /// It is removed with all else that was known of the number, because that has ended.
    Forget,
}

/// What a piece of feedback makes of the latest feedback about its number.
#[derive(Clone, Copy)]
pub(super) struct Latest {
    /// Whether it is the latest. If not, its name may still be the latest name.
    newest: bool,
    name: Name,
}

impl Latest {
    /// For a number whose latest feedback is `found`.
    pub(super) fn of(feedback: &Feedback, found: Option<&Item>, now: Instant) -> Self {
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
        if has_ended(found, now) {
            let name = match gives_name(feedback) {
                true => Name::Set,
                false => Name::Forget,
            };
            return Self { newest: true, name };
        }
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

/// When the latest feedback was received.
pub(super) fn latest_at(found: Option<&Item>) -> Option<Instant> {
    instant(found?, "received_at")
}

/// What becomes of the sums, and the condition under which it is right.
pub(super) struct Sums {
    pub(super) cells: CellChanges,
    pub(super) condition: &'static str,
    /// When the latest feedback was received, where the condition asks for it.
    pub(super) read: Option<Instant>,
}

impl Sums {
    pub(super) fn add(new: Counted, old: Option<Counted>, newest: bool) -> Self {
        Self {
            cells: CellChanges::adding(new, old, newest),
            condition: if newest { NEWER } else { OLDER },
            read: None,
        }
    }
}

/// Adds the write of the latest feedback about a number.
pub(super) fn update_latest(
    transaction: &mut Transaction<Tag>,
    credential: &Credential,
    feedback: &Feedback,
    latest: Latest,
    sums: Sums,
    now: Instant,
) {
    let Latest { newest, name } = latest;
    let mut sets = vec!["v = :v".to_owned(), "summed = :summed".to_owned()];
    let mut removes = sums.cells.removes;
    let end = credential.feedback_kept.end(now).filter(|_| newest);
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
        match end {
            Some(_) => sets.push(format!("{END} = :end")),
            None => removes.push(END.to_owned()),
        }
    }
    let still = match name {
        Name::Forget => {
            removes.extend(["#name", "named_by", "named_at"].map(str::to_owned));
            ENDED
        }
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
    let key = keys::latest_feedback(&credential.account, feedback.phone.as_e164());
    let write = transaction
        .update(Tag::LatestFeedback, key, expression, condition)
        .value(":v", n(1))
        .value(":now", at(now))
        .value(":summed", AttributeValue::Bool(true))
        .values(end.map(|end| (":end", n(end))));
    match name {
        Name::Forget => write.value(":now_seconds", n(now.seconds())),
        _ => write.value(":response", s(feedback.response_id.as_str())),
    };
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
pub(super) fn feedback_values<'a>(write: &'a mut Write, feedback: &Feedback) -> &'a mut Write {
    write
        .name("#type", "type")
        .value(":status", s(feedback.status.as_str()))
        .value(":right", AttributeValue::Bool(feedback.right_party))
}
