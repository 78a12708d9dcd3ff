//! `/callbook/v1/vendors`: an account's vendors and their terms (contracts/callbook.md).

mod wire;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ledger::{Creation, Update, VendorRefusal, VendorUpdateRefusal};
use callbook::model::text::IdempotencyKey;
use callbook::model::vendor::{Vendor, VendorChange, VendorId};
use callbook::problem::Problem;
use callbook::request::JsonObject;
use callbook::request::page_token::{Cursor, PageKey, Pager};

use wire::{List, VendorView};

/// The `vendors` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "vendors",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Creates a vendor, lists vendors, shows or changes one, or sets its terms.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, `IdempotencyKeyReused`, or
/// an error if DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, body) = resource::receive(unauthenticated).await?;
    match routes::parts(context.request()).as_slice() {
        ["GET", _, _, "vendors"] => list(&context, key).await,
        ["POST", _, _, "vendors"] => create(&context, &body).await,
        ["GET", _, _, "vendors", id] => show(&context, id).await,
        ["PATCH", _, _, "vendors", id] => change(&context, id, &body).await,
        ["PUT", _, _, "vendors", id, "terms"] => set_terms(&context, id, &body).await,
        _ => Err(Problem::NotFound),
    }
}

async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let pager = Pager::new(key, &account.id, request.path(), &())?;
    let mut reader = resource::query(request, &ListPage::FIELDS);
    let page = ListPage::read(&mut reader, pager);
    let (page,) = reader.finish((page,))?;
    context.throttle().await?;
    let after = page.cursor.as_ref().map(|cursor| cursor.after.as_str());
    let after = after.and_then(|after| VendorId::parse(after).ok());
    let found = context
        .ledger()
        .vendors(&account.id, after.as_ref(), page.limit)
        .await?;
    let next = found.last.map(|last| Cursor::after(last.as_str()));
    let vendors = found.vendors.iter();
    Ok(dialect::success(&List {
        vendors: vendors
            .map(|vendor| VendorView::of(vendor, account))
            .collect(),
        next_cursor: page.next(next.as_ref()),
    }))
}

async fn create(context: &Context<'_>, body: &JsonObject) -> Result<Answer, Problem> {
    let (key, vendor) = wire::new_vendor(context.request(), body, context.now())?;
    context.throttle().await?;
    let account = context.account();
    let once = context.once(key.as_ref(), &wire::said(&vendor));
    let created = context
        .ledger()
        .create_vendor(&account.id, vendor, once.as_ref());
    Ok(match created.await? {
        Creation::Created(vendor) => dialect::created(&VendorView::of(&vendor, account)),
        Creation::Exists(vendor) => {
            dialect::replayed(dialect::created(&VendorView::of(&vendor, account)))
        }
        Creation::Refused(VendorRefusal::KeyReused) => return Err(Problem::IdempotencyKeyReused),
        Creation::Refused(VendorRefusal::IdTaken) => dialect::vendor_exists(context.guid()),
    })
}

async fn show(context: &Context<'_>, id: &str) -> Result<Answer, Problem> {
    resource::nothing(context.request())?;
    context.throttle().await?;
    let account = context.account();
    let vendor = match VendorId::parse(id) {
        Ok(id) => context.ledger().vendor(&account.id, &id).await?,
        Err(_) => None,
    };
    Ok(match vendor {
        Some(vendor) => dialect::success(&VendorView::of(&vendor, account)),
        None => dialect::vendor_not_found(context.guid()),
    })
}

async fn change(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    let (key, change) = wire::vendor_change(context.request(), body)?;
    update(context, id, key.as_ref(), change).await
}

async fn set_terms(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    let (key, change) = wire::new_terms(context.request(), body)?;
    update(context, id, key.as_ref(), change).await
}

async fn update(
    context: &Context<'_>,
    id: &str,
    key: Option<&IdempotencyKey>,
    change: VendorChange,
) -> Result<Answer, Problem> {
    context.throttle().await?;
    let account = context.account();
    let Ok(id) = VendorId::parse(id) else {
        return Ok(dialect::vendor_not_found(context.guid()));
    };
    let said = wire::said_of_change(&change);
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let once = context.once(key, &said);
    let ledger = context.ledger();
    let updated = ledger.update_vendor(&account.id, &id, &change, once.as_ref());
    Ok(match updated.await? {
        Update::Updated(updated) => {
            let answer = dialect::success(&VendorView::of(&updated.vendor, account));
            match updated.replayed {
                true => dialect::replayed(answer),
                false => answer,
            }
        }
        Update::NotFound => dialect::vendor_not_found(context.guid()),
        Update::Refused(VendorUpdateRefusal::KeyReused) => {
            return Err(Problem::IdempotencyKeyReused);
        }
        Update::Refused(VendorUpdateRefusal::TooManyTerms) => {
            dialect::too_many_terms(context.guid(), Vendor::MOST_TERMS)
        }
    })
}
