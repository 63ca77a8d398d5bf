//! Accepting entries: which template a path matches where it ends.

use core::fmt;

use crate::Methods;

/// The result for a path that ends at a state: no template, one template, or a [`SlashPair`]
/// where the trailing slash decides.
///
/// A template is stored as its first route, the methods that it lists, and whether it accepts
/// paths without and with a trailing slash. All of this fits into four bytes: seven bits for
/// the methods, two for the slash, and the first route above them.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Accept(u32);

impl Accept {
    /// No template.
    pub const NONE: Self = Self(0);
    const METHODS: u32 = 0x7F;
    const WITHOUT_SLASH: u32 = 1 << 7;
    const WITH_SLASH: u32 = 1 << 8;
    const FIRST_ROUTE: u32 = 9;

    /// The template whose routes begin at row `first_route`, which is less than
    /// [`MAX_ROUTES`](super::MAX_ROUTES), and list `methods`. It accepts no path until
    /// [`Self::when`] says which.
    #[must_use]
    pub const fn template(first_route: u32, methods: Methods) -> Self {
        Self(first_route << Self::FIRST_ROUTE | methods.bits() as u32)
    }

    /// The same template, for paths without a trailing slash, with one, or both.
    #[must_use]
    pub const fn when(self, without_slash: bool, with_slash: bool) -> Self {
        let template = self.0 & !(Self::WITHOUT_SLASH | Self::WITH_SLASH);
        let without_slash = if without_slash {
            Self::WITHOUT_SLASH
        } else {
            0
        };
        let with_slash = if with_slash { Self::WITH_SLASH } else { 0 };
        Self(template | without_slash | with_slash)
    }

    /// The slash pair in this row of [`Tables::slash_pairs`](super::Tables::slash_pairs).
    #[must_use]
    pub const fn slash_pair(row: u32) -> Self {
        Self(row.wrapping_add(1) << Self::FIRST_ROUTE)
    }

    /// The number that tables store.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The entry that [`Self::bits`] encoded.
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether it is a template that accepts paths with (or without) a trailing slash.
    #[must_use]
    #[inline]
    pub const fn accepts(self, slash: bool) -> bool {
        self.0 >> if slash { 8 } else { 7 } & 1 != 0
    }

    /// The row of the slash pair, if it is one.
    #[must_use]
    #[inline]
    pub const fn as_slash_pair(self) -> Option<u32> {
        if self.0 & (Self::METHODS | Self::WITHOUT_SLASH | Self::WITH_SLASH) != 0 {
            return None;
        }
        (self.0 >> Self::FIRST_ROUTE).checked_sub(1)
    }

    /// The row of the template's first route; its other routes follow in the order of methods.
    #[must_use]
    #[inline]
    pub const fn first_route(self) -> u32 {
        self.0 >> Self::FIRST_ROUTE
    }

    /// The methods that the template lists.
    #[must_use]
    #[inline]
    pub const fn methods(self) -> Methods {
        Methods::from_low_bits(self.0 as u8)
    }
}

impl fmt::Debug for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.as_slash_pair() {
            return f.debug_tuple("SlashPair").field(&row).finish();
        }
        f.debug_struct("Accept")
            .field("first_route", &self.first_route())
            .field("methods", &self.methods())
            .field("without_slash", &self.accepts(false))
            .field("with_slash", &self.accepts(true))
            .finish()
    }
}

/// The outcomes of a path without a trailing slash, and with one, where these differ or where
/// rule 7 refuses one of them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SlashPair {
    /// The outcome of a path without a trailing slash.
    pub without_slash: Outcome,
    /// The outcome of a path with a trailing slash.
    pub with_slash: Outcome,
}

/// A [`SlashPair`] as the tables store it.
pub type SlashPairBytes = [u8; 8];

impl SlashPair {
    /// Encodes the pair.
    #[must_use]
    pub const fn to_bytes(self) -> SlashPairBytes {
        Self::encode([self.without_slash.bits(), self.with_slash.bits()])
    }

    /// Encodes a pair whose outcomes have these bits.
    pub(crate) const fn encode([without_slash, with_slash]: [u32; 2]) -> SlashPairBytes {
        let [a, b, c, d] = without_slash.to_le_bytes();
        let [e, f, g, h] = with_slash.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }

    /// Decodes the pair.
    #[must_use]
    pub const fn from_bytes(bytes: &SlashPairBytes) -> Self {
        let [a, b, c, d, e, f, g, h] = *bytes;
        Self {
            without_slash: Outcome::from_bits(u32::from_le_bytes([a, b, c, d])),
            with_slash: Outcome::from_bits(u32::from_le_bytes([e, f, g, h])),
        }
    }
}

/// How the match of a path ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// No template matches.
    NoMatch,
    /// The template that wins.
    Accept(Accept),
    /// A template wins that takes this segment, counted from 0, as a value, and the segment
    /// resembles a literal: rule 7 refuses the path.
    Refused {
        /// The number of the segment.
        segment: u32,
    },
}

impl Outcome {
    /// The number that tables store. A refusal is encoded as an entry without methods and
    /// slashes, which no template is.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::NoMatch => Accept::NONE.bits(),
            Self::Accept(accept) => accept.bits(),
            Self::Refused { segment } => segment.wrapping_add(1) << Accept::FIRST_ROUTE,
        }
    }

    /// The outcome that [`Self::bits`] encoded.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        let accept = Accept::from_bits(bits);
        match accept.as_slash_pair() {
            Some(segment) => Self::Refused { segment },
            None if bits == Accept::NONE.bits() => Self::NoMatch,
            None => Self::Accept(accept),
        }
    }
}
