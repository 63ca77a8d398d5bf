//! The seven request methods a policy can list.

use core::fmt;

/// A request method that a route can list.
///
/// Names are compared byte for byte (RFC 9110 section 9.1: methods are
/// case-sensitive). Everything else, `TRACE` and `CONNECT` among it, is no
/// [`Method`] and is answered with `BadMethod`.
///
/// ```
/// use routescope_core::Method;
///
/// assert_eq!(Method::from_bytes(b"PATCH"), Some(Method::Patch));
/// assert_eq!(Method::from_bytes(b"patch"), None);
/// assert_eq!(Method::from_bytes(b"TRACE"), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Method {
    /// `GET`; a route that lists it answers `HEAD` too.
    Get = 0,
    /// `HEAD`
    Head = 1,
    /// `POST`
    Post = 2,
    /// `PUT`
    Put = 3,
    /// `PATCH`
    Patch = 4,
    /// `DELETE`
    Delete = 5,
    /// `OPTIONS`
    Options = 6,
}

impl Method {
    /// Every method, in the order of [`Methods`] and of route listings.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    /// The method with exactly this name, or `None`.
    #[must_use]
    #[inline]
    pub const fn from_bytes(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"PATCH" => Self::Patch,
            b"DELETE" => Self::Delete,
            b"OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    /// The name as it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Whether the method only reads: `GET` and `HEAD`.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// So that a parsed method can be handed to `authorize` like one from the wire.
impl AsRef<[u8]> for Method {
    fn as_ref(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

/// A set of methods, one bit each in the order of [`Method::ALL`].
///
/// Displayed as a list: `GET, HEAD, PUT`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[repr(transparent)]
pub struct Methods(u8);

impl Methods {
    /// No method.
    pub const NONE: Self = Self(0);

    /// The set with these bits, or `None` if a bit stands for no method.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits >> Method::ALL.len() == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// One bit for each method.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// This set and `method`.
    #[must_use]
    pub const fn with(self, method: Method) -> Self {
        Self(self.0 | 1 << method as u8)
    }

    /// Whether `method` is in the set.
    #[must_use]
    #[inline]
    pub const fn contains(self, method: Method) -> bool {
        self.0 & (1 << method as u8) != 0
    }

    /// How many methods of the set come before `method`: its place in a list
    /// that holds one entry for each member.
    #[must_use]
    #[inline]
    pub const fn rank(self, method: Method) -> u32 {
        (self.0 & !(u8::MAX << method as u8)).count_ones()
    }

    /// How many methods are in the set.
    #[must_use]
    #[inline]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether no method is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in the order of [`Method::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Method> {
        Method::ALL.into_iter().filter(move |m| self.contains(*m))
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, method) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            f.write_str(method.as_str())?;
        }
        Ok(())
    }
}
