//! `POST /callbook/v1/invoices/check`: a vendor's statement against the ledger (contracts/callbook.md).

mod wire;

use callbook::access::Unauthenticated;
use callbook::dialect::callbook::invoice::InvoiceView;
use callbook::dialect::callbook::{self as dialect, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::model::invoice::compare::compare;
use callbook::problem::Problem;
use callbook::request::RowsBody;

/// The `invoices` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "invoices",
    dialect: Some(Dialect::Callbook),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// The maximum size of a statement in bytes: far above 10,000 lines.
const LARGEST: usize = 2 * 1024 * 1024;

/// The maximum number of rows of one kind in an answer, which a function keeps below 6 MB. A statement has
/// twice as many lines, but only lines that are agreed can be so many without being a mistake.
const MOST_ROWS: usize = 5_000;

/// Compares a statement with the vendor's entries.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field and every line at fault, or an error
/// if DynamoDB does not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let (context, body) = resource::receive_rows(unauthenticated, LARGEST).await?;
    if !context.account().is_migrated() {
        return Ok(dialect::not_migrated(context.guid()));
    }
    let (request, account) = (context.request(), context.account());
    let check = match &body {
        RowsBody::Json(object) => wire::of_json(request, object, account)?,
        RowsBody::Csv(bytes) => wire::of_csv(request, bytes, account)?,
    };
    context.throttle().await?;
    let ledger = context.ledger();
    if ledger.vendor(&account.id, &check.vendor).await?.is_none() {
        return Ok(dialect::vendor_not_found(context.guid()));
    }
    let entries = ledger
        .entries_to_compare(account, &check.vendor, check.range, check.by)
        .await?;
    let comparison = compare(&check.lines, &entries, &account.zone, check.tolerance);
    Ok(dialect::success(&InvoiceView::of(
        &comparison,
        (account, &check.vendor),
        (check.range, check.by, context.now()),
        check.tolerance,
        MOST_ROWS,
    )))
}
