//! The texts of headers, made once for a policy.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use routescope::{KeyDenial, Policy, Requirement, RouteDenial};

/// The header texts of a policy.
pub(crate) struct Texts {
    /// The digest in lower-case hexadecimal.
    pub(crate) digest: Box<str>,
    keys: [Box<str>; 4],
    /// Each text once: many routes have the same.
    pool: Box<[Box<str>]>,
    routes: Box<[RouteTexts]>,
    /// The number of public routes.
    pub(crate) public: usize,
    /// The number of routes for any valid key.
    pub(crate) any_key: usize,
    /// The first route of each template, by the place of the template's text in memory.
    templates: HashMap<(usize, usize), u32>,
}

struct RouteTexts {
    name: Box<str>,
    challenge: u32,
    accepted: u32,
}

#[derive(Default)]
struct Pool {
    texts: Vec<Box<str>>,
    places: HashMap<Box<str>, u32>,
}

impl Pool {
    fn insert(&mut self, text: String) -> u32 {
        let text = text.into_boxed_str();
        *self.places.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

impl Texts {
    pub(crate) fn new(policy: Policy<'_>) -> Self {
        let mut pool = Pool::default();
        let mut templates = HashMap::new();
        let (mut public, mut any_key) = (0, 0);
        let routes = (0..).zip(policy.routes()).map(|(place, route)| {
            templates.entry(place_of(route.template())).or_insert(place);
            let denial = RouteDenial::MissingScope(route);
            let challenge = denial.challenge().map(|text| text.to_string());
            let requirement = route.requirement();
            match requirement {
                Requirement::Public => public += 1,
                Requirement::AnyKey => any_key += 1,
                Requirement::Scopes(_) => {}
            }
            let alternatives = requirement.alternatives().map(|all| all.to_string());
            RouteTexts {
                name: route.to_string().into(),
                challenge: pool.insert(challenge.unwrap_or_default()),
                accepted: pool.insert(alternatives.unwrap_or_default()),
            }
        });
        let routes: Box<[_]> = routes.collect();
        let of_key = |denial: KeyDenial| denial.challenge().to_string().into_boxed_str();
        Self {
            digest: HEXLOWER.encode(policy.digest()).into(),
            keys: KEY_DENIALS.map(of_key),
            pool: pool.texts.into(),
            routes,
            public,
            any_key,
            templates,
        }
    }

    /// The value of `WWW-Authenticate` for a key at fault.
    pub(crate) fn key_challenge(&self, denial: KeyDenial) -> &str {
        let place = KEY_DENIALS.iter().position(|&each| each == denial);
        place
            .and_then(|place| self.keys.get(place))
            .map_or("", |text| text)
    }

    /// `GET /api/v1/colleagues/{id}/`
    pub(crate) fn route(&self, route: u32) -> &str {
        self.routes
            .get(route as usize)
            .map_or("", |route| &route.name)
    }

    /// The names of all routes, in the order of the policy.
    pub(crate) fn routes(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| &*route.name)
    }

    /// The values of `WWW-Authenticate` and `X-Accepted-Scopes` where a scope of this route is
    /// missing.
    pub(crate) fn missing_scope(&self, route: u32) -> Option<(&str, &str)> {
        let route = self.routes.get(route as usize)?;
        let text = |place: u32| self.pool.get(place as usize).map(|text| &**text);
        Some((text(route.challenge)?, text(route.accepted)?))
    }

    /// The first route with the template of a denial.
    pub(crate) fn first_route(&self, template: &str) -> Option<u32> {
        self.templates.get(&place_of(template)).copied()
    }
}

/// The address and length of a text of a policy. All routes of a template share its text.
fn place_of(template: &str) -> (usize, usize) {
    (template.as_ptr().addr(), template.len())
}

const KEY_DENIALS: [KeyDenial; 4] = [
    KeyDenial::Missing,
    KeyDenial::Malformed,
    KeyDenial::Unknown,
    KeyDenial::Expired,
];
