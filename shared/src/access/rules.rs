//! What a credential may do: status, expiry, address, path, product and read-only, in this order.

use crate::model::credential::{Credential, Product, Status};
use crate::problem::Problem;
use crate::request::Request;

/// What a request does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// It reads.
    Read,
    /// It creates, changes or deletes.
    Write,
}

impl AccessMode {
    /// The mode that the request's method stands for.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        match request.method() {
            "GET" => Self::Read,
            _ => Self::Write,
        }
    }
}

/// Whether the credential may be used now, from this address and on this path.
///
/// # Errors
/// Returns `CredentialDisabled`, `CredentialExpired`, `AddressNotAllowed` or `EndpointNotAllowed`.
pub(super) fn permit(credential: &Credential, request: &Request) -> Result<(), Problem> {
    if credential.status == Status::Disabled {
        return Err(Problem::CredentialDisabled);
    }
    if credential
        .expires
        .is_some_and(|expires| expires <= request.received())
    {
        return Err(Problem::CredentialExpired);
    }
    let from_here = |source| {
        credential
            .addresses
            .iter()
            .any(|rule| rule.contains(source))
    };
    if !credential.addresses.is_empty() && !request.source().is_some_and(from_here) {
        return Err(Problem::AddressNotAllowed);
    }
    let endpoints = &credential.endpoints;
    if !endpoints.is_empty() && !endpoints.iter().any(|rule| rule.matches(request.path())) {
        return Err(Problem::EndpointNotAllowed);
    }
    Ok(())
}

/// Whether the credential may use `product` for what the request does.
///
/// # Errors
/// As [`permit`]; then `ProductNotAllowed`, or `ReadOnly` if a credential for reading is used to write.
pub(super) fn permit_product(
    credential: &Credential,
    request: &Request,
    product: Product,
) -> Result<(), Problem> {
    permit(credential, request)?;
    if !credential.products.contains(&product) {
        return Err(Problem::ProductNotAllowed);
    }
    match (credential.read_only, AccessMode::of(request)) {
        (true, AccessMode::Write) => Err(Problem::ReadOnly),
        _ => Ok(()),
    }
}
