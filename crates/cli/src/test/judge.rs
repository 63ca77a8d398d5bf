//! The verdict on a case, and advice if it failed.

use routescope::{Decision, Policy, RouteDenial};
use serde::Serialize;

use super::file::Case;
use crate::wire::{cut, some};

/// The verdict on a case.
#[derive(Debug)]
pub(super) struct Verdict<'p> {
    pub(super) passed: bool,
    pub(super) got: Got,
    /// The decision, to be told in a sentence.
    pub(super) decision: Decision<'p>,
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
    let decision = policy.authorize(&held, &case.method, &case.target);
    let got = Got::new(&decision);
    let expected = match case.want.expect {
        "allow" | "deny" => got.decision == case.want.expect,
        reason => got.reason == Some(reason),
    };
    let is = |want: &Option<String>, got: Option<&str>| want.is_none() || want.as_deref() == got;
    let route = is(&case.want.route, got.route.as_deref());
    let by = is(&case.want.by, got.by.as_deref());
    let rule = is(&case.want.rule, got.rule);
    let passed = expected && route && by && rule;
    let help = if !expected {
        unexpected(case, &decision)
    } else {
        let mut help = Vec::new();
        if let (false, Some(got)) = (route, &got.route) {
            help.push(format!(
                "another route takes this request; if that is right, write `route: {got}`"
            ));
        } else if !route {
            help.push("no route takes this request; if that is right, remove `route`".to_owned());
        }
        if let (false, Some(got)) = (by, &got.by) {
            help.push(format!(
                "the narrowest scope that the key holds allows it; if that is right, write `by: \"{got}\"`"
            ));
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
            Decision::Deny(RouteDenial::MissingScope(route))
                if route.accepted().len() > MOST_SCOPES =>
            {
                let accepted = some(route.accepted(), MOST_SCOPES, |scope| scope.to_string());
                format!("deny missing_scope: {route} accepts {accepted}")
            }
            decision => decision.to_string(),
        }
    }
}

/// At most this many scopes of a list are shown.
pub(super) const MOST_SCOPES: usize = 10;

impl Got {
    fn new(decision: &Decision<'_>) -> Self {
        let mut got = Self {
            decision: "deny",
            reason: decision.denial().map(|denial| denial.reason().as_str()),
            route: None,
            by: None,
            rule: None,
        };
        match decision {
            Decision::Allow { route, by } => {
                got.decision = "allow";
                got.route = Some(route.to_string());
                got.by = Some(by.to_string());
            }
            Decision::Deny(RouteDenial::MissingScope(route)) => got.route = Some(route.to_string()),
            Decision::Deny(RouteDenial::BadPath(bad)) => got.rule = Some(bad.rule.as_str()),
            Decision::Deny(_) => {}
        }
        got
    }
}

/// Advice: first if the test is right, then if the policy is.
fn unexpected(case: &Case, decision: &Decision<'_>) -> Vec<String> {
    let right = match decision {
        Decision::Allow { route, by } => format!(
            "`{by}` opens what the case forbids: if the case is right, list `{route}` under another scope, or remove it"
        ),
        Decision::Deny(RouteDenial::MissingScope(route)) => match case.want.expect {
            "allow" => {
                format!(
                    "if the case is right, list `{route}` under a scope that this key holds; or let the case hold one of {}",
                    some(route.accepted(), MOST_SCOPES, |scope| format!("`{scope}`"))
                )
            }
            _ => format!("the path is that of `{route}`: compare the request with what the case means"),
        },
        Decision::Deny(RouteDenial::UnknownRoute) => {
            "no route of the policy has this path: compare each part and the slash at the end; if the case is right, add the route"
                .to_owned()
        }
        Decision::Deny(RouteDenial::MethodNotListed { template, methods }) => format!(
            "`{template}` answers {methods}: correct the method; if the case is right, list `{} {template}`",
            cut(&case.method)
        ),
        Decision::Deny(RouteDenial::BadPath(bad)) => format!(
            "the path breaks the rule `{}`, whatever the policy lists: correct the request",
            bad.rule
        ),
        Decision::Deny(RouteDenial::BadMethod) => {
            "no policy can list this method: correct the request; case matters".to_owned()
        }
    };
    let expect = decision
        .denial()
        .map_or("allow", |denial| denial.reason().as_str());
    vec![
        right,
        format!("if the policy is right, write `expect: {expect}`"),
    ]
}
