//! Makes a configuration of a document whose shape is right, and collects what is wrong with it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use routescope_guard::Shadow;
use routescope_source::report::Problem;
use serde_saphyr::Spanned;

use super::document::{self, Document};
use super::{Address, AdminConfig, Config, Limits, ListenerConfig, LogConfig, Sources};
use crate::admin;
use crate::preset::Original;
#[cfg(not(feature = "grpc"))]
use crate::preset::Preset;

/// The place of a value in the text.
fn at<T>(spanned: &Spanned<T>) -> Range<usize> {
    let span = spanned.referenced.span();
    let bytes = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let start = bytes(span.byte_offset()).unwrap_or(0);
    start..start + bytes(span.byte_len()).unwrap_or(0)
}

/// Makes a configuration of a document, and collects what is wrong with it.
#[derive(Debug)]
pub(super) struct Check<'f> {
    /// The folder that paths are relative to.
    folder: &'f Path,
    pub(super) problems: Vec<Problem>,
    /// Remarks on what is allowed and dangerous.
    pub(super) warnings: Vec<Problem>,
    /// The names of the listeners so far.
    names: Vec<String>,
    /// The addresses of the listeners so far.
    pub(super) addresses: Vec<Address>,
}

impl<'f> Check<'f> {
    pub(super) fn new(folder: &'f Path) -> Self {
        Self {
            folder,
            problems: Vec::new(),
            warnings: Vec::new(),
            // The metrics of the admin listener have this name.
            names: vec![admin::NAME.to_owned()],
            addresses: Vec::new(),
        }
    }
}

impl Check<'_> {
    pub(super) fn wrong<T>(&mut self, value: &Spanned<T>, message: impl Into<String>, help: &str) {
        let problem = Problem::error(at(value), message);
        self.problems.push(problem.help(help));
    }

    /// Says of a value that it is allowed, and what it opens.
    pub(super) fn warn<T>(&mut self, value: &Spanned<T>, message: &str, help: &str) {
        let problem = Problem::warning(at(value), message);
        self.warnings.push(problem.help(help));
    }

    pub(super) fn file(&self, file: impl AsRef<Path>) -> PathBuf {
        self.folder.join(file)
    }

    /// The configuration. If there are problems, it is none to be used.
    pub(super) fn config(&mut self, document: Document) -> Config {
        if document.listeners.value.is_empty() {
            let help = "add `- { gateway: nginx, address: 127.0.0.1:9180 }`";
            self.wrong(&document.listeners, "there is no listener", help);
        }
        if document.keys.is_none() && document.tokens.is_none() {
            let help = "add `keys: keys.yaml`, the file that `routescope key new` writes";
            let message = "no key can be known, since neither `keys` nor `tokens` is there";
            self.problems.push(Problem::error(0..0, message).help(help));
        }
        let mut listeners = Vec::new();
        for listener in document.listeners.value {
            listeners.extend(self.listener(listener));
        }
        let admin = document.admin.and_then(|admin| {
            let document::Admin {
                address,
                peers,
                users,
                mode,
                tls,
            } = admin;
            let place = self.place(&address, peers, users, mode, tls.as_ref())?;
            Some(AdminConfig { place })
        });
        let sources = Sources {
            policy: document.policy.map(|file| self.file(file)),
            keys: document.keys.map(|file| self.file(file)),
            hash_secret: document.hash_secret.map(|file| self.file(file)),
            #[cfg(feature = "compiler")]
            refuses_wider: document.refuse_wider.is_some_and(|refuse| refuse.value),
            #[cfg(feature = "tokens")]
            tokens: document.tokens.and_then(|tokens| self.tokens(&tokens)),
        };
        #[cfg(not(feature = "compiler"))]
        if let Some(refuse) = &document.refuse_wider {
            self.no_feature(refuse, "compiler");
        }
        #[cfg(not(feature = "tokens"))]
        if let Some(tokens) = &document.tokens {
            self.no_feature(tokens, "tokens");
        }
        Config {
            sources,
            listeners,
            admin,
            log: log(&document.log),
            limits: limits(&document.limits),
            threads: document.threads,
            warnings: Vec::new(),
        }
    }

    #[cfg(not(all(
        feature = "compiler",
        feature = "grpc",
        feature = "tls",
        feature = "tokens"
    )))]
    pub(super) fn no_feature<T>(&mut self, value: &Spanned<T>, feature: &str) {
        let help = format!("build it with `--features {feature}`");
        self.wrong(value, "this program was built without it", &help);
    }

    fn listener(&mut self, listener: document::Listener) -> Option<ListenerConfig> {
        let preset = listener.gateway.value;
        #[cfg(not(feature = "grpc"))]
        if preset == Preset::EnvoyGrpc {
            self.no_feature(&listener.gateway, "grpc");
        }
        let name = listener.name.as_ref();
        let name = name.map_or(preset.name(), |name| &*name.value).to_owned();
        if self.names.contains(&name) {
            let (message, help) = match &*name {
                admin::NAME => (
                    "this is the name of the admin listener in metrics".to_owned(),
                    "choose another name",
                ),
                name => (
                    format!("a second listener `{name}`"),
                    "give each listener a `name` that no other has",
                ),
            };
            match &listener.name {
                Some(name) => self.wrong(name, message, help),
                None => self.wrong(&listener.gateway, message, help),
            }
        }
        self.names.push(name.clone());
        let path_prefix = match listener.path_prefix {
            Some(prefix) if preset.original() != Original::RequestLine => {
                let message = format!("`{}` has no prefix of the path", preset.name());
                self.wrong(&prefix, message, "remove it: it is for `gateway: envoy`");
                String::new()
            }
            Some(prefix) if !prefix.value.starts_with('/') || prefix.value.ends_with('/') => {
                let message = "a prefix begins with a slash and ends with none";
                self.wrong(&prefix, message, "write it like `/check`");
                String::new()
            }
            Some(prefix) => prefix.value,
            None => String::new(),
        };
        let hides_credential = listener.hide_credential.is_some_and(|hide| {
            if !preset.removes_headers() {
                let message = format!("`{}` cannot be told to remove it", preset.name());
                let help = "leave the field out, and let the gateway's own configuration drop `Authorization`";
                self.wrong(&hide, message, help);
            }
            hide.value
        });
        let shadow = match listener.shadow {
            document::Shadow::Off => Shadow::OFF,
            document::Shadow::Forbidden => Shadow::forbidden(),
            document::Shadow::Everything => Shadow::everything(),
        };
        let shadow = match listener.shadow_routes {
            Some(routes) if shadow.is_off() => {
                let help = "add `shadow: forbidden`, or remove the routes";
                self.wrong(&routes, "shadow mode is off", help);
                shadow
            }
            Some(routes) => shadow.only_routes(routes.value),
            None => shadow,
        };
        let place = self.place(
            &listener.address,
            listener.peers,
            listener.users,
            listener.mode,
            listener.tls.as_ref(),
        )?;
        Some(ListenerConfig {
            name,
            preset,
            path_prefix,
            place,
            refuses_override_headers: listener.override_headers
                == document::OverrideHeaders::Refuse,
            shows_reason: listener.show_reason,
            hides_credential,
            shadow,
        })
    }

    #[cfg(feature = "tokens")]
    fn tokens(
        &mut self,
        tokens: &Spanned<document::Tokens>,
    ) -> Option<(routescope_guard::TokenRules, PathBuf)> {
        use routescope_guard::{ScopeClaim, TokenRules};

        let rules = || {
            let mut rules = TokenRules::new(&tokens.value.issuer, &tokens.value.audience)?;
            if let Some(claim) = &tokens.value.scope_claim {
                rules = rules.scope_claim(match &**claim {
                    "scope" => ScopeClaim::Scope,
                    "scp" => ScopeClaim::Scp,
                    other => ScopeClaim::Named(other.to_owned()),
                })?;
            }
            match tokens.value.leeway {
                Some(seconds) => rules.leeway(seconds),
                None => Ok(rules),
            }
        };
        match rules() {
            Ok(rules) => Some((rules, self.file(&tokens.value.keys))),
            Err(error) => {
                self.wrong(tokens, error.to_string(), "see `TokenRules`");
                None
            }
        }
    }
}

fn log(document: &document::Log) -> LogConfig {
    let defaults = LogConfig::default();
    LogConfig {
        allows: document.allows.unwrap_or(defaults.allows),
        denials: document.denials.unwrap_or(defaults.denials),
    }
}

fn limits(document: &document::Limits) -> Limits {
    let defaults = Limits::default();
    let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
    Limits {
        connections: document.connections.unwrap_or(defaults.connections),
        header_bytes: document.header_bytes.unwrap_or(defaults.header_bytes),
        idle_timeout: seconds(document.idle_timeout).unwrap_or(defaults.idle_timeout),
        stop_timeout: seconds(document.stop_timeout).unwrap_or(defaults.stop_timeout),
    }
}
