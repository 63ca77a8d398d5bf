//! An explanation of what a key opens and what it lacks.

use routescope::{By, Decision, Route, RouteDenial, Scope};

use super::explanation::{Explanation, Lacking};
use super::question::Question;
use crate::needs::{self, Needed};
use crate::wire::{Shown, count};

impl<'q> Question<'q> {
    pub(super) fn allowed(&self, explanation: &mut Explanation<'q>, route: Route<'q>, by: By<'q>) {
        explanation.summary = match by {
            By::Scope(scope) => {
                format!("The key holds `{}`, which the route accepts.", scope.name())
            }
            By::All(alternative) => {
                let wanted: Vec<&str> = alternative.scopes().map(Scope::name).collect();
                let needed = explanation.needed.iter();
                let held: Vec<String> = needed
                    .filter(|needed| needed.names() == wanted)
                    .flat_map(|needed| &needed.scopes)
                    .filter_map(|wanted| {
                        let held = wanted.met_by(|name| self.holds(name))?;
                        Some(match held == wanted.name {
                            true => format!("`{held}`"),
                            false => format!("`{held}`, which implies `{}`", wanted.name),
                        })
                    })
                    .collect();
                let held: Vec<&str> = held.iter().map(String::as_str).collect();
                let held = needs::joined(&held, "and", str::to_owned);
                format!("The key holds {held}: all that the route needs together.")
            }
            By::AnyKey => "The route is open to every valid key, whatever its scopes.".to_owned(),
            By::Public => "The route is public: no key is looked at.".to_owned(),
        };
        if let By::Scope(by) = by
            && let Some(narrowest) = explanation.needed.first()
            && narrowest.single() != Some(by.name())
        {
            explanation.advice.push(format!(
                "For this request {} would do: {} {}, `{}` {}.",
                narrowest.in_words(code),
                it_opens(narrowest),
                self.opens_together(&narrowest.names()),
                by.name(),
                self.opens(by.name())
            ));
        }
        if by == By::AnyKey {
            explanation.advice.push(
                "A request without a key, or with one that is unknown or expired, is denied with 401."
                    .to_owned(),
            );
        }
        if route.method().as_str().as_bytes() != self.method {
            explanation.advice.push(format!(
                "The policy lists {}; it answers {} as well.",
                route.method(),
                Shown(self.method)
            ));
        }
        explanation.advice.extend(self.pasted(route));
    }

    pub(super) fn missing_scope(&self, explanation: &mut Explanation<'q>, route: Route<'q>) {
        // The fewest missing scopes, and of those the narrowest alternative.
        let nearest = explanation
            .needed
            .iter()
            .min_by_key(|needed| needed.lacking(|name| self.holds(name)).len())
            .cloned();
        let only_sets = explanation.accepted.is_empty();
        explanation.lacking = nearest.as_ref().map(|needed| Lacking {
            lacks: needed.lacking(|name| self.holds(name)),
            has: needed
                .scopes
                .iter()
                .filter_map(|wanted| wanted.met_by(|name| self.holds(name)))
                .collect(),
        });
        let lacking = explanation.lacking.as_ref();
        explanation.summary = match lacking {
            _ if self.held.is_empty() && only_sets => {
                "The key holds no scope, and the route needs several together.".to_owned()
            }
            _ if self.held.is_empty() => {
                "The key holds no scope, and the route needs one.".to_owned()
            }
            Some(Lacking { lacks, has }) if !has.is_empty() => format!(
                "The key lacks {}; it has {}, and the route needs all of them together.",
                needs::joined(lacks, "and", code),
                needs::joined(has, "and", code)
            ),
            _ if self.holds_a_part(explanation) => {
                "The key holds nothing that the route accepts completely.".to_owned()
            }
            _ => "The key holds none of the scopes that the route accepts.".to_owned(),
        };
        let all: Vec<&str> = explanation.alternatives.iter().flatten().copied().collect();
        for held in &explanation.held {
            let Some(meant) = held.nearest.filter(|nearest| all.contains(nearest)) else {
                continue;
            };
            let corrected: Vec<&str> = self
                .held
                .iter()
                .map(|name| if *name == held.scope { meant } else { name })
                .collect();
            let decision = route.authorize(&corrected);
            explanation.advice.push(match decision.is_allow() {
                true => format!(
                    "Correct the key's `{}`: `{meant}` would allow the request.",
                    held.scope
                ),
                false => format!(
                    "Correct the key's `{}`: `{meant}` is one of the scopes that the request needs.",
                    held.scope
                ),
            });
        }
        if let Some(nearest) = &nearest {
            explanation.advice.push(self.give(nearest));
        }
        if self.held.is_empty() {
            explanation
                .advice
                .push("To ask about a key, name its scopes with `--scope`.".to_owned());
        }
        explanation.advice.extend(self.pasted(route));
    }

    /// Whether the key holds a part of some alternative.
    fn holds_a_part(&self, explanation: &Explanation<'q>) -> bool {
        let mut wanted = explanation.needed.iter().flat_map(|one| &one.scopes);
        wanted.any(|wanted| wanted.met_by(|name| self.holds(name)).is_some())
    }

    /// The advice to give the key what it lacks of an alternative.
    fn give(&self, needed: &Needed<'q>) -> String {
        let names = needed.names();
        if let [scope] = names.as_slice() {
            return format!(
                "Give the key `{scope}`, the narrowest scope that allows the request; it opens {}.",
                self.opens(scope)
            );
        }
        let lacking = needed.lacking(|name| self.holds(name));
        let also = if lacking.len() < names.len() {
            " as well"
        } else {
            ", which the route needs together"
        };
        format!(
            "Give the key {}{also}; {} open {}.",
            needs::joined(&lacking, "and", code),
            needed.in_words(code),
            self.opens_together(&names)
        )
    }

    /// The request has no key and calls no public route.
    pub(super) fn missing_key(&self, explanation: &mut Explanation<'q>) {
        explanation.summary =
            "The request carries no key, and only public routes are open to it.".to_owned();
        match self.decision() {
            Decision::Allow { route, .. } | Decision::Deny(RouteDenial::MissingScope(route)) => {
                self.reached(explanation, route);
                explanation.advice.push(match explanation.needed.first() {
                    None => "Send a valid key: the route is open to each, whatever its scopes."
                        .to_owned(),
                    Some(narrowest) => format!(
                        "Send a key that holds {}, the narrowest that allows the request.",
                        narrowest.in_words(code)
                    ),
                });
                explanation.advice.extend(self.pasted(route));
            }
            Decision::Deny(denial) => explanation.advice.push(format!(
                "A key would not help: with one, the request is denied as {}. Ask without `--no-key` why.",
                denial.reason()
            )),
        }
        if !self.policy.has_public_routes() {
            explanation
                .advice
                .push("The policy has no public route.".to_owned());
        }
    }

    fn holds(&self, name: &str) -> bool {
        self.held.contains(&name)
    }

    /// Returns the number of routes that scopes open together, and no key opens without a scope:
    /// `4 routes`.
    fn opens_together(&self, scopes: &[&str]) -> String {
        let routes = self.policy.routes();
        let opened = routes.filter(|route| {
            let by = route
                .authorize(scopes)
                .into_result()
                .map(|allowed| allowed.by);
            matches!(by, Ok(By::Scope(_) | By::All(_)))
        });
        count(opened.count() as u64, "route")
    }

    /// `4 routes`
    fn opens(&self, scope: &str) -> String {
        let scope = self.policy.scopes().find(|known| known.name() == scope);
        let routes = scope.map_or(0, |scope| scope.routes().count());
        count(routes as u64, "route")
    }
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn it_opens(needed: &Needed<'_>) -> &'static str {
    match needed.single() {
        Some(_) => "it opens",
        None => "together they open",
    }
}
