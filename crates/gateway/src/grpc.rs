//! Check requests by gRPC: Envoy's `ext_authz`.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use envoy_types::ext_authz::v3::pb::{
    Authorization, AuthorizationServer, CheckRequest, CheckResponse,
};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::{sleep, timeout};
use tonic::Status;
use tonic::codegen::Service;

use crate::check_message::{self, Spoken};
use crate::check_request::Checks;
use crate::connections::{Conversation, Protocol};
use crate::gauge::Gauge;

/// Checks that are decided on at once on a connection. Each takes microseconds.
const STREAMS: u32 = 256;

/// The least that a message may have. Envoy tells of more than the client's headers.
const MESSAGE_BYTES: usize = 64 * 1024;

/// The size of the frames of HTTP/2, and of what is queued for a peer that does not read.
const FRAME_BYTES: u32 = 16 * 1024;
const SEND_BYTES: usize = 64 * 1024;

/// Headers of a call itself, which are those of gRPC and of tracing.
const CALL_HEADER_BYTES: u32 = 16 * 1024;

/// A listener's checks, answered by gRPC.
#[derive(Debug)]
pub(crate) struct Grpc {
    pub(crate) checks: Checks,
    pub(crate) shows_reason: bool,
    pub(crate) hides_credential: bool,
}

/// The service for one connection.
struct Asked {
    grpc: Arc<Grpc>,
    may_ask: bool,
    gauge: Arc<Gauge>,
}

#[tonic::async_trait]
impl Authorization for Asked {
    async fn check(
        &self,
        request: tonic::Request<CheckRequest>,
    ) -> Result<tonic::Response<CheckResponse>, Status> {
        let request = request.into_inner();
        let Grpc {
            checks,
            shows_reason,
            hides_credential,
        } = &*self.grpc;
        let spoken = Spoken::new(&request);
        let answer = checks.decide_told(
            self.may_ask,
            spoken.told(),
            spoken.names(),
            spoken.authorization(),
        );
        // Envoy gives the client this status; that of gRPC says nothing.
        self.gauge.answered(answer.status());
        let response = check_message::response(&answer, *shows_reason, *hides_credential);
        Ok(tonic::Response::new(response))
    }
}

impl Protocol for Grpc {
    async fn converse(self: Arc<Self>, with: Conversation) {
        let Conversation {
            stream,
            may_ask,
            gauge,
            limits,
            mut stopping,
        } = with;
        let asked = Asked {
            grpc: self,
            may_ask,
            gauge,
        };
        let server = AuthorizationServer::new(asked)
            .max_decoding_message_size(limits.header_bytes.max(MESSAGE_BYTES));
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let service = service_fn(move |request: Request<Incoming>| {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut server = server.clone();
            async move {
                let response = match timeout(limits.idle_timeout, server.call(request)).await {
                    Ok(Ok(response)) => response,
                    Err(_) => {
                        Status::deadline_exceeded("the check request did not end").into_http()
                    }
                };
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            // A peer that may not ask needs one, to be told so.
            .max_concurrent_streams(if may_ask { STREAMS } else { 1 })
            .max_header_list_size(CALL_HEADER_BYTES)
            .max_frame_size(FRAME_BYTES)
            .max_send_buf_size(SEND_BYTES)
            .keep_alive_interval(limits.idle_timeout)
            .keep_alive_timeout(limits.idle_timeout)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            // How it ended is the peer's affair.
            _ = connection.as_mut() => return,
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = idle(&calls, limits.idle_timeout) => {}
        }
        connection.as_mut().graceful_shutdown();
        // The peer may have begun a call that it does not end.
        let _ = timeout(limits.idle_timeout, connection).await;
    }
}

/// Waits until there was no call for some time.
async fn idle(calls: &AtomicU64, limit: Duration) {
    let mut last = calls.load(Ordering::Relaxed);
    loop {
        sleep(limit).await;
        let now = calls.load(Ordering::Relaxed);
        if now == last {
            return;
        }
        last = now;
    }
}
