//! Requests to the store by a process that has the token in its cache.

use callbook_tests::faults;
use callbook_tests::fonedynamics::{FREE, NUMBER, Site, done, path_of};
use serde_json::json;

#[tokio::test]
async fn each_request_costs_the_expected_store_requests() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let property = site.property("P").await;
    let address = site.address(FREE).await;
    let one = format!("/v2/Properties/{property}");
    let numbers = format!("{one}/Numbers");
    let addresses = format!("/v2/Accounts/{}/Addresses", site.sid());
    let home = format!("/v2/Addresses/{address}");
    let number = path_of(NUMBER);
    let named = json!({ "Name": "Q" });
    let buying = json!({ "Number": NUMBER });
    let place = json!({ "Line1": "1", "City": "C", "CountryCode": FREE });
    let linking = json!({ "AddressSid": address });
    for (method, path, body, reads, writes) in [
        ("POST", "/v2/Properties", named.to_string(), 0, 1),
        ("GET", "/v2/Properties", String::new(), 1, 0),
        ("GET", &one, String::new(), 1, 0),
        ("POST", &addresses, place.to_string(), 0, 1),
        ("GET", &addresses, String::new(), 1, 0),
        ("GET", &home, String::new(), 1, 0),
        ("POST", &numbers, buying.to_string(), 4, 1),
        ("POST", &numbers, buying.to_string(), 3, 0),
        ("GET", &numbers, String::new(), 2, 0),
        ("GET", &number, String::new(), 1, 0),
        ("POST", &number, linking.to_string(), 3, 1),
        ("DELETE", &home, String::new(), 1, 1),
        ("DELETE", &number, String::new(), 1, 1),
        ("DELETE", &home, String::new(), 1, 1),
        ("POST", "/v2/Properties", "{".to_owned(), 0, 0),
        (
            "POST",
            &numbers,
            json!({ "Number": "555" }).to_string(),
            0,
            0,
        ),
    ] {
        proxy.heal();
        let reply = site.ask(method, path, &body).await;
        let verbs = proxy.verbs();
        // The first refusal of its kind is noted.
        let noted = match reply.status {
            400.. => verbs.get("UpdateItem").copied().unwrap_or(0),
            _ => 0,
        };
        assert!(noted <= 1, "{method} {path} {body}: {verbs:?}");
        let all: usize = verbs.values().sum::<usize>() - noted;
        let transactions = verbs.get("TransactWriteItems").copied().unwrap_or(0);
        assert_eq!(
            (all - transactions, transactions),
            (reads, writes),
            "{method} {path} {body}: {} {verbs:?}",
            reply.status
        );
    }
    done(&site.get(&one).await);
}
