//! The idempotency records of bills: the version before made their digests of fewer parts.

use sha2::{Digest, Sha256};

use crate::ledger::calls::tag::Tag;
use crate::ledger::keys::{self, Key};
use crate::ledger::migrate::old_cost::OldCost;
use crate::ledger::table::item::{Item, s, text};
use crate::ledger::table::transaction::{ALWAYS, Transaction};
use crate::model::account::Account;
use crate::model::call::{Bill, CostId};
use crate::model::credential::Credential;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::text::IdempotencyKey;
use crate::model::time::{CallDate, Instant};

/// The condition that a record is still the one that was read.
const SAME: &str = "guid = :guid AND attribute_not_exists(made)";

/// The id of the cost that the record of a bill was answered with; `None` for other records, and for those
/// of this version.
pub(super) fn answered(item: &Item) -> Option<CostId> {
    if text(item, "type") != Some("once") || item.contains_key("made") {
        return None;
    }
    let answer: serde_json::Value = serde_json::from_str(text(item, "answer")?).ok()?;
    CostId::parse(answer.get("cost_id")?.as_str()?).ok()
}

/// Adds the writes by which a record answers repeats of its bill to this version as well.
pub(super) fn convert(
    transaction: &mut Transaction<Tag>,
    account: &Account,
    credential: &Credential,
    cost: &OldCost,
    entry: &CostId,
    record: &Item,
) {
    let name = text(record, keys::PK).unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default();
    let guid = text(record, "guid").unwrap_or_default();
    let key = keys::idempotency_record(&account.id, name);
    let bill = bill_of(account, cost, record);
    let renamed = bill.as_ref().and_then(|bill| {
        let old = text(record, "payload").unwrap_or_default();
        let own = ["inbound-billable", credential.id.as_str(), "payload", old];
        let unnamed = name == digest(&own);
        let new = IdempotencyRecord::of_bill(credential, None, bill, account, cost.received_at);
        new.filter(|_| unnamed)
    });
    if let Some(new) = renamed {
        // A bill without a key is named by what it says.
        let mut item = record.clone();
        let Key { pk, sk } = keys::idempotency_record(&account.id, &new.name);
        item.extend([
            (keys::PK.to_owned(), s(pk)),
            (keys::SK.to_owned(), s(sk)),
            ("payload".to_owned(), s(new.payload)),
            ("made".to_owned(), s(entry.as_str())),
        ]);
        transaction.put(Tag::Pair, item, ALWAYS);
        let gone = transaction.delete(Tag::Idempotency, key, SAME);
        gone.value(":guid", s(guid));
        return;
    }
    let payload = bill.as_ref().and_then(|bill| {
        let key = IdempotencyKey::parse("any").ok()?;
        let now = cost.received_at;
        IdempotencyRecord::of_bill(credential, Some(&key), bill, account, now)
    });
    let mut expression = "SET made = :made".to_owned();
    if payload.is_some() {
        expression.push_str(", payload = :payload");
    }
    transaction
        .update(Tag::Idempotency, key, expression, SAME)
        .value(":guid", s(guid))
        .value(":made", s(entry.as_str()))
        .values(payload.map(|record| (":payload", s(record.payload))));
}

/// The bill that a record is of: which dates it said is known by its digest.
fn bill_of(account: &Account, cost: &OldCost, record: &Item) -> Option<Bill> {
    let payload = text(record, "payload")?;
    let day = cost.said_date(account);
    let dates = [
        (None, None),
        (Some(cost.date_billed), None),
        (None, Some(CallDate::Moment(cost.call_date))),
        (
            Some(cost.date_billed),
            Some(CallDate::Moment(cost.call_date)),
        ),
    ];
    let bills = dates.into_iter().map(|(date_billed, call_date)| Bill {
        did: cost.pair.to.clone(),
        cid: cost.pair.from.clone(),
        cost: cost.amount,
        date_billed,
        call_date,
        call_id: None,
        notes: cost.notes.clone(),
    });
    let mut bills = bills.map(|bill| (digest(&old_payload(&bill, cost.stored_caller())), bill));
    let (_, mut bill) = bills.find(|(digest, _)| digest == payload)?;
    if bill.call_date.is_some() {
        // A client that said a day says it again.
        bill.call_date = day;
    }
    Some(bill)
}

/// What made two bills equal in the version before.
fn old_payload(bill: &Bill, caller: &str) -> [String; 6] {
    let date = |date: Option<Instant>| date.map_or(String::new(), |date| date.millis().to_string());
    [
        bill.did.as_e164().to_owned(),
        caller.to_owned(),
        bill.cost.four_places(),
        date(bill.date_billed),
        date(bill.call_date.map(CallDate::shown)),
        bill.notes
            .as_ref()
            .map_or(String::new(), |notes| notes.as_str().to_owned()),
    ]
}

/// SHA-256 of the parts, each hashed with its length.
fn digest<T: AsRef<str>>(parts: &[T]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref().as_bytes();
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
