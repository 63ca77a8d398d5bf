//! Choosing scopes: as little as covers the routes that were used.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use routescope::{Policy, Route, Scope};
use routescope_compiler::model::{Model, ScopeList, ScopeName};

/// A route that a log's requests used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used<'p> {
    pub(crate) route: Route<'p>,
    /// The held scope that allows it, the narrowest.
    pub(crate) by: Option<&'p str>,
    pub(crate) requests: u64,
}

impl<'p> Used<'p> {
    /// The scope that would do for this route alone.
    pub(crate) fn narrowest(&self) -> &'p str {
        let first = self.route.accepted().first();
        first.map_or("", |scope| scope.name())
    }
}

/// A chosen scope, and the routes that it is chosen for.
#[derive(Debug)]
pub(crate) struct Choice<'p> {
    pub(crate) scope: &'p str,
    /// The number of routes that it opens.
    pub(crate) opens: usize,
    /// The used routes that it covers and no narrower chosen scope does, most requests first.
    pub(crate) routes: Vec<Used<'p>>,
}

impl Choice<'_> {
    pub(crate) fn requests(&self) -> u64 {
        self.routes.iter().map(|used| used.requests).sum()
    }
}

/// The narrowest scopes that cover all routes used, in the order of names.
///
/// A route can always be covered by a scope that it is listed under; so nothing wider is ever
/// chosen: no umbrella, and `r:*` only for a route that is listed under `r:*` and under nothing
/// narrower. The scopes without an alternative come first; then, for the routes still
/// uncovered, the scopes that open the fewest other routes; in the end, scopes that the others
/// made unnecessary go, the widest first.
pub(crate) fn choose<'p>(policy: Policy<'p>, model: &Model, used: &[Used<'p>]) -> Vec<Choice<'p>> {
    let mut reach: HashMap<&'p str, usize> = HashMap::new();
    for scope in policy.routes().flat_map(Route::accepted) {
        *reach.entry(scope.name()).or_default() += 1;
    }
    let opens = |scope: &str| reach.get(scope).copied().unwrap_or_default();
    let candidates = candidates(model, used);

    let mut cover = Cover::new(used, &candidates);
    for candidates in &candidates {
        if let [only] = candidates.as_slice() {
            cover.take(only);
        }
    }
    // Ranks each scope by the routes that it opens without need; a covered route changes the
    // rank of its candidates.
    let rank = |scope: &'p str, needed: usize| {
        (opens(scope).saturating_sub(needed), Reverse(needed), scope)
    };
    let mut ranks: BTreeSet<(usize, Reverse<usize>, &'p str)> = cover
        .needed
        .iter()
        .map(|(scope, needed)| rank(scope, *needed))
        .collect();
    while let Some((_, Reverse(needed), scope)) = ranks.pop_first() {
        if needed == 0 {
            continue;
        }
        for (scope, before, now) in cover.take(scope) {
            ranks.remove(&rank(scope, before));
            ranks.insert(rank(scope, now));
        }
    }
    let mut widest_first: Vec<&'p str> = cover.chosen.iter().copied().collect();
    widest_first.sort_by_key(|scope| Reverse(opens(scope)));
    for scope in widest_first {
        cover.leave(scope);
    }
    attribute(&cover.chosen, used, opens)
}

/// Which chosen scopes cover which routes: a scope is looked at together with
/// its own routes only, so that all is done in time that grows with the listings.
struct Cover<'c, 'p> {
    candidates: &'c [Vec<&'p str>],
    /// The routes that each candidate covers.
    covers: HashMap<&'p str, Vec<usize>>,
    chosen: BTreeSet<&'p str>,
    /// For each route, the number of chosen scopes that cover it.
    times: Vec<usize>,
    /// For each scope, the number of uncovered routes that it is a candidate for.
    needed: HashMap<&'p str, usize>,
}

impl<'c, 'p> Cover<'c, 'p> {
    fn new(used: &[Used<'p>], candidates: &'c [Vec<&'p str>]) -> Self {
        let mut needed: HashMap<&'p str, usize> = HashMap::new();
        for scope in candidates.iter().flatten() {
            *needed.entry(scope).or_default() += 1;
        }
        let mut covers: HashMap<&'p str, Vec<usize>> = HashMap::new();
        for (route, used) in used.iter().enumerate() {
            for scope in used.route.accepted().iter().map(Scope::name) {
                if needed.contains_key(scope) {
                    covers.entry(scope).or_default().push(route);
                }
            }
        }
        Self {
            candidates,
            covers,
            chosen: BTreeSet::new(),
            times: vec![0; used.len()],
            needed,
        }
    }

    /// Chooses a scope. Which scopes are needed for fewer routes now, each with
    /// how many before and after.
    fn take(&mut self, scope: &'p str) -> Vec<(&'p str, usize, usize)> {
        if !self.chosen.insert(scope) {
            return Vec::new();
        }
        let mut before: HashMap<&'p str, usize> = HashMap::new();
        for &route in self.covers.get(scope).into_iter().flatten() {
            self.times[route] += 1;
            if self.times[route] > 1 {
                continue;
            }
            for candidate in &self.candidates[route] {
                let needed = self.needed.entry(candidate).or_default();
                before.entry(candidate).or_insert(*needed);
                *needed -= 1;
            }
        }
        before
            .into_iter()
            .map(|(scope, before)| (scope, before, self.needed[scope]))
            .collect()
    }

    /// Does without a scope, if others cover all of its routes.
    fn leave(&mut self, scope: &str) {
        let routes = self.covers.get(scope).map_or(&[][..], Vec::as_slice);
        if routes.iter().all(|route| self.times[*route] > 1) {
            for route in routes {
                self.times[*route] -= 1;
            }
            self.chosen.remove(scope);
        }
    }
}

/// The scopes that each used route is listed under: the narrow ones, or if
/// there are none, `r:*`.
fn candidates<'p>(model: &Model, used: &[Used<'p>]) -> Vec<Vec<&'p str>> {
    let mut listed = HashMap::new();
    for route in model.templates.iter().flat_map(|listing| &listing.routes) {
        listed.insert((route.method, route.text.as_str()), &route.listed);
    }
    used.iter()
        .map(|used| {
            let key = (used.route.method(), used.route.template());
            let Some(listed) = listed.get(&key) else {
                return vec![used.narrowest()];
            };
            let listed: Vec<&ScopeName> = listed
                .lists()
                .into_iter()
                .flatten()
                .filter_map(ScopeList::single)
                .collect();
            let any_narrow = listed.iter().any(|scope| !scope.is_full());
            let names: BTreeSet<String> = listed
                .iter()
                .filter(|scope| !any_narrow || !scope.is_full())
                .map(ToString::to_string)
                .collect();
            let accepted = used.route.accepted().iter().map(Scope::name);
            accepted.filter(|name| names.contains(*name)).collect()
        })
        .collect()
}

/// Gives each used route to the narrowest scope chosen for it.
fn attribute<'p>(
    chosen: &BTreeSet<&'p str>,
    used: &[Used<'p>],
    opens: impl Fn(&str) -> usize,
) -> Vec<Choice<'p>> {
    let mut choices: Vec<Choice<'p>> = chosen
        .iter()
        .map(|scope| Choice {
            scope,
            opens: opens(scope),
            routes: Vec::new(),
        })
        .collect();
    for used in used {
        let mut accepted = used.route.accepted().iter().map(Scope::name);
        let place = accepted.find_map(|name| {
            choices
                .binary_search_by(|choice| choice.scope.cmp(name))
                .ok()
        });
        if let Some(choice) = place.and_then(|place| choices.get_mut(place)) {
            choice.routes.push(*used);
        }
    }
    for choice in &mut choices {
        choice
            .routes
            .sort_by_cached_key(|used| (Reverse(used.requests), used.route.to_string()));
    }
    choices
}

#[cfg(test)]
mod tests {
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
        let choices = choose(policy, compiled.model(), &used);
        // Every route is given to exactly one scope.
        let given: usize = choices.iter().map(|choice| choice.routes.len()).sum();
        assert_eq!(given, used.len());
        let names: Vec<&str> = choices.iter().map(|choice| choice.scope).collect();
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
}
