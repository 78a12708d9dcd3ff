//! The same rows as JSON, CSV and NDJSON, and the size limit of one answer.

use callbook::model::account::Account;
use callbook::model::call::Direction;
use callbook::model::report::Disposition;
use callbook::model::text::Notes;
use callbook_tests::call_data::{report, user};
use callbook_tests::truecnam::Pbx;
use callbook_tests::{Key, Reply, World};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{TODAY, inbound, past, record};

const COLUMNS: &str = "call_id,account_id,direction,call_date,end_date,duration,call_from,call_to,\
                       disposition,cost,date_billed,lead_id,name,phone_status,right_party_contact,notes";

async fn in_format(world: &World, key: &Key, format: &str) -> Reply {
    let reply = report(world, key, &[&TODAY[..], &[("format", format)]].concat()).await;
    assert_eq!(reply.status, 200, "{format}: {}", reply.body);
    reply
}

/// Notes that break a careless writer or reader.
const AWKWARD: [&str; 13] = [
    "plain",
    "with, a comma and a \"quote\"",
    "two\r\nlines",
    "=HYPERLINK(\"http://x\")",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\ttab",
    " =1",
    "\u{a0}\u{200b}@SUM(A1)",
    "\u{ff1d}1",
    "a;=1",
    "é 漢字 \u{1F600} \\ back",
];

async fn awkward(world: &World, account: &Account) {
    for (minute, notes) in AWKWARD.into_iter().enumerate() {
        let mut call = inbound(&format!("2026-11-21T01:{minute:02}:00Z"));
        call.notes = Some(Notes::parse(notes).unwrap());
        call.disposition = Some(Disposition::parse("=1").unwrap());
        record(world, account, &call).await;
    }
}

#[tokio::test]
async fn csv_is_read_back_cell_by_cell_and_contains_no_formula() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let key = user(&world, &pbx.account).await;
    awkward(&world, &pbx.account).await;
    pbx.name(&world, "12069735101", "=cmd|' /C calc'!A0").await;
    let reply = in_format(&world, &key, "csv").await;
    assert_eq!(
        reply.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    assert_eq!(reply.header("x-next-token"), None);
    assert!(reply.body.starts_with(&format!("{COLUMNS}\r\n")));
    assert!(reply.body.ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(reply.body.as_bytes());
    let names = reader.headers().unwrap().clone();
    let place = |name: &str| names.iter().position(|found| found == name).unwrap();
    let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(read.len(), AWKWARD.len());
    for (row, notes) in read.iter().zip(AWKWARD) {
        // An apostrophe stands wherever a spreadsheet may begin to read a formula.
        let defused = match notes {
            "a;=1" => "a;'=1".to_owned(),
            _ if notes.contains(['=', '+', '-', '@', '\u{ff1d}']) => format!("'{notes}"),
            _ => notes.to_owned(),
        };
        assert_eq!(&row[place("notes")], defused);
        assert_eq!(&row[place("disposition")], "'=1");
        assert_eq!(&row[place("name")], "'=cmd|' /C calc'!A0");
        assert_eq!(
            &row[place("call_from")],
            "+12069735101",
            "a phone number gets no apostrophe"
        );
        assert_eq!(&row[place("cost")], "", "a null is an empty cell");
        assert_eq!(&row[place("right_party_contact")], "true");
    }
}

#[tokio::test]
async fn ndjson_has_one_json_row_per_line() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    awkward(&world, &account).await;
    let lines = in_format(&world, &key, "ndjson").await;
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let read: Vec<Value> = lines
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let whole = in_format(&world, &key, "json").await;
    assert_eq!(whole.header("content-type"), Some("application/json"));
    assert_eq!(whole.json()["data"], json!(read));
    let notes: Vec<_> = read
        .iter()
        .map(|row| row["notes"].as_str().unwrap())
        .collect();
    assert_eq!(notes, AWKWARD, "JSON has no apostrophes");
}

#[tokio::test]
async fn an_empty_report_is_an_empty_array_a_header_line_or_an_empty_text() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    assert_eq!(
        in_format(&world, &key, "json").await.json()["data"],
        json!([])
    );
    assert_eq!(
        in_format(&world, &key, "csv").await.body,
        format!("{COLUMNS}\r\n")
    );
    assert_eq!(in_format(&world, &key, "ndjson").await.body, "");
}

/// The platform's limit for the answer of a function, in bytes.
const PLATFORM: usize = 6_291_556;

#[tokio::test]
async fn a_report_too_large_for_one_answer_is_refused_and_can_be_read_in_pages() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    // Each of these characters takes four bytes, because the answer is JSON inside JSON.
    let notes = Notes::parse(&"\"".repeat(4_096)).unwrap();
    let (world, account, notes) = (&world, &account, &notes);
    let calls = 410;
    stream::iter(0..calls)
        .for_each_concurrent(16, |n| async move {
            let date = format!("2026-11-21T0{}:{:02}:00Z", n / 60, n % 60);
            let callee = format!("+12069735{n:03}");
            let mut call = past(&date, Direction::Outbound, "+13105550142", &callee);
            call.notes = Some(notes.clone());
            record(world, account, &call).await;
        })
        .await;
    for format in ["json", "csv", "ndjson"] {
        let ask = |more: Vec<(&'static str, String)>| {
            let key = &key;
            async move {
                let more: Vec<_> = more
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                report(
                    world,
                    key,
                    &[&TODAY[..], &[("format", format)], &more].concat(),
                )
                .await
            }
        };
        let refused = ask(vec![]).await;
        assert_eq!(refused.status, 422, "{format}");
        assert_eq!(refused.json()["errorCode"], "RESULT_TOO_LARGE");
        assert_eq!(
            ask(vec![("limit", "410".to_owned())]).await.status,
            422,
            "{format}"
        );
        let detail = refused.json()["errorDetail"].as_str().unwrap().to_owned();
        let fits = detail.split("limit=").nth(1).unwrap();
        let fits: String = fits.chars().take_while(char::is_ascii_digit).collect();
        assert!((300..410).contains(&fits.parse().unwrap()), "{detail}");
        let first = ask(vec![("limit", fits.clone())]).await;
        assert_eq!(first.status, 200, "{format}");
        let size = serde_json::to_string(&first.body).unwrap().len();
        assert!(size < PLATFORM && size > PLATFORM / 2, "{format}: {size}");
        let token = match format {
            "json" => first.json()["nextToken"].as_str().unwrap().to_owned(),
            _ => first.header("x-next-token").unwrap().to_owned(),
        };
        let second = ask(vec![("limit", fits), ("next_token", token)]).await;
        assert_eq!(second.status, 200, "{format}");
        let ids = |reply: &Reply| reply.body.matches("outbound").count();
        assert_eq!(
            ids(&first) + ids(&second),
            calls,
            "{format}: every row is in a page"
        );
    }
}
