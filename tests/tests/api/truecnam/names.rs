use callbook_tests::World;
use callbook_tests::truecnam::{CALLING, Pbx};
use callbook_tests::written::{self, Format};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// `name` and `extended_name` of [`CALLING`] in a format.
async fn names(world: &World, pbx: &Pbx, format: Format) -> [String; 2] {
    let asked = [
        ("calling_number", CALLING),
        ("resp_type", "extended"),
        ("resp_format", format.as_str()),
    ];
    let reply = pbx.get(world, &asked).await;
    assert_eq!(reply.status, 200);
    let all = written::pairs(format, &reply.body, &written::EXTENDED);
    ["name", "extended_name"].map(|field| {
        all.iter()
            .find(|(name, _)| name == field)
            .expect("the field")
            .1
            .clone()
    })
}

#[tokio::test]
async fn every_format_answers_a_name_as_it_was_reported() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for (name, cnam) in [
        ("Jane Doe", "JANE DOE"),
        ("Doe, Jane", "DOE, JANE"),
        ("Smith \"Bob\" Jr", "SMITH \"BOB\" JR"),
        ("\"", "\""),
        ("<b>&amp;</b>", "<B>&AMP;</B>"),
        ("]]>", "]]>"),
        ("O'Neil & Sons", "O'NEIL & SONS"),
        ("=1+1", "=1+1"),
        ("+1", "+1"),
        ("-2", "-2"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("José Ñandú", "JOSE NANDU"),
        ("Acme Insurance Brokers", "ACME INSURANCE"),
        ("one\ntwo\r\nthree", "ONE TWO THREE"),
        ("a\tb", "A B"),
        ("名前 🙂", "MING QIAN"),
    ] {
        world.wait(1);
        pbx.name(&world, CALLING, name).await;
        for format in Format::ALL {
            let found = names(&world, &pbx, format).await;
            assert_eq!(found, [cnam, name], "{format:?} of {name:?}");
        }
    }
}

#[tokio::test]
async fn the_latest_name_with_right_party_contact_is_answered() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for (id, name, status, right, wanted) in [
        ("1", Some("Wrong Party"), "Connected", false, ""),
        ("2", Some("First"), "Connected", true, "First"),
        ("3", Some("Second"), "Disconnected", true, "Second"),
        ("4", Some("Wrong Again"), "Connected", false, "Second"),
        ("5", None, "Connected", true, "Second"),
        ("2", Some("First Again"), "Connected", true, "First Again"),
        // A name that was taken back does not bring back the one before it.
        ("2", None, "Connected", true, ""),
        ("6", Some("Third"), "Connected", true, "Third"),
    ] {
        world.wait(1);
        pbx.report(&world, id, CALLING, name, status, right).await;
        let answer = pbx.ask(&world, CALLING, None).await;
        assert_eq!(answer["extended_name"], wanted, "after {id}");
        assert_eq!(
            answer["cnam_match"],
            u8::from(!wanted.is_empty()),
            "after {id}"
        );
    }
}

#[test]
fn any_reported_name_can_be_read_back_from_every_format() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (world, pbx) = runtime.block_on(async {
        let world = World::new().await;
        let pbx = Pbx::new(&world).await;
        (world, pbx)
    });
    let name = prop_oneof![
        any::<String>(),
        "[ -~]{1,40}",
        "[\"',<>&;=+@\r\n\t -]{1,20}"
    ];
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&name, |name| {
        let name = name.trim();
        prop_assume!(!name.is_empty() && name.chars().count() <= 256);
        runtime.block_on(async {
            world.wait(1);
            pbx.name(&world, CALLING, name).await;
            let json = names(&world, &pbx, Format::Json).await;
            let csv = names(&world, &pbx, Format::Csv).await;
            let xml = names(&world, &pbx, Format::Xml).await;
            prop_assert_eq!(&json[1], name);
            prop_assert_eq!(&csv, &json);
            prop_assert_eq!(
                xml,
                json.map(|text| text.chars().filter(in_xml).collect::<String>())
            );
            Ok(())
        })
    });
    checked.unwrap();
}

/// Whether XML can contain the character (production 2, `Char`).
fn in_xml(character: &char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..
    )
}
