//! API keys in `Authorization` headers.

use core::fmt;

use routescope_core::{KeyDenial, KeyFormat};
use subtle::ConstantTimeEq;

/// A key from a request, of the policy's form. Whether it exists, a
/// [`KeyStore`](crate::KeyStore) knows.
///
/// Never shows itself: `Debug` redacts, there is no `Display`, and comparing
/// takes [`ApiKey::matches`].
#[derive(Clone, Copy)]
pub struct ApiKey<'h> {
    bytes: &'h [u8],
}

impl<'h> ApiKey<'h> {
    /// Reads the key of a request from the values of all its `Authorization`
    /// headers: none, one (`Some(value)` will do), or more.
    ///
    /// The scheme `Bearer` is case-insensitive (RFC 9110 section 11.1); one or
    /// more spaces and exactly one token follow it (RFC 6750 section 2.1). The
    /// token must have the form that `format` gives, or without one, be a
    /// `b64token` of at most 4096 bytes.
    ///
    /// # Errors
    ///
    /// - [`KeyDenial::Missing`]: no header, or one of another scheme, which
    ///   carries no key (RFC 6750 section 3.1 treats both alike);
    /// - [`KeyDenial::Malformed`]: anything else, two headers among it, because
    ///   a back end might read the other one.
    ///
    /// ```
    /// use routescope::{Alphabet, ApiKey, KeyDenial, KeyFormat};
    ///
    /// let format = KeyFormat { prefix: "k-", length: 6, alphabet: Alphabet::LowerHex };
    /// let read = |header: &'static str| ApiKey::from_headers(Some(header.as_bytes()), Some(&format));
    ///
    /// assert!(read("bearer k-0a1b").unwrap().matches(b"k-0a1b"));
    /// assert_eq!(read("Bearer k-0a1b, k-0a1b").unwrap_err(), KeyDenial::Malformed);
    /// assert_eq!(read("Basic azow").unwrap_err(), KeyDenial::Missing);
    /// ```
    pub fn from_headers(
        values: impl IntoIterator<Item = &'h [u8]>,
        format: Option<&KeyFormat<'_>>,
    ) -> Result<Self, KeyDenial> {
        Self::from_headers_if(values, |token| match format {
            Some(format) => format.matches(token),
            None => is_b64token(token),
        })
    }

    /// As [`ApiKey::from_headers`], for tokens of other forms: `has_form` says whether the text
    /// after the scheme is one. It must refuse what is no single token, spaces and commas among it.
    ///
    /// # Errors
    ///
    /// As [`ApiKey::from_headers`].
    #[inline]
    pub fn from_headers_if(
        values: impl IntoIterator<Item = &'h [u8]>,
        has_form: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Self, KeyDenial> {
        let mut values = values.into_iter();
        let value = values.next().ok_or(KeyDenial::Missing)?;
        if values.next().is_some() {
            return Err(KeyDenial::Malformed);
        }
        let bytes = bearer_token(value)?;
        if has_form(bytes) {
            Ok(Self { bytes })
        } else {
            Err(KeyDenial::Malformed)
        }
    }

    /// Whether a text has the form of a key where a policy declares none: a `b64token` (RFC 6750
    /// section 2.1) of at most 4096 bytes.
    #[must_use]
    pub fn is_b64token(text: &[u8]) -> bool {
        is_b64token(text)
    }

    /// Whether this is the stored key, compared in a time that does not depend
    /// on where they differ, only on their lengths.
    ///
    /// Better still, store a hash of each key and look that up.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        self.bytes.ct_eq(stored).into()
    }

    /// The key itself, to hash or to look up. Keep it out of logs.
    #[must_use]
    pub const fn as_bytes(&self) -> &'h [u8] {
        self.bytes
    }
}

impl fmt::Debug for ApiKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

/// Returns the token after the scheme `Bearer` and its spaces.
fn bearer_token(value: &[u8]) -> Result<&[u8], KeyDenial> {
    let scheme_len = value
        .iter()
        .position(|&byte| !is_token_byte(byte))
        .unwrap_or(value.len());
    let (scheme, rest) = value
        .split_at_checked(scheme_len)
        .ok_or(KeyDenial::Malformed)?;
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        let other_scheme = !scheme.is_empty() && matches!(rest.first(), None | Some(b' '));
        return Err(if other_scheme {
            KeyDenial::Missing
        } else {
            KeyDenial::Malformed
        });
    }
    match rest.iter().position(|&byte| byte != b' ') {
        Some(spaces) if spaces > 0 => Ok(rest.get(spaces..).unwrap_or_default()),
        _ => Err(KeyDenial::Malformed),
    }
}

/// RFC 9110 section 5.6.2.
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// RFC 6750 section 2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_b64token(bytes: &[u8]) -> bool {
    let body = bytes
        .iter()
        .position(|&byte| byte == b'=')
        .unwrap_or(bytes.len());
    let (body, padding) = bytes.split_at_checked(body).unwrap_or((bytes, &[]));
    !body.is_empty()
        && bytes.len() <= 4096
        && body
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte))
        && padding.iter().all(|&byte| byte == b'=')
}
