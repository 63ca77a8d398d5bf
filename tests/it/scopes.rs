//! Properties of scopes in every policy: sets, `implies`, and routes that need no scope.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use routescope_compiler::Compiled;

use crate::implementations::verdict;
use crate::oracle::{By, Heading, Listed, Need, Oracle, Verdict};
use crate::properties::config;
use crate::random::{Recipe, World, recipe, world};

/// The most names of which every combination is held.
const MAX_NAMES: usize = 12;

fn recipes() -> impl Strategy<Value = Vec<Recipe>> {
    prop::collection::vec(recipe(), 24)
}

/// Those of the names whose bits are set.
fn chosen<'n>(names: &[&'n str], bits: u64) -> Vec<&'n str> {
    let numbered = names.iter().enumerate();
    let held = numbered.filter(|(at, _)| bits >> (at % 64) & 1 == 1);
    held.map(|(_, name)| *name).collect()
}

/// The decision of the engine, by names and by bits, which are the same.
fn decide(compiled: &Compiled, held: &[&str], method: &str, target: &str) -> Verdict {
    let policy = compiled.policy();
    let by_names = verdict(policy.authorize(held, method, target));
    let by_bits = verdict(policy.authorize(&policy.scope_set(held), method, target));
    assert_eq!(by_names, by_bits, "{method} {target} with {held:?}");
    by_names
}

fn is_allow(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Allow { .. })
}

/// A method and a target for each line of a policy.
fn requests(oracle: &Oracle) -> BTreeSet<(String, String)> {
    let target = |template: &str| {
        let segments = template.split('/');
        let filled = segments.map(|segment| {
            if segment.starts_with('{') {
                "7"
            } else {
                segment
            }
        });
        filled.collect::<Vec<_>>().join("/")
    };
    let lines = oracle.routes.iter();
    lines
        .map(|line| (line.method.clone(), target(&line.template)))
        .collect()
}

/// The same policy with other headings in some lines.
fn with_headings(world: &World, change: impl Fn(&Listed) -> Vec<Heading>) -> World {
    let lines = world.oracle.routes.iter();
    let lines = lines.flat_map(|line| {
        let headings = change(line).into_iter();
        headings.map(|heading| Listed {
            heading,
            ..line.clone()
        })
    });
    world.with(Oracle {
        routes: lines.collect(),
        ..world.oracle.clone()
    })
}

proptest! {
    #![proptest_config(config())]

    /// A key that holds a part of the only set that opens a route does not open it.
    #[test]
    fn a_part_of_the_only_alternative_opens_nothing(world in world(true)) {
        let compiled = world.compile();
        for (method, target) in requests(&world.oracle) {
            let Ok((_, Need::OneOf(alternatives))) = world.oracle.required(method.as_bytes(), target.as_bytes()) else { continue };
            let sets: Vec<_> = alternatives.iter().filter(|set| set.len() > 1).collect();
            for set in sets.iter().filter(|_| alternatives.len() == 1) {
                let names: Vec<&str> = set.iter().map(String::as_str).collect();
                let all = (1u64 << names.len()) - 1;
                for bits in 0..=all {
                    let open = is_allow(&decide(&compiled, &chosen(&names, bits), &method, &target));
                    prop_assert_eq!(open, bits == all, "{} {} with {:b} of {:?}\n{}", method, target, bits, names, world.source);
                }
            }
        }
    }

    /// Where names imply nothing, a key opens a route only if it holds all names of one heading. So
    /// parts of several never add up.
    #[test]
    fn halves_of_alternatives_never_add_up(world in world(true), bits in prop::collection::vec(any::<u64>(), 16)) {
        let oracle = Oracle { opaque: true, umbrella: None, global: None, implies: Vec::new(), ..world.oracle.clone() };
        let world = world.with(oracle);
        let compiled = world.compile();
        for line in &world.oracle.routes {
            let same = |other: &&Listed| other.method == line.method && other.template == line.template;
            let headings: Vec<Vec<&str>> = world.oracle.routes.iter().filter(same).map(|other| other.heading.names()).collect();
            let mut names: Vec<&str> = headings.iter().flatten().copied().collect();
            names.sort_unstable();
            names.dedup();
            if names.is_empty() {
                continue;
            }
            let policy = compiled.policy();
            let text = format!("{} {}", line.method, line.template);
            let Some(route) = policy.routes().find(|route| route.to_string() == text) else { continue };
            // Other lines may name the parameters in another way.
            let stated = route.requirement().alternatives().map_or(0, |alternatives| alternatives.iter().flat_map(routescope::Alternative::scopes).map(routescope::Scope::name).collect::<BTreeSet<_>>().len());
            prop_assume!(stated <= names.len());
            for bits in &bits {
                let held = chosen(&names, *bits);
                let complete = headings.iter().any(|heading| heading.iter().all(|name| held.contains(name)));
                prop_assert_eq!(route.authorize(&held).is_allow(), complete, "{} with {:?}\n{}", text, held, world.source);
                prop_assert_eq!(route.authorize(&policy.scope_set(&held)).is_allow(), complete);
            }
        }
    }

    /// A public route allows nothing but the requests that call it: without it, the policy allows
    /// all others too. And it closes nothing but paths of its template and look-alikes of them.
    #[test]
    fn a_public_route_opens_nothing_beside_it(world in world(true), at in any::<Index>(), recipes in recipes(), bits in any::<u64>()) {
        // Some route becomes public, with all its lines.
        let line = at.get(&world.oracle.routes).clone();
        let nameless = |template: &str| template.split('/').map(|s| if s.starts_with("{p") { "{}" } else { s }.to_owned()).collect::<Vec<_>>();
        let is_it = |other: &Listed| other.method == line.method && nameless(&other.template) == nameless(&line.template);
        let others: Vec<Listed> = world.oracle.routes.iter().filter(|other| !is_it(other)).cloned().collect();
        let without = world.with_lines(others.clone());
        let public = Listed { heading: Heading::Public, ..line.clone() };
        let with = without.with(Oracle { routes: others.into_iter().chain([public.clone()]).collect(), ..without.oracle.clone() });
        let alone = without.with(Oracle { routes: vec![public], ..without.oracle.clone() });
        let (compiled, compiled_without) = (with.compile(), without.compile());
        let known = with.oracle.known();
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let held = chosen(&names, bits);
        for recipe in recipes {
            let (method, target) = recipe.make(&with.oracle);
            let before = decide(&compiled_without, &held, &method, &target);
            let after = decide(&compiled, &held, &method, &target);
            let own = matches!(alone.oracle.required(method.as_bytes(), target.as_bytes()), Ok(..));
            match &after {
                Verdict::Allow { by: By::Public, .. } => {}
                Verdict::Allow { .. } => prop_assert_eq!(&after, &before, "{} {}\n{}", method, target, with.source),
                Verdict::BadPath | Verdict::MethodNotListed { .. } | Verdict::UnknownRoute => {}
                _ => prop_assert!(!is_allow(&before), "{} {}\n{}", method, target, with.source),
            }
            let anonymous = compiled.policy().public_route(&method, &target).is_some();
            let anonymous_before = compiled_without.policy().public_route(&method, &target).is_some();
            prop_assert!(!anonymous || own || anonymous_before, "{} {}\n{}", method, target, with.source);
        }
    }

    /// Names of a heading and held names may come in any order.
    #[test]
    fn the_order_of_names_means_nothing(world in world(true), recipes in recipes(), bits in any::<u64>(), by in any::<Index>()) {
        let turned = with_headings(&world, |line| {
            let mut names = line.heading.names();
            names.reverse();
            vec![match &line.heading {
                Heading::Scopes(_) => Heading::of(&names.join(" ")),
                other => other.clone(),
            }]
        });
        let (compiled, other) = (world.compile(), turned.compile());
        prop_assert!(compiled.to_bytes() == other.to_bytes(), "{}\n{}", world.source, turned.source);
        let known = world.oracle.known();
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let held = chosen(&names, bits);
        let mut other_held = held.clone();
        other_held.rotate_left(by.index(held.len() + 1) % held.len().max(1));
        for recipe in recipes {
            let (method, target) = recipe.make(&world.oracle);
            prop_assert_eq!(decide(&compiled, &held, &method, &target), decide(&compiled, &other_held, &method, &target));
        }
    }

    /// To list a route under a heading and some more scopes as well changes no decision.
    #[test]
    fn a_needless_alternative_changes_nothing(world in world(true), more in any::<Index>(), bits in prop::collection::vec(any::<u64>(), 8)) {
        let known = world.oracle.known();
        let names: Vec<&str> = world.oracle.routes.iter().flat_map(|line| line.heading.names()).collect();
        prop_assume!(!names.is_empty());
        let more = *more.get(&names);
        let wider = with_headings(&world, |line| {
            let mut names = line.heading.names();
            if names.is_empty() || names.contains(&more) {
                return vec![line.heading.clone()];
            }
            names.push(more);
            names.sort_unstable();
            let needless = Heading::of(&names.join(" "));
            let is_there = world.oracle.routes.iter().any(|other| other.method == line.method && other.heading == needless);
            if is_there { vec![line.heading.clone()] } else { vec![line.heading.clone(), needless] }
        });
        // Two lines may have made the same needless heading.
        let wider = wider.with_lines(wider.oracle.routes.clone());
        let (compiled, other) = (world.compile(), wider.compile());
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        for (method, target) in requests(&world.oracle) {
            for bits in &bits {
                let held = chosen(&names, *bits);
                prop_assert_eq!(decide(&other, &held, &method, &target), decide(&compiled, &held, &method, &target), "{} {} with {:?}\n{}", method, target, held, wider.source);
            }
        }
    }

    /// `implies` is as good as listing each route, wherever a scope is asked for, under every scope
    /// that implies it.
    #[test]
    fn implies_equals_longer_lists(world in world(true), bits in prop::collection::vec(any::<u64>(), 16)) {
        let oracle = &world.oracle;
        let lefts: BTreeSet<&str> = oracle.implies.iter().map(|(left, _)| left.as_str()).collect();
        let instead = |name: &str| -> Vec<String> {
            let implying = lefts.iter().filter(|left| **left != name && oracle.has(&[left]).contains(name));
            implying.copied().chain([name]).map(String::from).collect()
        };
        let longer = with_headings(&world, |line| {
            if line.heading.names().is_empty() {
                return vec![line.heading.clone()];
            }
            let mut sets: Vec<BTreeSet<String>> = vec![BTreeSet::new()];
            for name in line.heading.names() {
                let with = |set: &BTreeSet<String>| instead(name).into_iter().map(|other| {
                    let mut set = set.clone();
                    set.insert(other);
                    set
                }).collect::<Vec<_>>();
                sets = sets.iter().flat_map(with).collect();
            }
            sets.iter().map(|set| Heading::of(&Vec::from_iter(set.iter().map(String::as_str)).join(" "))).collect()
        });
        let longer = longer.with(Oracle { implies: Vec::new(), ..longer.oracle.clone() });
        let longer = longer.with_lines(longer.oracle.routes.clone());
        let several = |line: &Listed| line.heading.names().len() > 1;
        // More sets than a route may have.
        prop_assume!(longer.oracle.routes.iter().all(|line| {
            let same = longer.oracle.routes.iter().filter(|other| other.method == line.method && several(other));
            same.count() <= 16
        }));
        let (compiled, other) = (world.compile(), longer.compile());
        let known = oracle.known();
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        for (method, target) in requests(oracle) {
            for bits in &bits {
                let held = chosen(&names, *bits);
                let (short, long) = (decide(&compiled, &held, &method, &target), decide(&other, &held, &method, &target));
                prop_assert_eq!(is_allow(&short), is_allow(&long), "{} {} with {:?}\n{}\n{}", method, target, held, world.source, longer.source);
            }
        }
    }
}

/// Every combination of the names that a small policy knows, asked for every route.
#[test]
fn every_combination_of_held_names() {
    let mut runner = runner();
    let policies = number("ROUTESCOPE_POLICIES", 12);
    let (mut compared, mut by_sets) = (0usize, 0usize);
    for _ in 0..policies {
        let world = world(false)
            .new_tree(&mut runner)
            .expect("a policy")
            .current();
        let compiled = world.compile();
        let policy = compiled.policy();
        let known = world.oracle.known();
        let names: Vec<&str> = known.iter().map(String::as_str).take(MAX_NAMES).collect();
        let requests: Vec<_> = requests(&world.oracle)
            .into_iter()
            .map(|(method, target)| {
                let required = world.oracle.required(method.as_bytes(), target.as_bytes());
                (method, target, required)
            })
            .collect();
        for bits in 0..1u64 << names.len() {
            let held = chosen(&names, bits);
            let prepared = policy.scope_set(&held);
            for (method, target, required) in &requests {
                let want = world.oracle.judge(&held, required.clone());
                let by_bits = verdict(policy.authorize(&prepared, method, target));
                let by_names = verdict(policy.authorize(&held, method, target));
                assert!(
                    by_bits == want && by_names == want,
                    "{method} {target} with {held:?}: {by_bits:?}, {by_names:?}, and not {want:?}\n{}",
                    world.source
                );
                compared += 2;
                by_sets += usize::from(matches!(want, Verdict::Allow { by: By::All(_), .. }));
            }
        }
    }
    assert!(
        compared > 1_000 * policies && by_sets > 0,
        "{compared} {by_sets}"
    );
}

/// Random policies, requests and keys, counted by the comparison. 50 million take a minute or two:
/// `ROUTESCOPE_COMPARISONS=50000000 cargo test --release --test it comparisons -- --nocapture`
#[test]
fn comparisons_of_engine_and_oracle() {
    let wanted = number("ROUTESCOPE_COMPARISONS", 50_000);
    let (mut runner, mut rng) = (runner(), fastrand::Rng::with_seed(0x5EED));
    let (mut compared, mut policies) = (0usize, 0usize);
    let mut outcomes = std::collections::BTreeMap::<&str, usize>::new();
    while compared < wanted {
        let world = world(true)
            .new_tree(&mut runner)
            .expect("a policy")
            .current();
        let compiled = world.compile();
        let policy = compiled.policy();
        let known = world.oracle.known();
        let names: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .chain(["nobody:op"])
            .collect();
        let recipes = prop::collection::vec(recipe(), 32);
        let recipes = recipes.new_tree(&mut runner).expect("recipes").current();
        let requests: Vec<_> = recipes
            .iter()
            .map(|recipe| {
                let (method, target) = recipe.make(&world.oracle);
                let required = world.oracle.required(method.as_bytes(), target.as_bytes());
                (method, target, required)
            })
            .collect();
        for (method, target, _) in &requests {
            let anonymous = policy.public_route(method, target);
            let want = world
                .oracle
                .decide_without_key(method.as_bytes(), target.as_bytes());
            assert_eq!(
                anonymous.is_some(),
                is_allow(&want),
                "{method} {target}\n{}",
                world.source
            );
            compared += 1;
        }
        for _ in 0..64 {
            // Keys of few scopes and of many.
            let bits = (0..rng.u8(0..4)).fold(u64::MAX, |bits, _| bits & rng.u64(..));
            let held = chosen(&names, bits);
            let prepared = policy.scope_set(&held);
            for (method, target, required) in &requests {
                let want = world.oracle.judge(&held, required.clone());
                let by_bits = verdict(policy.authorize(&prepared, method, target));
                let by_names = verdict(policy.authorize(&held, method, target));
                assert!(
                    by_bits == want && by_names == want,
                    "{method} {target} with {held:?}: {by_bits:?}, {by_names:?}, and not {want:?}\n{}",
                    world.source
                );
                compared += 2;
                *outcomes.entry(outcome(&want)).or_default() += 2;
            }
        }
        policies += 1;
    }
    #[allow(
        clippy::print_stdout,
        reason = "who asks for more wants to know how much it was"
    )]
    {
        println!("{compared} comparisons over {policies} policies: {outcomes:?}");
    }
    assert_eq!(outcomes.len(), 9, "{outcomes:?}");
}

fn outcome(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allow { by, .. } => match by {
            By::Scope(_) => "allowed by a scope",
            By::All(_) => "allowed by a set",
            By::AnyKey => "open to any key",
            By::Public => "public",
        },
        Verdict::NoValidKey => "no valid key",
        Verdict::BadMethod => "bad method",
        Verdict::BadPath => "bad path",
        Verdict::UnknownRoute => "unknown route",
        Verdict::MethodNotListed { .. } => "method not listed",
        Verdict::MissingScope { .. } => "missing scope",
    }
}

/// The same policies in every run.
fn runner() -> TestRunner {
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config::default(), seed)
}

/// The number that a variable of the environment has, if it is set.
fn number(variable: &str, otherwise: usize) -> usize {
    let asked = std::env::var(variable).ok();
    asked.map_or(otherwise, |number| {
        number
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is a number"))
    })
}
