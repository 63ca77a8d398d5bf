//! Paths are validated before they are matched, so a label that does not consist of
//! legal segments lets nothing through. The proof refuses it all the same, because no
//! file compiles to it.

use routescope_core::path::{check, check_segment};
use routescope_core::{Miss, Step};

use super::planted::{add, hashed, own_table, row, siblings, state};
use crate::layout::owned::OwnedPolicy;
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

/// What no segment is, or has in it, beside everything in the text.
const ODD: [&str; 22] = [
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

/// How many such labels were planted, and how many tables would not even build.
#[derive(Default)]
struct Count {
    planted: usize,
    refused: usize,
}

impl Count {
    /// Tables in which a label is at a place that the path before it leads to.
    fn judge(&mut self, faulty: &OwnedPolicy, model: &Model, path: &str, label: &str) {
        let tables = faulty.tables();
        let view = SegmentView::new(&tables);
        let leads_on = |place| matches!(tables.step(place, label.as_bytes()).0, Step::Literal(_));
        let is_planted = |place| view.labels(place).any(|known| known == label) && leads_on(place);
        if !state_ids(&tables).any(is_planted) {
            return;
        }
        self.planted += 1;
        self.refused += usize::from(tables.fault().is_some());
        let policy = faulty.policy();
        assert!(prove(model, &policy).is_err(), "{label}");
        // What the rules refuse is refused, whatever the tables hold.
        for tail in ["", "/", "/7", "?q", "/7?q"] {
            let target = format!("{path}{label}{tail}");
            if let Err(bad) = check(target.as_bytes()) {
                let found = tables
                    .find_anywhere(target.as_bytes())
                    .map_err(Miss::bad_path);
                assert_eq!(found, Err(Some(bad)), "{target}");
                assert!(!policy.authorize(&["a:read"], "GET", &target).is_allow());
            }
        }
    }
}

#[test]
fn labels_that_are_no_segments() {
    let Compiled { model, owned, .. } = compile("labels.yaml", SOURCE).unwrap();
    let known = [
        ("a/b", "a/b/"),
        ("a%7C/d:e", "a%7C/d:e/"),
        ("open", "open/"),
    ]
    .map(|(label, longer)| (label, longer, state(&owned, &format!("/{label}"))));
    let mut count = Count::default();
    let mut plant = |label: &str, target| {
        let mut faulty = owned.clone();
        let longer = format!("{label}/");
        // First, where other labels are chosen by the same bytes.
        let mut entries = vec![(label, label, target), (&longer, label, target)];
        for (label, longer, target) in &known {
            entries.extend([(*label, *label, *target), (*longer, *label, *target)]);
        }
        own_table(&mut faulty, 0, (0, 8), &entries);
        count.judge(&faulty, &model, "/", label);
    };
    let text = &owned.text;
    let of_text = (0..text.len()).flat_map(|start| {
        let longest = (text.len() - start).min(12);
        (1..longest).map(move |len| &text[start..start + len])
    });
    let is_odd = |label: &&str| {
        label
            .split('/')
            .any(|segment| check_segment(segment.as_bytes()).is_err())
    };
    for label in of_text.chain(ODD).filter(is_odd) {
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

/// The same beside a value, compared one by one and in the perfect hash.
#[test]
fn labels_that_are_no_segment_beside_a_value() {
    let Compiled { model, owned, .. } = compile("labels.yaml", SOURCE).unwrap();
    let open = row(&owned, "/open");
    let end = state(&owned, "/open/7");
    let mut count = Count::default();
    for label in ODD {
        for one_by_one in [true, false] {
            let mut faulty = owned.clone();
            let target = add(&mut faulty, end);
            faulty.states[open].value = target;
            if one_by_one {
                siblings(&mut faulty, open, &[(label, end)]);
            } else {
                hashed(&mut faulty, open, &[(label, target)]);
            }
            count.judge(&faulty, &model, "/open/", label);
        }
    }
    let Count { planted, refused } = count;
    assert!(planted > 20 && refused < planted, "{refused} of {planted}");
}
