//! The rows of the other tables: hashed edges, routes and scopes.

use super::{StateId, TextRange};

/// A static edge that leaves a [`Hashed`](super::StateKind::Hashed) state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HashedEdge {
    /// The key of the state that it leaves, or [`HashedEdge::NO_KEY`] in an unused slot.
    pub key: u32,
    /// The state that it leads to.
    pub target: StateId,
    /// Its label, one segment.
    pub label: TextRange,
    /// The next edge with the same hash: 0 for none, else `n` for row `edge_slots + n - 1`.
    pub next_collision: u16,
}

/// A [`HashedEdge`] as the tables store it, little-endian: key, target, start of the label,
/// its length, next collision.
pub type HashedEdgeBytes = [u8; 16];

impl HashedEdge {
    /// The key of no state.
    pub const NO_KEY: u32 = u32::MAX;

    /// The fields of [`HashedEdgeBytes`] as numbers, for generated code.
    #[must_use]
    pub const fn to_numbers(self) -> [u32; 5] {
        [
            self.key,
            self.target.bits(),
            self.label.start,
            self.label.len as u32,
            self.next_collision as u32,
        ]
    }

    /// Encodes the edge.
    #[must_use]
    pub const fn to_bytes(self) -> HashedEdgeBytes {
        Self::encode(self.to_numbers())
    }

    /// Encodes the fields that [`Self::to_numbers`] lists.
    ///
    /// # Panics
    ///
    /// If a number is too large for its field; in a constant, that is a compile error.
    #[must_use]
    pub const fn encode(numbers: [u32; 5]) -> HashedEdgeBytes {
        let [key, target, start, len, next] = numbers;
        assert!(
            len <= u16::MAX as u32 && next <= u16::MAX as u32,
            "a number is too large"
        );
        let [a0, a1, a2, a3] = key.to_le_bytes();
        let [b0, b1, b2, b3] = target.to_le_bytes();
        let [c0, c1, c2, c3] = start.to_le_bytes();
        let [d0, d1, ..] = len.to_le_bytes();
        let [e0, e1, ..] = next.to_le_bytes();
        [
            a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, e0, e1,
        ]
    }

    /// Decodes an edge.
    #[must_use]
    #[inline(always)]
    pub const fn from_bytes(bytes: &HashedEdgeBytes) -> Self {
        let [
            a0,
            a1,
            a2,
            a3,
            b0,
            b1,
            b2,
            b3,
            c0,
            c1,
            c2,
            c3,
            d0,
            d1,
            e0,
            e1,
        ] = *bytes;
        Self {
            key: u32::from_le_bytes([a0, a1, a2, a3]),
            target: StateId::new(u32::from_le_bytes([b0, b1, b2, b3])),
            label: TextRange {
                start: u32::from_le_bytes([c0, c1, c2, c3]),
                len: u16::from_le_bytes([d0, d1]),
            },
            next_collision: u16::from_le_bytes([e0, e1]),
        }
    }
}

/// A method on a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RouteRow {
    /// The text of the template.
    pub template: TextRange,
    /// The index in `accepted` of its list of scopes, or [`Self::PUBLIC`] or
    /// [`Self::ANY_KEY`].
    pub accepted: u32,
    /// The index of its method in [`Method::ALL`](crate::Method::ALL).
    pub method: u8,
}

/// A [`RouteRow`] as the tables store it, little-endian: start of the template, list of
/// scopes, length of the template, method, zero.
pub type RouteBytes = [u8; 12];

impl RouteRow {
    /// The fields of [`RouteBytes`] as numbers, for generated code.
    #[must_use]
    pub const fn to_numbers(self) -> [u32; 4] {
        [
            self.template.start,
            self.accepted,
            self.template.len as u32,
            self.method as u32,
        ]
    }

    /// Encodes the route.
    #[must_use]
    pub const fn to_bytes(self) -> RouteBytes {
        Self::encode(self.to_numbers())
    }

    /// Encodes the fields that [`Self::to_numbers`] lists.
    ///
    /// # Panics
    ///
    /// If a number is too large for its field; in a constant, that is a compile error.
    #[must_use]
    pub const fn encode(numbers: [u32; 4]) -> RouteBytes {
        let [start, accepted, len, method] = numbers;
        assert!(
            len <= u16::MAX as u32 && method <= u8::MAX as u32,
            "a number is too large"
        );
        let [a0, a1, a2, a3] = start.to_le_bytes();
        let [b0, b1, b2, b3] = accepted.to_le_bytes();
        let [c0, c1, ..] = len.to_le_bytes();
        [a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, method as u8, 0]
    }

    /// Decodes a route.
    #[must_use]
    #[inline(always)]
    pub const fn from_bytes(bytes: &RouteBytes) -> Self {
        let [a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, method, _] = *bytes;
        Self {
            template: TextRange {
                start: u32::from_le_bytes([a0, a1, a2, a3]),
                len: u16::from_le_bytes([c0, c1]),
            },
            accepted: u32::from_le_bytes([b0, b1, b2, b3]),
            method,
        }
    }
}

/// A scope.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ScopeRow {
    /// The text of its name.
    pub name: TextRange,
    /// Whether the file names it. If not, the rules imply it (`r:*` beside `r:read`, and the
    /// two scopes of the umbrella).
    pub declared: bool,
}

/// A [`ScopeRow`] as the tables store it, little-endian: start of the name, its length, 1 if
/// declared, zero.
pub type ScopeBytes = [u8; 8];

impl ScopeRow {
    /// The fields of [`ScopeBytes`] as numbers, for generated code.
    #[must_use]
    pub const fn to_numbers(self) -> [u32; 3] {
        [self.name.start, self.name.len as u32, self.declared as u32]
    }

    /// Encodes the scope.
    #[must_use]
    pub const fn to_bytes(self) -> ScopeBytes {
        Self::encode(self.to_numbers())
    }

    /// Encodes the fields that [`Self::to_numbers`] lists.
    ///
    /// # Panics
    ///
    /// If a number is too large for its field; in a constant, that is a compile error.
    #[must_use]
    pub const fn encode(numbers: [u32; 3]) -> ScopeBytes {
        let [start, len, declared] = numbers;
        assert!(
            len <= u16::MAX as u32 && declared <= 1,
            "a number is too large"
        );
        let [a0, a1, a2, a3] = start.to_le_bytes();
        let [b0, b1, ..] = len.to_le_bytes();
        [a0, a1, a2, a3, b0, b1, declared as u8, 0]
    }

    /// Decodes a scope.
    #[must_use]
    #[inline(always)]
    pub const fn from_bytes(bytes: &ScopeBytes) -> Self {
        let [a0, a1, a2, a3, b0, b1, declared, _] = *bytes;
        Self {
            name: TextRange {
                start: u32::from_le_bytes([a0, a1, a2, a3]),
                len: u16::from_le_bytes([b0, b1]),
            },
            declared: declared == 1,
        }
    }
}
