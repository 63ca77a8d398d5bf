//! Literals that matched are not checked again, so a label that is no row of
//! proper segments would let through what the path rules refuse.

use routescope_core::Step;
use routescope_core::path::check_segment;

use super::planted::{hashed, own_table, state};
use crate::proof::prove;
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

#[test]
fn labels_that_are_no_segments() {
    let Compiled { model, owned, .. } = compile("labels.yaml", SOURCE).unwrap();
    let known = [
        ("a/b", "a/b/"),
        ("a%7C/d:e", "a%7C/d:e/"),
        ("open", "open/"),
    ]
    .map(|(label, longer)| (label, longer, state(&owned, &format!("/{label}"))));
    let (mut planted, mut refused) = (0, 0);
    let mut plant = |label: &str, target: u32| {
        let mut faulty = owned.clone();
        let longer = format!("{label}/");
        // First, where other labels are chosen by the same bytes.
        let mut entries = vec![(label, label, target), (&longer, label, target)];
        for (label, longer, target) in &known {
            entries.extend([(*label, *label, *target), (*longer, *label, *target)]);
        }
        own_table(&mut faulty, 0, (0, 8), &entries);
        let (step, end) = faulty.tables().step(0, label.as_bytes());
        if step == Step::Literal(target) && end == label.len() {
            planted += 1;
            // Most would not even build.
            refused += usize::from(faulty.tables().fault().is_some());
            assert!(prove(&model, &faulty.policy()).is_err(), "{label}");
        }
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
        for target in 1..u32::try_from(owned.states.len()).unwrap() {
            plant(label, target);
        }
    }
    assert!(
        refused > 50 && planted > refused + 50,
        "{refused} of {planted}"
    );
}

/// The same beside a value, compared one by one and in the perfect hash.
#[test]
fn labels_that_are_no_segment_beside_a_value() {
    let Compiled { model, owned, .. } = compile("labels.yaml", SOURCE).unwrap();
    let open = state(&owned, "/open");
    let end = state(&owned, "/open/7");
    let (mut planted, mut refused) = (0, 0);
    for label in ODD {
        for siblings in [true, false] {
            let mut faulty = owned.clone();
            hashed(&mut faulty, open, &[(label, end)]);
            if siblings {
                let row = &mut faulty.states[open as usize];
                row.runs = u32::try_from(faulty.runs.len()).unwrap();
                row.shape = 1;
                let run = super::planted::run(&mut faulty, label, end);
                faulty.runs.push(run);
            }
            let (step, taken) = faulty.tables().step(open, label.as_bytes());
            if step == Step::Literal(end) && taken == label.len() {
                planted += 1;
                refused += usize::from(faulty.tables().fault().is_some());
                assert!(prove(&model, &faulty.policy()).is_err(), "{label}");
            }
        }
    }
    assert!(planted > 20 && refused < planted, "{refused} of {planted}");
}
