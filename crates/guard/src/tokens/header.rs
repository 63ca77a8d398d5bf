//! The header of a token: which key it names, and what it asks for.

use jsonwebtoken::Algorithm;

use super::TokenDenial;
use super::algorithm;
use super::json::{Members, text};

/// Members that ask for something that is not done here.
///
/// `crit` is refused whatever it names: no extension is known. The keys that a header brings are
/// those of whoever made the token.
const UNSUPPORTED: [&str; 8] = ["crit", "b64", "zip", "enc", "jwk", "jku", "x5c", "x5u"];

pub(super) struct Header {
    pub(super) kid: Option<String>,
    /// `None` for an algorithm that no key has.
    pub(super) algorithm: Option<Algorithm>,
}

impl Header {
    /// Reads a header. Members of other names say nothing that matters here.
    pub(super) fn read(json: &[u8], needs_access_token_type: bool) -> Result<Self, TokenDenial> {
        let json = std::str::from_utf8(json).map_err(|_| TokenDenial::BadHeader)?;
        let members = Members::read(json).map_err(|_| TokenDenial::BadHeader)?;
        if members.has_any(&UNSUPPORTED) {
            return Err(TokenDenial::UnsupportedHeader);
        }
        let optional_text = |name| match members.get(name) {
            None => Ok(None),
            Some(value) => text(value).map(Some).ok_or(TokenDenial::BadHeader),
        };
        let algorithm = optional_text("alg")?.ok_or(TokenDenial::BadHeader)?;
        let kid = optional_text("kid")?;
        if !is_accepted_type(optional_text("typ")?.as_deref(), needs_access_token_type) {
            return Err(TokenDenial::WrongType);
        }
        Ok(Self {
            kid,
            algorithm: algorithm::named(&algorithm),
        })
    }
}

/// Whether `typ` is that of an access token (RFC 9068 section 2.1) or, unless that is needed, the
/// general one or none. It is a media type, which has no case and may leave out `application/`.
fn is_accepted_type(media_type: Option<&str>, needs_access_token_type: bool) -> bool {
    let Some(media_type) = media_type else {
        return !needs_access_token_type;
    };
    let media_type = media_type.to_ascii_lowercase();
    match media_type
        .strip_prefix("application/")
        .unwrap_or(&media_type)
    {
        "at+jwt" => true,
        "jwt" => !needs_access_token_type,
        _ => false,
    }
}
