//! The messages of Envoy's `ext_authz`: what a check request says, and the answer to it.

use envoy_types::ext_authz::v3::pb::{
    CheckRequest, CheckResponse, DeniedHttpResponse, HeaderAppendAction, HeaderValue,
    HeaderValueOption, HttpResponse, HttpStatus, OkHttpResponse,
};
use envoy_types::pb::envoy::service::auth::v3::attribute_context::HttpRequest;
use envoy_types::pb::google::rpc::Status;
use http::header::AUTHORIZATION;
use routescope_guard::{Answer, CheckFault};
use tonic::Code;

use crate::check_request::{Told, is_of_request_line};
use crate::response::{denial, headers_to_remove, status};

/// The client's request, as a check request describes it.
pub(crate) struct Spoken<'r>(Option<&'r HttpRequest>);

impl<'r> Spoken<'r> {
    pub(crate) fn new(request: &'r CheckRequest) -> Self {
        let request = request
            .attributes
            .as_ref()
            .and_then(|attributes| attributes.request.as_ref());
        Self(request.and_then(|request| request.http.as_ref()))
    }

    /// Method and target, which have one place each. protobuf cannot tell an empty text from a
    /// missing one.
    pub(crate) fn told(&self) -> Result<Told<'r>, CheckFault> {
        let http = self.0.ok_or(CheckFault::Missing)?;
        let told = Told {
            method: http.method.as_bytes(),
            target: http.path.as_bytes(),
        };
        if told.method.is_empty() || told.target.is_empty() {
            return Err(CheckFault::Missing);
        }
        let is_sound = is_of_request_line(told.method)
            && is_of_request_line(told.target)
            // The target has the query. A part of it that is elsewhere is one on which nobody
            // would decide.
            && http.query.is_empty()
            && http.fragment.is_empty()
            // Envoy sends the headers in one of two forms.
            && (http.headers.is_empty() || self.raw().next().is_none());
        if !is_sound {
            return Err(CheckFault::Malformed);
        }
        // Envoy repeats them among the headers, from which it forwards them.
        let agree = |name, told: &[u8]| self.values(name).all(|value| value == told);
        if agree(":method", told.method) && agree(":path", told.target) {
            Ok(told)
        } else {
            Err(CheckFault::Doubled)
        }
    }

    /// The names of the client's headers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'r str> {
        let joined = self.joined().map(|(name, _)| name);
        joined.chain(self.raw().map(|header| &*header.key))
    }

    /// The values of `Authorization`. Envoy joins two of them by a comma, unless it sends raw
    /// headers.
    pub(crate) fn authorization(&self) -> impl Iterator<Item = &'r [u8]> {
        self.values(AUTHORIZATION.as_str())
    }

    fn values<'n>(&self, name: &'n str) -> impl Iterator<Item = &'r [u8]> + use<'n, 'r> {
        let joined = self.joined().filter(|(other, _)| is(other, name));
        let joined = joined.map(|(_, value)| value.as_bytes());
        let raw = self.raw().filter(|header| is(&header.key, name));
        // One of the two is empty. A header in which neither is has two values.
        let raw = raw.flat_map(|header| {
            let text = Some(header.value.as_bytes());
            let text = text.filter(|text| !text.is_empty() || header.raw_value.is_empty());
            let bytes = Some(&*header.raw_value).filter(|bytes| !bytes.is_empty());
            text.into_iter().chain(bytes)
        });
        joined.chain(raw)
    }

    fn joined(&self) -> impl Iterator<Item = (&'r str, &'r str)> + use<'r> {
        let headers = self.0.map(|http| &http.headers);
        let headers = headers.into_iter().flatten();
        headers.map(|(name, value)| (&**name, &**value))
    }

    fn raw(&self) -> impl Iterator<Item = &'r HeaderValue> + use<'r> {
        let map = self.0.and_then(|http| http.header_map.as_ref());
        map.into_iter().flat_map(|map| &map.headers)
    }
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The response to a check request. A denial is an answer too, and no status of gRPC.
pub(crate) fn response(
    answer: &Answer,
    shows_reason: bool,
    hides_credential: bool,
) -> CheckResponse {
    let (code, response) = if answer.admits() {
        let ok = OkHttpResponse {
            headers: answer.forward_headers().map(set).collect(),
            headers_to_remove: headers_to_remove(answer, hides_credential)
                .map(str::to_owned)
                .collect(),
            ..Default::default()
        };
        (Code::Ok, HttpResponse::OkResponse(ok))
    } else {
        let status = status(answer);
        let code = match status {
            http::StatusCode::UNAUTHORIZED => Code::Unauthenticated,
            _ => Code::PermissionDenied,
        };
        let (headers, body) = denial(answer, shows_reason);
        let denied = DeniedHttpResponse {
            status: Some(HttpStatus {
                code: i32::from(status.as_u16()),
            }),
            headers: headers.map(set).collect(),
            // Problem details are JSON, and so UTF-8.
            body: String::from_utf8(body).unwrap_or_default(),
        };
        (code, HttpResponse::DeniedResponse(denied))
    };
    CheckResponse {
        status: Some(Status {
            code: code.into(),
            ..Default::default()
        }),
        http_response: Some(response),
        ..Default::default()
    }
}

/// A header that takes the place of all others of its name.
fn set((name, value): (&str, &str)) -> HeaderValueOption {
    HeaderValueOption {
        header: Some(HeaderValue {
            key: name.to_owned(),
            value: value.to_owned(),
            raw_value: Vec::new(),
        }),
        append_action: HeaderAppendAction::OverwriteIfExistsOrAdd.into(),
        ..Default::default()
    }
}
