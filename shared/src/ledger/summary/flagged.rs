//! What goes wrong with money, counted as the stream tells of it, for metrics.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys::Key;
use crate::ledger::summary::event::{NewBill, StreamBatch, StreamRecord};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::expectation::{Expectation, KnownCall};
use crate::model::summary::delta::Fact;
use crate::model::time::{CivilDay, Zone};
use crate::model::vendor::{Vendor, VendorId};

/// The vendors that sent the new bills of a batch.
pub(in crate::ledger) type Vendors = HashMap<(AccountId, VendorId), Vendor>;

/// How many rows were flagged since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flagged {
    /// New bills whose amount is not the price that is agreed with the vendor.
    pub other_price: u32,
    /// Calls that a second vendor has billed.
    pub two_vendors: u32,
    /// Entries of which a repeat may have been for a second call.
    pub maybe_second: u32,
    /// New bills whose call id their credential had sent for another pair.
    pub id_reused: u32,
}

impl Flagged {
    /// What a record tells.
    pub(in crate::ledger) fn of(
        account: &AccountId,
        record: &StreamRecord,
        zone: &Zone,
        vendors: &Vendors,
    ) -> Self {
        let has = |fact: Option<&Fact>, flag: fn(&Fact) -> bool| fact.is_some_and(flag);
        let (old, new) = (record.old.as_ref(), record.new.as_ref());
        let raised = |flag: fn(&Fact) -> bool| u32::from(has(new, flag) && !has(old, flag));
        let bill = record.bill.as_ref();
        let other_price = bill.is_some_and(|bill| is_other_price(account, bill, zone, vendors));
        Self {
            other_price: u32::from(other_price),
            two_vendors: raised(|fact| matches!(fact, Fact::Call(call) if call.two_vendors)),
            maybe_second: raised(|fact| matches!(fact, Fact::Cost(cost) if cost.maybe_second)),
            id_reused: raised(|fact| matches!(fact, Fact::Cost(cost) if cost.id_reused)),
        }
    }

    /// Adds what others tell.
    pub(in crate::ledger) fn add(&mut self, other: Self) {
        self.other_price += other.other_price;
        self.two_vendors += other.two_vendors;
        self.maybe_second += other.maybe_second;
        self.id_reused += other.id_reused;
    }

    /// The counts with the names of their metrics.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u32); 4] {
        [
            ("other_price", self.other_price),
            ("two_vendors", self.two_vendors),
            ("maybe_second", self.maybe_second),
            ("id_reused", self.id_reused),
        ]
    }
}

/// Whether a bill came at another price than is agreed with its vendor.
pub(in crate::ledger) fn is_other_price(
    account: &AccountId,
    bill: &NewBill,
    zone: &Zone,
    vendors: &Vendors,
) -> bool {
    let vendor = vendors.get(&(account.clone(), bill.vendor.clone()));
    let terms = vendor.and_then(|found| found.terms_on(CivilDay::of(bill.at, zone)));
    // As little as may be known of the call: what is told now stays true.
    let told = terms.and_then(|terms| terms.expect(bill.amount, KnownCall::default()));
    told == Some(Expectation::OtherPrice)
}

impl Ledger {
    /// Notes on entries that they came at another price than was agreed (pattern 34). The stream tells of that
    /// note too, so sums count what the rows say, whatever is agreed later.
    pub(in crate::ledger) async fn note_other_prices(
        &self,
        entries: &[Key],
    ) -> Result<(), StoreError> {
        for key in entries {
            let condition = "attribute_exists(pk) AND attribute_not_exists(other_price)";
            self.update_item(key.clone(), "SET other_price = :yes", condition)
                .value(":yes", AttributeValue::Bool(true))
                .send()
                .await?;
        }
        Ok(())
    }

    /// The vendors that sent the new bills of a batch, one read each.
    pub(in crate::ledger) async fn vendors_of_bills(
        &self,
        batch: &StreamBatch,
    ) -> Result<Vendors, StoreError> {
        let mut vendors = Vendors::new();
        for record in &batch.records {
            let (Some(account), Some(bill)) = (&record.account, &record.bill) else {
                continue;
            };
            let key = (account.clone(), bill.vendor.clone());
            if vendors.contains_key(&key) {
                continue;
            }
            if let Some(vendor) = self.vendor(account, &bill.vendor).await? {
                vendors.insert(key, vendor);
            }
        }
        Ok(vendors)
    }
}
