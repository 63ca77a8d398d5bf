//! The walk that finds overlaps, against looking at every pair.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use proptest::prelude::*;
use routescope_core::{Case, PathOptions, TrailingSlash};

use crate::model::overlap::{
    Overlap, conflicts, has_slash_pair, max_visits, overlaps, path_of_both, path_of_first,
};
use crate::model::template::{Relation, Segment, Template};
use crate::model::trie::Trie;

/// Few words, `x` and `y` among them because witnesses are made with these.
fn any_template() -> impl Strategy<Value = Template> {
    let segment = prop_oneof![
        3 => prop::sample::select(vec!["a", "A", "x", "y", "xa", "aaY"])
            .prop_map(|text| Segment::Literal(text.into())),
        2 => Just(Segment::Parameter),
        2 => prop::sample::select(vec![("", "a"), ("x", ""), ("", "ya"), ("a", "Y"), ("A", "yy")])
            .prop_map(|(prefix, suffix)| Segment::Affix { prefix: prefix.into(), suffix: suffix.into() }),
    ];
    let tail = prop::sample::select(vec![None, Some(Segment::CatchAll)]);
    (prop::collection::vec(segment, 0..5), tail, any::<bool>()).prop_map(
        |(mut segments, tail, slash)| {
            let open = tail.is_some();
            segments.extend(tail);
            let slash = !open && (slash || segments.is_empty());
            Template { segments, slash }
        },
    )
}

fn any_options() -> impl Strategy<Value = PathOptions> {
    let case = prop::sample::select(vec![Case::Exact, Case::Insensitive]);
    let slash = prop::sample::select(vec![TrailingSlash::Exact, TrailingSlash::Optional]);
    (case, slash).prop_map(|(case, trailing_slash)| PathOptions {
        case,
        trailing_slash,
        ..PathOptions::default()
    })
}

/// The template that stands for all that the options make equal.
fn under(options: PathOptions, template: Template) -> Template {
    let mut template = if options.ignores_case() {
        template.to_lowercase()
    } else {
        template
    };
    let open = template.segments.last() == Some(&Segment::CatchAll);
    template.slash |= options.slash_is_optional() && !open;
    template
}

/// Compares every pair of templates, in another order than the walk.
fn all_pairs(templates: &[Template]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (a, left) in templates.iter().enumerate() {
        for (b, right) in templates.iter().enumerate().skip(a + 1) {
            let new = match left.relation(right) {
                Relation::Disjoint => continue,
                Relation::Overlaps => conflict(a, b),
                Relation::MoreSpecific => nested(a, b),
                Relation::MoreGeneral => nested(b, a),
                Relation::Equivalent => unreachable!("no two are the same"),
            };
            found.insert(new);
        }
    }
    found
}

fn conflict(a: usize, b: usize) -> String {
    format!("{} and {} conflict", a.min(b), a.max(b))
}

fn nested(narrow: usize, wide: usize) -> String {
    format!("{narrow} is narrower than {wide}")
}

/// The pairs that the walks find, each once.
fn walked(trie: &Trie) -> (Vec<String>, Vec<String>) {
    let (mut all, mut conflicting) = (Vec::new(), Vec::new());
    overlaps(trie, &mut |overlap| {
        all.push(match overlap {
            Overlap::Nested { narrow, wide } => nested(narrow, wide),
            Overlap::Conflict { a, b } => conflict(a, b),
        });
        ControlFlow::Continue(())
    });
    conflicts(trie, usize::MAX, &mut |a, b| {
        conflicting.push(conflict(a, b));
        ControlFlow::Continue(())
    });
    all.sort();
    conflicting.sort();
    (all, conflicting)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_all_pairs_would(
        templates in prop::collection::vec(any_template(), 0..24),
        options in any_options(),
    ) {
        let templates: BTreeSet<Template> = templates
            .into_iter()
            .map(|template| under(options, template))
            .collect();
        let templates: Vec<Template> = templates.into_iter().collect();
        let (all, conflicting) = walked(&Trie::new(&templates, options));
        let expected = all_pairs(&templates);
        let expected_conflicts: Vec<&String> = expected
            .iter()
            .filter(|pair| pair.ends_with("conflict"))
            .collect();
        prop_assert_eq!(all.iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
        prop_assert_eq!(conflicting.iter().collect::<Vec<_>>(), expected_conflicts);
    }

    #[test]
    fn witnesses_witness(a in any_template(), b in any_template()) {
        let relation = a.relation(&b);
        let (both, only_a, only_b) = (path_of_both(&a, &b), path_of_first(&a, &b), path_of_first(&b, &a));
        let fits = |path: &Option<String>| {
            path.as_ref().map(|path| {
                let inner = path.strip_prefix('/').unwrap();
                let (inner, slash) = match inner.strip_suffix('/') {
                    Some(inner) => (inner, true),
                    None => (inner, inner.is_empty()),
                };
                let segments: Vec<&str> = inner.split('/').filter(|s| !s.is_empty()).collect();
                (a.matches(&segments, slash), b.matches(&segments, slash))
            })
        };
        // There is a path of each kind exactly where the relation says so.
        let both_expected = (relation != Relation::Disjoint).then_some((true, true));
        let a_reaches_further = !matches!(relation, Relation::Equivalent | Relation::MoreSpecific);
        let b_reaches_further = !matches!(relation, Relation::Equivalent | Relation::MoreGeneral);
        prop_assert_eq!(fits(&both), both_expected, "{:?}", both);
        prop_assert_eq!(fits(&only_a), a_reaches_further.then_some((true, false)), "{:?}", only_a);
        prop_assert_eq!(fits(&only_b), b_reaches_further.then_some((false, true)), "{:?}", only_b);
    }
}

/// 100,000 templates as an API has them, literals and parameters at two levels: the walk
/// visits a few nodes for each, not pairs of them.
#[test]
fn a_large_table_is_walked_once() {
    let texts = (0..100).flat_map(|api| {
        (0..200).flat_map(move |resource| {
            let stem = format!("/api{api}/things{resource}");
            ["", "/{id}", "/new", "/{id}/parts", "/new/parts"].map(|tail| format!("{stem}{tail}"))
        })
    });
    let templates: Vec<Template> = texts.map(|text| Template::parse(&text).unwrap()).collect();
    assert_eq!(templates.len(), 100_000);
    let trie = Trie::new(&templates, PathOptions::default());
    let mut found = 0;
    let search = conflicts(&trie, max_visits(&trie), &mut |_, _| {
        found += 1;
        ControlFlow::Continue(())
    });
    assert_eq!(found, 0);
    assert!(
        search.visits <= 2 * trie.nodes.len(),
        "{search:?} for {} nodes",
        trie.nodes.len()
    );
}

/// A wide catch-all over the whole table is nested with all of it, which is no
/// conflict, and so the walk need not visit each template.
#[test]
fn a_catch_all_over_a_large_table_costs_nothing() {
    let mut texts: Vec<String> = (0..20_000).map(|i| format!("/files/a{i}/b{i}")).collect();
    texts.push("/{*all}".into());
    texts.push("/files/{*rest}".into());
    let templates: Vec<Template> = texts
        .iter()
        .map(|text| Template::parse(text).unwrap())
        .collect();
    let trie = Trie::new(&templates, PathOptions::default());
    let search = conflicts(&trie, max_visits(&trie), &mut |_, _| {
        unreachable!("there is no conflict")
    });
    assert!(search.visits <= trie.nodes.len(), "{search:?}");
}

/// The walk ends for every table. Here, each of three thousand literals is an alternative to a
/// parameter that three thousand other literals follow.
#[test]
fn a_walk_has_a_bound() {
    let texts = (0..3_000).flat_map(|i| [format!("/a{i}/{{x}}/u"), format!("/{{p}}/b{i}/v")]);
    let templates: Vec<Template> = texts.map(|text| Template::parse(&text).unwrap()).collect();
    let trie = Trie::new(&templates, PathOptions::default());
    let search = conflicts(&trie, max_visits(&trie), &mut |_, _| unreachable!());
    assert!(search.stopped_at.is_some(), "{search:?}");
    assert_eq!(search.visits, max_visits(&trie));
}

proptest! {
    #[test]
    fn told_apart_by_a_slash_as_comparing_all(templates in prop::collection::btree_set(any_template(), 1..12)) {
        let templates: Vec<Template> = templates.into_iter().collect();
        let trie = Trie::new(&templates, PathOptions::default());
        for one in &templates {
            let other = one.with_other_slash();
            let expected = other.is_some_and(|other| templates.iter().any(|wide| wide.covers(&other)));
            prop_assert_eq!(has_slash_pair(&trie, one, PathOptions::default()), expected, "{}", one);
        }
    }
}
