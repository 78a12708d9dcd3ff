use callbook_tests::golden::{self, Placeholders};
use callbook_tests::teletracker::{Desk, basic, integrator};

#[tokio::test]
async fn every_exchange_of_the_document_is_answered_as_documented() {
    for (name, golden) in golden::files("teletracker") {
        let desk = Desk::new().await;
        let session = desk.login().await;
        let placeholders = Placeholders::from([
            ("account_id", desk.account_id().to_owned()),
            ("basic", basic(&desk.user)),
            ("integrator", integrator(&desk.integrator)),
            ("bearer", session.bearer()),
            ("refresh_token", session.refresh_token.clone()),
            ("username", desk.user.name.clone()),
            ("password", desk.user.secret.clone()),
        ]);
        golden::check(&desk.world, &name, &golden, &placeholders).await;
    }
}
