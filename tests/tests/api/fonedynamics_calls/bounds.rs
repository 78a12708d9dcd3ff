//! What an account's numbers went through makes a call cost no more.

use callbook::model::credential::Limits;
use callbook_tests::faults;
use callbook_tests::fonedynamics::{NUMBER, OTHER, Site, done, path_of};
use callbook_tests::truecnam::{CALLING, Pbx};
use callbook_tests::units;

#[tokio::test]
async fn a_call_reads_the_assignments_of_its_own_number_alone() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let property = site.property("P").await;
    for _ in 0..40 {
        done(&site.buy(&property, OTHER).await);
        done(&site.delete(&path_of(OTHER)).await);
        site.world.wait(1);
    }
    done(&site.buy(&property, NUMBER).await);
    let pbx = Pbx::of(&site.world, site.account.clone(), Limits::default()).await;
    site.world.wait(1);
    let did = NUMBER.trim_start_matches('+');
    pbx.ask(&site.world, CALLING, Some(did)).await;
    let sid = site.world.only("call").await.text("call_sid");
    proxy.heal();
    let reply = site.get(&format!("/v2/Calls/{sid}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reads = proxy.seen();
    let mut all = 0.0;
    for seen in reads.iter().filter(|seen| seen.verb == "Query") {
        all += units::of(&site.world, seen).await;
    }
    assert!((all - 1.0).abs() < f64::EPSILON, "{all} units");
}
