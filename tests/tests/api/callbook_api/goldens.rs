//! Exchanges with each endpoint, as files.

use callbook::model::credential::CredentialKind;
use callbook::model::currency::Currency;
use callbook::model::time::Zone;
use callbook_tests::World;
use callbook_tests::golden::{self, Placeholders};
use callbook_tests::teletracker::pair;

#[tokio::test]
async fn every_golden_exchange_is_answered_as_it_is_written() {
    for (name, golden) in golden::files("callbook") {
        let world = World::new().await;
        let account = world
            .account_with(|account| {
                account.zone = Zone::parse("America/New_York").unwrap();
                account.currency = Currency::parse("EUR").unwrap();
            })
            .await;
        let user = world.credential(&account, CredentialKind::User).await;
        let placeholders = Placeholders::from([
            ("basic", pair(&user.name, &user.secret)),
            ("username", user.name.clone()),
            ("account_id", account.id.to_string()),
        ]);
        golden::check(&world, &name, &golden, &placeholders).await;
    }
}
