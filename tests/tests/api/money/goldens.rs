//! The exchanges of Callbook's own API, and the exact shape of each answer.

use std::collections::BTreeMap;

use callbook::model::credential::CredentialKind;
use callbook::model::currency::Currency;
use callbook::model::phone::PhoneNumber;
use callbook::model::queue::CallProcessId;
use callbook::model::time::Zone;
use callbook_tests::golden;
use callbook_tests::office::{Office, text};
use callbook_tests::teletracker::{PROCESS, add_process, basic};
use callbook_tests::tld::{CID, DID, FORM, PATH, form};

#[tokio::test]
async fn the_documented_requests_get_the_documented_answers() {
    for (name, file) in golden::files("callbook") {
        let office = Office::with(|account| {
            account.zone = Zone::parse("America/New_York").unwrap();
            account.currency = Currency::parse("EUR").unwrap();
            account.callprocess_id = CallProcessId::new(PROCESS).ok();
        })
        .await;
        add_process(office.world(), &office.platform.account, PROCESS).await;
        office.platform.call().await;
        let cost = office.bill("25.50", &[("notes", "qualified")]).await;
        let shown = office.read(&format!("costs/{cost}"), &[]).await;
        refused(&office).await;
        let basic = basic(&office.admin);
        let basic = basic.strip_prefix("Basic ").unwrap();
        let placeholders = BTreeMap::from([
            ("basic", basic.to_owned()),
            ("username", office.admin.name.clone()),
            ("account_id", office.platform.account.id.to_string()),
            ("cost_id", cost),
            ("call_sid", text(&shown["call_sid"])),
        ]);
        golden::check(office.world(), &name, &file, &placeholders).await;
    }
}

/// Sends a bill of a platform that may bill another number than the one that is called.
async fn refused(office: &Office) {
    let (world, account) = (office.world(), &office.platform.account);
    let fenced = world.credential_with(account, CredentialKind::Tld, |new| {
        new.dids = vec![PhoneNumber::parse("+18005550199").unwrap()];
    });
    let fenced = fenced.await;
    let headers = [
        ("tld-api-id", fenced.name.as_str()),
        ("tld-api-key", &fenced.secret),
        ("content-type", FORM),
    ];
    let body = form(&[("did", DID), ("cid", CID), ("cost", "25")]);
    let reply = world.send("POST", PATH, &headers, body.as_bytes()).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
}
