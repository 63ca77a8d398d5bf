//! The walk: a look at whole literal paths, then one step a run of literals or a
//! value, never back.

use crate::path::{self, BadPath, MAX_PATH, MAX_SEGMENTS, MAX_TARGET, PathRule};
use crate::segment::{Segment, same_but_for_spelling};
use crate::table::{Edge, HASHED, NONE, Run, State, Tables, path_key};
use crate::words::{equal, word_at};

/// Where a run of segments leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// It is this literal: to that state.
    Literal(u32),
    /// It is a proper value of a parameter or catch-all: to that state.
    Other(u32),
    /// It would be a value, but some back end would read a sibling literal.
    Shadow,
    /// No template goes on like this, or the segment breaks a path rule.
    Dead,
}

/// Why a walk found no template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Miss {
    /// Where in the target the segment starts up to which all is well.
    at: usize,
    why: Stop,
}

/// Why a step could take nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stop {
    /// The segment shadows a literal.
    Shadow,
    /// It breaks this rule, there in the target.
    Bad(BadPath),
    /// No template goes on like this. The segment may break a rule besides.
    Dead,
}

impl Tables<'_> {
    /// The row of `ends` whose template wins on this target.
    ///
    /// A literal that matched is clean because templates keep the path rules;
    /// so only values, the query and the lengths are checked on the way.
    ///
    /// # Errors
    ///
    /// The rule that the target breaks, or `None` where it is a proper path that
    /// no template matches.
    #[inline]
    pub(crate) fn find(&self, target: &[u8]) -> Result<u32, Option<BadPath>> {
        let mut path = target;
        loop {
            let miss = match self.walk(path) {
                Ok(end) => return Ok(end),
                Err(miss) => miss,
            };
            if miss.why == Stop::Dead && path::is_clean(path, miss.at) {
                return Err(None);
            }
            let len = miss.path_len(path)?;
            if len == path.len() {
                return Err(None);
            }
            // Where a path ends within the bytes that choose a row, the query
            // behind it chose another: once more without it.
            path = path.get(..len).unwrap_or_default();
            if let Some(end) = self.literal(path) {
                return Ok(end);
            }
        }
    }

    /// The template without parameters that is all of `path`, to the byte.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn literal(&self, path: &[u8]) -> Option<u32> {
        let key = path_key(path, self.literal_words);
        // Nearly always right, and known early: a wrong guess of the processor
        // about what follows costs less.
        if !self.may_be_literal(key) {
            return None;
        }
        let end = *self.literals.get(self.literal_slot(key) as usize)?;
        let row = self.ends.get(end as usize)?;
        let route = self.routes.get(row.first_route() as usize)?;
        equal(self.text_at(route.template, route.template_len), path).then_some(end)
    }

    /// As [`Policy::authorize`](crate::Policy::authorize) finds it for a path
    /// that is no literal: one step after the other.
    ///
    /// # Errors
    ///
    /// Where no template matches, or the target breaks a rule.
    #[doc(hidden)]
    #[inline]
    pub fn walk(&self, target: &[u8]) -> Result<u32, Miss> {
        if target.len() > MAX_TARGET || target.first() != Some(&b'/') {
            return Err(Miss::at(1));
        }
        let mut state = 0;
        let mut row = self.states.first().ok_or(Miss::at(1))?;
        let mut at = 1usize;
        let end = loop {
            // What is behind the last slash is a segment, or nothing.
            if matches!(target.get(at), None | Some(b'?')) {
                break row.end_slash;
            }
            let Taken { next, end, .. } = match self.quick(row, target, at) {
                Ok(taken) => taken,
                Err(None) if row.other == NONE && row.runs != HASHED => return Err(Miss::at(at)),
                Err(plain) => self
                    .slow(state, row, target, at, plain)
                    .map_err(|why| Miss { at, why })?,
            };
            state = next;
            row = self.states.get(state as usize).ok_or(Miss::at(at))?;
            if target.get(end) != Some(&b'/') {
                at = end;
                break row.end;
            }
            at = end.wrapping_add(1);
        };
        // Only a catch-all can take more segments than a template has, and the
        // walk does not leave its state again.
        let catch_all = row.other == state;
        if at > MAX_PATH || catch_all && path::segments(target, at) > MAX_SEGMENTS {
            return Err(Miss::at(1));
        }
        if end == NONE {
            return Err(Miss::at(at));
        }
        if at < target.len() {
            let query = target.get(at..).unwrap_or_default();
            path::check_query(query).map_err(|_| Miss::at(1))?;
        }
        Ok(end)
    }

    /// Where the beginning of `path`, which has no slash in front, leads from
    /// `state`, and how long that beginning is: a segment or a run of them.
    #[doc(hidden)]
    #[must_use]
    pub fn step(&self, state: u32, path: &[u8]) -> (Step, usize) {
        let Some(row) = self.states.get(state as usize) else {
            return (Step::Dead, 0);
        };
        let taken = self
            .quick(row, path, 0)
            .or_else(|plain| self.slow(state, row, path, 0, plain));
        match taken {
            Ok(Taken { next, end, literal }) if literal => (Step::Literal(next), end),
            Ok(Taken { next, end, .. }) => (Step::Other(next), end),
            Err(Stop::Shadow) => (Step::Shadow, 0),
            Err(Stop::Dead | Stop::Bad(_)) => (Step::Dead, 0),
        }
    }

    /// Takes what starts at `at`, where that is a run of literals or a value with
    /// no literal beside it: nearly always. If not, where a value without
    /// escapes ends.
    #[inline(always)]
    fn quick(&self, row: &State, path: &[u8], at: usize) -> Result<Taken, Option<usize>> {
        if row.other == NONE {
            let (run, end) = self.run(row, path, at).ok_or(None)?;
            return Ok(Taken::literal(run.target, end));
        }
        match path::plain_end(path, at) {
            Some(end) if row.shape == 0 => Ok(Taken::value(row, end)),
            plain => Err(plain),
        }
    }

    /// As [`Self::quick`], for everything else.
    #[inline(never)]
    fn slow(
        &self,
        state: u32,
        row: &State,
        path: &[u8],
        at: usize,
        plain: Option<usize>,
    ) -> Result<Taken, Stop> {
        match plain {
            _ if row.runs == HASHED => self.hashed(state, row, path, at, plain),
            _ if row.other == NONE => Err(Stop::Dead),
            Some(end) => self.beside(row, path, at, end),
            None => self.escaped(row, path, at),
        }
    }

    /// Only literals can follow: which of them does, and where it ends.
    #[inline]
    fn run(&self, row: &State, path: &[u8], at: usize) -> Option<(&Run, usize)> {
        let mut row = row;
        loop {
            let word = word_at(path, at.wrapping_add(usize::from(row.skip)));
            let run = self.runs.get(row.row(word) as usize)?;
            if run.label_len != 0 {
                let end = at.wrapping_add(usize::from(run.label_len));
                let label = self.text_at(run.label, run.label_len);
                let found = equal(path.get(at..end)?, label)
                    && matches!(path.get(end), None | Some(b'/' | b'?'));
                return found.then_some((run, end));
            }
            // Several labels share the row: other bytes tell them apart. An
            // empty row leads to the start, where nothing leads.
            if run.target == 0 {
                return None;
            }
            row = self.states.get(run.target as usize)?;
        }
    }

    /// A value without escapes, beside a few literals.
    fn beside(&self, row: &State, path: &[u8], at: usize, end: usize) -> Result<Taken, Stop> {
        let value = path.get(at..end).unwrap_or_default();
        let mut shadow = false;
        for run in self.siblings(row) {
            let label = self.text_at(run.label, run.label_len);
            // Without an escape, what resembles a label is as long.
            if label.len() == value.len() {
                if equal(label, value) {
                    return Ok(Taken::literal(run.target, end));
                }
                shadow |= label.eq_ignore_ascii_case(value);
            }
        }
        if shadow {
            Err(Stop::Shadow)
        } else {
            Ok(Taken::value(row, end))
        }
    }

    /// As [`Self::beside`], for what has escapes or breaks a rule.
    fn escaped(&self, row: &State, path: &[u8], at: usize) -> Result<Taken, Stop> {
        let segment = path::segment_at(path, at);
        let end = at.wrapping_add(segment.len());
        let mut shadow = false;
        for run in self.siblings(row) {
            let label = self.text_at(run.label, run.label_len);
            if equal(label, segment) {
                return Ok(Taken::literal(run.target, end));
            }
            shadow |= same_but_for_spelling(label, segment);
        }
        value(row, path, at, shadow)
    }

    /// Literals and values can follow, or literals that no table of their own
    /// tells apart, or literals in any case. `plain` is the end of a value without escapes.
    #[inline(never)]
    fn hashed(
        &self,
        state: u32,
        row: &State,
        path: &[u8],
        at: usize,
        plain: Option<usize>,
    ) -> Result<Taken, Stop> {
        let segment = match plain {
            Some(end) => Segment::plain(path.get(at..end).unwrap_or_default()),
            None => Segment::starting_at(path, at),
        };
        let end = at.wrapping_add(segment.bytes.len());
        let mut shadow = false;
        let mut next = self.edges.get(self.slot(state, segment.hash) as usize);
        while let Some(edge) = next.filter(|edge| edge.state == state) {
            let label = self.text_at(edge.label, edge.label_len);
            if equal(label, segment.bytes) {
                return Ok(Taken::literal(edge.target, end));
            }
            if same_but_for_spelling(label, segment.bytes) {
                if self.options.case_insensitive && label.eq_ignore_ascii_case(segment.bytes) {
                    return Ok(Taken::literal(edge.target, end));
                }
                shadow = true;
            }
            next = self.twin(edge);
        }
        match plain {
            Some(end) if !shadow => Ok(Taken::value(row, end)),
            _ => value(row, path, at, shadow),
        }
    }

    /// The literals beside a value.
    #[inline]
    fn siblings(&self, row: &State) -> &[Run] {
        let start = row.runs as usize;
        let end = start.wrapping_add(usize::from(row.shape));
        self.runs.get(start..end).unwrap_or_default()
    }

    #[inline]
    fn text_at(&self, start: u32, len: u16) -> &[u8] {
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

/// What a step of the walk took.
#[derive(Clone, Copy)]
struct Taken {
    /// The state it leads to.
    next: u32,
    /// Where it ends: before a slash, or at the end of the path.
    end: usize,
    literal: bool,
}

impl Taken {
    #[inline]
    const fn literal(next: u32, end: usize) -> Self {
        Self {
            next,
            end,
            literal: true,
        }
    }

    #[inline]
    const fn value(row: &State, end: usize) -> Self {
        Self {
            next: row.other,
            end,
            literal: false,
        }
    }
}

/// A segment that is no literal.
fn value(row: &State, path: &[u8], at: usize, shadow: bool) -> Result<Taken, Stop> {
    if row.other == NONE {
        return Err(Stop::Dead);
    }
    if shadow {
        return Err(Stop::Shadow);
    }
    match path::segment_end(path, at, path::uncommon_end(path, at)) {
        Ok(end) => Ok(Taken::value(row, end)),
        Err(bad) => Err(Stop::Bad(bad)),
    }
}

impl Miss {
    #[inline]
    const fn at(at: usize) -> Self {
        Self {
            at,
            why: Stop::Dead,
        }
    }

    /// How long the path of the target is, if it breaks no rule. Looks only at
    /// what the walk has not.
    #[inline(never)]
    fn path_len(self, target: &[u8]) -> Result<usize, BadPath> {
        match self.why {
            // The first there is: a short target is in no way too long.
            Stop::Bad(bad) if target.len() <= path::SHORT => Err(bad),
            Stop::Bad(_) | Stop::Dead => path::check_from(target, self.at),
            Stop::Shadow => {
                path::check_from(target, self.at)?;
                Err(BadPath::new(PathRule::ShadowsLiteral, self.at))
            }
        }
    }
}
