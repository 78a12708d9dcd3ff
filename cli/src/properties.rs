//! `callbook property`: creates properties, with sids that clients already have, and lists them.

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, ExistsDifferent};
use callbook::model::property::{Domain, Property};
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant};
use crate::args::{PropertyCommand, PropertyCreateArgs};
use crate::{output, store};

const FIELDS: [&str; 6] = [
    "property_sid",
    "name",
    "main_domain",
    "timezone",
    "active",
    "created_at",
];

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, the sid is taken, or DynamoDB does not answer in time.
pub async fn run(command: PropertyCommand) -> Result<()> {
    match command {
        PropertyCommand::Create(args) => create(args).await,
        PropertyCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let properties = ledger.properties(&account.id).await?;
            let properties: Vec<Value> = properties.iter().map(view).collect();
            if store.json {
                return output::json(&Value::Array(properties));
            }
            let rows = properties.iter().map(row).collect::<Vec<_>>();
            let columns = ["property_sid", "name", "timezone"];
            output::rows(&rows, &columns, "The account has no properties.")
        }
    }
}

async fn create(args: PropertyCreateArgs) -> Result<()> {
    let PropertyCreateArgs {
        name,
        account,
        sid,
        domain,
        timezone,
        store,
    } = args;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let property = Property {
        main_domain: domain,
        zone: timezone,
        ..Property::new(
            sid.unwrap_or_else(ids::property_sid),
            name,
            Clock::system().now(),
        )
    };
    let sid = property.sid.clone();
    let property = match ledger.create_property(&account.id, property, None).await? {
        Creation::Created(property) | Creation::Exists(property) => property,
        Creation::Refused(ExistsDifferent) => bail!(
            "account {} has a property {} already; `callbook property list` lists them",
            account.id,
            sid.as_str()
        ),
    };
    match store.json {
        true => output::json(&view(&property)),
        false => output::record(&view(&property), &FIELDS),
    }
}

fn view(property: &Property) -> Value {
    json!({
        "property_sid": property.sid.as_str(),
        "name": property.name.as_str(),
        "main_domain": property.main_domain.as_ref().map(Domain::as_str),
        "timezone": property.zone_name(),
        "active": !property.inactive,
        "created_at": format_instant(property.created_at),
    })
}

/// A row of the table of properties, whose long texts are cut.
fn row(property: &Value) -> Value {
    let mut row = property.clone();
    for (name, most) in [("name", 20), ("timezone", 20)] {
        if let Some(Value::String(text)) = row.get_mut(name) {
            *text = output::shortened(text, most);
        }
    }
    row
}
