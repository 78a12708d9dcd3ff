//! Changing a call's disposition and end.

use callbook_tests::NOON;
use callbook_tests::call_data::{rows, user};
use callbook_tests::fd_calls::{faults, get, post};
use callbook_tests::truecnam::Pbx;
use serde_json::json;

use super::{Desk, JANE, OURS, path_of};

const TODAY: [(&str, &str); 2] = [("start_date", "2026-11-21"), ("end_date", "2026-11-21")];

#[tokio::test]
async fn a_disposition_and_an_end_can_be_set_alone_together_and_repeatedly() {
    let desk = Desk::new().await;
    let call = desk.record(JANE, OURS, &[]).await;
    let path = path_of(&call);
    desk.world.wait(100);
    let now = NOON / 1_000;
    for (set, ended, disposition) in [
        (vec![("Disposition", "IVR")], json!(null), json!("IVR")),
        (vec![("Ended", "1795262460")], json!(now + 60), json!("IVR")),
        (
            vec![("Ended", "1795262490"), ("Disposition", "Answered")],
            json!(now + 90),
            json!("Answered"),
        ),
    ] {
        let reply = post(&desk.world, &desk.key, &path, &set).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let mut expected = call.clone();
        expected["Ended"] = ended.clone();
        expected["Duration"] = json!(ended.as_i64().map(|ended| ended - now));
        expected["Disposition"] = disposition;
        assert_eq!(reply.json(), expected);
        let shown = get(&desk.world, &desk.key, &path, &[]).await;
        assert_eq!(shown.json(), expected);
    }
}

#[tokio::test]
async fn a_disposition_is_shown_and_can_be_filtered_in_call_data() {
    let desk = Desk::new().await;
    let reader = user(&desk.world, &desk.account).await;
    let call = desk.record(JANE, OURS, &[]).await;
    let set = [("Disposition", "busy")];
    post(&desk.world, &desk.key, &path_of(&call), &set).await;
    let found = rows(&desk.world, &reader, &TODAY).await;
    assert_eq!(found[0]["disposition"], "Busy");
    assert_eq!(found[0]["call_id"], call["CallSid"]);
    for (disposition, count) in [("Busy", 1), ("Answered", 0)] {
        let filter = [&TODAY[..], &[("disposition", disposition)]].concat();
        let found = rows(&desk.world, &reader, &filter).await;
        assert_eq!(found.len(), count, "{disposition}");
    }
}

#[tokio::test]
async fn a_call_recorded_by_another_dialect_can_be_changed() {
    let desk = Desk::new().await;
    let pbx = Pbx::new(&desk.world).await;
    let key = callbook_tests::fd_calls::token(&desk.world, &pbx.account).await;
    pbx.start(&desk.world, "18005550100", "12069735100").await;
    let path = callbook_tests::fd_calls::of_account(&pbx.account);
    let listed = callbook_tests::fd_calls::list(&desk.world, &key, &path, &[]).await;
    let call = &listed["Calls"][0];
    let set = [("Disposition", "Failed")];
    let reply = post(&desk.world, &key, &path_of(call), &set).await;
    assert_eq!(reply.json()["Disposition"], "Failed");
    assert_eq!(reply.json()["Direction"], "Outbound");
}

#[tokio::test]
async fn an_empty_or_invalid_change_is_refused_and_changes_nothing() {
    let desk = Desk::new().await;
    let call = desk.record(JANE, OURS, &[]).await;
    for (set, expected) in [
        (
            vec![],
            vec![("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", "Disposition,Ended")],
        ),
        (
            vec![("Disposition", " "), ("Ended", "")],
            vec![("ONE_OF_SEVERAL_PARAMETERS_REQUIRED", "Disposition,Ended")],
        ),
        (
            vec![("Disposition", "Gone")],
            vec![("UNKNOWN_DISPOSITION", "Disposition")],
        ),
        (
            vec![("Disposition", "Answered,Busy")],
            vec![("UNKNOWN_DISPOSITION", "Disposition")],
        ),
        (
            vec![("Disposition", "Gone"), ("Ended", "soon")],
            vec![
                ("PARAMETER_INVALID", "Ended"),
                ("UNKNOWN_DISPOSITION", "Disposition"),
            ],
        ),
        (
            vec![("Disposition", "Busy"), ("Ended", "1795262399")],
            vec![("PARAMETER_INVALID", "Ended")],
        ),
        (
            vec![("Disposition", "Busy"), ("Ended", "1795262701")],
            vec![("PARAMETER_INVALID", "Ended")],
        ),
    ] {
        let reply = post(&desk.world, &desk.key, &path_of(&call), &set).await;
        assert_eq!(reply.status, 400, "{set:?}: {}", reply.body);
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(code, field)| (code.to_owned(), field.to_owned()))
            .collect();
        assert_eq!(faults(&reply), expected, "{set:?}");
        let outer = &reply.json()["ResponseStatus"]["ErrorCode"];
        assert_eq!(*outer, json!(expected[0].0), "{set:?}");
    }
    let shown = get(&desk.world, &desk.key, &path_of(&call), &[]).await;
    assert_eq!(shown.json(), call);
}
