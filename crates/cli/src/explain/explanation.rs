//! An explanation of a decision.
//!
//! The engine decides. The rest is told from the model, and never decides anything.

use routescope::{BadPath, Decision, Denial, Method, Methods, PathRule, Route, RouteDenial, Scope};
use routescope_compiler::is_wildcard;
use serde::Serialize;

use super::matching::Matching;
use super::nearest::{self, Near};
use super::offence::Offence;
use super::question::Question;
use crate::held::HeldScope;
use crate::needs::{self, Needed};
use crate::output::JSON_VERSION;
use crate::wire::{self, Shown};

/// The JSON document of `explain`. Every field is always there.
#[derive(Debug, Serialize)]
pub(super) struct Explanation<'q> {
    version: u32,
    policy: PolicyName<'q>,
    digest: String,
    pub(super) request: Request,
    /// `allow` or `deny`.
    pub(super) decision: &'static str,
    pub(super) status: u16,
    /// The reason's name, of a denial.
    pub(super) reason: Option<&'static str>,
    /// The decision in a sentence.
    pub(super) summary: String,
    /// The route that decided, if the request got as far.
    pub(super) route: Option<String>,
    /// Why it is allowed: the held scope, the scopes of a complete set, `any key` or `public`.
    pub(super) by: Option<String>,
    /// The kind of that: `scope`, `all`, `any_key` or `public`.
    pub(super) by_kind: Option<&'static str>,
    /// The kind of its requirement: `scopes`, `any_key` or `public`.
    pub(super) needs: Option<&'static str>,
    /// The scopes of which each alone suffices, narrowest first.
    pub(super) accepted: Vec<&'q str>,
    /// The alternatives, narrowest first: a key needs all scopes of one of them.
    pub(super) alternatives: Vec<Vec<&'q str>>,
    /// The alternative of which the key lacks the fewest scopes, of a missing scope.
    pub(super) lacking: Option<Lacking<'q>>,
    #[serde(skip)]
    pub(super) needed: Vec<Needed<'q>>,
    /// Whether the request carries a key.
    pub(super) key: bool,
    pub(super) held: Vec<HeldScope<'q>>,
    /// The templates that match the path, the one that wins first.
    pub(super) matching: Vec<Matching>,
    /// The broken path rule, and the bytes that break it.
    pub(super) refusal: Option<Refusal>,
    /// The nearest templates, if none matches.
    pub(super) nearest: Vec<Near>,
    /// Advice, most useful first.
    pub(super) advice: Vec<String>,
    /// The answer of a gateway, unless it forwards the request.
    pub(super) response: Option<Response>,
}

/// An alternative that a key does not hold completely.
#[derive(Debug, Serialize)]
pub(super) struct Lacking<'q> {
    pub(super) lacks: Vec<&'q str>,
    /// The held scopes that meet the others, each by itself or because it implies one of them.
    pub(super) has: Vec<&'q str>,
}

#[derive(Debug, Serialize)]
struct PolicyName<'q> {
    name: &'q str,
    updated: Option<&'q str>,
    digest: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Request {
    pub(super) method: String,
    target: Option<String>,
    /// Instead of `target` where that is no UTF-8.
    target_hex: Option<String>,
}

/// A broken path rule.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) rule: &'static str,
    /// The bytes at fault: offset in the target, and how many.
    at: usize,
    length: usize,
    #[serde(skip)]
    pub(super) offence: Offence,
    pub(super) says: &'static str,
    pub(super) attack: &'static str,
    /// The policy's literal that a value resembles, or the affix such as `{}:cancel`.
    pub(super) resembles: Option<String>,
    /// Whether it does because it has a wildcard of Windows.
    #[serde(skip)]
    pub(super) is_wildcard: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Response {
    pub(super) status_line: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Explanation<'_> {
    pub(super) fn is_allow(&self) -> bool {
        self.decision == "allow"
    }
}

impl<'q> Question<'q> {
    /// Asks the engine, and tells the rest.
    pub(super) fn answer(&self) -> Explanation<'q> {
        let denial = self.denial();
        let (target, target_hex) = wire::text_or_hex(self.target);
        let mut explanation = Explanation {
            version: JSON_VERSION,
            policy: PolicyName {
                name: self.policy.name(),
                updated: self.policy.updated(),
                digest: wire::to_hex(self.policy.digest()),
            },
            digest: wire::to_hex(self.policy.digest()),
            request: Request {
                method: String::from_utf8_lossy(self.method).into_owned(),
                target,
                target_hex,
            },
            decision: if denial.is_none() { "allow" } else { "deny" },
            status: denial.map_or(200, |denial| denial.status()),
            reason: denial.map(|denial| denial.reason().as_str()),
            summary: String::new(),
            route: None,
            by: None,
            by_kind: None,
            needs: None,
            accepted: Vec::new(),
            alternatives: Vec::new(),
            lacking: None,
            needed: Vec::new(),
            key: !self.no_key,
            held: self
                .held
                .iter()
                .map(|name| HeldScope::look_up(self.policy, name))
                .collect(),
            matching: Vec::new(),
            refusal: None,
            nearest: Vec::new(),
            advice: Vec::new(),
            response: denial.map(response),
        };
        if let Some(Denial::Key(_)) = denial {
            self.missing_key(&mut explanation);
            return explanation;
        }
        match self.decision() {
            Decision::Allow { route, by } => {
                explanation.by = Some(by.to_string());
                explanation.by_kind = Some(by.as_str());
                self.reached(&mut explanation, route);
                self.allowed(&mut explanation, route, by);
            }
            Decision::Deny(RouteDenial::MissingScope(route)) => {
                self.reached(&mut explanation, route);
                self.missing_scope(&mut explanation, route);
            }
            Decision::Deny(RouteDenial::MethodNotListed { template, methods }) => {
                explanation.matching = self.matching(template);
                self.method_not_listed(&mut explanation, template, methods);
            }
            Decision::Deny(RouteDenial::UnknownRoute) => self.unknown_route(&mut explanation),
            Decision::Deny(RouteDenial::BadPath(bad)) => self.bad_path(&mut explanation, bad),
            Decision::Deny(RouteDenial::BadMethod) => self.bad_method(&mut explanation),
        }
        explanation
    }

    pub(super) fn reached(&self, explanation: &mut Explanation<'q>, route: Route<'q>) {
        explanation.route = Some(route.to_string());
        explanation.needs = Some(needs::kind(route));
        explanation.accepted = route.accepted().iter().map(Scope::name).collect();
        explanation.needed = needs::alternatives(route);
        let needed = explanation.needed.iter();
        explanation.alternatives = needed.map(Needed::names).collect();
        explanation.matching = self.matching(route.template());
    }

    fn method_not_listed(
        &self,
        explanation: &mut Explanation<'q>,
        template: &str,
        methods: Methods,
    ) {
        let method = Shown(self.method);
        explanation.summary =
            format!("The path is known, but the policy does not list {method} on it.");
        explanation.advice.push(format!("Use {}.", either(methods)));
        let hidden = explanation
            .matching
            .iter()
            .skip(1)
            .find(|other| other.methods.iter().any(|m| m.as_bytes() == self.method));
        if let Some(hidden) = hidden {
            explanation.advice.push(format!(
                "`{method} {}` is listed, but not for this path: the more specific `{template}` decides alone, so that no wider route opens what it leaves closed.",
                hidden.template
            ));
        }
        explanation.advice.push(format!(
            "If the API has it, list `{method} {template}` in the policy, under the scope that should open it."
        ));
    }

    fn unknown_route(&self, explanation: &mut Explanation<'q>) {
        explanation.summary =
            "No template of the policy matches the path. What is not listed is denied.".to_owned();
        let (path, slash) = self.path();
        let method = String::from_utf8_lossy(self.method);
        let winner = |path: &str| self.winner(path);
        explanation.nearest = nearest::templates(self.model, &path, slash, &method, winner);
        if let Some(root) = explanation.nearest.iter().find(|near| near.is_root) {
            let target = self.target.split(|byte| *byte == b'?').next();
            let path = Shown(target.unwrap_or_default());
            explanation.advice.push(format!(
                "A catch-all takes one or more segments: `{}` does not match `{path}` itself. If that is meant to be open too, list `{method} {path}` as well.",
                root.template
            ));
        }
        explanation.advice.push(if explanation.nearest.is_empty() {
            "Nothing in the policy is like it: see whether the request goes to the right API, and `routescope routes` for what there is."
                .to_owned()
        } else {
            "If one of the templates below is meant, change the request as it says.".to_owned()
        });
        explanation.advice.push(
            "If the API has the route, list it in the policy, under the scope that should open it."
                .to_owned(),
        );
    }

    fn bad_path(&self, explanation: &mut Explanation<'q>, bad: BadPath) {
        let offence = Offence::of(bad, self.target);
        let resembles = self.resembled(bad);
        explanation.summary =
            "The target breaks a path rule, so it is refused whatever the key holds.".to_owned();
        let is_wildcard = resembles.is_some()
            && std::str::from_utf8(offence.bytes(self.target)).is_ok_and(is_wildcard);
        explanation.advice.push(match &resembles {
            Some(narrower) if !is_wildcard => format!(
                "Write `{narrower}` if its route is meant; a value that resembles it cannot be addressed."
            ),
            _ => self.repair(bad.rule, offence),
        });
        explanation.refusal = Some(Refusal {
            rule: bad.rule.as_str(),
            at: offence.start,
            length: offence.end - offence.start,
            offence,
            says: bad.rule.summary(),
            attack: bad.rule.attack(),
            resembles,
            is_wildcard,
        });
    }

    /// The literal or affix for which rule 7 refuses a value of the path.
    fn resembled(&self, bad: BadPath) -> Option<String> {
        if bad.rule != PathRule::ShadowsLiteral {
            return None;
        }
        let before = self.target.get(..bad.at)?;
        let slashes = before.iter().filter(|byte| **byte == b'/').count();
        let segment = slashes.checked_sub(1)?;
        let found = self.matcher.resembled(self.text()?, segment)?;
        Some(found.to_string())
    }

    fn bad_method(&self, explanation: &mut Explanation<'q>) {
        let known: Vec<&str> = Method::ALL.iter().map(|method| method.as_str()).collect();
        explanation.summary = format!(
            "`{}` is none of the methods that a policy can list.",
            Shown(self.method)
        );
        if let Some(swapped) = self.swapped() {
            explanation.advice.push(swapped);
            return;
        }
        let upper = self.method.trim_ascii().to_ascii_uppercase();
        explanation.advice.push(match Method::from_bytes(&upper) {
            Some(method) => {
                let then = self.then(method.as_str().as_bytes(), self.target);
                format!("Write `{method}`: methods are compared byte for byte. {then}")
            }
            None => format!("Use one of {}.", known.join(", ")),
        });
    }
}

/// The answer of a gateway that denies a request.
fn response(denial: Denial<'_>) -> Response {
    let status = denial.status();
    let phrase = if status == 401 {
        "Unauthorized"
    } else {
        "Forbidden"
    };
    let challenge = denial
        .challenge()
        .map(|value| ("WWW-Authenticate", value.to_string()));
    let accepted = denial
        .alternatives()
        .map(|value| ("X-Accepted-Scopes", value.to_string()));
    Response {
        status_line: format!("HTTP/1.1 {status} {phrase}"),
        headers: challenge.into_iter().chain(accepted).collect(),
    }
}

/// `GET, HEAD or PUT`
fn either(methods: Methods) -> String {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "another path".to_owned(),
    }
}
