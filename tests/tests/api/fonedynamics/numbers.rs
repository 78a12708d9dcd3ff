//! Numbers are bought, configured and released.

use callbook_tests::NOON;
use callbook_tests::fonedynamics::{
    FAR, FREE, NOBODY, NUMBER, OTHER, STRICT, Site, done, path_of, refused,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_bought_number_is_active_and_shown_with_its_inventory_details() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let bought = done(&site.buy(&property, NUMBER).await);
    assert_eq!(bought, json!({"Number": NUMBER, "Status": "Active"}));
    let expected = json!({
        "Number": NUMBER, "AccountSid": site.sid(), "PropertySid": property, "Status": "Active",
        "Friendly": null, "Type": "Local", "Capabilities": ["Voice", "SMS"], "CountryCode": "US",
        "Region": "WA", "Locality": "Seattle", "AddressSid": null,
        "Attribution_Source": null, "Attribution_Medium": null, "Attribution_Campaign": null,
        "Attribution_Content": null, "RoutingMethod": null, "EndpointNumber": null, "Flow": null,
        "Recording": "Off", "Created": NOON / 1_000,
    });
    for number in ["12065550111", "+12065550111", "%2B12065550111"] {
        let shown = site.get(&format!("/v2/Numbers/{number}")).await;
        assert_eq!(done(&shown), expected, "{number}");
    }
}

#[tokio::test]
async fn buying_again_changes_nothing_and_buying_for_another_property_is_refused() {
    let site = Site::new().await;
    let (property, other) = (site.property("P").await, site.property("Q").await);
    let first = site.buy(&property, NUMBER).await;
    site.world.wait(5);
    let again = site.buy(&property, NUMBER).await;
    assert_eq!((again.status, again.body), (200, first.body));
    let elsewhere = site.buy(&other, NUMBER).await;
    assert_eq!(elsewhere.status, 403);
    let code = &elsewhere.json()["ResponseStatus"]["ErrorCode"];
    assert_eq!(code, "NUMBER_BELONGS_TO_DIFFERENT_PROPERTY");
    let assignments = site.world.assignments(&site.account.id).await;
    assert_eq!(assignments.len(), 1);
    assert_eq!(assignments[0].property_sid.as_str(), property);
    assert_eq!(
        (assignments[0].from.millis(), assignments[0].until),
        (NOON, None)
    );
}

#[tokio::test]
async fn a_purchase_that_names_missing_resources_reports_all_of_them() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let path = format!("/v2/Properties/{property}/Numbers");
    for (body, fields) in [
        (json!({}), vec![("PARAMETER_REQUIRED", "Number")]),
        (
            json!({"Number": ""}),
            vec![("PARAMETER_REQUIRED", "Number")],
        ),
        (
            json!({"Number": "2065550111"}),
            vec![("INVALID_PHONENUMBER_FORMAT", "Number")],
        ),
        (
            json!({"Number": "+12065550199"}),
            vec![("NUMBER_NOT_FOUND", "Number")],
        ),
        (
            json!({"Number": NUMBER, "AddressSid": "x"}),
            vec![("ADDRESS_NOT_FOUND", "AddressSid")],
        ),
        (
            json!({"Number": "+12065550199", "AddressSid": NOBODY}),
            vec![
                ("NUMBER_NOT_FOUND", "Number"),
                ("ADDRESS_NOT_FOUND", "AddressSid"),
            ],
        ),
    ] {
        refused(&site.post_json(&path, &body).await, 400, &fields);
    }
    let sid_of_none = json!({"Number": "2065550111", "AddressSid": "x"});
    refused(
        &site
            .post_json("/v2/Properties/x/Numbers", &sid_of_none)
            .await,
        400,
        &[
            ("PROPERTY_NOT_FOUND", "PropertySid"),
            ("INVALID_PHONENUMBER_FORMAT", "Number"),
            ("ADDRESS_NOT_FOUND", "AddressSid"),
        ],
    );
    let nowhere = site.buy(NOBODY, NUMBER).await;
    refused(&nowhere, 400, &[("PROPERTY_NOT_FOUND", "PropertySid")]);
    let form = site.ask("POST", &path, "Number=+12065550111").await;
    assert_eq!(done(&form)["Number"], NUMBER, "a plus decoded as a space");
}

#[tokio::test]
async fn a_number_whose_country_requires_an_address_is_pending_until_it_has_one() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let near = site.address(FREE).await;
    let bought = done(&site.buy(&property, FAR).await);
    assert_eq!(
        bought["Status"], "Pending",
        "an address in another country does not count"
    );

    let path = path_of(FAR);
    let link = |sid: &str| json!({ "AddressSid": sid });
    let linked = done(&site.post_json(&path, &link(&near)).await);
    assert_eq!(linked["Status"], "Pending");
    assert_eq!(linked["AddressSid"], json!(near));
    let there = site.address(STRICT).await;
    let linked = done(&site.post_json(&path, &link(&there)).await);
    assert_eq!(linked["Status"], "Active");
    assert_eq!(done(&site.get(&path).await), linked);
    assert_eq!(
        done(&site.delete(&format!("/v2/Addresses/{near}")).await),
        json!({ "AddressSid": near }),
        "the number is linked to the other address"
    );
    let refused = site.delete(&format!("/v2/Addresses/{there}")).await;
    assert_eq!(refused.status, 403);
    let unlinked = done(&site.post_json(&path, &link("")).await);
    assert_eq!(unlinked["Status"], "Pending");
    assert_eq!(unlinked["AddressSid"], Value::Null);
}

#[tokio::test]
async fn buying_again_gives_a_pending_number_its_address() {
    let site = Site::new().await;
    let property = site.property("P").await;
    assert_eq!(
        done(&site.buy(&property, FAR).await)["Status"],
        "Pending",
        "the account has no address in the country"
    );
    let there = site.address(STRICT).await;
    let again = done(&site.buy(&property, FAR).await);
    assert_eq!(again, json!({"Number": FAR, "Status": "Active"}));
    let path = path_of(FAR);
    assert_eq!(done(&site.get(&path).await)["AddressSid"], json!(there));

    site.world.wait(1);
    let second = site.address(STRICT).await;
    done(&site.buy(&property, FAR).await);
    assert_eq!(done(&site.get(&path).await)["AddressSid"], json!(there));
    let moved = done(&site.buy_at(&property, FAR, &second).await);
    assert_eq!(moved["Status"], "Active");
    assert_eq!(done(&site.get(&path).await)["AddressSid"], json!(second));
    done(&site.delete(&format!("/v2/Addresses/{there}")).await);
    let kept = site.delete(&format!("/v2/Addresses/{second}")).await;
    assert_eq!(kept.status, 403);
}

#[tokio::test]
async fn a_purchase_links_the_accounts_oldest_address_in_the_country() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let first = site.address(STRICT).await;
    site.world.wait(1);
    site.address(STRICT).await;
    let bought = done(&site.buy(&property, FAR).await);
    assert_eq!(bought["Status"], "Active");
    let shown = done(&site.get(&path_of(FAR)).await);
    assert_eq!(shown["AddressSid"], json!(first), "the oldest one");
    let kept = site.delete(&format!("/v2/Addresses/{first}")).await;
    assert_eq!(kept.status, 403);

    let free = done(&site.buy_at(&property, NUMBER, &first).await);
    assert_eq!(free["Status"], "Active", "the country requires no address");
}

#[tokio::test]
async fn a_change_sets_the_given_fields_and_keeps_the_others() {
    let site = Site::new().await;
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    let path = path_of(NUMBER);
    let before = done(&site.get(&path).await);
    let change = json!({
        "Friendly": "Main line", "Attribution_Source": "google", "Attribution_Medium": "cpc",
        "Attribution_Campaign": "spring", "Attribution_Content": "banner",
        "RoutingMethod": "Endpoint", "EndpointNumber": OTHER, "Recording": "Call",
    });
    let changed = done(&site.post_json(&path, &change).await);
    let mut expected = before;
    for (name, value) in change.as_object().unwrap() {
        expected[name] = value.clone();
    }
    assert_eq!(changed, expected);
    assert_eq!(done(&site.get(&path).await), expected);

    let second = json!({"RoutingMethod": "flow", "Flow": "Office hours", "Attribution_Medium": ""});
    let changed = done(&site.post_json(&path, &second).await);
    expected["RoutingMethod"] = json!("Flow");
    expected["Flow"] = json!("Office hours");
    expected["Attribution_Medium"] = Value::Null;
    assert_eq!(changed, expected);
}

#[tokio::test]
async fn a_routing_method_needs_its_destination() {
    let site = Site::new().await;
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    let path = path_of(NUMBER);
    let anything = "Friendly,AddressSid,Attribution_Source,Attribution_Medium,Attribution_Campaign,\
        Attribution_Content,RoutingMethod,EndpointNumber,Flow,Recording";
    for (body, fields) in [
        (
            json!({}),
            vec![("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", anything)],
        ),
        (
            json!({"RoutingMethod": ""}),
            vec![("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", "EndpointNumber,Flow")],
        ),
        (
            json!({"RoutingMethod": "Endpoint"}),
            vec![("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", "EndpointNumber,Flow")],
        ),
        (
            json!({"RoutingMethod": "Endpoint", "Flow": "Main"}),
            vec![("PARAMETER_REQUIRED", "EndpointNumber")],
        ),
        (
            json!({"RoutingMethod": "Flow", "EndpointNumber": OTHER}),
            vec![("PARAMETER_REQUIRED", "Flow")],
        ),
        (
            json!({"EndpointNumber": OTHER, "Flow": "Main"}),
            vec![("PARAMETER_REQUIRED", "RoutingMethod")],
        ),
        (
            json!({"RoutingMethod": "Carrier pigeon", "Recording": "Always", "EndpointNumber": "911"}),
            vec![
                ("UNKNOWN_ROUTING_METHOD", "RoutingMethod"),
                ("INVALID_PHONENUMBER_FORMAT", "EndpointNumber"),
                ("UNKNOWN_RECORDING_OPTION", "Recording"),
            ],
        ),
        (
            json!({"Friendly": "x".repeat(101), "AddressSid": NOBODY}),
            vec![("PARAMETER_TOO_LONG", "Friendly")],
        ),
        (
            json!({"AddressSid": NOBODY}),
            vec![("ADDRESS_NOT_FOUND", "AddressSid")],
        ),
        (
            json!({"Recording": "Always", "AddressSid": "x"}),
            vec![
                ("UNKNOWN_RECORDING_OPTION", "Recording"),
                ("ADDRESS_NOT_FOUND", "AddressSid"),
            ],
        ),
        (
            json!({"RoutingMethod": "Flow", "AddressSid": NOBODY}),
            vec![
                ("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", "EndpointNumber,Flow"),
                ("ADDRESS_NOT_FOUND", "AddressSid"),
            ],
        ),
    ] {
        refused(&site.post_json(&path, &body).await, 400, &fields);
    }
    let shown = done(&site.get(&path).await);
    assert_eq!(shown["RoutingMethod"], Value::Null, "nothing was set");
    let body = json!({ "EndpointNumber": OTHER });
    let implied = done(&site.post_json(&path, &body).await);
    assert_eq!(
        implied["RoutingMethod"], "Endpoint",
        "the method follows from the destination"
    );
    let nowhere = json!({"RoutingMethod": "", "EndpointNumber": "", "Flow": ""});
    let unrouted = done(&site.post_json(&path, &nowhere).await);
    for name in ["RoutingMethod", "EndpointNumber", "Flow"] {
        assert_eq!(unrouted[name], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn a_released_number_can_be_bought_again_by_any_account() {
    let site = Site::new().await;
    let (property, address) = (site.property("P").await, site.address(FREE).await);
    let path = path_of(NUMBER);
    for round in 0..2 {
        done(&site.buy_at(&property, NUMBER, &address).await);
        let body = json!({ "Friendly": "Ours" });
        done(&site.post_json(&path, &body).await);
        let released = json!({ "Number": NUMBER });
        assert_eq!(done(&site.delete(&path).await), released, "{round}");
        let gone = [("NUMBER_NOT_FOUND", "Number")];
        refused(&site.get(&path).await, 400, &gone);
        refused(&site.delete(&path).await, 400, &gone);
        refused(&site.post_json(&path, &body).await, 400, &gone);
    }
    done(&site.delete(&format!("/v2/Addresses/{address}")).await);
    let assignments = site.world.assignments(&site.account.id).await;
    assert_eq!(assignments.len(), 2);
    assert!(assignments.iter().all(|one| one.until == Some(one.from)));

    let other = site.world.account().await;
    let key = callbook_tests::fonedynamics::token(&site.world, &other).await;
    let other = Site {
        account: other,
        key,
        ..site
    };
    let property = other.property("Theirs").await;
    done(&other.buy(&property, NUMBER).await);
    let shown = done(&other.get(&path).await);
    assert_eq!(
        shown["Friendly"],
        Value::Null,
        "it has its inventory details and no earlier settings"
    );
    assert_eq!(shown["Type"], "Local");
}

#[tokio::test]
async fn a_release_that_names_a_property_requires_a_number_of_that_property() {
    let site = Site::new().await;
    let (property, other) = (site.property("P").await, site.property("Q").await);
    done(&site.buy(&property, NUMBER).await);
    let path = path_of(NUMBER);
    let wrong = site.delete(&format!("{path}?PropertySid={other}")).await;
    assert_eq!(wrong.status, 403);
    let code = &wrong.json()["ResponseStatus"]["ErrorCode"];
    assert_eq!(code, "NUMBER_BELONGS_TO_DIFFERENT_PROPERTY");
    let nobody = site.delete(&format!("{path}?PropertySid={NOBODY}")).await;
    refused(&nobody, 400, &[("PROPERTY_NOT_FOUND", "PropertySid")]);
    done(&site.get(&path).await);
    done(&site.delete(&format!("{path}?PropertySid={property}")).await);
}
