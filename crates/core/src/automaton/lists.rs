//! Lists of scopes: how [`Tables::accepted`](super::Tables::accepted) stores what a route needs.
//!
//! ```text
//! route.accepted ─▶ [mask: 4 numbers] count  scope ...      each of these scopes alone suffices
//!                                     │
//!                    highest bit set: └▶ sets               these suffice if all of one are held
//!                                        position clauses
//!                                                 [mask] count  scope ...
//! ```
//!
//! Numbers have two bytes. Masks are there if the policy [has masks](Tables::has_masks). A set
//! consists of clauses. The first scope of a clause is the one that the file names; the others
//! imply it, so that any one scope of the clause will do. A set's position is the number of
//! single scopes that are narrower than the set.
//!
//! Numbers that are out of range read as lists without scopes, which nobody holds.

use super::{RouteRow, Tables};

/// The bit of a count that says that sets follow the list.
pub const SETS_FOLLOW: u16 = 1 << 15;
/// The most sets of a route.
pub const MAX_SETS: usize = 16;
/// The most scopes of a set.
pub const MAX_SET_LEN: usize = 8;

type Numbers<'t> = &'t [[u8; 2]];

impl<'t> Tables<'t> {
    /// Whether a mask precedes each list of `accepted`, because a `u64` has a bit for each
    /// scope.
    #[must_use]
    #[inline]
    pub const fn has_masks(&self) -> bool {
        self.scopes.len() <= 64
    }

    /// The mask of the list that starts at `list`: a bit for each scope in it. The four
    /// entries before the list hold it.
    #[must_use]
    #[inline]
    pub const fn mask(&self, list: u32) -> u64 {
        let Some((before, _)) = self.accepted.split_at_checked(list as usize) else {
            return 0;
        };
        match before {
            [.., a, b, c, d] => mask_of([*a, *b, *c, *d]),
            _ => 0,
        }
    }

    /// The scopes of which each alone suffices, in the list that starts at `list`.
    #[must_use]
    #[inline]
    pub fn list(&self, list: u32) -> Numbers<'t> {
        let list = self.accepted.get(list as usize..).unwrap_or_default();
        match list.split_first() {
            Some((count, scopes)) => {
                let count = usize::from(u16::from_le_bytes(*count) & !SETS_FOLLOW);
                scopes.get(..count).unwrap_or_default()
            }
            None => &[],
        }
    }

    /// The sets that follow the list that starts at `list`.
    #[must_use]
    #[inline]
    pub fn sets(&'t self, list: u32) -> Sets<'t> {
        let none = Sets {
            tables: self,
            at: 0,
            left: 0,
        };
        match self.accepted.get(list as usize) {
            Some(count) if u16::from_le_bytes(*count) & SETS_FOLLOW != 0 => {
                let len = u16::from_le_bytes(*count) & !SETS_FOLLOW;
                let at = list.wrapping_add(1).wrapping_add(len.into());
                Sets {
                    at: at.wrapping_add(1),
                    left: self.number(at),
                    ..none
                }
            }
            _ => none,
        }
    }

    /// The set that starts at this place, which [`Set::start`] returned.
    #[must_use]
    pub const fn set_at(&'t self, start: u32) -> Set<'t> {
        Set {
            tables: self,
            start,
        }
    }

    fn number(&self, at: u32) -> u16 {
        let number = self.accepted.get(at as usize).copied();
        u16::from_le_bytes(number.unwrap_or_default())
    }
}

const fn mask_of([[a, b], [c, d], [e, f], [g, h]]: [[u8; 2]; 4]) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The sets of a route; see [`Tables::sets`].
#[derive(Clone, Debug)]
pub struct Sets<'t> {
    tables: &'t Tables<'t>,
    at: u32,
    left: u16,
}

impl Sets<'_> {
    /// The position of the next set; `u16::MAX` if there are no more.
    #[must_use]
    #[inline]
    pub fn position(&self) -> u16 {
        match self.left {
            0 => u16::MAX,
            _ => self.tables.number(self.at),
        }
    }
}

impl<'t> Iterator for Sets<'t> {
    type Item = Set<'t>;

    fn next(&mut self) -> Option<Set<'t>> {
        self.left = self.left.checked_sub(1)?;
        let set = self.tables.set_at(self.at);
        let mut clauses = set.clauses();
        clauses.by_ref().for_each(drop);
        self.at = clauses.at;
        Some(set)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

/// Scopes that a route needs all of.
#[derive(Clone, Copy, Debug)]
pub struct Set<'t> {
    tables: &'t Tables<'t>,
    start: u32,
}

impl<'t> Set<'t> {
    /// Where it starts, for [`Tables::set_at`].
    #[must_use]
    pub const fn start(self) -> u32 {
        self.start
    }

    /// The number of single scopes that are narrower than the set.
    #[must_use]
    pub fn position(self) -> u16 {
        self.tables.number(self.start)
    }

    /// The clauses.
    #[must_use]
    pub fn clauses(self) -> Clauses<'t> {
        Clauses {
            tables: self.tables,
            at: self.start.wrapping_add(2),
            left: self.tables.number(self.start.wrapping_add(1)),
        }
    }
}

/// The clauses of a [`Set`].
#[derive(Clone, Debug)]
pub struct Clauses<'t> {
    tables: &'t Tables<'t>,
    at: u32,
    left: u16,
}

impl<'t> Iterator for Clauses<'t> {
    type Item = Clause<'t>;

    fn next(&mut self) -> Option<Clause<'t>> {
        self.left = self.left.checked_sub(1)?;
        let list = match self.tables.has_masks() {
            true => self.at.wrapping_add(4),
            false => self.at,
        };
        let count = self.tables.number(list);
        self.at = list.wrapping_add(1).wrapping_add(count.into());
        Some(Clause {
            mask: match self.tables.has_masks() {
                true => self.tables.mask(list),
                false => 0,
            },
            scopes: self.tables.list(list),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

/// The scopes of which a key needs any one, for one scope of a [`Set`].
#[derive(Clone, Copy, Debug)]
pub struct Clause<'t> {
    /// A bit for each scope, if the policy has masks.
    pub mask: u64,
    /// The scope that the file names, and then those that imply it.
    pub scopes: Numbers<'t>,
}

impl Clause<'_> {
    /// The scope that the file names.
    #[must_use]
    pub fn scope(self) -> Option<u16> {
        self.scopes.first().map(|scope| u16::from_le_bytes(*scope))
    }
}

impl RouteRow {
    /// In the place of a list: the route is public.
    pub const PUBLIC: u32 = u32::MAX;
    /// In the place of a list: any valid key will do.
    pub const ANY_KEY: u32 = u32::MAX - 1;
}

impl<'t> Tables<'t> {
    /// The first set of the list that starts at `list` of which all clauses are met.
    ///
    /// It reads the numbers itself, because a decision has less room in flash than iterators take.
    #[inline]
    pub(crate) fn first_met(
        &'t self,
        list: u32,
        is_met: impl Fn(Clause<'t>) -> bool,
    ) -> Option<Set<'t>> {
        let all = self.accepted;
        let mask_len = if self.has_masks() { 4 } else { 0 };
        let mut rest = all.get(list as usize..)?;
        let count = take(&mut rest)?;
        if count & SETS_FOLLOW == 0 {
            return None;
        }
        rest = rest.get(usize::from(count & !SETS_FOLLOW)..)?;
        // A set that cannot be read opens nothing, nor do those after it.
        for _ in 0..take(&mut rest)? {
            let start = all.len().wrapping_sub(rest.len());
            take(&mut rest)?;
            let clauses = take(&mut rest)?;
            let mut all_met = clauses > 0;
            for _ in 0..clauses {
                let (mask, after) = rest.split_at_checked(mask_len)?;
                rest = after;
                let (scopes, after) = {
                    let count = take(&mut rest)?;
                    rest.split_at_checked(count.into())?
                };
                rest = after;
                let mask = mask.first_chunk().map_or(0, |mask| mask_of(*mask));
                all_met = all_met && is_met(Clause { mask, scopes });
            }
            if all_met {
                return Some(self.set_at(start as u32));
            }
        }
        None
    }
}

/// Takes the first number off.
#[inline]
fn take(numbers: &mut Numbers<'_>) -> Option<u16> {
    let (first, rest) = numbers.split_first()?;
    *numbers = rest;
    Some(u16::from_le_bytes(*first))
}
