//! TLS on a listener: the certificate, its key and the authorities of clients, read from files.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use routescope_guard::{FileProblem, FileStamp, read_secret_file, read_trusted_file};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::config::TlsConfig;

/// The most bytes of each file.
const LIMIT: u64 = 1 << 20;

/// The TLS of a listener.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsConfig,
    protocol: &'static str,
    current: RwLock<Arc<ServerConfig>>,
    /// The files as they were at the last look.
    seen: Mutex<Vec<Option<FileStamp>>>,
}

/// Why there is no TLS.
#[derive(Debug)]
pub(crate) enum TlsError {
    File(FileProblem),
    Content { message: String, help: &'static str },
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message(), self.help())
    }
}

impl TlsError {
    pub(crate) fn message(&self) -> String {
        match self {
            Self::File(problem) => format!("{}: {}", problem.file(), problem.message()),
            Self::Content { message, .. } => message.clone(),
        }
    }

    pub(crate) fn help(&self) -> &str {
        match self {
            Self::File(problem) => problem.help(),
            Self::Content { help, .. } => help,
        }
    }
}

impl From<FileProblem> for TlsError {
    fn from(problem: FileProblem) -> Self {
        Self::File(problem)
    }
}

impl Tls {
    /// Reads the files of a listener whose peers speak a protocol, by its name in ALPN.
    pub(crate) fn read(files: TlsConfig, protocol: &'static str) -> Result<Self, TlsError> {
        let seen = stamps(&files);
        let current = server_config(&files, protocol)?;
        Ok(Self {
            files,
            protocol,
            current: RwLock::new(current),
            seen: Mutex::new(seen),
        })
    }

    /// The configuration of the next connection.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again. On an error, those that were read stay in force.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = stamps(&self.files);
        let new = server_config(&self.files, self.protocol)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Reads the files again if one has changed.
    pub(crate) fn reload_if_changed(&self) -> Option<Result<(), TlsError>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = *seen == stamps(&self.files);
        drop(seen);
        (!is_same).then(|| self.reload())
    }

    /// The file that is named where something is said of all.
    pub(crate) fn certificate(&self) -> &Path {
        &self.files.certificate
    }
}

fn stamps(files: &TlsConfig) -> Vec<Option<FileStamp>> {
    let paths = [Some(&files.certificate), Some(&files.key)];
    let paths = paths.into_iter().chain([files.client_authorities.as_ref()]);
    paths.flatten().map(|path| FileStamp::of(path)).collect()
}

fn server_config(files: &TlsConfig, protocol: &'static str) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let chain = certificates(&files.certificate)?;
    let secret = read_secret_file(&files.key, LIMIT)?;
    let key = PrivateKeyDer::from_pem_slice(&secret).map_err(|_| TlsError::Content {
        message: format!("{}: there is no private key in it", files.key.display()),
        help: "write it as PEM, `-----BEGIN PRIVATE KEY-----`, without a password",
    })?;
    let bad_key = |error| TlsError::Content {
        message: format!(
            "{} and {} make no pair: {error}",
            files.certificate.display(),
            files.key.display()
        ),
        help: "name the key that the certificate was made for",
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(bad_key)?;
    let builder = match &files.client_authorities {
        Some(file) => builder.with_client_cert_verifier(clients(file, provider)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(bad_key)?;
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    Ok(Arc::new(config))
}

/// Accepts the clients that have a certificate of one of the authorities in a file.
fn clients(
    file: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    let bad_authority = |error: &dyn fmt::Display| TlsError::Content {
        message: format!("{}: no authority: {error}", file.display()),
        help: "write the certificates of the authorities as PEM",
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots
            .add(certificate)
            .map_err(|error| bad_authority(&error))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| bad_authority(&error))
}

/// The certificates in a file; at least one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let content = read_trusted_file(file, LIMIT)?;
    let none = |message: &str| TlsError::Content {
        message: format!("{}: {message}", file.display()),
        help: "write the certificate as PEM, `-----BEGIN CERTIFICATE-----`, the server's own first",
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&content).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(none("there is no certificate in it")),
        Err(_) => Err(none("it is no PEM")),
    }
}
