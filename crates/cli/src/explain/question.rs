//! The question that an explanation answers.

use routescope::{Decision, Denial, KeyDenial, Policy, RouteDenial};
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
    /// Whether the request carries no key.
    pub(super) no_key: bool,
}

impl<'q> Question<'q> {
    /// The engine's decision on a request with a key.
    pub(super) fn decision(&self) -> Decision<'q> {
        self.policy.authorize(self.held, self.method, self.target)
    }

    /// Why the request is denied, if it is: without a key, unless the route is public.
    pub(super) fn denial(&self) -> Option<Denial<'q>> {
        self.denial_of(self.method, self.target)
    }

    fn denial_of(&self, method: &[u8], target: &[u8]) -> Option<Denial<'q>> {
        if self.no_key {
            let public = self.policy.public_route(method, target);
            return match public {
                Some(_) => None,
                None => Some(KeyDenial::Missing.into()),
            };
        }
        let denial = self.policy.authorize(self.held, method, target).denial();
        denial.map(Denial::Route)
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
        match self.denial_of(method, target) {
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
