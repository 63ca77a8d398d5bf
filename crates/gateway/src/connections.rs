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

/// The language of a listener's peers.
pub(crate) trait Protocol: Send + Sync + 'static {
    /// Answers on a connection until its peer closes it or is idle for too long, or until the
    /// server stops. `may_ask` says whether the peer is one of the configured ones.
    fn converse(
        self: Arc<Self>,
        stream: Conversation,
        may_ask: bool,
        shared: Shared,
    ) -> impl Future<Output = ()> + Send;
}

/// The bytes of a connection. A write that makes no progress for the idle time-out is an error,
/// so that no peer holds a connection by not reading its answers.
pub(crate) type Conversation = Pin<Box<TimeoutStream<Box<dyn Stream>>>>;

/// What all listeners of a server share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    /// A permit for each connection that may be open.
    pub(crate) connections: Arc<Semaphore>,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
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
        let Ok(permit) = Arc::clone(&shared.connections).try_acquire_owned() else {
            // A gateway denies at once if its connection is closed, and waits if it is kept.
            gauge.refused();
            continue;
        };
        let connection = Connection {
            accepted,
            may_ask: peers.may_ask(peer),
            protocol: Arc::clone(&protocol),
            gauge: Arc::clone(&gauge),
            shared: shared.clone(),
            permit,
        };
        tokio::spawn(connection.run());
    }
}

/// One connection.
struct Connection<P> {
    accepted: Accepted,
    may_ask: bool,
    protocol: Arc<P>,
    gauge: Arc<Gauge>,
    shared: Shared,
    permit: OwnedSemaphorePermit,
}

impl<P: Protocol> Connection<P> {
    async fn run(self) {
        let Self {
            accepted,
            may_ask,
            protocol,
            gauge,
            shared,
            permit: _permit,
        } = self;
        let _open = gauge.open();
        let idle_timeout = shared.limits.idle_timeout;
        let Some(stream) = accepted.secure(idle_timeout).await else {
            gauge.failed();
            return;
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(idle_timeout));
        protocol.converse(Box::pin(stream), may_ask, shared).await;
    }
}
