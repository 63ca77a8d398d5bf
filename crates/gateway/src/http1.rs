//! Check requests by HTTP/1.

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::connections::{Conversation, Protocol};
use crate::heads::{Heads, MalformedHead, WatchHeads};

/// Answers the requests of one listener.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The response to a request. `may_ask` says whether its peer is one of the configured ones.
    /// The request has the extension [`MalformedHead`] if its head is one that hyper does not
    /// hand on as it was written.
    fn handle(&self, request: Request<Incoming>, may_ask: bool) -> Response<Full<Bytes>>;
}

impl<H: Handler> Protocol for H {
    async fn converse(self: Arc<Self>, with: Conversation) {
        let Conversation {
            stream,
            may_ask,
            gauge,
            limits,
            mut stopping,
        } = with;
        let heads = Arc::new(Heads::default());
        let stream = WatchHeads::new(stream, Arc::clone(&heads));
        let service = service_fn(move |mut request: Request<Incoming>| {
            if heads.next_is_malformed() {
                request.extensions_mut().insert(MalformedHead);
            }
            let has_body = !request.body().is_end_stream();
            let mut response = self.handle(request, may_ask);
            if has_body {
                // Nobody reads the body, and its bytes must not become the next request, whose
                // answer would then be taken for that to another one.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            gauge.answered(response.status().as_u16());
            ready(Ok::<_, Infallible>(response))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle_timeout)
            .max_buf_size(limits.header_bytes)
            // A peer that may not ask gets its answer, and no second one.
            .keep_alive(may_ask)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            // How it ended is the peer's affair: it has closed, or sent what is no HTTP.
            _ = connection.as_mut() => return,
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
