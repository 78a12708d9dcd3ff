//! Leads and first contacts: the version before kept the last cost of the caller with both, and did not say
//! which report is the first contact.

use crate::ledger::keys::Key;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;

impl Ledger {
    /// Converts a first contact, unless that is done.
    pub(super) async fn convert_first(&self, key: Key) -> Result<(), StoreError> {
        let update = self.update_item(
            key,
            "SET report_sid = call_sid REMOVE cost, date_billed",
            "attribute_exists(call_sid) AND attribute_not_exists(report_sid)",
        );
        update.send().await.map(drop)
    }

    /// Deletes the first contact of a withheld caller whose keypad spelling was taken for a number.
    pub(super) async fn delete_first(&self, key: Key) -> Result<(), StoreError> {
        self.delete_if_present(key).await.map(drop)
    }

    /// Takes the last cost off a lead, whose entries are summed up beside it.
    pub(super) async fn convert_lead(&self, key: Key) -> Result<(), StoreError> {
        let update = self.update_item(key, "REMOVE cost", "attribute_exists(cost)");
        update.send().await.map(drop)
    }
}
