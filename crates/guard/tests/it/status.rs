//! The status of a guard.

use routescope::pbx;
use routescope_guard::{Guard, PolicyOrigin, Shadow};

use crate::requests::{File, entry, key, keys};

#[test]
fn a_status_tells_what_is_in_force() {
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([
            entry("desk", &key(1), &["colleagues:read"]),
            entry("typo", &key(2), &["colleague:read"]),
        ]))
        .build()
        .unwrap();
    let status = guard.status();
    assert_eq!(status.policy, "pbx");
    assert_eq!(status.keys, 2);
    assert_eq!(status.routes, 110);
    assert_eq!((status.reloads, status.failures), (0, 0));
    assert_eq!(status.listeners.len(), 1);
    assert_eq!(status.warnings.len(), 1);
    assert!(status.is_ready());
    let shown = status.to_string();
    assert!(shown.starts_with("policy pbx revision "), "{shown}");
    assert!(!shown.contains("SHADOW"), "{shown}");
    assert_eq!(shown.lines().count(), 2, "{shown}");
}

/// A failed reload is told until one succeeds, and takes nothing out of service.
#[test]
fn a_failed_reload_is_told_until_one_succeeds() {
    let file = File::new("status-policy", b"");
    let guard = Guard::builder(pbx::POLICY).build().unwrap();
    let loaded = guard.status();
    let error = guard.set_policy(PolicyOrigin::file(&file.0)).unwrap_err();
    let failed = guard.status();
    assert_eq!(failed.last_error, Some(error.to_string()));
    assert_eq!((failed.reloads, failed.failures), (0, 1));
    assert_eq!(
        (&failed.digest, failed.loaded),
        (&loaded.digest, loaded.loaded)
    );
    assert!(failed.is_ready());
    let shown = failed.to_string();
    assert!(
        shown.contains("\nlast reload failed, the old policy"),
        "{shown}"
    );
    guard.reload().unwrap();
    let status = guard.status();
    assert_eq!(status.last_error, None);
    assert_eq!((status.reloads, status.failures), (1, 1));
}

#[test]
fn listeners_are_shown_while_they_are_in_use() {
    let guard = Guard::builder(pbx::POLICY).build().unwrap();
    let trial = guard.listener("trial\n2", Shadow::forbidden());
    for _ in 0..100 {
        let _ = guard.listener("gone", Shadow::everything());
    }
    let status = guard.status();
    let names: Vec<_> = status.listeners.iter().map(|each| &*each.name).collect();
    assert_eq!(names, ["", "trial\n2"]);
    assert_eq!(status.shadowed().count(), 1);
    // A line break in a name begins no line.
    let shown = status.to_string();
    assert!(
        shown
            .lines()
            .any(|line| line.starts_with("SHADOW MODE on listener `trial")),
        "{shown}"
    );
    assert!(shown.contains("\n    2`: 403 is let through"), "{shown}");
    drop(trial);
    assert_eq!(guard.status().listeners.len(), 1);
}

#[test]
fn routes_that_shadow_mode_names_and_the_policy_does_not_have_are_warned_of() {
    let routes = ["GET /api/v1/colleagues/", "GET /api/v1/colleague/"];
    let shadow = Shadow::forbidden().only_routes(routes);
    let guard = Guard::builder(pbx::POLICY)
        .shadow(shadow.clone())
        .build()
        .unwrap();
    let trial = guard.listener("trial", shadow);
    let warnings = guard.status().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    for (warning, mode) in warnings
        .iter()
        .zip(["the shadow mode names", "of listener `trial` names"])
    {
        assert!(warning.contains(mode), "{warning}");
        assert!(
            warning.contains("`GET /api/v1/colleague/`, which the policy does not have"),
            "{warning}"
        );
    }
    drop(trial);
    assert_eq!(guard.status().warnings.len(), 1);
}
