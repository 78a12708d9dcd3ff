//! The requests that `callbook local` prints.

use super::{Demo, DemoAccount, Login};

impl Demo {
    /// Returns a `curl` line for each endpoint, to be pasted in this order: later requests refer to the calls
    /// and records of earlier ones.
    #[must_use]
    pub fn requests(&self, base_url: &str) -> String {
        let Self {
            trestle,
            tld,
            truecnam,
            truecnam_carrier,
            user,
            integrator,
            fonedynamics,
            account:
                DemoAccount {
                    account_id,
                    account_sid,
                    ..
                },
            demo_data: _,
        } = self;
        let key = &trestle.api_key;
        let tld = format!(
            "-H 'tld-api-id: {}' -H 'tld-api-key: {}'",
            tld.api_id, tld.api_key
        );
        let login = |of: &Login| format!("-d username={} -d password={}", of.username, of.password);
        let rapid = format!("{base_url}/voice/rapidresponse");
        let user = format!("-u '{}:{}'", user.username, user.password);
        let integrator = format!("{} -d account_id={account_id}", login(integrator));
        let (demo, carrier) = (login(truecnam), login(truecnam_carrier));
        let pair = "-d calling_number=12065550100 -d called_number=13105550111";
        let today = "-d start_date=$(date -u +%F) -d end_date=$(date -u +%F)";
        let range = "-d from=$(date -u +%F) -d to=$(date -u +%F)";
        let json = "-H 'content-type: application/json'";
        let feedback = "{\"response_id\":\"T_demo\",\"phone\":\"+12065550100\",\"name\":\"Alice Example\",\
                        \"phone_status\":\"Connected\",\"phone_right_party_contact\":true}";
        let cost = "{\"did\":\"13105550111\",\"cid\":\"12065550100\",\"cost\":25.50}";
        let billable = format!("{base_url}/api/ingress/calls/inbound/billable");
        let own_sid = account_sid.as_str();
        let fone = format!("curl -sS -u {own_sid}:{}", fonedynamics.token);
        let v2 = format!("{base_url}/v2");
        let own = format!("{base_url}/callbook/v1");
        let sid = "tee /dev/stderr | grep -oE '[A-Z]{32}' | head -n 1); echo";
        format!(
            "\
# Trestle: report that a dialed number was answered by the right person
curl -sS {base_url}/1.0/phone_feedback -H 'x-api-key: {key}' {json} -d '{feedback}'; echo
# TrueCNAM, with the carrier's credential: report the start of a call
curl -sS {base_url}/api/v1 {carrier} {pair} -d call_party=orig_call_start; echo
# TrueCNAM: ask who is calling when that call arrives
curl -sS {base_url}/api/v1 {demo} {pair} -d call_party=terminating -d resp_type=extended; echo
# TrueCNAM, with the carrier's credential: report the end of the call
curl -sS {base_url}/api/v1 {carrier} {pair} -d call_party=orig_call_end; echo
# TLD: bill the call, as JSON, as a form and in the path
curl -sS {billable} {tld} {json} -d '{cost}'; echo
curl -sS {billable} {tld} -d did=13105550111 -d cid=12065550100 -d cost=26.50; echo
curl -sS -X POST '{billable}/13105550111/12065550100?cost=27.50' {tld}; echo
# TeleTracker: list today's calls and their costs, as JSON and as CSV
curl -sS -G {user} {base_url}/reports/call-data {today} -d account_id={account_id}; echo
curl -sS -G {user} {base_url}/reports/call-data {today} -d format=csv
# Callbook: list today's costs and calls, each list with its sums
curl -sS -G {user} {base_url}/callbook/v1/costs {range}; echo
curl -sS -G {user} {base_url}/callbook/v1/calls {range} -d billed=true; echo
# TeleTracker: ask which parameters a rapid response requires
curl -sS -X POST {user} {rapid}; echo
# TeleTracker: queue a callee for the dialer; a second time within an hour is refused
curl -sS {user} {rapid} -d callee=2065550100 -d 'whisper_text=Asked for a call back'; echo
curl -sS {user} {rapid} -d callee=2065550100 -d 'whisper_text=Asked for a call back'; echo
# TeleTracker: sign in to the account as an integrator
curl -sS {base_url}/auth/login {integrator}; echo
# TeleTracker: queue a callee with the integrator's token
curl -sS {rapid} -H \"authorization: Bearer $(curl -sS {base_url}/auth/login {integrator} | cut -d '\"' -f 10)\" -d callee=3105550111 -d 'whisper_text=By an integrator'; echo
# Fone Dynamics: create a property, and list numbers that it can buy
property=$({fone} {v2}/Properties -d Name=Summer -d TimeZone=America/Vancouver | {sid}
{fone} -G {v2}/AvailableNumbers -d CountryCode=CA -d Type=Local -d Capabilities=Voice,SMS; echo
# Fone Dynamics: buy a number; in Canada it is pending until it has a Canadian address
{fone} {v2}/Properties/$property/Numbers -d Number=%2B16045550131; echo
address=$({fone} {v2}/Accounts/{own_sid}/Addresses -d 'Line1=1 Example Street' -d City=Vancouver -d CountryCode=CA | {sid}
{fone} {v2}/Numbers/16045550131 -d AddressSid=$address -d RoutingMethod=Endpoint -d EndpointNumber=%2B13105550111 -d Attribution_Source=radio; echo
# Fone Dynamics: report a call of another switch, find it by its attribution, report how it ended
call=$({fone} {v2}/Properties/$property/Calls -d From=%2B12065550100 -d To=%2B16045550131 | {sid}
{fone} -G {v2}/Properties/$property/Calls -d Attribution_Source=radio; echo
{fone} {v2}/Calls/$call -d Disposition=Answered; echo
# Fone Dynamics: delete the address, which works once no number is linked to it
{fone} -X DELETE {v2}/Addresses/$address; echo
{fone} -X DELETE {v2}/Numbers/16045550131; echo
{fone} -X DELETE {v2}/Addresses/$address; echo
# Callbook: show who is signed in
curl -sS {user} {own}/me; echo
# Callbook: create a vendor, agree on its terms, mark it active, show it, and list the vendors
curl -sS {user} {own}/vendors {json} -d '{{\"vendor_id\":\"acme\",\"name\":\"Acme Leads\"}}'; echo
curl -sS -X PUT {user} {own}/vendors/acme/terms {json} -d '{{\"from\":\"2026-12-01\",\"price\":\"25.00\",\"minimum_seconds\":90}}'; echo
curl -sS -X PATCH {user} {own}/vendors/acme {json} -d '{{\"status\":\"active\"}}'; echo
curl -sS {user} {own}/vendors/acme; echo
curl -sS -G {user} {own}/vendors -d limit=10; echo
# Callbook: count and sum the month's calls and costs by vendor and hour
curl -sS -G {user} {own}/summary -d by=vendor,hour; echo
# Callbook: compare a vendor's statement with the ledger
curl -sS {user} {own}/invoices/check {json} -d '{{\"vendor\":\"acme\",\"from\":\"2026-11-01\",\"to\":\"2026-11-30\",\"rows\":[{{\"call_id\":\"x1\",\"amount\":\"25.00\"}}]}}'; echo
# Callbook: list who waits for the dialer, take one, keep it for longer, and say that it was called
curl -sS -G {user} {own}/queue -d limit=10; echo
entry=$(curl -sS {user} {own}/queue/take {json} -d '{{\"limit\":1}}' | tee /dev/stderr | grep -oE '[0-9]{{15,}}' | head -n 1); echo
curl -sS {user} {own}/queue/$entry/extend {json} -d '{{\"lease_seconds\":300}}'; echo
curl -sS {user} {own}/queue/$entry/finish {json} -d '{{\"result\":\"completed\",\"attempt\":1}}'; echo
# Callbook: list the requests that were refused, and why
curl -sS -G {user} {own}/requests -d limit=10; echo
# Callbook: be told of costs without a call for a day, and list who is told of what
curl -sS {user} {own}/webhooks {json} -d '{{\"url\":\"https://example.com/hooks\",\"events\":[\"cost.unmatched\"]}}'; echo
curl -sS {user} {own}/webhooks; echo"
        )
    }
}
