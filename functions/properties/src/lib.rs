//! `/v2/Properties`: what an account's numbers are bought for (contracts/fonedynamics.md).

use callbook::access::{Principal, shows_account};
use callbook::dialect::fonedynamics::list::Wanted;
use callbook::dialect::fonedynamics::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::routes;
use callbook::edge::{App, Function};
use callbook::ids;
use callbook::ledger::{Creation, ExistsDifferent, IdempotentRequest};
use callbook::model::account::Account;
use callbook::model::credential::Product;
use callbook::model::property::{Domain, InvalidDomain, Property, PropertyName};
use callbook::model::time::{Instant, Zone};
use callbook::problem::{Fault, Problem};
use callbook::request::fields::{Fields, invalid, text_fault};
use callbook::request::page_token::ListQuestion;
use callbook::request::{Parameters, Request};
use serde::Serialize;

/// The function.
pub const FUNCTION: Function = Function {
    name: "properties",
    dialect: Some(Dialect::Fonedynamics),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Makes a property, lists them or shows one.
///
/// # Errors
/// Why not.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    shows_account(request)?;
    match (
        request.method(),
        routes::segments(request.path()).as_slice(),
    ) {
        ("POST", ["v2", "Properties"]) => make(app, request).await,
        ("GET", ["v2", "Properties"]) => list(app, request).await,
        ("GET", ["v2", "Properties", sid]) => show(app, request, sid).await,
        _ => Err(Problem::NotFound),
    }
}

async fn admit(app: &App, request: &Request) -> Result<Principal, Problem> {
    let product = Product::Properties;
    app.access()
        .admit_account(app.ledger()?, request, product)
        .await
}

async fn make(app: &App, request: &Request) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let (ledger, now) = (app.ledger()?, request.received());
    let caller = admit(app, request).await?;
    let mut fields = Fields::of(&parameters);
    let key = fields.idempotency_key(request);
    let property = read(&mut fields, &parameters, now);
    let (key, property) = fields.finish((key, property))?;
    app.access().count(ledger, &caller, now).await?;
    let idempotent = key.map(|key| {
        let said = said(&property);
        IdempotentRequest::to_create(
            "properties",
            &said,
            &caller.credential,
            &key,
            request.guid(),
            now,
        )
    });
    let account = &caller.account;
    let created = ledger
        .create_property(&account.id, property, idempotent.as_ref())
        .await?;
    match created {
        Creation::Created(property) => {
            Ok(fonedynamics::success(&PropertyView::of(&property, account)))
        }
        Creation::Exists(property) => {
            Ok(fonedynamics::again(&PropertyView::of(&property, account)))
        }
        Creation::Refused(ExistsDifferent) => Err(Problem::IdempotencyKeyReused),
    }
}

fn read(fields: &mut Fields, parameters: &Parameters, now: Instant) -> Option<Property> {
    let name = fields.required(field::NAME, parameters.sent(field::NAME), |text| {
        PropertyName::parse(text).map_err(text_fault)
    });
    let main_domain = fields.optional(
        field::MAIN_DOMAIN,
        parameters.given(field::MAIN_DOMAIN),
        |text| Domain::parse(text).map_err(domain_fault),
    );
    let zone = fields.optional(
        field::TIME_ZONE,
        parameters.given(field::TIME_ZONE),
        |text| Zone::parse(text).map_err(invalid),
    );
    Some(Property {
        sid: ids::property_sid(),
        name: name?,
        main_domain: main_domain?,
        zone: zone?,
        created_at: now,
    })
}

fn domain_fault(error: InvalidDomain) -> Fault {
    match error {
        InvalidDomain::TooLong => Fault::TooLong(error.to_string()),
        InvalidDomain::Form => invalid(error),
    }
}

/// What a request says of a property, which tells it from one that says something else.
fn said(property: &Property) -> [&str; 3] {
    [
        property.name.as_str(),
        property.main_domain.as_ref().map_or("", Domain::as_str),
        property.zone.as_ref().map_or("", Zone::name),
    ]
}

async fn list(app: &App, request: &Request) -> Result<Answer, Problem> {
    let (ledger, key) = (app.ledger()?, app.page_key()?);
    let caller = admit(app, request).await?;
    let account = &caller.account;
    let question = ListQuestion {
        account: &account.id,
        path: request.path().as_str(),
        filters: &[],
    };
    let mut fields = Fields::new();
    let wanted = Wanted::read(&mut fields, request.query(), key, &question);
    let (wanted, ()) = fields.finish((wanted, Some(())))?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    let properties = ledger.properties(&account.id).await?;
    let name = |property: &Property| property.sid.as_str().to_owned();
    let page = wanted.cut(properties, name, key, &question);
    Ok(fonedynamics::success(&List {
        properties: page
            .rows
            .iter()
            .map(|property| PropertyView::of(property, account))
            .collect(),
        total_count: page.total,
        next_page_token: page.next,
    }))
}

async fn show(app: &App, request: &Request, sid: &str) -> Result<Answer, Problem> {
    let ledger = app.ledger()?;
    let caller = admit(app, request).await?;
    let property = caller.property(ledger, sid).await?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    Ok(fonedynamics::success(&PropertyView::of(
        &property,
        &caller.account,
    )))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct List<'a> {
    properties: Vec<PropertyView<'a>>,
    total_count: usize,
    next_page_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PropertyView<'a> {
    property_sid: &'a str,
    account_sid: &'a str,
    name: &'a str,
    main_domain: Option<&'a str>,
    time_zone: Option<&'a str>,
    created: i64,
}

impl<'a> PropertyView<'a> {
    fn of(property: &'a Property, account: &'a Account) -> Self {
        Self {
            property_sid: property.sid.as_str(),
            account_sid: account.sid.as_str(),
            name: property.name.as_str(),
            main_domain: property.main_domain.as_ref().map(Domain::as_str),
            time_zone: property.zone.as_ref().map(Zone::name),
            created: property.created_at.seconds(),
        }
    }
}
