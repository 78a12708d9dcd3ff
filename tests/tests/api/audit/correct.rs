//! A correct table with every type of item, written by real requests.

use std::collections::BTreeSet;
use std::time::Duration;

use callbook::ids;
use callbook::ledger::{
    AdjustmentSubject, CostAct, CostDecision, Creation, ErasureOutcome, ErasureRequest,
    NewAdjustment, NextSecret, PastCall, Update,
};
use callbook::model::account::Account;
use callbook::model::adjustment::{Month, Reason, SignedAmount};
use callbook::model::call::{CallingParty, CostId, Direction};
use callbook::model::cost::Cost;
use callbook::model::credential::{Credential, CredentialKind, Limits, NewCredential, NewSecret};
use callbook::model::event::EventType;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook::model::vendor::VendorChange;
use callbook_audit::Item;
use callbook_tests::call_data::integrator;
use callbook_tests::fd_calls;
use callbook_tests::fonedynamics::{self, FAR, NUMBER, OTHER, STRICT, Site, done, load};
use callbook_tests::teletracker::{self, Desk, PROCESS, add_process, good};
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::truecnam::{self, CALLED, CALLING, Pbx};
use callbook_tests::{Key, World, send_to, vendor, webhooks};
use serde_json::json;
use tokio::sync::OnceCell;

/// A number that is pending until it has an address.
pub const PENDING: &str = "+61291234568";
/// The only inventory number of its place.
pub const TOLL_FREE: &str = "+18885550100";
/// A caller with two calls, whose first is the first contact.
pub const REGULAR: &str = "12065550177";
/// A person whose number was erased.
const ERASED: &str = "12065550133";
/// A caller with one call and no other data.
pub const ONCE: &str = "+12065550188";

/// A caller without calls, billed with the call id of another one's bill.
pub const REUSED: &str = "+12065550166";

/// A caller whom a vendor billed without a call.
pub const SOLD: &str = "+12065550144";
/// A caller whose calls were imported.
pub const IMPORTED: &str = "+12065550155";

/// The items, and the time at which they were read.
#[derive(Clone)]
pub struct Correct {
    pub items: Vec<Item>,
    pub now: i64,
    /// The account that owns nearly all items.
    pub account: String,
    /// An account that owns nothing.
    pub empty: String,
}

/// The table, created once for all tests; they damage copies of it.
pub async fn correct() -> Correct {
    static CORRECT: OnceCell<Correct> = OnceCell::const_new();
    CORRECT.get_or_init(make).await.clone()
}

async fn make() -> Correct {
    let site = Site::with(|account| {
        account.trueclid = true;
        account.carrier = true;
    })
    .await;
    numbers(&site).await;
    let Site {
        world,
        account,
        key,
    } = site;
    let empty = world.account().await;
    let pbx = Pbx::of(&world, account.clone(), Limits::default()).await;
    callers(&world, &pbx).await;
    rotated(&world, &pbx.reporter).await;
    erased(&world, &pbx).await;
    world.wait(60);
    switch(&world, &account, &key).await;
    let world = bills(world, &account).await;
    vendors(&world, &account).await;
    let world = sessions(world, &account, &empty).await;
    world
        .ledger
        .pulse(world.clock.now())
        .await
        .expect("the store");
    world.roll_up().await;
    let ends = world.clock.now().plus(Duration::from_secs(3_600));
    let ending = |new: &mut NewCredential| new.expires = Some(ends);
    world
        .credential_with(&account, CredentialKind::Tld, ending)
        .await;
    let noted = world.ledger.note_expiring(world.clock.now()).await;
    assert_eq!(noted.expect("the store"), 1);
    let mut receiver = webhooks::endpoint(&world, "http://127.0.0.1:1/");
    receiver.events = Some(BTreeSet::from([EventType::NumberBought]));
    webhooks::create(&world, &account, &receiver).await;
    world.publish().await;
    let mut items = world.engine.items().expect("the table is read");
    // One event is enough: every item that is damaged would be the subject of others.
    let mut bought = 0;
    items.retain(|item| {
        let kind = callbook_audit::text(item, "event_type")
            .filter(|_| callbook_audit::text(item, "type") == Some("event"));
        bought += usize::from(kind == Some("number.bought"));
        kind.is_none() || kind == Some("number.bought") && bought == 1
    });
    Correct {
        items,
        now: world.clock.now().millis(),
        account: account.id.to_string(),
        empty: empty.id.to_string(),
    }
}

/// Creates an assigned number, a pending one, one linked to an address, a released one, and one that is only
/// registered.
async fn numbers(site: &Site) {
    load(
        &site.world,
        &fonedynamics::number(PENDING, STRICT, "National", "Voice"),
    )
    .await;
    let mut far = fonedynamics::number(TOLL_FREE, fonedynamics::FREE, "Toll-Free", "Voice");
    far.place.locality = None;
    far.price = Cost::parse("1.50").ok();
    load(&site.world, &far).await;
    let property = site.property("P").await;
    done(&site.buy(&property, PENDING).await);
    let address = site.address(STRICT).await;
    done(&site.buy_at(&property, FAR, &address).await);
    done(&site.buy(&property, NUMBER).await);
    done(&site.buy(&property, OTHER).await);
    site.world.wait(90);
    done(&site.delete(&fonedynamics::path_of(OTHER)).await);
    let basic = teletracker::basic(&site.key);
    for (path, body) in [
        ("/v2/Properties".to_owned(), json!({"Name": "Q"})),
        (
            format!("/v2/Accounts/{}/Addresses", site.sid()),
            json!({"Line1": "2 Example Street", "City": "Exampleton", "CountryCode": STRICT}),
        ),
    ] {
        let headers = [
            ("authorization", basic.as_str()),
            ("content-type", callbook_tests::tld::JSON),
            ("idempotency-key", "order 7"),
        ];
        let body = body.to_string();
        let made = site.world.send("POST", &path, &headers, body.as_bytes());
        done(&made.await);
    }
}

/// Records inbound and outbound calls, one of them live, and feedback about the callers.
async fn callers(world: &World, pbx: &Pbx) {
    pbx.register(world, CALLING).await;
    for _ in 0..2 {
        pbx.ask(world, REGULAR, Some(CALLED)).await;
        // A lookup that comes again within ten seconds is of the same call.
        world.wait(20);
    }
    pbx.start(world, CALLING, truecnam::OTHER).await;
    world.wait(30);
    assert_eq!(pbx.end(world, CALLING, truecnam::OTHER).await, "0");
    pbx.start(world, CALLING, CALLED).await;
    for (id, name, good) in [
        ("1", Some("Jane Doe"), true),
        ("2", Some("J. Doe"), true),
        ("3", None, false),
    ] {
        pbx.report(world, id, REGULAR, name, "Connected", good)
            .await;
        world.wait(1);
    }
}

/// Gives a key a new secret beside the one that it has.
async fn rotated(world: &World, key: &Key) {
    let now = world.clock.now();
    let secret = NewSecret::Generated(ids::secret().expect("entropy"));
    let (secret, name, _) = secret.stored(key.credential.kind, "");
    let next = NextSecret {
        name,
        secret,
        until: Some(now.plus(Duration::from_secs(86_400))),
        now,
    };
    let Credential { account, id, .. } = &key.credential;
    let rotated = world.ledger.rotate_credential(account, id, &next).await;
    assert!(matches!(rotated, Ok(Update::Updated(_))), "{rotated:?}");
}

/// Erases a person of whom there is feedback, and applies a retention.
async fn erased(world: &World, pbx: &Pbx) {
    pbx.report(world, "9", ERASED, Some("Max Roe"), "Connected", true)
        .await;
    let request = ErasureRequest {
        account: &pbx.account,
        number: &PhoneNumber::parse(ERASED).expect("a number"),
        by: "jane",
        reason: "a test",
        despite_repeats: false,
        now: world.clock.now(),
    };
    let erased = world.ledger.erase_number(&request, &|_| {}).await;
    assert!(
        matches!(erased, Ok(ErasureOutcome::Erased(_))),
        "{erased:?}"
    );
    // The account keeps everything, so nothing gets an end by this.
    let applied = world
        .ledger
        .apply_retention(&pbx.account.id, "jane", &|_| {});
    assert!(matches!(Box::pin(applied).await, Ok(Some(_))));
}

/// Records calls of another switch, and imports three reports of one.
async fn switch(world: &World, account: &Account, key: &Key) {
    let property = fd_calls::property(world, account, None).await;
    let pair = [("From", ONCE), ("To", NUMBER)];
    fd_calls::record(world, key, &property, &pair).await;
    let seconds = |ago: i64| (world.clock.now().seconds() - ago).to_string();
    let (started, ended) = (seconds(600), seconds(540));
    let out = [
        ("From", NUMBER),
        ("To", "+12065550166"),
        ("Direction", "Outbound"),
        ("Started", started.as_str()),
        ("Ended", &ended),
    ];
    fd_calls::record(world, key, &property, &out).await;
    let number = |text| PhoneNumber::parse_e164(text).expect("a number");
    let now = world.clock.now();
    let past = |started: Instant| PastCall {
        started,
        direction: Direction::Inbound,
        from: CallingParty::Number(number(IMPORTED)),
        to: number(NUMBER),
        ended: None,
        seconds: None,
        disposition: None,
        cost: Cost::parse("0.25").ok(),
        billed: Some(started),
        notes: None,
        external_id: ExternalId::parse("x1").expect("an id"),
        call_sid: None,
    };
    // The third lies between the others and joins them.
    for seconds in [0, 100, 50] {
        let past = past(now.plus(Duration::from_secs(seconds)));
        let imported = world.ledger.import_call(account, &past, now).await;
        assert_eq!(imported.expect("the store"), Creation::Created(()));
    }
}

/// Bills a call in every way: twice, with an id at two prices, voided, pinned away, and without a call.
async fn bills(world: World, account: &Account) -> World {
    let key = world.credential(account, CredentialKind::Tld).await;
    let switch = world.credential(account, CredentialKind::Truecnam).await;
    let platform = Platform {
        world,
        account: account.clone(),
        key,
        switch,
    };
    platform.call().await;
    let mut voided = String::new();
    for (cost, more) in [
        ("1", None),
        ("2.50", None),
        ("4", Some(("call_id", "y1"))),
        ("5", Some(("call_id", "y1"))),
        ("6", None),
    ] {
        let billed = platform.bill(cost, more.as_slice()).await;
        assert_eq!(billed.status, 200, "{}", billed.body);
        billed.json()["cost_id"]
            .as_str()
            .expect("an id")
            .clone_into(&mut voided);
        platform.world.wait(600);
    }
    decide(&platform, &voided, CostDecision::Void { all: false }).await;
    let pinned = platform.bill("7", &[]).await.json();
    let pinned = pinned["cost_id"].as_str().expect("an id");
    decide(&platform, pinned, CostDecision::Unmatch).await;
    let [id, secret] = platform.headers();
    let headers = [id, secret, ("content-type", FORM), ("idempotency-key", "7")];
    for (did, cid) in [(CID, DID), (DID, "anonymous")] {
        let body = form(&[("did", did), ("cid", cid), ("cost", "3")]);
        let headers = if cid == DID {
            &headers[..]
        } else {
            &headers[..3]
        };
        let unfound = send_to(&platform.world.app, "POST", PATH, headers, body.as_bytes());
        assert_eq!(unfound.await.status, 200);
    }
    let reused = [
        ("did", DID),
        ("cid", REUSED),
        ("cost", "8"),
        ("call_id", "y1"),
    ];
    let reused = platform.form(&reused).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    platform.world
}

/// A vendor with terms, a credential and a number that was another's before.
async fn vendors(world: &World, account: &Account) {
    for id in ["acme", "beta"] {
        vendor::add(world, account, id).await;
    }
    let id = vendor::id("acme");
    for (day, price) in [("2026-01-01", "7"), ("2026-06-01", "7.50")] {
        let change = VendorChange {
            terms: Some(vendor::terms(day, price)),
            ..VendorChange::default()
        };
        let updated = world.ledger.update_vendor(&account.id, &id, &change, None);
        assert!(matches!(updated.await, Ok(Update::Updated(_))));
    }
    let key = world
        .credential_with(account, CredentialKind::Tld, |new| {
            new.vendor = Some(id.clone());
            new.dids = vec![PhoneNumber::parse(DID).expect("a number")];
        })
        .await;
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", &key.secret),
        ("content-type", FORM),
    ];
    let body = form(&[("did", DID), ("cid", SOLD), ("cost", "9")]);
    let billed = send_to(&world.app, "POST", PATH, &headers, body.as_bytes()).await;
    assert_eq!(billed.status, 200, "{}", billed.body);
    // The credential is fenced to one DID.
    let body = form(&[("did", NUMBER), ("cid", SOLD), ("cost", "9")]);
    let refused = send_to(&world.app, "POST", PATH, &headers, body.as_bytes()).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    for vendor in ["beta", "acme"] {
        vendor::assign(world, account, NUMBER, Some(vendor)).await;
        world.wait(60);
    }
    let month = Month::parse("2026-11").expect("a month");
    adjust(world, account, &AdjustmentSubject::Month(id, month)).await;
}

async fn adjust(world: &World, account: &Account, subject: &AdjustmentSubject) {
    let adjustment = NewAdjustment {
        account,
        subject,
        amount: SignedAmount::parse("-7.50").expect("an amount"),
        reason: &Reason::parse("a test").expect("a reason"),
        by: "jane",
        request: None,
        guid: ids::guid(),
        now: world.clock.now(),
    };
    let made = world.ledger.adjust(&adjustment).await.expect("the store");
    assert!(matches!(made, Creation::Created(_)), "{made:?}");
}

async fn decide(platform: &Platform, cost: &str, decision: CostDecision) {
    let id = CostId::parse(cost).expect("an id");
    adjust(
        &platform.world,
        &platform.account,
        &AdjustmentSubject::Cost(id),
    )
    .await;
    let world = &platform.world;
    let act = CostAct {
        account: &platform.account,
        cost_id: &CostId::parse(cost).expect("an id"),
        decision: &decision,
        by: "jane",
        reason: "a test",
        request: None,
        guid: ids::guid(),
        now: world.clock.now(),
    };
    let decided = world.ledger.decide_cost(&act).await.expect("the store");
    assert!(matches!(decided, Update::Updated(_)), "{decided:?}");
}

/// Creates a renewed session, a queued callee, and a credential that acts for another account.
async fn sessions(world: World, account: &Account, empty: &Account) -> World {
    let other = world.account().await;
    assert_ne!(other.id, empty.id);
    integrator(&world, account, std::slice::from_ref(&other.id)).await;
    let user = world.credential(account, CredentialKind::User).await;
    let integrator = world.credential(account, CredentialKind::Integrator).await;
    add_process(&world, account, PROCESS).await;
    let mut account = account.clone();
    let default = callbook::model::queue::CallProcessId::new(PROCESS).ok();
    world
        .change(&mut account, |account| account.callprocess_id = default)
        .await;
    let desk = Desk {
        world,
        account,
        user,
        integrator,
    };
    let session = desk.login().await;
    assert_eq!(desk.refresh(&session.refresh_token).await.status, 200);
    // The first instance may have cached the account without its call process.
    let fresh = desk.world.another_instance();
    let basic = teletracker::basic(&desk.user);
    let queued = teletracker::respond(&fresh, &basic, &good()).await;
    assert_eq!(queued.status, 200, "{}", queued.body);
    desk.world
}
