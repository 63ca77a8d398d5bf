//! The answer to a client about a denial: the values of `WWW-Authenticate` and
//! `X-Accepted-Scopes`.

use core::fmt::{self, Write};

use crate::{AcceptedScopes, Alternative, Alternatives, Denial, KeyDenial, RouteDenial};

/// The value of the `WWW-Authenticate` header of a denial, with the error codes of RFC 6750
/// section 3.1. It has no realm, which RFC 9110 section 11.6.1 allows; a malformed header is
/// `invalid_token` and 401, where RFC 6750 has `invalid_request` and 400, so that a client learns
/// nothing about how its header was read.
///
/// | denial | value |
/// |---|---|
/// | no key | `Bearer` |
/// | malformed, unknown or expired key | `Bearer error="invalid_token"` |
/// | missing scope | `Bearer error="insufficient_scope", scope="colleagues:read"` |
/// | any other | none: no key could get further |
///
/// The list of scopes means all of these (RFC 6750 section 3), so that exactly one alternative is
/// named, the narrowest: `scope="boards:read boards:write"`. [`Denial::alternatives`] has them all,
/// for `X-Accepted-Scopes`.
///
/// It displays itself, so that it goes into any `fmt::Write`, and with [`Self::write_to`] into
/// a buffer. Nothing allocates.
///
/// ```
/// use routescope_core::{Denial, KeyDenial, RouteDenial};
///
/// let challenge = Denial::from(KeyDenial::Expired).challenge().unwrap();
/// assert_eq!(challenge.to_string(), r#"Bearer error="invalid_token""#);
/// assert!(RouteDenial::UnknownRoute.challenge().is_none());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Challenge<'t> {
    kind: Kind<'t>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind<'t> {
    NoKey,
    InvalidToken,
    InsufficientScope(Alternative<'t>),
}

impl Challenge<'_> {
    /// Writes the value into a buffer and returns it.
    ///
    /// # Errors
    ///
    /// [`BufferTooSmall`], with the size to try again with. The buffer then holds the
    /// beginning of the value.
    ///
    /// ```
    /// use routescope_core::{Denial, KeyDenial};
    ///
    /// let mut buffer = [0; 64];
    /// let challenge = Denial::from(KeyDenial::Missing).challenge().unwrap();
    /// assert_eq!(challenge.write_to(&mut buffer), Ok("Bearer"));
    /// ```
    pub fn write_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, BufferTooSmall> {
        write_to(buffer, self)
    }
}

impl KeyDenial {
    /// The challenge to the client.
    #[must_use]
    pub const fn challenge(self) -> Challenge<'static> {
        let kind = match self {
            Self::Missing => Kind::NoKey,
            Self::Malformed | Self::Unknown | Self::Expired => Kind::InvalidToken,
        };
        Challenge { kind }
    }
}

impl<'t> RouteDenial<'t> {
    /// The challenge to the client, which only a missing scope has.
    #[must_use]
    pub fn challenge(&self) -> Option<Challenge<'t>> {
        let alternative = self.alternatives()?.first()?;
        Some(Challenge {
            kind: Kind::InsufficientScope(alternative),
        })
    }

    /// The alternatives of which the caller needs any one, if its scopes do not suffice: the value
    /// of `X-Accepted-Scopes`.
    #[must_use]
    pub const fn alternatives(&self) -> Option<Alternatives<'t>> {
        match self {
            Self::MissingScope(route) => route.requirement().alternatives(),
            Self::BadMethod
            | Self::BadPath(_)
            | Self::UnknownRoute
            | Self::MethodNotListed { .. } => None,
        }
    }
}

impl<'t> Denial<'t> {
    /// The challenge to the client, if the denial has one.
    #[must_use]
    pub fn challenge(&self) -> Option<Challenge<'t>> {
        match self {
            Self::Key(denial) => Some(denial.challenge()),
            Self::Route(denial) => denial.challenge(),
        }
    }

    /// The alternatives of which the caller needs any one, if its scopes do not suffice: the value
    /// of `X-Accepted-Scopes`.
    #[must_use]
    pub const fn alternatives(&self) -> Option<Alternatives<'t>> {
        match self {
            Self::Key(_) => None,
            Self::Route(denial) => denial.alternatives(),
        }
    }
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::NoKey => f.write_str("Bearer"),
            Kind::InvalidToken => f.write_str("Bearer error=\"invalid_token\""),
            // Names of scopes contain no quotes and no backslashes: validation refuses them.
            Kind::InsufficientScope(scope) => {
                write!(f, "Bearer error=\"insufficient_scope\", scope=\"{scope}\"")
            }
        }
    }
}

impl Alternatives<'_> {
    /// Writes the alternatives into a buffer, in the form of their `Display`, and returns them.
    ///
    /// # Errors
    ///
    /// [`BufferTooSmall`], with the size to try again with. The buffer then holds the
    /// beginning of the text.
    pub fn write_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, BufferTooSmall> {
        write_to(buffer, self)
    }
}

impl AcceptedScopes<'_> {
    /// Writes the list into a buffer, in the form of its `Display`, and returns it.
    ///
    /// # Errors
    ///
    /// [`BufferTooSmall`], with the size to try again with. The buffer then holds the
    /// beginning of the list.
    pub fn write_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, BufferTooSmall> {
        write_to(buffer, self)
    }
}

/// A buffer has less room than a value needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BufferTooSmall {
    /// The length of the value in bytes.
    pub needed: usize,
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the value has {} bytes, more than the buffer",
            self.needed
        )
    }
}

impl core::error::Error for BufferTooSmall {}

fn write_to(buffer: &mut [u8], value: impl fmt::Display) -> Result<&str, BufferTooSmall> {
    let mut writer = Writer {
        buffer: &mut *buffer,
        needed: 0,
    };
    // The writer never fails, and neither do the values.
    let _ = write!(writer, "{value}");
    let needed = writer.needed;
    let written = buffer.get(..needed).ok_or(BufferTooSmall { needed })?;
    core::str::from_utf8(written).map_err(|_| BufferTooSmall { needed })
}

struct Writer<'b> {
    buffer: &'b mut [u8],
    needed: usize,
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.buffer.get_mut(self.needed..).unwrap_or_default();
        for (slot, byte) in room.iter_mut().zip(text.as_bytes()) {
            *slot = *byte;
        }
        self.needed = self.needed.saturating_add(text.len());
        Ok(())
    }
}
