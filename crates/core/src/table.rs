//! The tables of a compiled policy: indices and text, no pointers.
//!
//! Written by `routescope-compiler`, read by the walk. The fields are public so
//! that generated code can name them; nobody else needs to.
//!
//! ```text
//! states ──(edges: state, segment ─▶ state)──▶ states        one step a segment
//!    └─ end / end_slash ─▶ ends ─(method)─▶ routes ─▶ accepted ─▶ scopes
//! ```
//!
//! **States.** Row 0 is the start. After the last segment, `end` (path without
//! a trailing slash) or `end_slash` (with one) names the row of [`End`]: the
//! template that wins there.
//!
//! **Choosing an edge.** In whatever way the only row where an edge can be is
//! found, the row's label is compared in full.
//!
//! - Where nothing but a few literals can follow, `choice` names a [`Choice`]:
//!   a small table of its own, entered by the segment's first eight bytes.
//! - Where a value can follow too, or the literals are many, it is [`HASHED`]:
//!   one perfect hash over (state, segment) for all such states, in the rows
//!   below `slots`, see [`Tables::slot`]. Its hash ignores spelling, so the same
//!   look also finds the literal that a value must not resemble. Rows from
//!   `slots` on are twins: labels whose hash is that of a label in a slot
//!   (`Import` and `import`), chained by `twin`.
//! - [`NONE`] where no literal follows.
//!
//! **Other.** A segment that is no literal of the state goes to `other`: a
//! parameter, a catch-all, or [`NONE`].

use crate::path::is_literal_byte;
use crate::{KeyFormat, Methods, Options};

/// No row.
pub const NONE: u32 = u32::MAX;
/// In place of a [`Choice`]: the edges are in the perfect hash.
pub const HASHED: u32 = u32::MAX - 1;
/// Most rows of `states`.
pub const MAX_STATES: usize = 1 << 24;
/// Most scopes of a policy, the implied ones (`r:*`, umbrellas) included.
pub const MAX_SCOPES: usize = 4096;
/// Longest `text`, in bytes.
pub const MAX_TEXT: usize = 1 << 28;

/// What the walk knows after some segments.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The state after a segment that is no literal here, or [`NONE`].
    pub other: u32,
    /// The row of [`End`] if the path ends here without a slash, or [`NONE`].
    pub end: u32,
    /// The row of [`End`] if the path ends here with a slash, or [`NONE`].
    pub end_slash: u32,
    /// How its edges are found: the row of a [`Choice`], [`HASHED`], or [`NONE`].
    pub choice: u32,
}

/// A state's own little table of edges.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Choice {
    /// Its first row in `edges`.
    pub base: u32,
    /// What sends the state's labels to different rows.
    pub seed: u32,
    /// It has this power of two of rows.
    pub log2: u8,
}

impl Choice {
    /// The row for a segment that begins with these bytes, see
    /// [`first_word`](crate::segment::first_word).
    #[must_use]
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "at most 32 bits are left")]
    pub const fn row(&self, first_word: u64) -> u32 {
        let seed = (self.seed as u64) << 32 | self.seed as u64;
        let mixed = (first_word ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        // Without a branch: a table of one row shifts everything out.
        self.base
            .wrapping_add((mixed >> 32u32.wrapping_sub(self.log2 as u32)) as u32)
    }
}

/// A literal that leads from one state to another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Edge {
    /// The state it leaves, or [`NONE`] for an empty slot.
    pub state: u32,
    /// The state it leads to.
    pub target: u32,
    /// Where its label starts in `text`.
    pub label: u32,
    /// The label's length in bytes.
    pub label_len: u16,
    /// The next label with the same hash is row `slots + twin - 1`; 0 for none.
    pub twin: u16,
}

/// A template: which methods it lists and where their routes are.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct End {
    /// The route of its first method; the others follow in method order.
    pub first_route: u32,
    /// The methods listed.
    pub methods: Methods,
}

/// A method on a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RouteRow {
    /// Where the template starts in `text`.
    pub template: u32,
    /// Where its list starts in `accepted`: a count, then so many scopes.
    pub accepted: u32,
    /// The template's length in bytes.
    pub template_len: u16,
    /// The row of its method in [`Method::ALL`](crate::Method::ALL).
    pub method: u8,
}

/// A scope's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ScopeRow {
    /// Where the name starts in `text`.
    pub name: u32,
    /// The name's length in bytes.
    pub name_len: u16,
    /// Whether the policy lists routes under it; if not, it is implied by the
    /// rules (`r:*` beside `r:read`, the umbrella's two).
    pub declared: bool,
}

/// Everything that a [`Policy`](crate::Policy) consists of.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'t> {
    /// `name:` of the file.
    pub name: &'t str,
    /// `updated:` of the file, `YYYY-MM-DD`, or empty.
    pub updated: &'t str,
    /// `umbrella:` of the file, or empty.
    pub umbrella: &'t str,
    /// SHA-256 of the canonical model.
    pub digest: [u8; 32],
    /// The path options.
    pub options: Options,
    /// The key format, if the file declares one.
    pub key: Option<KeyFormat<'t>>,
    /// See the module's text.
    pub states: &'t [State],
    /// See the module's text.
    pub choices: &'t [Choice],
    /// How many rows of `edges` are slots of the perfect hash.
    pub slots: u32,
    /// See the module's text.
    pub edges: &'t [Edge],
    /// Displacements of the perfect hash; a power of two of them.
    pub displacements: &'t [u16],
    /// Templates in order.
    pub ends: &'t [End],
    /// Routes, grouped by template, in method order.
    pub routes: &'t [RouteRow],
    /// Lists of scopes, each with its count in front, narrowest scope first.
    pub accepted: &'t [u16],
    /// Scopes in byte order of their names.
    pub scopes: &'t [ScopeRow],
    /// Labels, templates and names; ASCII.
    pub text: &'t str,
}

/// What an edge is known by: one number for its state and its label's hash.
#[must_use]
#[inline]
pub const fn edge_key(state: u32, hash: u64) -> u64 {
    (hash ^ (state as u64).wrapping_mul(0x2545_F491_4F6C_DD1D)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The displacement that an edge is placed by, of `count`, a power of two.
#[must_use]
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "only the low bits are wanted"
)]
pub const fn bucket(key: u64, count: usize) -> usize {
    (key >> 40) as usize & count.wrapping_sub(1)
}

/// The slot, of `slots`, that an edge has under a displacement.
#[must_use]
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the upper half of a product of 32-bit numbers"
)]
pub const fn place(key: u64, displacement: u16, slots: u32) -> u32 {
    let mixed = (key ^ (displacement as u64).wrapping_mul(0xBF58_476D_1CE4_E5B9))
        .wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed >> 32).wrapping_mul(slots as u64) >> 32) as u32
}

impl Tables<'_> {
    /// The slot where the edge that leaves `state` with this hash must be.
    #[must_use]
    #[inline]
    pub fn slot(&self, state: u32, hash: u64) -> u32 {
        let key = edge_key(state, hash);
        let bucket = bucket(key, self.displacements.len());
        place(
            key,
            self.displacements.get(bucket).copied().unwrap_or_default(),
            self.slots,
        )
    }

    /// The bytes these tables take, text and digest included, without the
    /// header that points to them.
    #[must_use]
    pub const fn size(&self) -> usize {
        size_of_val(self.states)
            .saturating_add(size_of_val(self.choices))
            .saturating_add(size_of_val(self.edges))
            .saturating_add(size_of_val(self.displacements))
            .saturating_add(size_of_val(self.ends))
            .saturating_add(size_of_val(self.routes))
            .saturating_add(size_of_val(self.accepted))
            .saturating_add(size_of_val(self.scopes))
            .saturating_add(self.text.len())
            .saturating_add(self.digest.len())
    }

    /// What is wrong with the tables, or `None`: every index is in range,
    /// every state but a catch-all leads forward, every name is in order.
    ///
    /// Says nothing about whether they mean what the file says; that is the
    /// compiler's proof.
    #[must_use]
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "runs when a policy is built, in a const for static ones, where it stops the build"
    )]
    pub const fn fault(&self) -> Option<&'static str> {
        if self.states.is_empty() || self.states.len() > MAX_STATES {
            return Some("states: none, or too many");
        }
        if !self.displacements.len().is_power_of_two() {
            return Some("displacements: not a power of two");
        }
        if self.slots == 0 || self.slots as usize > self.edges.len() {
            return Some("edges: fewer than slots");
        }
        if self.scopes.len() > MAX_SCOPES {
            return Some("scopes: too many");
        }
        if self.text.len() > MAX_TEXT || !self.text.is_ascii() {
            return Some("text: too long, or not ASCII");
        }
        if let [0, 0, 0, 0, 0, 0, 0, 0, ..] = self.digest {
            // A prepared set names its policy by these bytes; zero is the empty set's.
            return Some("digest: begins with zeros");
        }
        if let Some(fault) = self.state_fault() {
            return Some(fault);
        }
        if let Some(fault) = self.edge_fault() {
            return Some(fault);
        }
        if let Some(fault) = self.route_fault() {
            return Some(fault);
        }
        self.scope_fault()
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn state_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        while i < self.states.len() {
            let State {
                other,
                end,
                end_slash,
                choice,
            } = self.states[i];
            // Forward, or to itself (the rest of a catch-all): the walk cannot
            // depend on it for its end, but the proof can.
            if other != NONE && (other as usize >= self.states.len() || (other as usize) < i) {
                return Some("states: `other` is out of range or leads back");
            }
            if end != NONE && end as usize >= self.ends.len()
                || end_slash != NONE && end_slash as usize >= self.ends.len()
            {
                return Some("states: an end is out of range");
            }
            if choice != NONE && choice != HASHED && choice as usize >= self.choices.len() {
                return Some("states: a choice is out of range");
            }
            i += 1;
        }
        None
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn edge_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        while i < self.choices.len() {
            let Choice { base, log2, .. } = self.choices[i];
            if log2 > 16 || base as usize + (1 << log2) > self.edges.len() {
                return Some("choices: rows are out of range");
            }
            i += 1;
        }
        i = 0;
        while i < self.edges.len() {
            let Edge {
                state,
                target,
                label,
                label_len,
                twin,
            } = self.edges[i];
            if state != NONE {
                if target as usize >= self.states.len() || target <= state {
                    return Some("edges: a target is out of range or leads back");
                }
                if label as usize + label_len as usize > self.text.len() || label_len == 0 {
                    return Some("edges: a label is out of range or empty");
                }
                // A literal that matches is not checked again.
                let mut k = label as usize;
                while k < label as usize + label_len as usize {
                    if !is_literal_byte(self.text.as_bytes()[k]) {
                        return Some("edges: a label has a byte that no segment has");
                    }
                    k += 1;
                }
            }
            // Twins lead forward too, so that a chain of them ends.
            let next = self.slots as usize + twin as usize;
            if twin != 0 && (next > self.edges.len() || next - 1 <= i) {
                return Some("edges: a twin is out of range or leads back");
            }
            i += 1;
        }
        None
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn route_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        let mut route = 0;
        while i < self.ends.len() {
            let End {
                first_route,
                methods,
            } = self.ends[i];
            if first_route as usize != route || methods.is_empty() {
                return Some("ends: routes do not follow each other, or there is none");
            }
            let mut bits = methods.bits();
            while bits != 0 {
                if route >= self.routes.len()
                    || self.routes[route].method as u32 != bits.trailing_zeros()
                {
                    return Some("routes: a method is missing or in the wrong place");
                }
                bits &= bits - 1;
                route += 1;
            }
            i += 1;
        }
        if route != self.routes.len() {
            return Some("routes: some belong to no template");
        }
        i = 0;
        while i < self.routes.len() {
            let RouteRow {
                template,
                accepted,
                template_len,
                method: _,
            } = self.routes[i];
            if template as usize + template_len as usize > self.text.len() {
                return Some("routes: a template is out of range");
            }
            if accepted as usize >= self.accepted.len() {
                return Some("routes: a list of scopes is out of range");
            }
            let count = self.accepted[accepted as usize] as usize;
            // An empty list would deny everybody, which no file can ask for.
            if count == 0 || accepted as usize + count >= self.accepted.len() {
                return Some("accepted: a list is empty or too long");
            }
            let mut k = 1;
            while k <= count {
                if self.accepted[accepted as usize + k] as usize >= self.scopes.len() {
                    return Some("accepted: a scope is out of range");
                }
                k += 1;
            }
            i += 1;
        }
        None
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn scope_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        while i < self.scopes.len() {
            let ScopeRow { name, name_len, .. } = self.scopes[i];
            if name as usize + name_len as usize > self.text.len() {
                return Some("scopes: a name is out of range");
            }
            if i > 0 && !self.in_order(i - 1, i) {
                return Some("scopes: names are not in order");
            }
            i += 1;
        }
        None
    }

    /// Whether the name of scope `a` comes before that of scope `b`.
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn in_order(&self, a: usize, b: usize) -> bool {
        let text = self.text.as_bytes();
        let (a, b) = (self.scopes[a], self.scopes[b]);
        let mut i = 0;
        while i < a.name_len as usize && i < b.name_len as usize {
            let (left, right) = (text[a.name as usize + i], text[b.name as usize + i]);
            if left != right {
                return left < right;
            }
            i += 1;
        }
        a.name_len < b.name_len
    }
}
