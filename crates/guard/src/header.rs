//! The names of headers, in lower case.

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
