//! The features of a policy beyond routes under single scopes, as bits in front of its tables.

/// The features that the tables of a policy may use. Code for a feature is compiled away where a constant
/// policy does not have it, and tested by one bit elsewhere.
///
/// A policy without any of them has the bits 0.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[repr(transparent)]
pub struct Features(u8);

impl Features {
    /// None.
    pub const NONE: Self = Self(0);
    /// Some segment of a template is a parameter with a literal before or after it.
    pub const AFFIXES: Self = Self(1);
    /// Some route needs several scopes at once.
    pub const SETS: Self = Self(1 << 1);
    /// Some route is open to any valid key.
    pub const ANY_KEY: Self = Self(1 << 2);
    /// Some route is public.
    pub const PUBLIC: Self = Self(1 << 3);
    /// The names of scopes are opaque.
    pub const OPAQUE: Self = Self(1 << 4);
    /// Those by which a request may be allowed although no held scope suffices alone.
    pub const MORE: Self = Self::SETS.with(Self::ANY_KEY).with(Self::PUBLIC);
    const ALL: u8 = (1 << 5) - 1;

    /// These features and those.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of the features of `other` is among these.
    #[must_use]
    #[inline(always)]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The number that tables store.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The features that [`Self::bits`] encoded, unless a bit is none of them.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits & !Self::ALL == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }
}
