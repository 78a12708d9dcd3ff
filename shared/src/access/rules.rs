//! Checks what a credential may do: status, expiry, address, path, product, read-only, in this order.

use crate::model::credential::{Credential, Product, Status};
use crate::problem::Problem;
use crate::request::Request;

/// Whether a request reads or writes the account's data.
#[derive(Clone, Copy)]
pub(super) enum AccessMode {
    /// The request only reads.
    Read,
    /// The request creates, changes or deletes.
    Write,
}

impl AccessMode {
    /// Returns the mode that the request's method implies.
    pub(super) fn of(request: &Request) -> Self {
        match request.method() {
            "GET" => Self::Read,
            _ => Self::Write,
        }
    }
}

/// Checks whether the credential may be used now, from this address and on this path.
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

/// Checks whether the credential may use `product` to read or to write.
///
/// # Errors
/// As [`permit`], then `ProductNotAllowed`, or `ReadOnly` if a read-only credential or a viewer is used to write.
pub(super) fn permit_product(
    credential: &Credential,
    request: &Request,
    product: Product,
    mode: AccessMode,
) -> Result<(), Problem> {
    permit(credential, request)?;
    if !credential.may_use(product) {
        return Err(Problem::ProductNotAllowed);
    }
    match (credential.only_reads(), mode) {
        (true, AccessMode::Write) => Err(Problem::ReadOnly),
        _ => Ok(()),
    }
}
