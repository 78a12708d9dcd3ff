//! In which order a file writes day and month: as its rows prove, or as the account does.

use anyhow::{Result, bail};
use callbook::model::time::{DateOrder, FileDate, OrderProof};

use crate::table::RowFields;

/// The columns with dates.
const DATES: [&str; 3] = ["call_date", "end_date", "date_billed"];

/// What the rows of a file say about their dates.
#[derive(Default)]
pub struct Survey {
    /// The first lines that prove an order: month first, and day first.
    month_first: Option<u64>,
    day_first: Option<u64>,
    /// The first line whose date is possible in both orders.
    open: Option<u64>,
    /// How many dates say no offset, and how many there are.
    local: usize,
    dates: usize,
}

/// The order of day and month of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The order.
    pub order: DateOrder,
    /// Why it is that one.
    pub because: Because,
}

/// Why a file is read in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// No date depends on it.
    Indifferent,
    /// This line proves it.
    Line(u64),
    /// The command line says so.
    Said,
    /// It is the account's, and this line may be meant otherwise.
    Account(u64),
}

impl Survey {
    /// Looks at the dates of a row.
    pub fn look(&mut self, line: u64, fields: &RowFields) {
        let Ok(fields) = fields else { return };
        for text in DATES
            .iter()
            .filter_map(|name| fields.get(name)?.as_ref().ok())
        {
            match FileDate::order_proof(text) {
                OrderProof::Proves(DateOrder::Mdy) => _ = self.month_first.get_or_insert(line),
                OrderProof::Proves(DateOrder::Dmy) => _ = self.day_first.get_or_insert(line),
                OrderProof::Open => _ = self.open.get_or_insert(line),
                OrderProof::Indifferent => {}
            }
            if let Ok(date) = FileDate::parse(text, DateOrder::Mdy)
                .or_else(|_| FileDate::parse(text, DateOrder::Dmy))
            {
                self.dates += 1;
                self.local += usize::from(!date.has_offset());
            }
        }
    }

    /// Returns the order of the file.
    ///
    /// # Errors
    /// Returns an error that names the lines if the file has both orders, or another one than `said`.
    pub fn order(&self, said: Option<DateOrder>, account: DateOrder) -> Result<Order> {
        let proved = match (self.month_first, self.day_first) {
            (Some(month), Some(day)) => bail!(
                "line {month} writes the month first and line {day} the day, so no order is right for all \
                 rows; split the file, or name the format: --column call_date=COLUMN,FORMAT"
            ),
            (Some(line), None) => Some((DateOrder::Mdy, line)),
            (None, Some(line)) => Some((DateOrder::Dmy, line)),
            (None, None) => None,
        };
        Ok(match (proved, said) {
            (Some((order, line)), Some(said)) if order != said => {
                bail!(
                    "line {line} is no date in the order of --date-order {}",
                    said.as_str()
                )
            }
            (_, Some(order)) => Order {
                order,
                because: Because::Said,
            },
            (Some((order, line)), None) => Order {
                order,
                because: Because::Line(line),
            },
            (None, None) => Order {
                order: account,
                because: self.open.map_or(Because::Indifferent, Because::Account),
            },
        })
    }

    /// Says whose time the dates are, for an account in the zone of this name.
    #[must_use]
    pub fn zone(&self, account: &str) -> String {
        match (self.local, self.dates) {
            (0, 0) => "no date could be read".to_owned(),
            (0, _) => "every date says its offset".to_owned(),
            (local, all) if local == all => format!("no date says its offset: read in {account}"),
            (local, all) => format!("{local} of {all} dates say no offset: read in {account}"),
        }
    }
}

impl Order {
    /// Says the order, and why it is that one.
    #[must_use]
    pub fn explain(&self) -> String {
        let order = match self.order {
            DateOrder::Mdy => "month first",
            DateOrder::Dmy => "day first",
        };
        match self.because {
            Because::Indifferent => "no date depends on the order of day and month".to_owned(),
            Because::Line(line) => format!("{order}, as line {line} proves"),
            Because::Said => format!("{order}, as --date-order says"),
            Because::Account(line) => format!(
                "unclear: line {line} is a date in both orders; read {order}, as the account has it"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Fields;

    fn survey(dates: &[&str]) -> Survey {
        let mut survey = Survey::default();
        for (at, date) in dates.iter().enumerate() {
            let fields = Fields::from([("call_date", Ok((*date).to_owned()))]);
            survey.look(at as u64 + 2, &Ok(fields));
        }
        survey
    }

    #[test]
    fn the_order_is_what_the_rows_prove_and_else_the_accounts() {
        use Because::{Account, Indifferent, Line, Said};
        use DateOrder::{Dmy, Mdy};
        for (dates, said, account, order, because) in [
            (&["2/11/2026", "25/10/2026"][..], None, Mdy, Dmy, Line(3)),
            (&["2/11/2026", "10/25/2026"], None, Dmy, Mdy, Line(3)),
            (&["2/11/2026"], None, Mdy, Mdy, Account(2)),
            (&["2/11/2026"], None, Dmy, Dmy, Account(2)),
            (&["2/11/2026"], Some(Dmy), Mdy, Dmy, Said),
            (&["25/10/2026"], Some(Dmy), Mdy, Dmy, Said),
            (&["2026-11-02", "5/5/2026"], None, Mdy, Mdy, Indifferent),
            // A row that is a date in no order is a fault of its own.
            (&["32/13/2026", "25/10/2026"], None, Mdy, Dmy, Line(3)),
        ] {
            let found = survey(dates).order(said, account).unwrap();
            assert_eq!(found, Order { order, because }, "{dates:?}");
        }
        let mixed = survey(&["2/11/2026", "25/10/2026", "10/25/2026"]);
        let error = mixed.order(None, Mdy).unwrap_err().to_string();
        assert!(
            error.contains("line 4 ") && error.contains("line 3 "),
            "{error}"
        );
        let error = survey(&["25/10/2026"]).order(Some(Mdy), Dmy).unwrap_err();
        assert!(error.to_string().starts_with("line 2 "), "{error}");
    }

    #[test]
    fn dates_without_an_offset_are_counted() {
        for (dates, expected) in [
            (&["2026-11-02"][..], "no date says its offset: read in UTC"),
            (&["2026-11-02T00:00:00Z"], "every date says its offset"),
            (
                &["2026-11-02T00:00:00Z", "25/10/2026", "never"],
                "1 of 2 dates say no offset: read in UTC",
            ),
            (&["never"], "no date could be read"),
        ] {
            assert_eq!(survey(dates).zone("UTC"), expected);
        }
    }
}
