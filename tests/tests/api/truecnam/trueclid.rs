use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};

const HOUR: u64 = 3_600;

/// The account that [`CALLING`] is registered to, and an account that is called.
async fn two(world: &World, opted_in: bool) -> (Pbx, Pbx) {
    let owner = Pbx::with(world, |account| {
        account.carrier = true;
        account.trueclid = opted_in;
    })
    .await;
    owner.register(world, CALLING).await;
    (owner, Pbx::carrier(world).await)
}

#[tokio::test]
async fn a_live_call_of_the_pair_by_a_carrier_verifies_the_caller() {
    for (registered, opted_in) in [(false, false), (true, false), (true, true)] {
        let world = World::new().await;
        let owner = Pbx::with(&world, |account| account.trueclid = opted_in).await;
        if registered {
            owner.register(&world, CALLING).await;
        }
        let (called, third) = (Pbx::new(&world).await, Pbx::carrier(&world).await);
        third.start(&world, CALLING, CALLED).await;
        for asking in [&called, &third, &owner] {
            let verdict = asking.true_clid(&world, CALLING, CALLED).await;
            assert_eq!(
                verdict, "verified",
                "registered {registered}, opted in {opted_in}"
            );
        }
        let verdict = called.true_clid(&world, CALLING, OTHER).await;
        assert_ne!(verdict, "verified", "another called number is another pair");
        let verdict = called.true_clid(&world, CALLED, CALLING).await;
        assert_ne!(verdict, "verified", "the reverse direction is another pair");
        assert_eq!(third.end(&world, CALLING, CALLED).await, "0");
        let verdict = called.true_clid(&world, CALLING, CALLED).await;
        assert_ne!(verdict, "verified", "an ended call verifies nothing");
    }
}

#[tokio::test]
async fn a_call_verifies_its_caller_while_it_is_live() {
    let world = World::new().await;
    let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(4 * HOUR - 1);
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "verified");
    world.wait(2);
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn an_end_by_one_account_leaves_another_accounts_call_of_the_pair_live() {
    let world = World::new().await;
    let (a, b) = (Pbx::carrier(&world).await, Pbx::carrier(&world).await);
    a.start(&world, CALLING, CALLED).await;
    b.start(&world, CALLING, CALLED).await;
    assert_eq!(a.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(a.true_clid(&world, CALLING, CALLED).await, "verified");
    assert_eq!(b.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(a.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn calls_to_other_numbers_by_the_owner_within_a_day_answer_true() {
    for (opted_in, ended, after, wanted) in [
        (false, false, 0, "true"),
        (true, false, 0, "true"),
        (true, true, 60, "true"),
        (false, true, 24 * HOUR - 1, "true"),
        (true, false, 24 * HOUR - 1, "true"),
        (true, true, 24 * HOUR + 1, "false"),
        (true, false, 24 * HOUR + 1, "false"),
        (false, true, 24 * HOUR + 1, "unknown"),
    ] {
        let world = World::new().await;
        let (owner, called) = two(&world, opted_in).await;
        owner.start(&world, CALLING, OTHER).await;
        if ended {
            assert_eq!(owner.end(&world, CALLING, OTHER).await, "0");
        }
        world.wait(after);
        for asking in [&called, &owner] {
            let verdict = asking.true_clid(&world, CALLING, CALLED).await;
            assert_eq!(
                verdict, wanted,
                "opted in {opted_in}, ended {ended}, after {after} s"
            );
        }
    }
}

#[tokio::test]
async fn a_call_that_is_live_for_more_than_a_day_answers_true_until_its_end() {
    let world = World::new().await;
    let owner = Pbx::with(&world, |account| {
        account.carrier = true;
        account.trueclid = true;
        account.live_call_hours = 48;
    })
    .await;
    owner.register(&world, CALLING).await;
    owner.start(&world, CALLING, OTHER).await;
    world.wait(30 * HOUR);
    assert_eq!(owner.true_clid(&world, CALLING, CALLED).await, "true");
    assert_eq!(owner.end(&world, CALLING, OTHER).await, "0");
    assert_eq!(owner.true_clid(&world, CALLING, CALLED).await, "false");
}

#[tokio::test]
async fn an_end_leaves_the_live_call_to_another_number_in_the_same_slot() {
    // Latest starts are stored in slots, and these two numbers share one. The second start replaces the
    // first, except for the time until which a call may be live.
    let (one, two) = ("13105550100", "13105550111");
    for (ended, wanted) in [(one, "true"), (two, "unknown")] {
        let world = World::new().await;
        let owner = Pbx::with(&world, |account| {
            account.carrier = true;
            account.trueclid = true;
            account.live_call_hours = 48;
        })
        .await;
        owner.register(&world, CALLING).await;
        owner.start(&world, CALLING, one).await;
        world.wait(HOUR);
        owner.start(&world, CALLING, two).await;
        world.wait(HOUR);
        assert_eq!(owner.end(&world, CALLING, ended).await, "0");
        world.wait(24 * HOUR);
        let verdict = owner.true_clid(&world, CALLING, CALLED).await;
        assert_eq!(verdict, wanted, "after the end of {ended}");
    }
}

#[tokio::test]
async fn a_number_called_again_after_an_end_is_live_again() {
    let world = World::new().await;
    let owner = Pbx::with(&world, |account| {
        account.carrier = true;
        account.trueclid = true;
        account.live_call_hours = 48;
    })
    .await;
    owner.register(&world, CALLING).await;
    for _ in 0..2 {
        owner.start(&world, CALLING, OTHER).await;
        world.wait(30 * HOUR);
        assert_eq!(owner.true_clid(&world, CALLING, CALLED).await, "true");
        assert_eq!(owner.end(&world, CALLING, OTHER).await, "0");
        assert_eq!(owner.true_clid(&world, CALLING, CALLED).await, "false");
    }
}

#[tokio::test]
async fn starts_are_stored_while_any_of_their_calls_may_be_live() {
    let world = World::new().await;
    let mut owner = Pbx::with(&world, |account| {
        account.carrier = true;
        account.live_call_hours = 168;
    })
    .await;
    owner.start(&world, CALLING, OTHER).await;
    let until = world.only("live_call").await.text("expires_at");
    world
        .change(&mut owner.account, |account| account.live_call_hours = 1)
        .await;
    world.wait(HOUR);
    owner.start(&world, CALLING, CALLED).await;
    let expires = world.only("number_starts").await.text("expires_at");
    let seconds = |text: &str| text.parse::<i64>().unwrap();
    assert!(seconds(&expires) >= seconds(&until));
}

#[tokio::test]
async fn calls_by_another_account_do_not_answer_true() {
    for opted_in in [false, true] {
        let world = World::new().await;
        let (_owner, other) = two(&world, opted_in).await;
        other.start(&world, CALLING, OTHER).await;
        let verdict = other.true_clid(&world, CALLING, CALLED).await;
        assert_ne!(verdict, "true", "opted in {opted_in}");
        assert_ne!(verdict, "verified", "opted in {opted_in}");
    }
}

#[tokio::test]
async fn a_number_that_another_account_called_from_recently_is_not_answered_as_spoofed() {
    let world = World::new().await;
    let (owner, carrier) = two(&world, true).await;
    carrier.start(&world, CALLING, OTHER).await;
    for asking in [&owner, &carrier] {
        let verdict = asking.true_clid(&world, CALLING, CALLED).await;
        assert_eq!(verdict, "unknown", "the call is live");
    }
    assert_eq!(carrier.end(&world, CALLING, OTHER).await, "0");
    assert_eq!(carrier.true_clid(&world, CALLING, CALLED).await, "unknown");
    assert_eq!(carrier.true_clid(&world, CALLING, OTHER).await, "unknown");
    world.wait(24 * HOUR + 1);
    assert_eq!(carrier.true_clid(&world, CALLING, CALLED).await, "false");
}

#[tokio::test]
async fn a_number_without_recent_calls_answers_false_only_if_its_account_opted_in() {
    let world = World::new().await;
    let (opted, called) = two(&world, true).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "false");
    assert_eq!(
        called.true_clid(&world, OTHER, CALLED).await,
        "unknown",
        "a number without an owner"
    );

    let mut account = opted.account.clone();
    world
        .change(&mut account, |account| account.trueclid = false)
        .await;
    assert_eq!(
        called.true_clid(&world, CALLING, CALLED).await,
        "unknown",
        "opted out"
    );
    world
        .change(&mut account, |account| account.trueclid = true)
        .await;
    assert_eq!(
        called.true_clid(&world, CALLING, CALLED).await,
        "false",
        "opted in again"
    );
}

#[tokio::test]
async fn a_number_that_called_only_the_called_number_is_unknown() {
    let world = World::new().await;
    let (owner, called) = two(&world, true).await;
    owner.start(&world, CALLING, CALLED).await;
    assert_eq!(owner.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn an_ended_call_to_the_called_number_does_not_hide_calls_to_others() {
    let world = World::new().await;
    let (owner, called) = two(&world, true).await;
    for last in 0..40 {
        owner
            .start(&world, CALLING, &format!("131055501{last:02}"))
            .await;
    }
    owner.start(&world, CALLING, CALLED).await;
    assert_eq!(owner.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "true");
}

#[tokio::test]
async fn a_released_number_is_unknown() {
    let world = World::new().await;
    let (owner, called) = two(&world, true).await;
    owner.start(&world, CALLING, OTHER).await;
    owner.unregister(&world, CALLING).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn a_number_registered_again_is_judged_by_the_calls_of_its_new_account() {
    let world = World::new().await;
    let (before, called) = two(&world, true).await;
    before.start(&world, CALLING, OTHER).await;
    before.unregister(&world, CALLING).await;
    let after = Pbx::new(&world).await;
    after.register(&world, CALLING).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
    after.start(&world, CALLING, OTHER).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "true");
}

#[tokio::test]
async fn forms_without_the_field_are_answered() {
    let world = World::new().await;
    let (_owner, called) = two(&world, true).await;
    for kind in ["simple", "basic"] {
        let query = [
            ("calling_number", CALLING),
            ("called_number", CALLED),
            ("resp_type", kind),
        ];
        let reply = called.get(&world, &query).await;
        assert_eq!(
            (reply.status, reply.json()["name"].as_str()),
            (200, Some("")),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn only_the_owner_and_carriers_verify_a_registered_number() {
    for opted_in in [false, true] {
        let world = World::new().await;
        let owner = Pbx::with(&world, |account| account.trueclid = opted_in).await;
        owner.register(&world, CALLING).await;
        let (called, stranger) = (Pbx::new(&world).await, Pbx::new(&world).await);
        let silent = if opted_in { "false" } else { "unknown" };
        stranger.start(&world, CALLING, CALLED).await;
        stranger.start(&world, CALLING, OTHER).await;
        for asking in [&called, &stranger, &owner] {
            let verdict = asking.true_clid(&world, CALLING, CALLED).await;
            assert_eq!(verdict, silent, "a stranger's calls prove nothing");
        }
        owner.start(&world, CALLING, CALLED).await;
        assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "verified");
    }
}

#[tokio::test]
async fn a_key_with_carrier_service_vouches_and_another_key_of_its_account_does_not() {
    let world = World::new().await;
    let owner = Pbx::with(&world, |account| account.trueclid = true).await;
    owner.register(&world, CALLING).await;
    let mut pbx = Pbx::new(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(pbx.true_clid(&world, CALLING, CALLED).await, "false");
    let kind = pbx.key.credential.kind;
    pbx.key = world
        .credential_with(&pbx.account, kind, |new| new.carrier = true)
        .await;
    world.wait(61);
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(owner.true_clid(&world, CALLING, CALLED).await, "verified");
    assert_eq!(owner.true_clid(&world, CALLING, OTHER).await, "unknown");
}

#[tokio::test]
async fn any_account_verifies_a_number_that_nobody_registered() {
    let world = World::new().await;
    let (called, stranger) = (Pbx::new(&world).await, Pbx::new(&world).await);
    stranger.start(&world, CALLING, CALLED).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "verified");
    let owner = Pbx::with(&world, |account| account.trueclid = true).await;
    owner.register(&world, CALLING).await;
    assert_eq!(
        called.true_clid(&world, CALLING, CALLED).await,
        "false",
        "it has an owner now, who has not started the call"
    );
}

#[tokio::test]
async fn the_end_of_one_carriers_call_leaves_anothers_in_use() {
    let world = World::new().await;
    let owner = Pbx::with(&world, |account| account.trueclid = true).await;
    owner.register(&world, CALLING).await;
    let long = |account: &mut callbook::model::account::Account| {
        account.carrier = true;
        account.live_call_hours = 48;
    };
    let (first, second) = (Pbx::with(&world, long).await, Pbx::with(&world, long).await);
    first.start(&world, CALLING, OTHER).await;
    second.start(&world, CALLING, OTHER).await;
    world.wait(30 * HOUR);
    assert_eq!(first.end(&world, CALLING, OTHER).await, "0");
    assert_eq!(owner.true_clid(&world, CALLING, CALLED).await, "unknown");
    assert_eq!(second.end(&world, CALLING, OTHER).await, "0");
}
