//! What is wrong with a statement, and whose vendor it may name.

use super::*;

#[tokio::test]
async fn a_statement_is_refused_with_everything_that_is_wrong() {
    let office = Office::new().await;
    let body = json!({
        "vendor": "a b", "from": "yesterday", "by": "day", "tolerance_seconds": 3601, "decimal": "dot", "colour": "red",
        "rows": [
            {"date": "2026-11-21", "did": "12", "caller": "none", "amount": "twenty"},
            {"amount": "1,234", "call_id": 7},
        ],
    });
    let reply = office.check(&body).await;
    assert_problem(&reply, 400, "invalid_fields", "everything");
    let found: Vec<_> = faults(&reply).into_iter().map(|(field, _)| field).collect();
    let fields = [
        "colour",
        "vendor",
        "from",
        "to",
        "by",
        "tolerance_seconds",
        "decimal",
        "rows",
    ];
    assert_eq!(found, fields);

    let faulty = |rows: Value| {
        let office = &office;
        async move {
            let reply = office.check(&november(&rows)).await;
            assert_problem(&reply, 400, "invalid_fields", &rows.to_string());
            let all: Vec<String> = faults(&reply)
                .into_iter()
                .map(|(field, message)| format!("{field}: {message}"))
                .collect();
            all.join("\n")
        }
    };
    let good = json!({"date": "2026-11-21", "did": DID, "caller": "2065550100", "amount": "25"});
    let with = |name: &str, value: Value| {
        let mut row = good.clone();
        row[name] = value;
        row
    };
    for (rows, expected) in [
        (
            json!([good, with("amount", json!("twenty"))]),
            "rows: line 2, amount: expected an amount",
        ),
        (
            json!([with("amount", json!("1,234"))]),
            "rows: line 1, amount: the separator",
        ),
        (
            json!([
                with("amount", json!("25.00")),
                with("amount", json!("25,00"))
            ]),
            "rows: line 2, amount: here a comma stands before decimals, and on line 1 a point",
        ),
        (
            json!([with("amount", json!("25 EUR"))]),
            "rows: line 1, amount: this is another currency",
        ),
        (
            json!([with("date", json!("13/13/2026"))]),
            "rows: line 1, date: ",
        ),
        (
            json!([with("did", json!("12"))]),
            "rows: line 1, did: expected a phone number",
        ),
        (
            json!([with("caller", Value::Null)]),
            "rows: line 1, caller: missing",
        ),
        (json!([{"amount": "25"}]), "rows: line 1, date: missing"),
        (
            json!([with("cost", json!("25"))]),
            "rows: line 1: a row has date",
        ),
        (
            json!([with("did", json!(8_005_550_100_u64))]),
            "rows: line 1, did: expected a string",
        ),
        (json!([7]), "rows: expected an array of objects"),
        (json!("x"), "rows: expected an array of objects"),
    ] {
        let found = faulty(rows).await;
        assert!(found.starts_with(expected), "{found}");
    }
    let many = vec![json!({"amount": "x", "call_id": "x"}); 30];
    assert!(
        faulty(json!(many))
            .await
            .ends_with("rows: 10 more cells are at fault")
    );
    let many = vec![json!({"amount": "1", "call_id": "x"}); 10_001];
    let found = faulty(json!(many)).await;
    assert!(found.contains("at most 10000 lines"), "{found}");

    for (query, csv, field, text) in [
        (NOVEMBER, "Date,DID\n", "column.caller", "no column"),
        (
            NOVEMBER,
            "Call ID,Cost,Payout\n",
            "column.amount",
            "2 columns",
        ),
        (
            &format!("{NOVEMBER}&column.amount=fee"),
            "Call ID,Cost\n",
            "column.amount",
            "no column",
        ),
        (NOVEMBER, "", "rows", "empty"),
        (
            NOVEMBER,
            "call id,amount\nx,\"25\n",
            "rows",
            "line 2: a quote",
        ),
        (
            "vendor=acme&from=2026-11-30&to=2026-11-01",
            "call id,amount\n",
            "to",
            "after the end",
        ),
        (
            &format!("{NOVEMBER}&colour=red"),
            "call id,amount\n",
            "colour",
            "no such parameter",
        ),
        (
            &format!("{NOVEMBER}&tolerance_seconds=-1"),
            "call id,amount\n",
            "tolerance_seconds",
            "0 to 3600",
        ),
    ] {
        let reply = office.check_csv(&office.admin, query, csv.as_bytes()).await;
        assert_problem(&reply, 400, "invalid_fields", query);
        let (found, message) = &faults(&reply)[0];
        assert_eq!(found, field, "{message}");
        assert!(message.contains(text), "{message}");
    }
    let latin = office
        .check_csv(&office.admin, NOVEMBER, b"call id,amount,n\nx,1,\xe9\n")
        .await;
    assert!(latin.body.contains("UTF-8"), "{}", latin.body);
    let large = vec![b'x'; 2 * 1024 * 1024 + 1];
    let reply = office.check_csv(&office.admin, NOVEMBER, &large).await;
    assert_problem(&reply, 413, "body_too_large", "more than 2 MiB");
}

#[tokio::test]
async fn another_accounts_vendor_does_not_exist_and_ten_thousand_lines_are_compared() {
    let office = Office::new().await;
    let other = office.world().account().await;
    let stranger = office
        .world()
        .credential(&other, CredentialKind::User)
        .await;
    let authorization = basic(&stranger);
    let reply = ask(
        &office.world().app,
        &authorization,
        "POST",
        CHECK,
        &november(&json!([])),
    )
    .await;
    assert_problem(&reply, 404, "vendor_not_found", "another account's");
    let mut csv = "call id,amount\n".to_owned();
    for number in 0..10_000 {
        csv.push_str(&format!("x{number},0.01\n"));
    }
    let reply = office
        .check_csv(&office.admin, NOVEMBER, csv.as_bytes())
        .await;
    assert_eq!(reply.status, 200);
    let lines = &reply.json()["not_in_ledger"];
    assert_eq!(
        lines["statement"],
        json!({"count": 10_000, "amount": "100.0000"})
    );
    assert_eq!(lines["rows"].as_array().unwrap().len(), 5_000);
    assert_eq!(lines["left_out"], 5_000);
}
