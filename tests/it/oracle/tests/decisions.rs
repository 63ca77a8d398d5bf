//! Small tables whose answers can be read off the rules.

use super::{answer, table};
use crate::oracle::{By, Oracle, Verdict, pbx};

#[test]
fn most_specific_template_wins_then_its_methods_decide() {
    let oracle = table(&[
        "t:x GET /",
        "t:x GET /a/b/x",
        "t:x GET /a/{p}/y",
        "t:x POST /a/{q}/y",
        "t:x GET /f/{*rest}",
        "t:x GET /f/{one}",
        "t:x PUT /f/{one}",
        "t:x DELETE /f/{another}",
        "t:x GET /f/lit/{*}",
    ]);
    for (method, target, want) in [
        ("GET", "/", "GET /"),
        ("GET", "/?a=b", "GET /"),
        ("GET", "/a/b/x", "GET /a/b/x"),
        ("GET", "/a/b/y", "GET /a/{p}/y"), // a literal dead end falls back
        ("HEAD", "/a/b/y", "GET /a/{p}/y"),
        ("POST", "/a/b/y", "POST /a/{q}/y"),
        ("PUT", "/a/b/y", "not on /a/{p}/y: GET HEAD POST"),
        ("POST", "/a/b/x", "not on /a/b/x: GET HEAD"),
        ("GET", "/a/b/x/", "UnknownRoute"), // the slash is part of the template
        ("GET", "/f/1", "GET /f/{one}"),
        ("GET", "/f/1/", "GET /f/{*rest}"),
        ("GET", "/f/1/2/3", "GET /f/{*rest}"),
        ("GET", "/f/", "UnknownRoute"), // a catch-all takes at least one
        ("GET", "/f/lit/1/", "GET /f/lit/{*}"),
        ("GET", "/f/lit/", "GET /f/{*rest}"),
        ("POST", "/f/1", "not on /f/{one}: GET HEAD PUT DELETE"),
        ("get", "/", "BadMethod"),
        ("TRACE", "/", "BadMethod"),
        ("get", "//", "BadMethod"), // the method comes first
    ] {
        assert_eq!(answer(&oracle, method, target), want, "{method} {target}");
    }
}

#[test]
fn one_route_shows_its_smallest_spelling() {
    let oracle = table(&[
        "t:z GET /a/{z}/",
        "t:m GET /a/{m}/",
        "t:b POST /a/{b}/",
        "t:a HEAD /h",
        "t:b POST /h",
    ]);
    assert_eq!(answer(&oracle, "GET", "/a/1/"), "GET /a/{m}/");
    assert_eq!(answer(&oracle, "POST", "/a/1/"), "POST /a/{b}/");
    assert_eq!(
        answer(&oracle, "PUT", "/a/1/"),
        "not on /a/{m}/: GET HEAD POST"
    );
    assert_eq!(answer(&oracle, "HEAD", "/h"), "HEAD /h");
    assert_eq!(answer(&oracle, "GET", "/h"), "not on /h: HEAD POST");
}

#[test]
fn shadows_are_refused_where_a_template_takes_them_as_values() {
    let mut oracle = table(&[
        "t:x PUT /t/import/",
        "t:x PUT /t/{id}/",
        "t:x GET /c/a:b/x",
        "t:x GET /c/{*rest}",
        "t:x GET /only/this",
        "t:x GET /deep/b/k",
        "t:x GET /deep/{p}/x",
        "t:x GET /deep/{p}/{q}",
        "t:x GET /w/Data",
        "t:x GET /w/data",
        "t:x GET /w/{p}",
    ]);
    for (method, target, want) in [
        ("PUT", "/t/import/", "PUT /t/import/"),
        ("PUT", "/t/IMPORT/", "BadPath"),
        ("GET", "/t/IMPORT/", "BadPath"), // before the method on the route
        ("PUT", "/t/imports/", "PUT /t/{id}/"),
        ("PUT", "/t/IMPORT", "UnknownRoute"), // no template matches without the slash
        ("GET", "/c/a%3Ab/x", "BadPath"),
        ("GET", "/c/a%3ab", "BadPath"), // the catch-all takes it, the literal was a sibling
        ("GET", "/c/a:b/y", "GET /c/{*rest}"),
        ("GET", "/c/a:b/X", "BadPath"),
        ("GET", "/c/z/X", "GET /c/{*rest}"), // no template with the literal x is alive after z
        ("GET", "/only/THIS", "UnknownRoute"),
        ("GET", "/deep/b/X", "BadPath"), // x is alive through {p}, although b is a literal
        ("GET", "/deep/b/K", "BadPath"),
        ("GET", "/deep/q/K", "GET /deep/{p}/{q}"),
        ("GET", "/w/data", "GET /w/data"), // the winner takes no value
        ("GET", "/w/DATA", "BadPath"),
    ] {
        assert_eq!(answer(&oracle, method, target), want, "{method} {target}");
    }

    oracle.case_insensitive = true;
    for (method, target, want) in [
        ("PUT", "/T/IMPORT/", "PUT /t/import/"),
        ("GET", "/only/THIS", "GET /only/this"),
        ("GET", "/c/A%3Ab/x", "BadPath"), // escapes still make another spelling
    ] {
        assert_eq!(answer(&oracle, method, target), want, "{method} {target}");
    }
}

#[test]
fn rule_7_refuses_and_never_changes_which_template_wins() {
    // `A` collides in case with a literal of a later template, and the winner takes it as a value.
    let mut oracle = table(&["t:x GET /b/{x}/{*rest}", "t:y GET /{p}/A/{q}"]);
    assert_eq!(answer(&oracle, "GET", "/b/A/z"), "GET /b/{x}/{*rest}");
    oracle = table(&[
        "t:x GET /b/{x}/{*rest}",
        "t:y GET /{p}/A/{q}",
        "t:y GET /{p}/a",
    ]);
    for (target, want) in [
        ("/b/A/z", "BadPath"), // x is A, and resembles a
        ("/c/A/z", "GET /{p}/A/{q}"),
        ("/c/a", "GET /{p}/a"),
        ("/b/a/z", "BadPath"),
        ("/c/a/z", "UnknownRoute"),
        ("/b/z/A", "GET /b/{x}/{*rest}"), // A is no literal there
    ] {
        assert_eq!(answer(&oracle, "GET", target), want, "{target}");
    }

    // The refused value comes after the segment at which the templates part.
    let oracle = table(&[
        "t:x GET /A/{x}/A/{*rest}",
        "t:y GET /{p}/aB/{q}/{r}",
        "t:y GET /{p}/ab",
    ]);
    for (target, want) in [
        ("/A/aB/a/z", "BadPath"), // q is a, and resembles A; {x} is aB, and resembles ab
        ("/A/aB/A/z", "BadPath"),
        ("/B/aB/a/z", "GET /{p}/aB/{q}/{r}"),
        ("/A/x/A/z", "GET /A/{x}/A/{*rest}"),
    ] {
        assert_eq!(answer(&oracle, "GET", target), want, "{target}");
    }
}

#[test]
fn trailing_slash_may_be_optional() {
    let mut oracle = table(&["t:x GET /", "t:x GET /a/", "t:x GET /b/{p}"]);
    assert_eq!(answer(&oracle, "GET", "/a"), "UnknownRoute");
    assert_eq!(answer(&oracle, "GET", "/b/1/"), "UnknownRoute");
    oracle.trailing_slash_optional = true;
    assert_eq!(answer(&oracle, "GET", "/a"), "GET /a/");
    assert_eq!(answer(&oracle, "GET", "/a/"), "GET /a/");
    assert_eq!(answer(&oracle, "GET", "/b/1/"), "GET /b/{p}");
    assert_eq!(answer(&oracle, "GET", "/"), "GET /");
    assert_eq!(answer(&oracle, "GET", ""), "BadPath");
    assert_eq!(answer(&oracle, "GET", "/a//"), "BadPath");
}

#[test]
fn accepted_scopes_come_narrowest_first() {
    let accepted = |oracle: &Oracle, target: &str| {
        let required = oracle.required(b"GET", target.as_bytes());
        required.expect("a route").1.accepted().join(" ")
    };

    let mut oracle = table(&[
        "b:read GET /x/{p}",
        "a:read GET /x/{q}", // the same route under two scopes
        "b:watch GET /x/{p}",
        "a:read GET /y",
        "a:read GET /y", // counts once
        "c:* GET /z",
        "u:read GET /v",
        "d:* GET /m",
        "e:read GET /m",
    ]);
    // b:read and b:watch reach one route, a:read two; b:* one, a:* two.
    assert_eq!(accepted(&oracle, "/x/1"), "b:read b:watch a:read b:* a:*");
    assert_eq!(accepted(&oracle, "/z"), "c:*");
    assert_eq!(accepted(&oracle, "/m"), "e:read d:* e:*");
    oracle.umbrella = Some("u".to_string());
    oracle.global = Some("*:*".to_string());
    assert_eq!(
        accepted(&oracle, "/x/1"),
        "b:read b:watch a:read b:* a:* u:read u:* *:*"
    );
    assert_eq!(accepted(&oracle, "/z"), "c:* u:* *:*");
    // Listed under the umbrella itself: a scope takes the lowest class that applies.
    assert_eq!(accepted(&oracle, "/v"), "u:read u:* *:*");
}

#[test]
fn held_scopes_compare_byte_for_byte() {
    let pbx = pbx();
    let decide = |held: &[&str]| pbx.decide(held, b"HEAD", b"/api/v1/colleagues/7/");
    let allow = |scope: &str| Verdict::Allow {
        route: "GET /api/v1/colleagues/{id}/".to_string(),
        by: By::Scope(scope.to_string()),
    };
    assert_eq!(decide(&["colleagues:read"]), allow("colleagues:read"));
    assert_eq!(decide(&["pbx:*", "colleagues:*"]), allow("colleagues:*"));
    assert_eq!(decide(&["nonsense", "pbx:read"]), allow("pbx:read"));
    for held in [
        &[][..],
        &["*:*"],
        &["Colleagues:read"],
        &["colleagues:re*"],
        &["coll*:read", "*:read", "colleagues", "colleagues:read ", ""],
        &["devices:*"],
    ] {
        let denied = Verdict::MissingScope {
            route: "GET /api/v1/colleagues/{id}/".to_string(),
            accepted: ["colleagues:read", "colleagues:*", "pbx:read", "pbx:*"]
                .map(String::from)
                .to_vec(),
            alternatives: ["colleagues:read", "colleagues:*", "pbx:read", "pbx:*"]
                .map(|scope| vec![String::from(scope)])
                .to_vec(),
        };
        assert_eq!(decide(held), denied, "{held:?}");
    }
}
