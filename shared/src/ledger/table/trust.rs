//! Which certificate authorities the store's certificate may come from.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, ClientConfig, RootCertStore};

/// The authorities that certify DynamoDB: <https://www.amazontrust.com/repository>.
const AMAZON: [&[u8]; 5] = [
    include_bytes!("trust/amazon-root-ca-1.der"),
    include_bytes!("trust/amazon-root-ca-2.der"),
    include_bytes!("trust/amazon-root-ca-3.der"),
    include_bytes!("trust/amazon-root-ca-4.der"),
    include_bytes!("trust/starfield-services-root-g2.der"),
];

/// The trusted certificate authorities: Amazon's, which are part of the binary, and those of the system.
///
/// Reading the system's file takes a third of a function's start, and in most regions only Amazon's
/// authorities matter. The system's are read at the first certificate from another issuer: in China,
/// behind a proxy that inspects TLS, or of a store elsewhere (`docs/decisions.md`, D-202).
#[derive(Debug)]
pub(in crate::ledger) struct Trust {
    amazon: OnceLock<Arc<ClientConfig>>,
    system: OnceLock<Arc<ClientConfig>>,
    load: fn() -> RootCertStore,
    only_system: bool,
}

impl Trust {
    /// Trusts Amazon's authorities first and then the system's.
    ///
    /// If `only_system`, Amazon's are not consulted, because `SSL_CERT_FILE` or `SSL_CERT_DIR` says
    /// which authorities to trust.
    pub(in crate::ledger) fn new(only_system: bool) -> Self {
        Self::reading(only_system, system)
    }

    /// As [`Trust::new`], with another way to read the system's authorities.
    fn reading(only_system: bool, load: fn() -> RootCertStore) -> Self {
        Self {
            amazon: OnceLock::new(),
            system: OnceLock::new(),
            load,
            only_system,
        }
    }

    /// Returns the TLS configuration of the next connection.
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        match (self.only_system, self.system.get()) {
            (false, Some(known)) => Ok(Arc::clone(known)),
            (false, None) => made(&self.amazon, amazon),
            (true, _) => made(&self.system, self.load),
        }
    }

    /// Returns the configuration to try again with, if `error` says that the certificate's issuer is
    /// unknown and the system's authorities have not been consulted.
    ///
    /// Later connections begin with that configuration.
    pub(super) fn widened(
        &self,
        error: &(dyn Error + 'static),
    ) -> Result<Option<Arc<ClientConfig>>, rustls::Error> {
        if !is_unknown_issuer(error) || self.system.get().is_some() {
            return Ok(None);
        }
        made(&self.system, self.load).map(Some)
    }
}

fn made(
    kept: &OnceLock<Arc<ClientConfig>>,
    roots: fn() -> RootCertStore,
) -> Result<Arc<ClientConfig>, rustls::Error> {
    if let Some(config) = kept.get() {
        return Ok(Arc::clone(config));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots())
        .with_no_client_auth();
    Ok(Arc::clone(kept.get_or_init(|| Arc::new(config))))
}

fn amazon() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(AMAZON.map(CertificateDer::from));
    roots
}

/// The system's authorities, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`. What cannot be read is
/// left out: a certificate that needs it is refused, and the log says so.
fn system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn is_unknown_issuer(error: &(dyn Error + 'static)) -> bool {
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref() == Some(&unknown) {
            return true;
        }
        // An I/O error's source is its payload's source, which skips the payload.
        next = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests;
