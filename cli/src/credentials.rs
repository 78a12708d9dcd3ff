//! `callbook credential ...`

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, CredentialRevoked, ExistsDifferent, Ledger, Update};
use callbook::model::account::AccountId;
use callbook::model::credential::{
    Credential, CredentialKind, IssuedSecret, Limits, NewCredential, Status,
};
use callbook::model::id::CredentialId;
use callbook::model::time::Instant;
use serde_json::{Value, json};

use crate::accounts::{find, named, when};
use crate::args::{CredentialArgs, CredentialCommand, LimitArgs, OneCredential};
use crate::{output, store};

const FIELDS: [&str; 19] = [
    "credential_id",
    "account_id",
    "accounts",
    "kind",
    "name",
    "label",
    "status",
    "expires",
    "products",
    "endpoints",
    "ips",
    "limits",
    "carrier",
    "read_only",
    "api_id",
    "api_key",
    "username",
    "password",
    "created_at",
];

/// Runs the command.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(command: CredentialCommand) -> Result<()> {
    match command {
        CredentialCommand::Create(args) => create(*args).await,
        CredentialCommand::List { account, store } => {
            let ledger = store::open(&store).await;
            find(&ledger, &account).await?;
            let credentials = ledger.credentials(&account).await?;
            if store.json {
                return output::json(&credentials.iter().map(view).collect());
            }
            let columns = [
                "credential_id",
                "kind",
                "name",
                "label",
                "status",
                "expires",
                "limits",
                "rules",
                "created_at",
            ];
            let rows: Vec<Value> = credentials.iter().map(row).collect();
            output::rows(&rows, &columns, "The account has no credential.")
        }
        CredentialCommand::Show(OneCredential { id, account, store }) => {
            let ledger = store::open(&store).await;
            let credentials = ledger.credentials(&account).await?;
            let shown = credentials.iter().find(|credential| credential.id == id);
            let shown = view(shown.with_context(|| unknown(&account, &id))?);
            if store.json {
                output::json(&shown)
            } else {
                output::record(&shown, &FIELDS)
            }
        }
        CredentialCommand::Disable(one) => set_status(one, Status::Disabled).await,
        CredentialCommand::Enable(one) => set_status(one, Status::Active).await,
        CredentialCommand::Revoke(one) => set_status(one, Status::Revoked).await,
    }
}

fn unknown(account: &AccountId, id: &CredentialId) -> String {
    format!(
        "account {account} has no credential {id}; `callbook credential list --account {account}` shows them all"
    )
}

/// Refuses what a credential of the kind would carry to no effect.
fn check_fit(args: &CredentialArgs) -> Result<()> {
    let kind = args.kind;
    let named = matches!(kind, CredentialKind::User | CredentialKind::Integrator);
    ensure!(
        named || (args.accounts.len() == 1 && args.username.is_none()),
        "only a user and an integrator have a --username or more than one --account"
    );
    ensure!(
        !args.carrier || kind == CredentialKind::Truecnam,
        "--carrier is for truecnam: a {} credential ends no calls",
        kind.as_str()
    );
    ensure!(
        !args.read_only || kind == CredentialKind::Fonedynamics,
        "--read-only is for fonedynamics: it would not stop a {} credential from writing",
        kind.as_str()
    );
    // Let through: a key that its vendor is to find refused as not for the product.
    for product in &args.products {
        if !kind.products().contains(product) {
            let (kind, product) = (kind.as_str(), product.as_str());
            output::note(&format!(
                "note: no request with a {kind} credential is for {product}"
            ));
        }
    }
    Ok(())
}

async fn create(args: CredentialArgs) -> Result<()> {
    check_fit(&args)?;
    let CredentialArgs {
        kind,
        accounts,
        username,
        label,
        expires,
        products,
        endpoints,
        ips,
        limits,
        carrier,
        read_only,
        store,
    } = args;
    let label = match label.trim() {
        "" => String::new(),
        label => named("a label", label)?,
    };
    let ledger = store::open(&store).await;
    let mut found = Vec::new();
    for id in &accounts {
        found.push(find(&ledger, id).await?);
    }
    let mut found = found.into_iter();
    let account = found.next().context("--account is missing")?;
    let expires = expires
        .map(|date| Instant::parse(&date, &account.zone).context("--expires is no date"))
        .transpose()?;
    let now = Clock::system().now();
    ensure!(
        expires.is_none_or(|expires| expires > now),
        "--expires is in the past"
    );
    let new = NewCredential {
        kind,
        account: account.id,
        accounts: found.map(|account| account.id).collect(),
        label,
        expires,
        products,
        endpoints,
        addresses: ips,
        limits: limits.of(kind),
        carrier,
        read_only,
    };
    let name = match kind {
        CredentialKind::Fonedynamics => Some(account.sid.as_str().to_owned()),
        _ => username,
    };
    let (credential, secret) = issue(new, name)?;
    keep(&ledger, &credential).await?;
    let mut shown = view(&credential);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("name");
        fields.extend(secret_fields(kind, secret));
    }
    if store.json {
        return output::json(&shown);
    }
    output::record(&shown, &FIELDS)?;
    output::note("The secret is shown this once; the ledger keeps only its hash.");
    Ok(())
}

/// Issues a credential with random parts, and a random name where none is chosen.
///
/// # Errors
/// The machine has no entropy to give.
fn issue(new: NewCredential, name: Option<String>) -> Result<(Credential, IssuedSecret)> {
    let secret = ids::secret().context("this machine has no entropy for a secret")?;
    Ok(new.issue(
        ids::credential_id(),
        name.unwrap_or_else(ids::credential_name),
        secret,
        Clock::system().now(),
    ))
}

/// Writes a new credential to the ledger.
///
/// # Errors
/// The store's.
pub async fn keep(ledger: &Ledger, credential: &Credential) -> Result<()> {
    match ledger.create_credential(credential).await? {
        Creation::Created(()) | Creation::Exists(()) => Ok(()),
        Creation::Refused(ExistsDifferent) => bail!(
            "the name {} is taken: names are never given again, not even after a revocation",
            credential.name
        ),
    }
}

async fn set_status(one: OneCredential, status: Status) -> Result<()> {
    let OneCredential { id, account, store } = one;
    let ledger = store::open(&store).await;
    match ledger.set_credential_status(&account, &id, status).await? {
        Update::Updated(()) => {}
        Update::NotFound => bail!(unknown(&account, &id)),
        Update::Refused(CredentialRevoked) => {
            bail!("{id} was revoked, and that is for good; make a new one")
        }
    }
    let changed = json!({ "credential_id": id.as_str(), "status": status.as_str() });
    if store.json {
        output::json(&changed)
    } else {
        output::record(&changed, &FIELDS)
    }
}

/// Everything about a credential but its secret's hash, which for a key without a name is its name too.
fn view(credential: &Credential) -> Value {
    let name = match credential.kind {
        CredentialKind::Trestle | CredentialKind::Fonedynamics => Value::Null,
        _ => json!(credential.name),
    };
    json!({
        "credential_id": credential.id.as_str(),
        "account_id": credential.account.as_str(),
        "accounts": credential.accounts,
        "kind": credential.kind.as_str(),
        "name": name,
        "label": credential.label,
        "status": credential.status.as_str(),
        "expires": credential.expires.map(when),
        "products": credential.products,
        "endpoints": credential.endpoints,
        "ips": credential.addresses,
        "limits": credential.limits,
        "carrier": credential.carrier,
        "read_only": credential.read_only,
        "created_at": when(credential.created_at),
    })
}

/// What a person tells credentials apart by: in `rules`, whatever another credential of the kind may not
/// have, or may have and this one not.
fn row(credential: &Credential) -> Value {
    let mut rules = Vec::new();
    if credential.carrier {
        rules.push("carrier".to_owned());
    }
    if credential.read_only {
        rules.push("read-only".to_owned());
    }
    let mut add = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            rules.push(format!("{name}={}", values.join("+")));
        }
    };
    let products = &credential.products;
    if *products != credential.kind.products() {
        let products = products.iter().map(|product| product.as_str().to_owned());
        add("products", products.collect());
    }
    add(
        "accounts",
        credential
            .accounts
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    add(
        "endpoints",
        credential
            .endpoints
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    add(
        "ips",
        credential
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    let mut row = view(credential);
    if let Some(fields) = row.as_object_mut() {
        fields.insert("rules".to_owned(), json!(rules));
    }
    row
}

/// The secret under the names that the vendor's clients know.
fn secret_fields(kind: CredentialKind, issued: IssuedSecret) -> serde_json::Map<String, Value> {
    let IssuedSecret { name, secret } = issued;
    let fields = match kind {
        CredentialKind::Trestle => vec![("api_key", Some(secret))],
        CredentialKind::Tld => vec![("api_id", name), ("api_key", Some(secret))],
        CredentialKind::Truecnam | CredentialKind::User | CredentialKind::Integrator => {
            vec![("username", name), ("password", Some(secret))]
        }
        CredentialKind::Fonedynamics => vec![("account_sid", name), ("token", Some(secret))],
    };
    fields
        .into_iter()
        .map(|(field, value)| (field.to_owned(), json!(value)))
        .collect()
}

impl LimitArgs {
    /// The limits of a new credential: those of its kind where nothing else is asked for.
    fn of(self, kind: CredentialKind) -> Limits {
        let Self {
            per_second,
            per_minute,
            per_day,
            per_month,
        } = self;
        let usual = Limits::of_new(kind);
        let choose = |asked: Option<u32>, usual: Option<u32>| match asked {
            None => usual,
            Some(0) => None,
            Some(limit) => Some(limit),
        };
        Limits {
            per_second: choose(per_second, usual.per_second),
            per_minute: choose(per_minute, usual.per_minute),
            per_day: choose(per_day, usual.per_day),
            per_month: choose(per_month, usual.per_month),
        }
    }
}
