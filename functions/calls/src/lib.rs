//! `/v2/Calls/{sid}` and the lists of calls of a property and of an account (contracts/fonedynamics.md).

mod list;
mod scene;
mod wire;

use callbook::access::{AccessMode, Principal, shows_account};
use callbook::dialect::fonedynamics::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::routes;
use callbook::edge::{App, Function};
use callbook::ledger::{CallRow, Contact, SwitchCall, Update};
use callbook::model::call::{CallSid, Direction};
use callbook::model::credential::Product;
use callbook::model::time::Zone;
use callbook::problem::Problem;
use callbook::request::{Parameters, Request};

use list::Whose;
use scene::CallContext;
use wire::{Call, Changing, Recording};

/// The function.
pub const FUNCTION: Function = Function {
    name: "calls",
    dialect: Some(Dialect::Fonedynamics),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Answers by path and method.
///
/// # Errors
/// Why it was not done.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    shows_account(request)?;
    let parameters = match AccessMode::of(request) {
        AccessMode::Reading => request.query().clone(),
        AccessMode::Writing => request.parameters().await?,
    };
    let asking = Asking {
        app,
        request,
        parameters,
        caller: app
            .access()
            .admit_account(app.ledger()?, request, Product::Calls)
            .await?,
    };
    match (
        request.method(),
        routes::segments(request.path()).as_slice(),
    ) {
        ("GET", ["v2", "Calls", sid]) => asking.show(sid).await,
        ("POST", ["v2", "Calls", sid]) => asking.change(sid).await,
        ("POST", ["v2", "Properties", sid, "Calls"]) => asking.record(sid).await,
        ("GET", ["v2", "Properties", sid, "Calls"]) => asking.list(Whose::Property(sid)).await,
        ("GET", ["v2", "Accounts", sid, "Calls"]) => asking.list(Whose::Account(sid)).await,
        _ => Err(Problem::NotFound),
    }
}

/// A request of somebody who may make it.
struct Asking<'a> {
    app: &'a App,
    request: &'a Request,
    parameters: Parameters,
    caller: Principal,
}

impl Asking<'_> {
    async fn show(&self, sid: &str) -> Result<Answer, Problem> {
        let call = self.call(sid).await?;
        self.count().await?;
        self.answer(&call).await
    }

    async fn change(&self, sid: &str) -> Result<Answer, Problem> {
        let now = self.request.received();
        let (sid, changing) = Changing::read(&self.parameters, sid, now)?;
        let zone = match changing.depends_on_zone() {
            true => self.zone_of(&self.call(sid.as_str()).await?).await?,
            false => self.caller.account.zone.clone(),
        };
        let change = changing.since(sid.started(), &zone, now)?;
        self.count().await?;
        let account = &self.caller.account.id;
        let updated = self
            .app
            .ledger()?
            .update_call(account, &sid, &change)
            .await?;
        match updated {
            Update::Updated(call) => self.answer(&call).await,
            Update::NotFound => Err(Problem::not_found(field::CALL_SID)),
        }
    }

    async fn record(&self, property: &str) -> Result<Answer, Problem> {
        let now = self.request.received();
        let recording = Recording::read(&self.parameters, now)?;
        let ledger = self.app.ledger()?;
        let property = self.caller.property(ledger, property);
        let (property, contact) = futures_util::try_join!(property, self.contact(&recording))?;
        let zone = property.zone.as_ref().unwrap_or(&self.caller.account.zone);
        let (began, change) = recording.times(zone, now)?;
        self.count().await?;
        let call = SwitchCall {
            account: &self.caller.account,
            property: &property.sid,
            from: &recording.from,
            to: &recording.to,
            direction: recording.direction,
            began,
            change,
            contact: &contact,
            guid: self.request.guid(),
            now,
        };
        let call = ledger.record_call(&call).await?;
        self.answer(&call).await
    }

    async fn answer(&self, call: &CallRow) -> Result<Answer, Problem> {
        let account = &self.caller.account;
        let scene = CallContext::of_call(self.app.ledger()?, &account.id, call).await?;
        Ok(fonedynamics::success(&Call::of(call, &account.sid, &scene)))
    }

    async fn count(&self) -> Result<(), Problem> {
        let (access, now) = (self.app.access(), self.request.received());
        access
            .count(self.app.ledger()?, &self.caller, now)
            .await
            .map(drop)
    }

    async fn call(&self, sid: &str) -> Result<CallRow, Problem> {
        let missing = || Problem::not_found(field::CALL_SID);
        let sid = CallSid::parse(sid).map_err(|_| missing())?;
        let account = &self.caller.account.id;
        let found = self.app.ledger()?.call(account, &sid).await?;
        found.ok_or_else(missing)
    }

    /// The contact of the caller; an empty one if the account placed the call.
    async fn contact(&self, recording: &Recording) -> Result<Contact, Problem> {
        let (account, now) = (&self.caller.account.id, self.request.received());
        Ok(match recording.direction {
            Direction::Inbound => {
                let ledger = self.app.ledger()?;
                ledger.contact(account, &recording.from, now).await?
            }
            Direction::Outbound => Contact::default(),
        })
    }

    /// The zone of a call's days: its property's where it has one, else the account's.
    async fn zone_of(&self, call: &CallRow) -> Result<Zone, Problem> {
        let (ledger, account) = (self.app.ledger()?, &self.caller.account);
        let scene = CallContext::of_call(ledger, &account.id, call).await?;
        let property = match call.property(&scene.assignments) {
            Some(sid) => ledger.property(&account.id, sid).await?,
            None => None,
        };
        let zone = property.and_then(|property| property.zone);
        Ok(zone.unwrap_or_else(|| account.zone.clone()))
    }
}
