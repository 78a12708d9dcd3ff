//! `callbook vendor`: adds, shows, lists and updates vendors, their terms and their numbers.

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ledger::{Creation, Update, VendorRefusal, VendorUpdateRefusal};
use callbook::model::account::AccountId;
use callbook::model::vendor::{Terms, TooManyTerms, Vendor, VendorChange, VendorId, VendorName};
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant};
use crate::args::{VendorCommand, VendorRef};
use crate::{output, store};

const FIELDS: [&str; 5] = ["vendor_id", "name", "status", "terms", "created_at"];

/// How many vendors one request to the ledger reads.
const PAGE: usize = 200;

/// Runs the command.
///
/// # Errors
/// Returns an error if the account or the vendor does not exist, the vendor's ID is taken, an argument is not
/// valid, or DynamoDB does not answer in time.
pub async fn run(command: VendorCommand) -> Result<()> {
    match command {
        VendorCommand::Add { vendor, name } => add(vendor, &name).await,
        VendorCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            find_account(&ledger, &account).await?;
            let mut vendors = Vec::new();
            let mut after = None;
            loop {
                let page = ledger.vendors(&account, after.as_ref(), PAGE).await?;
                vendors.extend(page.vendors);
                after = page.last;
                if after.is_none() {
                    break;
                }
            }
            if store.json {
                return output::json(&vendors.iter().map(view).collect());
            }
            let rows: Vec<Value> = vendors.iter().map(row).collect();
            output::rows(
                &rows,
                &["vendor_id", "name", "status", "terms"],
                "The account has no vendors.",
            )
        }
        VendorCommand::Show(VendorRef { id, account, store }) => {
            let ledger = store::open(&store).await?;
            let vendor = ledger.vendor(&account, &id).await?;
            let vendor = vendor.with_context(|| not_found(&account, &id))?;
            show(&vendor, store.json)
        }
        VendorCommand::Update {
            vendor,
            name,
            status,
        } => {
            ensure!(
                name.is_some() || status.is_some(),
                "nothing to change: give --name or --status"
            );
            let change = VendorChange {
                name: name.as_deref().map(parse_name).transpose()?,
                status,
                terms: None,
            };
            update(vendor, &change).await
        }
        VendorCommand::Terms {
            vendor,
            from,
            price,
            minimum_seconds,
            duplicate_days,
        } => {
            let terms = Terms {
                from,
                price,
                minimum_seconds,
                duplicate_days,
            };
            let change = VendorChange {
                terms: Some(terms),
                ..VendorChange::default()
            };
            update(vendor, &change).await
        }
        VendorCommand::Numbers(vendor) => numbers(vendor).await,
    }
}

async fn add(vendor: VendorRef, name: &str) -> Result<()> {
    let VendorRef { id, account, store } = vendor;
    let name = parse_name(name)?;
    let ledger = store::open(&store).await?;
    find_account(&ledger, &account).await?;
    let vendor = Vendor::new(id, name, Clock::system().now());
    let id = vendor.id.clone();
    match ledger.create_vendor(&account, vendor, None).await? {
        Creation::Created(vendor) | Creation::Exists(vendor) => show(&vendor, store.json),
        Creation::Refused(VendorRefusal::IdTaken | VendorRefusal::KeyReused) => bail!(
            "account {account} has a vendor {id} of another name; change it with `callbook vendor update`"
        ),
    }
}

async fn update(vendor: VendorRef, change: &VendorChange) -> Result<()> {
    let VendorRef { id, account, store } = vendor;
    let ledger = store::open(&store).await?;
    match ledger.update_vendor(&account, &id, change, None).await? {
        Update::Updated(updated) => show(&updated.vendor, store.json),
        Update::NotFound => bail!(not_found(&account, &id)),
        Update::Refused(VendorUpdateRefusal::TooManyTerms | VendorUpdateRefusal::KeyReused) => {
            bail!(TooManyTerms)
        }
    }
}

async fn numbers(vendor: VendorRef) -> Result<()> {
    let VendorRef { id, account, store } = vendor;
    let ledger = store::open(&store).await?;
    let found = ledger.vendor(&account, &id).await?;
    found.with_context(|| not_found(&account, &id))?;
    let numbers = ledger.number_vendors(&account).await?;
    let mut rows = Vec::new();
    for number in numbers {
        let periods = number.periods.as_slice().iter();
        rows.extend(
            periods
                .filter(|period| period.vendor_id == id)
                .map(|period| {
                    json!({
                        "number": number.number.as_e164(),
                        "from": format_instant(period.from),
                        "until": period.until.map(format_instant),
                    })
                }),
        );
    }
    if store.json {
        return output::json(&Value::Array(rows));
    }
    let columns = ["number", "from", "until"];
    output::rows(&rows, &columns, "The vendor has no numbers.")
}

fn not_found(account: &AccountId, id: &VendorId) -> String {
    format!(
        "account {account} has no vendor {id}; `callbook vendor list --account {account}` lists its vendors"
    )
}

fn parse_name(text: &str) -> Result<VendorName> {
    VendorName::parse(text).context("the name must be 1 to 100 characters on one line")
}

fn show(vendor: &Vendor, as_json: bool) -> Result<()> {
    let mut view = view(vendor);
    if as_json {
        return output::json(&view);
    }
    if let Some(fields) = view.as_object_mut() {
        let terms: Vec<String> = vendor.terms.iter().map(in_words).collect();
        fields.insert("terms".to_owned(), json!(terms));
    }
    output::record(&view, &FIELDS)
}

fn view(vendor: &Vendor) -> Value {
    let terms = vendor.terms.iter().map(|terms| {
        json!({
            "from": terms.from,
            "price": terms.price.four_places(),
            "minimum_seconds": terms.minimum_seconds,
            "duplicate_days": terms.duplicate_days,
        })
    });
    json!({
        "vendor_id": vendor.id,
        "name": vendor.name,
        "status": vendor.status,
        "terms": terms.collect::<Vec<_>>(),
        "created_at": format_instant(vendor.created_at),
    })
}

/// Returns a row of the table of vendors: the latest terms stand for all of them, and a long name is cut.
fn row(vendor: &Vendor) -> Value {
    let mut row = view(vendor);
    if let Some(fields) = row.as_object_mut() {
        let latest = vendor.terms.last().map(in_words);
        fields.insert("terms".to_owned(), json!(latest));
        let name = output::shortened(vendor.name.as_str(), 18);
        fields.insert("name".to_owned(), json!(name));
    }
    row
}

/// Returns terms in a few words: `25.00 from 2026-12-01, 90 s, 30 d`.
fn in_words(terms: &Terms) -> String {
    let mut text = format!("{} from {}", terms.price, terms.from);
    if terms.minimum_seconds > 0 {
        text.push_str(&format!(", {} s", terms.minimum_seconds));
    }
    if terms.duplicate_days > 0 {
        text.push_str(&format!(", {} d", terms.duplicate_days));
    }
    text
}
