//! Costs are settled in the console, with the rights of the API.

use callbook_tests::browser::Browser;
use callbook_tests::office::Office;

/// An office, and a cost without a call.
async fn unmatched() -> (Office, String) {
    let office = Office::new().await;
    let id = office.bill("25", &[]).await;
    (office, id)
}

#[tokio::test]
async fn a_cost_is_voided_once_and_by_whom() {
    let (office, id) = unmatched().await;
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    let (here, action) = (
        format!("/console/costs/{id}"),
        format!("/console/costs/{id}/void"),
    );
    let page = browser.page(&here).await;
    for _ in 0..2 {
        let reply = browser
            .submit(&page, &action, &[("reason", "not ours")])
            .await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        assert_eq!(reply.header("location"), Some(here.as_str()));
    }
    let cost = office.read(&format!("costs/{id}"), &[]).await;
    assert_eq!(cost["state"], "void");
    let history = cost["history"].as_array().unwrap();
    assert_eq!(history.len(), 2, "a form that is sent twice does it once");
    let page = browser.page(&here).await;
    assert!(page.contains("not ours"));
    assert!(!page.contains(&format!("action=\"{action}\"")));
}

#[tokio::test]
async fn a_cost_is_matched_unpinned_and_adjusted() {
    let (office, id) = unmatched().await;
    office
        .platform
        .call_of("+12069735102", "+12069735100")
        .await;
    let calls = office.read("calls", &callbook_tests::office::TODAY).await;
    let sid = calls["calls"][0]["call_sid"].as_str().unwrap();
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    let here = format!("/console/costs/{id}");
    for (what, fields, expected) in [
        (
            "match",
            &[("call_sid", sid), ("reason", "it is his")][..],
            "matched",
        ),
        ("unpin", &[("reason", "a mistake")], "unmatched"),
        (
            "adjust",
            &[("amount", "−7.50"), ("reason", "credit")],
            "unmatched",
        ),
    ] {
        let page = browser.page(&here).await;
        let reply = browser
            .submit(&page, &format!("{here}/{what}"), fields)
            .await;
        assert_eq!(reply.status, 303, "{what}: {}", reply.body);
        let cost = office.read(&format!("costs/{id}"), &[]).await;
        assert_eq!(cost["match"], expected, "{what}");
    }
    let cost = office.read(&format!("costs/{id}"), &[]).await;
    assert_eq!(cost["adjustments"][0]["amount"], "-7.5000");
    let page = browser.page(&here).await;
    assert!(page.contains("−7.50") && page.contains("negative"));
}

#[tokio::test]
async fn what_the_api_refuses_is_told() {
    let (office, id) = unmatched().await;
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    let here = format!("/console/costs/{id}");
    let page = browser.page(&here).await;
    let reply = browser.submit(&page, &format!("{here}/void"), &[]).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("reason"), "{}", reply.body);
    let line = office.world().last_log().unwrap();
    assert!(line.contains("\"error\":\"invalid_fields\""), "{line}");
}

#[tokio::test]
async fn a_viewer_is_shown_no_forms_and_refused() {
    let (office, id) = unmatched().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    let here = format!("/console/costs/{id}");
    let page = browser.page(&here).await;
    for what in ["void", "match", "adjust"] {
        assert!(!page.contains(&format!("{here}/{what}")), "{what}");
    }
    for what in ["void", "match", "unpin", "adjust"] {
        let form = callbook_tests::browser::hidden(&page, "/console/sign-out")
            .remove(0)
            .1;
        let fields = [
            ("form", form.as_str()),
            ("reason", "r"),
            ("call_sid", "none"),
            ("amount", "1"),
        ];
        let reply = browser.send(&format!("{here}/{what}"), &fields).await;
        assert_eq!(reply.status, 403, "{what}: {}", reply.body);
        assert!(reply.body.contains("viewer"), "{what}: {}", reply.body);
    }
    assert_eq!(
        office.read(&format!("costs/{id}"), &[]).await["state"],
        "in_force"
    );
}

#[tokio::test]
async fn another_accounts_costs_and_calls_do_not_exist() {
    let (office, id) = unmatched().await;
    office.platform.call().await;
    let calls = office.read("calls", &callbook_tests::office::TODAY).await;
    let sid = calls["calls"][0]["call_sid"].as_str().unwrap().to_owned();
    let platform = office.platform;
    let app = &platform.world.app;
    let stranger = platform.world.account().await;
    let kind = callbook::model::credential::CredentialKind::User;
    let user = platform.world.credential(&stranger, kind).await;
    let browser = Browser::signed_in(app, &user).await;
    let answer = |body: &str, guid: &str| body.replace(guid, "");
    let nothing = browser.get("/console/costs/000000").await;
    let theirs = browser.get(&format!("/console/costs/{id}")).await;
    assert_eq!((nothing.status, theirs.status), (404, 404));
    let guid = |reply: &callbook_tests::Reply| reply.header("x-request-guid").unwrap().to_owned();
    let strip = |reply: &callbook_tests::Reply| answer(&reply.body, &guid(reply));
    assert_eq!(strip(&nothing), strip(&theirs));
    assert_eq!(
        browser.get(&format!("/console/calls/{sid}")).await.status,
        404
    );
    let page = browser.page("/console/today").await;
    let form = callbook_tests::browser::hidden(&page, "/console/sign-out")
        .remove(0)
        .1;
    let fields = [("form", form.as_str()), ("reason", "r")];
    let reply = browser
        .send(&format!("/console/costs/{id}/void"), &fields)
        .await;
    assert_eq!(reply.status, 404);
}
