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
