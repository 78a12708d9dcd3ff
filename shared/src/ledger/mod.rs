//! The ledger: one DynamoDB table behind typed questions and outcomes. The only user of the SDK.
//!
//! [`keys`] lists the access patterns, what each costs and the keys that serve it. Every write is
//! conditional; what becomes of it has the words of [`outcome`]. Nothing relies on the table's TTL: every
//! read compares the time itself.

mod access;
mod backup;
mod calls;
mod contacts;
mod erase;
mod events;
mod keys;
mod migrate;
mod money;
mod numbers;
mod outcome;
mod report;
mod retain;
mod summary;
mod table;
mod vendors;
mod watch;
mod webhooks;

pub use access::closing::ClosureOutcome;
pub use access::credentials::{CredentialRefusal, CredentialRevoked, CredentialUpdateRefusal};
pub use access::decoy::FoundCredential;
pub use access::deletion::{DeletionOutcome, DeletionReceipt};
pub use access::limits::{LimitReached, Remaining, Seen, Throttle};
pub use access::refused::{
    REFUSED_REQUESTS_KEPT, RefusedRequestPage, RefusedRequestPlace, RefusedRequestQuery,
};
pub use access::rotation::{NextSecret, RotationRefusal};
pub use access::sessions::SessionRevoked;
pub use backup::export::{ExportedItem, LeftOut};
pub use backup::restore::{RestoreError, RestoreStart, Restored};
pub use calls::import::{ImportedCall, PastCall};
pub use calls::live::BeforeStart;
pub use calls::live_counts::LiveCallLimit;
pub use calls::live_item::CallStart;
pub use calls::live_read::{LiveCall, LivePair, Ownership};
pub use calls::record::NewCall;
pub use calls::starts::Origin;
pub use calls::story::CallStory;
pub use calls::switch::{CallChange, StartTime, SwitchCall};
pub use contacts::contact::Contact;
pub use contacts::queue::{QueueRefusal, QueueRequest};
pub use contacts::queue_ends::FinishOutcome;
pub use contacts::taking::{LeaseOutcome, TakeRequest};
pub use contacts::waiting::{QueuePage, TakenEntry, WaitingEntry};
pub use erase::record::{ErasureReceipt, KindCounts};
pub use erase::run::{ErasureOutcome, ErasurePlan, ErasureRefusal, ErasureRequest};
pub use events::bus::{BUS_SOURCE, Bus, BusError};
pub use events::change::{
    Change, ChangeBatch, ChangeRecord, FeedbackChange, LeadChange, QueueChange, Recorded, TOLD,
};
pub use events::due::UNMATCHED_AFTER;
pub use events::log::{EVENTS_KEPT, EventPage, EventPlace};
pub use events::notice::{Notice, NoticeKind};
pub use migrate::account::{LeftItem, Migrated, OldItems};
pub use money::adjustment::{
    Adjustment, AdjustmentPage, AdjustmentRefusal, AdjustmentSubject, NewAdjustment,
};
pub use money::bill_entry::{BillEntry, BillRefusal, Billed};
pub use money::cost::{CostEvent, CostRow};
pub use money::decide::{CostAct, CostDecision, Decided, DecisionRefusal};
pub use money::list::{CostPlace, CostReport};
pub use money::refused::{RefusedBill, RefusedPage, RefusedPlace, RefusedQuery};
pub use money::totals::{Sum, Totals};
pub use numbers::addresses::AddressLinked;
pub use numbers::inventory::NumberOwned;
pub use numbers::purchase::{Purchase, PurchaseContext, PurchaseRefusal};
pub use numbers::update::NumberUpdateRefusal;
pub use outcome::{Creation, Deletion, ExistsDifferent, Update, Upsert};
pub use report::read::CallReport;
pub use report::row::{CallDetails, CallRow, LatestFeedback};
pub use retain::record::RetentionReceipt;
pub use retain::run::RetentionPlan;
pub use summary::apply::RolledUp;
pub use summary::checkpoint::SummaryState;
pub use summary::event::{FOLLOWED, StreamBatch};
pub use summary::flagged::Flagged;
pub use summary::rebuild::Rebuilt;
pub use summary::unmatched::UnmatchedCosts;
pub use table::error::StoreError;
pub use table::idempotency::IdempotentRequest;
pub use table::store::Ledger;
pub use table::stream::{UnreadableBatch, sequence};
pub use vendors::number_vendors::{AssignmentRefusal, NumberVendors, VendorAssignment};
pub use vendors::vendor::{UpdatedVendor, VendorPage, VendorRefusal, VendorUpdateRefusal};
pub use watch::{OldEntries, SilentCredential, Watched};
pub use webhooks::deliveries::DeliveryPage;
pub use webhooks::endpoints::EndpointRefusal;
pub use webhooks::hand_out::DeliveryPointer;
pub use webhooks::progress::{EndpointLease, EndpointProgress, Released};
