use callbook_tests::World;
use callbook_tests::call_data::{authorization, integrator, user};
use callbook_tests::golden::{self, Placeholders};

#[tokio::test]
async fn every_golden_exchange_is_answered_as_documented() {
    let files = golden::files("teletracker").into_iter();
    let files: Vec<_> = files
        .filter(|(name, _)| name.starts_with("call-data-"))
        .collect();
    assert!(files.len() >= 10, "{} files", files.len());
    for (name, golden) in files {
        let world = World::new().await;
        let account = world.account().await;
        let user = user(&world, &account).await;
        let integrator = integrator(&world, &account, std::slice::from_ref(&account.id)).await;
        let placeholders = Placeholders::from([
            ("account_id", account.id.to_string()),
            ("basic", authorization(&user)),
            ("integrator", authorization(&integrator)),
        ]);
        golden::check(&world, &name, &golden, &placeholders).await;
    }
}
