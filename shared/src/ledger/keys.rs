//! Where everything lies: the access patterns of the whole product, and the keys that serve them.
//!
//! One table, `pk` and `sk`, no secondary index: an index is read eventually, and a bill that follows
//! its call by a second must find it. `RT` is round trips; capacity units (`RCU`, `WCU`) are for items
//! under 1 KB (strong reads) and double inside a transaction, as DynamoDB counts them. `A#7` stands for
//! an account's partition prefix.
//!
//! | # | asked for | pk | sk | how | RT | units |
//! |---|---|---|---|---|---|---|
//! | 1 | an account and its settings | `A#7` | `ACCOUNT` | Get | 1 | 1 RCU, cached 30 s |
//! | 2 | all accounts | `ACCOUNTS` | id | Query, then 1 each | 1+n | operators only |
//! | 3 | a credential by what the client shows | `CRED#kind#name` | `CRED` | Get | 1 | 1 RCU, cached 30 s |
//! | 4 | an account's credentials | `A#7` | `CRED#id` (copy of 3, written with it) | Query | 1 | 1 RCU / 4 KB |
//! | 5 | rate and quota windows of a credential | `A#7#LIMIT#id` | `LIMIT` | Update, conditional | 1 | 1 WCU |
//! | 6 | a token, and its session | `TOKEN#sha256` | `TOKEN` | Get | 1 | 1 RCU |
//! | 7 | the live session of a sign-in | `A#7#SESSION#id` | `SESSION` | Update, conditional | 1 | 1 WCU |
//! | 8 | an account's calls by day in N shards | `A#7#DAY#2026-11-21#0` | `CALL#sid` (sorts by start) | N Queries a UTC day, concurrent, filters pushed down | N x days | 1 RCU / 4 KB |
//! | 9 | one call by its sid | as 8: the sid holds start and shard | `CALL#sid` | Get | 1 | 1 RCU |
//! | 10 | the latest inbound call of a DID and CID before an instant | `A#7#PAIR#did#cid` | `CALL#sid` (pointer, with what billing needs of the lead) | Query, descending, limit 1 | 1 | 1 RCU |
//! | 11 | the live call of exactly a pair; numbers live towards a called number | `LIVE#called` | `calling#7` (deleted with the end of the call) | Query, what is past its time left out | 1 | 1 RCU |
//! | 12 | an account's own live call, to end it | as 11 | as 11 | Get | 1 | 1 RCU |
//! | 13 | a number's registered account; its recent starts | `NUM#number` | `OWNER`, `START#7` (last start in 16 slots by called number, until when the one before it was live, and whose end came last) | Query | 1 | 1 RCU |
//! | 14 | an account's contact of a number: feedback, first contact, lead | `A#7#N#number` | `FEEDBACK#response_id`, `FIRST`, `LATEST` (29), `LEAD` | Query | 1 | 1 RCU / 4 KB |
//! | 15 | a lead by account and phone | as 14 | `LEAD` | Get | 1 | 1 RCU |
//! | 16 | the costs of a call | `A#7#CALL#sid` | `COST#id` (sorts by recording) | Query | 1 | 1 RCU / 4 KB |
//! | 17 | costs that found no call, by pair | `A#7#PAIR#did#cid` | `COST#id` | Query | 1 | 1 RCU / 4 KB |
//! | 18 | the idempotency record of a request | `A#7#ONCE#hash` | `ONCE` | the write's own condition | 0 | inside the transaction |
//! | 19 | an account's registered numbers; is this one registered | `A#7` | `NUMBER#number` | Query; condition check | 1; 0 | 1 RCU / 4 KB; 2 WCU |
//! | 20 | properties; one property | `A#7` | `PROPERTY#sid` | Query, Get | 1 | 1 RCU |
//! | 21 | numbers of a property | 19, of which those it holds | | Query | 1 | 1 RCU / 4 KB |
//! | 22 | calls of a property | 8 with a filter on `property_sid`, or where there is none on the numbers of 30 | | Queries | N x days | 1 RCU / 4 KB |
//! | 23 | addresses; one address with its count of linked numbers | `A#7` | `ADDRESS#sid` (`links`: 0 lets it be deleted, in the condition) | Query, Get | 1 | 1 RCU |
//! | 24 | available numbers by country and place; one by itself | `STOCK#country`; `NUM#number` | `region#locality#type#number`, places in lower case; `STOCK` (copy, written and deleted with it) | Query; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 25 | buying a number, once | `NUM#number` `OWNER`, 19, 30, the deletion of both of 24, a look at 1, and 23 where there is an address | | one transaction | 1 | 12 WCU, 14 with an address |
//! | 26 | call processes | `A#7` | `PROCESS#id` | Query, Get | 1 | 1 RCU |
//! | 27 | queue entries of a day | `A#7#QUEUE#2026-11-21` | `QUEUE#id` | Query; consumers read the stream | 1 | 1 RCU / 4 KB |
//! | 28 | the duplicate guard of a queue entry | `A#7#N#number` | `GUARD` | condition in 27's transaction | 0 | 2 WCU |
//! | 29 | the latest feedback about each of many numbers, for the rows of 8 | as 14 | `LATEST` (written with the feedback) | Batch, 100 a request | n/100 | 0.5 RCU each, read eventually |
//! | 30 | which property held which number when | `A#7` | `TENURE#number#since#guid` (written with 25, closed with the release) | Query | 1 | 1 RCU / 4 KB |
//! | 31 | whether a country ever had a number in a place | `PLACE#country` | `region#locality#` | Query, only where 24 found nothing | 1 | 1 RCU / 4 KB |
//! | 32 | the countries that are served; one of them | `COUNTRIES` | code | Query; Get | 1 | 1 RCU |
//! | 33 | the recent calls of a pair, which another switch reported within a minute | as 18 | `ONCE` | the write's own condition | 0 | inside the transaction |
//!
//! What writes cost, in one transaction each: an inbound call of a new caller 4 puts (8 WCU), of a known
//! one 2 (4 WCU); an imported call the same, and one of another switch, with one put more where it does
//! not say when it started; a call start 3 (6 WCU); an end 2, an update and a deletion (4 WCU), or 3 (6 WCU)
//! where calls are live for more than a day; a bill 2 to 5 (4 to 10 WCU); a rapid response 4 (8 WCU); a
//! sign-in, and each renewal, 3 (6 WCU). Feedback is two updates (4 WCU): its own record, and what was last
//! said about the number. An imported call whose row names one by its sid is a Get more.
//!
//! Directories that no account owns (2, 3, 6, 11, 13, 24, 31, 32) are the ways in: each is one item, one
//! number a partition, or what operators write, so none of them gathers traffic. 11 is shared by accounts
//! because TrueCLID asks for a start "by any account of this deployment".

use crate::model::account::AccountId;
use crate::model::call::{CallSid, CostId};
use crate::model::country::Country;
use crate::model::credential::{CredentialKind, SecretHash};
use crate::model::id::CredentialId;
use crate::model::inventory::{InventoryNumber, Place, PlaceName};
use crate::model::number::AssignmentId;
use crate::model::phone::PhoneNumber;
use crate::model::queue::{CallProcessId, QueueId};
use crate::model::sid::{AddressSid, PropertySid};
use crate::model::text::ResponseId;
use crate::model::time::{Instant, UtcDay};

/// The table's key attributes.
pub(in crate::ledger) const PK: &str = "pk";
/// See [`PK`].
pub(in crate::ledger) const SK: &str = "sk";

/// One item's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Key {
    pub(in crate::ledger) pk: String,
    pub(in crate::ledger) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// Partition of an account's own settings (1, 4, 19, 20, 23, 26).
pub(in crate::ledger) fn account_partition(account: &AccountId) -> String {
    format!("A#{account}")
}

/// Pattern 1.
pub(in crate::ledger) fn account(account: &AccountId) -> Key {
    Key::new(account_partition(account), "ACCOUNT")
}

/// Partition of pattern 2.
pub(in crate::ledger) const ACCOUNTS: &str = "ACCOUNTS";

/// Pattern 2.
pub(in crate::ledger) fn account_directory(account: &AccountId) -> Key {
    Key::new(ACCOUNTS, account.as_str())
}

/// Pattern 3.
pub(in crate::ledger) fn credential(kind: CredentialKind, name: &str) -> Key {
    Key::new(format!("CRED#{}#{name}", kind.as_str()), "CRED")
}

/// What the sort keys of pattern 4 begin with.
pub(in crate::ledger) const ACCOUNT_CREDENTIALS: &str = "CRED#";

/// Pattern 4.
pub(in crate::ledger) fn account_credential(account: &AccountId, id: &CredentialId) -> Key {
    Key::new(
        account_partition(account),
        format!("{ACCOUNT_CREDENTIALS}{id}"),
    )
}

/// Pattern 5.
pub(in crate::ledger) fn limit(account: &AccountId, id: &CredentialId) -> Key {
    Key::new(format!("A#{account}#LIMIT#{id}"), "LIMIT")
}

/// Patterns 8 and 9.
pub(in crate::ledger) fn call(account: &AccountId, sid: &CallSid) -> Key {
    let (day, shard) = (UtcDay::of(sid.started()), sid.shard());
    Key::new(day_partition(account, day, shard), call_key(sid.as_str()))
}

/// One shard of a day of pattern 8.
pub(in crate::ledger) fn day_partition(account: &AccountId, day: UtcDay, shard: u8) -> String {
    format!("A#{account}#DAY#{day}#{shard}")
}

/// The sort keys of pattern 8 between what two sids begin with, the first included and the second not.
pub(in crate::ledger) fn calls_between(from: &str, before: Instant) -> (String, String) {
    // A sid has more letters than the time it begins with, so it sorts behind that.
    (call_key(from), call_key(&CallSid::time_prefix(before)))
}

/// The sid in a sort key of pattern 8.
pub(in crate::ledger) fn sid_of(sk: &str) -> Option<CallSid> {
    CallSid::parse(sk.strip_prefix(CALLS)?).ok()
}

const CALLS: &str = "CALL#";

fn call_key(letters: &str) -> String {
    format!("{CALLS}{letters}")
}

/// Partition of patterns 10 and 17.
pub(in crate::ledger) fn pair_partition(
    account: &AccountId,
    did: &PhoneNumber,
    cid: &PhoneNumber,
) -> String {
    format!("A#{account}#PAIR#{}#{}", did.as_e164(), cid.as_e164())
}

/// Pattern 10.
pub(in crate::ledger) fn pair_call(
    account: &AccountId,
    did: &PhoneNumber,
    cid: &PhoneNumber,
    sid: &CallSid,
) -> Key {
    Key::new(
        pair_partition(account, did, cid),
        format!("CALL#{}", sid.as_str()),
    )
}

/// The sort keys of pattern 10 between two instants, both inclusive.
pub(in crate::ledger) fn pair_calls_between(from: Instant, to: Instant) -> (String, String) {
    // `~` sorts behind every letter of a sid.
    (
        format!("CALL#{}", CallSid::time_prefix(from)),
        format!("CALL#{}~", CallSid::time_prefix(to)),
    )
}

/// Partition of pattern 11.
pub(in crate::ledger) fn live_partition(called: &PhoneNumber) -> String {
    format!("LIVE#{}", called.as_e164())
}

/// Patterns 11 and 12.
pub(in crate::ledger) fn live(
    account: &AccountId,
    calling: &PhoneNumber,
    called: &PhoneNumber,
) -> Key {
    Key::new(
        live_partition(called),
        format!("{}#{account}", calling.as_e164()),
    )
}

/// Partition of pattern 13.
pub(in crate::ledger) fn number_partition(number: &PhoneNumber) -> String {
    format!("NUM#{}", number.as_e164())
}

/// Pattern 13: whose number it is.
pub(in crate::ledger) fn number_owner(number: &PhoneNumber) -> Key {
    Key::new(number_partition(number), "OWNER")
}

/// Pattern 13: when an account last placed calls from it.
pub(in crate::ledger) fn number_starts(number: &PhoneNumber, account: &AccountId) -> Key {
    Key::new(number_partition(number), format!("START#{account}"))
}

/// Partition of patterns 14, 15 and 28.
pub(in crate::ledger) fn contact_partition(account: &AccountId, phone: &PhoneNumber) -> String {
    format!("A#{account}#N#{}", phone.as_e164())
}

/// The sort keys of pattern 14, both inclusive: `FEEDBACK#...`, `FIRST`, `LATEST` and `LEAD` lie side by
/// side, and 28's `GUARD` among them, which tells nothing and is passed over.
pub(in crate::ledger) const CONTACT: (&str, &str) = ("FEEDBACK#", "LEAD");

/// Pattern 14: one piece of feedback.
pub(in crate::ledger) fn feedback(
    account: &AccountId,
    phone: &PhoneNumber,
    response: &ResponseId,
) -> Key {
    Key::new(
        contact_partition(account, phone),
        format!("FEEDBACK#{}", response.as_str()),
    )
}

/// Pattern 29: the latest feedback about a number.
pub(in crate::ledger) fn latest_feedback(account: &AccountId, phone: &str) -> Key {
    Key::new(format!("A#{account}#N#{phone}"), "LATEST")
}

/// Pattern 14: the first contact.
pub(in crate::ledger) fn first_contact(account: &AccountId, phone: &PhoneNumber) -> Key {
    Key::new(contact_partition(account, phone), "FIRST")
}

/// Patterns 14 and 15: the lead.
pub(in crate::ledger) fn lead(account: &AccountId, phone: &PhoneNumber) -> Key {
    Key::new(contact_partition(account, phone), "LEAD")
}

/// Pattern 16.
pub(in crate::ledger) fn call_cost(account: &AccountId, sid: &CallSid, cost: &CostId) -> Key {
    Key::new(
        format!("A#{account}#CALL#{}", sid.as_str()),
        format!("COST#{}", cost.as_str()),
    )
}

/// Pattern 17.
pub(in crate::ledger) fn pair_cost(
    account: &AccountId,
    did: &PhoneNumber,
    cid: &PhoneNumber,
    cost: &CostId,
) -> Key {
    Key::new(
        pair_partition(account, did, cid),
        format!("COST#{}", cost.as_str()),
    )
}

/// Pattern 18.
pub(in crate::ledger) fn idempotency_record(account: &AccountId, hash: &str) -> Key {
    Key::new(format!("A#{account}#ONCE#{hash}"), "ONCE")
}

/// What the sort keys of pattern 19 begin with.
pub(in crate::ledger) const ACCOUNT_NUMBERS: &str = "NUMBER#";

/// Pattern 19.
pub(in crate::ledger) fn account_number(account: &AccountId, number: &PhoneNumber) -> Key {
    Key::new(
        account_partition(account),
        format!("{ACCOUNT_NUMBERS}{}", number.as_e164()),
    )
}

/// What the sort keys of pattern 20 begin with.
pub(in crate::ledger) const PROPERTIES: &str = "PROPERTY#";

/// Pattern 20.
pub(in crate::ledger) fn property(account: &AccountId, sid: &PropertySid) -> Key {
    Key::new(
        account_partition(account),
        format!("{PROPERTIES}{}", sid.as_str()),
    )
}

/// What the sort keys of pattern 23 begin with.
pub(in crate::ledger) const ADDRESSES: &str = "ADDRESS#";

/// Pattern 23.
pub(in crate::ledger) fn address(account: &AccountId, sid: &AddressSid) -> Key {
    Key::new(
        account_partition(account),
        format!("{ADDRESSES}{}", sid.as_str()),
    )
}

/// What the sort keys of pattern 30 begin with.
pub(in crate::ledger) const TENURES: &str = "TENURE#";

/// Pattern 30. The request is part of it: a number may come back to a property within a millisecond.
pub(in crate::ledger) fn tenure(
    account: &AccountId,
    number: &PhoneNumber,
    held: &AssignmentId,
) -> Key {
    let since = held.since.millis();
    Key::new(
        account_partition(account),
        format!("{TENURES}{}#{since:014}#{}", number.as_e164(), held.guid),
    )
}

/// Pattern 6.
pub(in crate::ledger) fn token(hash: &SecretHash) -> Key {
    Key::new(format!("TOKEN#{}", hash.to_hex()), "TOKEN")
}

/// Pattern 7.
pub(in crate::ledger) fn session(account: &AccountId, session_id: &str) -> Key {
    Key::new(format!("A#{account}#SESSION#{session_id}"), "SESSION")
}

/// What the sort keys of pattern 26 begin with.
pub(in crate::ledger) const CALL_PROCESSES: &str = "PROCESS#";

/// Pattern 26.
pub(in crate::ledger) fn call_process(account: &AccountId, id: CallProcessId) -> Key {
    Key::new(account_partition(account), format!("{CALL_PROCESSES}{id}"))
}

/// Pattern 27.
pub(in crate::ledger) fn queue_entry(account: &AccountId, day: UtcDay, id: QueueId) -> Key {
    Key::new(format!("A#{account}#QUEUE#{day}"), format!("QUEUE#{id}"))
}

/// Pattern 28.
pub(in crate::ledger) fn queue_guard(account: &AccountId, callee: &PhoneNumber) -> Key {
    Key::new(contact_partition(account, callee), "GUARD")
}

/// Partition of pattern 24.
pub(in crate::ledger) fn stock_partition(country: Country) -> String {
    format!("STOCK#{country}")
}

/// Pattern 24: under its country.
pub(in crate::ledger) fn stock(stock: &InventoryNumber) -> Key {
    let InventoryNumber {
        number,
        kind,
        country,
        place,
        ..
    } = stock;
    Key::new(
        stock_partition(*country),
        format!(
            "{}{}#{}",
            whole_place(place),
            kind.as_str(),
            number.as_e164()
        ),
    )
}

/// Pattern 24: under itself.
pub(in crate::ledger) fn number_stock(number: &PhoneNumber) -> Key {
    Key::new(number_partition(number), "STOCK")
}

/// What the sort keys of patterns 24 and 31 begin with for what lies in a place; what begins so may lie
/// elsewhere, where a name has a `#`.
pub(in crate::ledger) fn place_prefix(place: &Place) -> String {
    match (&place.region, &place.locality) {
        (Some(_), Some(_)) => whole_place(place),
        (Some(region), None) => format!("{}#", region.folded()),
        (None, _) => String::new(),
    }
}

fn whole_place(place: &Place) -> String {
    let folded =
        |name: &Option<PlaceName>| name.as_ref().map(PlaceName::folded).unwrap_or_default();
    format!("{}#{}#", folded(&place.region), folded(&place.locality))
}

/// Partition of pattern 31.
pub(in crate::ledger) fn place_partition(country: Country) -> String {
    format!("PLACE#{country}")
}

/// Pattern 31.
pub(in crate::ledger) fn place(country: Country, place: &Place) -> Key {
    Key::new(place_partition(country), whole_place(place))
}

/// Partition of pattern 32.
pub(in crate::ledger) const COUNTRIES: &str = "COUNTRIES";

/// Pattern 32.
pub(in crate::ledger) fn country(country: Country) -> Key {
    Key::new(COUNTRIES, country.as_str())
}

/// The slot of pattern 13 that a called number's last start is kept in.
pub(in crate::ledger) fn start_slot(called: &PhoneNumber) -> u32 {
    called.digits().bytes().fold(0_u32, |sum, digit| {
        sum.wrapping_mul(31).wrapping_add(u32::from(digit))
    }) % 16
}
