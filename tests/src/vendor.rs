//! Vendors of an account, for tests of what is theirs.

use callbook::ledger::{Creation, Update, VendorAssignment};
use callbook::model::account::Account;
use callbook::model::cost::Cost;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::CivilDay;
use callbook::model::vendor::{Terms, Vendor, VendorId, VendorName};

use crate::World;

/// A vendor's id.
#[must_use]
pub fn id(text: &str) -> VendorId {
    VendorId::parse(text).expect("an id")
}

/// Terms without a minimum and without a window for duplicates.
#[must_use]
pub fn terms(from: &str, price: &str) -> Terms {
    Terms {
        from: CivilDay::parse(from).expect("a day"),
        price: Cost::parse(price).expect("a price"),
        minimum_seconds: 0,
        duplicate_days: 0,
    }
}

/// Adds a vendor that is called as its id.
pub async fn add(world: &World, account: &Account, text: &str) -> Vendor {
    let name = VendorName::parse(text).expect("a name");
    let vendor = Vendor::new(id(text), name, world.clock.now());
    let created = world.ledger.create_vendor(&account.id, vendor, None);
    match created.await.expect("the store") {
        Creation::Created(vendor) => vendor,
        other => panic!("{other:?}"),
    }
}

/// Assigns a registered number to a vendor, or to none, from now on.
pub async fn assign(world: &World, account: &Account, number: &str, vendor: Option<&str>) {
    let (number, vendor) = (
        PhoneNumber::parse(number).expect("a number"),
        vendor.map(id),
    );
    let assignment = VendorAssignment {
        number: &number,
        vendor: vendor.as_ref(),
        from: world.clock.now(),
        until: None,
    };
    let assigned = world.ledger.assign_number_vendor(&account.id, &assignment);
    assert!(matches!(assigned.await, Ok(Update::Updated(_))));
}
