use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};

const HOUR: u64 = 3_600;

/// The account that the number is registered to, and one that is called.
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
async fn a_live_start_of_the_pair_by_any_account_verifies_the_caller() {
    for (registered, opted_in) in [(false, false), (true, false), (true, true)] {
        let world = World::new().await;
        let owner = Pbx::with(&world, |account| account.trueclid = opted_in).await;
        if registered {
            owner.register(&world, CALLING).await;
        }
        let (called, third) = (Pbx::new(&world).await, Pbx::carrier(&world).await);
        third.start(&world, CALLING, CALLED).await;
        for asking in [&called, &third, &owner] {
            let told = asking.true_clid(&world, CALLING, CALLED).await;
            assert_eq!(
                told, "verified",
                "registered {registered}, opted in {opted_in}"
            );
        }
        let told = called.true_clid(&world, CALLING, OTHER).await;
        assert_ne!(told, "verified", "another called number is another pair");
        let told = called.true_clid(&world, CALLED, CALLING).await;
        assert_ne!(told, "verified", "the other way round is another pair");
        assert_eq!(third.end(&world, CALLING, CALLED).await, "0");
        let told = called.true_clid(&world, CALLING, CALLED).await;
        assert_ne!(told, "verified", "a call that is over verifies nothing");
    }
}

#[tokio::test]
async fn a_start_verifies_for_as_long_as_it_is_live() {
    let world = World::new().await;
    let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(4 * HOUR - 1);
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "verified");
    world.wait(2);
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn one_accounts_end_leaves_another_accounts_live_call_of_the_pair() {
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
async fn starts_to_others_within_a_day_by_the_numbers_account_say_true() {
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
            let told = asking.true_clid(&world, CALLING, CALLED).await;
            assert_eq!(
                told, wanted,
                "opted in {opted_in}, ended {ended}, after {after} s"
            );
        }
    }
}

#[tokio::test]
async fn a_start_that_is_live_for_longer_than_a_day_says_true_until_its_end() {
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
async fn an_end_leaves_what_another_number_was_called_for() {
    // A number's starts are kept in slots, and these two lie in the same one: of the first nothing is left
    // but that it may be live.
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
        let told = owner.true_clid(&world, CALLING, CALLED).await;
        assert_eq!(told, wanted, "{ended} has ended");
    }
}

#[tokio::test]
async fn a_number_that_is_called_again_is_live_again() {
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
async fn starts_are_kept_while_any_of_their_calls_may_be_live() {
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
async fn starts_by_another_account_do_not_say_true() {
    for opted_in in [false, true] {
        let world = World::new().await;
        let (_owner, other) = two(&world, opted_in).await;
        other.start(&world, CALLING, OTHER).await;
        let told = other.true_clid(&world, CALLING, CALLED).await;
        assert_ne!(told, "true", "opted in {opted_in}");
        assert_ne!(told, "verified", "opted in {opted_in}");
    }
}

#[tokio::test]
async fn a_number_that_another_account_has_started_lately_is_not_called_spoofed() {
    let world = World::new().await;
    let (owner, carrier) = two(&world, true).await;
    carrier.start(&world, CALLING, OTHER).await;
    for asking in [&owner, &carrier] {
        let told = asking.true_clid(&world, CALLING, CALLED).await;
        assert_eq!(told, "unknown", "the call is live");
    }
    assert_eq!(carrier.end(&world, CALLING, OTHER).await, "0");
    assert_eq!(carrier.true_clid(&world, CALLING, CALLED).await, "unknown");
    assert_eq!(carrier.true_clid(&world, CALLING, OTHER).await, "unknown");
    world.wait(24 * HOUR + 1);
    assert_eq!(carrier.true_clid(&world, CALLING, CALLED).await, "false");
}

#[tokio::test]
async fn a_silent_number_says_false_only_where_its_account_opted_in() {
    let world = World::new().await;
    let (opted, called) = two(&world, true).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "false");
    assert_eq!(
        called.true_clid(&world, OTHER, CALLED).await,
        "unknown",
        "nobody's number"
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
async fn a_number_that_only_ever_called_the_called_number_says_neither_true_nor_false() {
    let world = World::new().await;
    let (owner, called) = two(&world, true).await;
    owner.start(&world, CALLING, CALLED).await;
    assert_eq!(owner.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn many_starts_to_others_are_not_forgotten_for_one_to_the_called_number() {
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
async fn a_number_that_was_given_back_is_nobodys() {
    let world = World::new().await;
    let (owner, called) = two(&world, true).await;
    owner.start(&world, CALLING, OTHER).await;
    owner.unregister(&world, CALLING).await;
    assert_eq!(called.true_clid(&world, CALLING, CALLED).await, "unknown");
}

#[tokio::test]
async fn a_number_registered_again_is_judged_by_its_new_accounts_starts() {
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
async fn the_forms_without_the_field_are_answered_too() {
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
