//! Costs as rows of CSV or NDJSON, with every field that the API shows.

use std::io::Write;

use anyhow::Result;
use callbook::dialect::callbook::costs::CostView;
use callbook::ledger::CostRow;
use callbook::model::account::Account;
use callbook::model::cell::defused;
use csv::{Writer, WriterBuilder};
use serde_json::Value;

use crate::args::TableFormat;

/// The fields that people or vendors write.
const WRITTEN: [&str; 3] = ["label", "external_call_id", "notes"];

/// Writes costs as rows.
pub enum CostRows<W: Write> {
    /// With a header line.
    Csv(Box<Writer<W>>),
    /// One object a line.
    Ndjson(W),
}

impl<W: Write> CostRows<W> {
    /// Begins with the header line, if the format has one.
    ///
    /// # Errors
    /// Returns an error if the output cannot be written.
    pub fn new(format: TableFormat, out: W) -> Result<Self> {
        Ok(match format {
            TableFormat::Csv => {
                let mut writer = WriterBuilder::new().from_writer(out);
                writer.write_record(CostView::FIELDS)?;
                Self::Csv(Box::new(writer))
            }
            TableFormat::Ndjson => Self::Ndjson(out),
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Returns an error if the output cannot be written.
    pub fn push(&mut self, row: &CostRow, account: &Account) -> Result<()> {
        let view = CostView::of(row, account);
        match self {
            Self::Csv(writer) => {
                let view = serde_json::to_value(view)?;
                let cells = CostView::FIELDS.iter().map(|name| match view.get(name) {
                    Some(Value::String(text)) if WRITTEN.contains(name) => {
                        defused(text).into_owned()
                    }
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Null) | None => String::new(),
                    Some(other) => other.to_string(),
                });
                writer.write_record(cells)?;
            }
            Self::Ndjson(out) => writeln!(out, "{}", serde_json::to_string(&view)?)?,
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Returns an error if the output cannot be written.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Csv(mut writer) => writer.flush()?,
            Self::Ndjson(mut out) => out.flush()?,
        }
        Ok(())
    }
}
