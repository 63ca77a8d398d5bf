//! The listener of those who operate the server: metrics, health, and the policy's page.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::http1::Handler;
use crate::metrics::Metrics;
use crate::policy_page::{self, SECURITY_POLICY};
use crate::readiness::Readiness;

/// The name of the listener in metrics, which no other may have.
pub(crate) const NAME: &str = "admin";

/// The connections of operators that may be open. They are not those of gateways.
pub(crate) const CONNECTIONS: usize = 64;

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const PAGE: &str = "text/html; charset=utf-8";

/// Answers those who operate the server. Nothing that they can ask changes anything.
#[derive(Debug)]
pub(crate) struct AdminHandler {
    pub(crate) readiness: Readiness,
    pub(crate) metrics: Metrics,
}

impl Handler for AdminHandler {
    fn handle(&self, request: Request<Incoming>, may_ask: bool) -> Response<Full<Bytes>> {
        if !may_ask {
            let text = "you may not ask here: `peers` or `users` of `admin` say who may\n";
            return response(StatusCode::FORBIDDEN, TEXT, text);
        }
        let answer: fn(&Self) -> Response<Full<Bytes>> = match request.uri().path() {
            "/livez" => |_| response(StatusCode::OK, TEXT, "alive\n"),
            "/readyz" => Self::readiness,
            "/metrics" => Self::metrics,
            "/policy" => Self::policy,
            _ => {
                let text = "there are /livez, /readyz, /metrics and /policy\n";
                return response(StatusCode::NOT_FOUND, TEXT, text);
            }
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let text = "everything here is read-only\n";
            let mut refusal = response(StatusCode::METHOD_NOT_ALLOWED, TEXT, text);
            set(&mut refusal, ALLOW, "GET, HEAD");
            return refusal;
        }
        answer(self)
    }
}

impl AdminHandler {
    fn readiness(&self) -> Response<Full<Bytes>> {
        match self.readiness.check() {
            Ok(()) => response(StatusCode::OK, TEXT, "ready\n"),
            Err(reason) => {
                let text = format!("not ready: {reason}\n");
                response(StatusCode::SERVICE_UNAVAILABLE, TEXT, text)
            }
        }
    }

    fn metrics(&self) -> Response<Full<Bytes>> {
        let mut text = self.readiness.guard.metrics();
        let is_ready = self.readiness.check().is_ok();
        // A `String` takes every text.
        let _ = self.metrics.write(&mut text, is_ready);
        response(StatusCode::OK, METRICS, text)
    }

    fn policy(&self) -> Response<Full<Bytes>> {
        let page = policy_page::page(&self.readiness.guard);
        let mut page = response(StatusCode::OK, PAGE, page);
        set(&mut page, CONTENT_SECURITY_POLICY, SECURITY_POLICY);
        set(&mut page, REFERRER_POLICY, "no-referrer");
        page
    }
}

fn response(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, content_type);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set(response: &mut Response<Full<Bytes>>, name: HeaderName, value: &'static str) {
    let headers = response.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
}
