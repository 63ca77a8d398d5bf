//! The check request: what a gateway tells of the request that it asks about.

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Version};
use routescope_guard::{
    Answer, CheckFault, Guard, IDENTITY_HEADERS, OVERRIDE_HEADERS, is_same_header,
    seconds_since_1970,
};

use crate::heads::MalformedHead;
use crate::preset::{Original, Preset};

/// How the check requests of a listener are read and decided.
#[derive(Debug)]
pub(crate) struct Checks {
    pub(crate) guard: Guard,
    pub(crate) preset: Preset,
    /// The prefix that Envoy puts before the path.
    pub(crate) path_prefix: String,
    pub(crate) refuses_override_headers: bool,
}

/// Method and target of the request that a gateway asks about.
#[derive(Debug)]
pub(crate) struct Told<'r> {
    pub(crate) method: &'r [u8],
    pub(crate) target: &'r [u8],
}

impl Checks {
    /// Decides on the request that a check request tells of. `may_ask` says whether its peer is
    /// one that may.
    pub(crate) fn decide(&self, parts: &Parts, may_ask: bool) -> Answer {
        let names = parts.headers.keys().map(HeaderName::as_str);
        let authorization = parts.headers.get_all(AUTHORIZATION).iter();
        let authorization = authorization.map(HeaderValue::as_bytes);
        self.decide_told(may_ask, self.told(parts), names, authorization)
    }

    /// Decides on what was told, with the names of the client's headers and every value of
    /// `Authorization`.
    pub(crate) fn decide_told<'h>(
        &self,
        may_ask: bool,
        told: Result<Told<'_>, CheckFault>,
        mut names: impl Iterator<Item = &'h str>,
        authorization: impl IntoIterator<Item = &'h [u8]>,
    ) -> Answer {
        let now = seconds_since_1970();
        let fault = if !may_ask {
            Some(CheckFault::Peer)
        } else if names.any(|name| self.overrides(name)) {
            Some(CheckFault::OverrideHeader)
        } else {
            told.as_ref().err().copied()
        };
        let told = told.unwrap_or(Told {
            method: b"",
            target: b"",
        });
        match fault {
            Some(fault) => self.guard.refuse(fault, told.method, told.target, now),
            None => self
                .guard
                .decide(authorization, told.method, told.target, now),
        }
    }

    /// Reads method and target from where the listener's gateway tells them, and from nowhere
    /// else: the check request's own line says nothing about the request, unless it is Envoy's.
    fn told<'r>(&self, parts: &'r Parts) -> Result<Told<'r>, CheckFault> {
        if parts.extensions.get::<MalformedHead>().is_some() {
            return Err(CheckFault::Malformed);
        }
        match self.preset.original() {
            Original::Headers { method, target } => Ok(Told {
                method: only(&parts.headers, method)?,
                target: only(&parts.headers, target)?,
            }),
            Original::RequestLine => Ok(Told {
                method: parts.method.as_str().as_bytes(),
                target: self.behind_prefix(parts)?.as_bytes(),
            }),
            // Such a listener speaks gRPC.
            Original::Message => Err(CheckFault::Malformed),
        }
    }

    /// The target of the check request's own line, without the prefix of its path.
    fn behind_prefix<'r>(&self, parts: &'r Parts) -> Result<&'r str, CheckFault> {
        let uri = &parts.uri;
        // In HTTP/1.x a scheme or an authority is there only if it stands in the request line.
        if parts.version < Version::HTTP_2 && (uri.scheme().is_some() || uri.authority().is_some())
        {
            return Err(CheckFault::Malformed);
        }
        let target = uri.path_and_query().ok_or(CheckFault::Malformed)?;
        let target = target.as_str().strip_prefix(&*self.path_prefix);
        let target = target.ok_or(CheckFault::Missing)?;
        if target.starts_with('/') {
            Ok(target)
        } else {
            Err(CheckFault::Malformed)
        }
    }

    /// Whether a header is one by which the API could take another method or path, or another
    /// identity, than those that are decided on.
    fn overrides(&self, name: &str) -> bool {
        if self.preset.tells_by(name) {
            return false;
        }
        // Gateways replace a client's own `x-key-id`, and some let its other spellings pass.
        let mut misspelt = IDENTITY_HEADERS.iter().filter(|other| name != **other);
        misspelt.any(|other| is_same_header(name, other))
            || self.refuses_override_headers
                && OVERRIDE_HEADERS
                    .iter()
                    .any(|other| is_same_header(name, other))
    }
}

/// The value of a header that tells method or target.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h [u8], CheckFault> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(CheckFault::Missing)?.as_bytes();
    if values.next().is_some() {
        return Err(CheckFault::Doubled);
    }
    if is_of_request_line(value) {
        Ok(value)
    } else {
        Err(CheckFault::Malformed)
    }
}

/// Whether a request line can have this between two spaces. That excludes two values that
/// something on the way has joined by a comma and a space.
pub(crate) fn is_of_request_line(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|&byte| byte > b' ' && byte != 0x7F)
}
