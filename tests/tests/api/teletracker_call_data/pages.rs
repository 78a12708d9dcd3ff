//! Pages: every row is in exactly one, and a token is valid for its own report only.

use callbook::model::call::Direction;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::call_data::{CALL_DATA, authorization, report, rows, user};
use callbook_tests::tld::form;
use callbook_tests::truecnam::Pbx;
use callbook_tests::{Key, World, send_to};

use super::{TODAY, column, inbound, past, record};

/// Reads one page; returns the starts of its rows and the token of the next.
async fn page(
    world: &World,
    key: &Key,
    parameters: &[(&str, &str)],
    token: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let mut parameters = parameters.to_vec();
    parameters.extend(token.map(|token| ("next_token", token)));
    let reply = report(world, key, &parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let answer = reply.json();
    let token = answer
        .get("nextToken")
        .map(|token| token.as_str().unwrap().to_owned());
    (
        column(answer["data"].as_array().unwrap(), "call_date"),
        token,
    )
}

fn date(minute: usize) -> String {
    format!(
        "2026-11-{:02}T{:02}:{:02}:00+00:00",
        19 + minute / 40,
        minute % 24,
        minute % 60
    )
}

const DAYS: [(&str, &str); 2] = [("start_date", "2026-11-19"), ("end_date", "2026-11-21")];

/// The answer to a token of another request.
const REFUSED: &str =
    "next_token: the next_token is not valid for this request; start again without it.";

/// Live calls, which are in several shards; imported calls are all in one.
async fn sharded(shards: u8, calls: usize) -> (World, Key, Vec<String>) {
    let world = World::new().await;
    let account = world.account_with(|account| account.shards = shards).await;
    let key = user(&world, &account).await;
    let switch = Pbx {
        account: account.clone(),
        key: world
            .credential_with(&account, CredentialKind::Truecnam, |new| {
                new.limits = Limits::default();
            })
            .await,
        reporter: world.credential(&account, CredentialKind::Trestle).await,
    };
    let mut dates = Vec::new();
    for n in 0..calls {
        let calling = format!("1206973{:04}", 5000 + n);
        switch.ask(&world, &calling, Some("16465557000")).await;
        dates.push(world.clock.now().rfc3339(&account.zone));
        world.wait(3_601);
    }
    (world, key, dates)
}

#[tokio::test]
async fn pages_contain_every_row_once_and_in_order_with_any_number_of_shards() {
    for shards in [1, 3, 8, 20] {
        let (world, key, dates) = sharded(shards, 30).await;
        let range = [("start_date", "2026-11-21"), ("end_date", "2026-11-30")];
        let whole = rows(&world, &key, &range).await;
        assert_eq!(column(&whole, "call_date"), dates, "{shards} shards");
        for limit in ["1", "7", "10", "29", "30", "31"] {
            let parameters = [&range[..], &[("limit", limit)]].concat();
            let (mut seen, mut token, mut pages) = (Vec::new(), None, 0);
            loop {
                let (rows, next) = page(&world, &key, &parameters, token.as_deref()).await;
                let most: usize = limit.parse().unwrap();
                assert!(
                    rows.len() == most || next.is_none(),
                    "only the last page can have fewer rows"
                );
                seen.extend(rows);
                pages += 1;
                token = next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, dates, "{shards} shards, {limit} rows per page");
            assert_eq!(
                pages,
                30_usize.div_ceil(limit.parse().unwrap()),
                "the last page is empty"
            );
        }
    }
}

#[tokio::test]
async fn calls_added_between_two_pages_neither_repeat_nor_hide_a_row() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    for minute in 0..20 {
        record(&world, &account, &inbound(&date(minute))).await;
    }
    let parameters = [&DAYS[..], &[("limit", "6")]].concat();
    let (mut seen, mut token, mut added) = (Vec::new(), None, 40);
    loop {
        let (rows, next) = page(&world, &key, &parameters, token.as_deref()).await;
        seen.extend(rows);
        token = next;
        if token.is_none() {
            break;
        }
        // One at the instant of the page's last row, and one on a later day.
        let twin = past(
            seen.last().unwrap(),
            Direction::Outbound,
            "+13105550142",
            &format!("+12069735{added:03}"),
        );
        record(&world, &account, &twin).await;
        record(&world, &account, &inbound(&date(added))).await;
        added += 1;
    }
    let firsts: Vec<String> = (0..20).map(date).collect();
    for first in &firsts {
        assert!(seen.contains(first), "{first} was skipped");
    }
    let late = (40..added)
        .map(date)
        .filter(|date| seen.contains(date))
        .count();
    assert_eq!(late, added - 40, "later calls are on later pages");
    assert!(seen.is_sorted(), "{seen:?}");
}

#[tokio::test]
async fn a_page_token_is_valid_for_its_own_request_only() {
    let world = World::new().await;
    let account = world.account().await;
    let other = world.account().await;
    let key = user(&world, &account).await;
    let stranger = user(&world, &other).await;
    for minute in 0..3 {
        record(&world, &account, &inbound(&date(minute))).await;
        record(&world, &other, &inbound(&date(minute))).await;
    }
    let parameters = [&DAYS[..], &[("limit", "1")]].concat();
    let (_, token) = page(&world, &key, &parameters, None).await;
    let token = token.unwrap();
    let refused = |key: &Key, parameters: Vec<(&str, &str)>, token: &str| {
        let parameters: Vec<_> = parameters
            .into_iter()
            .chain([("next_token", token)])
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        let (world, key) = (
            &world,
            Key {
                credential: key.credential.clone(),
                name: key.name.clone(),
                secret: key.secret.clone(),
            },
        );
        async move {
            let parameters: Vec<_> = parameters
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            let reply = report(world, &key, &parameters).await;
            let refusal = reply.json();
            let found = (&refusal["errorCode"], &refusal["errorDetail"]);
            reply.status == 422 && found == (&"INVALID_PARAMETER".into(), &REFUSED.into())
        }
    };
    for (place, letter) in token.char_indices() {
        let swapped = if letter == 'A' { 'B' } else { 'A' };
        let mut changed = token.clone();
        changed.replace_range(place..=place, &swapped.to_string());
        assert!(
            refused(&key, parameters.clone(), &changed).await,
            "letter {place}"
        );
    }
    assert!(
        refused(&key, parameters.clone(), &token[..token.len() - 4]).await,
        "cut off"
    );
    assert!(
        refused(&stranger, parameters.clone(), &token).await,
        "another account"
    );
    for other in [
        [("start_date", "2026-11-18"), ("end_date", "2026-11-21")],
        [("start_date", "2026-11-19"), ("end_date", "2026-11-20")],
    ] {
        assert!(refused(&key, other.to_vec(), &token).await, "{other:?}");
    }
    for filter in [
        ("direction", "inbound"),
        ("billed", "0"),
        ("did", "2069735100"),
        ("cid", "2069735101"),
        ("disposition", "x"),
    ] {
        let filtered = [&parameters[..], &[filter]].concat();
        assert!(refused(&key, filtered, &token).await, "{filter:?}");
    }
    // A token is not bound to the size or the format of a page.
    for more in [("limit", "2"), ("format", "csv")] {
        let parameters = [&DAYS[..], &[more, ("next_token", &token)]].concat();
        assert_eq!(
            report(&world, &key, &parameters).await.status,
            200,
            "{more:?}"
        );
    }
    let next = form(&[&DAYS[..], &[("next_token", &token)]].concat());
    let (authorization, path) = (authorization(&key), format!("{CALL_DATA}?{next}"));
    let headers = [("authorization", authorization.as_str())];
    let reply = send_to(&world.another_instance(), "GET", &path, &headers, b"").await;
    assert_eq!(
        reply.status, 200,
        "every instance of the deployment accepts the token"
    );
}

#[tokio::test]
async fn calls_with_the_same_start_are_paged() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    for n in 0..5 {
        let to = format!("+1206973510{n}");
        record(
            &world,
            &account,
            &past(
                "2026-11-21T01:00:00Z",
                Direction::Outbound,
                "+13105550142",
                &to,
            ),
        )
        .await;
    }
    let (mut seen, mut token) = (std::collections::BTreeSet::new(), None::<String>);
    for _ in 0..5 {
        let mut parameters = [&TODAY[..], &[("limit", "1")]].concat();
        parameters.extend(token.as_deref().map(|token| ("next_token", token)));
        let answer = report(&world, &key, &parameters).await.json();
        seen.insert(answer["data"][0]["call_id"].as_str().unwrap().to_owned());
        token = answer
            .get("nextToken")
            .map(|token| token.as_str().unwrap().to_owned());
    }
    assert_eq!((seen.len(), token), (5, None));
}
