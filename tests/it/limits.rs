//! The last thing that is allowed and the first that is not; and prepared sets
//! that meet another policy.

use routescope::path::{MAX_SEGMENT, MAX_SEGMENTS};
use routescope::{PathRule, RouteDenial, Scope, ScopeSet, pbx};
use routescope_compiler::{Compiled, compile};

use crate::oracle::well_formed;

fn catch_all() -> Compiled {
    let source = "version: 1\nname: files\nscopes:\n  \"files:read\":\n    routes:\n      - GET /files/{*path}\n      - GET /one/{id}\n";
    compile("files.yaml", source).expect("a proper policy")
}

#[test]
fn lengths_are_inclusive() {
    let rest = |segments: usize, each: usize| vec!["s".repeat(each); segments].join("/");
    // (name, target, the rule it breaks)
    let cases: &[(&str, String, Option<PathRule>)] = &[
        ("32 segments", format!("/files/{}", rest(31, 1)), None),
        (
            "32 segments and a slash",
            format!("/files/{}/", rest(31, 1)),
            None,
        ),
        (
            "33 segments",
            format!("/files/{}", rest(32, 1)),
            Some(PathRule::TooManySegments),
        ),
        (
            "33 segments and a slash",
            format!("/files/{}/", rest(32, 1)),
            Some(PathRule::TooManySegments),
        ),
        ("a segment of 255", format!("/one/{}", rest(1, 255)), None),
        (
            "a segment of 256",
            format!("/one/{}", rest(1, 256)),
            Some(PathRule::SegmentTooLong),
        ),
        (
            "255 escaped bytes",
            format!("/one/{}", "%3A".repeat(255)),
            None,
        ),
        (
            "256 escaped bytes",
            format!("/one/{}", "%3A".repeat(256)),
            Some(PathRule::SegmentTooLong),
        ),
        // "/files" and 8 segments of 254 are 2046 bytes.
        ("a path of 2048", format!("/files/{}/s", rest(8, 254)), None),
        (
            "a path of 2049",
            format!("/files/{}/ss", rest(8, 254)),
            Some(PathRule::TooLong),
        ),
        (
            "a path of 2049 by its slash",
            format!("/files/{}/s/", rest(8, 254)),
            Some(PathRule::TooLong),
        ),
        (
            "a target of 8192",
            format!("/one/x?{}", "q".repeat(8185)),
            None,
        ),
        (
            "a target of 8193",
            format!("/one/x?{}", "q".repeat(8186)),
            Some(PathRule::TooLong),
        ),
        (
            "a query of 8192 and no path",
            format!("?{}", "q".repeat(8191)),
            Some(PathRule::NotOriginForm),
        ),
        (
            "a query of 8193 and no path",
            format!("?{}", "q".repeat(8192)),
            Some(PathRule::TooLong),
        ),
    ];
    let compiled = catch_all();
    let policy = compiled.policy();
    for (name, target, rule) in cases {
        let denial = policy.authorize(&["files:read"], "GET", target).denial();
        let broken = match denial {
            None => None,
            Some(RouteDenial::BadPath(bad)) => Some(bad.rule),
            Some(other) => panic!("{name}: {other}"),
        };
        assert_eq!(broken, *rule, "{name}: {} bytes", target.len());
    }
}

/// Paths of every length up to 300, of every number of segments around the limit, long
/// segments first, last, or none.
#[test]
fn segments_are_counted_in_paths_of_any_length() {
    let source =
        "version: 1\nname: all\nscopes:\n  \"all:read\":\n    routes:\n      - GET /{*all}\n";
    let compiled = compile("all.yaml", source).expect("a proper policy");
    let policy = compiled.policy();
    for count in 28..=42 {
        for letters in count..300 - count {
            let (each, rest) = (letters / count, letters % count);
            let longest = (letters - count + 1).min(MAX_SEGMENT);
            let even_but_first: Vec<usize> =
                (0..count).map(|i| each + usize::from(i < rest)).collect();
            let mut one_long = vec![1; count];
            one_long[0] = longest;
            for mut lens in [even_but_first, one_long] {
                for _ in 0..2 {
                    lens.reverse();
                    let path: String = lens
                        .iter()
                        .map(|len| format!("/{}", "s".repeat(*len)))
                        .collect();
                    for target in [
                        path.clone(),
                        format!("{path}/"),
                        format!("{path}?a=b"),
                        format!("{path}/?a=b"),
                    ] {
                        let denial = policy.authorize(&["all:read"], "GET", &target).denial();
                        assert_eq!(denial.is_none(), count <= MAX_SEGMENTS, "{count}: {target}");
                        let refused = routescope::path::check(target.as_bytes()).err();
                        assert_eq!(
                            denial,
                            refused.map(RouteDenial::BadPath),
                            "{count}: {target}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_set_of_another_policy_holds_nothing() {
    let compiled = catch_all();
    let policy = compiled.policy();
    let ours = policy.scope_set(["files:read", "files:*"]);
    assert!(policy.authorize(&ours, "GET", "/one/1").is_allow());
    assert!(!pbx::authorize(&ours, "GET", "/api/v1/colleagues/").is_allow());

    let all: ScopeSet = pbx::POLICY.scope_set(pbx::POLICY.scopes().map(Scope::name));
    assert!(pbx::authorize(&all, "GET", "/api/v1/colleagues/").is_allow());
    assert!(!policy.authorize(&all, "GET", "/one/1").is_allow());

    // The same file compiled twice is the same policy.
    let again = catch_all();
    assert!(again.policy().authorize(&ours, "GET", "/one/1").is_allow());
}

#[test]
fn a_set_that_is_too_small_holds_less() {
    let none: ScopeSet<0> = pbx::POLICY.scope_set_in(["pbx:*"]);
    assert_eq!((none.len(), none.unknown_count()), (0, 1));
    assert!(!pbx::authorize(&none, "GET", "/api/v1/colleagues/").is_allow());
}

#[test]
fn unknown_names_are_counted() {
    let held = pbx::scope_set([
        "calendar:read",
        "colleagues:read",
        "coll*:read",
        "",
        "colleagues:read",
    ]);
    assert_eq!(
        (held.len(), held.unknown_count(), held.is_empty()),
        (1, 3, false)
    );
    assert!(pbx::ScopeSet::default().is_empty());
    assert_eq!(size_of::<pbx::ScopeSet>(), 24);
}

#[test]
fn every_code_point_as_the_file_says() {
    for c in '\u{80}'..=char::MAX {
        let escapes: String = c
            .to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let target = format!("/x{escapes}x");
        let proper = routescope::path::check(target.as_bytes()).is_ok();
        assert_eq!(proper, well_formed(target.as_bytes()).is_some(), "{target}");
    }
}

#[test]
fn characters_that_turn_into_others() {
    // (name, a value, whether it is proper)
    let cases = [
        ("two dot leader, vertical", "%EF%B8%B0", false),
        ("Greek question mark", "a%CD%BE", false),
        ("kelvin sign", "%E2%84%AAeys", false),
        ("long s", "key%C5%BF", false),
        ("variation selector", "keys%EF%B8%8F", false),
        ("account of", "%E2%84%80", false),
        ("digit one full stop", "%E2%92%88", false),
        ("yen sign", "%C2%A5", false),
        ("sharp s, a letter like others", "stra%C3%9Fe", true),
        ("telephone", "%E2%98%8E", true),
    ];
    let compiled = catch_all();
    let policy = compiled.policy();
    for (name, value, proper) in cases {
        let decision = policy.authorize(&["files:read"], "GET", format!("/one/{value}"));
        assert_eq!(decision.is_allow(), proper, "{name}: {decision}");
    }
}
