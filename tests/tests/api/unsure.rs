//! A store that loses answers, garbles them and is slow: whatever a client was answered is true.
//!
//! Each client sends again what was answered with 503, as vendors do. The requests that meet a fault are the
//! same in every run, by their number at the proxy.

use std::collections::BTreeSet;

use callbook::ids;
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::fonedynamics::{FREE, Site, ask, load, number, path_of, token};
use callbook_tests::teletracker::{self, REFRESH, Session, basic};
use callbook_tests::{Key, NOON, Reply, send_to};
use futures_util::future::join;
use futures_util::{StreamExt, stream};
use serde_json::json;

const NUMBERS: usize = 16;
const SESSIONS: usize = 4;

/// A deployment with a client of each kind.
struct Town {
    site: Site,
    other: Key,
    other_account: Account,
    trestle: Key,
    user: Key,
}

impl Town {
    async fn new() -> (Self, Proxy) {
        let (world, proxy) = faults::world().await;
        let site = Site::on(world, |_| {}).await;
        for index in 0..NUMBERS {
            load(&site.world, &number(&e164(index), FREE, "Local", "Voice")).await;
        }
        let other_account = site.world.account().await;
        let other = token(&site.world, &other_account).await;
        let desk = teletracker::account(&site.world).await;
        let unlimited = |kind| {
            let (world, account) = (&site.world, &desk);
            world.credential_with(account, kind, |new| new.limits = Limits::default())
        };
        let (trestle, user) = (
            unlimited(CredentialKind::Trestle).await,
            unlimited(CredentialKind::User).await,
        );
        let town = Self {
            site,
            other,
            other_account,
            trestle,
            user,
        };
        (town, proxy)
    }
}

fn e164(index: usize) -> String {
    format!("+12065550{:03}", 120 + index)
}

/// Sends a request until it is not answered with 503, and says how often it was.
async fn answered<F: Future<Output = Reply>>(town: &Town, send: impl Fn() -> F) -> (Reply, usize) {
    for unavailable in 0..50 {
        // Ids are random within a millisecond, and would meet where hundreds share it.
        let clock = &town.site.world.clock;
        clock.set(Instant::from_millis(clock.now().millis() + 1));
        let reply = send().await;
        if reply.status != 503 {
            return (reply, unavailable);
        }
    }
    panic!("answered with 503 again and again");
}

/// Feedback is kept once.
async fn feedback(town: &Town) {
    let headers = [("x-api-key", town.trestle.secret.as_str())];
    let sent = stream::iter(0..100).map(|index| async move {
        let body = json!({
            "response_id": format!("T_{index}"), "phone": "+12069735100",
            "phone_status": "Connected", "phone_right_party_contact": true,
        });
        let body = body.to_string();
        let app = &town.site.world.app;
        let send = || {
            send_to(
                app,
                "POST",
                "/1.0/phone_feedback",
                &headers,
                body.as_bytes(),
            )
        };
        let (reply, _) = answered(town, send).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    });
    sent.buffer_unordered(8).collect::<Vec<()>>().await;
    let kept = town.site.world.items("feedback").await;
    assert_eq!(kept.len(), 100);
}

/// Of two buyers one gets the number, and gives it back.
async fn trade(town: &Town) {
    let app = &town.site.world.app;
    let property = |key| async move {
        let send = || ask(app, key, "POST", "/v2/Properties", "Name=P");
        let (reply, _) = answered(town, send).await;
        let made = callbook_tests::fonedynamics::done(&reply);
        let sid = callbook_tests::fonedynamics::sid(&made["Property"], "PropertySid");
        format!("/v2/Properties/{sid}/Numbers")
    };
    let (ours, theirs) = join(property(&town.site.key), property(&town.other)).await;
    let (ours, theirs) = (&ours, &theirs);
    let trades = stream::iter(0..NUMBERS).map(|index| async move {
        let body = json!({ "Number": e164(index) }).to_string();
        let buy = |key, path| {
            let body = &body;
            answered(town, move || ask(app, key, "POST", path, body))
        };
        let (one, two) = join(buy(&town.site.key, ours), buy(&town.other, theirs)).await;
        let statuses = [one.0.status, two.0.status];
        let won = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(won, 1, "{}, {}", one.0.body, two.0.body);
        let owner = match statuses[0] {
            200 => &town.site.key,
            _ => &town.other,
        };
        let path = path_of(&e164(index));
        let (shown, _) = answered(town, || ask(app, owner, "GET", &path, "")).await;
        assert_eq!(shown.status, 200, "it was sold: {}", shown.body);
        let (gone, unavailable) = answered(town, || ask(app, owner, "DELETE", &path, "")).await;
        // What was unavailable may have been done.
        let again = unavailable > 0 && gone.status == 400;
        assert!(gone.status == 200 || again, "{}", gone.body);
        let (shown, _) = answered(town, || ask(app, owner, "GET", &path, "")).await;
        assert_ne!(shown.status, 200, "it was given back");
        let (sold, _) = buy(&town.site.key, ours).await;
        assert_eq!(sold.status, 200, "it is for sale: {}", sold.body);
    });
    trades.buffer_unordered(8).collect::<Vec<()>>().await;
    let world = &town.site.world;
    let ours = world.assignments(&town.site.account.id).await;
    let theirs = world.assignments(&town.other_account.id).await;
    let ended = ours.iter().chain(&theirs).filter(|one| one.until.is_some());
    assert_eq!(ended.count(), NUMBERS);
    assert_eq!(ours.len() + theirs.len(), 2 * NUMBERS);
}

/// A callee is queued once, and is a duplicate only if it was queued before.
async fn queue(town: &Town) {
    let queued = stream::iter(0..60).map(|index| async move {
        let callee = format!("20697351{index:02}");
        let parameters = [("callee", callee.as_str()), ("whisper_text", "Call back")];
        let user = basic(&town.user);
        let send = || teletracker::respond(&town.site.world.app, &user, &parameters);
        let (reply, unavailable) = answered(town, send).await;
        let is_queued = reply.json()["result"]["callqueue_id"].is_u64();
        assert!(is_queued || unavailable > 0, "{}", reply.body);
    });
    queued.buffer_unordered(8).collect::<Vec<()>>().await;
    let entries = town.site.world.items("queue_entry").await;
    let callees: BTreeSet<_> = entries
        .iter()
        .map(|entry| entry.text("lead_numtocall"))
        .collect();
    assert_eq!((entries.len(), callees.len()), (60, 60));
}

/// A refresh token works once, and ends its session only if it was sent again after a 503.
async fn renew(town: &Town) {
    let app = &town.site.world.app;
    let sessions = stream::iter(0..SESSIONS).map(|_| async move {
        let login = || teletracker::login(app, &town.user, &[]);
        let mut session = Session::of(&answered(town, login).await.0);
        for _ in 0..10 {
            let token = session.refresh_token.clone();
            let parameters = [("refresh_token", token.as_str())];
            let refresh = || teletracker::post(app, REFRESH, "", &parameters);
            let (reply, unavailable) = answered(town, refresh).await;
            if reply.status == 401 && unavailable > 0 {
                return 1;
            }
            session = Session::of(&reply);
        }
        0
    });
    let ended: Vec<usize> = sessions.buffer_unordered(4).collect().await;
    let revoked = town.site.world.items("session").await;
    let revoked = revoked.iter().filter(|session| session.has("revoked_at"));
    assert_eq!(revoked.count(), ended.iter().sum::<usize>());
}

async fn everything_that_is_answered_is_true(town: &Town, proxy: &Proxy) {
    proxy.break_answers();
    join(
        join(feedback(town), trade(town)),
        join(queue(town), renew(town)),
    )
    .await;
    let seen = proxy.seen().len();
    assert!(seen > 500, "{seen} requests reached the store");
}

#[tokio::test]
async fn what_is_answered_is_true_however_many_answers_of_the_store_are_lost() {
    let (town, proxy) = Town::new().await;
    everything_that_is_answered_is_true(&town, &proxy).await;
}

#[tokio::test]
async fn what_is_answered_is_true_on_a_store_that_forgets_tokens_too() {
    let (town, proxy) = Town::new().await;
    proxy.forget_tokens();
    everything_that_is_answered_is_true(&town, &proxy).await;
}

/// The first write of each request is done, and its answer is this.
fn break_first_write(proxy: &Proxy, fault: Fault) {
    let seen_before = std::sync::Mutex::new(BTreeSet::new());
    proxy.plan(move |seen| {
        let write = ["TransactWriteItems", "UpdateItem"].contains(&seen.verb.as_str());
        let first = write && seen_before.lock().unwrap().insert(mark(&seen.body));
        first.then_some(fault)
    });
}

/// A request at the store without the token that a try may have of its own.
fn mark(body: &serde_json::Value) -> String {
    let mut body = body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("ClientRequestToken");
    }
    body.to_string()
}

#[tokio::test]
async fn a_write_with_an_unreadable_answer_is_sent_again_and_known() {
    for fault in [Fault::Garble, Fault::CutAnswer, Fault::LoseAnswer] {
        let (town, proxy) = Town::new().await;
        proxy.forget_tokens();
        let property = town.site.property("P").await;
        break_first_write(&proxy, fault);
        let bought = town.site.buy(&property, &e164(0)).await;
        assert_eq!(bought.status, 200, "{fault:?}: {}", bought.body);
        let gone = town.site.delete(&path_of(&e164(0))).await;
        assert_eq!(gone.status, 200, "{fault:?}: {}", gone.body);
        let app = &town.site.world.app;
        let queued = teletracker::respond(app, &basic(&town.user), &teletracker::good()).await;
        assert_eq!(queued.status, 200, "{fault:?}: {}", queued.body);
        assert!(
            queued.json()["result"]["callqueue_id"].is_u64(),
            "{fault:?}"
        );
        let session = Session::of(&teletracker::login(app, &town.user, &[]).await);
        let token = [("refresh_token", session.refresh_token.as_str())];
        Session::of(&teletracker::post(app, REFRESH, "", &token).await);
    }
}

#[tokio::test]
async fn a_request_whose_count_was_lost_is_counted_once() {
    for fault in [Fault::Garble, Fault::CutAnswer, Fault::LoseAnswer] {
        let (town, proxy) = Town::new().await;
        let limits = Limits {
            per_minute: Some(2),
            ..Limits::default()
        };
        let (world, account) = (&town.site.world, &town.site.account);
        let key = world
            .credential_with(account, CredentialKind::Fonedynamics, |new| {
                new.limits = limits;
            })
            .await;
        break_first_write(&proxy, fault);
        for status in [200, 200, 429] {
            let reply = ask(&world.app, &key, "GET", "/v2/Properties", "").await;
            assert_eq!(reply.status, status, "{fault:?}: {}", reply.body);
        }
        let counted = world.only("limit").await;
        assert_eq!(counted.text("minute_count"), "2", "{fault:?}");
    }
}

#[tokio::test]
async fn an_operator_is_told_what_was_done_however_its_answer_was_lost() {
    use callbook::ledger::{Creation, Deletion, Ledger, Upsert};
    use callbook::model::country::Country;
    use callbook::model::queue::{CallProcess, CallProcessId};
    let (town, proxy) = Town::new().await;
    proxy.forget_tokens();
    let world = &town.site.world;
    let ledger = Ledger::new(proxy.client(), callbook_local::engine::TABLE);
    let now = Instant::from_millis(NOON);
    let first = PhoneNumber::parse_e164(&e164(0)).unwrap();
    break_first_write(&proxy, Fault::LoseAnswer);

    let registered = ledger.register_number(&town.site.account, &first, now);
    assert_eq!(registered.await.unwrap(), Creation::Created(()));
    let gone = ledger.remove_number(&town.site.account.id, &first, ids::guid(), now);
    assert_eq!(gone.await.unwrap(), Deletion::Deleted);

    let new = number("+12065550199", FREE, "Local", "Voice");
    let put = ledger.put_inventory_number(&new, ids::guid());
    assert_eq!(put.await.unwrap(), Upsert::Created);
    let changed = number("+12065550199", FREE, "Local", "Voice,SMS");
    let put = ledger.put_inventory_number(&changed, ids::guid());
    assert_eq!(put.await.unwrap(), Upsert::Updated);
    for expected in [Deletion::Deleted, Deletion::NotFound] {
        let removed = ledger.remove_inventory_number(&new.number);
        assert_eq!(removed.await.unwrap(), expected);
    }

    let process = CallProcess {
        id: CallProcessId::new(7).unwrap(),
        name: "Test".to_owned(),
        created_at: world.clock.now(),
    };
    let account = &town.other_account.id;
    let created = ledger.create_call_process(account, &process).await;
    assert_eq!(created.unwrap(), Creation::Created(()));
    for expected in [Deletion::Deleted, Deletion::NotFound] {
        let deleted = ledger.delete_call_process(account, process.id).await;
        assert_eq!(deleted.unwrap(), expected);
    }
    for expected in [Deletion::Deleted, Deletion::NotFound] {
        let removed = ledger.remove_country(Country::parse("AU").unwrap());
        assert_eq!(removed.await.unwrap(), expected);
    }
    let again = proxy.seen().iter().filter(|seen| seen.attempt > 1).count();
    assert!(again >= 7, "{again} answers were lost");
}
