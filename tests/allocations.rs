//! Nothing on the way from a request to its answer allocates.

use std::fmt::Write;
use std::hint::black_box;

use routescope::{ApiKey, Guard, KeyStore, ScopeSet, StoredKey, pbx};

/// `fmt::Write` that only counts.
struct Sink(usize);

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

struct AnyKey(ScopeSet);

impl<'s> KeyStore for &'s AnyKey {
    type Scopes = &'s ScopeSet;
    type Identity = ();

    fn find(&self, _: &ApiKey<'_>) -> Option<StoredKey<&'s ScopeSet>> {
        Some(StoredKey::new(&self.0, ()).valid_until(u64::MAX))
    }
}

#[test]
fn nothing_allocates() {
    let requests: &[(&str, &str)] = &[
        ("GET", "/api/v1/colleagues/"),
        ("DELETE", "/api/v1/phonebooks/7/contacts/%C3%BC/?x=1"),
        ("PUT", "/api/v1/pbx/system/reboot/"),
        ("PATCH", "/api/v1/colleagues/"),
        ("get", "/api/v1/colleagues/"),
        ("GET", "/nowhere/"),
        ("GET", "/api/v1/sounds/../x/"),
        ("PUT", "/api/v1/dialplan/timetables/IMPORT/"),
        ("GET", "http://pbx/"),
    ];
    let names = ["colleagues:read", "phonebooks:*", "foreign:scope"];
    let header = format!("Bearer wsk-v1-{}", "k".repeat(93));
    let keys = AnyKey(pbx::POLICY.scope_set(names));
    let guard = Guard::new(pbx::Compiled, &keys);
    let mut denials = 0;
    let counted = allocation_counter::measure(|| {
        let held = black_box(pbx::scope_set(names));
        for &(method, target) in requests {
            let _ = black_box(routescope::required_scopes(method, target));
            let _ = black_box(routescope::authorize(&names, method, target));
            let _ = black_box(guard.decide(Some(header.as_bytes()), method, target, 0));
            let decision = black_box(routescope::authorize(&held, method, target));
            if let Some(denial) = decision.denial() {
                denials += 1;
                let mut sink = Sink(0);
                let mut buffer = [0; 256];
                write!(sink, "{decision}").expect("a sink takes everything");
                if let Some(challenge) = denial.challenge() {
                    write!(sink, "{challenge}").expect("a sink takes everything");
                    let _ = black_box(challenge.write_to(&mut buffer));
                }
                if let Some(accepted) = denial.alternatives() {
                    let _ = black_box(accepted.write_to(&mut buffer));
                }
            }
        }
    });
    assert_eq!(denials, 7);
    assert_eq!(counted.count_total, 0, "{counted:?}");

    // The counter counts.
    let one = allocation_counter::measure(|| drop(black_box(Box::new(1))));
    assert_eq!(one.count_total, 1);
}
