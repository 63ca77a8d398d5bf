//! The server without a configuration: a trial on this machine.

use std::io::{IsTerminal, Write, stdout};
use std::net::{Ipv4Addr, SocketAddr};

use routescope::pbx;
use routescope_guard::keys::NewKey;
use routescope_guard::{DecisionLog, Guard, KeyEntry, KeyFile, Shadow};
use tempfile::NamedTempFile;

use crate::config::{
    Address, AdminConfig, Config, Limits, ListenerConfig, LogConfig, Place, Sources,
};
use crate::log;
use crate::message::Failure;
use crate::peer::Peers;
use crate::preset::Preset;
use crate::server::run_with;

/// The ports of a trial, which the configurations of the gateways have too.
const CHECKS: u16 = 9180;
pub(crate) const ADMIN: u16 = 9181;

/// Runs the PBX API's policy on loopback, with a key that is made now and shown once: on a
/// terminal, or in a file that only this user can read, and never in a log.
pub(crate) fn run() -> Result<(), Failure> {
    let no_key = |error: &dyn std::fmt::Display| {
        Failure::new(
            format_args!("no key for a trial: {error}"),
            "configure a key file: `--config FILE`",
        )
    };
    let key =
        NewKey::generate(pbx::POLICY.key_format().as_ref()).map_err(|error| no_key(&error))?;
    let entry = KeyEntry::new("trial", key.hash(None), ["colleagues:read"]);
    let (queue, writer) = log::to_stdout().map_err(|error| no_key(&error))?;
    let guard = Guard::builder(pbx::POLICY)
        .keys(KeyFile::new([entry]))
        .log(DecisionLog::new(queue))
        .build()?;
    let shown = Shown::new(&key).map_err(|error| no_key(&error))?;
    drop(key);
    let done = run_with(config(), guard, |addresses| shown.print(addresses));
    writer.finish();
    done
}

fn config() -> Config {
    let place = |port| Place {
        address: Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        peers: Peers::loopback(),
        mode: 0,
        #[cfg(feature = "tls")]
        tls: None,
    };
    Config {
        sources: Sources::default(),
        listeners: vec![ListenerConfig {
            name: "trial".to_owned(),
            preset: Preset::Nginx,
            path_prefix: String::new(),
            place: place(CHECKS),
            refuses_override_headers: true,
            shows_reason: true,
            hides_credential: false,
            shadow: Shadow::OFF,
        }],
        admin: Some(AdminConfig {
            place: place(ADMIN),
        }),
        log: LogConfig::default(),
        limits: Limits::default(),
        threads: None,
        warnings: Vec::new(),
    }
}

/// The way in which the key of a trial is shown.
enum Shown {
    /// The header itself, on a terminal.
    Terminal(String),
    /// A file that has the header, for curl's `-H @FILE`. It goes when the server stops.
    File(NamedTempFile),
}

impl Shown {
    fn new(key: &NewKey) -> std::io::Result<Self> {
        let header = format!("Authorization: Bearer {}", key.expose());
        if stdout().is_terminal() {
            return Ok(Self::Terminal(header));
        }
        // It is made with the mode 0600.
        let mut file = tempfile::Builder::new()
            .prefix("routescope-gateway-")
            .tempfile()?;
        writeln!(file, "{header}")?;
        Ok(Self::File(file))
    }

    /// Prints two lines for curl at each address: the first gets 200, the second 403.
    fn print(&self, addresses: &[Address]) {
        let header = match self {
            Self::Terminal(header) => header.clone(),
            Self::File(file) => format!("@{}", file.path().display()),
        };
        let mut output = stdout().lock();
        for address in addresses {
            for (method, target) in [
                ("GET", "/api/v1/colleagues/"),
                ("PUT", "/api/v1/pbx/system/reboot/"),
            ] {
                // Nobody may read it, which stops no server.
                let _ = writeln!(
                    output,
                    "curl -i -H '{header}' -H 'X-Original-Method: {method}' -H 'X-Original-URI: {target}' http://{address}/"
                );
            }
        }
    }
}
