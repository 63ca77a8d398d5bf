//! Nothing on the way from a request to its answer allocates.

use std::hint::black_box;

use routescope::pbx;
use routescope_guard::{
    CheckFault, Guard, HashSecret, KeyEntry, KeyFile, KeyHash, PreviousKey, Shadow, StoredHash,
};

const NOW: u64 = 1_780_000_000;

fn key(letter: char) -> String {
    format!("wsk-v1-{}", String::from(letter).repeat(93))
}

/// A guard with a key of each kind.
fn guard() -> Guard {
    let secret = || HashSecret::new(&[7; 32]).expect("32 bytes");
    let plain = |letter| StoredHash::Sha256(KeyHash::sha256(key(letter).as_bytes()));
    let keyed = StoredHash::HmacSha256(secret().hash(key('b').as_bytes()));
    let mut expired = KeyEntry::new("expired", plain('c'), ["colleagues:read"]);
    expired.expires = Some(NOW);
    let mut rotated = KeyEntry::new("rotated", plain('d'), ["phonebooks:*"]);
    rotated.previous = Some(PreviousKey {
        hash: plain('e'),
        expires: NOW + 1,
    });
    let keys = KeyFile::new([
        KeyEntry::new("plain", plain('a'), ["colleagues:read", "foreign:scope"]),
        KeyEntry::new("keyed caf\u{e9}", keyed, ["pbx:*"]),
        expired,
        rotated,
    ]);
    let guard = Guard::builder(pbx::POLICY).keys(keys).hash_secret(secret());
    guard.build().expect("sound keys")
}

#[test]
fn nothing_allocates() {
    let guard = guard();
    let shadowed = guard.listener("trial", Shadow::everything());
    let mut headers: Vec<Option<String>> = "abcdefg"
        .chars()
        .map(|letter| Some(format!("Bearer {}", key(letter))))
        .collect();
    headers.extend([
        None,
        Some("Basic azow".to_owned()),
        Some("Bearer x".to_owned()),
    ]);
    let requests = [
        ("GET", "/api/v1/colleagues/"),
        ("DELETE", "/api/v1/phonebooks/7/contacts/%C3%BC/?x=1"),
        ("PUT", "/api/v1/pbx/system/reboot/"),
        ("PATCH", "/api/v1/colleagues/"),
        ("get", "/api/v1/colleagues/"),
        ("GET", "/nowhere/"),
        ("GET", "/api/v1/sounds/../x/"),
        ("GET", "http://pbx/"),
    ];
    let ask = |guard: &Guard| {
        let (mut allowed, mut bytes) = (0u32, 0);
        for header in &headers {
            let header = header.as_ref().map(String::as_bytes);
            for (method, target) in requests {
                let answer = black_box(guard.decide(header, method, target, NOW));
                allowed += u32::from(answer.is_allow());
                let both = answer.response_headers().chain(answer.forward_headers());
                bytes += both
                    .map(|(name, value)| name.len() + value.len())
                    .sum::<usize>();
                bytes += answer.key_id().map_or(0, str::len) + answer.digest().len();
                black_box((answer.route(), answer.scope(), answer.template()));
            }
        }
        let refused = guard.refuse(CheckFault::OverrideHeader, "GET", "/", NOW);
        (black_box(refused).admits(), allowed, bytes)
    };
    // A thread gets its place among the counters, and that of arc-swap, once.
    let first = (ask(&guard), ask(&shadowed));
    let mut second = None;
    let counted = allocation_counter::measure(|| second = Some((ask(&guard), ask(&shadowed))));
    assert_eq!(counted.count_total, 0, "{counted:?}");
    assert_eq!(second, Some(first));
    assert!(first.0.1 > 0, "no request is allowed");
}
