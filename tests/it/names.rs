//! The names that generated code has for scopes and routes.

use std::panic::catch_unwind;

use routescope::pbx::{self, Route, scopes};
use routescope::{Decision, Method, Policy, RouteDenial, ScopeSet};

const SERVICE: pbx::ScopeSet = pbx::scope_set![COLLEAGUES_READ, PHONEBOOKS_ALL];

/// The policy of the file with one text replaced.
fn changed(from: &str, to: &str) -> routescope_compiler::Compiled {
    assert!(routescope::PBX_ROUTES_YAML.contains(from), "{from}");
    let text = routescope::PBX_ROUTES_YAML.replacen(from, to, 1);
    routescope_compiler::compile("routes.yaml", &text).unwrap()
}

#[test]
fn a_constant_set_is_the_set_of_its_names() {
    assert_eq!(SERVICE, pbx::scope_set(["colleagues:read", "phonebooks:*"]));
    assert_eq!(pbx::scope_set![], pbx::scope_set([""; 0]));
    // Twice the same scope is once that scope.
    assert_eq!(pbx::scope_set![PBX_ALL, PBX_ALL,].len(), 1);
    assert!(pbx::authorize(&SERVICE, "GET", "/api/v1/colleagues/").is_allow());
    assert!(!pbx::authorize(&SERVICE, "PUT", "/api/v1/pbx/system/reboot/").is_allow());
}

/// In a constant, these do not build.
#[test]
fn sets_that_cannot_be() {
    let other = changed("name: pbx", "name: other");
    let other = other.policy();
    let scope = other.scope("colleagues:read").unwrap();
    let stops = |make: &(dyn Fn() + std::panic::RefUnwindSafe)| catch_unwind(make).is_err();
    assert!(stops(&|| {
        let _ = ScopeSet::<1>::of(pbx::POLICY, &[scope]);
    }));
    assert!(stops(&|| {
        let _ = ScopeSet::<0>::of(pbx::POLICY, &[scopes::PBX_READ]);
    }));
    assert!(!stops(&|| {
        let _ = ScopeSet::<1>::of(other, &[scope]);
    }));
}

#[test]
fn constants_are_the_scopes_of_the_policy() {
    for (scope, name) in [
        (scopes::ACLGROUPS_ALL, "aclgroups:*"),
        (scopes::CALLHISTORY_ALL, "callhistory:*"),
        (scopes::COLLEAGUES_READ, "colleagues:read"),
        (scopes::PBX_READ, "pbx:read"),
        (scopes::PBX_ALL, "pbx:*"),
    ] {
        assert_eq!(scope.name(), name);
        assert_eq!(pbx::POLICY.scope(name), Some(scope));
        assert!(
            pbx::authorize(&[scope], "PUT", "/").denial().is_some(),
            "{name}"
        );
    }
}

#[test]
fn each_route_has_a_name() {
    assert_eq!(Route::ALL.len(), pbx::POLICY.routes().len());
    for ((index, named), route) in Route::ALL.into_iter().enumerate().zip(pbx::POLICY.routes()) {
        assert_eq!(named.index(), index);
        assert_eq!(route.index(), index);
        assert_eq!(Route::of(route), Some(named));
        assert_eq!(routescope::Route::from(named), route);
        assert_eq!(named.method(), route.method());
        assert_eq!(named.template(), route.template());
        assert_eq!(named.accepted(), route.accepted());
        assert_eq!(named.to_string(), route.to_string());
    }
    assert_eq!(
        Route::GetApiV1ColleaguesId.template(),
        "/api/v1/colleagues/{id}/"
    );
    assert_eq!(Route::PutApiV1PbxSystemReboot.method(), Method::Put);
}

#[test]
fn decisions_name_their_route() {
    let named = |method: &str, target: &str| match pbx::authorize(&SERVICE, method, target) {
        Decision::Allow { route, .. } => Route::of(route),
        Decision::Deny(RouteDenial::MissingScope(route)) => Route::of(route),
        Decision::Deny(_) => None,
    };
    for (method, target, route) in [
        (
            "GET",
            "/api/v1/colleagues/7/",
            Some(Route::GetApiV1ColleaguesId),
        ),
        // A request with HEAD is one of the route with GET.
        (
            "HEAD",
            "/api/v1/colleagues/7/",
            Some(Route::GetApiV1ColleaguesId),
        ),
        (
            "PUT",
            "/api/v1/pbx/system/reboot/",
            Some(Route::PutApiV1PbxSystemReboot),
        ),
        ("GET", "/api/v1/nothing/", None),
    ] {
        assert_eq!(named(method, target), route, "{method} {target}");
        let found = pbx::route(method, target).ok();
        assert_eq!(found.and_then(Route::of), route, "{target}");
    }
}

/// After a reload, the routes of the new policy have no names, and never those of others.
#[test]
fn the_routes_of_another_policy_have_no_name() {
    let names = |policy: Policy<'_>| policy.routes().filter_map(Route::of).count();
    let same = routescope_compiler::compile("x.yaml", routescope::PBX_ROUTES_YAML).unwrap();
    assert_eq!(names(same.policy()), Route::ALL.len());
    for (what, other) in [
        ("a name", changed("name: pbx", "name: other")),
        (
            "one route more",
            changed(
                "      - GET /api/v1/colleagues/\n",
                "      - GET /api/v1/colleagues/\n      - GET /api/v1/a/\n",
            ),
        ),
        (
            "one route less",
            changed("      - GET /api/v1/trunks/sip/\n", ""),
        ),
    ] {
        assert_eq!(names(other.policy()), 0, "{what}");
    }
}
