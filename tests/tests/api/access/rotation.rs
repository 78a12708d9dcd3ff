//! Rotation: two secrets for a time, and then one.

use std::collections::BTreeMap;
use std::time::Duration;

use callbook::ids;
use callbook::ledger::{Creation, CredentialRefusal, NextSecret, RotationRefusal, Update};
use callbook::model::credential::{
    ChosenSecret, Credential, CredentialKind, IssuedSecret, NewCredential, NewSecret, Salt, Status,
};
use callbook_tests::teletracker::{self, LOGIN, Session};
use callbook_tests::vendors::{self, Sent, done, use_key, verdict};
use callbook_tests::{Key, World, faults, send_to, tld};
use serde_json::{Value, json};

use super::{UNKNOWN, assert_refused, key};

const HOUR: u64 = 3_600;

/// Rotates a key, and returns what its client has from then on.
async fn rotate(world: &World, key: &Key, secret: NewSecret, hours: Option<u64>) -> Key {
    let (next, key) = next(world, key, secret, hours);
    let Credential { account, id, .. } = &key.credential;
    let rotated = world.ledger.rotate_credential(account, id, &next).await;
    let Ok(Update::Updated(credential)) = rotated else {
        panic!("it is rotated: {rotated:?}");
    };
    Key { credential, ..key }
}

/// The next secret of a key, and the key with it.
fn next(world: &World, key: &Key, secret: NewSecret, hours: Option<u64>) -> (NextSecret, Key) {
    let now = world.clock.now();
    let (stored, name, secret) = secret.stored(key.credential.kind, &key.name);
    let next = NextSecret {
        name,
        secret: stored,
        until: hours.map(|hours| now.plus(Duration::from_secs(hours * HOUR))),
        now,
    };
    let key = Key {
        credential: key.credential.clone(),
        name: key.name.clone(),
        secret,
    };
    (next, key)
}

fn generated() -> NewSecret {
    NewSecret::Generated(ids::secret().expect("entropy"))
}

fn chosen(key: &Key, secret: &str) -> NewSecret {
    let kind = key.credential.kind;
    let chosen = ChosenSecret::parse(kind, Some(&key.name), secret).expect("a good secret");
    let salt = match key.credential.salt() {
        Salt::DECOY => ids::salt().expect("entropy"),
        salt => salt,
    };
    let hash = chosen.hash(kind, &key.name, salt).expect("memory");
    NewSecret::Chosen(chosen, hash)
}

async fn refused(world: &World, key: &Key, case: &str) {
    let found = use_key(&world.app, key, Sent::Well).await;
    assert_refused(key.credential.kind, &UNKNOWN, &found, case);
}

async fn works(world: &World, key: &Key, case: &str) {
    let kind = key.credential.kind;
    let found = use_key(&world.app, key, Sent::Well).await;
    assert_eq!(found, done(), "{kind:?}: {case}");
}

#[tokio::test]
async fn both_secrets_are_good_until_the_overlap_ends_and_then_the_new_one_alone() {
    for vendor in vendors::ALL {
        for (before, after) in [(false, false), (true, true), (true, false), (false, true)] {
            let world = World::new().await;
            let account = world.account().await;
            let old = match before {
                true => {
                    world
                        .chosen(&account, vendor, "its-own-name", "k3y-of-the-client")
                        .await
                }
                false => world.credential(&account, vendor).await,
            };
            works(&world, &old, "before").await;
            let secret = match after {
                true => chosen(&old, "the-next-k3y-of-the-client"),
                false => generated(),
            };
            let new = rotate(&world, &old, secret, Some(24)).await;
            // Twice in the overlap, in an instance that knows the key and in one that does not.
            for _ in 0..2 {
                works(&world, &old, "the former secret in the overlap").await;
                works(&world, &new, "the new secret in the overlap").await;
                let fresh = world.another_instance();
                for key in [&old, &new] {
                    assert_eq!(use_key(&fresh, key, Sent::Well).await, done(), "{vendor:?}");
                }
                world.wait(12 * HOUR - 1);
            }
            works(&world, &old, "in the last seconds").await;
            world.wait(4);
            refused(&world, &old, "on time, although it was cached").await;
            works(&world, &new, "the new secret after the overlap").await;
            let fresh = world.another_instance();
            let found = use_key(&fresh, &old, Sent::Well).await;
            assert_refused(vendor, &UNKNOWN, &found, "after the overlap");
        }
    }
}

#[tokio::test]
async fn the_end_of_a_rotation_and_no_overlap_refuse_the_former_secret_at_once() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let account = world.account().await;
        let first = world.credential(&account, vendor).await;
        let second = rotate(&world, &first, generated(), Some(24)).await;
        let (id, now) = (&first.credential.id, world.clock.now());
        for _ in 0..2 {
            let ended = world
                .ledger
                .end_rotation(&account.id, id, now)
                .await
                .unwrap();
            assert!(matches!(ended, Update::Updated(_)), "{vendor:?}");
        }
        refused(&world, &first, "ended").await;
        works(&world, &second, "the other").await;
        let third = rotate(&world, &second, generated(), None).await;
        world.wait(30);
        refused(&world, &first, "ended long ago").await;
        refused(&world, &second, "without an overlap").await;
        works(&world, &third, "the third").await;
        // Whatever is done to the credential holds for each of its secrets.
        let fourth = rotate(&world, &third, generated(), Some(1)).await;
        world.set_status(&first.credential, Status::Revoked).await;
        world.wait(30);
        for key in [&first, &second, &third, &fourth] {
            refused(&world, key, "revoked").await;
        }
        let next = next(&world, &fourth, generated(), None).0;
        let again = world.ledger.rotate_credential(&account.id, id, &next).await;
        assert_eq!(refusal(&again.unwrap()), Some(RotationRefusal::Revoked));
    }
}

fn refusal(update: &Update<Credential, RotationRefusal>) -> Option<RotationRefusal> {
    match update {
        Update::Refused(refusal) => Some(*refusal),
        _ => None,
    }
}

#[tokio::test]
async fn a_third_secret_waits_until_the_first_is_over() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let account = world.account().await;
        let first = world.credential(&account, vendor).await;
        let id = &first.credential.id;
        let second = rotate(&world, &first, generated(), Some(2)).await;
        let until = world.clock.now().plus(Duration::from_secs(2 * HOUR));
        let (third, _) = next(&world, &second, generated(), Some(2));
        let early = world
            .ledger
            .rotate_credential(&account.id, id, &third)
            .await;
        assert_eq!(
            refusal(&early.unwrap()),
            Some(RotationRefusal::StillTwo(until))
        );
        world.wait(2 * HOUR);
        let third = rotate(&world, &second, generated(), Some(2)).await;
        refused(&world, &first, "two rotations ago").await;
        works(&world, &second, "the former").await;
        works(&world, &third, "the new").await;
        let nobody = ids::credential_id();
        let (fourth, _) = next(&world, &third, generated(), None);
        let unknown = world
            .ledger
            .rotate_credential(&account.id, &nobody, &fourth);
        assert!(
            matches!(unknown.await.unwrap(), Update::NotFound),
            "{vendor:?}"
        );
    }
}

#[tokio::test]
async fn a_key_that_was_rotated_away_is_never_given_again() {
    let vendor = CredentialKind::Trestle;
    let world = World::new().await;
    let account = world.account().await;
    let secret = "k3y-of-the-client-itself";
    let first = world.chosen(&account, vendor, "", secret).await;
    let second = rotate(&world, &first, generated(), Some(1)).await;
    for hours in [0, 2] {
        world.wait(hours * HOUR);
        let other = NewCredential::of(vendor, account.id.clone());
        let (other, IssuedSecret { .. }) = other.issue_with(
            ids::credential_id(),
            String::new(),
            chosen(&first, secret),
            world.clock.now(),
        );
        let taken = world.ledger.create_credential(&other).await.unwrap();
        assert_eq!(taken, Creation::Refused(CredentialRefusal::NameTaken));
    }
    let (back, _) = next(&world, &second, chosen(&first, secret), None);
    let id = &first.credential.id;
    let back = world.ledger.rotate_credential(&account.id, id, &back).await;
    assert_eq!(refusal(&back.unwrap()), Some(RotationRefusal::NameTaken));
}

/// How many secrets the last request hashed slowly.
fn slow_hashes(world: &World) -> u64 {
    let line = world.last_log().expect("a log line");
    let line: Value = serde_json::from_str(&line).unwrap();
    line["slow_hashes"].as_u64().unwrap_or(0)
}

/// What each kind of refusal costs, the first time and the second: requests to the store and slow hashes.
type Costs = Vec<(BTreeMap<String, usize>, u64)>;

#[tokio::test]
async fn a_wrong_secret_costs_the_same_during_an_overlap_and_after_it() {
    for vendor in vendors::ALL {
        let (world, proxy) = faults::world().await;
        let account = world.account().await;
        let mut cases: Vec<(&str, String, String)> =
            vec![("an unknown name", "nobody".to_owned(), "1".repeat(64))];
        let mut wrong = 2;
        for (before, after) in [(false, false), (true, true), (true, false), (false, true)] {
            let name = format!("name-{before}-{after}");
            let old = match before {
                true => {
                    world
                        .chosen(&account, vendor, &name, &format!("k3y-of-{name}"))
                        .await
                }
                false => key(&world, vendor, |_| {}).await,
            };
            for hours in [Some(24), Some(1)] {
                if hours == Some(1) && before {
                    continue;
                }
                let old = match hours {
                    Some(1) => key(&world, vendor, |_| {}).await,
                    _ => Key {
                        credential: old.credential.clone(),
                        name: old.name.clone(),
                        secret: old.secret.clone(),
                    },
                };
                let secret = match after {
                    true => chosen(&old, &format!("the-next-k3y-{wrong}-of-{name}")),
                    false => generated(),
                };
                rotate(&world, &old, secret, hours).await;
                cases.push((
                    "a wrong secret",
                    old.name.clone(),
                    format!("{wrong}{}", "0".repeat(62)),
                ));
                if hours == Some(1) {
                    cases.push((
                        "a secret that is over",
                        old.name.clone(),
                        old.secret.clone(),
                    ));
                }
                wrong += 1;
            }
        }
        world.wait(2 * HOUR);
        let mut first: Option<Costs> = None;
        for (case, name, secret) in &cases {
            let mut costs = Costs::new();
            for _ in 0..2 {
                proxy.heal();
                let reply = vendors::send(&world.app, vendor, name, secret, Sent::Well).await;
                assert_refused(vendor, &UNKNOWN, &verdict(vendor, &reply), case);
                costs.push((proxy.verbs(), slow_hashes(&world)));
            }
            let first = first.get_or_insert_with(|| costs.clone());
            assert_eq!(&costs, first, "{vendor:?}: {case} {name}");
        }
        let first = first.unwrap();
        assert_eq!((first[0].1, first[1].1), (1, 0), "{vendor:?}");
    }
}

async fn login(world: &World, key: &Key) -> u16 {
    let body =
        json!({"username": key.name, "password": key.secret, "account_id": key.credential.account});
    let headers = [("content-type", tld::JSON)];
    let body = body.to_string();
    let reply = send_to(&world.app, "POST", LOGIN, &headers, body.as_bytes()).await;
    reply.status
}

#[tokio::test]
async fn users_sign_in_with_both_passwords_and_a_leaked_one_takes_its_sessions_with_it() {
    for kind in [CredentialKind::User, CredentialKind::Integrator] {
        let world = World::new().await;
        let account = world.account().await;
        let old = world.credential(&account, kind).await;
        let of_before = Session::of(
            &teletracker::login(&world.app, &old, &[("account_id", account.id.as_str())]).await,
        );
        world.wait(60);
        let new = rotate(&world, &old, generated(), Some(24)).await;
        for key in [&old, &new] {
            assert_eq!(login(&world, key).await, 200, "{kind:?}");
        }
        let me = async |session: &Session| {
            let bearer = session.bearer();
            let headers = [("authorization", bearer.as_str())];
            let report = "/reports/call-data?start_date=2026-11-21&end_date=2026-11-21";
            send_to(&world.app, "GET", report, &headers, b"")
                .await
                .status
        };
        let refresh = async |session: &Session| {
            let token = [("refresh_token", session.refresh_token.as_str())];
            let path = teletracker::REFRESH;
            teletracker::post(&world.app, path, "", &token).await
        };
        assert_eq!(
            me(&of_before).await,
            200,
            "a session goes on in the overlap"
        );
        let renewed = Session::of(&refresh(&of_before).await);
        world.wait(60);
        let (id, now) = (&old.credential.id, world.clock.now());
        let ended = world
            .ledger
            .end_rotation(&account.id, id, now)
            .await
            .unwrap();
        assert!(matches!(ended, Update::Updated(_)), "{kind:?}");
        world.wait(30);
        assert_eq!(login(&world, &old).await, 401, "{kind:?}");
        assert_eq!(me(&renewed).await, 401, "{kind:?}: its access token");
        assert_eq!(
            refresh(&renewed).await.status,
            401,
            "{kind:?}: its refresh token"
        );
        assert_eq!(login(&world, &new).await, 200, "{kind:?}");
        let of_new = Session::of(
            &teletracker::login(&world.app, &new, &[("account_id", account.id.as_str())]).await,
        );
        assert_eq!(me(&of_new).await, 200, "{kind:?}");
        assert_eq!(refresh(&of_new).await.status, 200, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_whose_answer_is_lost_and_a_change_in_between_both_stay() {
    for vendor in [CredentialKind::Trestle, CredentialKind::Tld] {
        let (world, proxy) = faults::world().await;
        let account = world.account().await;
        let old = world.credential(&account, vendor).await;
        let Credential { account, id, .. } = old.credential.clone();
        let (next, new) = next(&world, &old, generated(), Some(1));
        let faster = world.ledger.clone();
        let (of, who) = (account.clone(), id.clone());
        proxy.before_next("TransactWriteItems", async move {
            let relabel = |one: &mut Credential| "renamed".clone_into(&mut one.label);
            let done = faster.update_credential(&of, &who, relabel).await.unwrap();
            assert!(matches!(done, Update::Updated(_)));
        });
        let slower = callbook::ledger::Ledger::new(proxy.client(), callbook_local::engine::TABLE);
        for _ in 0..2 {
            let Update::Updated(rotated) = slower
                .rotate_credential(&account, &id, &next)
                .await
                .unwrap()
            else {
                panic!("{vendor:?}: it is rotated");
            };
            assert_eq!(rotated.label, "renamed", "{vendor:?}");
        }
        works(&world, &old, "the former").await;
        works(&world, &new, "the new").await;
    }
}
