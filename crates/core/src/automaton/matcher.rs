//! Path matching: an exact look-up for templates without parameters, then a DFA. An edge of it
//! is a compressed run of static segments, or one segment that an affix, a parameter or a
//! catch-all takes. It never backtracks.

use core::fmt;
use core::num::NonZero;

use super::{Accept, Features, Outcome, RowKind, SlashPair, StateId, StateRow, Tables, Transition};
use crate::affix::has_colon;
use crate::path::scan::{self, SlashMask, is_query, scan};
use crate::path::validate::ValidPath;
use crate::path::{BadPath, MAX_TARGET, PathRule};
use crate::swar::HAS_64_BIT_WORDS;
use crate::{Policy, PolicySource};

/// Why a target matches no template.
///
/// Packed into a `u32` (rule << 16 | offset), so that `Result<Accept, NoMatch>` is returned in
/// registers.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct NoMatch(u32);

impl NoMatch {
    /// The target keeps the rules, and no template matches its path.
    const UNKNOWN_ROUTE: Self = Self(0);

    #[inline]
    const fn bad_path(BadPath { rule, at }: BadPath) -> Self {
        // An offset fits into the lower half.
        const { assert!(MAX_TARGET <= u16::MAX as usize) };
        Self((rule as u32) << 16 | at as u32)
    }

    /// The rule that the target breaks, or `None` if it keeps them all.
    #[must_use]
    #[inline]
    pub const fn as_bad_path(self) -> Option<BadPath> {
        match PathRule::from_number(self.0 >> 16) {
            Some(rule) => Some(BadPath::new(rule, (self.0 & 0xFFFF) as usize)),
            None => None,
        }
    }
}

impl fmt::Debug for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NoMatch").field(&self.as_bad_path()).finish()
    }
}

/// The template that wins on a target: the pipeline that every decision takes.
///
/// # Errors
///
/// The target breaks a path rule, or no template matches its path.
#[inline(always)]
pub(crate) fn match_target<'t>(
    source: impl PolicySource<'t>,
    target: &[u8],
) -> Result<Accept, NoMatch> {
    // A target without a query is its path. A target with one equals no template, since no
    // template contains `?`: its path is looked up after the cut.
    match source.policy().tables().exact(target) {
        Some(accept) => Ok(accept),
        None => match_after_exact_miss(source, target),
    }
}

/// As [`match_target`], for targets that are not in the exact map. Never inlined, so that the
/// exact look-up does not save registers for it.
#[inline(never)]
fn match_after_exact_miss<'t>(
    source: impl PolicySource<'t>,
    target: &[u8],
) -> Result<Accept, NoMatch> {
    let tables = source.policy().tables();
    if !HAS_64_BIT_WORDS {
        return tables.validate_and_run(target, None);
    }
    // The query may be long; the path usually is not.
    let head = target.get(..scan::MAX_LEN).unwrap_or(target);
    let (path, slashes) = match scan(head) {
        Ok(slashes) if head.len() == target.len() => (target, slashes),
        // The scan accepts the head, and the target continues: no offset is known.
        Ok(_) => return validate_and_run(tables, target, None),
        Err(stop) => {
            // Usually a query follows a valid path. It is cut off, and the slashes of the path
            // are known already.
            let Some(path) = path_before_query(target, stop.offset()) else {
                return validate_and_run(tables, target, stop.offset());
            };
            if let Some(accept) = tables.exact(path) {
                return Ok(accept);
            }
            match stop.slashes(target).or_else(|| scan_again(path)) {
                Some(slashes) => (path, slashes),
                None => return validate_and_run(tables, path, None),
            }
        }
    };
    match ValidPath::scanned(path, slashes) {
        Some(path) => tables.run(&path),
        // It begins with no slash, or ends in a dot, or is `/`.
        None => validate_and_run(tables, path, NonZero::new(path.len())),
    }
}

/// The slashes of a path whose bytes the scan has accepted in front of a query, if it has few
/// enough segments. Only for paths whose slashes the [stop](scan::Stop::slashes) does not know;
/// never inlined, since they are rare.
#[inline(never)]
fn scan_again(path: &[u8]) -> Option<SlashMask> {
    scan(path).ok()
}

/// The path before the query, if the scan accepts `target[1..scanned]`, a `?` follows it, and
/// the query contains only legal bytes. The caller checks the rest: the first byte, a final dot
/// and the number of segments.
#[inline(always)]
fn path_before_query(target: &[u8], scanned: Option<NonZero<usize>>) -> Option<&[u8]> {
    let scanned = scanned?.get();
    if target.get(scanned) != Some(&b'?') || target.len() > MAX_TARGET {
        return None;
    }
    let (path, query) = target.split_at_checked(scanned)?;
    is_query(query).then_some(path)
}

/// Checks every rule, and then runs the automaton. Never inlined and not specialised for a
/// policy: hardly any request needs the full check.
#[inline(never)]
fn validate_and_run(
    tables: &Tables<'_>,
    target: &[u8],
    scanned: Option<NonZero<usize>>,
) -> Result<Accept, NoMatch> {
    tables.validate_and_run(target, scanned)
}

impl Tables<'_> {
    /// As `match_target`, without the exact look-up of the whole target. A path whose query is
    /// cut is still looked up in the exact map. For the proof, which compares the exact map with
    /// the automaton.
    ///
    /// # Errors
    ///
    /// The target breaks a path rule, or no template matches its path.
    pub fn match_without_exact(&self, target: &[u8]) -> Result<Accept, NoMatch> {
        match_after_exact_miss(Policy::from_validated(self), target)
    }

    #[inline(always)]
    fn validate_and_run(
        &self,
        target: &[u8],
        scanned: Option<NonZero<usize>>,
    ) -> Result<Accept, NoMatch> {
        let path = ValidPath::validate(target, scanned).map_err(NoMatch::bad_path)?;
        if path.bytes.len() < target.len()
            && let Some(accept) = self.exact(path.bytes)
        {
            return Ok(accept);
        }
        self.run(&path)
    }

    /// Runs the automaton over a path.
    #[inline(always)]
    fn run(&self, path: &ValidPath<'_>) -> Result<Accept, NoMatch> {
        let len = path.bytes.len();
        let mut row = self.states.first().ok_or(NoMatch::UNKNOWN_ROUTE)?;
        let mut at = 1usize;
        // The offset of the first value for which the path is refused, if a template matches it.
        let mut refused = None;
        // Without a trailing slash, the last segment ends at `len`, and `at` becomes `len + 1`. So
        // `at == len` if and only if the path ends in a slash.
        while at < len {
            let dispatch = match StateRow(row).kind() {
                RowKind::Static(dispatch) => dispatch,
                RowKind::ParamThenStatic(param) => {
                    at = path.segment_end(at).wrapping_add(1);
                    if at >= len {
                        let accept = param.after_param();
                        return self.conclude(accept, path.bytes, at == len, refused);
                    }
                    param.dispatch()
                }
                RowKind::Param(param) => {
                    let end = path.segment_end(at);
                    let transition = self.step_segment(param, path, at, end);
                    let next = next_state(transition, at, &mut refused);
                    // `StateId::DEAD` is no row.
                    row = self
                        .states
                        .get(next.bits() as usize)
                        .ok_or(NoMatch::UNKNOWN_ROUTE)?;
                    at = end.wrapping_add(1);
                    continue;
                }
                RowKind::DispatchOrAffix(_) => {
                    let affixes = match StateRow(row).affixes() {
                        Some(affixes) if self.features.has(Features::AFFIXES) => affixes,
                        _ => return Err(NoMatch::UNKNOWN_ROUTE),
                    };
                    let end = path.segment_end(at);
                    let transition = self.step_affixes(affixes, path, at, end);
                    let next = next_state(transition, at, &mut refused);
                    row = self
                        .states
                        .get(next.bits() as usize)
                        .ok_or(NoMatch::UNKNOWN_ROUTE)?;
                    at = end.wrapping_add(1);
                    continue;
                }
            };
            let (next, end) = self
                .follow(dispatch, path.bytes, at)
                .ok_or(NoMatch::UNKNOWN_ROUTE)?;
            row = self
                .states
                .get(next as usize)
                .ok_or(NoMatch::UNKNOWN_ROUTE)?;
            at = end.wrapping_add(1);
        }
        self.conclude(StateRow(row).accept(), path.bytes, at == len, refused)
    }

    /// Whether the template that accepts a path wins, or the path is refused for a value.
    #[inline(always)]
    fn conclude(
        &self,
        accept: Accept,
        path: &[u8],
        slash: bool,
        refused: Option<NonZero<usize>>,
    ) -> Result<Accept, NoMatch> {
        if refused.is_none() && accept.accepts(slash) {
            return Ok(accept);
        }
        self.conclude_rarely(accept, path, slash, refused)
    }

    #[inline(never)]
    fn conclude_rarely(
        &self,
        accept: Accept,
        path: &[u8],
        slash: bool,
        refused: Option<NonZero<usize>>,
    ) -> Result<Accept, NoMatch> {
        let refused = refused.map(NonZero::get);
        let refused = match (self.outcome(accept, slash), refused) {
            // Only what a template matches is refused.
            (Outcome::NoMatch, _) => return Err(NoMatch::UNKNOWN_ROUTE),
            (Outcome::Accept(accept), None) => return Ok(accept),
            (Outcome::Accept(_), Some(at)) => at,
            (Outcome::Refused { segment }, None) => segment_start(path, segment as usize),
            (Outcome::Refused { segment }, Some(at)) => {
                segment_start(path, segment as usize).min(at)
            }
        };
        let rule = if self.options.forbids_colons() && segment_has_colon(path, refused) {
            PathRule::ColonInValue
        } else {
            PathRule::ShadowsLiteral
        };
        Err(NoMatch::bad_path(BadPath::new(rule, refused)))
    }

    /// How the match of a path ends at this entry, without a trailing slash or with one.
    pub(super) fn outcome(&self, accept: Accept, slash: bool) -> Outcome {
        if accept.accepts(slash) {
            return Outcome::Accept(accept);
        }
        let row = accept.as_slash_pair();
        let pair = row.and_then(|row| self.slash_pairs.get(row as usize));
        match pair.map(SlashPair::from_bytes) {
            Some(pair) if slash => pair.with_slash,
            Some(pair) => pair.without_slash,
            None => Outcome::NoMatch,
        }
    }
}

/// The state that a transition leads to; [`StateId::DEAD`] if to none. Notes the offset of a value
/// for which the path is refused.
#[inline(always)]
fn next_state(transition: Transition, at: usize, refused: &mut Option<NonZero<usize>>) -> StateId {
    match transition {
        Transition::Static(next) | Transition::Affix(next) | Transition::Wildcard(next) => next,
        Transition::Shadows(next) | Transition::ShadowsInAffix(next) => {
            *refused = refused.or(NonZero::new(at));
            next
        }
        Transition::Dead => StateId::DEAD,
    }
}

/// Whether the segment at this offset contains a colon, raw or escaped.
fn segment_has_colon(path: &[u8], at: usize) -> bool {
    let rest = path.get(at..).unwrap_or_default();
    let segment = rest.split(|byte| *byte == b'/').next();
    segment.is_some_and(has_colon)
}

/// The offset of a segment, counted from 0.
fn segment_start(path: &[u8], segment: usize) -> usize {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let mut starts = slashes.map(|(at, _)| at.wrapping_add(1));
    starts.nth(segment).unwrap_or(path.len())
}
