//! `callbook credential update`: changes what a credential may do, how often, from where and until when.

use std::fmt::Display;

use anyhow::{Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ledger::{CredentialUpdateRefusal, Update};
use callbook::model::credential::{Credential, CredentialKind, Limits, Product, Role};
use callbook::model::phone::PhoneNumber;
use callbook::model::rules::{EndpointRule, IpRule};
use callbook::model::time::{Instant, Zone};
use callbook::model::vendor::VendorId;
use serde_json::Value;

use super::named::named;
use super::options::{billing_options, may_only_read, note_products, role_option, starts_option};
use super::view::{FIELDS, not_found, vendor_not_found, view};
use crate::accounts::{find_account, parse_name};
use crate::args::{CredentialRef, CredentialUpdateArgs, CredentialValues, LimitValues};
use crate::{output, store};

/// Runs the command.
///
/// # Errors
/// Returns one error for all options that are not valid or not for the credential's kind. Returns an error if the
/// credential or the vendor does not exist, the credential is revoked, or DynamoDB does not answer in time.
pub async fn run(args: CredentialUpdateArgs) -> Result<()> {
    let CredentialUpdateArgs {
        credential:
            CredentialRef {
                name: wanted,
                account,
                store,
            },
        values,
        limits,
    } = args;
    let ledger = store::open(&store).await?;
    let zone = find_account(&ledger, &account).await?.zone;
    let found = &named(&ledger, &account, &wanted).await?;
    let id = found.id.clone();
    let now = Clock::system().now();
    let (changes, mut faults) = Changes::read(values, limits, found, (&zone, now));
    ensure!(
        changes.any() || !faults.is_empty(),
        "nothing to change (see `callbook credential update --help`)"
    );
    let mut wanted = found.clone();
    changes.apply(&mut wanted);
    if wanted.read_only && wanted.carrier {
        faults.push(
            "--read-only and --carrier contradict each other: to end a call is to write".to_owned(),
        );
    }
    ensure!(faults.is_empty(), faults.join("\n"));
    note_products(found.kind, changes.products.as_deref().unwrap_or_default());
    let change = |credential: &mut Credential| changes.apply(credential);
    let updated = match ledger.update_credential(&account, &id, change).await? {
        Update::Updated(credential) => view(&credential),
        Update::NotFound => bail!(not_found(&account, id.as_str())),
        Update::Refused(CredentialUpdateRefusal::Revoked) => {
            bail!("{id} is revoked, which cannot be undone; create a new credential")
        }
        Update::Refused(CredentialUpdateRefusal::VendorNotFound) => {
            bail!(vendor_not_found(&account))
        }
    };
    match store.json {
        true => output::json(&updated)?,
        false => output::record(&updated, &FIELDS)?,
    }
    say_changes(&view(found), &updated);
    Ok(())
}

/// Says what is different now, and when functions know.
fn say_changes(before: &Value, after: &Value) {
    let mut changed = false;
    for field in FIELDS {
        let (old, new) = (&before[field], &after[field]);
        if old != new {
            output::note(&format!(
                "changed {field}: {} -> {}",
                shown(old),
                shown(new)
            ));
            changed = true;
        }
    }
    output::note(match changed {
        true => "Functions see the change within 30 seconds.",
        false => "Nothing changed: it was so already.",
    });
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Array(values) if values.is_empty() => "any".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What is to be changed. `None` leaves a value as it is.
#[derive(Default)]
struct Changes {
    label: Option<String>,
    expires: Option<Option<Instant>>,
    addresses: Option<Vec<IpRule>>,
    endpoints: Option<Vec<EndpointRule>>,
    products: Option<Vec<Product>>,
    role: Option<Role>,
    vendor: Option<Option<VendorId>>,
    dids: Option<Vec<PhoneNumber>>,
    carrier: Option<bool>,
    read_only: Option<bool>,
    silent_after: Option<u32>,
    /// Each limit, in the order of [`Limits`].
    limits: [Option<u32>; 5],
}

/// Every fault of the options.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// Reads a value, or notes why it cannot be.
    fn value<T, E: Display>(
        &mut self,
        option: &str,
        text: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        parse(text)
            .map_err(|error| self.0.push(format!("{option} {text:?}: {error}")))
            .ok()
    }

    /// Reads the values of an option that replace those of before; `any` removes all of them.
    fn list<T, E: Display>(
        &mut self,
        option: &str,
        (texts, any): (&[String], bool),
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let values = texts.iter();
        let values: Vec<T> = values
            .filter_map(|text| self.value(option, text, &parse))
            .collect();
        (any || !texts.is_empty()).then_some(values)
    }

    fn check(&mut self, fault: Option<String>) {
        self.0.extend(fault);
    }
}

impl Changes {
    /// Reads the options for a credential, with everything that is wrong with them.
    fn read(
        values: CredentialValues,
        limits: LimitValues,
        found: &Credential,
        (zone, now): (&Zone, Instant),
    ) -> (Self, Vec<String>) {
        let mut faults = Faults::default();
        let label = values.label.as_deref().map(str::trim).and_then(|label| {
            match label {
                // An empty label is no label.
                "" => Some(String::new()),
                _ => faults.value("--label", label, |text| parse_name("a label", text)),
            }
        });
        let expires = values.expires.as_deref().and_then(|text| {
            let expires = faults.value("--expires", text, |text| Instant::parse(text, zone))?;
            if expires <= now {
                faults.0.push(format!("--expires {text:?} is in the past"));
            }
            Some(expires)
        });
        let ips = (values.ips.as_slice(), values.any_ip);
        let paths = (values.endpoints.as_slice(), values.any_endpoint);
        let dids = (values.dids.as_slice(), values.any_did);
        let vendor = values.vendor.as_deref();
        let changes = Self {
            label,
            expires: (expires.is_some() || values.no_expiry).then_some(expires),
            addresses: faults.list("--ip", ips, IpRule::parse),
            endpoints: faults.list("--endpoint", paths, EndpointRule::parse),
            products: faults.list("--product", (values.products.as_slice(), false), product),
            role: values
                .role
                .and_then(|role| faults.value("--role", &role, Role::parse)),
            vendor: match vendor {
                Some(id) => faults.value("--vendor", id, VendorId::parse).map(Some),
                None => values.no_vendor.then_some(None),
            },
            dids: faults.list("--did", dids, PhoneNumber::parse),
            carrier: values.carrier,
            read_only: values.read_only,
            silent_after: values
                .silent_after
                .and_then(|text| faults.value("--silent-after", &text, silence)),
            limits: [
                ("--per-second", limits.per_second),
                ("--per-minute", limits.per_minute),
                ("--per-day", limits.per_day),
                ("--per-month", limits.per_month),
                ("--starts-per-minute", limits.starts_per_minute),
            ]
            .map(|(option, text)| text.and_then(|text| faults.value(option, &text, count))),
        };
        faults.check_kind(
            &changes,
            found.kind,
            (vendor.is_some(), !values.dids.is_empty()),
        );
        (changes, faults.0)
    }

    fn any(&self) -> bool {
        let Self {
            label,
            expires,
            addresses,
            endpoints,
            products,
            role,
            vendor,
            dids,
            carrier,
            read_only,
            silent_after,
            limits,
        } = self;
        label.is_some()
            || expires.is_some()
            || addresses.is_some()
            || endpoints.is_some()
            || products.is_some()
            || role.is_some()
            || vendor.is_some()
            || dids.is_some()
            || carrier.is_some()
            || read_only.is_some()
            || silent_after.is_some()
            || limits.iter().any(Option::is_some)
    }

    fn apply(&self, credential: &mut Credential) {
        fn set<T: Clone>(value: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                value.clone_from(new);
            }
        }
        set(&mut credential.label, self.label.as_ref());
        set(&mut credential.expires, self.expires.as_ref());
        set(&mut credential.addresses, self.addresses.as_ref());
        set(&mut credential.endpoints, self.endpoints.as_ref());
        set(&mut credential.vendor, self.vendor.as_ref());
        set(&mut credential.dids, self.dids.as_ref());
        set(&mut credential.carrier, self.carrier.as_ref());
        set(&mut credential.read_only, self.read_only.as_ref());
        if let Some(minutes) = self.silent_after {
            credential.silent_after = Some(minutes).filter(|minutes| *minutes > 0);
        }
        if let Some(role) = self.role {
            credential.set_role(role);
        }
        if let Some(products) = &self.products {
            credential.products.clone_from(products);
            // A user of an earlier version has a role from now on, so that its products alone count.
            credential.role = credential.role();
        }
        let Limits {
            per_second,
            per_minute,
            per_day,
            per_month,
            starts_per_minute,
        } = &mut credential.limits;
        let [second, minute, day, month, starts] = self.limits;
        let windows = [
            (per_second, second),
            (per_minute, minute),
            (per_day, day),
            (per_month, month),
        ];
        for (limit, new) in windows {
            if let Some(new) = new {
                *limit = Some(new).filter(|new| *new > 0);
            }
        }
        // 0 is kept, because an absent limit on starts is the default one.
        *starts_per_minute = starts.or(*starts_per_minute);
    }
}

impl Faults {
    /// Checks that no option is without effect on the credential's kind.
    fn check_kind(
        &mut self,
        changes: &Changes,
        kind: CredentialKind,
        (vendor, dids): (bool, bool),
    ) {
        let (vendor, dids) = (
            vendor || changes.vendor.is_some(),
            dids || changes.dids.is_some(),
        );
        self.check(billing_options(kind, vendor, dids));
        self.check(role_option(kind, changes.role.is_some()));
        self.check(starts_option(kind, changes.limits[4].is_some()));
        let carrier = changes.carrier.is_some() && kind != CredentialKind::Truecnam;
        self.check(carrier.then(|| {
            let kind = kind.as_str();
            format!(
                "--carrier is only for truecnam credentials; a {kind} credential cannot end calls"
            )
        }));
        let read_only = changes.read_only.is_some() && !may_only_read(kind);
        self.check(read_only.then(|| {
            "--read-only is only for fonedynamics, truecnam and integrator credentials".to_owned()
        }));
    }
}

fn product(text: &str) -> Result<Product, String> {
    let found = Product::ALL
        .into_iter()
        .find(|product| product.as_str() == text);
    found.ok_or_else(|| {
        let all: Vec<&str> = Product::ALL
            .iter()
            .map(|product| product.as_str())
            .collect();
        format!("expected one of {}", all.join(", "))
    })
}

fn count(text: &str) -> Result<u32, &'static str> {
    text.parse()
        .map_err(|_| "expected a whole number, or 0 for no limit")
}

fn silence(text: &str) -> Result<u32, &'static str> {
    let minutes = text.parse().ok();
    minutes
        .filter(|minutes| matches!(minutes, 0 | 5..=43_200))
        .ok_or("expected 5 to 43200 minutes, or 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_watched_after_five_minutes_to_thirty_days_or_not_at_all() {
        for (minutes, taken) in [
            ("0", true),
            ("4", false),
            ("5", true),
            ("43200", true),
            ("43201", false),
            ("-5", false),
        ] {
            assert_eq!(silence(minutes).is_ok(), taken, "{minutes}");
        }
    }
}
