//! Policies of many scopes, and sets that meet another policy than their own.
//! The tests in C cover everything that needs only one policy.

use std::fmt::Write as _;

use routescope_ffi::{Handle, code, routescope_scope_count, routescope_scope_set_held};

use crate::common::Set;

/// A policy of `resources` pairs of scopes, `r0:read` and `r0:*` and so on.
fn policy(name: &str, resources: usize) -> &'static Handle {
    let mut source = format!("version: 1\nname: {name}\nscopes:\n");
    for i in 0..resources {
        write!(
            source,
            "  \"r{i}:read\":\n    routes:\n      - GET /{name}/{i}\n"
        )
        .unwrap();
    }
    let compiled = routescope_compiler::compile("wide.yaml", &source).unwrap();
    Box::leak(Box::new(Handle::new(
        Box::leak(Box::new(compiled)).policy(),
    )))
}

/// A handle shows no policy, which lies outside of the bytes that a reference to it covers.
#[test]
fn a_handle_is_opaque() {
    assert_eq!(format!("{:?}", policy("shown", 1)), "Handle(..)");
}

#[test]
fn a_set_too_small_for_its_policy_says_so_and_holds_nothing() {
    let wide = policy("wide", 33);
    // SAFETY: a policy.
    assert_eq!(unsafe { routescope_scope_count(wide) }, 66);

    let mut small = Set::<3>::new();
    assert!(!small.prepare(wide, &["r0:read"]));
    assert_eq!(small.answer, code::TOO_FEW_WORDS);
    assert_eq!(small.answer(wide, "/wide/0"), code::BAD_SCOPE_SET);

    let mut middle = Set::<6>::new();
    assert!(middle.prepare(wide, &["r0:read", "r32:*"]));
    assert_eq!(middle.answer(wide, "/wide/0"), code::ALLOW);
    assert_eq!(middle.answer(wide, "/wide/32"), code::ALLOW);
    assert_eq!(middle.answer(wide, "/wide/1"), code::MISSING_SCOPE);
}

#[test]
fn the_largest_set_holds_the_scopes_of_the_largest_policy() {
    let widest = policy("widest", 2048);
    let mut middle = Set::<6>::new();
    assert!(!middle.prepare(widest, &[]));
    assert_eq!(middle.answer, code::TOO_FEW_WORDS);

    let mut large = Set::<66>::new();
    let names: Vec<String> = (0..2048).map(|i| format!("r{i}:*")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(large.prepare(widest, &names));
    // SAFETY: a set, prepared.
    let held = unsafe { routescope_scope_set_held((&raw const large).cast()) };
    assert_eq!(held, 2048);
    for target in ["/widest/0", "/widest/999", "/widest/2047"] {
        assert_eq!(large.answer(widest, target), code::ALLOW);
    }
    assert!(large.prepare(widest, &["r2047:read"]));
    assert_eq!(large.answer(widest, "/widest/2047"), code::ALLOW);
    assert_eq!(large.answer(widest, "/widest/999"), code::MISSING_SCOPE);
}

#[test]
fn a_set_holds_nothing_for_another_policy() {
    let (old, new) = (policy("shop", 2), policy("shop", 3));
    let mut set = Set::<3>::new();
    assert!(set.prepare(old, &["r0:read"]));
    assert_eq!(set.answer(old, "/shop/0"), code::ALLOW);
    assert_eq!(set.answer(new, "/shop/0"), code::MISSING_SCOPE);
    assert!(set.prepare(new, &["r0:read"]));
    assert_eq!(set.answer(new, "/shop/0"), code::ALLOW);
    assert_eq!(set.answer(old, "/shop/0"), code::MISSING_SCOPE);
}
