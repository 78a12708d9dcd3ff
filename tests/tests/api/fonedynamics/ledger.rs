//! One ledger: a number bought here belongs to the account in every other dialect.

use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::phone::PhoneNumber;
use callbook_tests::fonedynamics::{FREE, NUMBER, OTHER, Site, done, path_of};
use callbook_tests::tld::{self, form};
use callbook_tests::{Reply, truecnam};
use serde_json::{Value, json};

const CALLER: &str = "12069735101";

async fn bill(site: &Site, did: &str) -> Reply {
    let kind = CredentialKind::Tld;
    let key = site.world.credential(&site.account, kind).await;
    let body = form(&[("did", did), ("cid", CALLER), ("cost", "1")]);
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", &key.secret),
        ("content-type", tld::FORM),
    ];
    site.world
        .send("POST", tld::PATH, &headers, body.as_bytes())
        .await
}

#[tokio::test]
async fn a_bought_number_can_be_billed_as_a_did_and_one_in_the_inventory_cannot() {
    let site = Site::with(|account| account.registered_dids_only = true).await;
    let property = site.property("P").await;
    assert!(bill(&site, NUMBER).await.body.contains("Invalid DID"));
    done(&site.buy(&property, NUMBER).await);
    let billed = bill(&site, NUMBER).await;
    assert!(!billed.body.contains("Invalid DID"), "{}", billed.body);
    assert!(bill(&site, OTHER).await.body.contains("Invalid DID"));
    done(&site.delete(&path_of(NUMBER)).await);
    assert!(bill(&site, NUMBER).await.body.contains("Invalid DID"));
}

#[tokio::test]
async fn a_bought_number_without_a_recent_start_is_spoofed_when_it_calls() {
    let site = Site::with(|account| account.trueclid = true).await;
    let property = site.property("P").await;
    let other = site.world.account().await;
    let kind = CredentialKind::Truecnam;
    let limits = |new: &mut callbook::model::credential::NewCredential| {
        new.limits = Limits::default();
    };
    let pbx = site.world.credential_with(&other, kind, limits).await;
    let asked = form(&[
        ("username", &pbx.name),
        ("password", &pbx.secret),
        ("calling_number", NUMBER),
        ("called_number", CALLER),
        ("resp_type", "extended"),
        ("call_party", "terminating"),
    ]);
    let path = format!("{}?{asked}", truecnam::PATH);
    let caller_id_answer = async || -> Value {
        site.world.send("GET", &path, &[], b"").await.json()["true_clid"].clone()
    };
    let before = caller_id_answer().await;
    done(&site.buy(&property, NUMBER).await);
    let after = caller_id_answer().await;
    assert_ne!(before, after, "the number has an owner now");
    assert_eq!(after, "false");
    done(&site.delete(&path_of(NUMBER)).await);
    assert_eq!(
        caller_id_answer().await,
        before,
        "the number has no owner again"
    );
}

#[tokio::test]
async fn a_number_that_the_operator_registered_is_listed_and_can_be_bought_for_a_property() {
    let site = Site::new().await;
    let number = PhoneNumber::parse_e164("+12065550177").unwrap();
    let now = site.world.clock.now();
    site.world
        .ledger
        .register_number(&site.account, &number, now)
        .await
        .unwrap();
    let list = format!("/v2/Accounts/{}/Numbers", site.sid());
    let listed = done(&site.get(&list).await);
    assert_eq!(listed["TotalCount"], 1);
    assert_eq!(listed["Numbers"][0]["PropertySid"], Value::Null);
    assert_eq!(listed["Numbers"][0]["Type"], Value::Null);
    let filtered = done(&site.get(&format!("{list}?Type=Local")).await);
    assert_eq!(filtered["TotalCount"], 0, "its type is unknown");

    let (property, address) = (site.property("P").await, site.address(FREE).await);
    let wrong = format!("{}?PropertySid={property}", path_of(number.as_e164()));
    assert_eq!(
        site.delete(&wrong).await.status,
        403,
        "the property does not have the number"
    );
    let bought = site.buy_at(&property, number.as_e164(), &address).await;
    let expected = json!({"Number": number.as_e164(), "Status": "Active"});
    assert_eq!(done(&bought), expected);
    let shown = done(&site.get(&path_of(number.as_e164())).await);
    assert_eq!(shown["PropertySid"], json!(property));
    assert_eq!(shown["AddressSid"], json!(address));
    done(&site.delete(&path_of(number.as_e164())).await);
    assert_eq!(done(&site.get(&list).await)["TotalCount"], 0);
    assert_eq!(
        site.buy(&property, number.as_e164()).await.status,
        400,
        "the number was never in the inventory"
    );
    done(&site.delete(&format!("/v2/Addresses/{address}")).await);
}

#[tokio::test]
async fn an_inventory_number_that_another_account_registered_cannot_be_bought() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let other = site.world.account().await;
    let number = PhoneNumber::parse_e164(NUMBER).unwrap();
    let now = site.world.clock.now();
    site.world
        .ledger
        .register_number(&other, &number, now)
        .await
        .unwrap();
    let reply = site.buy(&property, NUMBER).await;
    let fields = [("NUMBER_NOT_FOUND", "Number")];
    callbook_tests::fonedynamics::refused(&reply, 400, &fields);
}
