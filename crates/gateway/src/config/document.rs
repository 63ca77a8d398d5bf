//! The configuration file as written.

use std::path::PathBuf;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::preset::Preset;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) policy: Option<PathBuf>,
    pub(super) keys: Option<PathBuf>,
    pub(super) hash_secret: Option<PathBuf>,
    pub(super) refuse_wider: Option<Spanned<bool>>,
    pub(super) tokens: Option<Spanned<Tokens>>,
    pub(super) listeners: Spanned<Vec<Listener>>,
    pub(super) admin: Option<Admin>,
    #[serde(default)]
    pub(super) log: Log,
    #[serde(default)]
    pub(super) limits: Limits,
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listener {
    pub(super) name: Option<Spanned<String>>,
    pub(super) gateway: Spanned<Preset>,
    pub(super) path_prefix: Option<Spanned<String>>,
    pub(super) address: Spanned<String>,
    pub(super) peers: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) users: Option<Spanned<Vec<u32>>>,
    pub(super) mode: Option<Spanned<String>>,
    pub(super) tls: Option<Spanned<Tls>>,
    #[serde(default)]
    pub(super) override_headers: OverrideHeaders,
    #[serde(default = "yes")]
    pub(super) show_reason: bool,
    pub(super) hide_credential: Option<Spanned<bool>>,
    #[serde(default)]
    pub(super) shadow: Shadow,
    pub(super) shadow_routes: Option<Spanned<Vec<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admin {
    pub(super) address: Spanned<String>,
    pub(super) peers: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) users: Option<Spanned<Vec<u32>>>,
    pub(super) mode: Option<Spanned<String>>,
    pub(super) tls: Option<Spanned<Tls>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "tls"),
    allow(dead_code, reason = "read to say that the feature is missing")
)]
pub(super) struct Tls {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) client_authorities: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "tokens"),
    allow(dead_code, reason = "read to say that the feature is missing")
)]
pub(super) struct Tokens {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) keys: PathBuf,
    pub(super) scope_claim: Option<String>,
    pub(super) leeway: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub(super) allows: Option<u32>,
    pub(super) denials: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) connections: Option<usize>,
    pub(super) header_bytes: Option<usize>,
    pub(super) idle_timeout: Option<u64>,
    pub(super) stop_timeout: Option<u64>,
}

/// The treatment of override headers. Removing them is for the gateway, which alone can.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum OverrideHeaders {
    #[default]
    Refuse,
    Ignore,
}

/// The denials that are let through.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shadow {
    #[default]
    Off,
    /// Those of valid keys.
    Forbidden,
    /// All of them.
    Everything,
}

const fn yes() -> bool {
    true
}
