//! What a client is told: the values of `WWW-Authenticate` and
//! `X-Accepted-Scopes`.

use core::fmt::{self, Write};

use routescope_core::{AcceptedScopes, Denial};

/// The value of the `WWW-Authenticate` header of a denial (RFC 6750 section 3).
///
/// | denial | value |
/// |---|---|
/// | no key | `Bearer` |
/// | malformed, unknown or expired key | `Bearer error="invalid_token"` |
/// | missing scope | `Bearer error="insufficient_scope", scope="colleagues:read"` |
/// | any other | none: no key could get further |
///
/// Only the narrowest accepted scope is named, because clients read the list as
/// "all of these"; [`AcceptedScopesHeader`] names them all.
///
/// Displays itself, so it goes into any `fmt::Write`, and with [`write_into`]
/// into a buffer; nothing allocates.
///
/// ```
/// use routescope::{Challenge, Denial};
///
/// let challenge = Challenge::of(&Denial::ExpiredKey).unwrap();
/// assert_eq!(challenge.to_string(), r#"Bearer error="invalid_token""#);
/// assert!(Challenge::of(&Denial::UnknownRoute).is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'p> {
    kind: Kind<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Kind<'p> {
    NoKey,
    InvalidToken,
    InsufficientScope(&'p str),
}

impl<'p> Challenge<'p> {
    /// The challenge of a denial, if it has one.
    #[must_use]
    pub fn of(denial: &Denial<'p>) -> Option<Self> {
        let kind = match denial {
            Denial::MissingKey => Kind::NoKey,
            Denial::MalformedKey | Denial::UnknownKey | Denial::ExpiredKey => Kind::InvalidToken,
            Denial::MissingScope(route) => Kind::InsufficientScope(route.accepted().next()?.name()),
            Denial::BadMethod
            | Denial::BadPath(_)
            | Denial::UnknownRoute
            | Denial::MethodNotListed { .. } => {
                return None;
            }
        };
        Some(Self { kind })
    }
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::NoKey => f.write_str("Bearer"),
            Kind::InvalidToken => f.write_str("Bearer error=\"invalid_token\""),
            // Scope names have no quotes or backslashes: the compiler sees to it.
            Kind::InsufficientScope(scope) => {
                write!(f, "Bearer error=\"insufficient_scope\", scope=\"{scope}\"")
            }
        }
    }
}

/// The value of the `X-Accepted-Scopes` header: every scope of which the caller
/// needs any one, narrowest first, `colleagues:read, colleagues:*, pbx:*`.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedScopesHeader<'p> {
    accepted: AcceptedScopes<'p>,
}

impl<'p> AcceptedScopesHeader<'p> {
    /// The header of a denial, which only a missing scope has.
    #[must_use]
    pub fn of(denial: &Denial<'p>) -> Option<Self> {
        match denial {
            Denial::MissingScope(route) => Some(Self {
                accepted: route.accepted(),
            }),
            _ => None,
        }
    }
}

impl fmt::Display for AcceptedScopesHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.accepted, f)
    }
}

/// A buffer has less room than a value needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BufferTooSmall {
    /// How many bytes the value has.
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

/// Writes a value into a buffer; what it wrote.
///
/// # Errors
///
/// [`BufferTooSmall`], with the size to try again with. The buffer then holds
/// the beginning of the value, cut at a byte.
///
/// ```
/// use routescope::{Challenge, Denial, write_into};
///
/// let mut buffer = [0; 64];
/// let challenge = Challenge::of(&Denial::MissingKey).unwrap();
/// assert_eq!(write_into(&mut buffer, challenge), Ok("Bearer"));
/// ```
pub fn write_into(buffer: &mut [u8], value: impl fmt::Display) -> Result<&str, BufferTooSmall> {
    let mut writer = Writer {
        buffer: &mut *buffer,
        needed: 0,
    };
    // The writer itself never fails, and the values above neither.
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
