//! The golden exchanges with each endpoint.

use callbook_tests::fonedynamics::{FREE, NUMBER, OTHER, Site, done};
use callbook_tests::golden::{self, Placeholders};
use callbook_tests::teletracker::pair;

#[tokio::test]
async fn every_golden_exchange_is_answered_as_recorded() {
    // The exchanges about calls and available numbers are checked in their own modules.
    let here = |name: &str| !name.starts_with("calls-") && !name.starts_with("available-");
    let goldens = golden::files("fonedynamics").into_iter();
    for (name, golden) in goldens.filter(|(name, _)| here(name)) {
        let site = Site::new().await;
        let (property, address) = (site.property("Roofing").await, site.address(FREE).await);
        done(&site.buy(&property, OTHER).await);
        let placeholders = Placeholders::from([
            ("basic", pair(&site.key.name, &site.key.secret)),
            ("account_sid", site.sid().to_owned()),
            ("property_sid", property),
            ("address_sid", address),
            ("in_stock", NUMBER.to_owned()),
            ("bought", OTHER.to_owned()),
            ("bought_digits", OTHER.trim_start_matches('+').to_owned()),
        ]);
        golden::check(&site.world, &name, &golden, &placeholders).await;
    }
}
