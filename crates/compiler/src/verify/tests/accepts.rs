//! Accepting entries, wherever tables have them, so that a fault can change each.

use routescope_core::__private::{Accept, Outcome, SlashPair, State, StateKind};

use crate::layout::owned::OwnedTables;

/// An accepting entry of the automaton.
#[derive(Clone, Copy, Debug)]
pub(super) enum EntryOf {
    /// The entry of paths that end at the state in this row.
    State(usize),
    /// The entry of paths that end after the parameter of the state in this row.
    AfterParam(usize),
    /// An outcome of the slash pair in this row: without a slash, or with one.
    SlashPair(usize, bool),
}

impl EntryOf {
    /// The entry. That of a refusal has neither methods nor slashes.
    pub(super) fn get(self, of: &OwnedTables) -> Accept {
        match self {
            Self::State(row) => of.state(row).accept,
            Self::AfterParam(row) => after_param(of.state(row)).unwrap(),
            Self::SlashPair(row, slash) => {
                let pair = SlashPair::from_bytes(&of.slash_pairs[row]);
                let outcome = if slash {
                    pair.with_slash
                } else {
                    pair.without_slash
                };
                Accept::from_bits(outcome.bits())
            }
        }
    }

    pub(super) fn set(self, of: &mut OwnedTables, accept: Accept) {
        match self {
            Self::State(row) => of.edit_state(row, |state| state.accept = accept),
            Self::AfterParam(row) => of.edit_state(row, |state| match &mut state.kind {
                StateKind::ParamThenStatic { after_param, .. } => *after_param = accept,
                kind => panic!("{kind:?} has no entry after a parameter"),
            }),
            Self::SlashPair(row, slash) => of.edit_slash_pair(row, |pair| {
                let outcome = Outcome::from_bits(accept.bits());
                if slash {
                    pair.with_slash = outcome;
                } else {
                    pair.without_slash = outcome;
                }
            }),
        }
    }

    /// The row of the state that has it, unless a slash pair does.
    pub(super) const fn row(self) -> Option<usize> {
        match self {
            Self::State(row) | Self::AfterParam(row) => Some(row),
            Self::SlashPair(..) => None,
        }
    }

    /// Every entry of the automaton.
    pub(super) fn all(tables: &OwnedTables) -> Vec<Self> {
        let states = tables.decoded_states().enumerate();
        let states = states.flat_map(|(row, state)| {
            let after_param = after_param(state).map(|_| Self::AfterParam(row));
            [Some(Self::State(row)), after_param].into_iter().flatten()
        });
        let pairs = (0..tables.slash_pairs.len())
            .flat_map(|row| [false, true].map(|slash| Self::SlashPair(row, slash)));
        states.chain(pairs).collect()
    }
}

/// The entry of a state after its parameter, if its row has one.
pub(super) const fn after_param(state: State) -> Option<Accept> {
    match state.kind {
        StateKind::ParamThenStatic { after_param, .. } => Some(after_param),
        _ => None,
    }
}

/// Whether an entry is one of that template, whichever slashes it accepts.
pub(super) fn is_of(accept: Accept, template: Accept) -> bool {
    accept.when(false, false) == template
}

/// Whether an entry is a template, and neither a slash pair nor a refusal.
pub(super) fn is_template(accept: Accept) -> bool {
    accept != Accept::NONE && accept.as_slash_pair().is_none()
}

/// Changes the templates of all entries, which keep the slashes that they accept.
pub(super) fn map_templates(into: &mut OwnedTables, change: impl Fn(Accept) -> Accept) {
    let change = |accept: Accept| {
        if is_template(accept) {
            change(accept).when(accept.accepts(false), accept.accepts(true))
        } else {
            accept
        }
    };
    for entry in EntryOf::all(into) {
        entry.set(into, change(entry.get(into)));
    }
    let exact: Vec<Accept> = into.exact_entries().map(change).collect();
    for (slot, accept) in exact.into_iter().enumerate() {
        into.set_exact(slot, accept);
    }
}
