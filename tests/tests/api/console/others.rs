//! Statements, vendors, deliveries, refused requests and the reference in the console: what the API says, as the user may see it.

use callbook_tests::browser::{Browser, HOST, hidden};
use callbook_tests::office::Office;

const BOUNDARY: &str = "a-boundary";

/// Sends a form with a file, as a browser does.
async fn upload(
    browser: &Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    file: &str,
) -> callbook_tests::Reply {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"statement\"; filename=\"november.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n"
    ));
    let (origin, kind) = (
        format!("https://{HOST}"),
        format!("multipart/form-data; boundary={BOUNDARY}"),
    );
    let headers = [("origin", origin.as_str()), ("content-type", kind.as_str())];
    browser.request("POST", path, &headers, &body).await
}

#[tokio::test]
async fn a_statement_is_compared_and_its_disputed_lines_are_taken_away() {
    let office = Office::new().await;
    office.bill("25", &[]).await;
    office
        .post(
            "vendors",
            &serde_json::json!({"vendor_id": "acme", "name": "Acme <Leads>"}),
        )
        .await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    let page = browser.page("/console/invoice").await;
    assert!(page.contains("Acme &lt;Leads&gt;"), "names are text");
    let token = hidden(&page, "/console/invoice").remove(0).1;
    let today = callbook_tests::office::TODAY;
    let [from, to] = [today[0].1, today[1].1];
    let fields = [
        ("form", token.as_str()),
        ("vendor", "acme"),
        ("from", from),
        ("to", to),
        ("tolerance_seconds", "120"),
    ];
    let file = format!("Date,DID,Caller,Amount\r\n{from} 10:00,+12069735100,+12069735109,=30\r\n");
    let refused = upload(&browser, "/console/invoice", &fields, &file).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let file = format!(
        "Date,DID,Caller,Call ID,Amount\r\n{from} 10:00,+12069735100,+12069735109,\"=cmd()\",30\r\n"
    );
    let reply = upload(&browser, "/console/invoice", &fields, &file).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for part in ["Not in the ledger", "30.00", "Disputed lines as CSV"] {
        assert!(reply.body.contains(part), "{part}: {}", reply.body);
    }
    let (_, carried) = reply.body.split_once("<textarea name=\"lines\"").unwrap();
    let (_, carried) = carried.split_once('>').unwrap();
    let carried = carried.split("</textarea>").next().unwrap();
    let carried = carried.replace("&quot;", "\"");
    let fields = [
        ("form", token.as_str()),
        ("vendor", "acme"),
        ("from", from),
        ("lines", carried.as_str()),
    ];
    let lines = upload(&browser, "/console/invoice/disputed.csv", &fields, "").await;
    assert_eq!(lines.status, 200, "{}", lines.body);
    let lines: Vec<_> = lines.body.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[1].contains("Not in the ledger"), "{lines:?}");
    assert!(
        lines[1].contains("'=cmd()"),
        "a cell is no formula: {lines:?}"
    );
    let foreign = [("form", "0"), ("vendor", "acme")];
    let reply = upload(&browser, "/console/invoice", &foreign, &file).await;
    assert_eq!(reply.status, 403);
}

#[tokio::test]
async fn vendors_are_shown_with_their_terms_and_what_was_refused() {
    let office = Office::new().await;
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    let page = browser.page("/console/vendors").await;
    assert!(page.contains("There are no vendors"));
    let name = "<script>alert(1)</script>";
    office
        .post(
            "vendors",
            &serde_json::json!({"vendor_id": "acme", "name": name}),
        )
        .await;
    let page = browser.page("/console/vendors").await;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains(name));
    let page = browser.page("/console/vendors/acme").await;
    assert!(page.contains("Nothing was agreed upon yet"));
    assert_eq!(browser.get("/console/vendors/nobody").await.status, 404);
    let csv = browser.get("/console/vendors.csv").await;
    assert!(csv.body.contains("\nacme,"), "{}", csv.body);
}

#[tokio::test]
async fn deliveries_are_shown_and_sent_again_by_who_may() {
    let office = Office::new().await;
    let made = office
        .post("webhooks", &serde_json::json!({"url": "https://hooks.example.com/x?key=secret", "description": "CRM"}))
        .await
        .json();
    let id = made["id"].as_str().unwrap();
    let here = format!("/console/queue/webhooks/{id}");
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    assert!(browser.page("/console/queue").await.contains(&here));
    let page = browser.page(&here).await;
    let reply = browser.submit(&page, &format!("{here}/test"), &[]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(reply.header("location"), Some(here.as_str()));
    let page = browser.page(&here).await;
    assert!(page.contains("webhook.test"));
    let found = office.read(&format!("webhooks/{id}/deliveries"), &[]).await;
    let delivery = found["deliveries"][0]["id"].as_str().unwrap();
    let again = format!("/console/queue/deliveries/{delivery}/resend");
    let reply = browser.submit(&page, &again, &[]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);

    let viewer = Browser::signed_in(&office.world().app, &office.viewer).await;
    let page = viewer.page(&here).await;
    assert!(
        !page.contains(&again) && !page.contains("secret"),
        "a viewer sees no secret"
    );
    let form = hidden(&page, "/console/sign-out").remove(0).1;
    let reply = viewer.send(&again, &[("form", &form)]).await;
    assert_eq!(reply.status, 403);
}

#[tokio::test]
async fn refused_requests_and_the_queue_say_what_to_do_when_there_are_none() {
    let office = Office::new().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    assert!(
        browser
            .page("/console/requests")
            .await
            .contains("Nothing was refused")
    );
    assert!(
        browser
            .page("/console/queue")
            .await
            .contains("Nobody waits")
    );
    for path in ["/console/requests.csv", "/console/queue.csv"] {
        assert_eq!(browser.get(path).await.body.lines().count(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_reference_has_every_operation_and_asks_those_that_only_read() {
    let office = Office::new().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    let page = browser.page("/console/api").await;
    for part in [
        "/callbook/v1/costs/{id}/void",
        "/v2/Numbers/{number}",
        "/1.0/phone_feedback",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = browser.page("/console/api/me?run=me").await;
    let me = office.read("me", &[]).await;
    let id = me["account_id"].as_str().unwrap();
    assert!(page.contains(&format!("https://{HOST}/callbook/v1/me")));
    assert!(
        page.contains(&format!("&quot;account_id&quot;: &quot;{id}&quot;")),
        "{page}"
    );
    // An operation that writes is not asked by a link.
    let page = browser.page("/console/api/vendors?run=createVendor").await;
    assert!(!page.contains("class=\"answer\""));
    assert_eq!(browser.get("/console/api/nothing").await.status, 404);
}

#[tokio::test]
async fn an_admin_adds_and_changes_vendors_and_sees_faults_at_their_fields() {
    let office = Office::new().await;
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    let page = browser.page("/console/vendors").await;
    let bad = [("vendor_id", "a b"), ("name", ""), ("status", "active")];
    let refused = browser.submit(&page, "/console/vendors", &bad).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert_eq!(refused.body.matches("aria-invalid=\"true\"").count(), 2);
    assert!(
        refused.body.contains("value=\"a b\""),
        "what was typed stays"
    );
    let active = ("status", "active");
    let new = [("vendor_id", "acme"), ("name", "Acme <Leads>"), active];
    let made = browser
        .submit(&refused.body, "/console/vendors", &new)
        .await;
    assert_eq!(made.header("location"), Some("/console/vendors/acme"));
    let other = [("vendor_id", "acme"), ("name", "Other"), active];
    let page = browser.page("/console/vendors").await;
    let taken = browser.submit(&page, "/console/vendors", &other).await;
    assert_eq!(taken.status, 409, "{}", taken.body);
    assert!(taken.body.contains("role=\"alert\"") && taken.body.contains("value=\"Other\""));

    let page = browser.page("/console/vendors/acme").await;
    let change = "/console/vendors/acme/change";
    let sent = [("name", "Acme Leads Inc."), ("status", "paused")];
    let changed = browser.submit(&page, change, &sent).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    let vendor = office.read("vendors/acme", &[]).await;
    assert_eq!(
        (&vendor["name"], &vendor["status"]),
        (&"Acme Leads Inc.".into(), &"paused".into())
    );
    // The key of the form was used with other contents.
    let sent = [("name", "Another"), ("status", "active")];
    let again = browser.submit(&page, change, &sent).await;
    assert_eq!(again.status, 409, "{}", again.body);
    let emptied = browser.submit(&page, change, &[active]).await;
    assert_eq!(emptied.status, 400, "{}", emptied.body);
    assert!(
        emptied.body.contains("fault-change-name"),
        "the name is at fault"
    );

    let page = browser.page("/console/vendors/acme").await;
    let terms = "/console/vendors/acme/terms";
    let bad = [
        ("from", "soon"),
        ("price", "-1"),
        ("minimum_seconds", "1.5"),
        ("duplicate_days", ""),
    ];
    let refused = browser.submit(&page, terms, &bad).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.body.matches("aria-invalid=\"true\"").count(),
        3,
        "{}",
        refused.body
    );
    let good = [
        ("from", "2026-12-01"),
        ("price", "25.5"),
        ("minimum_seconds", "90"),
        ("duplicate_days", "30"),
    ];
    let set = browser.submit(&refused.body, terms, &good).await;
    assert_eq!(set.status, 303, "{}", set.body);
    let vendor = office.read("vendors/acme", &[]).await;
    assert_eq!(vendor["terms"][0]["price"], "25.5000");
    assert_eq!(vendor["terms"][0]["minimum_seconds"], 90);

    let viewer = Browser::signed_in(&office.world().app, &office.viewer).await;
    for path in ["/console/vendors", "/console/vendors/acme"] {
        let page = viewer.page(path).await;
        assert!(!page.contains("form class=\"acting\""), "{path}");
    }
    let page = viewer.page("/console/vendors").await;
    let form = hidden(&page, "/console/sign-out").remove(0).1;
    let sent = [("form", form.as_str()), ("name", "x"), ("status", "active")];
    assert_eq!(viewer.send(change, &sent).await.status, 403);
}

#[tokio::test]
async fn a_statement_may_be_as_large_as_the_api_takes_it() {
    let office = Office::new().await;
    let new = serde_json::json!({"vendor_id": "acme", "name": "Acme"});
    office.post("vendors", &new).await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    let page = browser.page("/console/invoice").await;
    let token = hidden(&page, "/console/invoice").remove(0).1;
    let (from, to) = (
        callbook_tests::office::TODAY[0].1,
        callbook_tests::office::TODAY[1].1,
    );
    let fields = [
        ("form", token.as_str()),
        ("vendor", "acme"),
        ("from", from),
        ("to", to),
    ];
    let notes = "n".repeat(600);
    let mut file = String::from("Date,DID,Caller,Amount,Notes\r\n");
    while file.len() < 2_000_000 {
        file.push_str(&format!(
            "{from} 10:00,+12069735100,+12069735109,30,{notes}\r\n"
        ));
    }
    let reply = upload(&browser, "/console/invoice", &fields, &file).await;
    assert_eq!(
        reply.status,
        200,
        "{}",
        reply.body.chars().take(500).collect::<String>()
    );
    file.push_str(&notes.repeat(200));
    let reply = upload(&browser, "/console/invoice", &fields, &file).await;
    assert_eq!(
        reply.status,
        413,
        "{}",
        reply.body.chars().take(500).collect::<String>()
    );
    assert!(reply.body.contains("<h1>"));
}

#[tokio::test]
async fn refused_requests_are_followed_with_their_filters() {
    let office = Office::new().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    let page = browser.page("/console/requests?vendor=acme").await;
    assert!(!page.contains("data-follow") && !page.contains("http-equiv"));
    let follow = "/console/requests?vendor=acme&amp;follow=1";
    assert!(page.contains(&format!("href=\"{follow}\"")), "{page}");
    office.platform.bill("NaN", &[]).await;
    let page = browser.page("/console/requests?follow=1").await;
    assert!(
        page.contains("cost: ") && page.contains("data-follow=\"10\""),
        "{page}"
    );
    let head = page.split("</head>").next().unwrap();
    assert!(head.contains("<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"));
    assert!(page.contains("Following.") && page.contains("href=\"/console/requests\">Stop"));
    assert!(
        !page.contains("aria-label=\"Pages\""),
        "newest first, no pages"
    );
}
