//! matchit, the router under axum, with the rest of the decision behind it, as whoever has a
//! router would write it: one router for all methods, as in axum, and the value of a template
//! has a mask of accepted scopes for each of its methods. It knows no path rules.

use std::collections::BTreeMap;

use matchit::Router;
use routescope::{Method, Scope, pbx};

use crate::request::Request;

const METHODS: usize = 6;

pub(crate) struct MatchitScopes {
    router: Router<Row>,
}

/// The value of a template.
struct Row {
    template: &'static str,
    /// The accepted scopes of each method, of which no listed one has none.
    accepted: [u64; METHODS],
}

/// A request as the router gets it, with the scopes of its key as bits.
pub(crate) struct Question {
    held: u64,
    method: &'static str,
    path: &'static str,
}

/// The answer, with the template that was found.
#[derive(Clone, Copy)]
pub(crate) enum Verdict {
    UnknownRoute,
    MethodNotListed(&'static str),
    MissingScope(&'static str),
    Allow(&'static str),
}

impl MatchitScopes {
    pub(crate) fn new() -> Self {
        let mut templates: BTreeMap<String, [u64; METHODS]> = BTreeMap::new();
        for route in pbx::POLICY.routes() {
            let accepted = templates.entry(renamed(route.template())).or_default();
            assert!(route.method() != Method::Head, "HEAD has no place here");
            let place = method_place(route.method().as_str()).expect("methods are known");
            accepted[place] = mask(route.accepted().iter().map(Scope::name));
        }
        let mut router = Router::new();
        for (template, accepted) in templates {
            let template: &'static str = template.leak();
            router
                .insert(template, Row { template, accepted })
                .expect("the router takes every template");
        }
        Self { router }
    }

    pub(crate) fn question(&self, request: &Request) -> Question {
        Question {
            held: mask(request.names()),
            method: request.method,
            path: request.path(),
        }
    }

    pub(crate) fn decide(&self, question: &Question) -> Verdict {
        let Ok(found) = self.router.at(question.path) else {
            return Verdict::UnknownRoute;
        };
        let Row { template, accepted } = found.value;
        match method_place(question.method).map_or(0, |place| accepted[place]) {
            0 => Verdict::MethodNotListed(template),
            accepted if accepted & question.held != 0 => Verdict::Allow(template),
            _ => Verdict::MissingScope(template),
        }
    }

    /// It has no name for a broken rule; that it finds no template will do, and nothing else, as
    /// what it finds is forwarded.
    pub(crate) fn is_right(&self, request: &Request) -> bool {
        let expected = renamed(request.template());
        let (answer, template) = match self.decide(&self.question(request)) {
            Verdict::UnknownRoute => ("unknown_route", ""),
            Verdict::MethodNotListed(template) => ("method_not_listed", template),
            Verdict::MissingScope(template) => ("missing_scope", template),
            Verdict::Allow(template) => ("allow", template),
        };
        let is_refused = request.answer == "bad_path" && answer == "unknown_route";
        is_refused || (answer, template) == (request.answer, expected.as_str())
    }
}

/// The template with its parameters named by their place: the router takes one name in one place.
fn renamed(template: &str) -> String {
    let segments = template.split('/').enumerate();
    let segments = segments.map(|(place, segment)| match segment.strip_prefix('{') {
        Some(_) => format!("{{p{place}}}"),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The scopes as bits. A name that the policy does not know grants nothing.
fn mask(names: impl Iterator<Item = &'static str>) -> u64 {
    let places = names.filter_map(|name| pbx::POLICY.scopes().position(|s| s.name() == name));
    places.fold(0, |mask, place| mask | 1 << place)
}

fn method_place(method: &str) -> Option<usize> {
    Some(match method {
        // A route that lists GET answers HEAD.
        "GET" | "HEAD" => 0,
        "POST" => 1,
        "PUT" => 2,
        "DELETE" => 3,
        "PATCH" => 4,
        "OPTIONS" => 5,
        _ => return None,
    })
}
