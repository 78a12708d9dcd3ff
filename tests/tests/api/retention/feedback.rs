//! Feedback ends, and what comes after begins anew, although nobody reads its account.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_audit::text;
use callbook_tests::World;
use callbook_tests::truecnam::{CALLING, Pbx};

use super::{COSTS, DAY, delete_ended, end, from_now, keeping, kind, number, set, table};

/// Sends feedback about a number of an account.
pub async fn report(world: &World, account: &Account, response: &str) {
    let pbx = Pbx::of(world, account.clone(), Limits::default()).await;
    pbx.report(world, response, CALLING, None, "Connected", true)
        .await;
}

/// The ends of the feedback of the table: of the pieces by their response, and of the latest.
fn ends(world: &World) -> (Vec<(String, Option<i64>)>, Option<i64>) {
    let table = table(world);
    let of = |wanted: &'static str| table.values().filter(move |item| kind(item) == wanted);
    let pieces = of("feedback").map(|item| {
        let id = text(item, "response_id").expect("an id").to_owned();
        (id, end(item))
    });
    (pieces.collect(), of("latest_feedback").find_map(end))
}

#[tokio::test]
async fn each_piece_ends_after_its_receipt_and_the_sum_of_a_number_after_the_last() {
    let world = World::new().await;
    let pbx = Pbx::with(&world, keeping).await;
    pbx.report(&world, "T_1", CALLING, Some("Jane Doe"), "Connected", true)
        .await;
    let first = from_now(&world, COSTS);
    assert_eq!(ends(&world), (vec![("T_1".to_owned(), first)], first));
    world.wait(40 * DAY);
    pbx.report(&world, "T_2", CALLING, None, "Connected", true)
        .await;
    let second = from_now(&world, COSTS);
    let both = vec![("T_1".to_owned(), first), ("T_2".to_owned(), second)];
    assert_eq!(ends(&world), (both, second));
    world.wait(u64::from(COSTS) * DAY);
    let answer = pbx.ask(&world, CALLING, None).await;
    assert_eq!(
        answer["name"], "JANE DOE",
        "it is known until the last has ended"
    );
    world.wait(DAY);
    let answer = pbx.ask(&world, CALLING, None).await;
    assert_ne!(answer["name"], "JANE DOE");
}

#[tokio::test]
async fn feedback_about_a_number_whose_feedback_has_ended_begins_anew() {
    for (step, name) in [
        (usize::MAX, None),
        (2, None),
        (1, None),
        (usize::MAX, Some("John Roe")),
        (1, Some("John Roe")),
    ] {
        let world = World::new().await;
        let pbx = Pbx::with(&world, keeping).await;
        for response in ["T_1", "T_2"] {
            pbx.report(
                &world,
                response,
                CALLING,
                Some("Jane Doe"),
                "Disconnected",
                true,
            )
            .await;
        }
        world.wait((u64::from(COSTS) + 1) * DAY);
        delete_ended(&world, |place| place % step == step - 1).await;
        pbx.report(&world, "T_1", CALLING, name, "Connected", true)
            .await;
        let answer = pbx.ask(&world, CALLING, None).await;
        assert_eq!(answer["spam_score"], 0, "{step}");
        match name {
            Some(name) => assert_eq!(answer["name"], name.to_uppercase(), "{step}"),
            None => assert_ne!(answer["name"], "JANE DOE", "{step}"),
        }
        let table = table(&world);
        let piece = table
            .values()
            .find(|item| text(item, "response_id") == Some("T_1"));
        let piece = piece.expect("the feedback");
        let now = world.clock.now().millis();
        assert_eq!(number(piece, "first_received_at"), Some(now), "{step}");
        let latest = table.values().find(|item| kind(item) == "latest_feedback");
        let latest = latest.expect("the latest feedback");
        assert_eq!(text(latest, "name"), name, "{step}");
        assert_eq!(end(latest), from_now(&world, COSTS), "{step}");
        delete_ended(&world, |_| true).await;
    }
}

#[tokio::test]
async fn credentials_say_how_long_their_account_keeps_feedback_whoever_is_first() {
    let world = World::new().await;
    let mut account = world.account().await;
    let before = world.credential(&account, CredentialKind::Trestle).await;
    set(&world, &mut account, super::days(90), super::days(COSTS)).await;
    let after = world.credential(&account, CredentialKind::Trestle).await;
    let user = world.credential(&account, CredentialKind::User).await;
    for (key, days) in [(&before, Some(COSTS)), (&after, Some(COSTS)), (&user, None)] {
        let credential = &key.credential;
        let found = world.ledger.credential(credential.kind, &credential.name);
        let found = found.await.expect("the store").expect("the credential");
        let said = found.feedback_kept.as_days().map(|days| days.get());
        assert_eq!(said, days, "{:?}", credential.kind);
    }
    super::apply(&world.ledger, &account.id).await;
    assert_eq!(
        world
            .ledger
            .tell_credentials(&account)
            .await
            .expect("the store"),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_meet_at_ended_feedback_are_all_counted_once() {
    for round in 0..8 {
        let world = World::new().await;
        let pbx = Pbx::with(&world, keeping).await;
        pbx.report(&world, "T_0", CALLING, Some("Jane Doe"), "Connected", true)
            .await;
        world.wait((u64::from(COSTS) + 1) * DAY);
        tokio::join!(
            pbx.report(&world, "T_0", CALLING, None, "Disconnected", true),
            pbx.report(&world, "T_1", CALLING, None, "Connected", true),
            pbx.report(&world, "T_2", CALLING, None, "Connected", false),
            pbx.report(&world, "T_3", CALLING, None, "Connected", true),
        );
        let answer = pbx.ask(&world, CALLING, None).await;
        assert_eq!(answer["spam_score"], 50, "round {round}");
        assert_ne!(answer["name"], "JANE DOE", "round {round}");
        assert_eq!(ends(&world).0.len(), 4, "round {round}");
    }
}
