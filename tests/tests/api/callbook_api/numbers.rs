//! Which vendor a number is whose, and which vendor a credential belongs to.

use callbook::ids;
use callbook::ledger::{
    AssignmentRefusal, Creation, CredentialRefusal, CredentialUpdateRefusal, Deletion, Update,
    VendorAssignment,
};
use callbook::model::credential::{CredentialKind, NewCredential, Status};
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook::model::vendor::VendorId;
use callbook::model::vendor_periods::VendorPeriods;
use callbook_tests::faults::{self, Fault};
use callbook_tests::fonedynamics::{NUMBER, Site, done, path_of};
use callbook_tests::vendor::{add, assign, id};

fn number() -> PhoneNumber {
    PhoneNumber::parse(NUMBER).unwrap()
}

async fn periods(site: &Site) -> VendorPeriods {
    let (ledger, account) = (&site.world.ledger, &site.account.id);
    let found = ledger.number_vendor(account, &number()).await;
    found.unwrap().unwrap_or_default()
}

/// A site with the vendors `acme` and `beta`, and a number of its own.
async fn site() -> Site {
    let site = Site::new().await;
    for vendor in ["acme", "beta"] {
        add(&site.world, &site.account, vendor).await;
    }
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    site
}

async fn try_assign(
    site: &Site,
    vendor: Option<&VendorId>,
    from: Instant,
    until: Option<Instant>,
) -> Update<VendorPeriods, AssignmentRefusal> {
    let assignment = VendorAssignment {
        number: &number(),
        vendor,
        from,
        until,
    };
    let assigned = site
        .world
        .ledger
        .assign_number_vendor(&site.account.id, &assignment);
    assigned.await.unwrap()
}

#[tokio::test]
async fn a_number_is_a_vendors_until_it_is_anothers_or_given_up() {
    let site = site().await;
    let world = &site.world;
    let start = world.clock.now();
    assert!(periods(&site).await.is_empty());
    assign(world, &site.account, NUMBER, Some("acme")).await;
    world.wait(60);
    let moved = world.clock.now();
    assign(world, &site.account, NUMBER, Some("beta")).await;
    world.wait(60);
    let released = world.clock.now();
    done(&site.delete(&path_of(NUMBER)).await);
    world.wait(60);
    let held = periods(&site).await;
    for (moment, vendor) in [
        (Instant::from_millis(start.millis() - 1), None),
        (start, Some("acme")),
        (moved, Some("beta")),
        (Instant::from_millis(released.millis() - 1), Some("beta")),
        (released, None),
    ] {
        assert_eq!(held.at(moment).map(VendorId::as_str), vendor);
    }

    let property = site.property("Q").await;
    done(&site.buy(&property, NUMBER).await);
    assert_eq!(periods(&site).await, held, "bought again, it is nobody's");
    assign(world, &site.account, NUMBER, Some("acme")).await;
    assert_eq!(
        periods(&site).await.as_slice().len(),
        3,
        "and the past is known"
    );
}

#[tokio::test]
async fn an_assignment_for_a_time_in_the_past_replaces_what_was_known_of_it() {
    let site = site().await;
    let now = site.world.clock.now();
    let at = |seconds: i64| Instant::from_millis(now.millis() + seconds * 1_000);
    let (acme, beta) = (id("acme"), id("beta"));
    try_assign(&site, Some(&acme), at(-100), None).await;
    let Update::Updated(held) = try_assign(&site, Some(&beta), at(-50), Some(at(-40))).await else {
        panic!("it is assigned");
    };
    for (moment, vendor) in [
        (-100, &acme),
        (-51, &acme),
        (-50, &beta),
        (-41, &beta),
        (-40, &acme),
    ] {
        assert_eq!(held.at(at(moment)), Some(vendor), "{moment}");
    }
    let Update::Updated(held) = try_assign(&site, None, at(-45), None).await else {
        panic!("it is taken away");
    };
    assert_eq!(held.at(at(-46)), Some(&beta));
    assert_eq!(held.at(at(-45)), None);
}

#[tokio::test]
async fn only_an_own_number_is_assigned_and_only_to_an_own_vendor() {
    let site = site().await;
    let now = site.world.clock.now();
    let nobody = try_assign(&site, Some(&id("nobody")), now, None).await;
    assert_eq!(nobody, Update::Refused(AssignmentRefusal::VendorNotFound));
    let other = site.world.account().await;
    add(&site.world, &other, "theirs").await;
    let theirs = try_assign(&site, Some(&id("theirs")), now, None).await;
    assert_eq!(theirs, Update::Refused(AssignmentRefusal::VendorNotFound));
    let assignment = VendorAssignment {
        number: &number(),
        vendor: Some(&id("theirs")),
        from: now,
        until: None,
    };
    let ledger = &site.world.ledger;
    let assigned = ledger.assign_number_vendor(&other.id, &assignment).await;
    assert_eq!(
        assigned.unwrap(),
        Update::NotFound,
        "the number is not theirs"
    );
    assert!(periods(&site).await.is_empty());
    let theirs = ledger.number_vendor(&other.id, &number()).await;
    assert_eq!(theirs.unwrap(), None);
}

#[tokio::test]
async fn a_number_has_at_most_fifty_periods() {
    let site = site().await;
    let at = |seconds: i64| Instant::from_millis(seconds * 1_000);
    let acme = id("acme");
    for number in 0..50 {
        let from = number * 10;
        let assigned = try_assign(&site, Some(&acme), at(from), Some(at(from + 5))).await;
        assert!(matches!(assigned, Update::Updated(_)));
    }
    let more = try_assign(&site, Some(&acme), at(1_000), None).await;
    assert_eq!(more, Update::Refused(AssignmentRefusal::TooManyPeriods));
    assert_eq!(periods(&site).await.as_slice().len(), VendorPeriods::MOST);
    let (ledger, account) = (&site.world.ledger, &site.account.id);
    let (number, now) = (number(), site.world.clock.now());
    let released = ledger.remove_number(account, &number, ids::guid(), now);
    assert_eq!(released.await.unwrap(), Deletion::Deleted);
}

#[tokio::test]
async fn an_assignment_and_a_release_survive_lost_answers_and_each_other() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    add(&site.world, &site.account, "acme").await;
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    assign(&site.world, &site.account, NUMBER, Some("acme")).await;
    site.world.wait(60);
    proxy.forget_tokens();
    proxy.plan(|seen| {
        let first = seen.verb == "TransactWriteItems" && seen.attempt == 1;
        first.then_some(Fault::LoseAnswer)
    });
    done(&site.delete(&path_of(NUMBER)).await);
    let held = periods(&site).await;
    assert_eq!(held.as_slice().len(), 1);
    assert_eq!(held.at(site.world.clock.now()), None);
}

#[tokio::test]
async fn a_release_reads_the_periods_of_a_number_that_was_a_vendors_alone() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    add(&site.world, &site.account, "acme").await;
    let property = site.property("P").await;
    for (vendor, reads) in [(false, 1), (true, 2)] {
        done(&site.buy(&property, NUMBER).await);
        if vendor {
            assign(&site.world, &site.account, NUMBER, Some("acme")).await;
            site.world.wait(1);
        }
        proxy.heal();
        done(&site.delete(&path_of(NUMBER)).await);
        let verbs = proxy.verbs();
        assert_eq!(verbs.get("GetItem"), Some(&reads), "{verbs:?}");
        assert_eq!(verbs.get("TransactWriteItems"), Some(&1), "{verbs:?}");
    }
}

#[tokio::test]
async fn a_credential_belongs_to_a_vendor_that_exists() {
    let site = site().await;
    let (ledger, account) = (&site.world.ledger, &site.account);
    let issue = |vendor: &str| {
        let mut new = NewCredential::of(CredentialKind::Tld, account.id.clone());
        new.vendor = Some(id(vendor));
        new.dids = vec![number()];
        let now = site.world.clock.now();
        let secret = ids::secret().expect("entropy");
        new.issue(ids::credential_id(), ids::credential_name(), secret, now)
            .0
    };
    let nobodys = ledger.create_credential(&issue("nobody")).await.unwrap();
    assert_eq!(
        nobodys,
        Creation::Refused(CredentialRefusal::VendorNotFound)
    );
    let own = issue("acme");
    assert_eq!(
        ledger.create_credential(&own).await.unwrap(),
        Creation::Created(())
    );
    let set = |vendor: Option<&str>| {
        let vendor = vendor.map(id);
        ledger.update_credential(&account.id, &own.id, move |credential| {
            credential.vendor.clone_from(&vendor);
        })
    };
    let refused = set(Some("nobody")).await.unwrap();
    let expected = CredentialUpdateRefusal::VendorNotFound;
    assert!(matches!(refused, Update::Refused(refusal) if refusal == expected));
    for vendor in [Some("beta"), None] {
        let Update::Updated(updated) = set(vendor).await.unwrap() else {
            panic!("it is updated");
        };
        assert_eq!(updated.vendor, vendor.map(id));
        let stored = ledger.credential(own.kind, &own.name).await.unwrap();
        let stored = stored.expect("the credential");
        assert_eq!(
            (stored.vendor, stored.dids),
            (vendor.map(id), vec![number()])
        );
    }
    site.world.set_status(&own, Status::Revoked).await;
    let refused = set(Some("acme")).await.unwrap();
    let expected = CredentialUpdateRefusal::Revoked;
    assert!(matches!(refused, Update::Refused(refusal) if refusal == expected));
}
