//! The filters of a list of calls.

use callbook_tests::NOON;
use callbook_tests::fd_calls::{each, hold, post, set_up};

use super::{Desk, JANE, JOHN, OTHER, OURS};

/// The dispositions of a list's calls.
async fn found(desk: &Desk, parameters: &[(&str, &str)]) -> Vec<String> {
    let (of_property, of_account) = (desk.calls(parameters).await, desk.all(parameters).await);
    assert_eq!(of_property["Calls"], of_account["Calls"], "{parameters:?}");
    let found = each(&of_property, "Disposition");
    assert_eq!(of_property["TotalCount"], found.len(), "{parameters:?}");
    assert_eq!(of_account["TotalCount"], found.len(), "{parameters:?}");
    found
}

#[tokio::test]
async fn a_list_can_be_filtered_by_one_or_several_dispositions() {
    let desk = Desk::new().await;
    let every = ["Answered", "IVR", "Busy", "NoAnswer", "Failed"];
    for (second, disposition) in every.iter().enumerate() {
        let started = (NOON / 1_000 - 100 + i64::try_from(second).unwrap()).to_string();
        let said = [("Started", started.as_str()), ("Disposition", disposition)];
        desk.record(JANE, OURS, &said).await;
    }
    desk.record(JOHN, OURS, &[]).await;
    for (list, expected) in [
        ("Answered", vec!["Answered"]),
        ("Failed,IVR", vec!["IVR", "Failed"]),
        ("Busy, NoAnswer", vec!["Busy", "NoAnswer"]),
        ("busy", vec!["Busy"]),
        ("Answered,IVR,Busy,NoAnswer,Failed", every.to_vec()),
    ] {
        assert_eq!(
            found(&desk, &[("Disposition", list)]).await,
            expected,
            "{list}"
        );
    }
    let twice = [("Disposition", "Answered"), ("Disposition", "IVR,Busy")];
    assert_eq!(found(&desk, &twice).await, ["Answered", "IVR", "Busy"]);
    assert_eq!(found(&desk, &[]).await.len(), 6);
    let again = ["Answered"; 51].join(",");
    let again = [("Disposition", again.as_str())];
    assert_eq!(found(&desk, &again).await, ["Answered"]);
}

#[tokio::test]
async fn an_endpoint_filter_selects_the_calls_routed_to_it() {
    let desk = desk_with_numbers().await;
    let by_flow = [("RoutingMethod", "Flow"), ("Flow", "Main")];
    let number = format!("/v2/Numbers/{}", &OURS[1..]);
    let reply = post(&desk.world, &desk.key, &number, &by_flow).await;
    assert_eq!(
        reply.json()["EndpointNumber"],
        "+12125550101",
        "{}",
        reply.body
    );
    let filter = [("Endpoint", "+12125550101")];
    assert!(found(&desk, &filter).await.is_empty());
}

/// Four calls with different dispositions: two inbound calls to different numbers, one outbound call, and
/// one call to a number without settings.
async fn desk_with_numbers() -> Desk {
    let desk = Desk::new().await;
    let (world, account) = (&desk.world, &desk.account);
    set_up(
        world,
        account,
        OURS,
        "+12125550101",
        ["google", "cpc", "spring", "top"],
    )
    .await;
    set_up(
        world,
        account,
        OTHER,
        "+12125550102",
        ["bing", "cpc", "spring", ""],
    )
    .await;
    hold(world, account, OURS, &desk.property, 0, None).await;
    for (from, to, started, disposition, direction) in [
        (JANE, OURS, "1795262001", "Answered", "Inbound"),
        (JANE, OTHER, "1795262002", "IVR", "Inbound"),
        (OURS, JOHN, "1795262003", "Busy", "Outbound"),
        (JOHN, "+18005550142", "1795262004", "Failed", "Inbound"),
    ] {
        let said = [
            ("Started", started),
            ("Disposition", disposition),
            ("Direction", direction),
        ];
        desk.record(from, to, &said).await;
    }
    desk
}

#[tokio::test]
async fn attributions_and_endpoints_come_from_the_accounts_own_number() {
    let desk = desk_with_numbers().await;
    let both = format!("{OURS},{JOHN}");
    for (filter, expected) in [
        (
            vec![("Attribution_Source", "google")],
            vec!["Answered", "Busy"],
        ),
        (vec![("Attribution_Source", "bing")], vec!["IVR"]),
        (
            vec![("Attribution_Source", "google,bing")],
            vec!["Answered", "IVR", "Busy"],
        ),
        (
            vec![
                ("Attribution_Source", "google"),
                ("Attribution_Source", "bing"),
            ],
            vec!["Answered", "IVR", "Busy"],
        ),
        (
            vec![
                ("Attribution_Source", "[\"bing\",other]"),
                ("Attribution_Medium", "[]"),
            ],
            vec!["IVR"],
        ),
        (vec![("Attribution_Source", "Google")], vec![]),
        (
            vec![("Attribution_Medium", "cpc")],
            vec!["Answered", "IVR", "Busy"],
        ),
        (
            vec![
                ("Attribution_Campaign", "spring"),
                ("Attribution_Content", "top"),
            ],
            vec!["Answered", "Busy"],
        ),
        (vec![("Attribution_Content", "bottom")], vec![]),
        (vec![("Endpoint", "+12125550101")], vec!["Answered"]),
        (vec![("Endpoint", "12125550102")], vec!["IVR"]),
        (vec![("Endpoint", "+12125550103")], vec![]),
        (
            vec![("Endpoint", "+12125550101"), ("Attribution_Source", "bing")],
            vec![],
        ),
        (vec![("To", OURS)], vec!["Answered"]),
        (vec![("To", &both)], vec!["Answered", "Busy"]),
        (vec![("To", OURS), ("To", JOHN)], vec!["Answered", "Busy"]),
        (
            vec![("Endpoint", "[12125550101, +12125550102]")],
            vec!["Answered", "IVR"],
        ),
        (vec![("To", JOHN)], vec!["Busy"]),
        (
            vec![
                ("To", JOHN),
                ("Attribution_Medium", "cpc"),
                ("Disposition", "Busy,IVR"),
            ],
            vec!["Busy"],
        ),
        (vec![("To", JOHN), ("Disposition", "Answered")], vec![]),
    ] {
        assert_eq!(found(&desk, &filter).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_call_shows_the_attributions_of_its_number() {
    let desk = desk_with_numbers().await;
    let list = desk.calls(&[]).await;
    assert_eq!(
        each(&list, "Attribution_Source"),
        ["google", "bing", "google", "null"]
    );
    assert_eq!(
        each(&list, "Attribution_Content"),
        ["top", "null", "top", "null"]
    );
}

#[tokio::test]
async fn a_filter_works_with_more_numbers_than_one_expression_can_list() {
    let desk = Desk::new().await;
    let held = |n: usize| format!("+1212555{n:04}");
    for n in 1_000..1_120 {
        set_up(
            &desk.world,
            &desk.account,
            &held(n),
            "",
            ["many", "", "", ""],
        )
        .await;
        hold(
            &desk.world,
            &desk.account,
            &held(n),
            &desk.property,
            0,
            None,
        )
        .await;
    }
    for (to, started, disposition) in [
        (held(1_000), "1795262001", "Answered"),
        (held(1_119), "1795262002", "IVR"),
        (OURS.to_owned(), "1795262003", "Busy"),
    ] {
        let said = [("Started", started), ("Disposition", disposition)];
        desk.record(JANE, &to, &said).await;
    }
    let many = [("Attribution_Source", "many")];
    assert_eq!(found(&desk, &many).await, ["Answered", "IVR"]);
}

#[tokio::test]
async fn a_call_is_unique_if_its_caller_never_called_before() {
    let desk = Desk::new().await;
    for (from, to, started, disposition, direction) in [
        (JANE, OURS, "1795262001", "Answered", "Inbound"),
        (JOHN, OURS, "1795262002", "IVR", "Inbound"),
        (JANE, OTHER, "1795262003", "Busy", "Inbound"),
        (OURS, JANE, "1795262004", "Failed", "Outbound"),
        (JANE, OURS, "1795262005", "NoAnswer", "Inbound"),
    ] {
        let said = [
            ("Started", started),
            ("Disposition", disposition),
            ("Direction", direction),
        ];
        desk.record(from, to, &said).await;
    }
    for (unique, expected) in [
        ("Unique", vec!["Answered", "IVR"]),
        ("Repeat", vec!["Busy", "NoAnswer"]),
        ("All", vec!["Answered", "IVR", "Busy", "Failed", "NoAnswer"]),
        ("unique", vec!["Answered", "IVR"]),
    ] {
        assert_eq!(
            found(&desk, &[("Unique", unique)]).await,
            expected,
            "{unique}"
        );
    }
    let both = [("Unique", "Repeat"), ("To", OTHER)];
    assert_eq!(found(&desk, &both).await, ["Busy"]);
}
