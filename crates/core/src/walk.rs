//! The walk: a look at whole literal paths, then one step a run of literals or a
//! value, never back.

use crate::glance::glance;
use crate::path::{BadPath, Path, PathRule};
use crate::segment::{self, same_but_for_spelling, spelt_len};
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

/// Why a step could take nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stop {
    /// The segment that starts there shadows a literal.
    Shadow(usize),
    /// No template goes on like this.
    Dead,
}

impl Stop {
    /// The rule that is broken, if it is one.
    #[inline]
    const fn broken(self) -> Option<BadPath> {
        match self {
            Self::Shadow(at) => Some(BadPath::new(PathRule::ShadowsLiteral, at)),
            Self::Dead => None,
        }
    }
}

impl Tables<'_> {
    /// The row of `ends` whose template wins on a target that is not, to the
    /// byte, a template without parameters: the path rules, then the walk.
    ///
    /// # Errors
    ///
    /// The rule that the target breaks, or `None` where it is a proper path that
    /// no template matches.
    #[doc(hidden)]
    #[inline]
    pub fn find(&self, target: &[u8]) -> Result<u32, Option<BadPath>> {
        let seen = glance(target);
        match Path::clean(target, seen) {
            Some(path) => self.walk(&path).map_err(Stop::broken),
            None => self.find_checked(target, seen.clean),
        }
    }

    /// As [`Self::find`], for what does not look clean at first sight.
    #[inline(never)]
    fn find_checked(&self, target: &[u8], clean: usize) -> Result<u32, Option<BadPath>> {
        let path = Path::checked(target, clean)?;
        if path.bytes.len() < target.len()
            && let Some(end) = self.literal(path.bytes)
        {
            return Ok(end);
        }
        self.walk(&path).map_err(Stop::broken)
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

    #[inline(always)]
    fn walk(&self, path: &Path<'_>) -> Result<u32, Stop> {
        let mut state = 0;
        let mut row = self.states.first().ok_or(Stop::Dead)?;
        let mut at = 1usize;
        let end = loop {
            // What is behind the last slash is a segment, or nothing.
            if at >= path.bytes.len() {
                break row.end_slash;
            }
            let (step, end) = self.take(state, row, path, at);
            state = match step {
                Step::Literal(next) | Step::Other(next) => next,
                Step::Shadow => return Err(Stop::Shadow(at)),
                Step::Dead => return Err(Stop::Dead),
            };
            row = self.states.get(state as usize).ok_or(Stop::Dead)?;
            if end >= path.bytes.len() {
                break row.end;
            }
            at = end.wrapping_add(1);
        };
        if end == NONE {
            return Err(Stop::Dead);
        }
        Ok(end)
    }

    /// Where the beginning of `path`, which has no slash in front, leads from
    /// `state`, and how long that beginning is: a segment or a run of them.
    #[doc(hidden)]
    #[must_use]
    pub fn step(&self, state: u32, path: &[u8]) -> (Step, usize) {
        match self.states.get(state as usize) {
            Some(row) => self.take(state, row, &Path::unchecked(path), 0),
            None => (Step::Dead, 0),
        }
    }

    /// What starts at `at`, a run of literals or a value, and where it ends.
    #[inline(always)]
    fn take(&self, state: u32, row: &State, path: &Path<'_>, at: usize) -> (Step, usize) {
        if row.other == NONE && row.runs != HASHED {
            return match self.run(row, path.bytes, at) {
                Some((run, end)) => (Step::Literal(run.target), end),
                None => (Step::Dead, at),
            };
        }
        let end = path.segment_end(at);
        if row.shape == 0 && row.runs != HASHED {
            return (Step::Other(row.other), end);
        }
        let segment = path.bytes.get(at..end).unwrap_or_default();
        let step = if !row.may_name(spelt_len(segment, path.escapes)) {
            row.otherwise()
        } else if row.runs == HASHED {
            self.hashed(state, row, segment)
        } else {
            self.beside(row, segment)
        };
        (step, end)
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
                let found =
                    equal(path.get(at..end)?, label) && matches!(path.get(end), None | Some(b'/'));
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

    /// A segment that may be one of a few literals beside a value, or resemble one.
    #[inline(never)]
    fn beside(&self, row: &State, segment: &[u8]) -> Step {
        let mut shadow = false;
        for run in self.siblings(row) {
            let label = self.text_at(run.label, run.label_len);
            if equal(label, segment) {
                return Step::Literal(run.target);
            }
            shadow |= same_but_for_spelling(label, segment);
        }
        if shadow {
            Step::Shadow
        } else {
            Step::Other(row.other)
        }
    }

    /// As [`Self::beside`], where literals are many, or come in any case, or no
    /// table of their own tells them apart.
    #[inline(never)]
    fn hashed(&self, state: u32, row: &State, segment: &[u8]) -> Step {
        let mut shadow = false;
        let mut next = self
            .edges
            .get(self.slot(state, segment::hash(segment)) as usize);
        while let Some(edge) = next.filter(|edge| edge.state == state) {
            let label = self.text_at(edge.label, edge.label_len);
            if equal(label, segment) {
                return Step::Literal(edge.target);
            }
            if same_but_for_spelling(label, segment) {
                if self.options.case_insensitive && label.eq_ignore_ascii_case(segment) {
                    return Step::Literal(edge.target);
                }
                shadow = true;
            }
            next = self.twin(edge);
        }
        if shadow && row.other != NONE {
            Step::Shadow
        } else {
            row.otherwise()
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

impl State {
    /// Where a segment leads that is no literal, nor resembles one.
    #[inline]
    const fn otherwise(&self) -> Step {
        match self.other {
            NONE => Step::Dead,
            other => Step::Other(other),
        }
    }
}
