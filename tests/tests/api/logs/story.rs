use callbook::model::credential::CredentialKind;
use callbook_tests::tld::{self, FORM, form};
use callbook_tests::truecnam::{Pbx, pair};
use callbook_tests::{Key, Reply, World};
use serde_json::{Value, json};

/// A caller's name.
pub(super) const PERSON: &str = "Waidong Syrws";
/// The caller's number.
pub(super) const CALLER: &str = "+12069735100";
/// The called number.
pub(super) const DIALED: &str = "+16465557321";

/// Notations of [`CALLER`].
const NOTATIONS: [&str; 9] = [
    "+12069735100",
    "12069735100",
    "2069735100",
    "+1 (206) 973-5100",
    "206-973-5100",
    "206.973.5100",
    "tel:+1-206-973-5100;ext=7",
    "\u{FF12}\u{FF10}\u{FF16}\u{FF19}\u{FF17}\u{FF13}\u{FF15}\u{FF11}\u{FF10}\u{FF10}",
    "\u{662}\u{660}\u{666}\u{669}\u{667}\u{663}\u{665}\u{661}\u{660}\u{660}",
];

/// Every parameter of every dialect, and some unknown ones.
const FIELDS: [&str; 34] = [
    "response_id",
    "phone",
    "name",
    "phone_status",
    "phone_right_party_contact",
    "inbound_number",
    "number_dialed",
    "call_to",
    "did",
    "phone_number",
    "cid",
    "call_from",
    "cost",
    "date_billed",
    "call_date",
    "notes",
    "username",
    "password",
    "resp_type",
    "resp_format",
    "calling_number",
    "called_number",
    "call_party",
    "api_id",
    "api_key",
    "api",
    "apikey",
    "account_id",
    "callee",
    "number",
    "from",
    "to",
    "unheard_of",
    "Phone",
];

/// A sent request, with what its log line must contain.
pub(super) struct Sent {
    pub(super) case: String,
    pub(super) reply: Reply,
    pub(super) function: &'static str,
    pub(super) credential: Option<String>,
}

pub(super) struct Story {
    pub(super) world: World,
    trestle: Key,
    tld: Key,
    pub(super) pbx: Pbx,
    pub(super) sent: Vec<Sent>,
}

const TRESTLE: &str = "phone-feedback";
const TLD: &str = "inbound-billable";
const TRUECNAM: &str = "caller-id";
const FALLBACK: &str = "fallback";

impl Story {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let pbx = Pbx::carrier(&world).await;
        let trestle = world
            .credential(&pbx.account, CredentialKind::Trestle)
            .await;
        let tld = world.credential(&pbx.account, CredentialKind::Tld).await;
        Self {
            world,
            trestle,
            tld,
            pbx,
            sent: Vec::new(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        [&self.trestle, &self.tld, &self.pbx.key]
            .map(|key| key.secret.clone())
            .to_vec()
    }

    /// Sends a request to a function. The log line must name the function's credential if it is `known`.
    async fn send(
        &mut self,
        function: &'static str,
        known: bool,
        request: (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) {
        let (method, path) = request;
        let reply = self
            .world
            .send(method, path, headers, body.as_bytes())
            .await;
        let key = match function {
            TRESTLE => &self.trestle,
            TLD => &self.tld,
            _ => &self.pbx.key,
        };
        let credential = known.then(|| key.credential.id.as_str().to_owned());
        let case = format!("{method} number {} to {function}", self.sent.len());
        self.sent.push(Sent {
            case,
            reply,
            function,
            credential,
        });
    }

    async fn feedback(&mut self, body: &str) {
        let secret = self.trestle.secret.clone();
        let headers = [("x-api-key", secret.as_str())];
        self.send(
            TRESTLE,
            true,
            ("POST", "/1.0/phone_feedback"),
            &headers,
            body,
        )
        .await;
    }

    async fn billable(&mut self, rest: &str, media_type: &str, body: &str) {
        let (name, secret) = (self.tld.name.clone(), self.tld.secret.clone());
        let headers = [
            ("tld-api-id", name.as_str()),
            ("tld-api-key", secret.as_str()),
            ("content-type", media_type),
        ];
        let path = format!("{}{rest}", tld::PATH);
        self.send(TLD, true, ("POST", &path), &headers, body).await;
    }

    async fn caller_id(&mut self, parameters: &[(&str, &str)]) {
        let sent = self.pbx.encoded(parameters);
        let path = format!("/api/v1?{sent}");
        self.send(TRUECNAM, true, ("GET", &path), &[], "").await;
        self.send(
            TRUECNAM,
            true,
            ("POST", "/api/v1"),
            &[("content-type", FORM)],
            &sent,
        )
        .await;
    }

    /// Sends requests that succeed.
    pub(super) async fn send_valid_requests(&mut self) {
        for number in NOTATIONS {
            let feedback = json!({
                "response_id": format!("T_{number}"),
                "phone": number,
                "name": PERSON,
                "phone_status": "Connected",
                "phone_right_party_contact": true,
            });
            self.feedback(&feedback.to_string()).await;
            let bill = [
                ("did", DIALED),
                ("cid", number),
                ("cost", "2.50"),
                ("notes", PERSON),
            ];
            self.billable("", FORM, &form(&bill)).await;
            self.billable("", FORM, &form(&bill)).await;
            let bill = json!({"call_to": DIALED, "call_from": number, "cost": 3, "notes": PERSON});
            self.billable("", tld::JSON, &bill.to_string()).await;
            self.billable(
                &format!(
                    "?{}",
                    form(&[("did", number), ("cid", DIALED), ("cost", "4")])
                ),
                FORM,
                "",
            )
            .await;
            let encoded = form(&[("", number)]).split_off(1).replace('+', "%20");
            self.billable(&format!("/{encoded}/16465557321?cost=5"), FORM, "")
                .await;
        }
        for party in ["orig_call_start", "terminating", "orig_call_end"] {
            self.caller_id(&pair(party, CALLER, DIALED)).await;
            self.caller_id(&pair(party, "2069735100", DIALED)).await;
            self.caller_id(&pair(party, "912069735100", DIALED)).await;
        }
    }

    /// Sends secrets, numbers and names in places where they do not belong.
    pub(super) async fn send_misplaced_values(&mut self) {
        let mut values = self.secrets();
        values.extend(NOTATIONS.map(str::to_owned));
        values.extend([PERSON.to_owned(), format!("{PERSON} {CALLER}")]);
        for value in &values {
            let all: Vec<_> = FIELDS.iter().map(|name| (*name, value.as_str())).collect();
            let object: serde_json::Map<_, _> = all
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            let object = Value::Object(object).to_string();
            self.feedback(&object).await;
            self.billable("", FORM, &form(&all)).await;
            self.billable("", tld::JSON, &object).await;
            self.billable(&format!("?{}", form(&all)), FORM, "").await;
            // The credential in this request is not a valid one.
            let path = format!("/api/v1?{}", form(&all));
            self.send(TRUECNAM, false, ("GET", &path), &[], "").await;
            self.caller_id(&[("resp_type", value), ("call_party", value)])
                .await;
            self.misplaced(value, &object).await;
        }
    }

    /// Sends a value in names, paths, headers and bodies of other media types.
    async fn misplaced(&mut self, value: &str, object: &str) {
        let segment = form(&[("", value)]).split_off(1).replace('+', "%20");
        let headers = [
            ("content-type", FORM),
            ("user-agent", "PBX"),
            ("tld-api-id", "nobody"),
        ];
        for path in ["/api/v1", tld::PATH] {
            let function = if path == "/api/v1" { TRUECNAM } else { TLD };
            self.send(function, false, ("POST", path), &headers, object)
                .await;
            self.send(function, false, ("POST", path), &headers, &segment)
                .await;
            self.send(
                function,
                false,
                ("POST", &format!("{path}?{segment}")),
                &headers,
                "",
            )
            .await;
            self.send(
                function,
                false,
                ("POST", path),
                &[("content-type", "text/plain")],
                value,
            )
            .await;
            self.send(
                FALLBACK,
                false,
                ("PUT", &format!("{path}?x={segment}")),
                &headers,
                value,
            )
            .await;
        }
        self.send(
            TRESTLE,
            false,
            ("POST", "/1.0/phone_feedback"),
            &[("x-api-key", "no")],
            value,
        )
        .await;
        self.feedback(value).await;
        self.feedback(&json!([value]).to_string()).await;
        for path in [
            "/",
            "/1.0/",
            "/api/v1/",
            "/api/ingress/",
            "/1.0/phone_feedback/",
        ] {
            self.send(
                FALLBACK,
                false,
                ("GET", &format!("{path}{segment}")),
                &headers,
                "",
            )
            .await;
        }
        self.billable(&format!("/{segment}"), FORM, "").await;
        self.billable(&format!("/{segment}/{segment}/"), FORM, "")
            .await;
        let (function, known) = (TLD, false);
        let path = format!("{}/1/2/3/{segment}", tld::PATH);
        self.send(function, known, ("POST", &path), &headers, "")
            .await;
    }
}
