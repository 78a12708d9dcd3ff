//! Switches that put the answer on a phone's display, each read as that software reads it (docs/pbx.md): a
//! name shows as a name, and an unknown caller or a refusal shows nothing.

use callbook::model::credential::Status;
use callbook_tests::World;
use callbook_tests::truecnam::{CALLING, Pbx};
use serde_json::Value;

/// A switch, the parameters of its recipe behind the credential, and how it reads a body: the name that it
/// shows, or none.
type Switch = (&'static str, &'static str, fn(&str) -> Option<String>);

const SWITCHES: [Switch; 5] = [
    // FreePBX: Set(CALLERID(name)=${CURL(url)}); CURL() takes line ends off the end.
    ("FreePBX", "resp_format=text&calling_number=", |body| {
        shown(body.trim_end())
    }),
    // Asterisk, with LEN() in front.
    ("Asterisk", "resp_format=text&calling_number=", |body| {
        shown(body.trim_end())
    }),
    // FreeSWITCH and FusionPBX: mod_cidlookup takes the body as it is, unless it is empty or one space.
    ("FreeSWITCH", "resp_format=text&calling_number=", |body| {
        shown(body).filter(|name| name != " ")
    }),
    // Superfecta: the first group of ^(.+)$.
    ("Superfecta", "resp_format=text&calling_number=", |body| {
        body.lines().next().and_then(shown)
    }),
    // 3CX: the variable `name` of a JSON answer, without a contact if it is empty.
    (
        "3CX",
        "resp_format=json&resp_type=basic&calling_number=",
        |body| {
            let body: Value = serde_json::from_str(body).expect("JSON");
            shown(body["name"].as_str().unwrap_or_default())
        },
    ),
];

fn shown(name: &str) -> Option<String> {
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

/// What a switch shows for a caller, whose number it writes into the URL as it is.
async fn display(world: &World, login: &str, switch: Switch, number: &str) -> Option<String> {
    let (_, parameters, read) = switch;
    let path = format!("/api/v1?{login}&{parameters}{number}");
    let reply = world.send("GET", &path, &[], b"").await;
    assert_eq!(reply.status, 200, "{number}");
    read(&reply.body)
}

#[tokio::test]
async fn a_name_shows_as_a_name() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let login = pbx.encoded(&[]);
    for (name, expected) in [
        ("Smith, Bob", "SMITH, BOB"),
        ("Müller GmbH", "MULLER GMBH"),
        ("José Ñandú", "JOSE NANDU"),
        ("Schäfer & Söhne", "SCHAFER & SOHNE"),
        ("O’Neil", "O'NEIL"),
        ("Acme Insurance Brokers", "ACME INSURANCE"),
        ("Error", "ERROR"),
    ] {
        world.wait(1);
        pbx.name(&world, CALLING, name).await;
        for switch in SWITCHES {
            // Switches write the number with a plus, without, and as ten digits.
            for number in [
                "+12069735100",
                "%2B12069735100",
                "12069735100",
                "2069735100",
            ] {
                let found = display(&world, &login, switch, number).await;
                assert_eq!(found.as_deref(), Some(expected), "{} {number}", switch.0);
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_caller_and_a_refusal_show_nothing() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.name(&world, CALLING, "Jane Doe").await;
    let other = Pbx::new(&world).await;
    let disabled = other.encoded(&[]);
    world
        .set_status(&other.key.credential, Status::Disabled)
        .await;
    let login = pbx.encoded(&[]);
    let wrong = format!("username={}&password=wrong", pbx.key.name);
    for switch in SWITCHES {
        for (login, number) in [
            (&login, "12065559990"),
            (&login, "anonymous"),
            (&login, "Restricted"),
            (&login, ""),
            (&login, "%5BNUMBER%5D"),
            (&login, "s"),
            (&login, "12069735100&call_party=other"),
            (&login, "12069735100&resp_type=other"),
            (&wrong, "12069735100"),
            (&disabled, "12069735100"),
            (&String::new(), "12069735100"),
        ] {
            let resp_type = number.contains("resp_type");
            let found = display(&world, login, switch, number).await;
            match switch.0 {
                // Of a parameter that was sent twice, the first counts.
                "3CX" if resp_type => assert_eq!(found.as_deref(), Some("JANE DOE")),
                // Text has one type only; an unknown one is a refusal all the same.
                name => assert_eq!(found, None, "{name}: {number}"),
            }
        }
    }
}

#[tokio::test]
async fn text_is_the_bare_name_and_simple_whatever_else_is_asked_for() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.name(&world, CALLING, "Smith, Bob").await;
    for resp_type in ["simple", "basic", "extended"] {
        let asked = [
            ("calling_number", CALLING),
            ("resp_type", resp_type),
            ("resp_format", "text"),
        ];
        for reply in [
            pbx.get(&world, &asked).await,
            pbx.post(&world, &asked).await,
        ] {
            assert_eq!(
                (reply.status, reply.body.as_str()),
                (200, "SMITH, BOB"),
                "{resp_type}"
            );
            assert_eq!(
                reply.header("content-type"),
                Some("text/plain; charset=utf-8")
            );
        }
    }
    let call = [
        ("calling_number", "12065550188"),
        ("called_number", CALLING),
        ("resp_format", "text"),
    ];
    let start = [&call[..], &[("call_party", "orig_call_start")]].concat();
    assert_eq!(
        pbx.get(&world, &start).await.body,
        "",
        "a start has no name"
    );
    let end = [&call[..], &[("call_party", "orig_call_end")]].concat();
    assert_eq!(
        pbx.get(&world, &end).await.body,
        "SMITH, BOB",
        "an end has the callee's"
    );
    let again = pbx.get(&world, &end).await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (200, ""),
        "no live call"
    );
    let log = world.last_log().expect("a line");
    assert!(log.contains("no_live_call"), "the log says why: {log}");
    // The account's own default may be text, too.
    let by_default = Pbx::with(&world, |account| {
        account.resp_format = callbook::model::text::ResponseFormat::Text;
    })
    .await;
    let reply = by_default.get(&world, &[("calling_number", CALLING)]).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    let unread = world
        .send(
            "POST",
            "/api/v1?resp_format=text",
            &[("content-type", "text/plain")],
            b"x",
        )
        .await;
    assert_eq!((unread.status, unread.body.as_str()), (200, ""));
    let missing = world
        .send("GET", "/api/v1/other?resp_format=text", &[], b"")
        .await;
    assert_eq!((missing.status, missing.body.as_str()), (404, ""));
}
