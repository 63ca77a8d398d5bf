//! Headers by which a back end takes another method or target than those of the request line.

use http::{HeaderMap, HeaderName};

/// The headers that some framework takes a method or a target from, in lower case.
///
/// Frameworks read the first three in place of the method, and the next three in place of the
/// target (CVE-2018-14773 for two of them). Authorizers behind a gateway read the others, which
/// are the gateway's to set and no client's.
pub const OVERRIDE_HEADERS: [&str; 10] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
    "x-override-url",
    "x-original-uri",
    "x-original-method",
    "x-forwarded-uri",
    "x-forwarded-method",
];

/// The treatment of requests with an override header ([`OVERRIDE_HEADERS`]).
///
/// A decision is about the request line. A handler that takes method or target from a header
/// would serve something that nobody decided on.
///
/// A name counts with `_`, `.` or another sign in place of `-` too, because CGI and what descends
/// from it cannot tell them apart: some servers replace `-` alone, and others every byte that is
/// no letter and no digit.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum OverrideHeaders {
    /// The request is denied as `bad_check_request`, with 403. The default.
    #[default]
    Refuse,
    /// The request is decided by its request line, and goes on without these headers.
    Strip,
    /// The request is decided by its request line, and goes on with them: for programs in which
    /// nothing reads them.
    Pass,
}

/// Whether a request has a header with one of these names.
pub(crate) fn is_any<'n>(
    headers: &HeaderMap,
    names: &(impl Iterator<Item = &'n str> + Clone),
) -> bool {
    headers.keys().any(|header| is_one(header, names.clone()))
}

/// Removes the headers that have one of these names.
pub(crate) fn remove<'n>(headers: &mut HeaderMap, names: &(impl Iterator<Item = &'n str> + Clone)) {
    let found = headers
        .keys()
        .filter(|header| is_one(header, names.clone()));
    // Most requests have none, and then nothing is allocated.
    let found: Vec<HeaderName> = found.cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

fn is_one<'n>(header: &HeaderName, mut names: impl Iterator<Item = &'n str>) -> bool {
    names.any(|name| is_same(header.as_str(), name))
}

/// Whether two names are one to a back end that knows a header as `HTTP_X_NAME`.
fn is_same(header: &str, name: &str) -> bool {
    let fold = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => byte,
        false => b'-',
    };
    header.len() == name.len()
        && header
            .bytes()
            .zip(name.bytes())
            .all(|(header, name)| fold(header) == fold(name))
}
