//! A partition of an account that holds 12,000 of everything: what each documented request reads of it.

use std::collections::{BTreeMap, BTreeSet};

use callbook::ids;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_local::template;
use callbook_tests::documented::operations;
use callbook_tests::filled::{Item, set, text};
use callbook_tests::fonedynamics::{self, FREE, load, number};
use callbook_tests::{Key, World, faults};

use super::{Figures, MANY, reads};
use crate::access::matrix::holder::Holder;
use crate::access::matrix::request::Target;

/// The types of an account's settings, with the attribute that their sort key ends with.
const SETTINGS: [(&str, &str, &str); 8] = [
    ("account_credential", "CRED#", "credential_id"),
    ("number", "NUMBER#", "number"),
    ("property", "PROPERTY#", "property_sid"),
    ("address", "ADDRESS#", "address_sid"),
    ("call_process", "PROCESS#", "callprocess_id"),
    ("tenure", "TENURE#", ""),
    ("vendor", "VENDOR#", "vendor_id"),
    ("number_vendors", "NUMBERVENDOR#", "number"),
];

/// The name of the `nth` copy, of the form that its attribute has.
fn name(attribute: &str, nth: usize) -> String {
    match attribute {
        "number" => format!("+1415{:07}", 2_000_000 + nth),
        "vendor_id" => format!("v{nth:06}"),
        "property_sid" | "address_sid" => {
            let letter = |place: u32| char::from(b'A' + (nth / 26_usize.pow(place) % 26) as u8);
            let letters: String = (0..4).rev().map(letter).collect();
            format!("{}{letters}", "A".repeat(28))
        }
        _ => format!("{}", 10_000 + nth),
    }
}

async fn fill_settings(world: &World, holder: &Holder) -> BTreeSet<&'static str> {
    let pk = format!("A#{}", holder.account.id);
    let mut filled = BTreeSet::new();
    for (kind, prefix, attribute) in SETTINGS {
        let items = world.raw_items(kind).into_iter();
        let own = |item: &Item| text(item, "pk") == pk && text(item, "sk").starts_with(prefix);
        let Some(item) = items.filter(own).last() else {
            continue;
        };
        filled.insert(kind);
        world
            .fill(&item, MANY, |nth, copy| match attribute {
                // Earlier assignments of the same number.
                "" => {
                    let number = text(copy, "number");
                    let sk = format!("TENURE#{number}#{nth:014}#{}", ids::guid());
                    set(copy, "sk", sk);
                    let until = copy["from"].clone();
                    copy.insert("until".to_owned(), until);
                }
                attribute => {
                    let name = name(attribute, nth);
                    set(copy, "sk", format!("{prefix}{name}"));
                    if copy.get(attribute).is_some_and(|value| value.is_s()) {
                        set(copy, attribute, name);
                    }
                }
            })
            .await;
    }
    filled
}

async fn key(world: &World, holder: &Holder, kind: CredentialKind) -> Key {
    world
        .credential_with(&holder.account, kind, |new| new.limits = Limits::default())
        .await
}

#[tokio::test]
async fn twelve_thousand_settings_of_an_account_cost_each_request_no_more_than_its_figures() {
    let (world, proxy) = faults::world().await;
    let figures = Figures::read();
    fonedynamics::serve(&world).await;
    let holder = Holder::new(&world, "Own", "acme", "+12065550121").await;
    let did = holder.number.clone();
    callbook_tests::vendor::assign(&world, &holder.account, &did, Some("acme")).await;
    load(&world, &number("+12065550111", FREE, "Local", "Voice,SMS")).await;
    let mut keys = BTreeMap::new();
    for kind in CredentialKind::ALL {
        keys.insert(kind.as_str(), key(&world, &holder, kind).await);
    }
    let filled = fill_settings(&world, &holder).await;
    assert_eq!(filled.len(), SETTINGS.len(), "{filled:?}");
    let documented = operations();
    let routes = template::own_routes().unwrap().iter();
    let mut targets: Vec<Target> = routes
        .filter_map(|route| Target::of(route, &documented))
        .filter(|target| !target.path.ends_with('/') && !target.path.contains("{proxy+}"))
        .collect();
    targets.sort_by_key(|target| target.method == "DELETE");
    let (mut met, mut wrong) = (BTreeSet::new(), Vec::new());
    for target in &targets {
        for kind in target.kinds() {
            proxy.heal();
            let reply = target
                .send(&world, &keys[kind.as_str()], &holder, true, 0)
                .await;
            let case = format!("{} {}: {}", target.method, target.path, reply.status);
            if reply.status >= 500 {
                wrong.push(case.clone());
            }
            for (pattern, units) in reads(&world, &proxy).await {
                met.insert(pattern);
                if units > figures.most(pattern, MANY + 2) {
                    wrong.push(format!("{case}: pattern {pattern}: {units} units"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for pattern in ["19", "20", "23", "30", "60", "61"] {
        assert!(met.contains(pattern), "{pattern} was not read: {met:?}");
    }
}

#[tokio::test]
async fn twelve_thousand_past_assignments_of_a_number_cost_a_call_one_unit() {
    let (world, proxy) = faults::world().await;
    fonedynamics::serve(&world).await;
    let holder = Holder::new(&world, "Own", "acme", "+12065550121").await;
    let pbx = callbook_tests::truecnam::Pbx::of(&world, holder.account.clone(), Limits::default());
    let pbx = pbx.await;
    world.wait(1);
    let did = holder.number.trim_start_matches('+');
    pbx.ask(&world, "13105550142", Some(did)).await;
    let calls = world.items("call").await;
    let call = calls
        .iter()
        .find(|call| call.text("call_from") == "+13105550142");
    let sid = call.expect("the call").text("call_sid");
    let item = world.raw_items("tenure").remove(0);
    world
        .fill(&item, MANY, |nth, copy| {
            let sk = format!("TENURE#{}#{nth:014}#{}", holder.number, ids::guid());
            set(copy, "sk", sk);
            let until = copy["from"].clone();
            copy.insert("until".to_owned(), until);
        })
        .await;
    let token = key(&world, &holder, CredentialKind::Fonedynamics).await;
    proxy.heal();
    let path = format!("/v2/Calls/{sid}");
    let reply = fonedynamics::ask(&world.app, &token, "GET", &path, "").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json()["PropertySid"], holder.property.as_str());
    let found = reads(&world, &proxy).await;
    assert!(found["30"] <= 1.0, "{found:?}");
}
