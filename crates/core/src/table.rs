//! The tables of a compiled policy: indices and text, no pointers.
//!
//! Written by `routescope-compiler`, read by the walk. The fields are public so
//! that generated code can name them; nobody else needs to.
//!
//! ```text
//! whole path ──(literals)───────────────────────┐
//!                                               ▼
//! states ──(runs, edges: ─▶ state)──▶ states ─▶ ends ─(method)─▶ routes ─▶ accepted ─▶ scopes
//! ```
//!
//! **Literals.** A perfect hash over whole paths, for the templates that have
//! no parameter. It only saves the walk: what it answers, the states answer too.
//!
//! **States.** Row 0 is the start. Where the path ends, `end` (without a trailing
//! slash) or `end_slash` (with one) names the row of [`End`]: the template that
//! wins there. How the path goes on, a state knows in one of three ways:
//!
//! - Only literals can follow: it has a table of its own, rows of [`Run`], one of
//!   which is chosen by up to eight bytes of the path, see [`State::row`]. A run is
//!   one segment or several, up to where a path can end or a value follow. Runs
//!   that those bytes do not tell apart make a group, whose table is the own table
//!   of another state, chosen by other bytes.
//! - A value can follow, and at most [`MAX_SIBLINGS`] literals beside it, which are
//!   compared one by one, since a value must not resemble any.
//! - Everything else is [`HASHED`], many literals beside a value, literals that tables
//!   cannot tell apart soon enough, or literals in any case: one perfect hash over (state, segment) for all such states, in the rows of `edges` below `slots`, see [`Tables::slot`]. Its
//!   hash ignores spelling, so that the look that finds a literal also finds the
//!   literal that a value must not resemble. Rows from `slots` on are twins:
//!   labels whose hash is that of a label in a slot (`Import` and `import`),
//!   chained by `twin`.
//!
//! In whatever way the only row is found where a literal can be, its label is
//! compared in full; a hash decides nothing.

use core::fmt;

use crate::path::PLAIN;
use crate::words::word;
use crate::{KeyFormat, Methods, Options};

/// No row.
pub const NONE: u32 = u32::MAX;
/// In place of a row of `runs`: the state's literals are in the perfect hash.
pub const HASHED: u32 = u32::MAX - 1;
/// The shape of a state whose literals are in the perfect hash, beside a value.
pub const HASHED_SHAPE: u8 = u8::MAX;
/// Most literals beside a value that are compared one by one.
pub const MAX_SIBLINGS: u8 = 8;
/// Most rows of a state's own table, as a power of two.
pub const MAX_LOG2: u8 = 12;
/// Most rows of `states`.
pub const MAX_STATES: usize = 1 << 24;
/// Most rows of `routes`.
pub const MAX_ROUTES: usize = 1 << 24;
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
    /// The first of its rows in `runs`, [`HASHED`], or [`NONE`].
    pub runs: u32,
    /// What sends the labels of its own table to different rows. Where a value can
    /// follow: [how long](State::length) the literals beside it are, one bit each.
    pub seed: u16,
    /// How many bytes into the labels those begin that choose the row.
    pub skip: u8,
    /// Of its own table: how many bytes of eight do not choose, in the upper three
    /// bits, and the power of two of rows below. Where a value can follow: how
    /// many literals stand beside it, or [`HASHED_SHAPE`].
    pub shape: u8,
}

impl State {
    /// The shape of a table of `1 << log2` rows, chosen by `bytes` bytes.
    #[must_use]
    pub const fn shape(bytes: u8, log2: u8) -> u8 {
        8u8.wrapping_sub(bytes) << 5 | log2 & 0x1F
    }

    /// How many bytes choose the row of its own table: 1 to 8.
    #[must_use]
    pub const fn bytes(&self) -> u8 {
        8u8.wrapping_sub(self.shape >> 5)
    }

    /// Its own table has this power of two of rows.
    #[must_use]
    #[inline]
    pub const fn log2(&self) -> u8 {
        self.shape & 0x1F
    }

    /// The bit that stands for labels of so many bytes, escapes decoded.
    #[must_use]
    #[inline]
    pub const fn length(len: usize) -> u16 {
        1 << (len & 15)
    }

    /// Whether a segment of so many bytes, escapes decoded, may be one of the
    /// literals beside a value, or resemble one.
    #[must_use]
    #[inline]
    pub const fn may_name(&self, len: usize) -> bool {
        self.seed & Self::length(len) != 0
    }

    /// The row of `runs` for a path that goes on, `skip` bytes from here, with
    /// these eight bytes, padded with zeros behind the path's end.
    #[must_use]
    #[inline]
    pub const fn row(&self, word: u64) -> u32 {
        let unused = self.shape as u32 >> 2 & 0x38;
        // The seed changes low bits, for a few bytes, and high ones, for eight.
        let seed = self.seed as u64;
        let factor = 0x9E37_79B9_7F4A_7C15 ^ seed << 1 ^ seed << 32;
        let mixed = ((word << unused).wrapping_mul(factor) >> 33) as u32;
        // By 31 - log2: a table of one row shifts everything out.
        self.runs
            .wrapping_add(mixed.wrapping_shr(!(self.shape as u32)))
    }
}

/// A run of literal segments that leads from one state to another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Run {
    /// The state it leads to; of a group, the state whose own table goes on
    /// choosing; 0 for an empty row.
    pub target: u32,
    /// Where its label starts in `text`; the slashes between segments included.
    pub label: u32,
    /// The label's length in bytes; 0 for a group, and for an empty row.
    pub label_len: u16,
}

/// A literal segment that leads from a [`HASHED`] state to another.
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

/// A template: which methods it lists and where their routes are. In four bytes:
/// the first route above, one bit a method below.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct End(u32);

impl End {
    /// The template whose routes begin with `first_route`, which is less than
    /// [`MAX_ROUTES`], and list `methods`.
    #[must_use]
    pub const fn new(first_route: u32, methods: Methods) -> Self {
        Self(first_route << 8 | methods.bits() as u32)
    }

    /// The route of its first method; the others follow in method order.
    #[must_use]
    #[inline]
    pub const fn first_route(self) -> u32 {
        self.0 >> 8
    }

    /// The methods listed.
    #[must_use]
    #[inline]
    pub const fn methods(self) -> Methods {
        Methods::from_low_bits(self.0 as u8)
    }
}

impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End")
            .field("first_route", &self.first_route())
            .field("methods", &self.methods())
            .finish()
    }
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
    pub runs: &'t [Run],
    /// How many rows of `edges` are slots of the perfect hash.
    pub slots: u32,
    /// See the module's text.
    pub edges: &'t [Edge],
    /// Displacements of the perfect hash; a power of two of them.
    pub displacements: &'t [u16],
    /// Slots of the perfect hash of whole paths: rows of `ends`, or [`NONE`].
    pub literals: &'t [u32],
    /// Its displacements; a power of two of them.
    pub literal_displacements: &'t [u16],
    /// How many words, from a path's end backwards, it hashes.
    pub literal_words: u8,
    /// A bit for each path in it, and few others; a power of two of words.
    pub literal_filter: &'t [u64],
    /// Templates in order.
    pub ends: &'t [End],
    /// Routes, grouped by template, in method order.
    pub routes: &'t [RouteRow],
    /// Lists of scopes, each with its count in front, narrowest scope first; and
    /// before that its [bits](Tables::mask), if these are few.
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

/// What a whole path is known by: its length and its last `words` words, as far
/// as it has them.
#[must_use]
#[inline]
pub fn path_key(path: &[u8], words: u8) -> u64 {
    let mut key = (path.len() as u64).wrapping_mul(0x2545_F491_4F6C_DD1D);
    let mut at = path.len();
    for _ in 0..words {
        at = at.saturating_sub(8);
        key = (key.rotate_left(25) ^ word(path, at)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    key ^ key >> 32
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

    /// Whether a path with this [key](path_key) may be in `literals`.
    #[must_use]
    #[inline]
    pub fn may_be_literal(&self, key: u64) -> bool {
        let word = (key >> 6) as usize & self.literal_filter.len().wrapping_sub(1);
        let bits = self.literal_filter.get(word).copied().unwrap_or_default();
        bits >> (key & 63) & 1 != 0
    }

    /// The slot of `literals` where the template must be whose path has this
    /// [key](path_key).
    #[must_use]
    #[inline]
    pub fn literal_slot(&self, key: u64) -> u32 {
        let bucket = bucket(key, self.literal_displacements.len());
        place(
            key,
            self.literal_displacements
                .get(bucket)
                .copied()
                .unwrap_or_default(),
            self.literals.len() as u32,
        )
    }

    /// Whether four words stand before each list of `accepted`: a bit for each
    /// scope in it.
    #[must_use]
    #[inline]
    pub const fn has_masks(&self) -> bool {
        self.scopes.len() <= 64
    }

    /// The bits of the list that starts at `list`, or none.
    #[must_use]
    #[inline]
    pub const fn mask(&self, list: u32) -> u64 {
        let Some((before, _)) = self.accepted.split_at_checked(list as usize) else {
            return 0;
        };
        match before {
            [.., a, b, c, d] => {
                *a as u64 | (*b as u64) << 16 | (*c as u64) << 32 | (*d as u64) << 48
            }
            _ => 0,
        }
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn mask_of(&self, list: usize, count: usize) -> u64 {
        let mut mask = 0;
        let mut i = 1;
        while i <= count {
            mask |= 1 << (self.accepted[list + i] & 63);
            i += 1;
        }
        mask
    }

    /// The bytes these tables take, text and digest included, without the
    /// header that points to them.
    #[must_use]
    pub const fn size(&self) -> usize {
        size_of_val(self.states)
            .saturating_add(size_of_val(self.runs))
            .saturating_add(size_of_val(self.literals))
            .saturating_add(size_of_val(self.literal_displacements))
            .saturating_add(size_of_val(self.literal_filter))
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
        if !self.displacements.len().is_power_of_two()
            || !self.literal_displacements.len().is_power_of_two()
            || !self.literal_filter.len().is_power_of_two()
        {
            return Some("displacements, or filter: not a power of two");
        }
        if self.slots == 0 || self.slots as usize > self.edges.len() {
            return Some("edges: fewer than slots");
        }
        if self.scopes.len() > MAX_SCOPES {
            return Some("scopes: too many");
        }
        if self.text.len() > MAX_TEXT {
            return Some("text: too long");
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
                runs,
                shape,
                ..
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
            let hashed = if other == NONE { 0 } else { HASHED_SHAPE };
            if runs == HASHED && shape != hashed || runs == NONE && shape != 0 {
                return Some("states: a shape without runs");
            }
            if runs != NONE
                && runs != HASHED
                && let Some(fault) = self.run_fault(i)
            {
                return Some(fault);
            }
            i += 1;
        }
        i = 0;
        while i < self.literals.len() {
            if self.literals[i] != NONE && self.literals[i] as usize >= self.ends.len() {
                return Some("literals: an end is out of range");
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
    const fn run_fault(&self, state: usize) -> Option<&'static str> {
        let row = self.states[state];
        let own = row.other == NONE;
        let count = if own {
            if row.log2() > MAX_LOG2 {
                return Some("states: a table is too large");
            }
            1 << row.log2()
        } else {
            if row.shape > MAX_SIBLINGS {
                return Some("states: too many siblings");
            }
            row.shape as usize
        };
        if row.runs as usize + count > self.runs.len() {
            return Some("states: runs are out of range");
        }
        let mut i = row.runs as usize;
        while i < row.runs as usize + count {
            let Run {
                target,
                label,
                label_len,
            } = self.runs[i];
            // Empty, or a group: forward, so that the groups in groups end.
            if target as usize >= self.states.len() || target as usize <= state && target != 0 {
                return Some("runs: a target is out of range or leads back");
            }
            if label_len == 0 && !own {
                return Some("runs: a sibling is empty");
            }
            // The walk goes on in a group's own table, and nowhere else.
            let group = &self.states[target as usize];
            if label_len == 0 && target != 0 && (group.other != NONE || group.runs >= HASHED) {
                return Some("runs: a group has no table");
            }
            if label_len != 0 && (target == 0 || !self.is_label(label, label_len, own)) {
                return Some("runs: a label is out of range or has a byte that none has");
            }
            i += 1;
        }
        None
    }

    /// Whether text can be a label. A literal that matches is not checked again.
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn is_label(&self, label: u32, label_len: u16, run: bool) -> bool {
        let end = label as usize + label_len as usize;
        if end > self.text.len() || label_len == 0 {
            return false;
        }
        // No calls in here: a constant is interpreted, and large tables have
        // millions of bytes.
        let (text, plain) = (self.text.as_bytes(), &PLAIN);
        let mut i = label as usize;
        while i < end {
            let byte = text[i];
            if plain[(byte >> 5) as usize] >> (byte & 31) & 1 == 0
                && byte != b'%'
                && !(byte == b'/' && run)
            {
                return false;
            }
            i += 1;
        }
        true
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn edge_fault(&self) -> Option<&'static str> {
        let mut i = 0;
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
                if !self.is_label(label, label_len, false) {
                    return Some(
                        "edges: a label is out of range or has a byte that no segment has",
                    );
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
            let (first_route, methods) = (self.ends[i].first_route(), self.ends[i].methods());
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
            if self.has_masks() && self.mask_of(accepted as usize, count) != self.mask(accepted) {
                return Some("accepted: the bits of a list are not its scopes'");
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
