//! The inner service: it says what it sees.

use std::convert::Infallible;
use std::fmt::Write;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use routescope_tower::Authorized;
use tower::service_fn;
use tower::util::BoxCloneService;

/// A service that answers with what it sees of a request, a line each.
pub(crate) fn echo<B: Send + 'static>()
-> BoxCloneService<Request<B>, Response<Full<Bytes>>, Infallible> {
    BoxCloneService::new(service_fn(|request| async move {
        let mut response = Response::new(Full::from(seen(&request)));
        // A success would open a tunnel, without a body.
        if request.method() == Method::CONNECT {
            *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
        }
        Ok(response)
    }))
}

/// Lists the parts of a request that a service sees.
pub(crate) fn seen<B>(request: &Request<B>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        writeln!(text, "{name}: {value}").expect("a String takes every text");
    };
    line("method", request.method().as_str());
    line("uri", &request.uri().to_string());
    let target = request.uri().path_and_query().map(PathAndQuery::as_str);
    line("target", target.unwrap_or("none"));
    if let Some(authorized) = request.extensions().get::<Authorized>() {
        line("authorized", authorized.key_id().unwrap_or("nobody"));
        line("by", authorized.by().map_or("nothing", |by| by.as_str()));
        line("route", authorized.route_name());
        line("scope", authorized.scope().unwrap_or("none"));
        line("digest", authorized.digest());
    }
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        line(&format!("header {name}"), &value);
    }
    text
}

/// The value of a line of [`seen`].
pub(crate) fn line<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
