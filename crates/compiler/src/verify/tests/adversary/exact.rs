//! Attacks on the exact map.

use routescope_core::__private::Accept;

use super::super::planted::{accept_after_param, row, state, text};
use super::Attack;

pub(super) const ATTACKS: [Attack; 4] = [
    Attack {
        name: "a path that equals the text of a template",
        path: "/v/{id}",
        plant: |into| {
            let secret = row(into, "/secret");
            let first_route = accept_after_param(into, secret).first_route();
            let template = into.route(first_route as usize).template;
            assert_eq!(into.borrow().text(template), "/secret/{id}");
            let accept = state(into, "/v/7").accept;
            into.fill_exact(accept);
            into.fill_exact_filter();
        },
    },
    Attack {
        name: "a path that equals the text of another template",
        path: "/nowhere",
        plant: |into| {
            let nowhere = text(into, "/nowhere");
            let accept = state(into, "/v/7").accept;
            into.edit_route(accept.first_route() as usize, |route| {
                route.template = nowhere;
            });
            into.fill_exact(accept);
            into.fill_exact_filter();
        },
    },
    Attack {
        name: "an empty slot, read as the text of the first route",
        path: "/f/{*path}",
        plant: |into| into.fill_exact_filter(),
    },
    Attack {
        name: "a path whose entry lists fewer methods than its template",
        path: "/open",
        plant: |into| {
            let first_route = state(into, "/open").accept.first_route();
            let methods = state(into, "/secret/7").accept.methods();
            into.fill_exact(Accept::template(first_route, methods));
            let next = Accept::template(first_route + 1, methods);
            into.exact.push(next.bits().to_le_bytes());
            into.fill_exact_filter();
            let route = first_route as usize;
            let accepted = into.route(route + 1).accepted;
            into.edit_route(route, |route| route.accepted = accepted);
            into.routes.swap(route, route + 1);
        },
    },
];
