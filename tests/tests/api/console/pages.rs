//! Every page: its sums are the API's, its headers keep others out, and what others wrote is text.

use callbook::model::credential::CredentialKind;
use callbook_tests::browser::Browser;
use callbook_tests::office::Office;
use callbook_tests::team::Team;
use serde_json::Value;

/// The pages that are in the navigation.
const PAGES: [&str; 5] = ["today", "explore", "hours", "calls", "costs"];

/// An amount of the API as pages write it.
fn shown(amount: &Value) -> String {
    let amount = amount.as_str().expect("an amount");
    let (whole, decimals) = amount.split_once('.').unwrap();
    format!("{whole}.{}", &decimals[..2])
}

/// An office with a call that was billed, one that was not, and a bill without a call.
async fn office() -> (Office, String, String) {
    let office = Office::new().await;
    office.platform.call().await;
    let matched = office.bill("25", &[]).await;
    office
        .platform
        .call_of("+12069735102", "+12069735100")
        .await;
    let unmatched = office.bill_of("+12069735109", "7.50", &[]).await;
    office.world().deliver_stream().await;
    (office, matched, unmatched)
}

#[tokio::test]
async fn every_page_has_the_headers_that_keep_others_out() {
    let team = Team::new().await;
    let browser = Browser::signed_in(&team.world.app, &team.admin).await;
    let sign_in = ["sign-in".to_owned()];
    for place in PAGES.map(str::to_owned).iter().chain(&sign_in) {
        let reply = browser.get(&format!("/console/{place}")).await;
        assert_eq!(reply.status, 200, "{place}: {}", reply.body);
        let policy = reply.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{place}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
        for word in [
            "style=\"",
            "<script>",
            "onclick",
            "src=\"http",
            "href=\"http",
        ] {
            assert!(!reply.body.contains(word), "{place} has {word}");
        }
        assert!(
            reply.body.len() < 150_000,
            "{place} has {} bytes",
            reply.body.len()
        );
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_under_their_name() {
    let team = Team::new().await;
    let browser = Browser::new(&team.world.app);
    let page = browser.page("/console/sign-in").await;
    let mut found = 0;
    for path in page
        .split('"')
        .filter(|text| text.starts_with("/console/assets/"))
    {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.header("cache-control").unwrap().contains("immutable"));
        found += 1;
    }
    assert_eq!(found, 2);
    assert_eq!(browser.get("/console/assets/other.css").await.status, 404);
}

#[tokio::test]
async fn the_sums_of_pages_are_the_apis() {
    let (office, matched, unmatched) = office().await;
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    let range = "from=2026-11-21&to=2026-11-21";
    let summary = office
        .read("summary", &[("from", "2026-11-21"), ("to", "2026-11-21")])
        .await;
    let totals = &summary["totals"];
    assert_eq!(shown(&totals["cost"]), "25.00");
    for place in ["today", "explore"] {
        let page = browser.page(&format!("/console/{place}?{range}")).await;
        for sum in ["cost", "unmatched"] {
            assert!(page.contains(&shown(&totals[sum])), "{place} lacks {sum}");
        }
    }
    let page = browser.page("/console/today").await;
    assert!(page.contains("1 without a call"), "{page}");
    let page = browser.page(&format!("/console/costs?{range}")).await;
    assert!(page.contains(&unmatched) && !page.contains(&matched));
    let page = browser
        .page(&format!("/console/costs?{range}&kind=all"))
        .await;
    assert!(page.contains(&unmatched) && page.contains(&matched));
    let page = browser
        .page(&format!("/console/calls?{range}&caller=12069735101"))
        .await;
    assert!(page.contains("+12069735101") && !page.contains("+12069735102"));
    let noon = browser
        .page(&format!("/console/calls?{range}&hour=12&weekday=saturday"))
        .await;
    assert!(noon.contains("+12069735102"));
    let other = browser
        .page(&format!("/console/calls?{range}&hour=12&weekday=sunday"))
        .await;
    assert!(other.contains("No calls."));
    let caller = ("caller", "12069735101");
    let asked = [("from", "2026-11-21"), ("to", "2026-11-21"), caller];
    let calls = office.read("calls", &asked).await;
    let sid = calls["calls"][0]["call_sid"].as_str().unwrap();
    let page = browser.page(&format!("/console/calls/{sid}")).await;
    assert!(page.contains(&matched) && page.contains("25.00"));
}

#[tokio::test]
async fn rows_are_taken_as_csv_without_formulas() {
    let (office, matched, _) = office().await;
    office
        .bill_of("+12069735109", "8", &[("notes", "=1+1")])
        .await;
    let browser = Browser::signed_in(&office.world().app, &office.admin).await;
    for place in PAGES {
        let reply = browser
            .get(&format!(
                "/console/{place}.csv?from=2026-11-21&to=2026-11-21"
            ))
            .await;
        assert_eq!(reply.status, 200, "{place}");
        assert_eq!(
            reply.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        assert!(reply.body.lines().count() > 1, "{place}: {}", reply.body);
    }
    let all = browser.get("/console/costs.csv?kind=all").await.body;
    assert!(all.contains(&matched) && all.contains("'=1+1"), "{all}");
}

#[tokio::test]
async fn what_others_wrote_is_text() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let office = Office::with(|account| account.name = hostile.to_owned()).await;
    office.platform.call().await;
    let id = office.bill("25", &[("notes", hostile)]).await;
    let world = office.world();
    let user = world
        .credential_with(&office.platform.account, CredentialKind::User, |new| {
            new.label = hostile.to_owned();
        })
        .await;
    let browser = Browser::signed_in(&world.app, &user).await;
    let path =
        callbook_tests::tld::form(&[("vendor", hostile), ("kind", hostile), ("range", hostile)]);
    for place in [
        "today".to_owned(),
        format!("costs/{id}"),
        format!("explore?{}", callbook_tests::tld::form(&[("by", hostile)])),
        format!(
            "sign-in?{}",
            callbook_tests::tld::form(&[("next", hostile)])
        ),
        "costs?kind=all".to_owned(),
        format!("calls?{path}"),
        format!("nothing/{}", "%3Cscript%3Ealert(1)"),
    ] {
        let reply = browser.get(&format!("/console/{place}")).await;
        for word in ["<script>", "<img"] {
            assert!(!reply.body.contains(word), "{place} has {word}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_with_its_request() {
    let team = Team::new().await;
    let browser = Browser::signed_in(&team.world.app, &team.admin).await;
    for path in [
        "/console/nothing",
        "/console/calls/nothing",
        "/console/costs/nothing",
    ] {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        let guid = reply.header("x-request-guid").unwrap();
        assert!(reply.body.contains(guid), "{path}");
        assert!(
            reply
                .header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
    }
    let reply = browser.request("DELETE", "/console/costs", &[], "").await;
    assert_eq!(reply.status, 405);
    assert!(reply.body.contains("<h1>"), "{}", reply.body);
    let reply = browser
        .get("/console/calls?from=2026-11-01&to=2026-11-21&min_seconds=x")
        .await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("min_seconds"), "{}", reply.body);
}

#[tokio::test]
async fn a_page_is_one_log_line_with_its_user() {
    let team = Team::new().await;
    let browser = Browser::signed_in(&team.world.app, &team.admin).await;
    let before = team.world.logs().len();
    browser.page("/console/today").await;
    let lines = team.world.logs();
    assert_eq!(lines.len(), before + 1);
    let line: Value = serde_json::from_str(&lines[before]).unwrap();
    assert_eq!(line["function"], "console");
    assert_eq!(line["credential_id"], team.admin.credential.id.as_str());
    assert_eq!(line["account_id"], team.account.id.as_str());
}
