//! TeleTracker clients: a user and an integrator of one account, their sign-ins and requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use callbook::edge::App;
use callbook::ledger::Creation;
use callbook::model::account::Account;
use callbook::model::credential::CredentialKind;
use callbook::model::queue::{CallProcess, CallProcessId};
use serde_json::{Value, json};

use crate::tld::{FORM, JSON, form};
use crate::{Key, Reply, World, send_to};

/// The path of rapid response.
pub const RAPID: &str = "/voice/rapidresponse";
/// The path of sign-in.
pub const LOGIN: &str = "/auth/login";
/// The path of the renewal of a session.
pub const REFRESH: &str = "/auth/refresh";
/// A callee as clients write it.
pub const CALLEE: &str = "2069735100";
/// The account's default call process.
pub const PROCESS: u64 = 4_021;

/// An account with a default call process, and its clients.
pub struct Desk {
    /// The deployment.
    pub world: World,
    /// The account.
    pub account: Account,
    /// A user whose default account it is.
    pub user: Key,
    /// An integrator that can act for the account.
    pub integrator: Key,
}

impl Desk {
    /// A desk on a new deployment.
    pub async fn new() -> Self {
        Self::on(World::new().await).await
    }

    /// A desk on an existing deployment.
    pub async fn on(world: World) -> Self {
        let account = account(&world).await;
        let user = world.credential(&account, CredentialKind::User).await;
        let integrator = world.credential(&account, CredentialKind::Integrator).await;
        Self {
            world,
            account,
            user,
            integrator,
        }
    }

    /// The account's number as a client sends it.
    #[must_use]
    pub fn account_id(&self) -> &str {
        self.account.id.as_str()
    }

    /// Sends a rapid response as the user.
    pub async fn respond(&self, parameters: &[(&str, &str)]) -> Reply {
        self.respond_as(&basic(&self.user), parameters).await
    }

    /// Sends a rapid response with an `Authorization` header.
    pub async fn respond_as(&self, authorization: &str, parameters: &[(&str, &str)]) -> Reply {
        respond(&self.world.app, authorization, parameters).await
    }

    /// Signs in as the user, on its default account.
    pub async fn login(&self) -> Session {
        self.login_with(&self.user, &[]).await
    }

    /// Signs in, which must succeed.
    pub async fn login_with(&self, key: &Key, more: &[(&str, &str)]) -> Session {
        Session::of(&login(&self.world.app, key, more).await)
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, token: &str) -> Reply {
        post(&self.world.app, REFRESH, "", &[("refresh_token", token)]).await
    }
}

/// A new account with a default call process.
pub async fn account(world: &World) -> Account {
    let process = CallProcessId::new(PROCESS).unwrap();
    let account = world
        .account_with(|account| account.callprocess_id = Some(process))
        .await;
    add_process(world, &account, PROCESS).await;
    account
}

/// Gives an account one more call process.
pub async fn add_process(world: &World, account: &Account, id: u64) {
    let process = CallProcess {
        id: CallProcessId::new(id).unwrap(),
        name: "Test".to_owned(),
        created_at: world.clock.now(),
    };
    let created = world
        .ledger
        .create_call_process(&account.id, &process)
        .await;
    assert_eq!(created.unwrap(), Creation::Created(()));
}

/// The tokens of a client after a sign-in.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The token for requests.
    pub token: String,
    /// The token for the next renewal.
    pub refresh_token: String,
}

impl Session {
    /// Reads the tokens from a successful answer.
    pub fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "a pair is issued");
        let body = reply.json();
        let text = |name: &str| body[name].as_str().expect("a token").to_owned();
        Self {
            token: text("token"),
            refresh_token: text("refreshToken"),
        }
    }

    /// The `Authorization` header with the token.
    #[must_use]
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// Sends a rapid response to an instance of the functions.
pub async fn respond(app: &App, authorization: &str, parameters: &[(&str, &str)]) -> Reply {
    post(app, RAPID, authorization, parameters).await
}

/// Sends a sign-in to an instance of the functions.
pub async fn login(app: &App, key: &Key, more: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![("username", key.name.as_str()), ("password", &key.secret)];
    parameters.extend(more);
    post(app, LOGIN, "", &parameters).await
}

/// Sends a form to an instance of the functions, without `Authorization` if that is empty.
pub async fn post(
    app: &App,
    path: &str,
    authorization: &str,
    parameters: &[(&str, &str)],
) -> Reply {
    let mut headers = vec![("content-type", FORM)];
    if !authorization.is_empty() {
        headers.push(("authorization", authorization));
    }
    let body = form(parameters);
    send_to(app, "POST", path, &headers, body.as_bytes()).await
}

/// The `Authorization` header of a user.
#[must_use]
pub fn basic(key: &Key) -> String {
    format!("Basic {}", pair(&key.name, &key.secret))
}

/// The `Authorization` header of an integrator.
#[must_use]
pub fn integrator(key: &Key) -> String {
    format!("Integrator {}", pair(&key.name, &key.secret))
}

/// `name:secret` in base64.
#[must_use]
pub fn pair(name: &str, secret: &str) -> String {
    STANDARD.encode(format!("{name}:{secret}"))
}

/// The parameters of a valid rapid response.
#[must_use]
pub fn good() -> [(&'static str, &'static str); 2] {
    [
        ("callee", CALLEE),
        ("whisper_text", "Asked for a call back"),
    ]
}

/// The parameters in each of the three encodings: the media type and the body.
#[must_use]
pub fn encodings(parameters: &[(&str, &str)]) -> [(String, String); 3] {
    let object: serde_json::Map<String, Value> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let parts: String = parameters
        .iter()
        .map(|(name, value)| {
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    [
        (FORM.to_owned(), form(parameters)),
        (JSON.to_owned(), Value::Object(object).to_string()),
        (
            "multipart/form-data; boundary=edge".to_owned(),
            format!("{parts}--edge--\r\n"),
        ),
    ]
}

/// Asserts the status and code of a refusal, and the fields that every refusal has.
pub fn assert_refused(reply: &Reply, status: u16, code: &str, case: &str) {
    assert_eq!(reply.status, status, "{case}: {}", reply.body);
    let body = reply.json();
    assert_eq!(body["errorCode"], code, "{case}");
    assert_eq!(body["success"], false, "{case}");
    assert!(
        body["errorDetail"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{case}: a detail"
    );
    assert_eq!(
        body["guid"].as_str(),
        reply.header("x-request-guid"),
        "{case}"
    );
    assert_eq!(
        body.get("missingInputVars").is_some(),
        code == "MISSING_REQUIRED_PARAMS",
        "{case}"
    );
    assert_eq!(
        reply.header("www-authenticate").is_some(),
        status == 401,
        "{case}: WWW-Authenticate"
    );
}
