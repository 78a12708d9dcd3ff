//! The golden exchanges with calls.

use callbook_tests::golden::{self, Placeholders};
use callbook_tests::teletracker;

use super::{Desk, JOHN, OURS};

#[tokio::test]
async fn every_golden_exchange_about_calls_is_answered_as_recorded() {
    let goldens = golden::files("fonedynamics");
    let about_calls = goldens
        .iter()
        .filter(|(name, _)| name.starts_with("calls-"));
    let mut checked = 0;
    for (name, golden) in about_calls {
        let desk = Desk::new().await;
        let mut placeholders = Placeholders::from([
            ("authorization", teletracker::basic(&desk.key)),
            ("account_sid", desk.account.sid.as_str().to_owned()),
            ("property_sid", desk.property.as_str().to_owned()),
        ]);
        if golden.to_string().contains("{{call_sid}}") {
            let call = desk.record(JOHN, OURS, &[]).await;
            let sid = call["CallSid"].as_str().unwrap().to_owned();
            placeholders.insert("call_sid", sid);
        }
        golden::check(&desk.world, name, golden, &placeholders).await;
        checked += 1;
    }
    assert!(checked > 10, "only {checked} exchanges were found");
}
