//! The first attempts of a Rust user. Each of these functions is a way to write a program that must
//! compile; the tests ask them for their answers.

use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::sync::Arc;

use routescope::{
    ApiKey, Decision, Guard, HeldScopes, KeyStore, Method, Methods, OwnedPolicy, PathRule, Policy,
    Reason, Route, RouteDenial, Scope, ScopeSet, StoredKey, path, pbx,
};
use routescope_compiler::compile;
use routescope_compiler::template::Template;

const LIST: &str = "/api/v1/colleagues/";

/// `?` on every kind of refusal.
fn question_marks(target: &str, header: &str) -> Result<String, Box<dyn Error>> {
    path::check(target.as_bytes())?;
    Template::parse("/colleagues/{id}")?;
    let method: Method = "GET".parse()?;
    let guard = Guard::without_store(pbx::Compiled);
    guard.key(Some(header.as_bytes()))?;
    let decision = pbx::authorize(&["colleagues:read"], method, target);
    let allowed = decision.into_result()?;
    Ok(allowed.by.to_string())
}

fn owned(source: &str) -> OwnedPolicy {
    let bytes = compile("t.yaml", source).expect("a policy").to_bytes();
    OwnedPolicy::from_bytes(bytes).expect("the bytes of a policy")
}

/// A decision that a function returns from a policy that it borrows.
fn returned<'p>(owned: &'p OwnedPolicy, held: &[String], target: &str) -> Decision<'p> {
    owned.policy().authorize(held, "GET", target)
}

/// A denial as an error of a function that has the policy.
fn denied<'t>(policy: Policy<'t>, target: &str) -> Result<Route<'t>, RouteDenial<'t>> {
    let route = policy.route("GET", target)?;
    route.authorize(&["colleagues:read"]).into_result()?;
    Ok(route)
}

struct Keys;

impl KeyStore for Keys {
    type Scopes = Arc<Vec<String>>;
    type Identity = u32;

    fn find(&self, _: &ApiKey<'_>) -> Option<StoredKey<Self::Scopes, u32>> {
        let held = Arc::new(vec!["colleagues:read".to_owned()]);
        Some(StoredKey::new(held, 4711))
    }
}

fn shared_keys() -> Box<dyn KeyStore<Scopes = Arc<Vec<String>>, Identity = u32>> {
    Box::new(Keys)
}

fn allows(held: &(impl HeldScopes + ?Sized)) -> bool {
    routescope::authorize(held, "GET", LIST).is_allow()
}

#[test]
fn held_scopes_are_whatever_holds_names() {
    let names = vec!["colleagues:read".to_owned()];
    let none: Vec<String> = Vec::new();
    assert!(allows(&names) && allows(names.as_slice()) && !allows(&none));
    assert!(allows(&names.clone().into_boxed_slice()));
    assert!(allows(&Arc::new(names.clone())));
    assert!(allows(&names.iter().cloned().collect::<BTreeSet<_>>()));
    assert!(allows(&["colleagues:read"]) && allows(&[String::from("pbx:*")]));
    // The set's size needs no annotation.
    let held = pbx::POLICY.scope_set(&names);
    assert!(allows(&held) && allows(&Box::new(held)));
}

#[test]
fn refusals_are_errors() {
    let key = format!("Bearer wsk-v1-{}", "k".repeat(93));
    let told = |target, key: &str| question_marks(target, key).map_err(|error| error.to_string());
    assert_eq!(told(LIST, &key), Ok("colleagues:read".into()));
    assert_eq!(told("//", &key), Err("empty_segment at byte 1".into()));
    assert_eq!(told(LIST, "Basic a"), Err("missing_key".into()));
    assert_eq!(told("/nowhere", &key), Err("unknown_route".into()));

    let source = "version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n      - GET /a\n";
    let owned = owned(source);
    assert!(returned(&owned, &["a:read".to_owned()], "/a").is_allow());
    assert!(denied(pbx::POLICY, LIST).is_ok());
    let denial: &dyn Error = &denied(pbx::POLICY, "/nowhere").expect_err("no such route");
    assert_eq!(denial.to_string(), "unknown_route");
}

#[test]
fn a_store_of_keys_can_be_a_trait_object() {
    let guard = Guard::new(pbx::POLICY, shared_keys());
    let header = format!("Bearer wsk-v1-{}", "k".repeat(93));
    let decision = guard.decide(Some(header.as_bytes()), "GET", LIST, 0);
    assert_eq!(
        (decision.is_allow(), decision.identity()),
        (true, Some(&4711))
    );
}

#[test]
fn values_compare_order_hash_and_parse() {
    assert_eq!("GET".parse(), Ok(Method::Get));
    assert_eq!(Method::try_from("PUT"), Ok(Method::Put));
    assert!(Method::try_from(&b"put"[..]).is_err());
    for method in Method::ALL {
        assert_eq!(method.as_str().parse(), Ok(method));
        assert!(method == method.as_str());
    }
    for reason in Reason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(reason));
    }
    for rule in PathRule::ALL {
        assert_eq!(rule.as_str().parse(), Ok(rule));
    }
    let all: Methods = Method::ALL.into_iter().collect();
    assert_eq!(all.iter().len(), 7);
    assert_eq!(all.into_iter().collect::<Methods>(), all);
    assert_eq!(Methods::from(Method::Put) | Method::Get, {
        let mut methods = Methods::NONE;
        methods.extend([Method::Get, Method::Put]);
        methods
    });

    let routes: HashSet<Route<'_>> = pbx::POLICY.routes().collect();
    assert_eq!(routes.len(), pbx::POLICY.routes().len());
    let sorted: BTreeSet<Route<'_>> = routes.into_iter().collect();
    assert_eq!(sorted.len(), pbx::POLICY.routes().len());
    let scopes: Vec<Scope<'_>> = pbx::POLICY.scopes().collect();
    assert!(scopes.is_sorted() && scopes.iter().collect::<HashSet<_>>().len() == scopes.len());
    assert!(pbx::POLICY.scopes().rev().eq(scopes.iter().rev().copied()));
    assert!(pbx::POLICY.routes().rev().len() == pbx::POLICY.routes().len());
}

#[test]
fn scope_sets_from_claims_and_scopes() {
    let claim = "colleagues:read  openid phonebooks:*";
    let held = pbx::ScopeSet::from_claim(pbx::POLICY, claim);
    assert_eq!((held.len(), held.unknown_count()), (2, 1));
    assert_eq!(
        held,
        pbx::scope_set(["colleagues:read", "openid", "phonebooks:*"])
    );
    let unknown: Vec<&str> = pbx::POLICY
        .unknown_scopes(claim.split_whitespace())
        .collect();
    assert_eq!(unknown, ["openid"]);
    assert!(pbx::ScopeSet::from_claim(pbx::POLICY, "").is_empty());

    // Only spaces separate: a name with a tab in it is unknown.
    let tab = pbx::ScopeSet::from_claim(pbx::POLICY, "colleagues:read\tpbx:*");
    assert_eq!((tab.len(), tab.unknown_count()), (0, 1));

    let mut set: ScopeSet = pbx::POLICY.scope("colleagues:read").into_iter().collect();
    assert!(allows(&set));
    set.extend(pbx::POLICY.scopes());
    assert_eq!(set.len(), pbx::POLICY.scopes().len());

    // A scope of another policy is not held, even if it has the same name.
    let source =
        "version: 1\nname: t\nscopes:\n  \"colleagues:read\":\n    routes:\n      - GET /a\n";
    let other = owned(source);
    let foreign = other.policy().scope("colleagues:read").expect("a scope");
    let mut set = pbx::scope_set(["devices:read"]);
    assert!(!set.insert(foreign) && set.len() == 1 && set.unknown_count() == 1);
    let mut set = pbx::ScopeSet::EMPTY;
    assert!(set.insert(foreign));
    assert!(!allows(&set), "a set of another policy holds nothing here");
}

#[test]
fn a_route_knows_its_place() {
    for (place, route) in pbx::POLICY.routes().enumerate() {
        assert_eq!(route.index(), place, "{route}");
    }
    let decided = pbx::authorize(&["pbx:*"], "HEAD", "/api/v1/colleagues/");
    let Decision::Allow { route, .. } = decided else {
        panic!("{decided}");
    };
    // HEAD is answered by the route of GET.
    let listed = pbx::POLICY.routes().nth(route.index());
    assert_eq!(
        listed.map(|route| route.to_string()).as_deref(),
        Some("GET /api/v1/colleagues/")
    );
}
