//! Headers by which a back end takes another method or target than those of the request line.

use http::{HeaderMap, HeaderName};
use routescope_guard::is_same_header;

/// The treatment of requests with an override header ([`OVERRIDE_HEADERS`](crate::OVERRIDE_HEADERS)).
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
    names.any(|name| is_same_header(header.as_str(), name))
}
