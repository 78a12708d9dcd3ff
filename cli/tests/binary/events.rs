//! Events from the command line: listed, narrowed, followed, and published after the stream gave them up.

use std::fs;

use callbook::clock::Clock;
use callbook::model::time::Zone;
use serde_json::{Value, json};

use crate::support::run;
use crate::told::{LONG_AGO, Local, NEVER};

/// The queue entry that an event is about, and its type.
fn of(line: &str) -> (String, u64) {
    let event: Value = serde_json::from_str(line).expect("an event");
    let id = event["data"]["id"].as_u64().expect("a queue entry");
    (event["type"].as_str().unwrap().to_owned(), id)
}

#[test]
fn what_happened_is_followed_listed_and_narrowed() {
    let local = Local::new();
    let queued = "rapidresponse.queued";
    let more = ["events", "--from", LONG_AGO, "--type", queued, "--json"];
    let mut followed = local.follow(&more);
    let first = local.add("2065550101");
    assert_eq!(of(&followed.line()), (queued.to_owned(), first));
    let second = local.add("2065550102");
    assert_eq!(of(&followed.line()), (queued.to_owned(), second));

    let id = second.to_string();
    let done = ["queue", "finish", &id, "--result", "completed"];
    let taken = local.of_account(&["queue", "take", "--limit", "2"]);
    assert_eq!(taken.code, 0, "{}", taken.stderr);
    let done = local.of_account(&done);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let completed = "rapidresponse.completed";
    let types = [queued, completed].join(",");
    let mut both = local.follow(&["events", "--from", LONG_AGO, "--type", &types]);
    let told: Vec<String> = (0..3).map(|_| both.line()).collect();
    assert!(told[0].contains(queued), "{told:?}");
    assert!(told[2].contains(completed), "{told:?}");
    let subject = format!("queue/{second}\n");
    assert!(told[2].ends_with(&subject), "{told:?}");

    // What was followed is listed, too.
    let listed = local.of_account(&["events", "--type", &types]);
    assert_eq!((listed.code, listed.stderr.as_str()), (0, ""));
    assert_eq!(listed.stdout, told.concat());
    let listed = local.of_account(&["events", "--type", completed, "--json"]);
    let lines: Vec<_> = listed.stdout.lines().map(of).collect();
    assert_eq!(lines, [(completed.to_owned(), second)]);
    let everything = local.of_account(&["events", "--from", LONG_AGO]);
    assert!(everything.stdout.lines().count() >= 3, "{everything:?}");
    let none = local.of_account(&["events", "--from", NEVER]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert_eq!(none.stderr, "No events.\n");
    let none = local.of_account(&["events", "--from", NEVER, "--json"]);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", ""));
}

#[test]
fn whoever_follows_may_leave() {
    let local = Local::new();
    let mut followed = local.follow(&["events", "--from", LONG_AGO]);
    local.add("2065550101");
    followed.line();
    followed.leave();
    // It learns that when it writes the next event.
    local.add("2065550102");
    assert_eq!(followed.ended(), 0);
}

#[test]
fn what_is_wrong_with_a_list_is_said() {
    let local = Local::new();
    for (arguments, code, told) in [
        (&["events"] as &[&str], 2, "--account"),
        (&["events", "--account", "x"], 2, "--account"),
        (&["events", "--account", "99999999"], 1, "99999999"),
        (
            &["events", "--account", "12345678", "--type", "call.lost"],
            2,
            "call.lost",
        ),
        (
            &["events", "--account", "12345678", "--from", "tomorrow"],
            2,
            "tomorrow",
        ),
        (&["events", "--account", "12345678", "replay"], 2, "replay"),
    ] {
        let output = local.run(arguments);
        assert_eq!(output.code, code, "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
}

/// The numbers of the first and the last record that were given up.
const GIVEN_UP: (&str, &str) = ("800000000003126276362", "800000000003126276370");

/// A message of the queue, as `aws sqs receive-message` prints it.
fn letter(function: &str, (first, last): (&str, &str), (from, until): (&str, &str)) -> String {
    let body = json!({
        "requestContext": {
            "requestId": "316aa6d0-8154-4cf1-9af7-85d5f4a6bc81",
            "functionArn": format!("arn:aws:lambda:eu-west-1:123456789012:function:callbook-{function}-1"),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 61,
        },
        "version": "1.0",
        "timestamp": until,
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001795262400123-864758bb",
            "startSequenceNumber": first,
            "endSequenceNumber": last,
            "approximateArrivalOfFirstRecord": from,
            "approximateArrivalOfLastRecord": until,
            "batchSize": 2,
            "streamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/callbook/stream/2026-11-14T00:04:06.388",
        },
    });
    json!({"Messages": [{"MessageId": "1", "Body": body.to_string()}]}).to_string()
}

/// A record of the stream, as `aws dynamodbstreams get-records` prints it: a callee was queued.
fn record(account: &str, id: u64, number: &str) -> Value {
    let text = |text: &str| json!({"S": text});
    let digits = |number: u64| json!({"N": number.to_string()});
    let key = json!({
        "pk": text(&format!("A#{account}#QUEUE#2026-11-20")),
        "sk": text(&format!("Q#{id}")),
    });
    json!({"eventName": "INSERT", "dynamodb": {
        "ApproximateCreationDateTime": "2026-11-20T14:13:19+00:00",
        "SequenceNumber": number,
        "Keys": key,
        "NewImage": {
            "pk": key["pk"], "sk": key["sk"], "type": text("queue_entry"), "v": digits(1),
            "callqueue_id": digits(id), "callprocess_id": digits(4_021),
            "callqueue_status": text("processing"), "lead_numtocall": text("+12065550101"),
            "lead_id": text("01234567-89ab-4cde-8f01-23456789abcd"), "whisper_text": text("Hello"),
            "created_at": digits(1_795_184_000_000),
        },
    }})
}

#[test]
fn what_the_stream_gave_up_is_published_once() {
    let local = Local::new();
    // The message's times are those of the log, because the log is read from then on.
    let now = Clock::system().now().rfc3339(&Zone::utc());
    let file = |name: &str, text: &str| fs::write(local.folder.path().join(name), text).unwrap();
    file(
        "letters.json",
        &letter("PublishFunction", GIVEN_UP, (&now, &now)),
    );
    let (first, last) = GIVEN_UP;
    let account = local.account();
    let pages = [
        json!({"Records": [record(account, 2, last), record(account, 9, "800000000003126276371")]}),
        json!({"Records": [record(account, 1, first)], "NextShardIterator": "x"}),
    ];
    file(
        "records.json",
        &pages.map(|page| page.to_string()).join("\n"),
    );
    let replay = |more: &[&str]| {
        let command = ["events", "replay", "letters.json", "--no-bus", "--json"];
        local.run(&[&command[..], more].concat())
    };
    let records = ["--records", "records.json"];
    let dry = replay(&[&records[..], &["--dry-run"]].concat());
    let counts = |report: &Value| {
        ["messages", "records", "events", "in_log"].map(|name| report[name].as_u64().unwrap())
    };
    assert_eq!(counts(&dry.json()), [1, 2, 2, 0]);
    assert!(dry.stderr.contains("Nothing was published."), "{dry:?}");
    assert_eq!(counts(&replay(&records).json()), [1, 2, 2, 0]);
    let listed = ["events", "--json", "--type", "rapidresponse.queued"];
    let listed = [&listed[..], &["--from", LONG_AGO]].concat();
    let mut followed = local.follow(&listed);
    let told = [followed.line(), followed.line()];
    let ids = told.each_ref().map(|line| of(line).1);
    assert_eq!(ids, [1, 2], "in the order of the changes");

    // A repeat changes nothing: the log has the events.
    assert_eq!(counts(&replay(&records).json()), [1, 2, 2, 2]);
    let again = local.of_account(&listed);
    assert_eq!(again.stdout, told.concat());

    // Without the records, the log says what can be handed on.
    let gone = replay(&[]);
    assert_eq!(gone.code, 1);
    let report: Value = serde_json::from_str(&gone.stdout).unwrap();
    assert_eq!(counts(&report), [1, 0, 2, 2]);
    assert_eq!(report["missing"][0]["first"], first);
    assert!(gone.stderr.contains("callbook export calls"), "{gone:?}");
}

#[cfg(unix)]
#[test]
fn the_script_reads_the_records_that_messages_name() {
    use std::os::unix::fs::PermissionsExt;

    let local = Local::new();
    let path = |name: &str| local.folder.path().join(name);
    let letters = [GIVEN_UP, ("5", "6")].map(|run| {
        let times = ("2026-11-20T14:13:19Z", "2026-11-20T14:13:20Z");
        letter("PublishFunction", run, times)
    });
    fs::write(path("letters.json"), letters.join("\n")).unwrap();
    let replay = ["events", "replay", "letters.json"];
    let script = local.run(&[&replay[..], &["--script", "--region", "eu-west-1"]].concat());
    assert_eq!((script.code, script.stderr.as_str()), (0, ""));

    // The stream has one run on two pages, and has forgotten the other.
    let pages = [
        json!({"Records": [record("12345678", 1, GIVEN_UP.0)], "NextShardIterator": "two"}),
        json!({"Records": [record("12345678", 2, GIVEN_UP.1)], "NextShardIterator": "three"}),
    ];
    for (name, page) in ["one", "two"].into_iter().zip(&pages) {
        let page = serde_json::to_string_pretty(page).unwrap();
        fs::write(path(name), page).unwrap();
    }
    let aws = format!(
        r#"#!/bin/sh
case "$*" in
"--region eu-west-1 dynamodbstreams get-shard-iterator "*"--sequence-number {} "*) echo one ;;
"--region eu-west-1 dynamodbstreams get-shard-iterator "*) echo 'TrimmedDataAccessException' >&2; exit 254 ;;
"--region eu-west-1 dynamodbstreams get-records --shard-iterator "*) cat "$6" ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
"#,
        GIVEN_UP.0
    );
    fs::write(path("aws"), aws).unwrap();
    fs::set_permissions(path("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(path("read.sh"), &script.stdout).unwrap();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "PATH=\"$PWD:$PATH\"; . ./read.sh"]);
    shell.current_dir(local.folder.path());
    let read = run(&mut shell);
    assert_eq!(read.code, 0, "{}", read.stderr);
    assert!(read.stderr.contains("TrimmedData"), "{}", read.stderr);
    let values = serde_json::Deserializer::from_str(&read.stdout).into_iter::<Value>();
    assert_eq!(values.map(Result::unwrap).collect::<Vec<_>>(), pages);
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let local = Local::new();
    let times = ("2026-11-20T14:13:19Z", "2026-11-20T14:13:20Z");
    let file = |name: &str, text: &str| fs::write(local.folder.path().join(name), text).unwrap();
    file("right.json", &letter("PublishFunction", GIVEN_UP, times));
    file("rollup.json", &letter("RollupFunction", GIVEN_UP, times));
    file("empty.json", "");
    for (arguments, code, told) in [
        (&["right.json"] as &[&str], 2, "--bus"),
        (&["--no-bus"], 2, "FILE"),
        (&["right.json", "--no-bus", "--script"], 2, "--script"),
        (&["missing.json", "--no-bus"], 1, "missing.json"),
        (&["empty.json", "--no-bus"], 1, "empty.json has no message"),
        (&["rollup.json", "--no-bus"], 1, "callbook rollup rebuild"),
        (
            &["right.json", "--no-bus", "--records", "right.json"],
            1,
            "get-records",
        ),
    ] {
        let output = local.run(&[&["events", "replay"], arguments].concat());
        assert_eq!(output.code, code, "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
}
