//! Bills as the vendors' clients write them.

use http::Method;
use serde_json::json;

use super::cast::{PlayedVendor, Writes};
use super::client::Sending;
use super::plan::{PlannedBill, amount};

/// Writes a bill as its vendor's client does.
pub fn write(vendor: &PlayedVendor, bill: &PlannedBill) -> Sending {
    const PATH: &str = "/api/ingress/calls/inbound/billable";
    let (cost, call_date) = (amount(bill.cents), bill.call_date.to_string());
    let (did, cid, billed) = (bill.did, bill.caller.as_str(), bill.billed.to_string());
    match vendor.writes {
        Writes::Json => {
            let ask = Sending::json(
                Method::POST,
                PATH,
                &json!({"inbound_number": did, "phone_number": cid, "cost": cost, "call_date": call_date,
                        "date_billed": billed}),
            );
            match &bill.call_id {
                Some(id) => ask.with("x-call-id", id.clone()),
                None => ask,
            }
        }
        Writes::JsonWithCurrency => Sending::json(
            Method::POST,
            PATH,
            &json!({"did": did, "cid": cid, "cost": format!("${cost}"), "call_date": bill.call_date.as_second(),
                    "date_billed": bill.billed.as_second()}),
        ),
        Writes::Form => Sending::form(
            PATH,
            &[
                ("call_to", did),
                ("call_from", cid),
                ("cost", &cost),
                ("call_date", &call_date),
                ("date_billed", &billed),
                ("notes", "nightly batch"),
            ],
        ),
        Writes::Query => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("cost", &cost)
                .append_pair("call_date", &call_date)
                .append_pair("date_billed", &billed)
                .finish();
            let did = did.trim_start_matches('+');
            let cid = cid.trim_start_matches('+');
            Sending::new(
                Method::POST,
                format!("{PATH}/{did}/{cid}?{query}"),
                String::new(),
            )
        }
    }
}
