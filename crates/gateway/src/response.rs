//! The answer to a check request, as HTTP.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use routescope_guard::{Answer, IDENTITY_HEADERS};

/// The header that tells a gateway the reason of a denial. nginx can copy it, where it drops
/// `WWW-Authenticate`.
pub(crate) const DENIED_REASON: &str = "x-denied-reason";

/// The header that tells Envoy which of the client's headers do not go on.
const HEADERS_TO_REMOVE: &str = "x-envoy-auth-headers-to-remove";

/// The response to a check request: 200, 401 or 403 and nothing else, because gateways turn any
/// other status into an error.
pub(crate) fn response(answer: &Answer, shows_reason: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let headers = response.headers_mut();
    if answer.admits() {
        insert(headers, answer.forward_headers());
        return response;
    }
    let (new, body) = denial(answer, shows_reason);
    insert(headers, new);
    *response.status_mut() = status(answer);
    *response.body_mut() = Full::from(body);
    response
}

/// Tells Envoy which of the client's headers do not go on with a request that does.
pub(crate) fn add_headers_to_remove<B>(
    response: &mut Response<B>,
    answer: &Answer,
    hides_credential: bool,
) {
    if answer.admits() {
        // It has room for all names.
        let mut list = String::with_capacity(96);
        for name in headers_to_remove(answer, hides_credential) {
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(name);
        }
        if let Ok(list) = HeaderValue::try_from(list) {
            let name = HeaderName::from_static(HEADERS_TO_REMOVE);
            response.headers_mut().insert(name, list);
        }
    }
}

/// The client's headers that must not go on with an allowed request: its own identity headers
/// where the answer sets none of that name, and the credential if it is hidden.
pub(crate) fn headers_to_remove(
    answer: &Answer,
    hides_credential: bool,
) -> impl Iterator<Item = &'static str> {
    let is_set = |name: &str| answer.forward_headers().any(|(set, _)| set == name);
    let identity = IDENTITY_HEADERS
        .into_iter()
        .filter(move |name| !is_set(name));
    let credential = hides_credential.then_some(AUTHORIZATION.as_str());
    identity.chain(credential)
}

/// The status of a refusal: 401, or 403 for everything else.
pub(crate) fn status(answer: &Answer) -> StatusCode {
    match answer.status() {
        401 => StatusCode::UNAUTHORIZED,
        _ => StatusCode::FORBIDDEN,
    }
}

/// The headers and the body that tell the client, and the gateway, why.
pub(crate) fn denial(
    answer: &Answer,
    shows_reason: bool,
) -> (impl Iterator<Item = (&'static str, &str)>, Vec<u8>) {
    let reason = answer.reason().filter(|_| shows_reason);
    let reason = reason.map(|reason| (DENIED_REASON, reason.as_str()));
    let always = [
        (CACHE_CONTROL.as_str(), "no-store"),
        (CONTENT_TYPE.as_str(), "application/problem+json"),
    ];
    let headers = answer.response_headers().chain(reason).chain(always);
    let body = answer.problem_details(shows_reason).unwrap_or_default();
    (headers, body)
}

fn insert<'h>(headers: &mut HeaderMap, new: impl Iterator<Item = (&'static str, &'h str)>) {
    for (name, value) in new {
        // The values of a guard are visible ASCII and spaces.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
