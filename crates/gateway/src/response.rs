//! The answer to a check request, as HTTP.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use routescope_guard::Answer;

/// The header that tells a gateway the reason of a denial. nginx can copy it, where it drops
/// `WWW-Authenticate`.
pub(crate) const DENIED_REASON: &str = "x-denied-reason";

/// The response to a check request: 200, 401 or 403 and nothing else, because gateways turn any
/// other status into an error.
pub(crate) fn response(answer: &Answer, shows_reason: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let headers = response.headers_mut();
    if answer.admits() {
        insert(headers, answer.forward_headers());
        return response;
    }
    insert(headers, denial_headers(answer, shows_reason));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    *response.status_mut() = status(answer);
    let body = answer.problem_details(shows_reason).unwrap_or_default();
    *response.body_mut() = Full::from(body);
    response
}

/// The status of a refusal: 401, or 403 for everything else.
pub(crate) fn status(answer: &Answer) -> StatusCode {
    match answer.status() {
        401 => StatusCode::UNAUTHORIZED,
        _ => StatusCode::FORBIDDEN,
    }
}

/// The headers that tell the client, and the gateway, why.
pub(crate) fn denial_headers(
    answer: &Answer,
    shows_reason: bool,
) -> impl Iterator<Item = (&'static str, &str)> {
    let reason = answer.reason().filter(|_| shows_reason);
    let reason = reason.map(|reason| (DENIED_REASON, reason.as_str()));
    answer.response_headers().chain(reason)
}

fn insert<'h>(headers: &mut HeaderMap, new: impl Iterator<Item = (&'static str, &'h str)>) {
    for (name, value) in new {
        // The values of a guard are visible ASCII and spaces.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
