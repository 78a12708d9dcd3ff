use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};

/// What may reach a switch of a call from [`CALLING`].
const MANGLED: [&str; 7] = [
    "2069735100",
    "9735100",
    "5100",
    "120697351",
    "1206",
    "0012069735100",
    "1206973510099",
];

#[tokio::test]
async fn a_mangled_number_proposes_the_full_one_with_its_names_and_is_recorded_as_it() {
    for mangled in MANGLED {
        let world = World::new().await;
        let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
        called
            .report(&world, "1", CALLING, Some("Jane Doe"), "Disconnected", true)
            .await;
        pbx.start(&world, CALLING, CALLED).await;
        let told = called.ask(&world, mangled, Some(CALLED)).await;
        assert_eq!(told["proposed_calling_number"], CALLING, "{mangled}");
        assert_eq!(told["calling_number"], mangled, "{mangled}");
        assert_eq!(told["name"], "JANE DOE", "{mangled}");
        assert_eq!(told["extended_name"], "Jane Doe", "{mangled}");
        assert_ne!(
            told["true_clid"], "verified",
            "{mangled}: it is not exactly the pair"
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
async fn a_mangled_number_that_is_a_possible_one_is_recorded_as_that() {
    let world = World::new().await;
    let (pbx, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    called.name(&world, CALLING, "Jane Doe").await;
    pbx.start(&world, CALLING, CALLED).await;
    let prefixed = format!("9{CALLING}");
    let told = called.ask(&world, &prefixed, Some(CALLED)).await;
    assert_eq!(told["proposed_calling_number"], CALLING);
    assert_eq!(told["name"], "JANE DOE");
    assert_eq!(
        world.only("lead").await.text("phone"),
        format!("+{prefixed}")
    );
}

#[tokio::test]
async fn nothing_is_proposed_for_a_whole_number_or_without_a_live_start_to_the_called_number() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    let proposed = async |calling: &str, called: &str| {
        let told = pbx.ask(&world, calling, Some(called)).await;
        told["proposed_calling_number"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    assert_eq!(proposed("9735100", CALLED).await, "", "nothing is live");
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(proposed("9735100", CALLED).await, CALLING);
    assert_eq!(proposed(CALLING, CALLED).await, "", "the number itself");
    assert_eq!(
        proposed("9735100", OTHER).await,
        "",
        "another called number"
    );
    assert_eq!(proposed("9735101", CALLED).await, "", "another number");
    assert_eq!(proposed("973", CALLED).await, "", "a piece of the middle");
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(proposed("9735100", CALLED).await, "", "the call is over");
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(4 * 3_600 + 1);
    assert_eq!(
        proposed("9735100", CALLED).await,
        "",
        "the call is no longer live"
    );
}

#[tokio::test]
async fn digits_without_a_proposal_have_no_name_of_another_number() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.name(&world, CALLING, "Jane Doe").await;
    let told = pbx.ask(&world, "9735100", Some(CALLED)).await;
    assert_eq!(
        (&told["name"], &told["extended_name"]),
        (&"".into(), &"".into())
    );
}
