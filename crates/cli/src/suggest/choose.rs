//! Choosing scopes: as little as covers the routes that were used.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use routescope::{By, Policy, Route};
use routescope_compiler::model::Model;

use super::cover::Cover;
pub(crate) use super::used::Used;
use crate::needs;

/// Chosen scopes, and the routes that they are chosen for.
#[derive(Debug)]
pub(crate) struct Choice<'p> {
    /// One, or those that open the routes together.
    pub(crate) scopes: Vec<&'p str>,
    /// The number of routes that they open.
    pub(crate) opens: usize,
    /// The used routes that they cover and no narrower chosen scopes do, most requests first.
    pub(crate) routes: Vec<Used<'p>>,
}

impl Choice<'_> {
    pub(crate) fn requests(&self) -> u64 {
        self.routes.iter().map(|used| used.requests).sum()
    }

    /// A scope list.
    pub(crate) fn names(&self) -> String {
        self.scopes.join(" ")
    }
}

/// The narrowest scopes that cover all routes used, in the order of names. The routes need scopes.
///
/// A route can always be covered by the headings that it is listed under; so nothing wider is ever
/// chosen: no umbrella, and `r:*` only for a route that is listed under `r:*` and under nothing
/// narrower. The headings without an alternative come first. For the routes still uncovered, one
/// after the other, that comes which opens the fewest routes without need, together with the scopes
/// that are chosen already: a set opens something once it is complete. In the end, scopes that the
/// others made unnecessary go, the widest first.
///
/// The scopes that are held anyway count as chosen, and are in no choice. No route used is open by
/// them alone.
pub(crate) fn choose<'p>(
    policy: Policy<'p>,
    model: &Model,
    held: &[&str],
    used: &[Used<'p>],
) -> Vec<Choice<'p>> {
    let chosen = Cover::new(policy, model, held, used).choose();
    attribute(policy, held, &chosen, used)
}

/// The first of the alternatives of a route that a key with these scopes holds, as the scopes by
/// which it does.
pub(crate) fn opened_by<'p>(route: Route<'p>, held: impl Fn(&str) -> bool) -> Option<Vec<&'p str>> {
    needs::alternatives(route).iter().find_map(|needed| {
        let scopes = needed.scopes.iter();
        scopes.map(|wanted| wanted.met_by(&held)).collect()
    })
}

/// Returns the number of routes that scopes open together. Those that need none do not count.
pub(crate) fn opens<'s>(policy: Policy<'_>, scopes: impl IntoIterator<Item = &'s str>) -> usize {
    let held = policy.scope_set(scopes);
    let is_opened = |route: &Route<'_>| {
        let allowed = route.authorize(&held).into_result();
        allowed.is_ok_and(|allowed| matches!(allowed.by, By::Scope(_) | By::All(_)))
    };
    policy.routes().filter(is_opened).count()
}

/// Gives each used route to the narrowest scopes chosen for it.
fn attribute<'p>(
    policy: Policy<'p>,
    held: &[&str],
    chosen: &BTreeSet<&'p str>,
    used: &[Used<'p>],
) -> Vec<Choice<'p>> {
    let mut choices: BTreeMap<Vec<&'p str>, Vec<Used<'p>>> = BTreeMap::new();
    for used in used {
        let has = |name: &str| chosen.contains(name) || held.contains(&name);
        if let Some(mut scopes) = opened_by(used.route, has) {
            scopes.retain(|name| chosen.contains(name));
            scopes.sort_unstable();
            scopes.dedup();
            choices.entry(scopes).or_default().push(used.clone());
        }
    }
    // The routes that each scope opens alone.
    let mut reach: HashMap<&'p str, usize> = HashMap::new();
    for scope in policy.routes().flat_map(Route::accepted) {
        *reach.entry(scope.name()).or_default() += 1;
    }
    choices
        .into_iter()
        .map(|(scopes, mut routes)| {
            routes.sort_by_cached_key(|used| (Reverse(used.requests), used.route.to_string()));
            Choice {
                opens: match scopes.as_slice() {
                    [one] => reach.get(one).copied().unwrap_or_default(),
                    several => opens(policy, several.iter().copied()),
                },
                scopes,
                routes,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use routescope::Scope;
    use routescope_compiler::compile;

    use super::*;

    const POLICY: &str = r#"
version: 1
name: test
umbrella: all
global: "*:*"
scopes:
  "a:read": { routes: [GET /a1, GET /a2, GET /both] }
  "a:*": { routes: [POST /a1] }
  "b:read": { routes: [GET /b1, GET /both] }
  "b:Fetch": { routes: [GET /fetch, GET /b1] }
  "b:Send": { routes: [POST /send] }
  "c:*": { routes: [POST /send, POST /c] }
"#;

    fn choose_for(requests: &[&str]) -> Vec<String> {
        let compiled = compile("test.yaml", POLICY).unwrap();
        let policy = compiled.policy();
        let used: Vec<Used<'_>> = requests
            .iter()
            .map(|request| {
                let (method, path) = request.split_once(' ').unwrap();
                let route = policy.route(method, path).unwrap();
                Used {
                    route,
                    by: None,
                    requests: 1,
                }
            })
            .collect();
        let choices = choose(policy, compiled.model(), &[], &used);
        // Every route is given to exactly one scope.
        let given: usize = choices.iter().map(|choice| choice.routes.len()).sum();
        assert_eq!(given, used.len());
        let names: BTreeSet<&str> = choices
            .iter()
            .flat_map(|choice| choice.scopes.iter().copied())
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        for request in requests {
            let (method, path) = request.split_once(' ').unwrap();
            assert!(policy.authorize(names.as_slice(), method, path).is_allow());
        }
        names.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn chooses_the_narrowest() {
        let none: [&str; 0] = [];
        assert_eq!(choose_for(&[]), none);
        assert_eq!(choose_for(&["GET /a1", "GET /a2"]), ["a:read"]);
        // The wide one only where a write needs it, and then alone.
        assert_eq!(choose_for(&["GET /a1", "POST /a1"]), ["a:*"]);
        // Two operations, and not the resource's all.
        assert_eq!(
            choose_for(&["GET /fetch", "POST /send"]),
            ["b:Fetch", "b:Send"]
        );
        // Under two scopes: the one that another route needs anyway, or else
        // the one that opens less.
        assert_eq!(choose_for(&["GET /both"]), ["b:read"]);
        assert_eq!(choose_for(&["GET /both", "GET /a2"]), ["a:read"]);
        assert_eq!(choose_for(&["GET /b1", "GET /fetch"]), ["b:Fetch"]);
        // Listed under a narrow and a full scope: the narrow one, unless the
        // full one is there anyway.
        assert_eq!(choose_for(&["POST /send"]), ["b:Send"]);
        assert_eq!(choose_for(&["POST /send", "POST /c"]), ["c:*"]);
    }

    /// No chosen scope can go, and none can be replaced by a narrower one that
    /// its routes accept.
    #[test]
    fn nothing_chosen_is_too_much() {
        let all = [
            "GET /a1",
            "GET /a2",
            "GET /both",
            "POST /a1",
            "GET /b1",
            "GET /fetch",
            "POST /send",
            "POST /c",
        ];
        let compiled = compile("test.yaml", POLICY).unwrap();
        let policy = compiled.policy();
        for picked in 0..1u32 << all.len() {
            let requests: Vec<&str> = all
                .iter()
                .enumerate()
                .filter(|(i, _)| picked >> i & 1 == 1)
                .map(|(_, request)| *request)
                .collect();
            let chosen = choose_for(&requests);
            for (i, scope) in chosen.iter().enumerate() {
                assert!(
                    !scope.starts_with("all:") && scope != "*:*",
                    "{requests:?}: {chosen:?}"
                );
                let resource = scope.split(':').next().unwrap();
                let narrower = policy.scopes().map(Scope::name).filter(|known| {
                    scope.ends_with(":*")
                        && known != scope
                        && known.starts_with(&format!("{resource}:"))
                });
                for instead in std::iter::once(None).chain(narrower.map(Some)) {
                    let mut fewer: Vec<&str> = chosen.iter().map(String::as_str).collect();
                    match instead {
                        Some(narrower) => fewer[i] = narrower,
                        None => {
                            fewer.remove(i);
                        }
                    }
                    let enough = requests.iter().all(|request| {
                        let (method, path) = request.split_once(' ').unwrap();
                        policy.authorize(fewer.as_slice(), method, path).is_allow()
                    });
                    assert!(!enough, "{requests:?}: {chosen:?}, and {fewer:?} would do");
                }
            }
        }
    }

    const SETS: &str = r#"
version: 1
name: sets
scope_names: opaque
implies: { lead: [w] }
public: [GET /health]
any_key: [GET /me]
scopes:
  "r": { routes: [GET /a, GET /b] }
  "r w": { routes: [POST /a] }
  "w": { routes: [PUT /w1, PUT /w2, PUT /w3] }
  "x y": { routes: [GET /xy, GET /both] }
  "x z": { routes: [GET /xz, GET /both] }
  "big": { routes: [GET /both, GET /1, GET /2, GET /3, GET /4, GET /5] }
  "lead": { routes: [DELETE /a] }
  "m n": { routes: [GET /mn, GET /alone] }
  "alone": { routes: [GET /alone, GET /6] }
"#;

    #[test]
    fn sets_are_chosen_whole() {
        for (what, requests, expected) in [
            ("both scopes of a set", &["POST /a"][..], &["r", "w"][..]),
            (
                "one of them is there anyway",
                &["GET /a", "POST /a"],
                &["r", "w"],
            ),
            (
                "a set that a chosen one nearly completes",
                &["GET /xy", "GET /both"],
                &["x", "y"],
            ),
            (
                "the set of another route",
                &["GET /xz", "GET /both"],
                &["x", "z"],
            ),
            (
                "a scope that implies one of a set is there anyway",
                &["DELETE /a", "POST /a"],
                &["lead", "r"],
            ),
            (
                "a set that opens less than a scope",
                &["GET /both"],
                &["x", "y"],
            ),
            (
                "a scope that another route needs",
                &["GET /both", "GET /1"],
                &["big"],
            ),
            (
                "a set that another route needs",
                &["GET /alone", "GET /mn"],
                &["m", "n"],
            ),
        ] {
            let compiled = compile("sets.yaml", SETS).unwrap();
            let policy = compiled.policy();
            let used: Vec<Used<'_>> = requests
                .iter()
                .map(|request| {
                    let (method, path) = request.split_once(' ').unwrap();
                    Used {
                        route: policy.route(method, path).unwrap(),
                        by: None,
                        requests: 1,
                    }
                })
                .collect();
            for used in [used.clone(), used.into_iter().rev().collect()] {
                let choices = choose(policy, compiled.model(), &[], &used);
                let scopes: BTreeSet<&str> = choices
                    .iter()
                    .flat_map(|choice| choice.scopes.clone())
                    .collect();
                let scopes: Vec<&str> = scopes.into_iter().collect();
                assert_eq!(scopes, expected, "{what}");
                let given: usize = choices.iter().map(|choice| choice.routes.len()).sum();
                assert_eq!(given, requests.len(), "{what}");
                for used in &used {
                    assert!(used.route.authorize(&scopes).is_allow(), "{what}");
                }
            }
        }
    }
}
