//! One cost: what it shows, and what people decide about it.

use callbook_tests::office::{Office, faults, text};
use callbook_tests::tld::{CID, DID, JSON};
use callbook_tests::{teletracker, vendor};
use serde_json::{Value, json};

/// A call that was billed twice, and the ids of the bills.
async fn repriced() -> (Office, String, String) {
    let office = Office::with(|account| {
        account.zone = callbook::model::time::Zone::parse("America/New_York").unwrap();
    })
    .await;
    office.platform.call().await;
    office.world().wait(20);
    let first = office.bill("25", &[("notes", "qualified")]).await;
    office.world().wait(60);
    let second = office.bill("30", &[]).await;
    (office, first, second)
}

#[tokio::test]
async fn a_cost_has_the_shape_of_the_contract() {
    let (office, first, _) = repriced().await;
    let cost = office.read(&format!("costs/{first}"), &[]).await;
    let call = office.world().only("call").await;
    let key = &office.platform.key.credential;
    let shape = json!({
        "cost_id": first,
        "vendor_id": null,
        "credential_id": key.id.as_str(),
        "label": "test",
        "did": DID,
        "cid": CID,
        "amount": "25.0000",
        "currency": "USD",
        "call_date": "2026-11-21T07:00:20-05:00",
        "date_billed": "2026-11-21T07:00:20-05:00",
        "received_at": "2026-11-21T07:00:20-05:00",
        "external_call_id": null,
        "notes": "qualified",
        "state": "superseded",
        "match": "matched",
        "pinned": false,
        "call_sid": call.text("call_sid"),
        "expectation": null,
        "guid": cost["guid"],
    });
    for (name, value) in shape.as_object().unwrap() {
        assert_eq!(&cost[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_cost_tells_its_history_and_that_of_its_call() {
    let (office, first, second) = repriced().await;
    let cost = office.read(&format!("costs/{first}"), &[]).await;
    assert_eq!(cost["replaced_by"], second);
    let history = cost["history"].as_array().unwrap();
    let what: Vec<_> = history.iter().map(|line| &line["what"]).collect();
    assert_eq!(what, ["bill", "bill"]);
    let by = office.platform.key.credential.id.as_str();
    assert_eq!(
        (&history[1]["by"], &history[1]["state"]),
        (&json!(by), &json!("superseded"))
    );
    assert_ne!(history[0]["guid"], history[1]["guid"]);
    let call = &cost["call"];
    assert_eq!(call["reports"][0]["source"], "lookup");
    let others: Vec<_> = call["costs"].as_array().unwrap().iter().collect();
    assert_eq!(others.len(), 2);
    assert_eq!(
        (&others[0]["cost_id"], &others[1]["cost_id"]),
        (&json!(first), &json!(second))
    );
}

#[tokio::test]
async fn a_void_says_which_price_counts_again() {
    let (office, first, second) = repriced().await;
    let voided = office.void(&second).await;
    assert_eq!(
        (&voided["state"], &voided["revived"]),
        (&json!("void"), &json!([first]))
    );
    let again = office.void(&second).await;
    assert_eq!(
        (&again["state"], &again["revived"]),
        (&json!("void"), &json!([]))
    );
    let cost = office.read(&format!("costs/{second}"), &[]).await;
    let last = cost["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["what"], "void");
    assert_eq!(last["reason"], "agreed with the vendor");
    assert_eq!(last["by"], office.admin.credential.id.as_str());
    let first = office.read(&format!("costs/{first}"), &[]).await;
    assert_eq!(
        (&first["state"], &first["replaced_by"]),
        (&json!("in_force"), &Value::Null)
    );
}

#[tokio::test]
async fn a_void_of_all_leaves_nothing_of_the_vendor_on_the_call() {
    let (office, first, second) = repriced().await;
    let body = json!({"reason": "wrong number", "all": true});
    let reply = office.post(&format!("costs/{second}/void"), &body).await;
    assert_eq!(reply.json()["revived"], json!([]));
    for id in [&first, &second] {
        let cost = office.read(&format!("costs/{id}"), &[]).await;
        assert_eq!(cost["state"], "void", "{}", cost["history"]);
    }
    let call = office.world().only("call").await;
    assert!(!call.has("cost"), "no entry counts: the call has no cost");
}

#[tokio::test]
async fn a_cost_is_pinned_to_a_call_to_none_and_back() {
    let office = Office::new().await;
    office.platform.call().await;
    let early =
        text(&office.read("calls", &callbook_tests::office::TODAY).await["calls"][0]["call_sid"]);
    office.world().wait(3_600);
    office.platform.call().await;
    let id = office.bill("25", &[]).await;
    let path = |what: &str| format!("costs/{id}/{what}");
    let found = office.read(&format!("costs/{id}"), &[]).await;
    let late = text(&found["call_sid"]);
    assert_ne!(late, early);
    for (what, body, call, pinned) in [
        (
            "match",
            json!({"call_sid": early, "reason": "their recording"}),
            json!(early),
            true,
        ),
        (
            "match",
            json!({"call_sid": "none", "reason": "not ours"}),
            Value::Null,
            true,
        ),
        ("unpin", json!({"reason": "a mistake"}), json!(late), false),
    ] {
        let reply = office.post(&path(what), &body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let cost = reply.json();
        assert_eq!(
            (&cost["call_sid"], &cost["pinned"]),
            (&call, &json!(pinned)),
            "{body}"
        );
        assert_eq!(cost.get("revived"), None, "only a void revives");
    }
}

#[tokio::test]
async fn an_entry_comes_back_from_a_call_far_from_its_bill() {
    let office = Office::new().await;
    let calls = async |count: usize| {
        for _ in 0..count {
            office.world().wait(900);
            office.platform.call().await;
        }
    };
    // More calls lie between the two, and behind them, than a bill reads.
    calls(24).await;
    let id = office.bill("25", &[]).await;
    let found = office.read(&format!("costs/{id}"), &[]).await;
    calls(24).await;
    let list = office.read("calls", &callbook_tests::office::TODAY).await;
    let first = text(&list["calls"][0]["call_sid"]);
    assert_ne!(found["call_sid"], first);
    let pinned = json!({"call_sid": first, "reason": "their recording"});
    let pinned = office.post(&format!("costs/{id}/match"), &pinned).await;
    assert_eq!(pinned.json()["call_sid"], first);
    let unpinned = json!({"reason": "a mistake"});
    let unpinned = office.post(&format!("costs/{id}/unpin"), &unpinned).await;
    assert_eq!(unpinned.status, 200, "{}", unpinned.body);
    assert_eq!(unpinned.json()["call_sid"], found["call_sid"]);
    let there = office.read(&format!("calls/{first}"), &[]).await;
    assert_eq!(
        (&there["costs"], &there["cost"]),
        (&json!([]), &Value::Null)
    );
}

#[tokio::test]
async fn a_decision_with_a_key_is_made_once() {
    let (office, first, second) = repriced().await;
    let path = format!("costs/{second}/void");
    let body = json!({"reason": "disputed"});
    let send = |body: Value| {
        let (office, path) = (&office, &path);
        async move {
            office
                .post_as(&office.admin, path, &body, "dispute 7")
                .await
        }
    };
    let made = send(body.clone()).await;
    assert_eq!(
        (made.status, made.header("idempotent-replayed")),
        (200, None)
    );
    let again = send(body).await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );
    assert_eq!(
        again.json()["revived"],
        json!([first]),
        "as it was answered first"
    );
    let other = send(json!({"reason": "another"})).await;
    assert_eq!(other.status, 409);
    assert!(
        other.body.contains("idempotency_key_reused"),
        "{}",
        other.body
    );
}

#[tokio::test]
async fn every_field_at_fault_is_named_at_once() {
    let (office, id, _) = repriced().await;
    let post = |what: &str, body: Value| {
        let (office, path) = (&office, format!("costs/{id}/{what}"));
        async move { faults(&office.post(&path, &body).await) }
    };
    assert_eq!(
        post("void", json!({"all": "yes", "colour": 1})).await,
        ["colour", "reason", "all"]
    );
    assert_eq!(post("match", json!({})).await, ["reason", "call_sid"]);
    assert_eq!(
        post("match", json!({"call_sid": "x", "reason": ""})).await,
        ["reason", "call_sid"]
    );
    assert_eq!(
        post("unpin", json!({"reason": 7, "call_sid": "none"})).await,
        ["call_sid", "reason"]
    );
    assert_eq!(
        post("void?x=1", json!({"reason": "r".repeat(256)})).await,
        ["x", "reason"]
    );
    let nowhere = json!({"call_sid": "A".repeat(32), "reason": "r"});
    assert_eq!(post("match", nowhere).await, ["call_sid"]);
    let shown = office
        .get(&format!("costs/{id}"), &[("colour", "red")])
        .await;
    assert_eq!(faults(&shown), ["colour"]);
}

#[tokio::test]
async fn a_viewer_reads_and_decides_nothing() {
    let (office, id, _) = repriced().await;
    for path in ["costs/", "costs/refused", "adjustments", "calls"] {
        let range = callbook_tests::office::TODAY;
        let reply = office.get_as(&office.viewer, path, &range).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }
    let body = json!({"reason": "r", "call_sid": "none"});
    for path in [
        format!("costs/{id}/void"),
        format!("costs/{id}/match"),
        format!("costs/{id}/unpin"),
        "adjustments".to_owned(),
    ] {
        let reply = office.post_as(&office.viewer, &path, &body, "").await;
        assert_eq!(reply.status, 403, "{path}");
        assert!(reply.body.contains("read_only"), "{}", reply.body);
    }
    assert_eq!(
        office.read(&format!("costs/{id}"), &[]).await["state"],
        "superseded"
    );
}

#[tokio::test]
async fn another_accounts_cost_does_not_exist() {
    let (office, id, _) = repriced().await;
    let call = text(&office.read(&format!("costs/{id}"), &[]).await["call_sid"]);
    let world = office.world();
    let stranger = world.account().await;
    let kind = callbook::model::credential::CredentialKind::User;
    let stranger = world.credential(&stranger, kind).await;
    for path in [
        format!("costs/{id}"),
        "costs/17".to_owned(),
        "costs/x".to_owned(),
    ] {
        let reply = office.get_as(&stranger, &path, &[]).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.body.contains("cost_not_found"), "{}", reply.body);
    }
    let reply = office
        .get_as(&stranger, &format!("calls/{call}"), &[])
        .await;
    assert_eq!(reply.status, 404);
    for what in ["void", "match", "unpin"] {
        let body = match what {
            "match" => json!({"reason": "r", "call_sid": "none"}),
            _ => json!({"reason": "r"}),
        };
        let path = format!("costs/{id}/{what}");
        let reply = office.post_as(&stranger, &path, &body, "").await;
        assert_eq!(reply.status, 404, "{what}");
    }
    let body = json!({"cost_id": id, "amount": "-1", "reason": "r"});
    let reply = office.post_as(&stranger, "adjustments", &body, "").await;
    assert_eq!(faults(&reply), ["cost_id"]);
    let costs = office
        .get_as(&stranger, "costs", &callbook_tests::office::TODAY)
        .await;
    assert_eq!(costs.json()["costs"], json!([]));
}

#[tokio::test]
async fn a_vendors_key_opens_no_costs() {
    let (office, _, _) = repriced().await;
    let key = &office.platform.key;
    let authorization = teletracker::basic(key);
    let headers = [("authorization", authorization.as_str())];
    let path = "/callbook/v1/costs?from=2026-11-21&to=2026-11-21";
    let reply = office.world().send("GET", path, &headers, b"").await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn the_log_of_a_bill_names_its_entry_call_vendor_and_label() {
    let office = Office::new().await;
    vendor::add(office.world(), &office.platform.account, "acme").await;
    let key = office.another_platform(Some("acme")).await;
    office.platform.call().await;
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", JSON),
    ];
    let body = json!({"did": DID, "cid": CID, "cost": "25"}).to_string();
    let path = "/api/ingress/calls/inbound/billable";
    let mut lines: Vec<Value> = Vec::new();
    for _ in 0..2 {
        let reply = office
            .world()
            .send("POST", path, &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let line = office.world().logs().last().cloned().unwrap();
        lines.push(serde_json::from_str(&line).unwrap());
    }
    let call = office.world().only("call").await;
    let cost = office.world().only("cost").await;
    for line in &lines {
        assert_eq!(line["cost_id"], cost.text("cost_id"));
        assert_eq!(
            (&line["vendor_id"], &line["label"]),
            (&json!("acme"), &json!("test"))
        );
    }
    assert_eq!(lines[0]["call_sid"], call.text("call_sid"));
    assert_eq!(lines[1].get("call_sid"), None, "a repeat looks for no call");
    assert_eq!(
        (&lines[0]["replayed"], &lines[1]["replayed"]),
        (&json!(false), &json!(true))
    );
}
