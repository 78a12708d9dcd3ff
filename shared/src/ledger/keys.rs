//! The access patterns of the whole product, and the keys that serve them.
//!
//! One table with `pk` and `sk`, and no secondary index: an index is eventually consistent, and a bill that
//! follows its call by a second must find it. `RT` is round trips. Capacity units (`RCU`, `WCU`) are for
//! items under 1 KB and strongly consistent reads, and count double inside a transaction, as DynamoDB counts
//! them. `A#7` stands for an account's partition prefix.
//!
//! | # | asked for | pk | sk | how | RT | units |
//! |---|---|---|---|---|---|---|
//! | 1 | an account and its settings | `A#7` | `ACCOUNT` | Get | 1 | 1 RCU, cached 30 s |
//! | 2 | all accounts | `ACCOUNTS` | id | Query, then 1 each | 1+n | operators only |
//! | 3 | a credential by what the client presents; a key or a token without a generated secret by its slow hash | `CRED#kind#name` (one that was rotated also by its former key) | `CRED` | Get; one more Get | 1; 2 | 1 RCU each, cached 30 s |
//! | 4 | an account's credentials; one by its id | `A#7` | `CRED#id` (copy of 3, written with it) | Query; Get | 1 | 1 RCU / 4 KB |
//! | 5 | rate and quota windows of a credential; the window of its call starts and ends; when it was used last | `A#7#LIMIT#id` | `LIMIT`; `STARTS` | Update, conditional; Query of both by a schedule | 1 | 1 WCU; 1 RCU |
//! | 6 | a token and what it grants | `TOKEN#sha256` | `TOKEN` | Get | 1 | 1 RCU |
//! | 7 | the session of a sign-in; its refresh token in force | `A#7#SESSION#id` | `SESSION` | Get; condition of its renewal | 1; 0 | 1 RCU; inside the transaction |
//! | 8 | an account's calls by day in N shards | `A#7#DAY#2026-11-21#0` | `CALL#sid` (sorts by the first report's start; `joined_call` where the sid's reports are in another call) | N Queries a UTC day, concurrent, filtered by DynamoDB | N x days | 1 RCU / 4 KB |
//! | 9 | one call by its sid, or the call that its reports were joined to | as 8: the sid holds start and shard | `CALL#sid`; `JOINED#sid` for a report that was never a call of its own | Get, and one more for each join | 1 | 1 RCU |
//! | 10 | a pair: its version, and its calls around a moment with their reports and entries | `A#7#PAIR#in#did#cid` | `HEAD`; `CALL#sid` | Query backwards from `HEAD`, 16 calls; two more Queries (48 + 4 calls) where the moment is earlier than these | 1, 2 | 1 RCU / 4 KB; a call is at most 40 reports and 40 entries |
//! | 11 | the live calls to a number: from one number; from numbers that begin or end as the received digits do | `LIVE#called`; `LIVEREV#called` | `calling#7`; `reversed calling#7` (copy; both are deleted with the end of the call) | 1 Query for an exact number; 2 for a mangled one, at once | 1 | 1 RCU each: pages of 12, 12 and 16 items of at most 4 KB |
//! | 12 | an account's own live call, to start it again or to end it; how many live calls the account has, and its key to that number, by the hour of their end | as 11; `A#7#LIVE`, `A#7#LIVE#called` | as 11; `COUNT#0` to `15` by shard, `KEY#id` | Batch; Get | 1 | 2 RCU + 1 for each shard, at most 18; 1 RCU |
//! | 13 | the owner of a number; recent starts from it by its owner and by carriers | `NUM#number` | `OWNER`; `START#7`, `CARRIERS` (the last start in each of 16 slots by called number, until when the one before it was live, and whose end came last) | Batch; Batch | 1; 1 | 1 RCU each; a starts item is at most 3 KB |
//! | 14 | a contact: first contact, lead, name and sums of the feedback about a number | `A#7#N#number` | `FIRST`, `LATEST` (29; it has the sums), `LEAD`; `FEEDBACK#response_id` | Query of the first three, with 28's `GUARD` between them; where a version without sums wrote `LATEST`, a Query of 24 pieces of feedback more, until the next feedback counts them all | 1 | 2 RCU: at most 6 KB |
//! | 15 | whether a number is a lead already | as 14 | `LEAD` | the write's own condition | 0 | inside the transaction |
//! | 16 | the unmatched entries of a pair around a moment | as 10 | `BILL#moment#cost_id` | Query, 40 entries, only if `HEAD` counts any | 1 | 1 RCU / 4 KB |
//! | 17 | which calls and bills of a pair carry an external id | as 10 | `ID#id` | Get, only where a bill has a call id | 0 (beside 10) | 1 RCU |
//! | 18 | the idempotency record of a request: what it was answered | `A#7#ONCE#hash` | `ONCE` | the write's own condition | 0 | inside the transaction |
//! | 19 | an account's numbers; one of them; whether a number is the account's | `A#7` | `NUMBER#number` | Query; Get; condition check | 1; 1; 0 | 1 RCU / 4 KB; 1 RCU; 2 WCU |
//! | 20 | properties; one property | `A#7` | `PROPERTY#sid` | Query; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 21 | the numbers of a property | 19, filtered by assignment here | | Query | 1 | 1 RCU / 4 KB |
//! | 22 | the calls of a property | 8, filtered by `property_sid`, or by the numbers of 30 and 33 for a call without one | | Queries | N x days | 1 RCU / 4 KB |
//! | 23 | addresses; one address with its count of linked numbers | `A#7` | `ADDRESS#sid` (can be deleted while `links` is 0) | Query; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 24 | the inventory by country and place; one number of it | `STOCK#country`; `NUM#number` | `region#locality#type#number`, places in lower case; `STOCK` (copy, written and deleted with it) | Query; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 25 | the purchase of a number | `NUM#number` `OWNER`, 19, 30, deletion of both of 24, a check of 1, and 23 if there is an address | | one transaction | 1 | 14 WCU, 16 with an address |
//! | 26 | call processes; whether there is one | `A#7` | `PROCESS#id` | Query; condition check | 1; 0 | 1 RCU / 4 KB; 2 WCU |
//! | 27 | queue entries of a day, and what became of each; those that are offered or taken | `A#7#QUEUE#2026-11-21`; `A#7#WAITING` | `QUEUE#id`; `QUEUE#id` with 16 digits (deleted with the end of the entry, or 7 days later) | Get; Query, pages of 100, 4,000 at most; Update for each entry that is taken | 1; 2 and more | 1 RCU; 1 RCU / 4 KB, 1 WCU for each that is taken |
//! | 28 | the duplicate guard of a queue entry | `A#7#N#number` | `GUARD` | the write's own condition | 0 | inside the transaction |
//! | 29 | the latest feedback about many numbers, for the rows of 8 | as 14 | `LATEST` (written with the feedback; at most 4 KB with its sums) | Batch, 100 a request | n/100 | 0.5 RCU each, eventually consistent |
//! | 30 | number assignments: which property had which number when | `A#7` | `TENURE#number#since#guid` (opened by 25, until the release moves it to `TENURE#ENDED#number#since#guid`) | Query of those that last, or of one number's: those that last, and of the ended ones if none does; Get | 1; 1, 2 | 1 RCU / 4 KB; 1 RCU each |
//! | 31 | whether a country ever had a number in a place | `PLACE#country` | `region#locality#` | Query, only if 24 found nothing | 1 | 1 RCU / 4 KB |
//! | 32 | the countries that are served; one of them | `COUNTRIES` | code | Query; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 33 | past assignments that may touch a range | `A#7#ENDED` | `class#until#number#since#guid` (copy of 30, written by the release; the class says how long it lasted at most: 1, 8, 64, 512 days, or longer) | Query of each class, 5 at once, after 30 | 1 | 1 RCU / 4 KB, 5 at least |
//! | 34 | cost entries by the UTC day of billing in N shards; one by its id; the notes of the bills that rows of 8 show (or of a report: Batch of 10) | `A#7#BILLED#2026-11-21#0` | `COST#id` (holds time of billing and shard, and alone has the notes) | N Queries a day; Get; Batch, 100 a request | N x days; 1; n/100 | 1 RCU / 4 KB; 0.5 RCU / 4 KB each, eventually consistent |
//! | 35 | an account's adjustments by day; one of them | `A#7#ADJUSTED#2026-11-21` | `ADJ#id` (sorts by making) | a Query a UTC day, 8 at a time | days | 1 RCU / 4 KB |
//! | 36 | the bills of a vendor for a caller, whatever the DID | `A#7#CALLER#acme#+12065550100` | `BILL#moment#cost_id` | Query, 256 bills of the days of the vendor's window for duplicates and of the billing window | 1 | 1 RCU / 4 KB |
//! | 37 | the adjustments of a cost; of a call, by the sids of its reports | as 10 | `ADJ#cost_id#id`; `ADJ#sid#id` (copy of 35, written with it) | Query | 1 | 1 RCU / 4 KB |
//! | 38 | the bills of a day that were refused for their DID | `A#7#REFUSED#2026-11-21` | `BILL#hash` (of what makes two bills equal) | a Query a UTC day, 8 at a time; a list reads 10,000 bills | days/8 | 1 RCU / 4 KB |
//! | 39 | for which pairs a credential sent a call id | `A#7#SENT#credential#id` | `SENT` (the first pair, and whether there was another; expires after 31 days) | Get, only where a bill has a call id | 0 (beside 10) | 1 RCU |
//! | 40 | the cost entry that an earlier version acknowledged by another id | `A#7#FORMER#id` | `COST` (written by `callbook migrate`) | Get, if 34 has no such id | 1 | 1 RCU |
//! | 41 | the first and the last day of billing, where they are not between the day of the account and today | `A#7#BILLED` | `SPAN` (widened before such a bill is recorded) | Get; Update, conditional | 1; 0, or 1 where a bill says such a day for the first time in a process | 1 RCU; 1 WCU |
//! | 60 | an account's vendors; one vendor | `A#7` | `VENDOR#id` | Query, one page; Get; condition check | 1; 1; 0 | 1 RCU / 4 KB; 1 RCU; 2 WCU |
//! | 61 | the vendor of a number at an instant; an account's numbers with vendors | `A#7` | `NUMBERVENDOR#number` (at most 50 periods; outlives the number) | Get; Query | 1 | 1 RCU / 4 KB |
//! | 70 | the sums of a day by DID, vendor and disposition, in cells of an hour | `A#7#SUM#2026-11-21` | `SUM#did#vendor#=disposition`, `*` for no vendor (kept by the stream; `changes` counts what was added) | Query a UTC day, 16 at once | days/16 | 0.5 KB to 2 KB an item |
//! | 71 | the callers of a day by DID, vendor and hour, as hashes, in parts of at most 255 callers an hour | as 70 | `CALLERS#did#vendor`; `CALLERS#did#vendor#3f` for hashes that begin so, where parts with fewer digits are full | read with 70 if asked for; Gets along one path before a caller is taken out | | 9 bytes a caller and hour |
//! | 72 | how far each shard of the stream is summed up | `ROLLUP` | `SHARD#id` (expires after 3 days) | Query; Get; the write's own condition | 1 | 1 RCU |
//! | 73 | how many pairs of an account have entries left to be decided | `A#7#SUM` | `SETTLING` | Get | 1 | 1 RCU |
//! | 74 | writes that give every shard of the stream a record | `PULSE#0` to `15` | `PULSE` | read from the stream | | 32 WCU a minute |
//! | 80 | the events of an account by the day of publication in N shards | `A#7#EVENTS#2026-11-21#0` | `EVENT#published#place#id` (expires after 30 days) | N Queries a day; Update for each event that is published | N x days | 1 RCU / 4 KB; 1 WCU / KB |
//! | 81 | how far each shard of the stream is published | `PUBLISHED` | `SHARD#id` (expires after 3 days) | Get; Update, conditional | 1 | 1 RCU; 1 WCU |
//! | 82 | the unmatched costs that are to be told of, by when | `A#7#UNMATCHED` | `DUE#due#cost_id` (deleted then) | Query, pages of 100, by an hourly task; Update | 1 an account | 1 RCU / 4 KB; 3 WCU a cost |
//! | 83 | what is told of without an item of its own, once | `A#7#NOTICES` | `NOTICE#name` (expires after 40 days) | read from the stream; the write's own condition | 0 | 2 WCU |
//! | 84 | the refused requests of an account by day: one item for each credential, way of being refused and hour | `A#7#REQUESTS#2026-11-21` | `REFUSED#09#cred_id#hash` (expires after 7 days) | Query, pages of 256; Update, conditional, by a refused request, at most once in 10 s for each of them in a process | 1 a day; 0, or 1 | 1 RCU / 4 KB; 1 WCU |
//! | 90 | an account's webhook endpoints; one of them | `A#7` | `WEBHOOK#id` (at most 20) | Query; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 91 | the secrets that sign an endpoint's deliveries | `A#7#HOOK#id` | `SECRET` | Get | 1 | 1 RCU |
//! | 92 | the deliveries to an endpoint, the latest first; one by its id | as 91 | `LOG#moment#event` (expires after 30 days) | Query, a page; Get | 1 | 1 RCU / 4 KB; 1 RCU |
//! | 93 | what is due for an endpoint; the pending deliveries of a line, in their order | as 91 | `DUE#moment#place#delivery`; `LINE#line#place#delivery` (deleted with the end of the delivery) | Query, pages of 100 and of 20 | 1; 1 a line | 1 RCU / 4 KB |
//! | 94 | all endpoints of all accounts, with who delivers to them now and how it went so far | `HOOKS#0` to `15` | `7#id` | 16 Queries a minute; Update, conditional, to take, extend and give back a lease | 1; 1 each | 1 RCU / 4 KB; 1 WCU each |
//! | 102 | the deletion of an account: what was deleted, and when; it outlives the account | `DELETIONS` | account id | Get; each transaction of a deletion updates it | 1 | 1 RCU; operators only |
//! | 101 | the export that was restored into this table, and how far | `RESTORE` | `RESTORE` | Get; Update after each thousand lines | 1 | 1 RCU; operators only |
//! | 100 | the erasures of an account's numbers: what was found and done, without the number once it is done | `A#7` | `ERASURE#id` | Query; each transaction of an erasure updates it | 1 | 1 RCU / 4 KB; operators only |
//! | 103 | the retentions that were applied to an account's rows: how many of each type got or lost an end | `A#7` | `RETENTION#id` | Query; each transaction of a run updates it | 1 | 1 RCU / 4 KB; operators only |
//!
//! What writes cost, in one transaction each:
//!
//! | write | items | WCU |
//! |---|---|---|
//! | a report that is a call of a new caller | head and call of the pair (10), row (8), lead, first contact, and 17 if it has an id | 10, 12 |
//! | a report of a known caller | head, call, row, and 17 | 6, 8 |
//! | the first report of a known caller on a day, or a bill for it, where contacts are kept for a time | as above, lead and first contact | 4 more, 2 for a bill |
//! | a report that joins a call | as above, and the name of the report (9) | 8, 10 |
//! | each entry that a report moves | its row (34), both calls, their rows, and 16 | 2 to 10, at most 20 entries in one transaction |
//! | the cost of an imported call | as a bill | 6 to 14 |
//! | a call start | as a report, live call and its copy, starts (13), counts (12) | 16, 18 if it replaces a live call of another hour |
//! | a call's end | as a report, deletion of the live call and its copy, counts (12), and 13 if calls are live for more than a day | 12 to 16 |
//! | a bill | head, row (34), and whichever of call, its row, lead, 16, 17, 18, 36, 39, a check of 19 and the rows of replaced entries apply | 6 to 18, and 2 for each entry replaced |
//! | a void, a match, an unpin | head, row (34), and the calls, rows and entries that it changes | 8 to 20 |
//! | the same, or a bill, for an entry on a call of another pair | as above, the other head, and the lead of its caller | 4 more |
//! | a rapid response | both of 27, guard, lead, a check of 26 | 10 |
//! | the end of a queue entry | both of 27 | 4 |
//! | a sign-in, and each renewal | session, two tokens | 6 |
//! | feedback | its own item, and the latest about the number with its sums | 4 to 8, by the size of the sums: 24 bytes a day of the last 91 |
//! | a number put into the inventory | both of 24, a check of 13 | 6, 8 if its place or type changes |
//! | the release of a number | deletion of `OWNER` and 19, and whichever of 30 (a deletion and the ended one) and 33, 61, both of 24 and 23 apply | 4 to 18 |
//! | a bill that is refused for its DID | 38 | 2 |
//! | an adjustment | 35, and whichever of 37, 18 and a check of 60 apply | 2 to 6 |
//! | a vendor, and each change of it | 60, and 18 if there is an idempotency key | 2, 4 |
//! | a number's vendor | 61, 19 or a check of it, a check of 60 | 4 to 6 |
//! | summing up, a batch of the stream | 72, and each of 70, 71 and 73 that its records change; 34 alone for a bill at another price than agreed | 2 to 4 an item; a part of 71 is up to 56 KB where a number is called by hundreds an hour |
//! | an endpoint; its deletion; a change | 90, 91, 94, and 18 if there is an idempotency key; 90, and 94 if it is enabled | 6, 8; 6; 2, 4 |
//! | an event for an endpoint that wants it | 92 with the event, both of 93 | 6 to 10 |
//! | the end of a delivery; another attempt later | 92, both of 93; 92, 93 three times | 6 to 10; 8 to 12 |
//! | a credential, and each change of it | both of 3 and 4, a check of 1 if it is new, and a check of 60 if it is a vendor's | 4 to 8 |
//! | the rotation of a key | all of 3, and 4 | 4 to 8 |
//! | restoring an export | every item, and 101 | 2 a KB |
//! | deleting an account | every item of it, and 102 | 2 a KB |
//! | a changed retention that is applied | each row that gets or loses its end, and 103 | 2 a row |
//! | the erasure of a number | every item with it, and 100 | 2 an item, 4 where its key has the number |
//!
//! An imported call whose row names a call sid is one Get more.
//!
//! The module `bounds` says what each read costs at most. No read grows with what another account has written.
//!
//! Directories that no account owns (2, 3, 6, 11, 13, 24, 31, 32, 94) are the ways in. Each is one item, one
//! number a partition, or what operators write, so none of them gathers traffic. Accounts share 11 because a
//! call is started by one account and reaches another; a read of it is a page of bounded size, whatever is
//! live there.

mod assignments;
mod bounds;
mod events;
mod key;
mod live;
mod money;
mod pairs;
mod queue;
mod webhooks;

pub(in crate::ledger) use assignments::*;
pub(in crate::ledger) use events::*;
use key::{CALLS, call_key};
pub(in crate::ledger) use key::{Key, PK, SK};
pub(in crate::ledger) use live::*;
pub(in crate::ledger) use money::*;
pub(in crate::ledger) use pairs::*;
pub(in crate::ledger) use queue::*;
pub(in crate::ledger) use webhooks::*;

use crate::model::account::AccountId;
use crate::model::call::CallSid;
use crate::model::country::Country;
use crate::model::credential::{CredentialKind, SecretHash};
use crate::model::id::CredentialId;
use crate::model::inventory::{InventoryNumber, Place, PlaceName};
use crate::model::phone::PhoneNumber;
use crate::model::queue::CallProcessId;
use crate::model::sid::{AddressSid, PropertySid};
use crate::model::text::ResponseId;
use crate::model::time::{Instant, UtcDay};
use crate::model::vendor::VendorId;

/// Partition of an account's own settings (1, 4, 19, 20, 23, 26, 60, 61, 90).
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

/// Prefix of the sort keys of pattern 4.
pub(in crate::ledger) const ACCOUNT_CREDENTIALS: &str = "CRED#";

/// Pattern 4.
pub(in crate::ledger) fn account_credential(account: &AccountId, id: &CredentialId) -> Key {
    Key::new(
        account_partition(account),
        format!("{ACCOUNT_CREDENTIALS}{id}"),
    )
}

/// Partition of pattern 5.
pub(in crate::ledger) fn limits_partition(account: &AccountId, id: &CredentialId) -> String {
    format!("A#{account}#LIMIT#{id}")
}

/// Pattern 5.
pub(in crate::ledger) fn limit(account: &AccountId, id: &CredentialId) -> Key {
    Key::new(limits_partition(account, id), "LIMIT")
}

/// Pattern 5: the window of a credential's call starts and ends.
pub(in crate::ledger) fn starts_limit(account: &AccountId, id: &CredentialId) -> Key {
    Key::new(limits_partition(account, id), "STARTS")
}

/// Patterns 8 and 9.
pub(in crate::ledger) fn call(account: &AccountId, sid: &CallSid) -> Key {
    let (day, shard) = (UtcDay::of(sid.started()), sid.shard());
    Key::new(day_partition(account, day, shard), call_key(sid.as_str()))
}

/// Pattern 9: a report that joined a call when it was recorded. It lies beside the calls of the day, so that
/// no list of calls reads it.
pub(in crate::ledger) fn joined_report(account: &AccountId, sid: &CallSid) -> Key {
    let (day, shard) = (UtcDay::of(sid.started()), sid.shard());
    Key::new(
        day_partition(account, day, shard),
        format!("JOINED#{}", sid.as_str()),
    )
}

/// One shard of a day of pattern 8.
pub(in crate::ledger) fn day_partition(account: &AccountId, day: UtcDay, shard: u8) -> String {
    format!("A#{account}#DAY#{day}#{shard}")
}

/// The sort keys of pattern 8 from a sid, or the beginning of one, to before an instant.
pub(in crate::ledger) fn calls_between(from: &str, before: Instant) -> (String, String) {
    // A sid is longer than the time that it begins with, so it sorts behind that.
    (call_key(from), call_key(&CallSid::time_prefix(before)))
}

/// The sid in a sort key of pattern 8.
pub(in crate::ledger) fn sid_of(sk: &str) -> Option<CallSid> {
    CallSid::parse(sk.strip_prefix(CALLS)?).ok()
}

/// Partition of patterns 14, 15 and 28.
pub(in crate::ledger) fn contact_partition(account: &AccountId, phone: &PhoneNumber) -> String {
    format!("A#{account}#N#{}", phone.as_e164())
}

/// The sort keys of pattern 14 without the feedback, both inclusive: `FIRST`, `LATEST` and `LEAD` lie side by
/// side, and 28's `GUARD` among them, which tells nothing and is passed over.
pub(in crate::ledger) const CONTACT: (&str, &str) = ("FIRST", "LEAD");

/// Prefix of the sort keys of feedback.
pub(in crate::ledger) const FEEDBACK: &str = "FEEDBACK#";

/// Pattern 14: one piece of feedback.
pub(in crate::ledger) fn feedback(
    account: &AccountId,
    phone: &PhoneNumber,
    response: &ResponseId,
) -> Key {
    Key::new(
        contact_partition(account, phone),
        format!("{FEEDBACK}{}", response.as_str()),
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

/// Pattern 18.
pub(in crate::ledger) fn idempotency_record(account: &AccountId, hash: &str) -> Key {
    Key::new(format!("A#{account}#ONCE#{hash}"), "ONCE")
}

/// Prefix of the sort keys of pattern 19.
pub(in crate::ledger) const ACCOUNT_NUMBERS: &str = "NUMBER#";

/// Pattern 19.
pub(in crate::ledger) fn account_number(account: &AccountId, number: &PhoneNumber) -> Key {
    Key::new(
        account_partition(account),
        format!("{ACCOUNT_NUMBERS}{}", number.as_e164()),
    )
}

/// Prefix of the sort keys of pattern 20.
pub(in crate::ledger) const PROPERTIES: &str = "PROPERTY#";

/// Pattern 20.
pub(in crate::ledger) fn property(account: &AccountId, sid: &PropertySid) -> Key {
    Key::new(
        account_partition(account),
        format!("{PROPERTIES}{}", sid.as_str()),
    )
}

/// Prefix of the sort keys of pattern 23.
pub(in crate::ledger) const ADDRESSES: &str = "ADDRESS#";

/// Pattern 23.
pub(in crate::ledger) fn address(account: &AccountId, sid: &AddressSid) -> Key {
    Key::new(
        account_partition(account),
        format!("{ADDRESSES}{}", sid.as_str()),
    )
}

/// Pattern 60.
pub(in crate::ledger) fn vendor(account: &AccountId, id: &VendorId) -> Key {
    Key::new(account_partition(account), vendor_key(id.as_str()))
}

/// The sort keys of pattern 60 after an id, both inclusive.
pub(in crate::ledger) fn vendors_after(id: Option<&VendorId>) -> (String, String) {
    // A space sorts before every character of an id, and `~` behind them all.
    let from = id.map_or_else(String::new, |id| format!("{id} "));
    (vendor_key(&from), vendor_key("~"))
}

fn vendor_key(id: &str) -> String {
    format!("VENDOR#{id}")
}

/// Prefix of the sort keys of pattern 61.
pub(in crate::ledger) const NUMBER_VENDORS: &str = "NUMBERVENDOR#";

/// Pattern 61.
pub(in crate::ledger) fn number_vendors(account: &AccountId, number: &PhoneNumber) -> Key {
    Key::new(
        account_partition(account),
        format!("{NUMBER_VENDORS}{}", number.as_e164()),
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

/// Prefix of the sort keys of pattern 26.
pub(in crate::ledger) const CALL_PROCESSES: &str = "PROCESS#";

/// Pattern 26.
pub(in crate::ledger) fn call_process(account: &AccountId, id: CallProcessId) -> Key {
    Key::new(account_partition(account), format!("{CALL_PROCESSES}{id}"))
}

/// Pattern 28.
pub(in crate::ledger) fn queue_guard(account: &AccountId, callee: &PhoneNumber) -> Key {
    Key::new(contact_partition(account, callee), "GUARD")
}

/// Partition of pattern 24.
pub(in crate::ledger) fn inventory_partition(country: Country) -> String {
    format!("STOCK#{country}")
}

/// Pattern 24: by place.
pub(in crate::ledger) fn inventory_by_place(number: &InventoryNumber) -> Key {
    let InventoryNumber {
        number,
        kind,
        country,
        place,
        ..
    } = number;
    Key::new(
        inventory_partition(*country),
        format!(
            "{}{}#{}",
            whole_place(place),
            kind.as_str(),
            number.as_e164()
        ),
    )
}

/// Pattern 24: by number.
pub(in crate::ledger) fn inventory_by_number(number: &PhoneNumber) -> Key {
    Key::new(number_partition(number), "STOCK")
}

/// Prefix of the sort keys of patterns 24 and 31 in a place. Other places may share it, because a name may
/// have a `#` in it.
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

/// Pattern 102.
pub(in crate::ledger) fn account_deletion(account: &AccountId) -> Key {
    Key::new("DELETIONS", account.as_str())
}

/// Pattern 101.
pub(in crate::ledger) fn restore() -> Key {
    Key::new("RESTORE", "RESTORE")
}

/// Prefix of the sort keys of pattern 100.
pub(in crate::ledger) const ERASURES: &str = "ERASURE#";

/// Pattern 100.
pub(in crate::ledger) fn erasure(account: &AccountId, id: &str) -> Key {
    Key::new(account_partition(account), format!("{ERASURES}{id}"))
}

/// Prefix of the sort keys of pattern 103.
pub(in crate::ledger) const RETENTIONS: &str = "RETENTION#";

/// Pattern 103.
pub(in crate::ledger) fn retention(account: &AccountId, id: &str) -> Key {
    Key::new(account_partition(account), format!("{RETENTIONS}{id}"))
}

/// Pattern 32.
pub(in crate::ledger) fn country(country: Country) -> Key {
    Key::new(COUNTRIES, country.as_str())
}
