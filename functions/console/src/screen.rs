//! What a view may ask, and what it knows of its visit.

use callbook::dialect::Answer;
use callbook::dialect::console::{self as dialect, ApiRefusal};
use callbook::edge::{InnerRequest, Visit};
use callbook::model::time::Zone;
use callbook::problem::Problem;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api;
use crate::form::Pairs;
use crate::guard;
use crate::range::Days;
use crate::session::Session;
use crate::stop::Stop;

/// Who is signed in, as `GET me` says.
#[derive(Deserialize)]
pub struct Me {
    pub username: String,
    pub label: String,
    pub role: Option<String>,
    pub account_id: String,
    pub account_name: String,
    pub timezone: String,
    pub currency: String,
}

/// The path that says who is signed in.
const ME: &str = "/callbook/v1/me";

/// A visit of a user who is signed in.
pub struct Screen<'a> {
    visit: &'a Visit<'a>,
    session: Session,
    /// Whether the browser has to be given the session's new tokens.
    renewed: bool,
    pub me: Me,
    pub zone: Zone,
    pub query: Pairs,
}

impl<'a> Screen<'a> {
    /// Finds out who is signed in, and renews the session if its access token has run out.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the session is over, or a problem for which there is no page.
    pub async fn open(visit: &'a Visit<'a>, session: Session) -> Result<Self, Problem> {
        let (session, renewed, me) = match ask_me(visit, &session).await {
            Err(Problem::UnknownCredential) => {
                let pair = visit.renew(session.refresh.clone()).await?;
                let session = session.renewed(pair);
                let me = ask_me(visit, &session).await?;
                (session, true, me)
            }
            me => (session, false, me?),
        };
        let zone = Zone::parse_any(&me.timezone).unwrap_or_else(|_| Zone::utc());
        let pairs = visit.request().query().pairs();
        let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self {
            visit,
            session,
            renewed,
            me,
            zone,
            query: Pairs::new(query),
        })
    }

    /// Gives the browser what it has to keep.
    pub fn kept(&self, answer: Answer) -> Answer {
        match self.renewed {
            true => self.session.keep(self.visit, answer),
            false => answer,
        }
    }

    /// Asks the API, as the user.
    ///
    /// # Errors
    /// Returns the refusal, or a problem for which there is no page.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, pairs: &Pairs) -> Result<T, Stop> {
        let body = self.ask("GET", path, pairs.encoded(), None).await??;
        read_json(&body)
    }

    /// Asks the API to do something, as the user. A form that is sent twice does it once.
    ///
    /// # Errors
    /// Returns the refusal, or a problem for which there is no page.
    pub async fn post(&self, path: &str, form: &Pairs, body: &Value) -> Result<Value, Stop> {
        let answer = self.send("POST", path, form, body).await??;
        read_json(&answer)
    }

    /// As [`Self::post`] with any method. Returns the refusal, for a page that shows it at its form.
    ///
    /// # Errors
    /// Returns a problem for which there is no page.
    pub async fn send(
        &self,
        method: &'static str,
        path: &str,
        form: &Pairs,
        body: &Value,
    ) -> Result<Result<String, ApiRefusal>, Problem> {
        let key = form.get("once").map(str::to_owned);
        let body = ("application/json", body.to_string(), key);
        self.ask(method, path, String::new(), Some(body)).await
    }

    /// Asks the API anything, as the user. The body has its media type, and a key by which a repeat is recognised.
    ///
    /// # Errors
    /// Returns a problem for which there is no page.
    pub async fn ask(
        &self,
        method: &'static str,
        path: &str,
        query: String,
        body: Option<(&'static str, String, Option<String>)>,
    ) -> Result<Result<String, ApiRefusal>, Problem> {
        let (body, key) = match body {
            Some((media_type, text, key)) => (Some((media_type, text)), key),
            None => (None, None),
        };
        let question = InnerRequest {
            method,
            path: path.to_owned(),
            query,
            token: Some(self.session.access.reveal()),
            idempotency_key: key,
            body,
        };
        self.visit.ask(&api::function_of(path)?, question).await
    }

    /// Reads the form that was sent, and checks that a page of this session made it. A form with a file may have
    /// `largest` bytes.
    ///
    /// # Errors
    /// Returns a problem if it cannot be read, or is not of this session.
    pub async fn form(&self, largest: Option<usize>) -> Result<Pairs, Stop> {
        let request = self.visit.request();
        let parameters = match largest {
            Some(largest) => request.form_with_file(largest).await?,
            None => request.body_parameters().await?,
        };
        let pairs = parameters.pairs();
        let form = Pairs::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        match form.get("form") == Some(self.form_token().as_str()) {
            true => Ok(form),
            false => Err(Stop::Form),
        }
    }

    /// Returns what each form has to send, hidden.
    pub fn form_token(&self) -> String {
        self.session.form_token(self.visit)
    }

    /// Returns a key for a form, by which the API recognises a repeat: that of this visit.
    pub fn once(&self) -> String {
        self.visit.guid().to_string()
    }

    /// Whether the user may change something.
    pub fn may_write(&self) -> bool {
        self.me.role.as_deref() != Some("viewer")
    }

    /// Returns the days of the page.
    pub fn days(&self, default: &str) -> Days {
        Days::read(&self.query, default, self.visit.now(), &self.zone)
    }

    /// Returns the visit.
    pub fn visit(&self) -> &'a Visit<'a> {
        self.visit
    }

    /// Returns the path to go on with after a form, as it says itself.
    pub fn back(form: &Pairs, otherwise: &str) -> String {
        let back = form.get("back").and_then(guard::next);
        back.unwrap_or(otherwise).to_owned()
    }

    /// Returns the address of the API, for lines that are pasted into a terminal.
    pub fn base_url(&self) -> String {
        let request = self.visit.request();
        let host = request.header("host").unwrap_or("localhost");
        let plain = host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let scheme = match self.visit.demo() {
            Some(_) => "http",
            None => "https",
        };
        format!("{scheme}://{}", if plain { host } else { "localhost" })
    }
}

async fn ask_me(visit: &Visit<'_>, session: &Session) -> Result<Me, Problem> {
    let question = InnerRequest {
        path: ME.to_owned(),
        token: Some(session.access.reveal()),
        ..InnerRequest::default()
    };
    match visit.ask(&api::function_of(ME)?, question).await? {
        Ok(body) => serde_json::from_str(&body).map_err(|error| dialect::unreadable(&error)),
        Err(_refused) => Err(Problem::NotFound),
    }
}

/// Reads what the API answered.
///
/// # Errors
/// Returns `Internal` if it is not what the console expects.
pub fn read_json<T: DeserializeOwned>(body: &str) -> Result<T, Stop> {
    let read = serde_json::from_str(body);
    read.map_err(|error| Stop::Problem(dialect::unreadable(&error)))
}
