//! The auditor: takes the items of a table and returns everything that is wrong with them.
//!
//! [`audit`] judges a whole table that is in memory, as at the end of every test. [`Walk`] reads the table of
//! a deployment piece by piece, and judges the calls and the money in it (`callbook audit`).
//!
//! Every transaction of the ledger keeps copies equal, pointers valid and counts right. A table is therefore
//! correct at any moment, even if requests were interrupted. The auditor checks this from the outside: it
//! shares no code with the ledger and has its own description of the stored format, [`shapes`].
//!
//! An item that DynamoDB may already have expired (`expires_at`) is never reported as missing. Findings mask
//! phone numbers.

mod access;
mod calls;
mod contacts;
mod costs;
mod ended;
mod events;
mod finding;
mod form;
mod format;
mod group;
mod live;
mod money;
mod numbers;
mod place;
mod repeats;
mod rules;
mod sent_ids;
pub mod shapes;
mod shown;
mod source;
mod summaries;
pub mod sums;
mod survey;
mod table;
mod terms;
mod vendors;
mod walk;
mod webhooks;

pub use finding::{Finding, Rule, masked};
pub use money::{EntrySum, Money};
pub use rules::{audit, money_rules, rules};
pub use source::{ReadError, WireTable};
pub use summaries::Summaries;
pub use table::{Entry, Item, Table, number, text};
pub use walk::{Audited, Step, Walk};
