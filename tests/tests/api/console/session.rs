//! Signing in and out, the cookie, forms of other sites, and sessions that are renewed.

use callbook::edge::DemoUser;
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Product, Status};
use callbook_tests::browser::{Browser, hidden};
use callbook_tests::office::Office;
use callbook_tests::{Key, World, team::Team};

#[tokio::test]
async fn a_browser_without_a_session_is_sent_to_sign_in_and_comes_back() {
    let team = Team::new().await;
    let browser = Browser::new(&team.world.app);
    let reply = browser
        .get("/console/costs?kind=all&vendor=%28none%29")
        .await;
    assert_eq!(reply.status, 303);
    let place = reply.header("location").unwrap().to_owned();
    let page = browser.page(&place).await;
    let fields = hidden(&page, "/console/sign-in");
    let (_, next) = fields.iter().find(|(name, _)| name == "next").unwrap();
    assert_eq!(next, "/console/costs?kind=all&vendor=%28none%29");
    let reply = browser.sign_in(&team.admin, next).await;
    assert_eq!(reply.header("location"), Some(next.as_str()));
    assert_eq!(browser.get(next).await.status, 200);
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let team = Team::new().await;
    let browser = Browser::new(&team.world.app);
    let reply = browser.sign_in(&team.admin, "").await;
    let [cookie] = &reply.cookies[..] else {
        panic!("{:?}", reply.cookies)
    };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-callbook="), "{pair}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Secure");
    let secrets: Vec<_> = pair.split(['=', '.']).skip(1).collect();
    let page = browser.page("/console/today").await;
    for secret in secrets {
        assert!(!page.contains(secret), "a page has a secret of the session");
        let logs = team.world.logs().join("\n");
        assert!(!logs.contains(secret), "a log line has a secret");
    }
    assert!(!team.world.logs().join("\n").contains(&team.admin.secret));
}

#[tokio::test]
async fn a_wrong_password_is_answered_with_the_form() {
    let team = Team::new().await;
    let browser = Browser::new(&team.world.app);
    let wrong = Key {
        credential: team.admin.credential.clone(),
        name: team.admin.name.clone(),
        secret: "wrong".to_owned(),
    };
    let reply = browser.sign_in(&wrong, "/console/calls").await;
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("role=\"alert\""), "{}", reply.body);
    assert!(reply.cookies.is_empty());
    let line = team.world.last_log().unwrap();
    assert!(line.contains("\"error\":\"unknown_credential\""), "{line}");
    assert!(line.contains("\"wrong_secrets\":1"), "{line}");
    let reply = browser.send("/console/sign-in", &[("username", "")]).await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn a_browser_is_never_sent_to_another_site() {
    let team = Team::new().await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/console//evil.example",
        "/\\evil.example",
        "/console\\@evil.example",
        "/elsewhere",
    ] {
        let browser = Browser::new(&team.world.app);
        let reply = browser.sign_in(&team.admin, next).await;
        assert_eq!(reply.header("location"), Some("/console"), "{next}");
        let query = callbook_tests::tld::form(&[("next", next)]);
        let page = browser.page(&format!("/console/sign-in?{query}")).await;
        assert!(!page.contains("evil.example"), "{next}");
    }
}

#[tokio::test]
async fn forms_of_other_pages_are_refused() {
    let office = Office::new().await;
    let id = office.bill("25", &[]).await;
    let app = &office.world().app;
    let browser = Browser::signed_in(app, &office.admin).await;
    let action = format!("/console/costs/{id}/void");
    let page = browser.page(&format!("/console/costs/{id}")).await;
    let token = hidden(&page, &action).remove(0).1;
    let body = callbook_tests::tld::form(&[("form", &token), ("reason", "r")]);
    let form = ("content-type", callbook_tests::tld::FORM);
    for headers in [
        &[form][..],
        &[form, ("origin", "https://evil.example")],
        &[form, ("origin", "null")],
        &[form, ("sec-fetch-site", "cross-site")],
        &[form, ("sec-fetch-site", "same-site")],
        &[form, ("sec-fetch-site", "none")],
    ] {
        let reply = browser.request("POST", &action, headers, &body).await;
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    let other = Browser::signed_in(app, &office.admin).await;
    let other_page = other.page(&format!("/console/costs/{id}")).await;
    let other_token = hidden(&other_page, &action).remove(0).1;
    for token in ["", "wrong", &other_token] {
        let reply = browser
            .send(&action, &[("form", token), ("reason", "r")])
            .await;
        assert_eq!(reply.status, 403, "{token}");
    }
    assert_eq!(
        office.read(&format!("costs/{id}"), &[]).await["state"],
        "in_force"
    );
    let reply = browser.submit(&page, &action, &[("reason", "r")]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

#[tokio::test]
async fn a_session_is_renewed_and_visits_at_once_share_the_new_tokens() {
    let team = Team::new().await;
    let browser = Browser::signed_in(&team.world.app, &team.admin).await;
    let first = browser.cookie();
    team.world.wait(3_601);
    let (one, two) = (browser.stolen(), browser.stolen());
    let (a, b) = tokio::join!(one.get("/console/today"), two.get("/console/calls"));
    assert_eq!((a.status, b.status), (200, 200), "{} {}", a.body, b.body);
    assert_eq!(one.cookie(), two.cookie());
    assert_ne!(one.cookie(), first);
    // A third that was slow, served by another instance.
    team.world.wait(30);
    let app = team.world.another_instance();
    let slow = browser.at(&app);
    assert_eq!(slow.get("/console/hours").await.status, 200);
    assert_eq!(slow.cookie(), one.cookie());
    let page = one.page("/console/today").await;
    assert!(page.contains("Sign out"));
}

#[tokio::test]
async fn an_old_cookie_that_comes_again_ends_the_session() {
    let team = Team::new().await;
    let browser = Browser::signed_in(&team.world.app, &team.admin).await;
    let stolen = browser.stolen();
    team.world.wait(3_601);
    browser.page("/console/today").await;
    team.world.wait(61);
    let reply = stolen.get("/console/today").await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(stolen.cookie(), None);
    // Beyond the caches.
    team.world.wait(31);
    let reply = browser.get("/console/today").await;
    assert_eq!(
        reply
            .header("location")
            .map(|to| to.starts_with("/console/sign-in")),
        Some(true)
    );
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let team = Team::new().await;
    let browser = Browser::signed_in(&team.world.app, &team.admin).await;
    let stolen = browser.stolen();
    let page = browser.page("/console/today").await;
    let refused = browser
        .send("/console/sign-out", &[("form", "wrong")])
        .await;
    assert_eq!(refused.status, 403);
    let reply = browser.submit(&page, "/console/sign-out", &[]).await;
    assert_eq!(reply.status, 303);
    assert_eq!(browser.cookie(), None);
    assert_eq!(stolen.get("/console/today").await.status, 303);
    team.world.wait(3_601);
    let again = Browser::signed_in(&team.world.app, &team.admin).await;
    assert_eq!(again.get("/console/today").await.status, 200);
}

#[tokio::test]
async fn the_demo_user_is_offered_by_a_local_server_alone() {
    let mut world = World::new().await;
    let page = Browser::new(&world.app).page("/console/sign-in").await;
    assert!(!page.contains("demo user"));
    let reply = Browser::new(&world.app)
        .send("/console/sign-in", &[("demo", "1")])
        .await;
    assert_eq!(reply.status, 401);
    let team = Team::on(World::new().await).await;
    let (username, password) = (team.admin.name.clone(), team.admin.secret.clone());
    world = team.world;
    world.configure(|config| config.demo = Some(DemoUser { username, password }));
    let app = &world.app;
    let local = |host: &'static str| async move {
        let origin = format!("http://{host}");
        let headers = [
            ("host", host),
            ("origin", &*origin),
            ("content-type", callbook_tests::tld::FORM),
        ];
        callbook_tests::send_to(app, "POST", "/console/sign-in", &headers, b"demo=1").await
    };
    let reply = local("127.0.0.1:7300").await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let cookie = &reply.cookies[0];
    assert!(cookie.starts_with("callbook-7300="), "{cookie}");
    assert!(!cookie.contains("Secure"), "{cookie}");
    // A name of another site that leads here.
    assert_eq!(local("evil.example:7300").await.status, 401);
}

/// A user of the team's account who may act for another one.
async fn of_two(team: &Team) -> (Key, Account) {
    let other = team.world.account().await;
    let user = team
        .world
        .credential_with(&team.account, CredentialKind::User, |new| {
            new.accounts = vec![other.id.clone()];
        })
        .await;
    (user, other)
}

/// Chooses an account on the page that offers them.
async fn choose(browser: &Browser<'_>, page: &str, account: &Account) -> callbook_tests::Reply {
    let fields = [("account", account.id.as_str())];
    browser.submit(page, "/console/sign-in", &fields).await
}

#[tokio::test]
async fn a_user_of_several_accounts_chooses_one_after_the_password() {
    let team = Team::new().await;
    let (user, other) = of_two(&team).await;
    for account in [&team.account, &other] {
        let browser = Browser::new(&team.world.app);
        let offered = browser.sign_in(&user, "/console/calls").await;
        assert_eq!(offered.status, 200);
        assert!(offered.cookies.is_empty(), "nobody is signed in yet");
        assert!(
            !offered.body.contains(&user.secret),
            "the page has the password"
        );
        for account in [&team.account, &other] {
            assert!(offered.body.contains(&format!("value=\"{}\"", account.id)));
        }
        let reply = choose(&browser, &offered.body, account).await;
        assert_eq!(reply.header("location"), Some("/console/calls"));
        let page = browser.page("/console/calls").await;
        assert!(
            page.contains(&format!("<small>{}</small>", account.id)),
            "{page}"
        );
        assert!(!team.world.logs().join("\n").contains(&user.secret));
    }
}

#[tokio::test]
async fn a_wrong_password_tells_nothing_of_accounts() {
    let team = Team::new().await;
    let (user, _) = of_two(&team).await;
    let browser = Browser::new(&team.world.app);
    let wrong = |name: &str| Key {
        credential: user.credential.clone(),
        name: name.to_owned(),
        secret: "wrong".to_owned(),
    };
    let guid = |reply: &callbook_tests::Reply| reply.header("x-request-guid").unwrap().to_owned();
    let known = browser.sign_in(&wrong(&user.name), "").await;
    let unknown = browser.sign_in(&wrong("nobody"), "").await;
    assert_eq!((known.status, unknown.status), (401, 401));
    let told = |reply: &callbook_tests::Reply| reply.body.replace(&guid(reply), "");
    assert_eq!(told(&known), told(&unknown));
}

#[tokio::test]
async fn an_account_is_chosen_by_who_has_proven_the_password_and_not_for_long() {
    let team = Team::new().await;
    let (user, other) = of_two(&team).await;
    let stranger = team.world.account().await;
    let browser = Browser::new(&team.world.app);
    let page = browser.sign_in(&user, "").await.body;
    let refused = choose(&browser, &page, &stranger).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let fields = hidden(&page, "/console/sign-in");
    let proof = |name: &str| {
        fields
            .iter()
            .find(|(found, _)| found == name)
            .unwrap()
            .1
            .clone()
    };
    let send = async |username: &str, proof: &str| {
        let fields = [
            ("username", username),
            ("proof", proof),
            ("account", other.id.as_str()),
        ];
        let reply = browser.send("/console/sign-in", &fields).await;
        assert!(reply.cookies.is_empty());
        reply.status
    };
    let (millis, mac) = {
        let proof = proof("proof");
        let (millis, mac) = proof.split_once('.').unwrap();
        (millis.to_owned(), mac.to_owned())
    };
    let later = millis.parse::<i64>().unwrap() + 1;
    assert_eq!(send(&team.admin.name, &proof("proof")).await, 401);
    for forged in [
        String::from("x"),
        format!("{later}.{mac}"),
        format!("{millis}.{}", mac.replace(|_: char| true, "0")),
        format!("{millis}."),
    ] {
        assert_eq!(send(&user.name, &forged).await, 401, "{forged}");
    }
    team.world.wait(301);
    assert_eq!(send(&user.name, &proof("proof")).await, 401);
}

#[tokio::test]
async fn who_may_not_use_the_api_is_told_so_and_can_sign_out() {
    let team = Team::new().await;
    let world = &team.world;
    let without = world
        .credential_with(&team.account, CredentialKind::User, |new| {
            new.products = vec![Product::CallData];
        })
        .await;
    let reply = Browser::new(&world.app).sign_in(&without, "").await;
    assert_eq!(reply.status, 403);
    assert!(
        reply.body.contains("--product callbook/1"),
        "{}",
        reply.body
    );
    assert!(reply.cookies.is_empty());
    // Somebody whose access is taken away while signed in.
    let browser = Browser::signed_in(&world.app, &team.viewer).await;
    let id = &team.viewer.credential.id;
    let disabled = world
        .ledger
        .set_credential_status(&team.account.id, id, Status::Disabled);
    disabled.await.unwrap();
    world.wait(31);
    let reply = browser.get("/console/today").await;
    assert_eq!(reply.status, 401, "{}", reply.body);
    assert!(reply.body.contains("This user is disabled"));
    let out = browser.submit(&reply.body, "/console/sign-out", &[]).await;
    assert_eq!(out.status, 303);
}
