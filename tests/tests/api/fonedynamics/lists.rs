//! Lists: pages, filters, counts.

use callbook_tests::Reply;
use callbook_tests::fonedynamics::{
    FREE, NUMBER, OTHER, STRICT, Site, done, load, number, path_of, refused,
};
use serde_json::Value;

fn names(list: &Value, array: &str, name: &str) -> Vec<String> {
    let rows = list[array].as_array().expect("an array").iter();
    rows.map(|row| row[name].as_str().expect("a name").to_owned())
        .collect()
}

/// Reads all pages of a list and returns its rows and the number of pages.
async fn pages(site: &Site, path: &str, array: &str, name: &str) -> (Vec<String>, usize) {
    let (mut all, mut count, mut next) = (Vec::new(), 0, None::<String>);
    loop {
        let token = next.map_or(String::new(), |token| format!("&PageToken={token}"));
        let page = done(&site.get(&format!("{path}{token}")).await);
        all.extend(names(&page, array, name));
        count += 1;
        next = page["NextPageToken"].as_str().map(str::to_owned);
        if next.is_none() {
            return (all, count);
        }
    }
}

#[tokio::test]
async fn pages_by_token_and_by_offset_make_up_the_whole_list() {
    let site = Site::new().await;
    for index in 0..5 {
        site.property(&format!("P{index}")).await;
    }
    let whole = done(&site.get("/v2/Properties").await);
    let all = names(&whole, "Projects", "PropertySid");
    assert_eq!((all.len(), &whole["TotalCount"]), (5, &Value::from(5)));
    let (read, count) = pages(
        &site,
        "/v2/Properties?Results_Count=2",
        "Projects",
        "PropertySid",
    )
    .await;
    assert_eq!((read, count), (all.clone(), 3));
    let path = "/v2/Properties?results_count=2&RESULTS_SKIP=3";
    let rest = done(&site.get(path).await);
    assert_eq!(names(&rest, "Projects", "PropertySid"), all[3..]);
    assert_eq!(
        (&rest["TotalCount"], &rest["NextPageToken"]),
        (&Value::from(5), &Value::Null)
    );
    let beyond = done(&site.get("/v2/Properties?Results_Skip=99").await);
    assert_eq!(names(&beyond, "Projects", "PropertySid").len(), 0);
}

#[tokio::test]
async fn changes_between_pages_neither_hide_nor_repeat_a_row() {
    let site = Site::new().await;
    let property = site.property("P").await;
    for last in 20..26 {
        let e164 = format!("+120655501{last}");
        load(&site.world, &number(&e164, FREE, "Local", "Voice")).await;
        done(&site.buy(&property, &e164).await);
    }
    let path = format!("/v2/Properties/{property}/Numbers?Results_Count=3");
    let first = done(&site.get(&path).await);
    assert_eq!(names(&first, "Numbers", "Number").len(), 3);
    done(&site.delete(&path_of("+12065550120")).await);
    done(&site.delete(&path_of("+12065550122")).await);
    done(&site.buy(&property, NUMBER).await);
    let token = first["NextPageToken"].as_str().unwrap();
    let second = done(&site.get(&format!("{path}&PageToken={token}")).await);
    let rest = ["+12065550123", "+12065550124", "+12065550125"];
    assert_eq!(names(&second, "Numbers", "Number"), rest);
    assert_eq!(second["TotalCount"], 5);
}

#[tokio::test]
async fn a_page_token_is_valid_for_its_own_list_only() {
    let site = Site::new().await;
    let property = site.property("P").await;
    site.property("Q").await;
    for e164 in [NUMBER, OTHER] {
        done(&site.buy(&property, e164).await);
    }
    let path = format!("/v2/Accounts/{}/Numbers", site.sid());
    let list = done(
        &site
            .get(&format!("{path}?Results_Count=1&Type=Local"))
            .await,
    );
    let token = list["NextPageToken"].as_str().unwrap().to_owned();
    let (rest, last) = token.split_at(token.len() - 1);
    let turned = format!("{rest}{}", if last == "A" { "B" } else { "A" });
    let fault = [("PARAMETER_INVALID", "PageToken")];
    for wrong in [
        format!("{path}?PageToken={token}"),
        format!("{path}?Type=National&PageToken={token}"),
        format!("{path}?Type=Local&Capabilities=Voice&PageToken={token}"),
        format!("/v2/Properties/{property}/Numbers?Type=Local&PageToken={token}"),
        format!("/v2/Properties?PageToken={token}"),
        format!("{path}?Type=Local&PageToken={turned}"),
        format!("{path}?Type=Local&PageToken=x"),
    ] {
        refused(&site.get(&wrong).await, 400, &fault);
    }
    done(
        &site
            .get(&format!("{path}?Type=local&PageToken={token}"))
            .await,
    );
}

#[tokio::test]
async fn page_sizes_and_offsets_are_whole_numbers_within_bounds() {
    let site = Site::new().await;
    let (count, skip) = ("Results_Count", "Results_Skip");
    for (query, fields) in [
        ("Results_Count=0", vec![count]),
        ("Results_Count=201", vec![count]),
        ("Results_Count=-1&Results_Skip=x", vec![count, skip]),
        ("Results_Skip=1.5", vec![skip]),
        ("Results_Skip=%2B1", vec![skip]),
        ("Results_Skip=0&PageToken=x", vec![skip, "PageToken"]),
    ] {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|field| ("PARAMETER_INVALID", field))
            .collect();
        for path in [
            "/v2/Properties",
            &format!("/v2/Accounts/{}/Numbers", site.sid()),
        ] {
            refused(&site.get(&format!("{path}?{query}")).await, 400, &fields);
        }
    }
    done(
        &site
            .get("/v2/Properties?Results_Count=200&Results_Skip=0")
            .await,
    );
}

#[tokio::test]
async fn numbers_are_filtered_by_type_and_by_every_named_capability() {
    let site = Site::new().await;
    let (property, other) = (site.property("P").await, site.property("Q").await);
    let rows = [
        ("+18005550101", "Toll-Free", "Voice"),
        ("+12065550102", "Local", "Voice,SMS"),
        ("+12065550103", "Local", "Voice,SMS,MMS"),
        ("+12065550104", "National", "SMS"),
    ];
    for (e164, kind, capabilities) in rows {
        load(&site.world, &number(e164, FREE, kind, capabilities)).await;
        done(&site.buy(&property, e164).await);
    }
    done(&site.buy(&other, NUMBER).await);
    let path = format!("/v2/Properties/{property}/Numbers");
    for (query, expected) in [
        (
            "",
            vec![
                "+12065550102",
                "+12065550103",
                "+12065550104",
                "+18005550101",
            ],
        ),
        ("Type=Local", vec!["+12065550102", "+12065550103"]),
        (
            "Type=toll-free,National",
            vec!["+12065550104", "+18005550101"],
        ),
        ("Type=Shared-Rate", vec![]),
        (
            "Capabilities=SMS",
            vec!["+12065550102", "+12065550103", "+12065550104"],
        ),
        ("Capabilites=Voice,MMS", vec!["+12065550103"]),
        (
            "Type=Local&Capabilities=sms,voice",
            vec!["+12065550102", "+12065550103"],
        ),
    ] {
        let list = done(&site.get(&format!("{path}?{query}")).await);
        assert_eq!(names(&list, "Numbers", "Number"), expected, "{query}");
        assert_eq!(list["TotalCount"], expected.len(), "{query}");
    }
    let all = done(
        &site
            .get(&format!("/v2/Accounts/{}/Numbers", site.sid()))
            .await,
    );
    assert_eq!(
        all["TotalCount"], 5,
        "the account's list has the numbers of every property"
    );
    let wrong = site
        .get(&format!("{path}?Type=x&Capabilities=y&Results_Count=z"))
        .await;
    refused(
        &wrong,
        400,
        &[
            ("UNKNOWN_NUMBERTYPE", "Type"),
            ("UNKNOWN_CAPABILITY", "Capabilities"),
            ("PARAMETER_INVALID", "Results_Count"),
        ],
    );
}

#[tokio::test]
async fn an_unknown_parameter_of_a_list_is_refused_by_name() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let sid = site.sid().to_owned();
    for path in [
        "/v2/Properties?Colour=red".to_owned(),
        format!("/v2/Accounts/{sid}/Addresses?Colour=red"),
        format!("/v2/Accounts/{sid}/Numbers?Type=Local&Colour=red"),
        format!("/v2/Properties/{property}/Numbers?Colour=red"),
        format!("/v2/Accounts/{sid}/Calls?Disposition=answered&Colour=red"),
        format!("/v2/Properties/{property}/Calls?Colour=red"),
        "/v2/AvailableNumbers?countrycode=US&Colour=red".to_owned(),
    ] {
        let reply = site.get(&path).await;
        assert_eq!(reply.status, 400, "{path}: {}", reply.body);
        let errors = &reply.json()["ResponseStatus"]["Errors"];
        assert_eq!(
            errors[0]["ErrorCode"], "PARAMETER_INVALID",
            "{path}: {errors}"
        );
        assert_eq!(errors[0]["FieldName"], "Colour", "{path}: {errors}");
    }
}

#[tokio::test]
async fn an_unknown_parameter_of_a_write_is_refused_by_name_and_nothing_is_done() {
    let site = Site::new().await;
    let property = site.property("P").await;
    let sid = site.sid().to_owned();
    done(&site.buy(&property, NUMBER).await);
    let address = site.address(STRICT).await;
    let number = path_of(NUMBER);
    let colour = ("Colour", "red");
    for (path, body) in [
        ("/v2/Properties".to_owned(), vec![("Name", "Q")]),
        (
            format!("/v2/Accounts/{sid}/Addresses"),
            vec![
                ("Line1", "2 Example Street"),
                ("City", "Exampleton"),
                ("CountryCode", STRICT),
            ],
        ),
        (
            format!("/v2/Properties/{property}/Numbers"),
            vec![("Number", OTHER)],
        ),
        (number.clone(), vec![("Friendly", "Sales")]),
        (
            format!("/v2/Properties/{property}/Calls"),
            vec![("From", "+12065550177"), ("To", NUMBER)],
        ),
        (
            format!("/v2/Calls/{}", "A".repeat(32)),
            vec![("Disposition", "Busy")],
        ),
    ] {
        let reply = site.post(&path, &[&body[..], &[colour]].concat()).await;
        assert_unknown(&reply, &path);
    }
    for path in [&number, &format!("/v2/Addresses/{address}")] {
        let reply = site.delete(&format!("{path}?Colour=red")).await;
        assert_unknown(&reply, path);
    }
    let kept = done(&site.get(&number).await);
    assert_eq!(kept["Friendly"], Value::Null, "{kept}");
    let properties = done(&site.get("/v2/Properties").await);
    assert_eq!(properties["TotalCount"], 1);
    // A typed client sends its whole object: what the path says is in the body, too.
    let typed = [("Number", NUMBER), ("Friendly", "Sales")];
    assert_eq!(done(&site.post(&number, &typed).await)["Friendly"], "Sales");
    let documented = [("Name", "Q"), ("SmsEnabled", "true"), ("Active", "true")];
    done(&site.post("/v2/Properties", &documented).await);
}

fn assert_unknown(reply: &Reply, path: &str) {
    assert_eq!(reply.status, 400, "{path}: {}", reply.body);
    let errors = &reply.json()["ResponseStatus"]["Errors"];
    assert_eq!(
        errors[0]["ErrorCode"], "PARAMETER_INVALID",
        "{path}: {errors}"
    );
    assert_eq!(errors[0]["FieldName"], "Colour", "{path}: {errors}");
}
