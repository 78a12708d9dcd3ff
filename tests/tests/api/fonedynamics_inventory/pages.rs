//! Pages of the available numbers.

use callbook_tests::fd_calls::token;
use serde_json::Value;

use super::{Shop, endings, put};

#[tokio::test]
async fn pages_contain_the_whole_list_once_and_in_order() {
    let shop = Shop::new().await;
    let whole = shop.american(&[]).await;
    for size in ["1", "2", "5", "6", "200"] {
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut parameters = vec![("CountryCode", "US"), ("Results_Count", size)];
            parameters.extend(next.as_deref().map(|token| ("PageToken", token)));
            let page = shop.list(&parameters).await;
            assert_eq!(
                page["TotalCount"], 6,
                "the total counts the list and not the page"
            );
            let rows = endings(&page);
            assert!(rows.len() <= size.parse().unwrap() && !rows.is_empty());
            found.extend(rows);
            match &page["NextPageToken"] {
                Value::Null => break,
                token => next = token.as_str().map(str::to_owned),
            }
        }
        assert_eq!(found, whole, "pages of {size}");
    }
    for (skip, count, expected) in [
        ("0", "2", &["01", "02"][..]),
        ("4", "2", &["05", "06"]),
        ("5", "200", &["06"]),
        ("6", "1", &[]),
        ("1000000", "1", &[]),
    ] {
        let parameters = [
            ("CountryCode", "US"),
            ("Results_Skip", skip),
            ("Results_Count", count),
        ];
        let page = shop.list(&parameters).await;
        assert_eq!(endings(&page), expected, "{skip} {count}");
        assert_eq!(page["TotalCount"], 6);
    }
}

#[tokio::test]
async fn numbers_loaded_between_two_pages_do_not_shift_the_others() {
    let shop = Shop::new().await;
    let two = [("CountryCode", "US"), ("Results_Count", "2")];
    let first = shop.list(&two).await;
    assert_eq!(endings(&first), ["01", "02"]);
    // One sorts before the first page, and one right after it.
    for number in ["+12015550188", "+12125550199"] {
        put(&shop.world, [number, "Local", "Voice", "US", "", "", ""]).await;
    }
    let token = first["NextPageToken"].as_str().unwrap();
    let second = shop
        .list(&[&two[..], &[("PageToken", token)]].concat())
        .await;
    assert_eq!(endings(&second), ["99", "03"]);
    assert_eq!(second["TotalCount"], 8);
}

#[tokio::test]
async fn a_page_token_is_valid_for_its_own_list_only() {
    let shop = Shop::new().await;
    let asked = [
        ("CountryCode", "US"),
        ("Type", "Local"),
        ("Results_Count", "1"),
    ];
    let first = shop.list(&asked).await;
    let token_of_page = first["NextPageToken"].as_str().unwrap();
    let page = ("PageToken", token_of_page);
    // The same list, spelled differently and with another page size.
    let same = [
        ("CountryCode", "us"),
        ("Type", "local"),
        ("Results_Count", "2"),
        page,
    ];
    assert_eq!(endings(&shop.list(&same).await), ["02", "03"]);
    let forged = format!("{token_of_page}A");
    for parameters in [
        &[("CountryCode", "AU"), ("Type", "Local"), page][..],
        &[("CountryCode", "US"), page],
        &[("CountryCode", "US"), ("Type", "Local,National"), page],
        &[
            ("CountryCode", "US"),
            ("Type", "Local"),
            ("Region", "New York"),
            page,
        ],
        &[
            ("CountryCode", "US"),
            ("Type", "Local"),
            ("Locality", "New York"),
            page,
        ],
        &[
            ("CountryCode", "US"),
            ("Type", "Local"),
            ("Capabilities", "Voice"),
            page,
        ],
        &[
            ("CountryCode", "US"),
            ("Type", "Local"),
            ("PageToken", &forged),
        ],
    ] {
        let reply = shop.ask(parameters).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        let errors = &reply.json()["ResponseStatus"]["Errors"];
        assert_eq!(errors[0]["FieldName"], "PageToken");
        assert_eq!(errors[0]["ErrorCode"], "PARAMETER_INVALID");
    }
    let other = shop.world.account().await;
    let other = token(&shop.world, &other).await;
    let reply = shop.ask_as(&other, &[&asked[..], &[page]].concat()).await;
    assert_eq!(reply.status, 400, "another account's");
}
