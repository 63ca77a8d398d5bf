//! The settings of a layer, and the steps before and after a decision.

use std::borrow::Cow;

use http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_LENGTH, COOKIE, ORIGIN, TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use routescope_guard::{
    Answer, CheckFault, Guard, IDENTITY_HEADERS, OVERRIDE_HEADERS, seconds_since_1970,
};

use crate::authorized::Authorized;
use crate::body::ResponseBody;
use crate::override_headers::{self, OverrideHeaders};
use crate::refusal;
use crate::target;

/// The treatment of CORS preflights: the `OPTIONS` requests by which a browser asks, without a
/// key, whether a page may send a request with one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Preflight {
    /// A preflight is decided like any other request, and so answered with 401. The default:
    /// whether pages of other origins may call an API is for a `CorsLayer` to say, which answers
    /// preflights itself and belongs outside of this layer.
    #[default]
    Decide,
    /// A preflight goes on without a key if the policy lists the requested method, and not
    /// `OPTIONS`, on its target: for programs that answer preflights in their handlers.
    ///
    /// It goes on without identity headers, `Authorization`, `Cookie` and
    /// [`Authorized`](crate::Authorized). Requests that are no preflights by the Fetch standard
    /// are decided: those without exactly one `Origin` and one `Access-Control-Request-Method`,
    /// and those whose headers tell of a body. HTTP/2 and HTTP/3 can send a body that no header
    /// tells of, so a handler must not read that of an `OPTIONS` request. The guard does not count
    /// what passes.
    PassListed,
}

/// The settings of a layer, which all its services share.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) guard: Guard,
    pub(crate) clock: fn() -> u64,
    pub(crate) override_headers: OverrideHeaders,
    pub(crate) more_override_headers: Vec<HeaderName>,
    pub(crate) preflight: Preflight,
    pub(crate) shows_reason: bool,
    pub(crate) forwards_identity: bool,
    pub(crate) hides_credential: bool,
}

/// The outcome of the checks that need no key.
pub(crate) enum First<'p> {
    /// Key and policy decide, about this target.
    Undecided { target: Cow<'p, str>, now: u64 },
    /// The request contradicts itself.
    Refused(Answer),
    /// A preflight passes without a key.
    Preflight,
}

impl Settings {
    pub(crate) const fn new(guard: Guard) -> Self {
        Self {
            guard,
            clock: seconds_since_1970,
            override_headers: OverrideHeaders::Refuse,
            more_override_headers: Vec::new(),
            preflight: Preflight::Decide,
            shows_reason: false,
            forwards_identity: false,
            hides_credential: false,
        }
    }

    /// Makes the checks that need no key.
    pub(crate) fn first<'p>(&self, parts: &'p Parts) -> First<'p> {
        let now = (self.clock)();
        let (target, is_left) = target::of(parts);
        let fault = if is_left.is_err() {
            Some(CheckFault::Rewritten)
        } else if self.override_headers == OverrideHeaders::Refuse
            && override_headers::is_any(&parts.headers, &self.override_names())
        {
            Some(CheckFault::OverrideHeader)
        } else {
            None
        };
        if let Some(fault) = fault {
            let answer = self
                .guard
                .refuse(fault, parts.method.as_str(), &*target, now);
            return First::Refused(answer);
        }
        if self.preflight == Preflight::PassListed && self.is_listed_preflight(parts, &target) {
            return First::Preflight;
        }
        First::Undecided { target, now }
    }

    /// The response to a request that is refused. One that is admitted becomes the request that
    /// the inner service gets, and there is none. Every request to it passes here.
    pub(crate) fn refuse_or_forward<B>(
        &self,
        parts: &mut Parts,
        answer: Option<&Answer>,
    ) -> Option<Response<ResponseBody<B>>> {
        if let Some(answer) = answer
            && !answer.admits()
        {
            return Some(refusal::response(answer, parts, self.shows_reason));
        }
        self.forward(parts, answer);
        None
    }

    /// Changes an admitted request into that which the inner service gets. A preflight has no
    /// answer.
    fn forward(&self, parts: &mut Parts, answer: Option<&Answer>) {
        let headers = &mut parts.headers;
        override_headers::remove(headers, &IDENTITY_HEADERS.into_iter());
        if self.override_headers == OverrideHeaders::Strip {
            override_headers::remove(headers, &self.override_names());
        }
        if self.hides_credential || answer.is_none() {
            headers.remove(AUTHORIZATION);
        }
        if answer.is_none() {
            headers.remove(COOKIE);
        }
        // One of another guard, further out, says nothing about what this one decided.
        parts.extensions.remove::<Authorized>();
        let Some(answer) = answer else { return };
        if self.forwards_identity {
            for (name, value) in answer.forward_headers() {
                // The values of a guard are visible ASCII.
                if let Ok(value) = HeaderValue::from_str(value) {
                    headers.insert(HeaderName::from_static(name), value);
                }
            }
        }
        if let Some(authorized) = Authorized::new(answer) {
            parts.extensions.insert(authorized);
        }
    }

    fn override_names(&self) -> impl Iterator<Item = &str> + Clone {
        let more = self.more_override_headers.iter().map(HeaderName::as_str);
        OVERRIDE_HEADERS.into_iter().chain(more)
    }

    /// Whether a request is a preflight that this policy has an answer for. A policy that lists
    /// `OPTIONS` on the target protects it, and its decision stands.
    fn is_listed_preflight(&self, parts: &Parts, target: &str) -> bool {
        let headers = &parts.headers;
        let requested = only(headers, &ACCESS_CONTROL_REQUEST_METHOD);
        let (Some(requested), Some(_)) = (requested, only(headers, &ORIGIN)) else {
            return false;
        };
        let is_empty = !headers.contains_key(TRANSFER_ENCODING)
            && headers
                .get_all(CONTENT_LENGTH)
                .iter()
                .all(|length| length == "0");
        parts.method == Method::OPTIONS
            && is_empty
            && self.guard.is_open_preflight(requested, target)
    }
}

/// The value of a header that a request has once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// Every value of `Authorization`: a guard has to see that there are two.
pub(crate) fn authorization(parts: &Parts) -> impl Iterator<Item = &[u8]> {
    let values = parts.headers.get_all(AUTHORIZATION).iter();
    values.map(HeaderValue::as_bytes)
}
