//! The response to a request that is refused.

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use routescope_guard::{Answer, DenyReason};

use crate::body::ResponseBody;

/// The response that a denial stands for.
pub(crate) fn response<B>(
    answer: &Answer,
    parts: &Parts,
    shows_reason: bool,
) -> Response<ResponseBody<B>> {
    // An answer without a reason is an allow, which nobody refuses.
    let reason = answer.reason().unwrap_or(DenyReason::Unavailable);
    let is_unauthenticated = reason.status() == 401;
    let status = if is_unauthenticated {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::FORBIDDEN
    };

    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in answer.response_headers() {
        // The values of a guard are visible ASCII and spaces.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let body = if let Some(content_type) = grpc_content_type(&parts.headers) {
        let code = if is_unauthenticated { "16" } else { "7" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(GRPC_STATUS, HeaderValue::from_static(code));
        headers.insert(GRPC_MESSAGE, HeaderValue::from_static(reason.detail()));
        Vec::new()
    } else {
        let body = answer.problem_details(shows_reason).unwrap_or_default();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        // That of the response to GET, which a server cannot know any more.
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        body
    };
    let is_head = parts.method == Method::HEAD;
    let mut response = Response::new(ResponseBody::refused(if is_head {
        Vec::new()
    } else {
        body
    }));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// The content type of the response, if the request is one of gRPC.
fn grpc_content_type(headers: &HeaderMap) -> Option<&'static str> {
    const PREFIX: &str = "application/grpc";
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (start, rest) = value.split_at_checked(PREFIX.len())?;
    if !start.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    let end = rest.find(['+', ';', ' ']).unwrap_or(rest.len());
    match rest.get(..end)?.to_ascii_lowercase().as_str() {
        "" => Some(PREFIX),
        "-web" => Some("application/grpc-web"),
        "-web-text" => Some("application/grpc-web-text"),
        _ => None,
    }
}
