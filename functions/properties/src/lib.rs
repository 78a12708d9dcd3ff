//! `/v2/Properties`: properties, which an account buys numbers for (contracts/fonedynamics.md).

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::fonedynamics::list::PageRequest;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ids;
use callbook::model::account::Account;
use callbook::model::credential::Product;
use callbook::model::field::Field;
use callbook::model::property::{Domain, InvalidDomain, Property, PropertyName, ZoneName};
use callbook::model::time::{Instant, Zone};
use callbook::problem::{Fault, Problem};
use callbook::request::page_token::{PageKey, Pager};
use callbook::request::reader::switch;
use callbook::request::{Parameters, Reader};
use serde::Serialize;

/// The `properties` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "properties",
    dialect: Some(Dialect::Fonedynamics),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Creates a property, lists properties or shows one.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault or for an unknown sid,
/// `IdempotencyKeyReused`, or an error if DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, parameters) =
        resource::receive(unauthenticated, Product::Properties, &["POST"]).await?;
    match routes::parts(context.request()).as_slice() {
        ["POST", "v2", "Properties"] => create(&context, &parameters).await,
        ["GET", "v2", "Properties"] => list(&context, key).await,
        ["GET", "v2", "Properties", sid] => {
            resource::check(&parameters, &[field::PROPERTY_SID])?;
            show(&context, sid).await
        }
        _ => Err(Problem::NotFound),
    }
}

async fn create(context: &Context<'_>, parameters: &Parameters) -> Result<Answer, Problem> {
    let mut reader = Reader::new(parameters);
    resource::only(&mut reader, &CREATED);
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, context.request());
    let property = read(&mut reader, context.now());
    let (key, property) = reader.finish((key, property))?;
    context.throttle().await?;
    let idempotent = context.idempotent("properties", key.as_ref(), &said(&property));
    let created = context
        .ledger()
        .create_property(&context.account().id, property, idempotent.as_ref())
        .await?;
    resource::created(created, |property| answer(context, property))
}

/// The parameters of a new property.
const CREATED: [Field; 6] = [
    field::NAME,
    field::MAIN_DOMAIN,
    field::TIME_ZONE,
    field::SMS_ENABLED,
    field::CALL_RECORDING_ENABLED,
    field::ACTIVE,
];

fn read(reader: &mut Reader<'_>, now: Instant) -> Option<Property> {
    let name = reader.required_sent(field::NAME, |text| Ok(PropertyName::parse(text)?));
    let main_domain = reader.optional(field::MAIN_DOMAIN, |text| {
        Domain::parse(text).map_err(domain_fault)
    });
    let zone = reader.optional(field::TIME_ZONE, |text| {
        let zone = Zone::parse_any(text).map_err(|_| Fault::invalid(ZONE))?;
        Ok((zone, ZoneName::parse(text)?))
    });
    let sms = reader.optional(field::SMS_ENABLED, switch);
    let recording = reader.optional(field::CALL_RECORDING_ENABLED, switch);
    let active = reader.optional(field::ACTIVE, switch);
    let (zone, sent) = zone?.unzip();
    Some(Property {
        main_domain: main_domain?,
        zone_sent: sent.filter(|sent| {
            zone.as_ref()
                .is_none_or(|zone| zone.name() != sent.as_str())
        }),
        zone,
        sms_enabled: sms?.unwrap_or(false),
        call_recording_enabled: recording?.unwrap_or(false),
        inactive: active?.is_some_and(|active| !active),
        ..Property::new(ids::property_sid(), name?, now)
    })
}

/// What a time zone is expected to be.
const ZONE: &str = "expected the name of a time zone of Windows or of IANA, such as AUS Eastern Standard \
                    Time or Australia/Sydney";

fn domain_fault(error: InvalidDomain) -> Fault {
    match error {
        InvalidDomain::TooLong => Fault::TooLong(error.to_string()),
        InvalidDomain::Form => Fault::invalid(error),
    }
}

/// Returns the parameters that identify a request to create a property, for idempotency. Flags that are as
/// they are by default are left out, as in requests of earlier versions.
fn said(property: &Property) -> Vec<&str> {
    let flags = [
        ("SmsEnabled", property.sms_enabled),
        ("CallRecordingEnabled", property.call_recording_enabled),
        ("inactive", property.inactive),
    ];
    let texts = [
        property.name.as_str(),
        property.main_domain.as_ref().map_or("", Domain::as_str),
        property.zone.as_ref().map_or("", Zone::name),
    ];
    let set = flags.into_iter().filter(|(_, set)| *set);
    texts.into_iter().chain(set.map(|(name, _)| name)).collect()
}

async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let pager = Pager::new(key, &account.id, request.path(), &())?;
    let mut reader = Reader::new(request.query());
    resource::only(&mut reader, &PageRequest::FIELDS);
    let page = PageRequest::read(&mut reader, pager);
    let (page,) = reader.finish((page,))?;
    context.throttle().await?;
    let properties = context.ledger().properties(&account.id).await?;
    let page = page.page(properties, |property| property.sid.as_str().to_owned());
    Ok(fonedynamics::success(&List {
        projects: page
            .rows
            .iter()
            .map(|property| PropertyView::of(property, account))
            .collect(),
        total_count: page.total,
        next_page_token: page.next_token,
    }))
}

async fn show(context: &Context<'_>, sid: &str) -> Result<Answer, Problem> {
    let property = context.property(sid).await?;
    context.throttle().await?;
    Ok(answer(context, &property))
}

fn answer(context: &Context<'_>, property: &Property) -> Answer {
    fonedynamics::success(&One {
        property: PropertyView::of(property, context.account()),
    })
}

/// One property.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct One<'a> {
    property: PropertyView<'a>,
}

/// A page of properties, which the vendor calls projects here.

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct List<'a> {
    projects: Vec<PropertyView<'a>>,
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
    sms_enabled: bool,
    call_recording_enabled: bool,
    active: bool,
    created: i64,
}

impl<'a> PropertyView<'a> {
    fn of(property: &'a Property, account: &'a Account) -> Self {
        Self {
            property_sid: property.sid.as_str(),
            account_sid: account.sid.as_str(),
            name: property.name.as_str(),
            main_domain: property.main_domain.as_ref().map(Domain::as_str),
            time_zone: property.zone_name(),
            sms_enabled: property.sms_enabled,
            call_recording_enabled: property.call_recording_enabled,
            active: !property.inactive,
            created: property.created_at.seconds(),
        }
    }
}
