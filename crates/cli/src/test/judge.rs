//! The verdict on a case, and advice if it failed.

use routescope::{Allowed, Alternative, By, Decision, Denial, Policy, Route, RouteDenial};
use serde::Serialize;

use super::file::Case;
use crate::authorize::authorize;
use crate::lacking::Incomplete;
use crate::wire::{cut, some};

/// The verdict on a case.
#[derive(Debug)]
pub(super) struct Verdict<'p> {
    pub(super) passed: bool,
    pub(super) got: Got,
    /// The decision, to be told in a sentence.
    pub(super) decision: Result<Allowed<'p>, Denial<'p>>,
    /// Advice on a case that failed.
    pub(super) help: Vec<String>,
}

/// A decision in the words of a case.
#[derive(Debug, Serialize)]
pub(super) struct Got {
    decision: &'static str,
    reason: Option<&'static str>,
    pub(super) route: Option<String>,
    by: Option<String>,
    rule: Option<&'static str>,
}

/// Decides the case's request, and compares.
pub(super) fn judge<'p>(case: &Case, policy: Policy<'p>) -> Verdict<'p> {
    // The scopes are prepared: a route that accepts many would be compared with each name.
    let held = policy.scope_set(&case.scopes);
    let held = case.has_key.then_some(&held);
    let decision = authorize(policy, held, &case.method, case.target.as_bytes());
    let got = Got::new(&decision);
    let expected = match case.want.expect {
        "allow" | "deny" => got.decision == case.want.expect,
        reason => got.reason == Some(reason),
    };
    let is = |want: &Option<String>, got: Option<&str>| want.is_none() || want.as_deref() == got;
    let route = is(&case.want.route, got.route.as_deref());
    // The order of scopes that are needed together means nothing.
    let sorted = |by: &str| {
        let mut names: Vec<&str> = by.split(' ').collect();
        names.sort_unstable();
        names.join(" ")
    };
    let by = is(&case.want.by.as_deref().map(sorted), got.by.as_deref());
    let rule = is(&case.want.rule, got.rule);
    let passed = expected && route && by && rule;
    let help = if !expected {
        unexpected(case, policy, &decision)
    } else {
        let mut help = Vec::new();
        if let (false, Some(got)) = (route, &got.route) {
            help.push(format!(
                "another route takes this request; if that is right, write `route: {got}`"
            ));
        } else if !route {
            help.push("no route takes this request; if that is right, remove `route`".to_owned());
        }
        if let (false, Ok(Allowed { by, .. })) = (by, &decision) {
            let why = match by {
                By::Scope(_) => "the narrowest scope that the key holds allows it",
                By::All(_) => {
                    "the key holds no scope that suffices alone, and all of a set that does"
                }
                By::AnyKey => "the route is open to every valid key",
                By::Public => "the route is public",
            };
            help.push(format!("{why}; if that is right, write `by: \"{by}\"`"));
        }
        if let (false, Some(got)) = (rule, got.rule) {
            help.push(format!(
                "the path breaks another rule first; if that is right, write `rule: {got}`"
            ));
        }
        help
    };
    Verdict {
        passed,
        got,
        decision,
        help,
    }
}

impl Verdict<'_> {
    /// The decision in a sentence. A route may accept thousands of scopes.
    pub(super) fn sentence(&self) -> String {
        match self.decision {
            Ok(Allowed { route, by }) => Decision::Allow { route, by }.to_string(),
            Err(Denial::Route(RouteDenial::MissingScope(route))) => {
                let accepted = some(alternatives(route), MOST_SCOPES, |set| set.to_string());
                format!("deny missing_scope: {route} accepts {accepted}")
            }
            Err(denial) => format!("deny {denial}"),
        }
    }
}

/// At most this many scopes of a list are shown.
pub(super) const MOST_SCOPES: usize = 10;

fn alternatives(route: Route<'_>) -> impl Iterator<Item = Alternative<'_>> {
    route.requirement().alternatives().into_iter().flatten()
}

impl Got {
    fn new(decision: &Result<Allowed<'_>, Denial<'_>>) -> Self {
        let mut got = Self {
            decision: "deny",
            reason: None,
            route: None,
            by: None,
            rule: None,
        };
        match decision {
            Ok(Allowed { route, by }) => {
                got.decision = "allow";
                got.route = Some(route.to_string());
                got.by = Some(by.to_string());
            }
            Err(denial) => got.reason = Some(denial.reason().as_str()),
        }
        match decision {
            Err(Denial::Route(RouteDenial::MissingScope(route))) => {
                got.route = Some(route.to_string());
            }
            Err(Denial::Route(RouteDenial::BadPath(bad))) => got.rule = Some(bad.rule.as_str()),
            Ok(_) | Err(_) => {}
        }
        got
    }
}

/// Advice: first if the test is right, then if the policy is.
fn unexpected(
    case: &Case,
    policy: Policy<'_>,
    decision: &Result<Allowed<'_>, Denial<'_>>,
) -> Vec<String> {
    let mut help = match decision {
        Ok(Allowed { route, by }) => {
            let opens = match by {
                By::Scope(_) | By::All(_) => format!("`{by}` opens what the case forbids"),
                By::AnyKey => "every valid key opens what the case forbids".to_owned(),
                By::Public => "the case forbids a public route".to_owned(),
            };
            let instead = match by {
                By::Scope(_) => "another scope",
                By::All(_) => "other scopes",
                By::AnyKey | By::Public => "a scope",
            };
            vec![format!(
                "{opens}: if the case is right, list `{route}` under {instead}, or remove it"
            )]
        }
        Err(Denial::Route(denial)) => denied(case, denial),
        // A case has a valid key or none.
        Err(Denial::Key(_)) => vec![match policy.route(&case.method, &case.target) {
            Ok(route) => format!(
                "without a key, only public routes are open: if the case is right, list `{route}` under `public`"
            ),
            Err(denial) => format!(
                "without a key, only public routes are open, and no key could do this: {}",
                denial.reason()
            ),
        }],
    };
    let expect = match decision {
        Ok(_) => "allow",
        Err(denial) => denial.reason().as_str(),
    };
    help.push(format!("if the policy is right, write `expect: {expect}`"));
    help
}

fn denied(case: &Case, denial: &RouteDenial<'_>) -> Vec<String> {
    let advice = match denial {
        RouteDenial::MissingScope(route) => match case.want.expect {
            "allow" => return missing_scope(case, *route),
            _ => format!("the path is that of `{route}`: compare the request with what the case means"),
        },
        RouteDenial::UnknownRoute => {
            "no route of the policy has this path: compare each part and the slash at the end; if the case is right, add the route"
                .to_owned()
        }
        RouteDenial::MethodNotListed { template, methods } => format!(
            "`{template}` answers {methods}: correct the method; if the case is right, list `{} {template}`",
            cut(&case.method)
        ),
        RouteDenial::BadPath(bad) => format!(
            "the path breaks the rule `{}`, whatever the policy lists: correct the request",
            bad.rule
        ),
        RouteDenial::BadMethod => {
            "no policy can list this method: correct the request; case matters".to_owned()
        }
    };
    vec![advice]
}

fn missing_scope(case: &Case, route: Route<'_>) -> Vec<String> {
    let shown = some(alternatives(route), MOST_SCOPES, |set| format!("`{set}`"));
    let has_sets = alternatives(route).any(|set| set.as_scope().is_none());
    let one = match (has_sets, alternatives(route).count()) {
        (true, 1) => "all of",
        (true, _) => "all of one of",
        (false, _) => "one of",
    };
    let mut advice = Vec::new();
    if let Some(set) = Incomplete::nearest(route, &case.scopes) {
        advice.push(set.in_words());
    }
    advice.push(format!(
        "if the case is right, list `{route}` under a scope that this key holds; or let the case hold {one} {shown}"
    ));
    advice
}
