//! Accepts connections, within limits, and lets each ask until the server stops.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

use crate::config::Limits;
use crate::gauge::Gauge;
use crate::listener::{Accepted, Listener, Stream};
use crate::peer::Peers;

/// The protocol by which the peers of a listener ask.
pub(crate) trait Protocol: Send + Sync + 'static {
    /// Answers on a connection until its peer closes it or is idle for too long, or until the
    /// server stops.
    fn converse(self: Arc<Self>, with: Conversation) -> impl Future<Output = ()> + Send;
}

/// A connection on which a peer asks.
pub(crate) struct Conversation {
    pub(crate) stream: TimedStream,
    /// Whether the peer is one of the configured ones.
    pub(crate) may_ask: bool,
    pub(crate) gauge: Arc<Gauge>,
    pub(crate) limits: Limits,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The bytes of a connection. A write that makes no progress for the idle time-out is an error,
/// so that no peer holds a connection by not reading its answers.
pub(crate) type TimedStream = Pin<Box<TimeoutStream<Box<dyn Stream>>>>;

/// The connections of peers that may not ask, at most. Each waits for its answer alone.
pub(crate) const STRANGERS: usize = 64;

/// The limits that the listeners of gateways share. The listener of operators has its own, so that
/// neither can take the other's last connection.
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
    protocol: Arc<impl Protocol>,
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
        let (accepted, peer) = match accepted {
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
            accepted,
            may_ask,
            gauge: Arc::clone(&gauge),
            limits: shared.limits,
            stopping: shared.stopping.clone(),
            permit,
        };
        tokio::spawn(connection.run(Arc::clone(&protocol)));
    }
}

/// One connection.
struct Connection {
    accepted: Accepted,
    may_ask: bool,
    gauge: Arc<Gauge>,
    limits: Limits,
    stopping: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, protocol: Arc<impl Protocol>) {
        let Self {
            accepted,
            may_ask,
            gauge,
            limits,
            stopping,
            permit: _permit,
        } = self;
        let _open = gauge.open();
        let Some(stream) = accepted.secure(limits.idle_timeout).await else {
            gauge.failed();
            return;
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.idle_timeout));
        let conversation = Conversation {
            stream: Box::pin(stream),
            may_ask,
            gauge: Arc::clone(&gauge),
            limits,
            stopping,
        };
        protocol.converse(conversation).await;
    }
}
