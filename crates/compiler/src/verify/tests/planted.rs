//! Tables rewritten by hand, so that they do what a test wants.

use routescope_core::__private::{
    Accept, Dispatch, HashedEdge, Lengths, State, StateId, StateKind, TextRange, Window,
    load_padded, normalized_len,
};

use super::accepts::after_param;
use crate::layout::owned::OwnedTables;
use crate::verify::segment_view::{Position, SegmentView, Transition};

/// A row for some bytes of a path: a beginning of the path, the label, and the state that the
/// label leads to. Without a label the row is a dispatch node.
pub(super) type Entry<'e> = (&'e str, &'e str, State);

/// The state that a path of whole compressed edges leads to.
pub(super) fn state_id(of: &OwnedTables, path: &str) -> StateId {
    let tables = of.borrow();
    let view = SegmentView::new(&tables);
    let mut at = Position::START;
    for segment in path.split('/').skip(1) {
        at = match view.step(&at, segment) {
            Transition::Static(next) | Transition::Wildcard(next) => next,
            none => panic!("`{segment}` of `{path}`: {none:?}"),
        };
    }
    assert_eq!(at.mid_edge, "", "`{path}` ends within a compressed edge");
    at.state_id
}

/// The row of the state that a path leads to, which has not taken its parameter.
pub(super) fn row(of: &OwnedTables, path: &str) -> usize {
    let state = state_id(of, path);
    assert!(!state.is_after_param(), "`{path}` ends after a parameter");
    state.row() as usize
}

/// The state that a path leads to, without its label.
pub(super) fn state(of: &OwnedTables, path: &str) -> State {
    let id = state_id(of, path);
    let state = of.state(id.row() as usize);
    match state.kind {
        StateKind::ParamThenStatic {
            after_param,
            dispatch,
        } if id.is_after_param() => State {
            accept: after_param,
            kind: StateKind::Static(dispatch),
            ..State::UNUSED
        },
        _ => State {
            label: TextRange::EMPTY,
            ..state
        },
    }
}

/// The entry of paths that end after the parameter of the state in this row.
pub(super) fn accept_after_param(of: &OwnedTables, row: usize) -> Accept {
    after_param(of.state(row)).expect("the row has an entry after its parameter")
}

/// Adds a row at the end.
pub(super) fn add(into: &mut OwnedTables, state: State) -> StateId {
    into.states.push(state.to_bytes());
    StateId::new(u32::try_from(into.states.len() - 1).unwrap())
}

/// The state, with a label that leads to it.
pub(super) fn with_label(into: &mut OwnedTables, label: &str, state: State) -> State {
    State {
        label: text(into, label),
        ..state
    }
}

/// The range of a text, which is added unless the tables have it, so that rows for the same
/// label are the same.
pub(super) fn text(into: &mut OwnedTables, text: &str) -> TextRange {
    let start = into.text.find(text).unwrap_or_else(|| {
        into.text.push_str(text);
        into.text.len() - text.len()
    });
    TextRange {
        start: u32::try_from(start).unwrap(),
        len: u16::try_from(text.len()).unwrap(),
    }
}

/// Gives the dispatch of a row new rows at the end, which a window of `width` bytes from
/// `offset` on selects, and returns the rows of the entries. Entries with the same bytes in
/// the window share a row, which is that of the first.
pub(super) fn new_dispatch(
    into: &mut OwnedTables,
    row: usize,
    (offset, width): (u8, u8),
    entries: &[Entry<'_>],
) -> Vec<usize> {
    const LOG2_ROWS: u8 = 6;
    let used = u64::MAX >> (64 - 8 * u32::from(width));
    let word = |path: &str| load_padded(path.as_bytes(), usize::from(offset)) & used;
    let mut words: Vec<u64> = entries.iter().map(|(path, ..)| word(path)).collect();
    words.sort_unstable();
    words.dedup();
    let first = u32::try_from(into.states.len()).unwrap();
    let dispatch = |seed| Dispatch {
        first,
        log2_rows: LOG2_ROWS,
        seed,
        window: Window { offset, width },
    };
    let tells_apart = |dispatch: &Dispatch| {
        let mut rows: Vec<u32> = words.iter().map(|word| dispatch.row(*word)).collect();
        rows.sort_unstable();
        rows.windows(2).all(|pair| pair[0] != pair[1])
    };
    let mut dispatches = (0..=u16::MAX).map(dispatch);
    let dispatch = dispatches.find(tells_apart).unwrap();
    into.edit_dispatch(row, |planted| *planted = dispatch);
    let unused = State::UNUSED.to_bytes();
    into.states
        .resize(into.states.len() + (1 << LOG2_ROWS), unused);
    let mut taken = Vec::new();
    for (path, label, state) in entries {
        let at = dispatch.row(word(path)) as usize;
        if into.states[at] == unused {
            let state = match *label {
                "" => State {
                    kind: StateKind::Dispatch(Dispatch::EMPTY),
                    ..*state
                },
                label => with_label(into, label, *state),
            };
            into.set_state(at, state);
        }
        taken.push(at);
    }
    taken
}

/// Puts all labels of a row into the hash of edges, which then has only one slot: the others
/// are collisions of the first. No other row may have labels in it.
pub(super) fn hashed(into: &mut OwnedTables, row: usize, entries: &[(&str, StateId)]) {
    into.edit_state(row, |state| {
        state.kind = StateKind::Hashed {
            key: 0,
            lengths: lengths(entries.iter().map(|(label, _)| *label)),
            param: param(state.kind),
        };
    });
    into.edge_slots = 1;
    into.edge_displacements = vec![[0; 2]];
    into.edges.clear();
    for (at, (label, target)) in entries.iter().enumerate() {
        let is_last = at + 1 == entries.len();
        let next = if is_last { 0 } else { at + 1 };
        let edge = HashedEdge {
            key: 0,
            target: *target,
            label: text(into, label),
            next_collision: u16::try_from(next).unwrap(),
        };
        into.edges.push(edge.to_bytes());
    }
}

/// Adds labels to a row with a parameter, as static alternatives.
pub(super) fn static_or_param(into: &mut OwnedTables, row: usize, entries: &[(&str, State)]) {
    let first = u32::try_from(into.states.len()).unwrap();
    into.edit_state(row, |state| {
        state.kind = StateKind::StaticOrParam {
            first,
            count: u8::try_from(entries.len()).unwrap(),
            lengths: lengths(entries.iter().map(|(label, _)| *label)),
            param: param(state.kind),
        };
    });
    for (label, state) in entries {
        let alternative = with_label(into, label, *state);
        add(into, alternative);
    }
}

/// The row that a row of this kind leads to by its parameter or its affix, or that it asks
/// besides its affixes.
pub(super) const fn param(kind: StateKind) -> StateId {
    match kind {
        StateKind::Param { next: param }
        | StateKind::StaticOrParam { param, .. }
        | StateKind::Hashed { param, .. }
        | StateKind::Affixes { inner: param, .. }
        | StateKind::AffixEdge { target: param, .. } => param,
        StateKind::Static(_) | StateKind::ParamThenStatic { .. } | StateKind::Dispatch(_) => {
            StateId::DEAD
        }
    }
}

/// Changes what [`param`] says of each row.
pub(super) fn map_params(into: &mut OwnedTables, change: impl Fn(StateId) -> StateId) {
    for row in 0..into.states.len() {
        into.edit_state(row, |state| match &mut state.kind {
            StateKind::Param { next: param }
            | StateKind::StaticOrParam { param, .. }
            | StateKind::Hashed { param, .. }
            | StateKind::Affixes { inner: param, .. }
            | StateKind::AffixEdge { target: param, .. } => *param = change(*param),
            StateKind::Static(_) | StateKind::ParamThenStatic { .. } | StateKind::Dispatch(_) => {}
        });
    }
}

fn lengths<'l>(labels: impl Iterator<Item = &'l str>) -> Lengths {
    labels.fold(Lengths::NONE, |lengths, label| {
        lengths.with(normalized_len(label.as_bytes()))
    })
}
