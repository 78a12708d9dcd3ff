use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};

/// Forms in which a call from [`CALLING`] may reach a switch.
const MANGLED: [&str; 6] = [
    "2069735100",
    "9735100",
    "120697351",
    "1206973",
    "0012069735100",
    "1206973510099",
];

#[tokio::test]
async fn a_mangled_number_is_answered_and_recorded_as_the_full_number_of_a_live_call() {
    for mangled in MANGLED {
        let world = World::new().await;
        let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
        called.register(&world, CALLED).await;
        called
            .report(&world, "1", CALLING, Some("Jane Doe"), "Disconnected", true)
            .await;
        pbx.start(&world, CALLING, CALLED).await;
        let answer = called.ask(&world, mangled, Some(CALLED)).await;
        assert_eq!(answer["proposed_calling_number"], CALLING, "{mangled}");
        assert_eq!(answer["calling_number"], mangled, "{mangled}");
        assert_eq!(answer["name"], "JANE DOE", "{mangled}");
        assert_eq!(answer["extended_name"], "Jane Doe", "{mangled}");
        assert_ne!(
            answer["true_clid"], "verified",
            "{mangled}: only the exact number is verified"
        );
        let calls = world.items("call").await;
        let call = calls
            .iter()
            .find(|call| call.text("direction") == "inbound")
            .expect("a call");
        assert_eq!(call.text("call_from"), format!("+{CALLING}"), "{mangled}");
        assert_eq!(
            world.only("lead").await.text("phone"),
            format!("+{CALLING}"),
            "{mangled}"
        );
    }
}

#[tokio::test]
async fn a_mangled_number_that_is_itself_a_possible_number_is_recorded_as_that() {
    let world = World::new().await;
    let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    called.register(&world, CALLED).await;
    called.name(&world, CALLING, "Jane Doe").await;
    pbx.start(&world, CALLING, CALLED).await;
    let prefixed = format!("9{CALLING}");
    let answer = called.ask(&world, &prefixed, Some(CALLED)).await;
    assert_eq!(answer["proposed_calling_number"], CALLING);
    assert_eq!(answer["name"], "JANE DOE");
    assert_eq!(
        world.only("lead").await.text("phone"),
        format!("+{prefixed}")
    );
}

#[tokio::test]
async fn nothing_is_proposed_for_a_full_number_or_without_a_live_call_to_the_called_number() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    for number in [CALLED, OTHER] {
        pbx.register(&world, number).await;
    }
    let proposed = async |calling: &str, called: &str| {
        let answer = pbx.ask(&world, calling, Some(called)).await;
        answer["proposed_calling_number"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    assert_eq!(proposed("9735100", CALLED).await, "", "no call is live");
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(proposed("9735100", CALLED).await, CALLING);
    assert_eq!(proposed(CALLING, CALLED).await, "", "the number itself");
    assert_eq!(
        proposed("9735100", OTHER).await,
        "",
        "another called number"
    );
    assert_eq!(proposed("9735101", CALLED).await, "", "another number");
    assert_eq!(
        proposed("2069735", CALLED).await,
        "",
        "digits from the middle"
    );
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(proposed("9735100", CALLED).await, "", "the call has ended");
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(4 * 3_600 + 1);
    assert_eq!(
        proposed("9735100", CALLED).await,
        "",
        "the call is no longer live"
    );
}

#[tokio::test]
async fn digits_without_a_proposal_get_no_name() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.name(&world, CALLING, "Jane Doe").await;
    let answer = pbx.ask(&world, "9735100", Some(CALLED)).await;
    assert_eq!(
        (&answer["name"], &answer["extended_name"]),
        (&"".into(), &"".into())
    );
}

#[tokio::test]
async fn fewer_than_seven_digits_propose_nothing() {
    let world = World::new().await;
    let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    called.register(&world, CALLED).await;
    pbx.start(&world, CALLING, CALLED).await;
    for digits in ["735100", "120697", "5100", "1206", "100", "120"] {
        let answer = called.ask(&world, digits, Some(CALLED)).await;
        assert_eq!(answer["err"], "0", "{digits}");
        assert_eq!(answer["proposed_calling_number"], "", "{digits}");
        assert_eq!(answer["name"], "", "{digits}");
    }
}

#[tokio::test]
async fn an_account_does_not_learn_who_is_calling_the_number_of_another() {
    let world = World::new().await;
    let (owner, caller) = (Pbx::new(&world).await, Pbx::new(&world).await);
    let curious = Pbx::carrier(&world).await;
    owner.register(&world, CALLED).await;
    curious.register(&world, OTHER).await;
    curious.name(&world, CALLING, "Jane Doe").await;
    caller.start(&world, CALLING, CALLED).await;
    for digits in MANGLED.into_iter().chain([CALLING, &format!("9{CALLING}")]) {
        for called in [CALLED, OTHER] {
            let answer = curious.ask(&world, digits, Some(called)).await;
            assert_eq!(answer["err"], "0", "{digits}");
            assert_eq!(answer["proposed_calling_number"], "", "{digits} {called}");
        }
    }
    // Neither does the caller, or an account that the number was registered to before.
    owner.unregister(&world, CALLED).await;
    for asking in [&caller, &owner] {
        let answer = asking.ask(&world, "9735100", Some(CALLED)).await;
        assert_eq!(answer["proposed_calling_number"], "");
    }
    curious.register(&world, CALLED).await;
    let answer = curious.ask(&world, "9735100", Some(CALLED)).await;
    assert_eq!(
        answer["proposed_calling_number"], CALLING,
        "it is its own now"
    );
}

#[tokio::test]
async fn the_latest_start_counts_and_a_contained_number_before_a_containing_one() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.register(&world, CALLED).await;
    let proposed = async |received: &str| {
        let answer = pbx.ask(&world, received, Some(CALLED)).await;
        answer["proposed_calling_number"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    for calling in ["13109735100", "12069735100", "14159735100"] {
        pbx.start(&world, calling, CALLED).await;
        world.wait(1);
    }
    assert_eq!(proposed("9735100").await, "14159735100");
    // Numbers of two lengths: received digits may contain one and be contained in the other.
    for calling in ["+4930123456", "+493012345678"] {
        pbx.start(&world, calling, CALLED).await;
        world.wait(1);
    }
    assert_eq!(proposed("49301234567").await, "4930123456");
    assert_eq!(proposed("4930123").await, "493012345678", "it started last");
}
