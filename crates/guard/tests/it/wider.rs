//! Policies that open more, and how they may try to hide it.

use routescope::OwnedPolicy;
use routescope_guard::{Guard, ReloadError};

fn bytes(routes: &str) -> Vec<u8> {
    let text = format!("version: 1\nname: shop\nscopes:\n  \"a:read\":\n    routes:\n{routes}");
    routescope_compiler::compile("shop.yaml", &text)
        .unwrap()
        .to_bytes()
}

/// FNV-1a, as the format has it: anybody can compute it anew.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// A digest is what the bytes say that it is: it proves no policy to be the one in force.
#[test]
fn a_wider_policy_with_the_digest_of_the_old_one_is_refused() {
    let narrow = bytes("      - GET /a\n");
    let mut wide = bytes("      - GET /a\n      - GET /{*rest}\n");
    wide[24..56].copy_from_slice(&narrow[24..56]);
    let end = wide.len() - 8;
    let sum = checksum(&wide[..end]).to_le_bytes();
    wide[end..].copy_from_slice(&sum);
    let load = |bytes| OwnedPolicy::from_bytes(bytes).unwrap();
    let guard = Guard::builder(load(narrow))
        .refuse_wider(true)
        .build()
        .unwrap();
    let done = guard.set_policy(load(wide));
    assert!(matches!(done, Err(ReloadError::Wider { .. })), "{done:?}");
}

/// A route becomes public because it is listed so, or because the guarded one in front of it is gone.
#[test]
fn a_new_public_route_is_refused() {
    let policy = |public: &str, guarded: &str| {
        let text = format!(
            "version: 1\nname: shop\npublic: [{public}]\nscopes:\n  \"a:read\":\n    routes: [{guarded}]\n"
        );
        let compiled = routescope_compiler::compile("shop.yaml", &text).unwrap();
        OwnedPolicy::from_bytes(compiled.to_bytes()).unwrap()
    };
    let rest = "\"GET /b/{id}\"";
    for (name, old, new, is_wider) in [
        ("the same", ("", "GET /a"), ("", "GET /a"), false),
        ("listed", ("", "GET /a"), ("GET /c", "GET /a"), true),
        ("moved", ("", "GET /a, GET /c"), ("GET /c", "GET /a"), true),
        ("uncovered", (rest, "GET /b/own"), (rest, "GET /a"), true),
        (
            "moved back",
            ("GET /c", "GET /a"),
            ("", "GET /a, GET /c"),
            false,
        ),
    ] {
        let guard = Guard::builder(policy(old.0, old.1))
            .refuse_wider(true)
            .build();
        let done = guard.unwrap().set_policy(policy(new.0, new.1));
        let refused = matches!(done, Err(ReloadError::Wider { .. }));
        assert_eq!(refused, is_wider, "{name}: {done:?}");
    }
}
