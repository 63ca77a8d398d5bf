//! The compact form of a signed token (RFC 7515 section 7.1).

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::TokenDenial;

/// The greatest length of a token in bytes.
///
/// Longer ones are refused before anything is decoded. Most servers take no header line of that
/// length.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Whether a credential has the form of a token: three parts of base64url with a full stop between
/// each two, none of them empty.
///
/// Says nothing about whether it is one. No alphabet of API keys has a full stop, so that a key
/// has this form only if the policy's prefix of keys has two of them.
///
/// Cost: one pass over the credential; no allocation.
///
/// ```
/// use routescope_guard::has_token_form;
///
/// assert!(has_token_form(b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln"));
/// assert!(!has_token_form(b"wsk-v1-0a1b2c"));
/// assert!(!has_token_form(b"eyJhbGciOiJub25lIn0.e30."));
/// ```
#[must_use]
pub fn has_token_form(credential: &[u8]) -> bool {
    split(credential).is_some()
}

/// The parts of a token, decoded.
pub(super) struct Compact<'t> {
    pub(super) header: Vec<u8>,
    pub(super) payload: Zeroizing<Vec<u8>>,
    /// Without it the rest of the token is worth nothing, so that it does not stay in memory.
    pub(super) signature: Zeroizing<Vec<u8>>,
    /// The bytes that are signed: header and payload as they came.
    pub(super) message: &'t [u8],
}

impl<'t> Compact<'t> {
    /// Takes a token apart.
    ///
    /// Each part has one spelling: padding, white space and bits behind the last byte are refused.
    pub(super) fn read(token: &'t [u8]) -> Result<Self, TokenDenial> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenDenial::TooLong);
        }
        let [header, payload, signature] = split(token).ok_or(TokenDenial::NotCompact)?;
        let decode = |part| {
            BASE64URL_NOPAD
                .decode(part)
                .map_err(|_| TokenDenial::NotCompact)
        };
        Ok(Self {
            header: decode(header)?,
            payload: decode(payload)?.into(),
            signature: decode(signature)?.into(),
            message: &token[..header.len() + 1 + payload.len()],
        })
    }
}

fn split(token: &[u8]) -> Option<[&[u8]; 3]> {
    let mut parts = token.split(|&byte| byte == b'.');
    let [header, payload, signature] = [parts.next()?, parts.next()?, parts.next()?];
    let is_part = |part: &[u8]| !part.is_empty() && part.iter().all(|&byte| is_base64url(byte));
    (parts.next().is_none() && [header, payload, signature].into_iter().all(is_part))
        .then_some([header, payload, signature])
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
