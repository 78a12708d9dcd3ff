//! `callbook number`: registers numbers to accounts, assigns them to vendors, and releases them.

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{
    AssignmentRefusal, Creation, Deletion, Ledger, NumberOwned, Purchase, PurchaseRefusal, Update,
    VendorAssignment,
};
use callbook::model::account::Account;
use callbook::model::number::{AttributionText, NumberChange, RegisteredNumber};
use callbook::model::phone::PhoneNumber;
use callbook::model::sid::PropertySid;
use callbook::model::time::Instant;
use callbook::model::vendor::VendorId;
use callbook::model::vendor_periods::VendorPeriods;
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant};
use crate::args::{AttributionArgs, NumberAddArgs, NumberCommand, NumberVendorArgs, NumbersArgs};
use crate::{output, store};

/// Runs the command.
///
/// # Errors
/// Returns an error if the account or a vendor does not exist, a number could not be registered or released,
/// or DynamoDB does not answer in time.
pub async fn run(command: NumberCommand) -> Result<()> {
    match command {
        NumberCommand::Add(args) => add(*args).await,
        NumberCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            find_account(&ledger, &account).await?;
            let (numbers, vendors) = (
                ledger.numbers(&account).await?,
                ledger.number_vendors(&account).await?,
            );
            let now = Clock::system().now();
            let vendor_of = |number: &PhoneNumber| {
                let found = vendors.iter().find(|found| found.number == *number);
                found.and_then(|found| found.periods.at(now).cloned())
            };
            let numbers: Vec<Value> = numbers
                .iter()
                .map(|number| view(number, vendor_of(&number.number).as_ref()))
                .collect();
            if store.json {
                return output::json(&Value::Array(numbers));
            }
            let rows: Vec<Value> = numbers.iter().map(row).collect();
            output::rows(
                &rows,
                &["number", "vendor_id", "source", "campaign", "registered_at"],
                "The account has no numbers.",
            )
        }
        NumberCommand::Remove(NumbersArgs {
            numbers,
            account,
            store,
        }) => {
            let ledger = store::open(&store).await?;
            find_account(&ledger, &account).await?;
            let mut outcomes = Vec::new();
            for number in &numbers {
                let outcome = match ledger
                    .remove_number(&account, number, ids::guid(), Clock::system().now())
                    .await?
                {
                    Deletion::Deleted => "given back",
                    Deletion::NotFound => "not the account's",
                };
                outcomes.push(json!({ "number": number.as_e164(), "outcome": outcome }));
            }
            report(&outcomes, "not the account's", store.json)
        }
    }
}

/// The change that the options of `number add` ask for, besides the registration.
struct Wanted {
    attribution: NumberChange,
    /// `None` leaves the vendor as it is.
    vendor: Option<WantedVendor>,
}

/// A vendor or none, from a moment until another.
struct WantedVendor {
    vendor: Option<VendorId>,
    from: Instant,
    until: Option<Instant>,
}

async fn add(args: NumberAddArgs) -> Result<()> {
    let NumberAddArgs {
        numbers:
            NumbersArgs {
                numbers,
                account,
                store,
            },
        property,
        vendor,
        attribution,
    } = args;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let now = Clock::system().now();
    let wanted = Wanted {
        attribution: attribution.change()?,
        vendor: vendor.assignment(&account, now)?,
    };
    let named = wanted.vendor.as_ref();
    if let Some(vendor) = named.and_then(|wanted| wanted.vendor.as_ref()) {
        let found = ledger.vendor(&account.id, vendor).await?;
        ensure!(found.is_some(), vendor_not_found(&account, vendor));
    }
    if let Some(property) = &property {
        let found = ledger.property(&account.id, property).await?;
        ensure!(
            found.is_some(),
            "account {} has no property {}; create it with `callbook property create --sid`",
            account.id,
            property.as_str()
        );
    }
    let mut outcomes = Vec::new();
    for number in &numbers {
        let outcome = match ledger.register_number(&account, number, now).await? {
            Creation::Created(()) => "registered",
            Creation::Exists(()) => "registered before",
            Creation::Refused(NumberOwned) => {
                outcomes.push(json!({
                    "number": number.as_e164(), "outcome": "taken by another account",
                }));
                continue;
            }
        };
        let mut shown = json!({ "number": number.as_e164(), "outcome": outcome });
        if let Some(property) = &property {
            assign(&ledger, &account, number, property).await?;
        }
        let periods = change(&ledger, &account, number, &wanted).await?;
        if let (Some(fields), Some(periods)) = (shown.as_object_mut(), periods) {
            fields.insert("vendors".to_owned(), json!(view_periods(&periods)));
        }
        outcomes.push(shown);
    }
    report(&outcomes, "taken by another account", store.json)
}

/// Assigns a registered number to a property, as its purchase would.
async fn assign(
    ledger: &Ledger,
    account: &Account,
    number: &PhoneNumber,
    property: &PropertySid,
) -> Result<()> {
    let purchase = Purchase {
        account,
        property,
        number,
        address: None,
        guid: ids::guid(),
        now: Clock::system().now(),
    };
    let context = ledger.purchase_context(&purchase).await?;
    match ledger.purchase_number(&purchase, context).await? {
        Creation::Created(_) | Creation::Exists(_) => Ok(()),
        Creation::Refused(PurchaseRefusal::OtherProperty) => bail!(
            "{} is assigned to another property; release it first, which ends that assignment",
            number.masked()
        ),
        Creation::Refused(PurchaseRefusal::NumberNotFound | PurchaseRefusal::AddressNotFound) => {
            bail!("{} was released meanwhile", number.masked())
        }
    }
}

/// Changes the attribution and the vendor of a registered number, and returns its periods with vendors if
/// they were to change.
async fn change(
    ledger: &Ledger,
    account: &Account,
    number: &PhoneNumber,
    wanted: &Wanted,
) -> Result<Option<VendorPeriods>> {
    let released = || format!("{} was released meanwhile", number.masked());
    if wanted.attribution != NumberChange::default() {
        let own = ledger.number(&account.id, number).await?;
        let own = own.with_context(released)?;
        let changed = ledger
            .update_number(&account.id, &wanted.attribution, own, None)
            .await?;
        ensure!(matches!(changed, Update::Updated(_)), released());
    }
    let Some(WantedVendor {
        vendor,
        from,
        until,
    }) = &wanted.vendor
    else {
        return Ok(None);
    };
    let assignment = VendorAssignment {
        number,
        vendor: vendor.as_ref(),
        from: *from,
        until: *until,
    };
    match ledger
        .assign_number_vendor(&account.id, &assignment)
        .await?
    {
        Update::Updated(periods) => Ok(Some(periods)),
        Update::NotFound => bail!(released()),
        Update::Refused(AssignmentRefusal::VendorNotFound) => {
            bail!("the vendor was not found")
        }
        Update::Refused(AssignmentRefusal::TooManyPeriods) => bail!(
            "{} has {} periods with vendors, which is the most that a number can have",
            number.masked(),
            VendorPeriods::MOST
        ),
    }
}

fn vendor_not_found(account: &Account, vendor: &VendorId) -> String {
    format!(
        "account {} has no vendor {vendor}; create it with `callbook vendor add {vendor} --account {}`",
        account.id, account.id
    )
}

fn view(number: &RegisteredNumber, vendor: Option<&VendorId>) -> Value {
    let attribution = &number.settings.attribution;
    let text = |text: &Option<AttributionText>| text.as_ref().map(|text| text.as_str().to_owned());
    json!({
        "number": number.number.as_e164(),
        "registered_at": format_instant(number.registered_at),
        "property_sid": number.property_sid().map(PropertySid::as_str),
        "vendor_id": vendor,
        "source": text(&attribution.source),
        "medium": text(&attribution.medium),
        "campaign": text(&attribution.campaign),
        "content": text(&attribution.content),
    })
}

/// Returns a row of the table of numbers, whose long texts are cut.
fn row(number: &Value) -> Value {
    let mut row = number.clone();
    for (name, most) in [("vendor_id", 16), ("source", 10), ("campaign", 10)] {
        if let Some(Value::String(text)) = row.get_mut(name) {
            *text = output::shortened(text, most);
        }
    }
    row
}

/// Returns the periods of a number with vendors, as commands show them.
#[must_use]
pub fn view_periods(periods: &VendorPeriods) -> Vec<Value> {
    let periods = periods.as_slice().iter().map(|period| {
        json!({
            "vendor_id": period.vendor_id,
            "from": format_instant(period.from),
            "until": period.until.map(format_instant),
        })
    });
    periods.collect()
}

impl NumberVendorArgs {
    /// Returns the vendor or none, from a moment until another, or `None` if no option is given.
    fn assignment(self, account: &Account, now: Instant) -> Result<Option<WantedVendor>> {
        let Self {
            vendor,
            no_vendor,
            from,
            until,
        } = self;
        let given = vendor.is_some() || no_vendor;
        ensure!(
            given || (from.is_none() && until.is_none()),
            "--from and --until need --vendor or --no-vendor"
        );
        let read = |what: &str, date: Option<String>| {
            let date = date.map(|date| Instant::parse(&date, &account.zone));
            date.transpose()
                .with_context(|| format!("{what} is not a valid date"))
        };
        let from = read("--from", from)?.unwrap_or(now);
        let until = read("--until", until)?;
        ensure!(
            until.is_none_or(|until| until > from),
            "--until must be later than --from, which is now if it is not given"
        );
        Ok(given.then_some(WantedVendor {
            vendor,
            from,
            until,
        }))
    }
}

impl AttributionArgs {
    /// Returns the change of a number that the options ask for.
    fn change(self) -> Result<NumberChange> {
        let Self {
            source,
            medium,
            campaign,
            content,
        } = self;
        let read = |what: &str, text: Option<String>| {
            let text = text.map(|text| match text.trim() {
                "" => Ok(None),
                text => AttributionText::parse(text).map(Some),
            });
            text.transpose()
                .with_context(|| format!("{what} must be at most 100 characters on one line"))
        };
        Ok(NumberChange {
            source: read("--source", source)?,
            medium: read("--medium", medium)?,
            campaign: read("--campaign", campaign)?,
            content: read("--content", content)?,
            ..NumberChange::default()
        })
    }
}

/// Prints the outcome of each number, and fails if any outcome is `failure`.
fn report(outcomes: &[Value], failure: &str, as_json: bool) -> Result<()> {
    if as_json {
        output::json(&json!(outcomes))?;
    } else {
        output::rows(outcomes, &["number", "outcome"], "")?;
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.get("outcome") == Some(&json!(failure)))
        .count();
    if failed > 0 {
        let all = output::counted(outcomes.len(), "number");
        bail!("{failed} of {all} failed: {failure}");
    }
    Ok(())
}
