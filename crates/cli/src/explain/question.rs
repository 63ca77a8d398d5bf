//! The question that an explanation answers.

use routescope::{Decision, Policy, RouteDenial};
use routescope_compiler::Matcher;
use routescope_compiler::model::Model;

/// A request, and the scopes of the key that makes it.
pub(super) struct Question<'q> {
    pub(super) policy: Policy<'q>,
    pub(super) model: &'q Model,
    pub(super) matcher: &'q Matcher<'q>,
    pub(super) method: &'q [u8],
    pub(super) target: &'q [u8],
    pub(super) held: &'q [&'q str],
}

impl<'q> Question<'q> {
    /// The engine's decision.
    pub(super) fn decision(&self) -> Decision<'q> {
        self.policy.authorize(self.held, self.method, self.target)
    }

    /// The template that the engine chooses for another path, whether or not it lists the
    /// method.
    pub(super) fn winner(&self, path: &str) -> Option<&'q str> {
        match self.policy.route(self.method, path.as_bytes()) {
            Ok(route) => Some(route.template()),
            Err(RouteDenial::MethodNotListed { template, .. }) => Some(template),
            Err(_) => None,
        }
    }

    /// `The request is then denied: missing_scope.`
    pub(super) fn then(&self, method: &[u8], target: &[u8]) -> String {
        match self.policy.authorize(self.held, method, target).denial() {
            None => "The request is then allowed.".to_owned(),
            Some(denial) => format!("The request is then denied: {}.", denial.reason()),
        }
    }

    /// The target, if it is text: every target that keeps the path rules is ASCII.
    pub(super) fn text(&self) -> Option<&'q str> {
        std::str::from_utf8(self.target).ok()
    }

    /// The segments of the path, and whether it ends in a slash. The root has no segment and
    /// ends in one.
    pub(super) fn path(&self) -> (Vec<&'q str>, bool) {
        let (path, _) = split_query(self.text().unwrap_or_default());
        let slash = path.ends_with('/');
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        (segments.collect(), slash)
    }
}

/// A path and its query, with the `?`.
pub(super) fn split_query(target: &str) -> (&str, &str) {
    target.split_at(target.find('?').unwrap_or(target.len()))
}
