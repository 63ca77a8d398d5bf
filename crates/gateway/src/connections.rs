//! Accepts connections, within limits, and lets each ask until the server stops.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use crate::config::Limits;
use crate::gauge::Gauge;
use crate::listener::{Listener, Stream};
use crate::peer::Peers;

/// Answers the requests of one listener.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The response to a request. `may_ask` says whether its peer is one of the configured ones.
    fn handle(&self, request: Request<Incoming>, may_ask: bool) -> Response<Full<Bytes>>;
}

/// The connections of peers that may not ask, at most. Each waits for its answer alone.
pub(crate) const STRANGERS: usize = 64;

/// The limits that the listeners of gateways share. The listener of operators has its own, so that neither
/// can take the other's last connection.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    /// A permit for each connection that may be open.
    pub(crate) connections: Arc<Semaphore>,
    /// A permit for each connection of a peer that may not ask. They are few, so that strangers
    /// take no connection from a gateway.
    pub(crate) strangers: Arc<Semaphore>,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Shared {
    /// For listeners that may together have this number of connections open.
    pub(crate) fn new(limits: Limits, connections: usize, stopping: watch::Receiver<bool>) -> Self {
        Self {
            limits,
            connections: Arc::new(Semaphore::new(connections)),
            strangers: Arc::new(Semaphore::new(STRANGERS)),
            stopping,
        }
    }
}

/// Accepts connections on a listener until the server stops.
pub(crate) async fn serve(
    listener: Listener,
    peers: Peers,
    handler: Arc<impl Handler>,
    gauge: Arc<Gauge>,
    shared: Shared,
) {
    let mut stopping = shared.stopping.clone();
    let mut stopped = pin!(async move {
        // An error is the end of the server, too.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    });
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(_) => {
                // A connection that was reset is no reason to wait. Without a free file descriptor
                // there would be no end of errors.
                gauge.failed();
                sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        let may_ask = peers.may_ask(peer);
        let permits = match may_ask {
            true => &shared.connections,
            false => &shared.strangers,
        };
        let Ok(permit) = Arc::clone(permits).try_acquire_owned() else {
            // A gateway denies at once if its connection is closed, and waits if it is kept.
            gauge.refused();
            continue;
        };
        let connection = Connection {
            stream,
            may_ask,
            handler: Arc::clone(&handler),
            gauge: Arc::clone(&gauge),
            shared: shared.clone(),
            permit,
        };
        tokio::spawn(connection.run());
    }
}

/// One connection.
struct Connection<H> {
    stream: Box<dyn Stream>,
    may_ask: bool,
    handler: Arc<H>,
    gauge: Arc<Gauge>,
    shared: Shared,
    permit: OwnedSemaphorePermit,
}

impl<H: Handler> Connection<H> {
    async fn run(self) {
        let Self {
            stream,
            may_ask,
            handler,
            gauge,
            shared,
            permit: _permit,
        } = self;
        let _open = gauge.open();
        let Limits {
            header_bytes,
            idle_timeout,
            ..
        } = shared.limits;
        let answered = Arc::clone(&gauge);
        let service = service_fn(move |request| {
            let response = handler.handle(request, may_ask);
            answered.answered(response.status().as_u16());
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(idle_timeout)
            .max_buf_size(header_bytes)
            // A peer that may not ask gets its answer, and no second one.
            .keep_alive(may_ask)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut stopping = shared.stopping;
        tokio::select! {
            // How it ended is the peer's affair: it has closed, or sent what is no HTTP.
            _ = connection.as_mut() => return,
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
