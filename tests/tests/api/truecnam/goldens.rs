use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::World;
use callbook_tests::golden::{self, Placeholders};
use callbook_tests::truecnam::Pbx;

#[tokio::test]
async fn every_exchange_of_the_document_is_answered_as_documented() {
    for (name, golden) in golden::files("truecnam") {
        let world = World::new().await;
        let limits = Limits::of_new(CredentialKind::Truecnam);
        let pbx = Pbx::limited(&world, limits, |account| account.carrier = true).await;
        let placeholders = Placeholders::from([
            ("username", pbx.key.name.clone()),
            ("password", pbx.key.secret.clone()),
            ("reporter", pbx.reporter.secret.clone()),
        ]);
        golden::check(&world, &name, &golden, &placeholders).await;
    }
}
