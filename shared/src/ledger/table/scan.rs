//! Reading the whole table: for operators' commands, which look for what no access pattern finds.

use std::pin::pin;

use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{Stream, TryStreamExt, stream};

use crate::ledger::table::error::{StoreError, translate};
use crate::ledger::table::item::Item;
use crate::ledger::table::store::Ledger;

/// A read of the whole table, or of a part of it, strongly consistent. Items that are written meanwhile are read as they
/// are before or after that.
#[derive(Clone)]
pub(in crate::ledger) struct TableScan(ScanFluentBuilder);

/// A page of a scan.
pub(in crate::ledger) struct ScanPage {
    pub(in crate::ledger) items: Vec<Item>,
    /// How many items were read, including those that the filter left out.
    pub(in crate::ledger) scanned: u64,
}

impl Ledger {
    /// A read of the whole table.
    pub(in crate::ledger) fn scan(&self) -> TableScan {
        let scan = self.client.scan().table_name(&self.table);
        TableScan(scan.consistent_read(true))
    }
}

impl TableScan {
    /// Finds only what fulfils a condition of DynamoDB.
    pub(in crate::ledger) fn filter(self, condition: &str) -> Self {
        Self(self.0.filter_expression(condition))
    }

    /// Reads only these attributes.
    pub(in crate::ledger) fn projection(self, attributes: &str) -> Self {
        Self(self.0.projection_expression(attributes))
    }

    /// The attribute that an expression has another name for.
    pub(in crate::ledger) fn name(self, short: &str, attribute: &str) -> Self {
        Self(self.0.expression_attribute_names(short, attribute))
    }

    /// A value of an expression.
    pub(in crate::ledger) fn value(self, name: &str, value: AttributeValue) -> Self {
        Self(self.0.expression_attribute_values(name, value))
    }

    /// Reads one part of so many.
    pub(in crate::ledger) fn part(self, part: i32, parts: i32) -> Self {
        Self(self.0.segment(part).total_segments(parts))
    }

    /// The pages. Each is an error if DynamoDB does not answer in time.
    pub(in crate::ledger) fn pages(self) -> impl Stream<Item = Result<ScanPage, StoreError>> {
        let first = Some((self.0, None));
        stream::try_unfold(first, async |left| {
            let Some((scan, start)) = left else {
                return Ok(None);
            };
            let page = scan.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(translate)?;
            let next = page.last_evaluated_key.map(|start| (scan, Some(start)));
            let read = ScanPage {
                items: page.items.unwrap_or_default(),
                scanned: u64::try_from(page.scanned_count).unwrap_or(0),
            };
            Ok(Some((read, next)))
        })
    }

    /// Hands each page to `each`. `progress` is told how many items were read.
    ///
    /// # Errors
    /// Returns what `each` returns, and [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub(in crate::ledger) async fn each(
        self,
        progress: &(dyn Fn(u64) + Sync),
        mut each: impl AsyncFnMut(Vec<Item>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut pages = pin!(self.pages());
        let mut read = 0;
        while let Some(page) = pages.try_next().await? {
            read += page.scanned;
            progress(read);
            each(page.items).await?;
        }
        Ok(())
    }
}
