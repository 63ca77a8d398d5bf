//! The router that stands before a policy engine which cannot match paths.

use std::collections::HashMap;

use matchit::Router;

use super::matchit::takes;
use crate::request::Request;
use tables::Table;

/// The values by which a policy engine knows the routes: one for every method on
/// every template.
pub struct Routed<T> {
    router: Router<HashMap<&'static str, T>>,
    /// Templates that the router did not take.
    pub excluded: usize,
}

impl<T> Routed<T> {
    /// A router over the table; `told` makes the value for a method on a
    /// template.
    pub fn new(table: &Table, mut told: impl FnMut(&'static str, &str) -> T) -> Self {
        let mut methods: Vec<HashMap<&'static str, T>> = Vec::new();
        methods.resize_with(table.templates.len(), HashMap::new);
        for route in &table.routes {
            let value = told(route.method, &table.templates[route.template]);
            methods[route.template].insert(route.method, value);
        }
        let (mut router, mut excluded) = (Router::new(), 0);
        for (template, methods) in table.templates.iter().zip(methods) {
            let taken = takes(template) && router.insert(template, methods).is_ok();
            excluded += usize::from(!taken);
        }
        Self { router, excluded }
    }

    /// Returns the value of the route of a request, if it has one.
    pub fn find(&self, request: &Request) -> Option<&T> {
        let found = self.router.at(request.path).ok()?;
        found.value.get(request.method)
    }
}
