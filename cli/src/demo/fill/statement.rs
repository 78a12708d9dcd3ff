//! A statement of one vendor that does not agree with the ledger.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use jiff::civil::Date;

use super::cast::{ACME, VENDORS};
use super::plan::{Flaw, Frame, Plan, PlannedBill, amount};

/// The name of the file in the data folder.
pub const FILE: &str = "acme-statement.csv";

/// Every so many lines have another amount, are there twice, are left out, or are of calls that nobody billed.
const OTHER_AMOUNT: usize = 61;
const TWICE: usize = 97;
const LEFT_OUT: usize = 83;
const INVENTED: usize = 71;

/// A statement, and the whole days that it is about.
pub struct Statement {
    pub csv: Vec<u8>,
    pub from: Date,
    pub to: Date,
    pub lines: usize,
}

impl Statement {
    /// Makes the vendor's statement of all whole days.
    ///
    /// # Errors
    /// Returns an error if it cannot be written as CSV.
    pub fn of(frame: &Frame, plan: &Plan) -> Result<Self> {
        let (from, to) = (frame.first(), frame.today().yesterday()?);
        let local = |moment: Timestamp| moment.to_zoned(frame.zone.clone());
        let own = plan.bills.iter().filter(|bill| bill.vendor == ACME);
        // The last price of a call is the one that the vendor means.
        let mut last: BTreeMap<&str, &PlannedBill> = BTreeMap::new();
        for bill in own.filter(|bill| local(bill.billed).date() <= to) {
            last.insert(bill.key.trim_end_matches("-again"), bill);
        }
        let mut bills: Vec<_> = last.into_values().collect();
        bills.sort_by_key(|bill| bill.call_date);
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record([
            "Call Date",
            "Called Number",
            "Caller ID",
            "Call ID",
            "Seconds",
            "Payout",
        ])?;
        let mut lines = 0;
        for (place, bill) in bills.iter().enumerate() {
            let line = place + 1;
            if line % LEFT_OUT == 0 {
                continue;
            }
            let extra = if line % OTHER_AMOUNT == 0 { 500 } else { 0 };
            let id = bill.call_id.clone().unwrap_or_default();
            let sends = if line % TWICE == 0 { 2 } else { 1 };
            for _ in 0..sends {
                write(&mut out, frame, bill, &id, extra)?;
                lines += 1;
            }
            if line % INVENTED == 0 {
                write(&mut out, frame, bill, &format!("{id}9"), 0)?;
                lines += 1;
            }
        }
        Ok(Self {
            csv: out.into_inner()?,
            from,
            to,
            lines,
        })
    }

    /// The vendor that the statement is of.
    pub fn vendor() -> &'static str {
        VENDORS.get(ACME).map_or("", |vendor| vendor.id)
    }
}

fn write(
    out: &mut csv::Writer<Vec<u8>>,
    frame: &Frame,
    bill: &PlannedBill,
    id: &str,
    extra: i64,
) -> Result<()> {
    let date = bill.call_date.to_zoned(frame.zone.clone());
    let cents = bill.cents + extra;
    // The vendor rounds what is too short up to its minimum.
    let seconds = if bill.flaw == Flaw::TooShort {
        "90"
    } else {
        ""
    };
    out.write_record([
        date.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        bill.did.to_owned(),
        bill.caller.clone(),
        id.to_owned(),
        seconds.to_owned(),
        amount(cents),
    ])?;
    Ok(())
}
