//! `callbook address`: creates addresses, with sids that clients already have, and lists them.

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, ExistsDifferent};
use callbook::model::address::Address;
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant};
use crate::args::{AddressCommand, AddressCreateArgs};
use crate::{output, store};

const FIELDS: [&str; 11] = [
    "address_sid",
    "friendly",
    "reference",
    "line1",
    "line2",
    "city",
    "region",
    "country",
    "postal_code",
    "numbers",
    "created_at",
];

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, the sid is taken, or DynamoDB does not answer in time.
pub async fn run(command: AddressCommand) -> Result<()> {
    match command {
        AddressCommand::Create(args) => create(*args).await,
        AddressCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let addresses = ledger.addresses(&account.id).await?;
            let addresses: Vec<Value> = addresses.iter().map(view).collect();
            if store.json {
                return output::json(&Value::Array(addresses));
            }
            let rows = addresses.iter().map(row).collect::<Vec<_>>();
            let columns = ["address_sid", "line1", "city", "country"];
            output::rows(&rows, &columns, "The account has no addresses.")
        }
    }
}

async fn create(args: AddressCreateArgs) -> Result<()> {
    let AddressCreateArgs {
        account,
        sid,
        friendly,
        reference,
        line1,
        line2,
        city,
        state,
        country,
        postal_code,
        store,
    } = args;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let address = Address {
        sid: sid.unwrap_or_else(ids::address_sid),
        friendly,
        reference,
        line1,
        line2,
        city,
        region: state,
        country,
        postal_code,
        created_at: Clock::system().now(),
        links: 0,
    };
    let sid = address.sid.clone();
    let address = match ledger.create_address(&account.id, address, None).await? {
        Creation::Created(address) | Creation::Exists(address) => address,
        Creation::Refused(ExistsDifferent) => bail!(
            "account {} has an address {} already; `callbook address list` lists them",
            account.id,
            sid.as_str()
        ),
    };
    match store.json {
        true => output::json(&view(&address)),
        false => output::record(&view(&address), &FIELDS),
    }
}

fn view(address: &Address) -> Value {
    json!({
        "address_sid": address.sid.as_str(),
        "friendly": address.friendly,
        "reference": address.reference,
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "region": address.region,
        "country": address.country.as_str(),
        "postal_code": address.postal_code,
        "numbers": address.links,
        "created_at": format_instant(address.created_at),
    })
}

/// A row of the table of addresses, whose long texts are cut.
fn row(address: &Value) -> Value {
    let mut row = address.clone();
    for (name, most) in [("line1", 20), ("city", 14)] {
        if let Some(Value::String(text)) = row.get_mut(name) {
            *text = output::shortened(text, most);
        }
    }
    row
}
