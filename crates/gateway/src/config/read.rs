//! Reads a configuration file: whole, with the place of each mistake.

use std::net::IpAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use routescope_guard::Shadow;
use routescope_source::report::{Problem, Report};
use routescope_source::yaml::{self, Limits as YamlLimits};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

use super::document::{self, Document};
use super::{Address, AdminConfig, Config, Limits, ListenerConfig, LogConfig, Place, Sources};
use crate::peer::Peers;
use crate::preset::Original;
#[cfg(not(feature = "grpc"))]
use crate::preset::Preset;

/// A list of mappings that hold lists, and room to spare.
const LIMITS: YamlLimits = YamlLimits {
    depth: 8,
    values: 10_000,
    aliases: 0,
    replayed: 0,
    file: "configuration",
    quotes: true,
};

/// The largest limits that can be configured.
const MAX_CONNECTIONS: usize = 1_000_000;
const MAX_HEADER_BYTES: usize = 1 << 20;

/// Reads the configuration in a file. Paths in it are relative to its folder.
///
/// # Errors
///
/// A file that cannot be read, is no YAML, or has fields and values that mean nothing: a report of
/// all that was found, with lines and columns.
pub(crate) fn read(file: &Path) -> Result<Config, Box<Report>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}");
        Report::unreadable(&name, message, "check its name and its mode")
    })?;
    let folder = file.parent().unwrap_or(Path::new(""));
    parse(&name, &text, folder)
}

fn parse(name: &str, text: &str, folder: &Path) -> Result<Config, Box<Report>> {
    let report = |problems| Box::new(Report::new(name, text, problems));
    // Text that is no YAML is told of in the words of the other files.
    yaml::read_within(text, &LIMITS).map_err(|problem| report(vec![problem]))?;
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    let document = serde_saphyr::from_str_with_options::<Document>(text, options);
    let document = document.map_err(|error| report(vec![shape(text, &error)]))?;
    let mut check = Check {
        folder,
        problems: Vec::new(),
    };
    let config = check.config(document);
    match config {
        Some(config) if check.problems.is_empty() => Ok(config),
        _ => Err(report(check.problems)),
    }
}

/// A field that is unknown, missing, repeated, or of another type.
fn shape(text: &str, error: &serde_saphyr::Error) -> Problem {
    let at = error.location().map_or(0..0, |location| {
        let characters = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
        let place = text.char_indices().nth(characters);
        let start = place.map_or(text.len(), |(offset, _)| offset);
        let rest = text.get(start..).unwrap_or_default();
        let word = rest.find(|c: char| c.is_whitespace() || c == ':');
        start..start + word.unwrap_or(rest.len())
    });
    let message = error.without_snippet().to_string();
    // The place is told by the report.
    let message = message.split(" at line ").next().unwrap_or(&message);
    Problem::error(at, message.to_owned())
}

/// The place of a value in the text.
fn at<T>(spanned: &Spanned<T>) -> Range<usize> {
    let span = spanned.referenced.span();
    let bytes = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let start = bytes(span.byte_offset()).unwrap_or(0);
    start..start + bytes(span.byte_len()).unwrap_or(0)
}

/// Makes a configuration of a document, and collects what is wrong with it.
struct Check<'f> {
    folder: &'f Path,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn wrong<T>(&mut self, value: &Spanned<T>, message: impl Into<String>, help: &str) {
        let problem = Problem::error(at(value), message);
        self.problems.push(problem.help(help));
    }

    fn file(&self, file: PathBuf) -> PathBuf {
        self.folder.join(file)
    }

    fn config(&mut self, document: Document) -> Option<Config> {
        if document.listeners.value.is_empty() {
            let help = "add `- { gateway: nginx, address: 127.0.0.1:9180 }`";
            self.wrong(&document.listeners, "there is no listener", help);
        }
        if document.keys.is_none() && document.tokens.is_none() {
            let help = "add `keys: keys.yaml`, the file that `routescope key new` writes";
            let message = "no key can be known, since neither `keys` nor `tokens` is there";
            self.problems.push(Problem::error(0..0, message).help(help));
        }
        let limits = self.limits(&document.limits);
        let threads = document.threads.as_ref().map(|threads| {
            if !(1..=1_024).contains(&threads.value) {
                self.wrong(threads, "no number of threads", "write 1 to 1024");
            }
            threads.value
        });
        let mut listeners = Vec::new();
        for listener in document.listeners.value {
            let names = listeners.iter().map(|made: &ListenerConfig| &*made.name);
            let names: Vec<String> = names.map(str::to_owned).collect();
            listeners.extend(self.listener(listener, &names));
        }
        let admin = match document.admin {
            Some(admin) => Some(AdminConfig {
                place: self.place(
                    &admin.address,
                    admin.peers,
                    admin.users,
                    admin.mode,
                    admin.tls,
                )?,
            }),
            None => None,
        };
        let log = LogConfig {
            allows: document.log.allows.unwrap_or(LogConfig::default().allows),
            denials: document.log.denials.unwrap_or(LogConfig::default().denials),
        };
        let sources = Sources {
            policy: document.policy.map(|file| self.file(file)),
            keys: document.keys.map(|file| self.file(file)),
            hash_secret: document.hash_secret.map(|file| self.file(file)),
            #[cfg(feature = "compiler")]
            refuses_wider: document.refuse_wider.is_some_and(|refuse| refuse.value),
            #[cfg(feature = "tokens")]
            tokens: document.tokens.and_then(|tokens| self.tokens(tokens)),
        };
        #[cfg(not(feature = "compiler"))]
        if let Some(refuse) = &document.refuse_wider {
            self.no_feature(refuse, "compiler");
        }
        #[cfg(not(feature = "tokens"))]
        if let Some(tokens) = &document.tokens {
            self.no_feature(tokens, "tokens");
        }
        Some(Config {
            sources,
            listeners,
            admin,
            log,
            limits,
            threads,
        })
    }

    #[cfg(not(all(
        feature = "compiler",
        feature = "grpc",
        feature = "tls",
        feature = "tokens"
    )))]
    fn no_feature<T>(&mut self, value: &Spanned<T>, feature: &str) {
        let help = format!("build it with `--features {feature}`");
        self.wrong(value, "this program was built without it", &help);
    }

    fn limits(&mut self, limits: &document::Limits) -> Limits {
        let defaults = Limits::default();
        let mut number = |value: &Option<Spanned<usize>>, default, range: Range<usize>| {
            let Some(value) = value else { return default };
            if !range.contains(&value.value) {
                let help = format!("write {} to {}", range.start, range.end - 1);
                self.wrong(value, "out of bounds", &help);
            }
            value.value
        };
        let connections = number(
            &limits.connections,
            defaults.connections,
            1..MAX_CONNECTIONS + 1,
        );
        let header_bytes = number(
            &limits.header_bytes,
            defaults.header_bytes,
            // hyper reads into a buffer of at least this.
            8_192..MAX_HEADER_BYTES + 1,
        );
        let idle_timeout = match &limits.idle_timeout {
            Some(seconds) if seconds.value == 0 || seconds.value > 86_400 => {
                self.wrong(seconds, "out of bounds", "write 1 to 86400 (seconds)");
                defaults.idle_timeout
            }
            Some(seconds) => Duration::from_secs(seconds.value),
            None => defaults.idle_timeout,
        };
        let stop_timeout = limits.stop_timeout.map(Duration::from_secs);
        Limits {
            connections,
            header_bytes,
            idle_timeout,
            stop_timeout: stop_timeout.unwrap_or(defaults.stop_timeout),
        }
    }

    fn listener(
        &mut self,
        listener: document::Listener,
        others: &[String],
    ) -> Option<ListenerConfig> {
        let preset = listener.gateway.value;
        #[cfg(not(feature = "grpc"))]
        if preset == Preset::EnvoyGrpc {
            self.no_feature(&listener.gateway, "grpc");
        }
        let name = listener.name.as_ref();
        let name = name.map_or(preset.name(), |name| &*name.value).to_owned();
        if others.contains(&name) {
            let help = "give each listener a `name` that no other has";
            let message = format!("a second listener `{name}`");
            match &listener.name {
                Some(name) => self.wrong(name, message, help),
                None => self.wrong(&listener.gateway, message, help),
            }
        }
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
                let help =
                    "remove it, and let the gateway's own configuration drop `Authorization`";
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
            listener.tls,
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

    fn place(
        &mut self,
        written: &Spanned<String>,
        peers: Option<Spanned<Vec<Spanned<String>>>>,
        users: Option<Spanned<Vec<u32>>>,
        mode: Option<Spanned<String>>,
        tls: Option<Spanned<document::Tls>>,
    ) -> Option<Place> {
        let Some(address) = Address::parse(&written.value) else {
            let message = "neither an address and a port, nor a socket";
            let help =
                "write it like `127.0.0.1:9180`, `[::1]:9180` or `unix:/run/routescope/nginx.sock`";
            self.wrong(written, message, help);
            return None;
        };
        let peers = match &address {
            Address::Tcp(_) => {
                if let Some(users) = &users {
                    let help = "write `peers` with their addresses";
                    self.wrong(users, "only a unix socket tells the user of a peer", help);
                }
                if let Some(mode) = &mode {
                    self.wrong(mode, "only a unix socket has a mode", "remove it");
                }
                self.networks(written, &address, peers)
            }
            Address::Unix(_) => {
                if let Some(peers) = &peers {
                    let help = "write `users: [33]`, or nothing: its mode says who may ask";
                    self.wrong(peers, "peers of a unix socket have no address", help);
                }
                users.map_or(Peers::AnyUser, |users| Peers::Users(users.value))
            }
        };
        let mode = mode.map_or(0o660, |mode| match u32::from_str_radix(&mode.value, 8) {
            Ok(bits) if bits <= 0o777 => bits,
            _ => {
                self.wrong(&mode, "no mode of a file", "write it like `\"0660\"`");
                0o660
            }
        });
        #[cfg(not(feature = "tls"))]
        if let Some(tls) = &tls {
            self.no_feature(tls, "tls");
        }
        Some(Place {
            address,
            peers,
            mode,
            #[cfg(feature = "tls")]
            tls: tls.map(|tls| super::TlsConfig {
                certificate: self.file(tls.value.certificate),
                key: self.file(tls.value.key),
                client_authorities: tls.value.client_authorities.map(|file| self.file(file)),
            }),
        })
    }

    /// The networks of the peers. Nobody has to say who may ask on loopback; everywhere else,
    /// everybody who can reach the port could.
    fn networks(
        &mut self,
        written: &Spanned<String>,
        address: &Address,
        peers: Option<Spanned<Vec<Spanned<String>>>>,
    ) -> Peers {
        let Some(peers) = peers else {
            if !address.is_local() {
                let message = "other hosts can reach this address, and no `peers` are given";
                let help = "add the addresses of your gateways: `peers: [\"10.0.0.0/24\"]`";
                self.wrong(written, message, help);
            }
            return Peers::loopback();
        };
        let mut networks = Vec::new();
        for text in &peers.value {
            let network = text.value.parse::<IpNet>();
            let network = network.or_else(|_| text.value.parse::<IpAddr>().map(IpNet::from));
            match network {
                Ok(network) => networks.push(network),
                Err(_) => self.wrong(
                    text,
                    "neither an address nor a network",
                    "write it like `10.0.0.7`, `10.0.0.0/24` or `fd00::/64`",
                ),
            }
        }
        Peers::Networks(networks)
    }

    #[cfg(feature = "tokens")]
    fn tokens(
        &mut self,
        tokens: Spanned<document::Tokens>,
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
            Ok(rules) => Some((rules, self.file(tokens.value.keys.clone()))),
            Err(error) => {
                self.wrong(&tokens, error.to_string(), "see `TokenRules`");
                None
            }
        }
    }
}
