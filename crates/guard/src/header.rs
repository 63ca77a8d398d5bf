//! The names of headers, in lower case.

/// The headers that some framework takes a method or a target from in place of the request
/// line's, in lower case.
///
/// Frameworks read the first three in place of the method, and the next three in place of the
/// target (CVE-2018-14773 for two of them). Authorizers behind a gateway read the others, which
/// are the gateway's to set and no client's. A gateway refuses a request with one of them
/// ([`CheckFault::OverrideHeader`](crate::CheckFault)), or removes it.
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

/// Whether two names of headers are one to some back end: in any case, and with any character in
/// place of `-`, because CGI and its descendants know a header as `HTTP_X_NAME`, and some of them
/// write `_` for everything that is no letter and no digit.
///
/// ```
/// use routescope_guard::is_same_header;
///
/// assert!(is_same_header("X_Original.URL", "x-original-url"));
/// ```
#[must_use]
pub fn is_same_header(one: &str, other: &str) -> bool {
    let fold = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => byte.to_ascii_lowercase(),
        false => b'-',
    };
    one.len() == other.len() && one.bytes().map(fold).eq(other.bytes().map(fold))
}

pub(crate) const WWW_AUTHENTICATE: &str = "www-authenticate";
pub(crate) const ACCEPTED_SCOPES: &str = "x-accepted-scopes";
pub(crate) const KEY_ID: &str = "x-key-id";
pub(crate) const TOKEN_SUBJECT: &str = "x-token-subject";
pub(crate) const ROUTE: &str = "x-route";
pub(crate) const POLICY_DIGEST: &str = "x-policy-digest";

/// The headers by which a back end learns whose request it is, in lower case. A gateway removes
/// the client's own ones before it adds those of [`Answer::forward_headers`].
///
/// [`Answer::forward_headers`]: crate::Answer::forward_headers
pub const IDENTITY_HEADERS: [&str; 4] = [KEY_ID, TOKEN_SUBJECT, ROUTE, POLICY_DIGEST];
