//! Which numbers are found, and what is shown about them.

use serde_json::json;

use super::{Shop, put};

#[tokio::test]
async fn a_number_is_shown_with_all_its_details() {
    let shop = Shop::new().await;
    let list = shop
        .list(&[("CountryCode", "US"), ("Locality", "New York")])
        .await;
    assert_eq!(
        list,
        json!({
            "AvailableNumbers": [
                {
                    "Number": "+12125550101", "Type": "Local", "Capabilities": ["Voice", "SMS"],
                    "CountryCode": "US", "Region": "New York", "Locality": "New York",
                    "Price": "1.5000"
                },
                {
                    "Number": "+13105550104", "Type": "Shared-Rate", "Capabilities": ["SMS"],
                    "CountryCode": "US", "Region": "California", "Locality": "New York",
                    "Price": null
                },
            ],
            "TotalCount": 2,
            "NextPageToken": null
        })
    );
    let toll_free = shop
        .list(&[("CountryCode", "US"), ("Type", "Toll-Free")])
        .await;
    assert_eq!(
        toll_free["AvailableNumbers"],
        json!([{
            "Number": "+18005550105", "Type": "Toll-Free", "Capabilities": ["Voice"],
            "CountryCode": "US", "Region": null, "Locality": null, "Price": "9.9999"
        }])
    );
}

#[tokio::test]
async fn filters_select_matching_numbers_alone_and_combined() {
    let shop = Shop::new().await;
    for (parameters, expected) in [
        (&[][..], &["01", "02", "03", "04", "05", "06"][..]),
        (&[("Region", "New York")], &["01", "02"]),
        (&[("Region", "nEW yORK")], &["01", "02"]),
        (&[("Region", "  California ")], &["03", "04"]),
        (&[("Locality", "new york")], &["01", "04"]),
        (
            &[("Region", "CALIFORNIA"), ("Locality", "NEW YORK")],
            &["04"],
        ),
        (&[("Region", ""), ("Locality", "Albany")], &["02"]),
        (&[("Type", "Local")], &["01", "02", "03"]),
        (&[("Type", "toll-free")], &["05"]),
        (&[("Type", "Shared-Rate, National")], &["04", "06"]),
        (
            &[("Capabilities", "Voice")],
            &["01", "02", "03", "05", "06"],
        ),
        (&[("Capabilities", "Voice,SMS")], &["01", "02"]),
        (&[("Capabilities", "mms, voice")], &["02", "06"]),
        (&[("Capabilities", "[Voice,SMS]")], &["01", "02"]),
        (
            &[("Capabilities", "Voice"), ("Capabilities", "SMS")],
            &["01", "02"],
        ),
        (
            &[
                ("Type", "[Shared-Rate, \"National\"]"),
                ("Capabilities", "[]"),
            ],
            &["04", "06"],
        ),
        (&[("Capabilites", "SMS")], &["01", "02", "04"]),
        (&[("Capabilities", "SMS"), ("Type", "National")], &[]),
        (
            &[
                ("Region", "New York"),
                ("Locality", "Albany"),
                ("Type", "Local"),
                ("Capabilities", "Voice,SMS,MMS"),
            ],
            &["02"],
        ),
    ] {
        assert_eq!(shop.american(parameters).await, expected, "{parameters:?}");
    }
    let australian = shop.list(&[("countrycode", "au")]).await;
    assert_eq!(australian["TotalCount"], 1, "names and codes ignore case");
    assert_eq!(australian["AvailableNumbers"][0]["CountryCode"], "AU");
    let served = shop.list(&[("CountryCode", "NZ")]).await;
    assert_eq!(
        served,
        json!({"AvailableNumbers": [], "TotalCount": 0, "NextPageToken": null}),
        "a country without an inventory"
    );
}

#[tokio::test]
async fn places_are_found_in_any_script_and_with_any_characters_in_their_names() {
    let shop = Shop::new().await;
    for row in [
        [
            "+12125550111",
            "Local",
            "Voice",
            "US",
            "Québec",
            "Île-Dupas",
            "",
        ],
        ["+12125550112", "Local", "Voice", "US", "a#b", "c", ""],
        ["+12125550113", "Local", "Voice", "US", "a", "b#c", ""],
        [
            "+12125550114",
            "Local",
            "Voice",
            "US",
            "東京都",
            "新宿区",
            "",
        ],
        ["+12125550115", "Local", "Voice", "US", "~", "~~", ""],
    ] {
        put(&shop.world, row).await;
    }
    for (parameters, expected) in [
        (
            &[("Region", "QUÉBEC"), ("Locality", "île-dupas")][..],
            &["11"][..],
        ),
        (&[("Region", "a")], &["13"]),
        (&[("Region", "a#b")], &["12"]),
        (&[("Region", "a"), ("Locality", "b#c")], &["13"]),
        (&[("Region", "東京都")], &["14"]),
        (&[("Locality", "新宿区")], &["14"]),
        (&[("Region", "~")], &["15"]),
    ] {
        assert_eq!(shop.american(parameters).await, expected, "{parameters:?}");
    }
    assert_eq!(shop.american(&[]).await.len(), 11, "every number is listed");
}
