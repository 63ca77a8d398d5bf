//! The walk: a look at whole literal paths, then one step a run of literals or a
//! value, never back.

use core::fmt;

use crate::automaton::{
    Edge, End, GROUP, HASHED, LITERALS, NONE, SIBLINGS, STATE, State, Tables, VALUE, path_key,
};
use crate::lookalike::{are_odd_ends, hash_known, is_wildcard, read_alike_known, reading_len};
use crate::path::scan::{MOST, glance, is_visible};
use crate::path::{BadPath, MAX_TARGET, Path, PathRule};
use crate::swar::{WIDE, equal, word_at};

/// Where a run of segments leads. A place is the row of a state, with [`BEHIND`]
/// if the value has been taken that follows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// It is this literal: to that place.
    Literal(u32),
    /// It is a proper value of a parameter or catch-all: to that place. Within the
    /// walk perhaps to [`NONE`], where no value can follow: no row is found there.
    Other(u32),
    /// It is a value, to that place as any other; but some back end would read a literal,
    /// so that no template may win by it.
    Shadow(u32),
    /// No template goes on like this.
    Dead,
}

/// The bit of a place behind the value of a state of the kind [`VALUE`].
pub const BEHIND: u32 = 1 << 31;

/// Why a walk found no template. One number, so that what a walk finds comes in
/// registers as it is: the rule that the target breaks above, where it does so below.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Miss(u32);

impl Miss {
    /// No template goes on like this.
    const DEAD: Self = Self(0);

    #[inline]
    const fn bad(BadPath { rule, at }: BadPath) -> Self {
        // No target is longer.
        const { assert!(MAX_TARGET <= u16::MAX as usize) };
        Self((rule as u32) << 16 | at as u32)
    }

    /// The rule that the target breaks, and where, unless it is a proper path.
    #[must_use]
    #[inline]
    pub const fn bad_path(self) -> Option<BadPath> {
        match PathRule::numbered(self.0 >> 16) {
            Some(rule) => Some(BadPath::new(rule, (self.0 & 0xFFFF) as usize)),
            None => None,
        }
    }
}

impl fmt::Debug for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Miss").field(&self.bad_path()).finish()
    }
}

impl Tables<'_> {
    /// The template that wins on a target: the path rules, then the walk. Where a proper
    /// query is behind a clean path, `before_query` is asked for what wins on that.
    ///
    /// # Errors
    ///
    /// Where no template wins, or the target breaks a rule.
    #[doc(hidden)]
    #[inline(always)]
    pub fn find(
        &self,
        target: &[u8],
        before_query: impl FnOnce(&[u8]) -> Result<End, Miss>,
    ) -> Result<End, Miss> {
        if !WIDE {
            return self.find_checked(target, 0);
        }
        if target.len() > MOST {
            return self.find_long(target, before_query);
        }
        let clean = match glance(target) {
            Ok(slashes) => match Path::clean(target, slashes) {
                Some(path) => return self.walk(&path),
                None => target.len(),
            },
            Err(odd) => odd.first(),
        };
        match before_proper_query(target, clean) {
            Some(path) => before_query(path),
            None => self.find_odd(target, clean),
        }
    }

    /// As [`Self::find`], for what is looked at only in part: its length is nearly always
    /// the query's.
    #[inline(never)]
    fn find_long(
        &self,
        target: &[u8],
        before_query: impl FnOnce(&[u8]) -> Result<End, Miss>,
    ) -> Result<End, Miss> {
        let looked_at = target.get(..MOST).unwrap_or_default();
        let clean = match glance(looked_at) {
            // What is longer than that is refused for it, whatever it is.
            Err(odd) if target.len() <= MAX_TARGET => odd.first(),
            _ => 0,
        };
        match before_proper_query(target, clean) {
            Some(path) => before_query(path),
            None => self.find_odd(target, 0),
        }
    }

    /// As [`Self::find`], by a walk that is compiled once for all tables. A call of its
    /// own: a literal needs none of its registers, and its speed does not depend on the
    /// caller.
    ///
    /// # Errors
    ///
    /// As [`Self::find`].
    #[doc(hidden)]
    #[inline(never)]
    pub fn find_anywhere(&self, target: &[u8]) -> Result<End, Miss> {
        self.find(target, |path| match self.literal(path) {
            Some(end) => Ok(end),
            None => self.find_anywhere(path),
        })
    }

    /// As [`Self::find`], for what does not look clean at first sight. Not where
    /// the tables are constants: there is one walk already.
    #[inline(never)]
    fn find_odd(&self, target: &[u8], clean: usize) -> Result<End, Miss> {
        self.find_checked(target, clean)
    }

    #[inline(always)]
    fn find_checked(&self, target: &[u8], clean: usize) -> Result<End, Miss> {
        let path = Path::checked(target, clean).map_err(Miss::bad)?;
        if path.bytes.len() < target.len()
            && let Some(end) = self.literal(path.bytes)
        {
            return Ok(end);
        }
        self.walk(&path)
    }

    /// The template without parameters that is all of `path`, to the byte.
    #[doc(hidden)]
    #[must_use]
    #[inline(always)]
    pub fn literal(&self, path: &[u8]) -> Option<End> {
        let key = path_key(path, self.literal_words);
        // Nearly always right, and known early: a wrong guess of the processor
        // about what follows costs less.
        if !self.may_be_literal(key) {
            return None;
        }
        let end = *self.literals.get(self.literal_slot(key) as usize)?;
        let route = self.routes.get(end.first_route() as usize)?;
        if usize::from(route.template_len) != path.len() {
            return None;
        }
        let start = route.template as usize;
        let template = self.text.as_bytes().get(start..)?.get(..path.len())?;
        equal(template, path).then_some(end)
    }

    #[inline(always)]
    fn walk(&self, path: &Path<'_>) -> Result<End, Miss> {
        let len = path.bytes.len();
        let mut row = self.states.first().ok_or(Miss::DEAD)?;
        let mut at = 1usize;
        // Where the first value is that resembles a literal; 0 if none does.
        let mut shadow = 0;
        while at < len {
            if row.kind != LITERALS {
                let end = path.segment_end(at);
                if row.kind != VALUE {
                    let next = match self.beside(row, path, at, end) {
                        Step::Literal(next) | Step::Other(next) => next,
                        Step::Shadow(next) => {
                            if shadow == 0 {
                                shadow = at;
                            }
                            next
                        }
                        Step::Dead => return Err(Miss::DEAD),
                    };
                    row = self.states.get(next as usize).ok_or(Miss::DEAD)?;
                    at = end.wrapping_add(1);
                    continue;
                }
                at = end.wrapping_add(1);
                if at >= len {
                    let end = End::from_bits(row.value);
                    return self.conclude(end, path.bytes, at == len, shadow);
                }
            }
            let (next, end) = self.run(row, path.bytes, at).ok_or(Miss::DEAD)?;
            row = self.states.get(next as usize).ok_or(Miss::DEAD)?;
            at = end.wrapping_add(1);
        }
        // What is behind the last slash is a segment, or nothing.
        self.conclude(row.end, path.bytes, at == len, shadow)
    }

    /// What wins on a path that has led to `end`, if no value of it resembles a literal.
    #[inline(always)]
    fn conclude(&self, end: End, path: &[u8], slash: bool, shadow: usize) -> Result<End, Miss> {
        if shadow == 0 && end.wins(slash) {
            return Ok(end);
        }
        self.conclude_rarely(end, path, slash, shadow)
    }

    #[inline(never)]
    fn conclude_rarely(
        &self,
        end: End,
        path: &[u8],
        slash: bool,
        shadow: usize,
    ) -> Result<End, Miss> {
        // Where no template matches, rule 7 has nothing to say.
        let end = self.winner(end, slash).ok_or(Miss::DEAD)?;
        let refused = match end.as_refused() {
            None if shadow == 0 => return Ok(end),
            None => shadow,
            Some(segment) => {
                let refused = start_of(path, segment as usize);
                if shadow == 0 {
                    refused
                } else {
                    refused.min(shadow)
                }
            }
        };
        Err(Miss::bad(BadPath::new(PathRule::ShadowsLiteral, refused)))
    }

    /// Where the beginning of `path`, which has no slash in front, leads from a
    /// place, and how long that beginning is: a segment or a run of them.
    #[doc(hidden)]
    #[must_use]
    pub fn step(&self, place: u32, path: &[u8]) -> (Step, usize) {
        let Some(row) = self.states.get((place & !BEHIND) as usize) else {
            return (Step::Dead, 0);
        };
        if row.kind == LITERALS || place & BEHIND != 0 {
            let run = self.run(row, path, 0);
            return run.map_or((Step::Dead, 0), |(next, end)| (Step::Literal(next), end));
        }
        let path = Path::unchecked(path);
        let end = path.segment_end(0);
        let step = match row.kind {
            VALUE => Step::Other(place | BEHIND),
            _ => self.beside(row, &path, 0, end),
        };
        // A request finds no such row.
        match step {
            Step::Other(NONE) | Step::Shadow(NONE) => (Step::Dead, end),
            step => (step, end),
        }
    }

    /// Where a value leads from a place that is no literal's, nor resembles one.
    #[doc(hidden)]
    #[must_use]
    pub fn other(&self, place: u32) -> Option<u32> {
        let row = self.states.get((place & !BEHIND) as usize)?;
        match row.kind {
            VALUE if place & BEHIND == 0 => Some(place | BEHIND),
            STATE | SIBLINGS | HASHED => Some(row.value).filter(|state| *state != NONE),
            _ => None,
        }
    }

    /// What wins if the path ends at a place, without a slash or with one; or that it is
    /// [refused](End::refused).
    #[doc(hidden)]
    #[must_use]
    pub fn end(&self, place: u32, slash: bool) -> Option<End> {
        let row = self.states.get((place & !BEHIND) as usize)?;
        let end = match place & BEHIND {
            0 => row.end,
            _ => End::from_bits(row.value),
        };
        self.winner(end, slash)
    }

    fn winner(&self, end: End, slash: bool) -> Option<End> {
        if end.wins(slash) {
            return Some(end);
        }
        let [plain, slashed] = self.twins.get(end.as_twins()? as usize)?;
        let end = if slash { *slashed } else { *plain };
        Some(end).filter(|end| *end != End::NONE)
    }

    /// Only literals can follow: the row that one of them leads to, and where it
    /// ends.
    #[inline(always)]
    fn run(&self, row: &State, path: &[u8], at: usize) -> Option<(u32, usize)> {
        let mut row = row;
        loop {
            let word = word_at(path, at.wrapping_add(usize::from(row.skip)));
            let place = row.row(word);
            let next = self.states.get(place as usize)?;
            if next.label_len != 0 {
                let end = at.wrapping_add(usize::from(next.label_len));
                let label = self.text_at(next.label, next.label_len);
                let found =
                    equal(path.get(at..end)?, label) && matches!(path.get(end), None | Some(b'/'));
                return found.then_some((place, end));
            }
            // Several labels share the row: other bytes tell them apart.
            if next.kind != GROUP {
                return None;
            }
            row = next;
        }
    }

    /// A value can follow, and literals perhaps.
    #[inline(always)]
    fn beside(&self, row: &State, path: &Path<'_>, at: usize, end: usize) -> Step {
        if row.kind == STATE {
            return Step::Other(row.value);
        }
        let segment = || path.bytes.get(at..end).unwrap_or_default();
        let byte = |at: usize| path.bytes.get(at).copied();
        let unusual = path.escapes || are_odd_ends(byte(at), byte(end.wrapping_sub(1)));
        let may_name = if unusual {
            may_name_as_read(row, segment())
        } else {
            row.may_name(end.wrapping_sub(at))
        };
        if may_name {
            match row.kind {
                SIBLINGS => return self.siblings(row, segment(), unusual),
                HASHED => return self.hashed(row, segment(), unusual),
                _ => return Step::Dead,
            }
        }
        Step::Other(row.value)
    }

    /// A segment that may be one of a few literals beside a value, or resemble one.
    #[inline(never)]
    fn siblings(&self, row: &State, segment: &[u8], unusual: bool) -> Step {
        let mut resembles = unusual && is_wildcard(segment);
        for next in (row.next..).take(usize::from(row.shape)) {
            let Some(sibling) = self.states.get(next as usize) else {
                return Step::Dead;
            };
            let label = self.text_at(sibling.label, sibling.label_len);
            if equal(label, segment) {
                return Step::Literal(next);
            }
            resembles |= read_alike_known(label, segment, unusual);
        }
        if resembles {
            Step::Shadow(row.value)
        } else {
            Step::Other(row.value)
        }
    }

    /// As [`Self::siblings`], where literals are many, or come in any case, or no
    /// table of their own tells them apart.
    #[inline(never)]
    fn hashed(&self, row: &State, segment: &[u8], unusual: bool) -> Step {
        let mut resembles = unusual && is_wildcard(segment);
        let slot = self.slot(row.next, hash_known(segment, unusual));
        let mut next = self.edges.get(slot as usize);
        while let Some(edge) = next.filter(|edge| edge.state == row.next) {
            let label = self.text_at(edge.label, edge.label_len);
            if equal(label, segment) {
                return Step::Literal(edge.target);
            }
            if read_alike_known(label, segment, unusual) {
                if self.options.case_insensitive && label.eq_ignore_ascii_case(segment) {
                    return Step::Literal(edge.target);
                }
                resembles = true;
            }
            next = self.twin(edge);
        }
        if resembles {
            Step::Shadow(row.value)
        } else {
            Step::Other(row.value)
        }
    }

    #[inline]
    pub(crate) fn text_at(&self, start: u32, len: u16) -> &[u8] {
        let start = start as usize;
        let end = start.wrapping_add(usize::from(len));
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    fn twin(&self, edge: &Edge) -> Option<&Edge> {
        let behind_slots = usize::from(edge.twin).checked_sub(1)?;
        self.edges
            .get((self.slots as usize).saturating_add(behind_slots))
    }
}

/// As [`State::may_name`], of a segment that may be read as another text.
#[inline(never)]
fn may_name_as_read(row: &State, segment: &[u8]) -> bool {
    row.seed != 0 && (row.may_name(reading_len(segment)) || is_wildcard(segment))
}

/// Where the segment of this number starts, from 0.
fn start_of(path: &[u8], segment: usize) -> usize {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let mut slashes = slashes.map(|(at, _)| at.wrapping_add(1));
    slashes.nth(segment).unwrap_or(path.len())
}

/// What is before the query of a target of which so many bytes are clean, if that is
/// known, there is one, and it keeps the rules.
#[inline(always)]
fn before_proper_query(target: &[u8], clean: usize) -> Option<&[u8]> {
    if clean == 0 || target.get(clean) != Some(&b'?') {
        return None;
    }
    let (path, query) = target.split_at_checked(clean)?;
    is_visible(query).then_some(path)
}
