//! What becomes of each type of item with the number that is erased.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ids;
use crate::ledger::erase::change::{Change, MOVING, replaced};
use crate::ledger::erase::starts::change_of_starts;
use crate::ledger::keys::{PK, SK};
use crate::ledger::table::item::{Item, s, text};
use crate::model::account::AccountId;
use crate::model::erasure::Substitution;
use crate::model::idempotency::IdempotencyRecord;

/// What stands in place of a text about a person that has to be there.
const ERASED: &str = "(erased)";

/// What stands in place of the hash of a request with the number.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What becomes of an item, by its type; `None` if the number is not in it. Idempotency records are decided about
/// by [`once`], with the costs that they answer.
///
/// A new type of item needs no line here: its texts and its key are written again. It needs one if it holds something
/// that was made from the number, such as a hash, or a name of the person.
pub(super) fn change_of(item: Item, us: &Substitution, account: &AccountId) -> Option<Change> {
    let kind = text(&item, "type").unwrap_or_default();
    match kind {
        "number_starts" | "carrier_starts" => return change_of_starts(item, us, account),
        "live_count" => {
            let found = replaced(&item, us) != item;
            return found.then(|| Change::deletion(item));
        }
        "once" => return None,
        _ => {}
    }
    let mut after = replaced(&item, us);
    if after == item {
        return None;
    }
    match kind {
        "pair" => drop(after.remove(MOVING)),
        "pair_id" => forget_records(&mut after),
        "feedback" => drop(after.remove("name")),
        "latest_feedback" => {
            for name in ["name", "named_by", "named_at"] {
                after.remove(name);
            }
        }
        // The name of a refused bill is a hash of what the bill says.
        "refused_bill" => {
            let random = ids::secret().unwrap_or_else(|| ids::guid().to_string());
            after.insert(SK.to_owned(), s(format!("BILL#{random}")));
        }
        // An event names its pair by a hash, and is kept for 30 days only. Deliveries of it go on, under the pseudonym.
        "event" | "queue_waiting" => return Some(Change::deletion(item)),
        "queue_entry" => drop(after.insert("whisper_text".to_owned(), s(ERASED))),
        _ => {}
    }
    Change::to(item, after)
}

/// Takes the names of idempotency records away from the last bills with an external id: they may be hashes.
fn forget_records(item: &mut Item) {
    for (name, bill) in item.iter_mut() {
        if let (true, AttributeValue::M(bill)) = (name.starts_with("bill_"), bill) {
            bill.insert("record".to_owned(), s(NO_HASH));
        }
    }
}

/// What becomes of the idempotency record of a request about the person. Its name is deleted with it if it is the hash
/// of the request, and stays if it is the client's key: so the key does not make the effect twice.
pub(super) fn once(item: Item, us: &Substitution, credential: Option<&str>) -> Option<Change> {
    let name = text(&item, PK).and_then(|pk| pk.rsplit('#').next());
    let payload = text(&item, "payload").unwrap_or_default();
    let own = credential.map(|credential| IdempotencyRecord::name_of_payload(credential, payload));
    if own.as_deref() == name {
        return Some(Change::deletion(item));
    }
    let mut after = replaced(&item, us);
    after.insert("payload".to_owned(), s(NO_HASH));
    Change::to(item, after)
}
