//! A sum leads to its rows: the calls of every group, and the costs behind what is unmatched.

use callbook::model::account::Account;
use callbook_tests::World;
use callbook_tests::browser::Browser;
use callbook_tests::fd_calls;
use callbook_tests::office::Office;
use callbook_tests::tld::{DID, Platform};
use serde_json::Value;

const OTHER: &str = "+13105550123";
const RANGE: &str = "from=2026-11-16&to=2026-12-06";

/// Calls of two weeks and two months, to a number with an attribution and a property, and to one without either; answered and
/// not; two bills without a call.
async fn weeks() -> Office {
    let world = World::new().await;
    let office = Office::of(
        Platform::on(world, |account: &mut Account| {
            account.zone = callbook::model::time::Zone::parse("America/New_York").unwrap();
        })
        .await,
    )
    .await;
    let (world, account) = (office.world(), &office.platform.account);
    let attribution = ["google", "cpc", "auto spring", ""];
    fd_calls::set_up(world, account, DID, "", attribution).await;
    let switch = fd_calls::token(world, account).await;
    let property = fd_calls::property(world, account, None).await;
    for hours in [1, 30, 60, 200, 3, 40] {
        world.wait(hours * 3_600);
        office.platform.call_of("+12069735101", DID).await;
        office.platform.call_of("+12069735102", OTHER).await;
        let call = [
            ("From", "+12065550177"),
            ("To", DID),
            (
                "Disposition",
                if hours % 20 == 0 { "ANSWERED" } else { "Busy" },
            ),
        ];
        fd_calls::record(world, &switch, &property, &call).await;
        world.wait(30);
        office.bill("25", &[]).await;
    }
    office.bill_of("+14155550177", "7.5", &[]).await;
    world.roll_up().await;
    office
}

/// The rows of the table of a page: where the first cell leads, and the cells' texts.
fn rows(page: &str) -> Vec<(Option<String>, Vec<String>)> {
    let body = page.split("<tbody>").nth(1).unwrap_or_default();
    let body = body.split("</tbody>").next().unwrap_or_default();
    let rows = body.split("<tr>").skip(1);
    rows.map(|row| {
        let href = row.split("<td").next().and_then(|head| {
            let href = head.split("<a href=\"").nth(1)?;
            Some(href.split('"').next()?.replace("&amp;", "&"))
        });
        let cells = row.split("<td").skip(1);
        let cells = cells.map(|cell| {
            let text = cell.split_once('>').map_or("", |(_, text)| text);
            let text = text.split("</td>").next().unwrap_or_default();
            let mut plain = String::new();
            let mut inside = false;
            for letter in text.chars() {
                match letter {
                    '<' => inside = true,
                    '>' => inside = false,
                    letter if !inside => plain.push(letter),
                    _ => {}
                }
            }
            plain
        });
        (href, cells.collect())
    })
    .collect()
}

/// The number of calls that the page of a list says.
fn listed(page: &str) -> u64 {
    let totals = page.split("<p class=\"totals\">").nth(1).expect("totals");
    let count = totals.split("<strong>").nth(1).expect("a count");
    count
        .split('<')
        .next()
        .unwrap()
        .replace(',', "")
        .parse()
        .unwrap()
}

#[tokio::test]
async fn each_group_of_every_dimension_leads_to_its_calls() {
    let office = weeks().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    for by in [
        "by=vendor",
        "by=did",
        "by=disposition",
        "by=day",
        "by=hour",
        "by=weekday",
        "by=week",
        "by=month",
        "by=source",
        "by=medium",
        "by=campaign",
        "by=content",
        "by=property",
        "by=week&and=day",
        "by=month&and=week",
        "by=campaign&and=disposition",
        "by=source&and=hour&vendor=nobody",
        "by=disposition&and=weekday&did=2069735100",
    ] {
        let page = browser
            .page(&format!("/console/explore?{RANGE}&{by}"))
            .await;
        let keys = 1 + usize::from(by.contains("and="));
        for (href, cells) in rows(&page) {
            let calls: u64 = cells[keys - 1].replace(',', "").parse().unwrap();
            let Some(href) = href else {
                assert_eq!(calls, 0, "{by}: calls that no link leads to");
                continue;
            };
            let list = browser.page(&href).await;
            assert_eq!(listed(&list), calls, "{by}: {href}");
        }
    }
}

#[tokio::test]
async fn each_bar_of_a_plot_and_each_cell_of_the_hours_leads_to_its_calls() {
    let office = weeks().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    for (path, linked) in [
        (format!("explore?{RANGE}&measure=calls"), "svg"),
        (
            "explore?from=2026-11-21&to=2026-11-21&measure=calls".to_owned(),
            "svg",
        ),
        (format!("hours?{RANGE}"), "td"),
    ] {
        let page = browser.page(&format!("/console/{path}")).await;
        let part = match linked {
            "svg" => page.split("<svg class=\"links\"").nth(1).unwrap(),
            _ => page.split("<table class=\"heat\"").nth(1).unwrap(),
        };
        let part = part.split("</svg>").next().unwrap();
        let part = part.split("</table>").next().unwrap();
        let mut all = 0;
        let mut followed = 0;
        for link in part.split("<a href=\"").skip(1) {
            let (href, rest) = link.split_once('"').unwrap();
            let told = match linked {
                "svg" => rest.split(": ").nth(1).unwrap().split(',').next().unwrap(),
                _ => rest.split_once('>').unwrap().1.split('<').next().unwrap(),
            };
            let calls: u64 = told.parse().unwrap();
            all += calls;
            // Most hours have none.
            if calls > 0 || followed < 3 {
                followed += 1;
                let list = browser.page(&href.replace("&amp;", "&")).await;
                assert_eq!(listed(&list), calls, "{path}: {href}");
            }
        }
        assert!(all > 0, "{path}");
    }
}

#[tokio::test]
async fn what_is_unmatched_leads_to_its_costs() {
    let office = weeks().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    let page = browser
        .page(&format!("/console/explore?{RANGE}&by=week"))
        .await;
    let links = page.split("<a href=\"/console/costs?").skip(1);
    let links: Vec<String> = links
        .map(|link| link.split('"').next().unwrap().replace("&amp;", "&"))
        .collect();
    assert!(!links.is_empty(), "{page}");
    for link in links {
        let list = browser.page(&format!("/console/costs?{link}")).await;
        assert!(list.contains("7.50"), "{link}");
    }
}

#[tokio::test]
async fn filters_by_the_number_that_was_called_say_what_they_take() {
    let office = weeks().await;
    let range = [("from", "2026-11-16"), ("to", "2026-12-06")];
    let count = async |filter: (&str, &str)| -> u64 {
        let asked = [&range[..], &[filter]].concat();
        office.read("calls", &asked).await["totals"]["calls"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(count(("source", "google")).await, 12);
    assert_eq!(count(("campaign", " auto spring ")).await, 12);
    assert_eq!(count(("source", "bing")).await, 0);
    assert_eq!(count(("content", "(none)")).await, 18);
    assert_eq!(count(("source", "(none)")).await, 6);
    assert_eq!(count(("property", "(none)")).await, 18);
    assert_eq!(count(("disposition", "busy")).await, 3);
    assert_eq!(count(("disposition", "(none)")).await, 12);
    let asked = [&range[..], &[("property", "x"), ("source", "")]].concat();
    let reply = office.get("calls", &asked).await;
    let faults: Vec<Value> = reply.json()["errors"].as_array().unwrap().clone();
    let fields: Vec<_> = faults.iter().map(|fault| fault["field"].clone()).collect();
    assert!(fields.contains(&Value::from("property")), "{}", reply.body);
}

#[tokio::test]
async fn a_command_stands_only_where_it_gives_what_the_page_shows() {
    let office = Office::new().await;
    let browser = Browser::signed_in(&office.world().app, &office.viewer).await;
    for (view, command) in [
        ("calls", "callbook export calls"),
        ("costs", "callbook cost list"),
    ] {
        for (filter, same) in [("", true), ("&vendor=acme", false)] {
            let path = format!("/console/{view}?from=2026-11-21&to=2026-11-21{filter}");
            let page = browser.page(&path).await;
            assert_eq!(page.contains(command), same, "{path}");
            assert!(page.contains("curl "), "{path} has the line that does");
        }
    }
}
