//! Requests, and their right answers.
//!
//! Both come from the shared vectors in `tests/vectors/pbx.tsv`, which the oracle wrote.

use fastrand::Rng;
use routescope::{Decision, RouteDenial, pbx};

const VECTORS: &str = include_str!("../../tests/vectors/pbx.tsv");

/// A target of the vectors at their limits is no ordinary request.
const LONGEST: usize = 512;

/// One request, and its right answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// The scopes of the key, separated by spaces.
    pub(crate) scopes: &'static str,
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    /// `allow`, or the reason why not.
    pub(crate) answer: &'static str,
    /// The route or the template that the answer carries.
    pub(crate) route: &'static str,
}

/// A request as its caller has it: with a prepared set of scopes.
pub(crate) struct Question {
    held: pbx::ScopeSet,
    method: &'static str,
    target: &'static str,
}

impl Question {
    pub(crate) fn decide(&self) -> Decision<'static> {
        pbx::authorize(&self.held, self.method, self.target)
    }
}

/// The requests of the vectors.
pub(crate) fn vectors() -> Vec<Request> {
    VECTORS.lines().filter_map(Request::read).collect()
}

impl Request {
    /// A line of the vectors, if it is a decision on a target that is text.
    fn read(line: &'static str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let ["decide", method, target, scopes, answer, route, _] = fields[..] else {
            return None;
        };
        let is_ordinary = target.len() <= LONGEST && !line.contains('\\');
        is_ordinary.then_some(Self {
            scopes,
            method,
            target,
            answer,
            route,
        })
    }

    /// The names of the scopes of the key.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.scopes.split(' ').filter(|name| !name.is_empty())
    }

    pub(crate) fn question(&self) -> Question {
        Question {
            held: pbx::scope_set(self.names()),
            method: self.method,
            target: self.target,
        }
    }

    /// The target without its query, for whoever matches only paths, at no cost to them.
    pub(crate) fn path(&self) -> &'static str {
        let path = self.target.split_once('?').map(|(path, _)| path);
        path.unwrap_or(self.target)
    }

    /// The template that the answer carries; empty if it carries none.
    pub(crate) fn template(&self) -> &'static str {
        self.route
            .split_once(' ')
            .map_or(self.route, |(_, template)| template)
    }

    /// The key of a hash map that has seen every request before: the method and the path.
    pub(crate) fn key(&self) -> (&'static str, &'static str) {
        (self.method, self.path())
    }

    /// The target with another value wherever the vectors have their plain
    /// numbers: real values differ in length.
    pub(crate) fn varied(&self, rng: &mut Rng) -> String {
        let segments = self.target.split('/').map(|segment| match segment {
            "7" | "42" => value(rng),
            other => other.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Stops the run, with the request, if the policy answers something else.
    pub(crate) fn check(&self, workload: &str) {
        let (answer, route) = match self.question().decide() {
            Decision::Allow { route, .. } => ("allow", route.to_string()),
            Decision::Deny(denial) => {
                let route = match denial {
                    RouteDenial::MissingScope(route) => route.to_string(),
                    RouteDenial::MethodNotListed { template, .. } => template.to_owned(),
                    _ => String::new(),
                };
                (denial.reason().as_str(), route)
            }
        };
        assert_eq!(
            (answer, route.as_str()),
            (self.answer, self.route),
            "{workload}: {} {}",
            self.method,
            self.target
        );
    }
}

/// A number, a UUID or a name.
fn value(rng: &mut Rng) -> String {
    match rng.u8(0..3) {
        0 => rng.u16(..).to_string(),
        1 => format!("{:08x}-1f2e-4d3c-8b4a-00c0ffee4711", rng.u32(..)),
        _ => format!("user.{}", rng.u8(..)),
    }
}
