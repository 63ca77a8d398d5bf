//! The guard that the tests ask, and its keys.

use routescope::{OwnedPolicy, pbx};
use routescope_guard::{Builder, Guard, KeyEntry, KeyFile, KeyHash, StoredHash};
use routescope_tower::GuardLayer;

/// The time of all tests.
pub(crate) const NOW: u64 = 1_780_000_000;

/// A key in the form of the PBX.
pub(crate) fn key(of: &str) -> String {
    format!("wsk-v1-{of:x<93}")
}

/// A header line with a key.
pub(crate) fn bearer(of: &str) -> String {
    format!("Authorization: Bearer {}\r\n", key(of))
}

/// `admin` holds every scope, `desk` reads colleagues, `old` has expired, and the id of `strange`
/// is none for a header.
pub(crate) fn builder() -> Builder {
    let every = pbx::POLICY.scopes().map(|scope| scope.name().to_owned());
    let mut old = entry("old", ["colleagues:read"]);
    old.expires = Some(NOW);
    let mut strange = entry("strange", ["colleagues:read"]);
    strange.id = "a b\r\nX-Admin: 1".into();
    let keys = [
        entry("admin", every),
        entry("desk", ["colleagues:read"]),
        strange,
        old,
    ];
    Guard::builder(pbx::POLICY).keys(KeyFile::new(keys))
}

fn entry(id: &str, scopes: impl IntoIterator<Item = impl Into<String>>) -> KeyEntry {
    let hash = StoredHash::Sha256(KeyHash::sha256(key(id).as_bytes()));
    KeyEntry::new(id, hash, scopes)
}

/// The guard of [`builder`], without shadow mode.
pub(crate) fn guard() -> Guard {
    builder().build().expect("the PBX policy")
}

/// A layer over [`guard`], with the clock of the tests.
pub(crate) fn layer() -> GuardLayer {
    over(guard())
}

/// A layer with the clock of the tests.
pub(crate) fn over(guard: Guard) -> GuardLayer {
    GuardLayer::new(guard).clock(|| NOW)
}

/// A guard over the text of a policy. The id of a key is also its text, without a form.
pub(crate) fn guard_of(policy: &str, keys: &[(&str, &str)]) -> Guard {
    let compiled = routescope_compiler::compile("routes.yaml", policy).expect("a policy");
    let policy = OwnedPolicy::from_bytes(compiled.to_bytes()).expect("a policy");
    let keys = keys.iter().map(|(id, scope)| {
        let hash = StoredHash::Sha256(KeyHash::sha256(id.as_bytes()));
        KeyEntry::new(*id, hash, [*scope])
    });
    let keys = KeyFile::new(keys);
    Guard::builder(policy).keys(keys).build().expect("a guard")
}
