//! What every door takes: coded bodies, media types with parameters, repeated credentials.

use callbook::model::credential::CredentialKind;
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{FORM, JSON};
use callbook_tests::{Reply, World, gzip, teletracker};

/// A request that each dialect accepts: path, media type, body, and its credential.
struct Door {
    path: &'static str,
    media_type: &'static str,
    body: String,
    headers: Vec<(&'static str, String)>,
}

async fn doors(world: &World) -> Vec<Door> {
    let account = teletracker::account(world).await;
    let key = |kind| world.credential(&account, kind);
    let trestle = key(CredentialKind::Trestle).await;
    let tld = key(CredentialKind::Tld).await;
    let truecnam = key(CredentialKind::Truecnam).await;
    let user = key(CredentialKind::User).await;
    let site = key(CredentialKind::Fonedynamics).await;
    let feedback = r#"{"response_id":"T_1","phone":"2065550100","phone_status":"Connected","phone_right_party_contact":true}"#;
    let door = |path, media_type, body: &str, headers| Door {
        path,
        media_type,
        body: body.to_owned(),
        headers,
    };
    let login = format!("username={}&password={}", truecnam.name, truecnam.secret);
    vec![
        door(
            "/1.0/phone_feedback",
            JSON,
            feedback,
            vec![("x-api-key", trestle.secret.clone())],
        ),
        door(
            "/api/ingress/calls/inbound/billable",
            FORM,
            "did=8005550100&cid=2065550100&cost=1",
            vec![
                ("tld-api-id", tld.name.clone()),
                ("tld-api-key", tld.secret.clone()),
            ],
        ),
        door(
            "/api/v1",
            FORM,
            &format!("{login}&calling_number=12065550100&resp_format=json"),
            vec![],
        ),
        door(
            "/voice/rapidresponse",
            JSON,
            r#"{"callee":"2065550100","whisper_text":"Hello"}"#,
            vec![("authorization", basic(&user))],
        ),
        door(
            "/v2/Properties",
            JSON,
            r#"{"Name":"P"}"#,
            vec![("authorization", basic(&site))],
        ),
        door(
            "/callbook/v1/vendors",
            JSON,
            r#"{"vendor_id":"acme","name":"Acme"}"#,
            vec![("authorization", basic(&user))],
        ),
    ]
}

impl Door {
    /// The body of a request that is not the same as the one before.
    fn body_of(&self, round: usize) -> String {
        self.body.replace("acme", &format!("acme{round}"))
    }

    async fn post(&self, world: &World, more: &[(&str, &str)], body: &[u8]) -> Reply {
        let own = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = own.chain(more.iter().copied()).collect();
        world.send("POST", self.path, &headers, body).await
    }

    fn accepted(&self, reply: &Reply, case: &str) {
        let path = self.path;
        assert!(
            [200, 201].contains(&reply.status),
            "{path} {case}: {} {}",
            reply.status,
            reply.body
        );
        assert!(
            !reply.body.contains(r#""status":"error""#),
            "{path} {case}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn every_dialect_reads_a_coded_body() {
    let world = World::new().await;
    for door in doors(&world).await {
        for (round, coding) in ["gzip", "GZIP", "x-gzip", "gzip,gzip"]
            .into_iter()
            .enumerate()
        {
            world.wait(7_200);
            let coded = gzip(door.body_of(round).as_bytes());
            let headers = [
                ("content-type", door.media_type),
                ("content-encoding", coding),
            ];
            let reply = door.post(&world, &headers, &coded).await;
            door.accepted(&reply, coding);
        }
    }
}

#[tokio::test]
async fn every_dialect_refuses_another_coding_damage_and_a_bomb_in_its_own_form() {
    let world = World::new().await;
    let bomb = gzip(&vec![b' '; 4 * 1024 * 1024]);
    for door in doors(&world).await {
        let truecnam = door.path == "/api/v1";
        for (coding, body, status) in [
            ("br", door.body.as_bytes(), 415),
            ("gzip", door.body.as_bytes(), 400),
            ("deflate", b"\x78\x9c no", 400),
            ("gzip", &bomb, 413),
        ] {
            let headers = [
                ("content-type", door.media_type),
                ("content-encoding", coding),
            ];
            let reply = door.post(&world, &headers, body).await;
            let case = format!("{} {coding} {status}: {}", door.path, reply.body);
            // TrueCNAM's clients read the body alone.
            assert_eq!(reply.status, if truecnam { 200 } else { status }, "{case}");
            assert!(!truecnam || reply.json()["err"] == "5", "{case}");
            if coding == "br" {
                assert_eq!(
                    reply.header("accept-encoding"),
                    Some("gzip, deflate"),
                    "{case}"
                );
            }
        }
    }
    assert!(world.items("cost").await.is_empty());
}

#[tokio::test]
async fn every_dialect_reads_media_types_and_credentials_that_were_sent_twice() {
    let world = World::new().await;
    for door in doors(&world).await {
        let twice = format!("{0},{0}", door.media_type);
        let charset = format!("{} ; Charset=\"utf-8\"", door.media_type);
        for (round, media_type) in [twice, charset].iter().enumerate() {
            world.wait(7_200);
            let body = door.body_of(round);
            let mut headers: Vec<(&str, &str)> = vec![("content-type", media_type)];
            if round == 0 {
                headers.extend(
                    door.headers
                        .iter()
                        .map(|(name, value)| (*name, value.as_str())),
                );
            }
            let reply = door.post(&world, &headers, body.as_bytes()).await;
            door.accepted(&reply, media_type);
        }
    }
}
