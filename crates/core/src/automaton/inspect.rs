//! The tables one step at a time, for the proof: through the code that decides, but from any
//! state. No decision takes this way.

use super::{DispatchRow, Features, Outcome, RowKind, StateId, StateRow, Tables, Transition};
use crate::path::validate::ValidPath;

impl Tables<'_> {
    /// Takes one step from a state: the transition, and the length of the part of `path` that
    /// it consumes, which is a segment or a compressed run of them. `path` has no slash in
    /// front and need not end with the step. For the proof, which looks at the tables through
    /// the code that decides.
    #[must_use]
    pub fn step(&self, state: StateId, path: &[u8]) -> (Transition, usize) {
        let Some(row) = self.states.get(state.row() as usize) else {
            return (Transition::Dead, 0);
        };
        let whole = ValidPath::unchecked(path);
        let end = whole.segment_end(0);
        let transition = match StateRow(row).kind() {
            RowKind::Static(dispatch) => return self.step_static(dispatch, path),
            RowKind::ParamThenStatic(row) if state.is_after_param() => {
                return self.step_static(row.dispatch(), path);
            }
            _ if state.is_after_param() => Transition::Dead,
            RowKind::ParamThenStatic(_) => Transition::Wildcard(state.after_param()),
            RowKind::Param(row) => self.step_segment(row, &whole, 0, end),
            RowKind::DispatchOrAffix(_) => match StateRow(row).affixes() {
                Some(affixes) if self.features.has(Features::AFFIXES) => {
                    self.step_affixes(affixes, &whole, 0, end)
                }
                _ => Transition::Dead,
            },
        };
        match transition {
            Transition::Wildcard(StateId::DEAD) | Transition::Shadows(StateId::DEAD) => {
                (Transition::Dead, end)
            }
            transition => (transition, end),
        }
    }

    fn step_static(&self, dispatch: DispatchRow<'_>, path: &[u8]) -> (Transition, usize) {
        match self.follow(dispatch, path, 0) {
            Some((row, end)) => (Transition::Static(StateId::new(row)), end),
            None => (Transition::Dead, 0),
        }
    }

    /// How the match of a path ends that ends at a state, without a trailing slash or with
    /// one. For the proof.
    #[must_use]
    pub fn outcome_at(&self, state: StateId, slash: bool) -> Outcome {
        let Some(row) = self.states.get(state.row() as usize) else {
            return Outcome::NoMatch;
        };
        let row = StateRow(row);
        match row.kind() {
            _ if !state.is_after_param() => self.outcome(row.accept(), slash),
            RowKind::ParamThenStatic(row) => self.outcome(row.after_param(), slash),
            _ => Outcome::NoMatch,
        }
    }
}
