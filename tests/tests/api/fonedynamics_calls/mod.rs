//! `/v2/Calls/{sid}`, `/v2/Properties/{sid}/Calls` and `/v2/Accounts/{sid}/Calls`
//! (contracts/fonedynamics.md).

mod assignments;
mod bounds;
mod changes;
mod faults;
mod filters;
mod goldens;
mod ledger;
mod pages;
mod ranges;
mod recording;
mod refusals;

use callbook::model::account::Account;
use callbook::model::property::PropertySid;
use callbook_tests::fd_calls::{list, of_account, of_property, property, record, token};
use callbook_tests::{Key, World};
use serde_json::Value;

/// A number of the account, as requests contain it.
const OURS: &str = "+18005550100";
/// Another number of the account.
const OTHER: &str = "+18005550199";
/// A caller.
const JANE: &str = "+12069735100";
/// Another caller.
const JOHN: &str = "+13105550111";

/// An account with a property and a token.
struct Desk {
    world: World,
    account: Account,
    key: Key,
    property: PropertySid,
}

impl Desk {
    async fn new() -> Self {
        Self::on(World::new().await).await
    }

    async fn on(world: World) -> Self {
        let account = world.account().await;
        let key = token(&world, &account).await;
        let property = property(&world, &account, None).await;
        Self {
            world,
            account,
            key,
            property,
        }
    }

    /// Records a call from one number to another, with more parameters.
    async fn record(&self, from: &str, to: &str, more: &[(&str, &str)]) -> Value {
        let pair = [("From", from), ("To", to)];
        record(
            &self.world,
            &self.key,
            &self.property,
            &[&pair, more].concat(),
        )
        .await
    }

    /// The property's calls.
    async fn calls(&self, parameters: &[(&str, &str)]) -> Value {
        list(
            &self.world,
            &self.key,
            &of_property(&self.property),
            parameters,
        )
        .await
    }

    /// The account's calls.
    async fn all(&self, parameters: &[(&str, &str)]) -> Value {
        list(
            &self.world,
            &self.key,
            &of_account(&self.account),
            parameters,
        )
        .await
    }
}

/// The path of a call, from an answer that shows it.
fn path_of(call: &Value) -> String {
    format!("/v2/Calls/{}", call["CallSid"].as_str().expect("a sid"))
}
