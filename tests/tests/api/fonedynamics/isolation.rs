//! A resource of another account is answered exactly like one that does not exist.

use callbook_tests::fonedynamics::{FREE, NOBODY, NUMBER, OTHER, Site, done, path_of, token};
use serde_json::json;

/// Two accounts of one deployment, each with a property, an address and a number.
async fn two() -> (Site, [String; 2], String, String) {
    let site = Site::new().await;
    let other = site.world.account().await;
    let key = token(&site.world, &other).await;
    let theirs = (site.property("Theirs").await, site.address(FREE).await);
    done(&site.buy_at(&theirs.0, NUMBER, &theirs.1).await);
    let their_sid = site.sid().to_owned();
    let site = Site {
        account: other,
        key,
        ..site
    };
    let own = site.property("Ours").await;
    (site, [theirs.0, theirs.1], own, their_sid)
}

#[tokio::test]
async fn a_resource_of_another_account_is_answered_as_not_found() {
    let (site, [property, address], own, their_sid) = two().await;
    let buy = json!({ "Number": OTHER }).to_string();
    let link = json!({"Number": OTHER, "AddressSid": address}).to_string();
    let link_nobody = json!({"Number": OTHER, "AddressSid": NOBODY}).to_string();
    let (theirs, nobodys) = (path_of(NUMBER), path_of("+12065550199"));
    let name = r#"{"Friendly":"x"}"#;
    for (method, path, body, never, never_body) in [
        (
            "GET",
            format!("/v2/Properties/{property}"),
            "",
            format!("/v2/Properties/{NOBODY}"),
            "",
        ),
        (
            "GET",
            format!("/v2/Properties/{property}/Numbers"),
            "",
            format!("/v2/Properties/{NOBODY}/Numbers"),
            "",
        ),
        (
            "POST",
            format!("/v2/Properties/{property}/Numbers"),
            &*buy,
            format!("/v2/Properties/{NOBODY}/Numbers"),
            &*buy,
        ),
        (
            "POST",
            format!("/v2/Properties/{own}/Numbers"),
            &*link,
            format!("/v2/Properties/{own}/Numbers"),
            &*link_nobody,
        ),
        (
            "POST",
            format!("/v2/Properties/{own}/Numbers"),
            r#"{"Number":"+12065550111"}"#,
            format!("/v2/Properties/{own}/Numbers"),
            r#"{"Number":"+12065550199"}"#,
        ),
        ("GET", theirs.clone(), "", nobodys.clone(), ""),
        ("POST", theirs.clone(), name, nobodys.clone(), name),
        ("DELETE", theirs.clone(), "", nobodys.clone(), ""),
        (
            "DELETE",
            format!("{theirs}?PropertySid={property}"),
            "",
            format!("{nobodys}?PropertySid={NOBODY}"),
            "",
        ),
        (
            "GET",
            format!("/v2/Addresses/{address}"),
            "",
            format!("/v2/Addresses/{NOBODY}"),
            "",
        ),
        (
            "DELETE",
            format!("/v2/Addresses/{address}"),
            "",
            format!("/v2/Addresses/{NOBODY}"),
            "",
        ),
        (
            "GET",
            format!("/v2/Accounts/{their_sid}/Numbers"),
            "",
            format!("/v2/Accounts/{NOBODY}/Numbers"),
            "",
        ),
        (
            "GET",
            format!("/v2/Accounts/{their_sid}/Addresses"),
            "",
            format!("/v2/Accounts/{NOBODY}/Addresses"),
            "",
        ),
    ] {
        let reply = site.ask(method, &path, body).await;
        let never = site.ask(method, &never, never_body).await;
        assert_eq!(reply.status, 400, "{method} {path}");
        assert_eq!(reply.body, never.body, "{method} {path}");
    }
    let list = format!("/v2/Accounts/{}/Numbers", site.sid());
    assert_eq!(done(&site.get(&list).await)["TotalCount"], 0);
    assert_eq!(done(&site.get("/v2/Properties").await)["TotalCount"], 1);
}
