//! A browser at the console: it keeps the cookie, follows nothing, and sends forms as a page of the console does.

use std::cell::RefCell;

use callbook::edge::App;

use crate::tld::{FORM, form};
use crate::{Key, Reply, send_to};

/// The host that the browser knows the deployment by.
pub const HOST: &str = "ledger.example.com";

/// A browser.
pub struct Browser<'a> {
    app: &'a App,
    cookie: RefCell<Option<String>>,
}

impl<'a> Browser<'a> {
    /// A browser without a cookie.
    #[must_use]
    pub fn new(app: &'a App) -> Self {
        Self {
            app,
            cookie: RefCell::new(None),
        }
    }

    /// A browser whose user has signed in.
    pub async fn signed_in(app: &'a App, user: &Key) -> Self {
        let browser = Self::new(app);
        let reply = browser.sign_in(user, "").await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        browser
    }

    /// Signs a user in.
    pub async fn sign_in(&self, user: &Key, next: &str) -> Reply {
        let fields = [
            ("username", user.name.as_str()),
            ("password", user.secret.as_str()),
            ("next", next),
        ];
        self.send("/console/sign-in", &fields).await
    }

    /// The cookie, as the browser sends it.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        self.cookie.borrow().clone()
    }

    /// Another browser that has the same cookie.
    #[must_use]
    pub fn stolen(&self) -> Self {
        Self {
            app: self.app,
            cookie: self.cookie.clone(),
        }
    }

    /// The same browser, whose requests another instance of the functions serves.
    #[must_use]
    pub fn at<'b>(&self, app: &'b App) -> Browser<'b> {
        Browser {
            app,
            cookie: self.cookie.clone(),
        }
    }

    /// Loads a page.
    pub async fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[("accept", "text/html")], "")
            .await
    }

    /// Loads a page, which must be there, and returns its HTML.
    pub async fn page(&self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    /// Sends a form, as a page of the console does.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = format!("https://{HOST}");
        let headers = [("origin", origin.as_str()), ("content-type", FORM)];
        self.request("POST", path, &headers, &form(fields)).await
    }

    /// Fills in the form of a page that leads to `action`, with its hidden fields, and sends it.
    pub async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let hidden = hidden(page, action);
        let hidden = hidden.iter().map(|(name, value)| (&**name, &**value));
        let all: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        self.send(action, &all).await
    }

    /// Sends any request with the cookie, and keeps the cookie that comes back.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let cookie = self.cookie();
        let mut headers = headers.to_vec();
        headers.push(("host", HOST));
        if let Some(cookie) = &cookie {
            headers.push(("cookie", cookie));
        }
        let reply = send_to(self.app, method, path, &headers, body.as_bytes()).await;
        for set in &reply.cookies {
            let pair = set.split(';').next().unwrap_or_default();
            let kept = (!set.contains("Max-Age=0")).then(|| pair.to_owned());
            self.cookie.replace(kept);
        }
        reply
    }
}

/// The hidden fields of the form that leads to `action`.
#[must_use]
pub fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let start = page
        .find(&format!("method=\"post\" action=\"{action}\""))
        .unwrap_or_else(|| panic!("no form leads to {action}"));
    let rest = page.split_at(start).1;
    let form = rest.split("</form>").next().unwrap_or_default();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    inputs
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").expect("a value");
            let value = rest.split('"').next().unwrap_or_default();
            (name.to_owned(), value.replace("&amp;", "&"))
        })
        .collect()
}
