//! The server: its listeners from the start to the stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use routescope_guard::{DecisionLog, Guard, PolicyOrigin};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::admin::{self, AdminHandler};
use crate::certificates::Certificates;
use crate::check_request::Checks;
use crate::config::{Address, AdminConfig, Config, Limits, ListenerConfig, Place, Sources};
use crate::connections::{Shared, serve};
use crate::gauge::Gauge;
use crate::http1::Handler;
use crate::listener::Listener;
use crate::message::{Failure, say};
use crate::metrics::Metrics;
use crate::peer::Peers;
use crate::preset::{HTTP1, Preset};
use crate::readiness::Readiness;
use crate::{log, open_files, reload, response};

/// The time for the answers to operators that are under way at the end of a stop.
const ADMIN_STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// A listener's checks, answered by HTTP/1.
#[derive(Debug)]
struct CheckHandler {
    checks: Checks,
    shows_reason: bool,
    hides_credential: bool,
}

impl Handler for CheckHandler {
    fn handle(&self, request: Request<Incoming>, may_ask: bool) -> Response<Full<Bytes>> {
        // The body of a check request means nothing, and is not read.
        let (parts, _) = request.into_parts();
        let answer = self.checks.decide(&parts, may_ask);
        let mut response = response::response(&answer, self.shows_reason);
        if self.checks.preset == Preset::Envoy {
            response::add_headers_to_remove(&mut response, &answer, self.hides_credential);
        }
        response
    }
}

/// Reads policy and keys, and runs a server until it is told to stop.
///
/// # Errors
///
/// Policy or keys that are not sound, an address that cannot be had.
pub(crate) fn run(config: Config) -> Result<(), Failure> {
    let (queue, writer) = log::to_stdout().map_err(no_thread)?;
    let log = DecisionLog::new(queue)
        .one_allow_in(config.log.allows)
        .denials_per_second(config.log.denials);
    let guard = builder(&config.sources).log(log).build()?;
    let done = run_with(config, guard, |_| {});
    writer.finish();
    done
}

/// Reads policy and keys as a start would, and says what they are.
pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    let guard = builder(&config.sources).build()?;
    let mut certificates = Certificates::default();
    for listener in &config.listeners {
        certificates.read(&listener.place, listener.preset.protocol())?;
    }
    if let Some(admin) = &config.admin {
        certificates.read(&admin.place, HTTP1)?;
    }
    // The status names the listeners that let denials through, while their handles are kept.
    let handle =
        |listener: &ListenerConfig| guard.listener(&listener.name, listener.shadow.clone());
    let _handles: Vec<_> = config.listeners.iter().map(handle).collect();
    say(guard.status());
    Ok(())
}

/// The builder of the guard that a configuration describes.
pub(crate) fn builder(sources: &Sources) -> routescope_guard::Builder {
    let policy = match &sources.policy {
        Some(file) => PolicyOrigin::file(file),
        None => routescope::pbx::POLICY.into(),
    };
    let mut builder = Guard::builder(policy);
    if let Some(file) = &sources.keys {
        builder = builder.keys_file(file);
    }
    if let Some(file) = &sources.hash_secret {
        builder = builder.hash_secret_file(file);
    }
    #[cfg(feature = "compiler")]
    {
        builder = builder.refuse_wider(sources.refuses_wider);
    }
    #[cfg(feature = "tokens")]
    if let Some((rules, keys)) = &sources.tokens {
        builder = builder.tokens(rules.clone(), keys);
    }
    builder
}

/// Runs a server with a guard. `ready` is called with the addresses of the gateways' listeners when
/// every listener is bound.
pub(crate) fn run_with(
    config: Config,
    guard: Guard,
    ready: impl FnOnce(&[Address]),
) -> Result<(), Failure> {
    open_files::raise(&config.limits);
    let runtime = runtime(config.threads).map_err(no_thread)?;
    let done = runtime.block_on(serve_all(config, guard, ready));
    runtime.shutdown_background();
    done
}

async fn serve_all(
    config: Config,
    guard: Guard,
    ready: impl FnOnce(&[Address]),
) -> Result<(), Failure> {
    let mut signals = Signals::take().map_err(no_thread)?;
    let hangup = reload::hangup().map_err(no_thread)?;
    // Nobody is answered before every address is there: a server that cannot have one of them
    // does not start.
    let mut bound = Vec::new();
    let mut certificates = Certificates::default();
    for listener in config.listeners {
        let protocol = listener.preset.protocol();
        let socket = bind(&listener.place, protocol, &mut certificates).await?;
        bound.push((listener, socket));
    }
    let admin = match config.admin {
        Some(AdminConfig { place }) => {
            let socket = bind(&place, HTTP1, &mut certificates).await?;
            Some((socket, place.peers))
        }
        None => None,
    };

    let (stop, stopping) = watch::channel(false);
    let shared = Shared::new(config.limits, config.limits.connections, stopping.clone());
    let mut listeners = JoinSet::new();
    let (mut gauges, mut addresses) = (Vec::new(), Vec::new());
    for (listener, socket) in bound {
        let address = socket.address().map_err(no_thread)?;
        say(format_args!(
            "{} asks at {address} (listener `{}`)",
            listener.preset.name(),
            listener.name
        ));
        addresses.push(address);
        let gauge = Arc::new(Gauge::default());
        gauges.push((listener.name.clone(), Arc::clone(&gauge)));
        let peers = listener.place.peers.clone();
        let shared = shared.clone();
        #[cfg(feature = "grpc")]
        if listener.preset == Preset::EnvoyGrpc {
            let grpc = Arc::new(grpc(listener, &guard));
            listeners.spawn(serve(socket, peers, grpc, gauge, shared));
            continue;
        }
        let handler = Arc::new(handler(listener, &guard));
        listeners.spawn(serve(socket, peers, handler, gauge, shared));
    }
    let readiness = Readiness {
        guard: guard.clone(),
        stopping,
    };
    let admin = match admin {
        Some((socket, peers)) => {
            let address = socket.address().map_err(no_thread)?;
            say(format_args!("operators ask at {address}"));
            Some(Admin::serve(
                socket,
                peers,
                gauges,
                readiness,
                config.limits,
            ))
        }
        None => None,
    };
    say(guard.status());
    ready(&addresses);
    let reloads = tokio::spawn(reload::follow(guard, certificates, hangup));

    signals.wait().await;
    say("stopping");
    let _ = stop.send(true);
    while listeners.join_next().await.is_some() {}
    let all = u32::try_from(config.limits.connections).unwrap_or(u32::MAX);
    tokio::select! {
        // Each open connection has a permit.
        _ = shared.connections.acquire_many(all) => {}
        () = sleep(config.limits.stop_timeout) => say("connections that have not ended are cut"),
        () = signals.wait() => say("a second signal: connections that have not ended are cut"),
    }
    // Operators and load balancers see until here that the server stops.
    if let Some(admin) = admin {
        admin.stop().await;
    }
    reloads.abort();
    Ok(())
}

/// The listener of operators, which outlives those of gateways.
struct Admin {
    stop: watch::Sender<bool>,
    shared: Shared,
    listener: JoinHandle<()>,
}

impl Admin {
    fn serve(
        socket: Listener,
        peers: Peers,
        mut gauges: Vec<(String, Arc<Gauge>)>,
        readiness: Readiness,
        limits: Limits,
    ) -> Self {
        let (stop, stopping) = watch::channel(false);
        let shared = Shared::new(limits, admin::CONNECTIONS, stopping);
        let gauge = Arc::new(Gauge::default());
        gauges.push((admin::NAME.to_owned(), Arc::clone(&gauge)));
        let handler = Arc::new(AdminHandler {
            readiness,
            metrics: Metrics::new(gauges, limits.connections),
        });
        let listener = tokio::spawn(serve(socket, peers, handler, gauge, shared.clone()));
        Self {
            stop,
            shared,
            listener,
        }
    }

    /// Answers what has been asked, and waits for nobody who asks slowly.
    async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.listener.await;
        let ended = self
            .shared
            .connections
            .acquire_many(admin::CONNECTIONS as u32);
        let _ = timeout(ADMIN_STOP_TIMEOUT, ended).await;
    }
}

fn handler(listener: ListenerConfig, guard: &Guard) -> CheckHandler {
    CheckHandler {
        shows_reason: listener.shows_reason,
        hides_credential: listener.hides_credential,
        checks: checks(listener, guard),
    }
}

#[cfg(feature = "grpc")]
fn grpc(listener: ListenerConfig, guard: &Guard) -> crate::grpc::Grpc {
    crate::grpc::Grpc {
        shows_reason: listener.shows_reason,
        hides_credential: listener.hides_credential,
        checks: checks(listener, guard),
    }
}

fn checks(listener: ListenerConfig, guard: &Guard) -> Checks {
    Checks {
        guard: guard.listener(&listener.name, listener.shadow),
        preset: listener.preset,
        path_prefix: listener.path_prefix,
        refuses_override_headers: listener.refuses_override_headers,
    }
}

fn runtime(threads: Option<usize>) -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if let Some(threads) = threads {
        builder.worker_threads(threads);
    }
    builder.enable_all().build()
}

/// Binds a place whose peers speak a protocol, with the certificate that it has.
#[cfg_attr(
    not(feature = "tls"),
    allow(clippy::let_unit_value, reason = "without TLS, there is none")
)]
async fn bind(
    place: &Place,
    protocol: &'static str,
    certificates: &mut Certificates,
) -> Result<Listener, Failure> {
    let certificate = certificates.read(place, protocol)?;
    let bound = Listener::bind(place, certificate).await;
    bound.map_err(|error| {
        Failure::new(
            format_args!("{} cannot be listened on: {error}", place.address),
            "stop the program that uses it, or configure another address",
        )
    })
}

#[allow(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn no_thread(error: io::Error) -> Failure {
    Failure::new(
        format_args!("the system refuses what every server needs: {error}"),
        "look at the limits of processes and open files",
    )
}

/// The signals that stop a server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn take() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
