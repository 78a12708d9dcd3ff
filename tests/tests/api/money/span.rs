//! The days of billing, within which a list of costs over decades reads.

use callbook::model::time::{Instant, Zone};
use callbook_tests::faults;
use callbook_tests::tld::Platform;

fn at(text: &str) -> Instant {
    Instant::parse(text, &Zone::utc()).unwrap()
}

#[tokio::test]
async fn bills_of_other_days_widen_the_days_of_billing_before_they_are_recorded() {
    let (world, proxy) = faults::world().await;
    let platform = Platform::on(world, |_| {}).await;
    let (world, account) = (&platform.world, &platform.account);
    world.wait(2 * 86_400);
    let days = async || {
        let days = world.ledger.billed_days(account, world.clock.now()).await;
        let days = days.unwrap().unwrap();
        [days.from, days.to]
    };
    // From the day of the account to the end of today.
    let today = [at("2026-11-21T00:00:00Z"), at("2026-11-24T00:00:00Z")];
    assert_eq!(days().await, today);
    let bill = async |cid: &str, billed: &str| {
        proxy.heal();
        let fields = [
            ("did", "+12069735100"),
            ("cid", cid),
            ("cost", "25"),
            ("date_billed", billed),
        ];
        assert_eq!(platform.form(&fields).await.status, 200);
        let updates = proxy.verbs().get("UpdateItem").copied();
        updates.unwrap_or_default()
    };
    assert_eq!(bill("+12065550100", "2026-11-22 10:00:00").await, 0);
    assert_eq!(days().await, today);
    assert_eq!(bill("+12065550101", "2019-05-01 10:00:00").await, 1);
    assert_eq!(days().await, [at("2019-05-01T00:00:00Z"), today[1]]);
    // What is known costs nothing more.
    assert_eq!(bill("+12065550102", "2020-05-01 10:00:00").await, 0);
    assert_eq!(bill("+12065550103", "2027-02-01 10:00:00").await, 1);
    assert_eq!(bill("+12065550104", "2027-01-01 10:00:00").await, 0);
    let wide = [at("2019-05-01T00:00:00Z"), at("2027-02-02T00:00:00Z")];
    assert_eq!(days().await, wide);
    // An account of an earlier version has days that nobody noted.
    let mut earlier = account.clone();
    earlier.keeps_span = false;
    let days = world.ledger.billed_days(&earlier, world.clock.now()).await;
    assert_eq!(days.unwrap(), None);
}
