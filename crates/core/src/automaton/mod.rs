//! The tables of a compiled policy: indices and text, no pointers.
//!
//! Written by `routescope-compiler`, read by the walk. The fields are public so
//! that generated code can name them; nobody else needs to.
//!
//! ```text
//! whole path ──(literals)─────────────────────┐
//!                                             ▼
//! states ──(rows, edges: ─▶ state)──▶ states ─▶ end ─(method)─▶ routes ─▶ accepted ─▶ scopes
//! ```
//!
//! **Literals.** A perfect hash over whole paths, for the templates that have
//! no parameter. It only saves the walk: what it answers, the states answer too.
//!
//! **States.** Row 0 is the start. A row has the label that leads to it, a run of
//! literal segments up to where a path can end or a value follow; so one look
//! finds where a literal leads and how it goes on from there. Where the path ends,
//! `end` says which template wins. How it goes on, `kind` says:
//!
//! - [`LITERALS`]: a table of its own, the rows from `next` on, one of which is
//!   chosen by up to eight bytes of the path, see [`State::row`]. Labels that those
//!   bytes do not tell apart make a [`GROUP`], whose own table other bytes choose
//!   from.
//! - [`VALUE`]: any segment, and then as if it were [`LITERALS`]; if the path ends
//!   behind the segment, `value` is the [`End`].
//! - [`STATE`]: any segment leads to the state `value`.
//! - [`SIBLINGS`]: at most [`MAX_SIBLINGS`] literals, the rows from `next` on, which
//!   are compared one by one, since a value must not resemble any; any other
//!   segment leads to the state `value`.
//! - [`HASHED`]: everything else, many literals beside a value, literals that tables
//!   cannot tell apart soon enough, or literals in any case: one perfect hash over
//!   (`next`, segment) for all such states, in the rows of `edges` below `slots`, see
//!   [`Tables::slot`]. Its hash ignores spelling, so that the look that finds a
//!   literal also finds the literal that a value must not resemble. Rows from
//!   `slots` on are twins: labels whose hash is that of a label in a slot (`Import`
//!   and `import`), chained by `twin`. Any other segment leads to the state `value`,
//!   if there is one.
//!
//! In whatever way the only row is found where a literal can be, its label is
//! compared in full; a hash decides nothing.

pub(crate) mod hash;
pub(crate) mod matcher;
mod validate;

use core::fmt;

pub use self::hash::{LAYOUT, bucket, edge_key, path_key, place};
use crate::{KeyFormat, Methods, Options};

/// No row.
pub const NONE: u32 = u32::MAX;
/// The kind of a state after which only literals can follow, or nothing.
pub const LITERALS: u8 = 0;
/// The kind of a state after which a value follows, and then as after [`LITERALS`].
pub const VALUE: u8 = 1;
/// The kind of a state after which a value follows, and then another state.
pub const STATE: u8 = 2;
/// The kind of a state after which a value follows or one of a few literals.
pub const SIBLINGS: u8 = 3;
/// The kind of a state whose literals are in the perfect hash.
pub const HASHED: u8 = 4;
/// The kind of a row that goes on choosing by other bytes.
pub const GROUP: u8 = 5;
/// Most literals beside a value that are compared one by one.
pub const MAX_SIBLINGS: u8 = 8;
/// Most rows of a state's own table, as a power of two.
pub const MAX_LOG2: u8 = 12;
/// Most rows of `states`.
pub const MAX_STATES: usize = 1 << 24;
/// Most rows of `routes`.
pub const MAX_ROUTES: usize = 1 << 23;
/// Most scopes of a policy, the implied ones (`r:*`, umbrellas) included.
pub const MAX_SCOPES: usize = 4096;
/// Longest `text`, in bytes.
pub const MAX_TEXT: usize = 1 << 28;

/// What the walk knows after some segments: how it came here, and how it goes on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// Where the label that leads here starts in `text`; the slashes between its
    /// segments included.
    pub label: u32,
    /// The first of the rows of its own table, or of its siblings; of [`HASHED`], what
    /// its edges are known by.
    pub next: u32,
    /// What wins if the path ends here.
    pub end: End,
    /// The state after a value, or [`NONE`]; of [`VALUE`], the bits of the [`End`].
    pub value: u32,
    /// The label's length in bytes; 0 for a group, an empty row, and a state that no
    /// literal leads to.
    pub label_len: u16,
    /// What sends the labels of its own table to different rows. Of [`SIBLINGS`] and
    /// [`HASHED`]: [how long](State::length) its literals are, one bit each; of
    /// [`STATE`], which has none: 0.
    pub seed: u16,
    /// How many bytes into the labels those begin that choose the row.
    pub skip: u8,
    /// Of its own table: how many bytes of eight do not choose, in the upper three
    /// bits, and the power of two of rows below. Of [`SIBLINGS`]: how many.
    pub shape: u8,
    /// How a path goes on here.
    pub kind: u8,
}

impl State {
    /// A row of a table that no label leads to.
    pub const EMPTY: Self = Self {
        label: 0,
        next: 0,
        end: End::NONE,
        value: NONE,
        label_len: 0,
        seed: 0,
        skip: 0,
        shape: 0,
        kind: LITERALS,
    };

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

    /// The bit that stands for labels of so many bytes, as they are
    /// [read](crate::lookalike::reading).
    #[must_use]
    #[inline]
    pub const fn length(len: usize) -> u16 {
        1 << (len & 15)
    }

    /// Whether a segment of so many bytes, as it is [read](crate::lookalike::reading), may be
    /// one of the literals beside a value, or resemble one.
    #[must_use]
    #[inline]
    pub const fn may_name(&self, len: usize) -> bool {
        self.seed & Self::length(len) != 0
    }

    /// The row of its own table for a path that goes on, `skip` bytes from here, with
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
        self.next
            .wrapping_add(mixed.wrapping_shr(!(self.shape as u32)))
    }
}

/// A literal segment that leads from a [`HASHED`] state to another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Edge {
    /// What the state that it leaves is known by, or [`NONE`] for an empty slot.
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

/// Which template wins where a path ends: with its routes, the methods that it
/// lists, and whether it does so with a slash at the end. In four bytes: the first
/// route above, then the slashes, one bit a method below.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct End(u32);

impl End {
    /// No template.
    pub const NONE: Self = Self(0);
    const METHODS: u32 = 0x7F;
    const PLAIN: u32 = 0x80;
    const SLASH: u32 = 0x100;
    const FIRST_ROUTE: u32 = 9;

    /// The template whose routes begin with `first_route`, which is less than
    /// [`MAX_ROUTES`], and list `methods`.
    #[must_use]
    pub const fn new(first_route: u32, methods: Methods) -> Self {
        Self(first_route << Self::FIRST_ROUTE | methods.bits() as u32)
    }

    /// What this row of `twins` says: one end without a slash, one with it.
    #[must_use]
    pub const fn twins(row: u32) -> Self {
        Self(row.wrapping_add(1) << Self::FIRST_ROUTE)
    }

    /// The template that wins took the segment of this number, from 0, as a value, and
    /// that resembles a literal. Stands only in `twins`.
    #[must_use]
    pub const fn refused(segment: u32) -> Self {
        Self(segment.wrapping_add(1) << Self::FIRST_ROUTE)
    }

    /// The same template, winning without a slash at the end, and with one.
    #[must_use]
    pub const fn winning(self, plain: bool, slash: bool) -> Self {
        let template = self.0 & !(Self::PLAIN | Self::SLASH);
        let plain = if plain { Self::PLAIN } else { 0 };
        let slash = if slash { Self::SLASH } else { 0 };
        Self(template | plain | slash)
    }

    /// As it is stored.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// From [`Self::bits`].
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether it wins without a slash at the end, or with one.
    #[must_use]
    #[inline]
    pub const fn wins(self, slash: bool) -> bool {
        self.0 >> if slash { 8 } else { 7 } & 1 != 0
    }

    /// The row of `twins` that it stands for, if it does.
    #[must_use]
    #[inline]
    pub const fn as_twins(self) -> Option<u32> {
        if self.0 & (Self::METHODS | Self::PLAIN | Self::SLASH) != 0 {
            return None;
        }
        (self.0 >> Self::FIRST_ROUTE).checked_sub(1)
    }

    /// The number of the segment for which a path is refused, of an end in `twins`.
    #[must_use]
    #[inline]
    pub const fn as_refused(self) -> Option<u32> {
        self.as_twins()
    }

    /// The route of its first method; the others follow in method order.
    #[must_use]
    #[inline]
    pub const fn first_route(self) -> u32 {
        self.0 >> Self::FIRST_ROUTE
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
        if let Some(row) = self.as_twins() {
            return f.debug_tuple("Twins").field(&row).finish();
        }
        f.debug_struct("End")
            .field("first_route", &self.first_route())
            .field("methods", &self.methods())
            .field("plain", &self.wins(false))
            .field("slash", &self.wins(true))
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
    /// [`LAYOUT`], as whoever laid them out knew it.
    pub layout: u64,
    /// The path options.
    pub options: Options,
    /// The key format, if the file declares one.
    pub key: Option<KeyFormat<'t>>,
    /// See the module's text.
    pub states: &'t [State],
    /// Ends where another template wins without a slash than with one, or none, or where
    /// the path is [refused](End::refused): the two, in this order.
    pub twins: &'t [[End; 2]],
    /// How many rows of `edges` are slots of the perfect hash.
    pub slots: u32,
    /// See the module's text.
    pub edges: &'t [Edge],
    /// Displacements of the perfect hash; a power of two of them.
    pub displacements: &'t [u16],
    /// Slots of the perfect hash of whole paths: templates. A free slot names one
    /// that belongs in another; [`End::NONE`] stands only where there is no literal path.
    pub literals: &'t [End],
    /// Its displacements; a power of two of them.
    pub literal_displacements: &'t [u16],
    /// How many words, from a path's end backwards, it hashes.
    pub literal_words: u8,
    /// A bit for each path in it, and few others; a power of two of words.
    pub literal_filter: &'t [u64],
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

    /// The bytes these tables take, text and digest included, without the
    /// header that points to them.
    #[must_use]
    pub const fn size(&self) -> usize {
        size_of_val(self.states)
            .saturating_add(size_of_val(self.twins))
            .saturating_add(size_of_val(self.literals))
            .saturating_add(size_of_val(self.literal_displacements))
            .saturating_add(size_of_val(self.literal_filter))
            .saturating_add(size_of_val(self.edges))
            .saturating_add(size_of_val(self.displacements))
            .saturating_add(size_of_val(self.routes))
            .saturating_add(size_of_val(self.accepted))
            .saturating_add(size_of_val(self.scopes))
            .saturating_add(self.text.len())
            .saturating_add(self.digest.len())
    }
}
