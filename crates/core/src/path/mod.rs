//! The path rules: a request target is a fixpoint of every known normalisation, or it is
//! refused.
//!
//! A target is forwarded as it came. Decoded and folded forms only refuse a target; only
//! `case: insensitive` lets another ASCII case match. [`check`] says which rule
//! a target breaks and where. The compiler checks the literals of templates by the same
//! rules, with [`check_segment`].
//!
//! Two implementations check a target. `scan` looks at 16 bytes at a time and knows only the
//! most common bytes; `validate` knows every rule, and continues where `scan` stops.

pub(crate) mod escape;
mod options;
pub(crate) mod pchar;
mod prose;
mod rule;
pub(crate) mod scan;
pub(crate) mod validate;

pub use options::{Case, PathOptions, TrailingSlash, Values};
pub use rule::{
    BadPath, MAX_PATH, MAX_SEGMENT, MAX_SEGMENTS, MAX_TARGET, PathRule, UnknownPathRule,
};

use validate::ValidPath;

/// Checks a whole request target against every rule that does not depend on the policy,
/// which is every rule but [`PathRule::ShadowsLiteral`] and [`PathRule::ColonInValue`].
///
/// # Errors
///
/// The first rule that the target breaks: lengths and form first, then from left to right.
///
/// Cost: linear in the target; no allocation.
///
/// ```
/// use routescope_core::{path, PathRule};
///
/// assert!(path::check(b"/api/v1/sounds/%C3%BCbergabe.wav/?play=1").is_ok());
///
/// let refused = path::check(b"/api/v1/sounds/../pbx/").unwrap_err();
/// assert_eq!((refused.rule, refused.at), (PathRule::DotSegment, 15));
/// ```
pub fn check(target: &[u8]) -> Result<(), BadPath> {
    ValidPath::validate(target, None).map(drop)
}

/// Checks one path segment, given without its slashes, against the rules that a segment can
/// break by itself.
///
/// # Errors
///
/// The first rule that it breaks, with the offset in the segment.
///
/// Cost: one pass, and a second one over a segment that is longer than 255 bytes or ends in
/// a dot; no allocation.
///
/// ```
/// use routescope_core::{path, PathRule};
///
/// assert!(path::check_segment(b"{id}").is_err_and(|bad| bad.rule == PathRule::Byte));
/// assert!(path::check_segment(b"caf%C3%A9").is_ok());
/// ```
#[inline]
pub fn check_segment(segment: &[u8]) -> Result<(), BadPath> {
    validate::segment(segment)
}
