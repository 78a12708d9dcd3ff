//! Addresses are created, shown, listed and deleted.

use callbook::ledger::Creation;
use callbook::model::phone::PhoneNumber;
use callbook_tests::NOON;
use callbook_tests::fonedynamics::{FREE, NOBODY, NUMBER, Site, done, path_of, refused, sid};
use serde_json::{Value, json};

fn path(site: &Site) -> String {
    format!("/v2/Accounts/{}/Addresses", site.sid())
}

#[tokio::test]
async fn a_created_address_is_answered_shown_and_listed_with_the_same_fields() {
    let site = Site::new().await;
    let body = json!({
        "Friendly": "Head office", "Reference": "A-1", "Line1": "1 Example Street",
        "Line2": "Level 2", "City": "Sydney", "Region": "NSW", "CountryCode": "au",
        "PostalCode": 2000,
    });
    let made = done(&site.post_json(&path(&site), &body).await);
    let mut expected = body.clone();
    expected["AddressSid"] = made["AddressSid"].clone();
    expected["AccountSid"] = json!(site.sid());
    expected["CountryCode"] = json!("AU");
    expected["PostalCode"] = json!("2000");
    expected["Status"] = json!("Active");
    expected["Created"] = json!(NOON / 1_000);
    assert_eq!(made, expected);
    let own = format!("/v2/Addresses/{}", sid(&made, "AddressSid"));
    assert_eq!(done(&site.get(&own).await), expected);
    let list = json!({"Addresses": [expected], "TotalCount": 1, "NextPageToken": null});
    assert_eq!(done(&site.get(&path(&site)).await), list);
}

#[tokio::test]
async fn optional_fields_are_null_by_default_and_can_be_sent_empty() {
    let site = Site::new().await;
    let body = [
        ("Line1", "1 Example Street"),
        ("City", "Seattle"),
        ("CountryCode", "US"),
        ("Line2", ""),
        ("Friendly", " "),
    ];
    let made = done(&site.post(&path(&site), &body).await);
    for name in ["Friendly", "Reference", "Line2", "Region", "PostalCode"] {
        assert_eq!(made[name], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn every_invalid_field_is_reported_at_once() {
    let site = Site::new().await;
    refused(
        &site.post(&path(&site), &[]).await,
        400,
        &[
            ("PARAMETER_REQUIRED", "Line1"),
            ("PARAMETER_REQUIRED", "City"),
            ("PARAMETER_REQUIRED", "CountryCode"),
        ],
    );
    let long = "x".repeat(101);
    let wrong = [
        ("Line1", ""),
        ("City", long.as_str()),
        ("CountryCode", "USA"),
        ("PostalCode", &long[..21]),
    ];
    refused(
        &site.post(&path(&site), &wrong).await,
        400,
        &[
            ("PARAMETER_TOO_SHORT", "Line1"),
            ("PARAMETER_TOO_LONG", "City"),
            ("INVALID_COUNTRYCODE_FORMAT", "CountryCode"),
            ("PARAMETER_TOO_LONG", "PostalCode"),
        ],
    );
    let nowhere = [("Line1", "1"), ("City", "C"), ("CountryCode", "XX")];
    refused(
        &site.post(&path(&site), &nowhere).await,
        400,
        &[("COUNTRY_NOT_FOUND", "CountryCode")],
    );
    assert_eq!(done(&site.get(&path(&site)).await)["TotalCount"], 0);
}

#[tokio::test]
async fn addresses_can_be_listed_for_the_callers_own_account_only() {
    let site = Site::new().await;
    let other = site.world.account().await;
    let body = [("Line1", "1"), ("City", "C"), ("CountryCode", "US")];
    let mut answers = Vec::new();
    for sid in [NOBODY, other.sid.as_str(), "x"] {
        let path = format!("/v2/Accounts/{sid}/Addresses");
        for reply in [site.get(&path).await, site.post(&path, &body).await] {
            refused(&reply, 400, &[("ACCOUNT_NOT_FOUND", "AccountSid")]);
            answers.push(reply.body);
        }
    }
    answers.dedup();
    assert_eq!(
        answers.len(),
        1,
        "unknown and foreign accounts get the same answer"
    );
}

#[tokio::test]
async fn an_address_can_be_deleted_only_while_no_number_is_linked_to_it() {
    let site = Site::new().await;
    let (property, address) = (site.property("P").await, site.address(FREE).await);
    let path = format!("/v2/Addresses/{address}");
    done(&site.buy_at(&property, NUMBER, &address).await);
    let reply = site.delete(&path).await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    let status = &reply.json()["ResponseStatus"];
    assert_eq!(status["ErrorCode"], "ADDRESS_CANNOT_BE_DELETED");
    done(&site.get(&path).await);

    let number = path_of(NUMBER);
    done(&site.delete(&number).await);
    let deleted = done(&site.delete(&path).await);
    assert_eq!(deleted["AddressSid"], path.rsplit('/').next().unwrap());
    let gone = [("ADDRESS_NOT_FOUND", "AddressSid")];
    refused(&site.get(&path).await, 400, &gone);
    refused(&site.delete(&path).await, 400, &gone);
    refused(&site.delete("/v2/Addresses/x").await, 400, &gone);
}

#[tokio::test]
async fn buying_a_registered_number_moves_its_address_link_or_keeps_it_once() {
    for named in [true, false] {
        let site = Site::new().await;
        let (property, path) = (site.property("P").await, path_of(NUMBER));
        let number = PhoneNumber::parse_e164(NUMBER).unwrap();
        let ledger = &site.world.ledger;
        let added = ledger.register_number(&site.account, &number, site.world.clock.now());
        assert_eq!(added.await.unwrap(), Creation::Created(()));
        let (first, other) = (site.address(FREE).await, site.address(FREE).await);
        done(&site.post_json(&path, &json!({"AddressSid": first})).await);
        let linked = match named {
            true => {
                done(&site.buy_at(&property, NUMBER, &other).await);
                &other
            }
            false => {
                done(&site.buy(&property, NUMBER).await);
                &first
            }
        };
        assert_eq!(done(&site.get(&path).await)["AddressSid"], json!(linked));
        let links = site.world.items("address").await;
        let links: u32 = links
            .iter()
            .map(|one| one.text("links").parse::<u32>().unwrap())
            .sum();
        assert_eq!(links, 1);
        done(&site.delete(&path).await);
        for address in [first, other] {
            done(&site.delete(&format!("/v2/Addresses/{address}")).await);
        }
    }
}

#[tokio::test]
async fn a_list_of_addresses_can_be_filtered_by_what_an_address_says() {
    let site = Site::new().await;
    for (reference, city, region, country, postal) in [
        ("A-1", "Sydney", "NSW", "AU", "2000"),
        ("A-2", "Sydney", "NS", "CA", "B1P 1A1"),
        ("A-3", "Seattle", "WA", "US", "98101"),
    ] {
        let body = json!({
            "Friendly": "Office", "Reference": reference, "Line1": "1 Example Street", "City": city,
            "Region": region, "CountryCode": country, "PostalCode": postal,
        });
        done(&site.post_json(&path(&site), &body).await);
    }
    for (filter, mut expected) in [
        ("", vec!["A-1", "A-2", "A-3"]),
        ("CountryCode=au", vec!["A-1"]),
        ("City=Sydney", vec!["A-1", "A-2"]),
        ("City=Sydney&Region=NS", vec!["A-2"]),
        ("Friendly=Office&PostalCode=98101", vec!["A-3"]),
        ("Reference=A-2", vec!["A-2"]),
        ("Region=XX", vec![]),
    ] {
        let list = done(&site.get(&format!("{}?{filter}", path(&site))).await);
        let found = list["Addresses"].as_array().unwrap().iter();
        let mut found: Vec<_> = found
            .map(|one| one["Reference"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{filter}");
        assert_eq!(list["TotalCount"], expected.len(), "{filter}");
    }
    let wrong = site.get(&format!("{}?CountryCode=AUS", path(&site))).await;
    refused(
        &wrong,
        400,
        &[("INVALID_COUNTRYCODE_FORMAT", "CountryCode")],
    );
    // A page token is good for its own filter alone.
    let first = done(
        &site
            .get(&format!("{}?City=Sydney&Results_Count=1", path(&site)))
            .await,
    );
    let token = first["NextPageToken"].as_str().expect("a next page");
    let other = site
        .get(&format!("{}?City=Seattle&PageToken={token}", path(&site)))
        .await;
    refused(&other, 400, &[("PARAMETER_INVALID", "PageToken")]);
}
