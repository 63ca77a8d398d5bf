//! The seven request methods that a policy can list.

use core::fmt;
use core::iter::FusedIterator;
use core::ops::BitOr;
use core::str::FromStr;

/// A request method that a route can list.
///
/// Names are compared byte for byte (RFC 9110 section 9.1: methods are case-sensitive).
/// Everything else, `TRACE` and `CONNECT` among it, is no [`Method`], and a request with it is
/// denied as `bad_method`.
///
/// ```
/// use routescope_core::Method;
///
/// assert_eq!(Method::from_bytes(b"PATCH"), Some(Method::Patch));
/// assert_eq!("PATCH".parse(), Ok(Method::Patch));
/// assert!("patch".parse::<Method>().is_err());
/// assert_eq!(Method::from_bytes(b"TRACE"), None);
/// assert!(Method::Get == "GET");
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
        // Most requests are GET. A match of all seven looks at the length first, by a jump
        // table.
        if let b"GET" = name {
            return Some(Self::Get);
        }
        Some(match name {
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"PATCH" => Self::Patch,
            b"DELETE" => Self::Delete,
            b"OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    /// The name as a request carries it.
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

/// A text is not the name of a [`Method`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownMethod(());

impl core::error::Error for UnknownMethod {}

impl fmt::Display for UnknownMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the method is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    }
}

/// # Errors
///
/// [`UnknownMethod`] for any other text, in any other case, or with spaces.
impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, UnknownMethod> {
        Self::try_from(name.as_bytes())
    }
}

/// # Errors
///
/// [`UnknownMethod`] for any other text, in any other case, or with spaces.
impl TryFrom<&[u8]> for Method {
    type Error = UnknownMethod;

    fn try_from(name: &[u8]) -> Result<Self, UnknownMethod> {
        Self::from_bytes(name).ok_or(UnknownMethod(()))
    }
}

/// # Errors
///
/// [`UnknownMethod`] for any other text, in any other case, or with spaces.
impl TryFrom<&str> for Method {
    type Error = UnknownMethod;

    fn try_from(name: &str) -> Result<Self, UnknownMethod> {
        Self::try_from(name.as_bytes())
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A parsed method can be passed to `authorize` like one from the wire.
impl AsRef<[u8]> for Method {
    fn as_ref(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl AsRef<str> for Method {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Method {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Method {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// A set of methods, one bit each in the order of [`Method::ALL`].
///
/// Displayed as a list: `GET, HEAD, PUT`.
///
/// ```
/// use routescope_core::{Method, Methods};
///
/// let methods = Methods::from_iter([Method::Put, Method::Get]) | Method::Head;
/// assert_eq!(methods.to_string(), "GET, HEAD, PUT");
/// ```
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

    /// The set with the lowest seven bits.
    #[inline]
    pub(crate) const fn from_low_bits(bits: u8) -> Self {
        Self(bits & 0x7F)
    }

    /// One bit for each method.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with `method` added.
    #[must_use]
    pub const fn with(self, method: Method) -> Self {
        Self(self.0 | 1 << method as u8)
    }

    /// The methods that are answered where these are listed: `HEAD` too if `GET` is listed.
    #[must_use]
    pub const fn answered(self) -> Self {
        if self.contains(Method::Get) {
            self.with(Method::Head)
        } else {
            self
        }
    }

    /// The listed method that answers `method`: itself, or `GET` for `HEAD`.
    #[must_use]
    #[inline]
    pub const fn answering(self, method: Method) -> Option<Method> {
        if self.contains(method) {
            Some(method)
        } else if matches!(method, Method::Head) && self.contains(Method::Get) {
            Some(Method::Get)
        } else {
            None
        }
    }

    /// Whether `method` is in the set.
    #[must_use]
    #[inline]
    pub const fn contains(self, method: Method) -> bool {
        self.0 & (1 << method as u8) != 0
    }

    /// The number of members before `method`, which is its index in a list with one entry for
    /// each member.
    #[must_use]
    #[inline]
    pub(crate) const fn rank(self, method: Method) -> u32 {
        let before = self.0 & !(u8::MAX << method as u8);
        // Not every processor has an instruction that counts, and GET comes first.
        if before == 0 { 0 } else { before.count_ones() }
    }

    /// The number of members.
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
    #[must_use]
    pub const fn iter(self) -> MethodsIter {
        MethodsIter(self)
    }
}

impl BitOr for Methods {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr<Method> for Methods {
    type Output = Self;

    fn bitor(self, method: Method) -> Self {
        self.with(method)
    }
}

impl From<Method> for Methods {
    fn from(method: Method) -> Self {
        Self::NONE.with(method)
    }
}

impl FromIterator<Method> for Methods {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        methods.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Extend<Method> for Methods {
    fn extend<I: IntoIterator<Item = Method>>(&mut self, methods: I) {
        *self = methods.into_iter().fold(*self, Self::with);
    }
}

impl IntoIterator for Methods {
    type Item = Method;
    type IntoIter = MethodsIter;

    fn into_iter(self) -> MethodsIter {
        self.iter()
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

/// The iterator over [`Methods`].
#[derive(Clone, Debug)]
pub struct MethodsIter(Methods);

impl Iterator for MethodsIter {
    type Item = Method;

    fn next(&mut self) -> Option<Method> {
        let method = Method::ALL
            .get(self.0.0.trailing_zeros() as usize)
            .copied()?;
        self.0.0 &= self.0.0.wrapping_sub(1);
        Some(method)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.0.len() as usize;
        (len, Some(len))
    }
}

impl ExactSizeIterator for MethodsIter {}
impl FusedIterator for MethodsIter {}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]
mod tests {
    use super::*;

    #[test]
    fn only_the_seven_names() {
        for method in Method::ALL {
            let name = method.as_str().as_bytes();
            assert_eq!(Method::from_bytes(name), Some(method));
            // Every byte counts, and so does the length.
            for i in 0..name.len() {
                for byte in 0..=255 {
                    let mut other = name.to_vec();
                    other[i] = byte;
                    assert_eq!(Method::from_bytes(&other).is_some(), byte == name[i]);
                    other[i] = name[i];
                    other.insert(i, byte);
                    assert_eq!(Method::from_bytes(&other), None);
                }
                assert_ne!(Method::from_bytes(&name[..i]), Some(method));
                assert_ne!(Method::from_bytes(&name[i + 1..]), Some(method));
            }
            assert_eq!(Method::from_bytes(&[name, b" "].concat()), None);
        }
        assert_eq!(Method::from_bytes(b""), None);
        assert_eq!(Method::from_bytes(b"GEET"), None);
    }
}
