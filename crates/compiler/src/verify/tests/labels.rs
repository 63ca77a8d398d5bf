//! The path rules are checked before a path is matched, so that a label which is no sequence
//! of valid segments lets nothing through. The proof refuses it all the same, because no file
//! can say it.

use routescope_core::__private::{NoMatch, StateId, StateKind, Transition};
use routescope_core::path::{check, check_segment};

use super::planted::{add, hashed, new_dispatch, row, state, static_or_param};
use crate::layout::owned::{OwnedPolicy, OwnedTables};
use crate::model::Model;
use crate::verify::prove;
use crate::verify::segment_view::{SegmentView, state_ids};
use crate::{Compiled, compile};

const SOURCE: &str = "
version: 1
name: labels
scopes:
  'a:read':
    routes:
      - GET /a/b
      - GET /a%7C/d:e
      - GET /open/{id}
";

/// Labels that no template has. The tests take others from the text of the tables.
const INVALID: [&str; 22] = [
    "..",
    ".",
    "...",
    "a.",
    "/",
    "//",
    "/open",
    "open/",
    "open//7",
    "a//b",
    "a/../open",
    "open/.",
    "%",
    "%2",
    "%zz",
    "%2e",
    "%2E%2E",
    "%2F",
    "open%2F",
    "%41",
    "open/%00",
    "%20x",
];

/// The numbers of labels that were planted, and of tables that `Tables::validate` refused.
#[derive(Default)]
struct Count {
    planted: usize,
    refused: usize,
}

impl Count {
    /// Judges tables in which a label leaves the state that the path leads to.
    fn judge(&mut self, faulty: OwnedTables, model: &Model, path: &str, label: &str) {
        let faulty = OwnedPolicy::new(faulty);
        let tables = faulty.tables();
        let view = SegmentView::new(tables);
        let is_static = |state| {
            let (transition, _) = tables.step(state, label.as_bytes());
            matches!(transition, Transition::Static(_))
        };
        let is_planted =
            |state: StateId| view.labels(state).any(|known| known == label) && is_static(state);
        if !state_ids(tables).any(is_planted) {
            return;
        }
        self.planted += 1;
        self.refused += usize::from(tables.validate().is_err());
        let policy = faulty.policy();
        assert!(prove(model, policy).is_err(), "{label}");
        // A target that breaks the rules is refused, whatever the tables hold.
        for tail in ["", "/", "/7", "?q", "/7?q"] {
            let target = format!("{path}{label}{tail}");
            if let Err(bad) = check(target.as_bytes()) {
                let found = tables.match_without_exact(target.as_bytes());
                let found = found.map_err(NoMatch::as_bad_path);
                assert_eq!(found, Err(Some(bad)), "{target}");
                assert!(!policy.authorize(&["a:read"], "GET", &target).is_allow());
            }
        }
    }
}

#[test]
fn labels_that_are_no_segments() {
    let Compiled { model, owned, .. } = compile("labels.yaml", SOURCE).unwrap();
    let sound = owned.owned_tables();
    let known = [
        ("a/b", "a/b/"),
        ("a%7C/d:e", "a%7C/d:e/"),
        ("open", "open/"),
    ]
    .map(|(label, longer)| (label, longer, state(sound, &format!("/{label}"))));
    let mut count = Count::default();
    let mut plant = |label: &str, target| {
        let mut faulty = sound.clone();
        let longer = format!("{label}/");
        // The planted label is the first, and wins where the window selects the row of another.
        let mut entries = vec![(label, label, target), (&longer, label, target)];
        for (label, longer, target) in &known {
            entries.extend([(*label, *label, *target), (*longer, *label, *target)]);
        }
        new_dispatch(&mut faulty, 0, (0, 8), &entries);
        count.judge(faulty, &model, "/", label);
    };
    let text = &sound.text;
    let of_text = (0..text.len()).flat_map(|start| {
        let longest = (text.len() - start).min(12);
        (1..longest).map(move |len| &text[start..start + len])
    });
    let is_invalid = |label: &&str| {
        label
            .split('/')
            .any(|segment| check_segment(segment.as_bytes()).is_err())
    };
    for label in of_text.chain(INVALID).filter(is_invalid) {
        for (.., target) in known {
            plant(label, target);
        }
    }
    let Count { planted, refused } = count;
    assert!(
        refused > 50 && planted > refused + 50,
        "{refused} of {planted}"
    );
}

/// The same for a state with a parameter, where labels are compared one by one, and where
/// they are in the hash of edges.
#[test]
fn labels_that_are_no_segments_before_a_parameter() {
    let Compiled { model, owned, .. } = compile("labels.yaml", SOURCE).unwrap();
    let sound = owned.owned_tables();
    let open = row(sound, "/open");
    let after_param = state(sound, "/open/7");
    let mut count = Count::default();
    for label in INVALID {
        for one_by_one in [true, false] {
            let mut faulty = sound.clone();
            let target = add(&mut faulty, after_param);
            faulty.edit_state(open, |state| state.kind = StateKind::Param { next: target });
            if one_by_one {
                static_or_param(&mut faulty, open, &[(label, after_param)]);
            } else {
                hashed(&mut faulty, open, &[(label, target)]);
            }
            count.judge(faulty, &model, "/open/", label);
        }
    }
    let Count { planted, refused } = count;
    assert!(planted > 20 && refused < planted, "{refused} of {planted}");
}
