//! What an operator prepares before vendors send anything: credentials, an inventory, vendors of numbers, a webhook.

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Ledger, Update, VendorAssignment};
use callbook::model::credential::{CredentialKind, NewCredential, Role, Status};
use callbook::model::event::EventType;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook::model::vendor::VendorId;
use callbook::model::webhook::{Description, Endpoint, EndpointState, EndpointUrl, WebhookFormat};
use jiff::Timestamp;

use super::cast::{DELTA, NUMBERS, VENDORS};
use crate::demo::{Demo, FORMER, Pair};
use crate::{credentials, inventory};

/// Nobody listens at the port for discarded traffic.
const RECEIVER: &str = "http://127.0.0.1:9/callbook";

const RECEIVER_NAME: &str = "CRM (nobody listens there)";

/// What the receiver would be told of.
const EVENTS: [&str; 2] = ["cost.refused", "credential.refused"];

pub struct Operator<'a> {
    pub demo: &'a Demo,
    pub ledger: &'a Ledger,
}

impl Operator<'_> {
    /// Creates a key for each vendor, a key that is disabled, and a user who only reads.
    pub async fn credentials(&self) -> Result<()> {
        let account = &self.demo.account.account_id;
        let data = &self.demo.demo_data;
        for (name, pair) in &data.vendors {
            let former = name == FORMER;
            let vendor = match former {
                true => VENDORS.get(DELTA).map_or("", |vendor| vendor.id),
                false => name.as_str(),
            };
            let new = NewCredential {
                label: label(name),
                vendor: Some(VendorId::parse(vendor)?),
                ..NewCredential::of(CredentialKind::Tld, account.clone())
            };
            let Pair { api_id, api_key } = pair;
            let status = if former {
                Status::Disabled
            } else {
                Status::Active
            };
            self.credential(new, api_id, api_key, status).await?;
        }
        let viewer = NewCredential {
            label: "Reads only".to_owned(),
            role: Some(Role::Viewer),
            ..NewCredential::of(CredentialKind::User, account.clone())
        };
        let login = &data.viewer;
        self.credential(viewer, &login.username, &login.password, Status::Active)
            .await
    }

    async fn credential(
        &self,
        new: NewCredential,
        name: &str,
        secret: &str,
        status: Status,
    ) -> Result<()> {
        let (kind, account) = (new.kind, new.account.clone());
        if self.ledger.credential(kind, name).await?.is_some() {
            return Ok(());
        }
        let (credential, _secret) = new.issue(
            ids::credential_id(),
            name.to_owned(),
            secret.to_owned(),
            Clock::system().now(),
        );
        credentials::save(self.ledger, &credential).await?;
        if status != Status::Active {
            let set = self
                .ledger
                .set_credential_status(&account, &credential.id, status);
            ensure!(
                matches!(set.await?, Update::Updated(())),
                "credential {} was revoked meanwhile",
                credential.id
            );
        }
        Ok(())
    }

    /// Puts the numbers into the inventory, from which they are bought.
    pub async fn inventory(&self) -> Result<()> {
        for number in &NUMBERS {
            let kind = if number.toll_free {
                "Toll-Free"
            } else {
                "Local"
            };
            let [region, locality] = number.place;
            let row = [number.e164, kind, "Voice,SMS", "US", region, locality];
            inventory::put(
                self.ledger,
                &crate::demo::fonedynamics::inventory_number(row)?,
            )
            .await?;
        }
        Ok(())
    }

    /// Gives each number to its vendor, from a moment on.
    pub async fn vendors_of_numbers(&self, from: Timestamp) -> Result<()> {
        for number in &NUMBERS {
            let vendor = number.vendor.and_then(|vendor| VENDORS.get(vendor));
            let Some(vendor) = vendor else {
                continue;
            };
            let assigned = PhoneNumber::parse_e164(number.e164)?;
            let vendor = VendorId::parse(vendor.id)?;
            let assignment = VendorAssignment {
                number: &assigned,
                vendor: Some(&vendor),
                from: Instant::from_millis(from.as_millisecond()),
                until: None,
            };
            let account = &self.demo.account.account_id;
            match self
                .ledger
                .assign_number_vendor(account, &assignment)
                .await?
            {
                Update::Updated(_) => {}
                Update::NotFound | Update::Refused(_) => {
                    bail!("{} cannot be given to {}", assigned.masked(), vendor)
                }
            }
        }
        Ok(())
    }

    /// Creates the webhook whose deliveries fail, if it is not there.
    pub async fn webhook(&self) -> Result<()> {
        let account = &self.demo.account.account_id;
        let description = Description::parse(RECEIVER_NAME)?;
        let webhooks = self.ledger.webhooks(account).await?;
        let is_there = |webhook: &Endpoint| webhook.description.as_ref() == Some(&description);
        if webhooks.iter().any(is_there) {
            return Ok(());
        }
        let events: Result<_, _> = EVENTS.into_iter().map(EventType::parse).collect();
        let endpoint = Endpoint {
            id: ids::endpoint_id(),
            url: EndpointUrl::parse_local(RECEIVER)?,
            format: WebhookFormat::Standard,
            method: None,
            events: Some(events?),
            description: Some(description),
            status: EndpointState::Enabled,
            off_reason: None,
            off_since: None,
            concurrency: Default::default(),
            created_at: Clock::system().now(),
            revision: 0,
        };
        let secret = ids::signing_secret();
        let secret = secret.context("the system's random number generator failed")?;
        let _created = self
            .ledger
            .create_webhook(account, endpoint, secret, None)
            .await?;
        Ok(())
    }
}

/// A vendor's name as the label of its key.
fn label(id: &str) -> String {
    if id == FORMER {
        return "Delta Transfer, former key".to_owned();
    }
    let vendor = VENDORS.iter().find(|vendor| vendor.id == id);
    vendor.map_or(id, |vendor| vendor.name).to_owned()
}
