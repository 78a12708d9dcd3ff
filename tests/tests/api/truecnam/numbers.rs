use callbook_tests::World;
use callbook_tests::tld::FORM;
use callbook_tests::truecnam::{CALLED, CALLING, Pbx, pair};

/// Numbers that a strict parameter refuses, with a word of the reason.
const REFUSED: [(&str, &str); 10] = [
    ("2069735100", "country code"),
    ("02069735100", "0"),
    ("0012069735100", "0"),
    ("+02069735100", "0"),
    ("1206973510", ""),
    ("120697351000", ""),
    ("11069735100", ""),
    ("1-206-973-5100", "digits"),
    ("(206) 973-5100", "digits"),
    ("anonymous", ""),
];

#[tokio::test]
async fn the_numbers_of_a_start_are_e164_with_or_without_a_plus() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for (sent, recorded) in [
        ("12069735100", "+12069735100"),
        ("+12069735100", "+12069735100"),
        (" 12069735100", "+12069735100"),
        ("442071838750", "+442071838750"),
        ("+442071838750", "+442071838750"),
        ("+4915125456789", "+4915125456789"),
    ] {
        world.wait(61);
        let now = world.clock.now().millis().to_string();
        pbx.start(&world, sent, CALLED).await;
        let calls = world.items("call").await;
        let call = calls
            .iter()
            .find(|call| call.text("started_at") == now)
            .expect("the call");
        assert_eq!(call.text("call_from"), recorded, "{sent:?}");
    }
}

#[tokio::test]
async fn a_plus_decoded_as_a_space_is_read_as_a_plus() {
    // Without its plus, the second would be a North American number that lacks its country code.
    for calling in [CALLING, "4532345678"] {
        for method in ["GET", "POST"] {
            let world = World::new().await;
            let pbx = Pbx::new(&world).await;
            let credential = pbx.encoded(&[("call_party", "orig_call_start")]);
            let sent = format!("{credential}&calling_number=+{calling}&called_number=+{CALLED}");
            let (path, body) = match method {
                "GET" => (format!("/api/v1?{sent}"), String::new()),
                _ => ("/api/v1".to_owned(), sent),
            };
            let reply = world
                .send(method, &path, &[("content-type", FORM)], body.as_bytes())
                .await;
            let answer = (reply.status, reply.json()["status"].clone());
            assert_eq!(answer, (200, "ok".into()), "{method} {calling}");
            let call = world.only("call").await;
            assert_eq!(call.text("call_from"), format!("+{calling}"), "{method}");
            assert_eq!(call.text("call_to"), format!("+{CALLED}"), "{method}");
        }
    }
}

#[tokio::test]
async fn a_number_that_is_not_e164_is_refused_with_the_reason_in_every_strict_parameter() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    for (number, reason) in REFUSED {
        for (field, query) in [
            ("calling_number", pair("orig_call_start", number, CALLED)),
            ("called_number", pair("orig_call_start", CALLING, number)),
            ("calling_number", pair("orig_call_end", number, CALLED)),
            ("called_number", pair("orig_call_end", CALLING, number)),
            ("called_number", pair("terminating", CALLING, number)),
        ] {
            let reply = pbx.get(&world, &query).await;
            let answer = reply.json();
            let case = format!("{number:?} as {field} of {}", query[0].1);
            assert_eq!(
                (reply.status, &answer["status"]),
                (200, &"error".into()),
                "{case}"
            );
            assert_eq!(answer["err"], "4", "{case}");
            let message = answer["error_msg"].as_str().unwrap();
            let start = format!("Invalid {field}: ");
            let why = message
                .strip_prefix(&start)
                .unwrap_or_else(|| panic!("{case}: {message}"));
            assert!(!why.is_empty() && why.contains(reason), "{case}: {message}");
            assert!(
                !message.contains(number),
                "{case}: the number is not repeated"
            );
        }
    }
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
}

#[tokio::test]
async fn a_caller_is_recorded_as_a_number_if_its_digits_are_one_and_else_as_digits() {
    for (sent, recorded, lead) in [
        ("12069735100", "+12069735100", true),
        ("+12069735100", "+12069735100", true),
        (" 12069735100", "+12069735100", true),
        ("442071838750", "+442071838750", true),
        ("2069735100", "+12069735100", true),
        ("+4532345678", "+4532345678", true),
        ("911", "911", false),
        ("5100", "5100", false),
        ("0012069735100", "0012069735100", false),
        ("012345678", "012345678", false),
        ("99999999999999999999", "99999999999999999999", false),
    ] {
        let world = World::new().await;
        let pbx = Pbx::new(&world).await;
        let answer = pbx.ask(&world, sent, Some(CALLED)).await;
        assert_eq!(answer["err"], "0", "{sent:?}");
        assert_eq!(
            answer["calling_number"],
            sent.trim_start_matches(['+', ' ']),
            "{sent:?}"
        );
        let call = world.only("call").await;
        assert_eq!(call.text("call_from"), recorded, "{sent:?}");
        assert_eq!(
            world.items("lead").await.len(),
            usize::from(lead),
            "{sent:?}"
        );
    }
}

#[tokio::test]
async fn a_caller_with_letters_or_not_3_to_20_digits_is_refused() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for sent in [
        "12",
        "1",
        "123456789012345678901",
        "nobody",
        "12a4",
        "+",
        "1 2 3 4",
    ] {
        let answer = pbx.ask(&world, sent, Some(CALLED)).await;
        assert_eq!(
            (&answer["status"], &answer["err"]),
            (&"error".into(), &"4".into()),
            "{sent:?}"
        );
        let message = answer["error_msg"].as_str().unwrap();
        assert!(
            message.starts_with("Invalid calling_number: "),
            "{sent:?}: {message}"
        );
    }
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
}

#[tokio::test]
async fn a_caller_whose_plus_was_not_encoded_stays_in_its_country() {
    for sent in ["+4532345678", "%2B4532345678"] {
        let world = World::new().await;
        let pbx = Pbx::new(&world).await;
        let credential = pbx.encoded(&[]);
        let path = format!("/api/v1?{credential}&calling_number={sent}&called_number=+{CALLED}");
        assert_eq!(world.send("GET", &path, &[], b"").await.status, 200);
        let call = world.only("call").await;
        assert_eq!(call.text("call_from"), "+4532345678", "{sent}");
        assert_eq!(call.text("call_to"), format!("+{CALLED}"), "{sent}");
    }
}
