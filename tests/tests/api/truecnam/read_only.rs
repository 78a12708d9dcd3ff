//! A key that only reads: it looks callers up, and neither records nor reports a call.

use callbook::model::credential::CredentialKind;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx, pair};
use callbook_tests::{Reply, World};
use serde_json::Value;

/// A carrier's PBX, and a PBX of the same account whose key only reads.
async fn two(world: &World) -> (Pbx, Pbx) {
    let pbx = Pbx::carrier(world).await;
    let reads = |new: &mut callbook::model::credential::NewCredential| new.read_only = true;
    let key = world.credential_with(&pbx.account, CredentialKind::Truecnam, reads);
    let reader = Pbx {
        account: pbx.account.clone(),
        key: key.await,
        reporter: world
            .credential(&pbx.account, CredentialKind::Trestle)
            .await,
    };
    (pbx, reader)
}

/// The same query by `GET` and by `POST`.
async fn both(world: &World, pbx: &Pbx, query: &[(&str, &str)]) -> [Reply; 2] {
    [pbx.get(world, query).await, pbx.post(world, query).await]
}

/// What is stored, but for the counters of the keys' limits.
async fn stored(world: &World) -> Vec<[String; 2]> {
    let items = world.all_items().await.into_iter();
    let of_account = items.filter(|item| item.text("type") != "limit");
    let mut keys: Vec<_> = of_account
        .map(|item| ["pk", "sk"].map(|name| item.text(name)))
        .collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_read_only_key_starts_and_ends_no_call_by_get_or_post() {
    let world = World::new().await;
    let (pbx, reader) = two(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    let before = stored(&world).await;
    for (party, calling) in [("orig_call_start", OTHER), ("orig_call_end", CALLING)] {
        for reply in both(&world, &reader, &pair(party, calling, CALLED)).await {
            let answer = reply.json();
            assert_eq!((reply.status, &answer["status"]), (200, &"error".into()));
            assert_eq!(answer["err"], "3", "{party}");
            assert_eq!(answer["error_msg"], "API key is read only", "{party}");
            let line: Value = serde_json::from_str(&world.last_log().unwrap()).unwrap();
            assert_eq!(line["error"], "read_only", "{party}");
        }
    }
    assert_eq!(stored(&world).await, before);
    let verdict = pbx.true_clid(&world, OTHER, CALLED).await;
    assert_ne!(
        verdict, "verified",
        "a start that was refused vouches for nobody"
    );
    assert_eq!(
        pbx.end(&world, CALLING, CALLED).await,
        "0",
        "the call is live"
    );
}

#[tokio::test]
async fn a_read_only_key_is_answered_as_any_other_and_records_no_call() {
    let world = World::new().await;
    let (pbx, reader) = two(&world).await;
    pbx.name(&world, CALLING, "Jane Doe").await;
    pbx.start(&world, CALLING, CALLED).await;
    let query = [
        ("calling_number", CALLING),
        ("called_number", CALLED),
        ("resp_type", "extended"),
    ];
    let before = stored(&world).await;
    let read = both(&world, &reader, &query).await;
    assert_eq!(stored(&world).await, before, "nothing was recorded");
    let expected = pbx.get(&world, &query).await.json();
    assert_ne!(stored(&world).await, before, "another key records the call");
    for reply in read {
        let mut answer = reply.json();
        assert_eq!(
            (&answer["name"], &answer["true_clid"]),
            (&"JANE DOE".into(), &"verified".into())
        );
        // Each key has limits of its own.
        for left in ["queries_per_minute_remaining", "queries_per_day_remaining"] {
            answer[left] = expected[left].clone();
        }
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn a_fault_of_a_read_only_keys_query_is_still_told() {
    let world = World::new().await;
    let (_, reader) = two(&world).await;
    for (query, err) in [(&[("call_party", "originating")][..], "5"), (&[][..], "1")] {
        for reply in both(&world, &reader, query).await {
            assert_eq!(reply.json()["err"], err, "{query:?}");
        }
    }
}
