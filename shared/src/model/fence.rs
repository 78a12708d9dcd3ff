//! The fence of a credential: which DIDs it may bill.

use super::credential::Credential;
use super::phone::PhoneNumber;
use super::rules::{EndpointRule, NormalPath};
use super::vendor::VendorId;

/// The path of inbound billable. The DID may follow as a segment.
pub const INBOUND_BILLABLE: &str = "/api/ingress/calls/inbound/billable";

/// Reason why a credential may not bill a DID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DidRefusal {
    /// The credential and the number belong to two different vendors.
    #[error("the DID is another vendor's")]
    OtherVendor,
    /// The credential is fenced to other DIDs.
    #[error("the DID is outside the credential's fence")]
    Fenced,
}

/// Checks whether a credential may bill a DID, wherever the request named it.
///
/// `number_vendor` is the vendor that the number belongs to at the moment of the bill. A vendor's
/// credential bills that vendor's numbers and numbers of no vendor. A fence names the only DIDs: those
/// of the credential, and those that its endpoint rules name in the path. A credential without either
/// bills every DID.
///
/// # Errors
/// Returns `OtherVendor`, or else `Fenced`.
pub fn may_bill(
    credential: &Credential,
    did: &PhoneNumber,
    number_vendor: Option<&VendorId>,
) -> Result<(), DidRefusal> {
    if let (Some(own), Some(other)) = (&credential.vendor, number_vendor)
        && own != other
    {
        return Err(DidRefusal::OtherVendor);
    }
    let fenced_out = !credential.dids.is_empty() && !credential.dids.contains(did);
    match fenced_out || !rules_allow(&credential.endpoints, did) {
        true => Err(DidRefusal::Fenced),
        false => Ok(()),
    }
}

/// Whether endpoint rules leave a DID open: there are none, or one of them names this DID or none at all.
///
/// Rules for other endpoints leave nothing open: with them alone, no request gets as far as a bill.
fn rules_allow(rules: &[EndpointRule], did: &PhoneNumber) -> bool {
    rules.is_empty()
        || rules
            .iter()
            .any(|rule| takes_any_bill(rule) || names(rule, did))
}

/// Whether a rule lets bills through whose path names no DID, or any.
fn takes_any_bill(rule: &EndpointRule) -> bool {
    // No number begins with 0, so only a `*` matches one in the place of the DID.
    ["", "/0", "/0/0"]
        .into_iter()
        .any(|rest| rule.matches(&NormalPath::of(&format!("{INBOUND_BILLABLE}{rest}"))))
}

/// Whether a rule names this DID in the path, in whatever notation.
fn names(rule: &EndpointRule, did: &PhoneNumber) -> bool {
    let text = rule.to_string();
    let rest = text.strip_prefix(INBOUND_BILLABLE);
    let segment = rest.and_then(|rest| rest.strip_prefix('/')?.split(['/', '*']).next());
    let whole = segment.and_then(|segment| PhoneNumber::parse(segment).ok());
    if whole.is_some_and(|named| named == *did) {
        return true;
    }
    // `.../billable/1206*` names every number that begins so.
    let national = did.digits().strip_prefix('1').unwrap_or(did.digits());
    [did.as_e164(), did.digits(), national]
        .into_iter()
        .flat_map(|number| [number.to_owned(), format!("{number}/0")])
        .any(|rest| rule.matches(&NormalPath::of(&format!("{INBOUND_BILLABLE}/{rest}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::AccountId;
    use crate::model::credential::{CredentialKind, Limits, NewCredential};
    use crate::model::id::CredentialId;
    use crate::model::time::Instant;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    fn vendor(id: &str) -> VendorId {
        VendorId::parse(id).unwrap()
    }

    fn credential(of: Option<&str>, dids: &[&str], rules: &[&str]) -> Credential {
        let mut new = NewCredential::of(CredentialKind::Tld, AccountId::from_number(7));
        new.limits = Limits::default();
        new.vendor = of.map(vendor);
        new.dids = dids.iter().map(|did| number(did)).collect();
        new.endpoints = rules
            .iter()
            .map(|rule| EndpointRule::parse(rule).unwrap())
            .collect();
        let id = CredentialId::from_bytes([0; 8]);
        let now = Instant::from_millis(0);
        new.issue(id, "name".to_owned(), "secret".to_owned(), now).0
    }

    #[test]
    fn a_vendors_credential_bills_its_numbers_and_those_of_none() {
        let other = Err(DidRefusal::OtherVendor);
        let did = number("2065550100");
        for (own, numbers, expected) in [
            (None, None, Ok(())),
            (None, Some("b"), Ok(())),
            (Some("a"), None, Ok(())),
            (Some("a"), Some("a"), Ok(())),
            (Some("a"), Some("b"), other),
            (Some("a"), Some("A"), other),
        ] {
            let held = numbers.map(vendor);
            let told = may_bill(&credential(own, &[], &[]), &did, held.as_ref());
            assert_eq!(told, expected, "{own:?} {numbers:?}");
        }
    }

    #[test]
    fn a_fence_names_the_only_dids() {
        let fenced = credential(None, &["2065550100", "2065550101"], &[]);
        for (did, open) in [("+12065550101", true), ("2065550102", false)] {
            let told = may_bill(&fenced, &number(did), None);
            assert_eq!(told.is_ok(), open, "{did}: {told:?}");
        }
        let both = credential(Some("a"), &["2065550100"], &[]);
        let told = may_bill(&both, &number("2065550102"), Some(&vendor("b")));
        assert_eq!(told, Err(DidRefusal::OtherVendor));
    }

    #[test]
    fn an_endpoint_rule_that_names_a_did_fences_it() {
        let every = format!("{INBOUND_BILLABLE}*");
        for (rules, expected) in [
            (vec![""; 0], [true, true]),
            (vec![every.as_str()], [true, true]),
            (vec!["*"], [true, true]),
            (vec![INBOUND_BILLABLE], [true, true]),
            (vec!["/elsewhere"], [false, false]),
            (
                vec!["/api/ingress/calls/inbound/billable/2065550100"],
                [true, false],
            ),
            (
                vec!["/api/ingress/calls/inbound/billable/+12065550100*"],
                [true, false],
            ),
            (
                vec!["/api/ingress/calls/inbound/billable/1206555010*"],
                [true, false],
            ),
            (
                vec!["/api/ingress/calls/inbound/billable/206*"],
                [true, false],
            ),
            (vec!["*/2065550100"], [true, false]),
            (
                vec!["/api/ingress/calls/inbound/billable/2065550100/*"],
                [true, false],
            ),
            (
                vec![
                    "/api/ingress/calls/inbound/billable/2065550100",
                    "/elsewhere",
                ],
                [true, false],
            ),
            (
                vec![
                    "/api/ingress/calls/inbound/billable/2065550100",
                    INBOUND_BILLABLE,
                ],
                [true, true],
            ),
            (
                vec![
                    "/api/ingress/calls/inbound/billable/2065550100",
                    "/api/ingress/calls/inbound/billable/3105550111",
                ],
                [true, true],
            ),
        ] {
            let fenced = credential(None, &[], &rules);
            let told = ["2065550100", "3105550111"]
                .map(|did| may_bill(&fenced, &number(did), None).is_ok());
            assert_eq!(told, expected, "{rules:?}");
        }
    }
}
