//! Refusals, and that resources of other accounts are not found.

use callbook::model::credential::CredentialKind;
use callbook_tests::faults as store;
use callbook_tests::fd_calls::{faults, get, of_account, of_property, post, token};
use callbook_tests::{Key, Reply, World};
use serde_json::json;

use super::{Desk, JANE, OURS, path_of};

/// A sid that no call has: the last possible moment, in shard 0.
const UNUSED_SID: &str = "ZZZZZZZZZZAAAAAAAAAAAAAAAAAAAAAA";

fn code(reply: &Reply) -> (u16, String) {
    let code = &reply.json()["ResponseStatus"]["ErrorCode"];
    (reply.status, code.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn every_invalid_parameter_is_reported_at_once_and_costs_a_note_at_most() {
    let (world, proxy) = store::world().await;
    let desk = Desk::on(world).await;
    desk.calls(&[]).await;
    let property = of_property(&desk.property);
    let one = format!("/v2/Calls/{UNUSED_SID}");
    let (nobodys, no_call) = (
        format!("/v2/Accounts/{UNUSED_SID}/Calls"),
        "/v2/Calls/x".to_owned(),
    );
    for (method, path, parameters, expected) in [
        (
            "POST",
            &property,
            vec![],
            vec![("PARAMETER_REQUIRED", "From"), ("PARAMETER_REQUIRED", "To")],
        ),
        (
            "POST",
            &property,
            vec![
                ("From", "2069735100"),
                ("To", "+1206"),
                ("Direction", "Sideways"),
                ("Started", "noon"),
                ("Ended", "2026-11-31"),
                ("Disposition", "Gone"),
            ],
            vec![
                ("INVALID_PHONENUMBER_FORMAT", "From"),
                ("INVALID_PHONENUMBER_FORMAT", "To"),
                ("PARAMETER_INVALID", "Direction"),
                ("PARAMETER_INVALID", "Started"),
                ("PARAMETER_INVALID", "Ended"),
                ("UNKNOWN_DISPOSITION", "Disposition"),
            ],
        ),
        (
            "GET",
            &property,
            vec![
                ("Date_From", "yesterday"),
                ("Date_To", "2026-13-01"),
                ("Disposition", "Answered,Gone"),
                ("To", "8005550100"),
                ("Endpoint", "nobody"),
                ("Unique", "Some"),
                ("Results_Count", "201"),
                ("Results_Skip", "-1"),
                ("PageToken", "made-up"),
            ],
            vec![
                ("PARAMETER_INVALID", "Date_From"),
                ("PARAMETER_INVALID", "Date_To"),
                ("UNKNOWN_DISPOSITION", "Disposition"),
                ("INVALID_PHONENUMBER_FORMAT", "To"),
                ("INVALID_PHONENUMBER_FORMAT", "Endpoint"),
                ("PARAMETER_INVALID", "Unique"),
                ("PARAMETER_INVALID", "Results_Count"),
                ("PARAMETER_INVALID", "Results_Skip"),
                ("PARAMETER_INVALID", "PageToken"),
            ],
        ),
        (
            "POST",
            &property,
            vec![
                ("From", JANE),
                ("To", OURS),
                ("Started", "4000000000"),
                ("Disposition", "Gone"),
            ],
            vec![
                ("UNKNOWN_DISPOSITION", "Disposition"),
                ("PARAMETER_INVALID", "Started"),
            ],
        ),
        (
            "GET",
            &property,
            vec![
                ("Date_From", "2026-11-21"),
                ("Date_To", "2026-11-20"),
                ("Disposition", "Gone"),
            ],
            vec![
                ("PARAMETER_INVALID", "Date_To"),
                ("UNKNOWN_DISPOSITION", "Disposition"),
            ],
        ),
        (
            "GET",
            &nobodys,
            vec![("Disposition", "Gone")],
            vec![
                ("ACCOUNT_NOT_FOUND", "AccountSid"),
                ("UNKNOWN_DISPOSITION", "Disposition"),
            ],
        ),
        (
            "POST",
            &no_call,
            vec![("Disposition", "Gone")],
            vec![
                ("CALL_NOT_FOUND", "CallSid"),
                ("UNKNOWN_DISPOSITION", "Disposition"),
            ],
        ),
        (
            "POST",
            &one,
            vec![],
            vec![("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", "Disposition,Ended")],
        ),
    ] {
        proxy.heal();
        let reply = match method {
            "GET" => get(&desk.world, &desk.key, path, &parameters).await,
            _ => post(&desk.world, &desk.key, path, &parameters).await,
        };
        assert_eq!(reply.status, 400, "{method} {path}: {}", reply.body);
        let found = faults(&reply);
        let found: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, expected, "{method} {path}");
        let seen = proxy.verbs();
        let noted = seen.get("UpdateItem").copied().unwrap_or_default();
        assert!(noted <= 1, "{method} {path}: {seen:?}");
        assert_eq!(seen.values().sum::<usize>(), noted, "{method} {path}");
    }
}

#[tokio::test]
async fn a_call_that_ends_before_it_starts_or_is_in_the_future_is_refused() {
    let desk = Desk::new().await;
    for (times, field) in [
        (vec![("Started", "1795262701")], "Started"),
        (vec![("Ended", "1969-12-31T23:59:59Z")], "Ended"),
        (vec![("Ended", "1795262701")], "Ended"),
        (
            vec![("Started", "1795262400"), ("Ended", "1795262399")],
            "Ended",
        ),
        (vec![("Started", "1969-12-31")], "Started"),
    ] {
        let call = [&[("From", JANE), ("To", OURS)][..], &times].concat();
        let reply = post(&desk.world, &desk.key, &of_property(&desk.property), &call).await;
        assert_eq!(reply.status, 400, "{times:?}: {}", reply.body);
        let expected = [("PARAMETER_INVALID".to_owned(), field.to_owned())];
        assert_eq!(faults(&reply), expected, "{times:?}");
    }
    assert_eq!(desk.world.items("call").await.len(), 0);
}

#[tokio::test]
async fn a_read_only_token_can_read_and_not_write() {
    let desk = Desk::new().await;
    let call = desk.record(JANE, OURS, &[]).await;
    let reader = desk
        .world
        .credential_with(&desk.account, CredentialKind::Fonedynamics, |new| {
            new.read_only = true;
        })
        .await;
    let (world, property) = (&desk.world, of_property(&desk.property));
    for path in [&path_of(&call), &property, &of_account(&desk.account)] {
        assert_eq!(get(world, &reader, path, &[]).await.status, 200, "{path}");
    }
    let forbidden = (403, "FORBIDDEN".to_owned());
    let set = [("Disposition", "Busy")];
    assert_eq!(
        code(&post(world, &reader, &path_of(&call), &set).await),
        forbidden
    );
    let another = [("From", JANE), ("To", "+18005550123")];
    assert_eq!(
        code(&post(world, &reader, &property, &another).await),
        forbidden
    );
    assert_eq!(desk.world.items("call").await.len(), 1);
}

async fn stranger(world: &World) -> Key {
    let account = world.account().await;
    token(world, &account).await
}

#[tokio::test]
async fn a_resource_of_another_account_is_answered_as_not_found() {
    let desk = Desk::new().await;
    let call = desk.record(JANE, OURS, &[]).await;
    let world = &desk.world;
    let key = stranger(world).await;
    let (theirs, sid) = (path_of(&call), desk.property.as_str());
    let nothing = format!("/v2/Calls/{UNUSED_SID}");
    let set = [("Disposition", "Busy")];
    let new = [("From", JANE), ("To", OURS)];
    let never = format!("/v2/Properties/{UNUSED_SID}/Calls");
    for (found, nothing, expected, field) in [
        (
            get(world, &key, &theirs, &[]).await,
            get(world, &key, &nothing, &[]).await,
            "CALL_NOT_FOUND",
            "CallSid",
        ),
        (
            post(world, &key, &theirs, &set).await,
            post(world, &key, &nothing, &set).await,
            "CALL_NOT_FOUND",
            "CallSid",
        ),
        (
            get(world, &key, &format!("/v2/Properties/{sid}/Calls"), &[]).await,
            get(world, &key, &never, &[]).await,
            "PROPERTY_NOT_FOUND",
            "PropertySid",
        ),
        (
            post(world, &key, &format!("/v2/Properties/{sid}/Calls"), &new).await,
            post(world, &key, &never, &new).await,
            "PROPERTY_NOT_FOUND",
            "PropertySid",
        ),
        (
            get(world, &key, &of_account(&desk.account), &[]).await,
            get(
                world,
                &key,
                &format!("/v2/Accounts/{UNUSED_SID}/Calls"),
                &[],
            )
            .await,
            "ACCOUNT_NOT_FOUND",
            "AccountSid",
        ),
    ] {
        assert_eq!(found.status, 400, "{}", found.body);
        assert_eq!(faults(&found), [(expected.to_owned(), field.to_owned())]);
        assert_eq!(found.body, nothing.body, "{expected}");
    }
    let shown = get(world, &desk.key, &theirs, &[]).await;
    assert_eq!(shown.json(), call, "the call is unchanged");
}

#[tokio::test]
async fn a_malformed_sid_is_not_found() {
    let desk = Desk::new().await;
    for sid in [
        "x",
        "123",
        &"a".repeat(32),
        &"A".repeat(33),
        &"Z".repeat(32),
    ] {
        let reply = get(&desk.world, &desk.key, &format!("/v2/Calls/{sid}"), &[]).await;
        assert_eq!(code(&reply), (400, "CALL_NOT_FOUND".to_owned()), "{sid}");
        let path = format!("/v2/Properties/{sid}/Calls");
        let reply = get(&desk.world, &desk.key, &path, &[]).await;
        assert_eq!(
            code(&reply),
            (400, "PROPERTY_NOT_FOUND".to_owned()),
            "{sid}"
        );
    }
}

#[tokio::test]
async fn a_request_without_a_credential_is_unauthorized() {
    let desk = Desk::new().await;
    let call = desk.record(JANE, OURS, &[]).await;
    for path in [
        path_of(&call),
        of_property(&desk.property),
        of_account(&desk.account),
    ] {
        let reply = desk.world.send("GET", &path, &[], b"").await;
        assert_eq!(code(&reply), (401, "UNAUTHORIZED".to_owned()), "{path}");
        assert_eq!(
            reply.json()["ResponseStatus"]["Errors"],
            json!([]),
            "{path}"
        );
    }
}
