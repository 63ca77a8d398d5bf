//! A line of a log that was read, or the reason why it was not.

use std::borrow::Cow;

use crate::lines::MAX_LINE;
use crate::wire::thousands;

/// A request, as a line tells it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct LoggedRequest<'l> {
    pub(crate) method: Cow<'l, [u8]>,
    /// The request target, without the scheme and the host that some servers
    /// write before it.
    pub(crate) target: Cow<'l, [u8]>,
    /// The status that the client got.
    pub(crate) status: Option<u16>,
}

/// The reason why a line has no request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoEntry {
    /// The log says that there was no request: a connection on which none
    /// came, or one of another protocol.
    NoRequest,
    Unread(Unread),
}

/// Why a line is not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unread {
    TooLong,
    NoQuotedRequest,
    NoRequestLine,
    NotJson,
    NoMethod,
    NoTarget,
}

impl From<Unread> for NoEntry {
    fn from(why: Unread) -> Self {
        Self::Unread(why)
    }
}

impl Unread {
    pub(crate) fn in_words(self) -> String {
        match self {
            Self::TooLong => format!("it is longer than {}", longest_line()),
            Self::NoQuotedRequest => "it has no request in double quotes".into(),
            Self::NoRequestLine => {
                "the text in the quotes is no request such as `GET /a/ HTTP/1.1`".into()
            }
            Self::NotJson => "it is no JSON object".into(),
            Self::NoMethod => "it has no `method`".into(),
            Self::NoTarget => "it has no `target`, `request_uri`, `uri`, `path` or `url`".into(),
        }
    }
}

/// Splits `METHOD target HTTP/1.1`. Everything between the first space and the last is the
/// target, so that a target with a space in it is kept whole.
pub(super) fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = memchr::memchr(b' ', line)?;
    let last = memchr::memrchr(b' ', line)?;
    let (method, version) = (&line[..first], &line[last + 1..]);
    let is_request = first < last && is_token(method) && is_version(version);
    is_request.then(|| (method, &line[first + 1..last]))
}

/// A token of HTTP (RFC 9110, section 5.6.2), as methods are.
fn is_token(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(fits)
}

/// `HTTP/1.1`, `HTTP/2`
fn is_version(text: &[u8]) -> bool {
    let Some(number) = text.strip_prefix(b"HTTP/") else {
        return false;
    };
    match number {
        [major] => major.is_ascii_digit(),
        [major, b'.', minor] => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    }
}

/// A status that HTTP has; Envoy and HAProxy write 0 and -1 for none.
pub(super) fn status(number: u64) -> Option<u16> {
    u16::try_from(number)
        .ok()
        .filter(|n| (100..600).contains(n))
}

/// The longest line, in words.
fn longest_line() -> String {
    format!("{} bytes", thousands(MAX_LINE as u64))
}
