//! The configuration, valid by construction.

mod address;
mod check;
mod document;
mod place;
mod read;
mod shape;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use routescope_guard::Shadow;

pub(crate) use self::address::Address;
pub(crate) use self::read::read;
use crate::peer::Peers;
use crate::preset::Preset;

/// A server's configuration.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) sources: Sources,
    pub(crate) listeners: Vec<ListenerConfig>,
    pub(crate) admin: Option<AdminConfig>,
    pub(crate) log: LogConfig,
    pub(crate) limits: Limits,
    /// The number of threads that decide; none for as many as there are processors.
    pub(crate) threads: Option<usize>,
    /// Remarks on what is allowed and dangerous, a line each.
    pub(crate) warnings: Vec<String>,
}

/// The files of the policy and the keys.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The policy; none for the embedded one of the PBX API.
    pub(crate) policy: Option<PathBuf>,
    pub(crate) keys: Option<PathBuf>,
    pub(crate) hash_secret: Option<PathBuf>,
    #[cfg(feature = "compiler")]
    pub(crate) refuses_wider: bool,
    #[cfg(feature = "tokens")]
    pub(crate) tokens: Option<(routescope_guard::TokenRules, PathBuf)>,
}

/// A way in for one gateway.
#[derive(Debug)]
pub(crate) struct ListenerConfig {
    pub(crate) name: String,
    pub(crate) preset: Preset,
    pub(crate) path_prefix: String,
    pub(crate) place: Place,
    pub(crate) refuses_override_headers: bool,
    pub(crate) shows_reason: bool,
    /// Whether the gateway is told to remove the credential from a request that goes on.
    pub(crate) hides_credential: bool,
    pub(crate) shadow: Shadow,
}

/// A way in for those who operate the server.
#[derive(Debug)]
pub(crate) struct AdminConfig {
    pub(crate) place: Place,
}

/// Where a listener is, and who may ask there.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) address: Address,
    pub(crate) peers: Peers,
    /// The mode of a unix socket.
    pub(crate) mode: u32,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<TlsConfig>,
}

/// The certificate of a listener.
#[cfg(feature = "tls")]
#[derive(Clone, Debug)]
pub(crate) struct TlsConfig {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    /// The authorities of which a client has to show a certificate.
    pub(crate) client_authorities: Option<PathBuf>,
}

/// The decisions that are logged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LogConfig {
    /// One allow of this many; 0 for none.
    pub(crate) allows: u32,
    /// Denials in a second.
    pub(crate) denials: u32,
}

/// The limits on what peers may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Limits {
    /// Connections of all listeners together.
    pub(crate) connections: usize,
    /// Bytes of the head of a check request.
    pub(crate) header_bytes: usize,
    /// From an answer, or the start of a connection, to the last byte of the next head.
    pub(crate) idle_timeout: Duration,
    /// From the signal to stop to the end of connections that have not ended by themselves.
    pub(crate) stop_timeout: Duration,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            allows: 0,
            denials: 100,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            header_bytes: 32_768,
            // Longer than a gateway keeps its idle connections (nginx: 60 s), so that it is the
            // gateway that closes, and no check request meets a closed connection.
            idle_timeout: Duration::from_secs(75),
            stop_timeout: Duration::from_secs(10),
        }
    }
}
