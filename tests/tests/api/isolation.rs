//! Two accounts with the same numbers: neither sees or changes anything of the other.

use callbook::ledger::{Creation, Deletion, NumberOwned};
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::tld::{self, form};
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};
use callbook_tests::{Key, Reply, World};

/// An account with a client of each vendor.
struct Tenant {
    pbx: Pbx,
    platform: Key,
}

impl Tenant {
    async fn new(world: &World) -> Self {
        let limits = Limits {
            per_minute: Some(100),
            ..Limits::default()
        };
        let pbx = Pbx::limited(world, limits, |account| account.carrier = true).await;
        let platform = world.credential(&pbx.account, CredentialKind::Tld).await;
        Self { pbx, platform }
    }

    fn account(&self) -> &Account {
        &self.pbx.account
    }

    async fn bill(&self, world: &World, cost: &str, idempotency_key: Option<&str>) -> Reply {
        let body = form(&[("did", CALLED), ("cid", CALLING), ("cost", cost)]);
        let mut headers = vec![
            ("tld-api-id", self.platform.name.as_str()),
            ("tld-api-key", self.platform.secret.as_str()),
            ("content-type", tld::FORM),
        ];
        headers.extend(idempotency_key.map(|key| ("idempotency-key", key)));
        let reply = world
            .send("POST", tld::PATH, &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }
}

async fn tenants(world: &World) -> (Tenant, Tenant) {
    (Tenant::new(world).await, Tenant::new(world).await)
}

#[tokio::test]
async fn feedback_is_visible_to_its_own_account_only() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    a.pbx
        .report(
            &world,
            "T_1",
            CALLING,
            Some("Jane Doe"),
            "Disconnected",
            true,
        )
        .await;
    let answer = b.pbx.ask(&world, CALLING, None).await;
    assert_eq!(
        (&answer["name"], &answer["extended_name"]),
        (&"".into(), &"".into())
    );
    assert_eq!(
        (&answer["spam_score"], &answer["spam_score_match"]),
        (&0.into(), &0.into())
    );

    world.wait(1);
    b.pbx
        .report(&world, "T_1", CALLING, Some("John Roe"), "Connected", true)
        .await;
    let (of_a, of_b) = (
        a.pbx.ask(&world, CALLING, None).await,
        b.pbx.ask(&world, CALLING, None).await,
    );
    assert_eq!(
        (&of_a["name"], &of_a["spam_score"]),
        (&"JANE DOE".into(), &100.into())
    );
    assert_eq!(
        (&of_b["name"], &of_b["spam_score"]),
        (&"JOHN ROE".into(), &0.into())
    );
    assert_eq!(
        world.items("feedback").await.len(),
        2,
        "each account has a record of the response id"
    );
}

#[tokio::test]
async fn an_end_answers_the_name_that_its_own_account_knows() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    a.pbx.name(&world, CALLED, "Jane Doe").await;
    for (tenant, name) in [(&a, "JANE DOE"), (&b, "")] {
        tenant.pbx.start(&world, CALLING, CALLED).await;
        let answer = tenant
            .pbx
            .tell(&world, "orig_call_end", CALLING, CALLED)
            .await;
        assert_eq!(
            (&answer["err"], &answer["name"]),
            (&"0".into(), &name.into())
        );
    }
}

#[tokio::test]
async fn each_account_has_its_own_lead_and_first_contact_for_a_caller() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    for tenant in [&a, &b] {
        tenant.pbx.ask(&world, CALLING, Some(CALLED)).await;
        world.wait(1);
    }
    let (leads, calls) = (world.items("lead").await, world.items("call").await);
    assert_eq!((leads.len(), calls.len()), (2, 2));
    assert_ne!(leads[0].text("lead_id"), leads[1].text("lead_id"));
    assert_eq!(world.items("first_contact").await.len(), 2);
    for tenant in [&a, &b] {
        let id = tenant.account().id.as_str();
        let call = calls
            .iter()
            .find(|call| call.text("account_id") == id)
            .expect("its call");
        let reply = tenant.bill(&world, "1", None).await.json();
        assert_eq!(reply["lead"]["account_id"], id);
        assert_eq!(reply["lead"]["lead_id"], call.text("lead_id").as_str());
        assert_eq!(reply["first_contact"], 1);
    }
}

#[tokio::test]
async fn a_bill_finds_calls_of_its_own_account_only() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    a.pbx.ask(&world, CALLING, Some(CALLED)).await;
    let before = world.only("call").await;
    let reply = b.bill(&world, "9.99", None).await.json();
    assert!(reply["lead"].is_null());
    assert_eq!(
        (&reply["updated"], &reply["first_contact"]),
        (&0.into(), &0.into())
    );
    assert_eq!(
        world.only("call").await,
        before,
        "the other account's call is unchanged"
    );
    assert!(!world.only("lead").await.has("total_cost"));
    let reply = a.bill(&world, "1.5", None).await.json();
    assert_eq!(
        (&reply["updated"], &reply["first_contact"]),
        (&1.into(), &1.into())
    );
    assert_eq!(world.only("lead").await.text("total_cost"), "1.5");
}

#[tokio::test]
async fn repeats_are_recognized_within_one_account_only() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    for key in [None, Some("order-7")] {
        let (of_a, of_b) = (
            a.bill(&world, "2.5", key).await,
            b.bill(&world, "2.5", key).await,
        );
        assert_eq!(of_b.header("idempotent-replayed"), None, "{key:?}");
        assert_ne!(of_a.json()["cost_id"], of_b.json()["cost_id"], "{key:?}");
        for (tenant, first) in [(&a, &of_a), (&b, &of_b)] {
            let again = tenant.bill(&world, "2.5", key).await;
            assert_eq!(again.header("idempotent-replayed"), Some("true"), "{key:?}");
            assert_eq!(again.body, first.body, "{key:?}");
        }
    }
    // Reusing a key with another cost is a conflict for the account that used it, and for no other.
    let other = Tenant::new(&world).await;
    other.bill(&world, "3.5", Some("order-7")).await;
    assert_eq!(world.items("cost").await.len(), 5);
}

#[tokio::test]
async fn a_live_call_can_be_ended_by_its_own_account_only() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    a.pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(b.pbx.end(&world, CALLING, CALLED).await, "7");
    assert!(!world.only("call").await.has("ended_at"));
    b.pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(
        world.items("call").await.len(),
        2,
        "each account has a call of the pair"
    );
    assert_eq!(b.pbx.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(a.pbx.end(&world, CALLING, CALLED).await, "0");
}

#[tokio::test]
async fn a_start_verifies_the_caller_for_every_account_and_discloses_nothing_else() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    a.pbx.name(&world, CALLING, "Jane Doe").await;
    a.pbx.start(&world, CALLING, CALLED).await;
    let answer = b.pbx.ask(&world, CALLING, Some(CALLED)).await;
    assert_eq!(answer["true_clid"], "verified");
    assert_eq!(answer["name"], "", "names are not shared between accounts");
    let answer = b.pbx.ask(&world, &CALLING[4..], Some(CALLED)).await;
    assert_eq!(answer["proposed_calling_number"], "", "not its own number");
    b.pbx.register(&world, CALLED).await;
    let answer = b.pbx.ask(&world, &CALLING[4..], Some(CALLED)).await;
    assert_eq!(answer["proposed_calling_number"], CALLING);
    assert_eq!(answer["name"], "", "names are not shared between accounts");
}

#[tokio::test]
async fn limits_are_counted_for_each_account_separately() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    for left in [99, 98] {
        let answer = a.pbx.ask(&world, OTHER, None).await;
        assert_eq!(answer["queries_per_minute_remaining"], left);
    }
    assert_eq!(
        b.pbx.ask(&world, OTHER, None).await["queries_per_minute_remaining"],
        99
    );
}

#[tokio::test]
async fn a_number_is_registered_to_one_account_at_a_time() {
    let world = World::new().await;
    let (a, b) = tenants(&world).await;
    a.pbx.register(&world, CALLING).await;
    let number = callbook::model::phone::PhoneNumber::parse_e164(CALLING).unwrap();
    let (now, ledger) = (world.clock.now(), &world.ledger);
    let taken = ledger
        .register_number(b.account(), &number, now)
        .await
        .unwrap();
    assert_eq!(taken, Creation::Refused(NumberOwned));
    let refused = ledger
        .remove_number(
            &b.account().id,
            &number,
            callbook::ids::guid(),
            world.clock.now(),
        )
        .await
        .unwrap();
    assert_eq!(refused, Deletion::NotFound);
    assert_eq!(ledger.numbers(&a.account().id).await.unwrap().len(), 1);
    assert!(ledger.numbers(&b.account().id).await.unwrap().is_empty());
}
