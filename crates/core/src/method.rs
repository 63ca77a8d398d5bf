//! The seven request methods a policy can list.

use core::fmt;

use crate::swar::WIDE;

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
    ///
    /// Cost: one look-up and one comparison, whichever it is.
    #[must_use]
    #[inline]
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        let last = name.len().checked_sub(2).filter(|last| *last <= 5)?;
        let pair = |at: usize| name.get(at..)?.first_chunk::<2>().copied();
        let packed = packed(name.len(), pair(0)?, pair(last.min(2))?, pair(last)?);
        let known = *BY_NAME.get(place(packed))?;
        // Of seven bytes, one is in no pair.
        if known & NAME != packed || (last == 5 && name != b"OPTIONS") {
            return None;
        }
        // The eighth is never asked for; with it, a mask keeps the number in range.
        let number = (known >> 56) as usize & 7;
        BY_NUMBER.get(number).copied()
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

/// The length and nearly all bytes of a name of two to seven bytes: its first
/// pair, its second, as far as it has one, and its last. No load depends on how
/// long it is.
#[inline]
const fn packed(len: usize, first: [u8; 2], second: [u8; 2], last: [u8; 2]) -> u64 {
    u16::from_le_bytes(first) as u64
        | (u16::from_le_bytes(second) as u64) << 16
        | (u16::from_le_bytes(last) as u64) << 32
        | (len as u64) << 48
}

/// Where a packed name stands in [`BY_NAME`]: the seven meet nowhere.
#[inline]
const fn place(packed: u64) -> usize {
    ((packed >> 48).wrapping_mul(9).wrapping_add(packed) & 15) as usize
}

/// Packed names, each with its method's number in the top byte.
const BY_NAME: [u64; 16] = by_name();
const NAME: u64 = u64::MAX >> 8;
/// Every method by its number, and the last one once more.
const BY_NUMBER: [Method; 8] = {
    let [a, b, c, d, e, f, g] = Method::ALL;
    [a, b, c, d, e, f, g, g]
};

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: what is out of range or meets would not build"
)]
const fn by_name() -> [u64; 16] {
    let mut table = [0; 16];
    let mut i = 0;
    while i < Method::ALL.len() {
        let name = Method::ALL[i].as_str().as_bytes();
        let last = name.len() - 2;
        let second = if last < 2 { last } else { 2 };
        let packed = packed(
            name.len(),
            [name[0], name[1]],
            [name[second], name[second + 1]],
            [name[last], name[last + 1]],
        );
        assert!(table[place(packed)] == 0, "two methods in one place");
        table[place(packed)] = packed | (i as u64) << 56;
        i += 1;
    }
    table
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
    #[allow(clippy::indexing_slicing, reason = "seven bits")]
    pub const fn rank(self, method: Method) -> u32 {
        let before = self.0 & !(u8::MAX << method as u8);
        // Not every processor has an instruction for it, but some have room.
        if WIDE {
            COUNTS[(before & 0x7F) as usize] as u32
        } else {
            before.count_ones()
        }
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

/// How many bits are set.
const COUNTS: [u8; 128] = counts();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant: what is out of range would not build"
)]
const fn counts() -> [u8; 128] {
    let mut counts = [0; 128];
    let mut bits = 0;
    while bits < counts.len() {
        counts[bits] = bits.count_ones() as u8;
        bits += 1;
    }
    counts
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
