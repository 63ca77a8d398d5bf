//! Policies small enough for every question, and any other ones.

use proptest::prelude::*;

/// Small policies, each with the depth of the paths asked for.
pub(super) const POLICIES: [(&str, usize, &str); 19] = [
    (
        "literals and slashes",
        4,
        "
scopes:
  'a:read':
    routes:
      - GET /
      - GET /a
      - GET /a/
      - GET /a/b/c/
      - HEAD /a/b/c/
  'a:*':
    routes:
      - POST /a/
      - DELETE /a/b/c/
  'b:read':
    routes:
      - GET /b/c/
  'z:read':
",
    ),
    (
        "parameters and literals",
        3,
        "
key: { prefix: k-, length: 40, alphabet: lower-hex }
scopes:
  'a:read':
    routes:
      - GET /a/{x}/
      - GET /a/new/
      - GET /a/{x}/c:d
  'a:*':
    routes:
      - PUT /a/{x}/
      - DELETE /a/{y}/
      - POST /a/new/
  'a:Run':
    routes:
      - GET /a/new/
      - POST /a/{x}/c/
",
    ),
    (
        "catch-alls",
        4,
        "
scopes:
  'f:read':
    routes:
      - GET /f/{*path}
      - GET /f/a/b
      - GET /f/a/{*path}
      - GET /f
  'f:*':
    routes:
      - PUT /f/{*path}
      - DELETE /f/{id}/
",
    ),
    (
        "overlaps allowed",
        3,
        "
scopes:
  'a:read':
    routes:
      - route: GET /{x}/b
        overlap: allow
      - route: GET /a/{y}
        overlap: allow
      - route: GET /{x}/b/{*z}
        overlap: allow
      - route: GET /a/{y}/c
        overlap: allow
  'b:*':
    routes:
      - route: POST /{*all}
        overlap: allow
",
    ),
    (
        "case collisions among overlaps",
        3,
        "
method_rule: none
scopes:
  'a:use':
    routes:
      - route: GET /b/{x}/{*rest}
        overlap: allow
  'b:use':
    routes:
      - route: GET /{p}/A/{q}
        overlap: allow
      - GET /{p}/a
      - GET /{p}/a/
",
    ),
    (
        "any case",
        3,
        "
paths: { case: insensitive }
umbrella: u
scopes:
  'a:read':
    routes:
      - GET /Import/
      - GET /{id}/
      - GET /{id}/a:B
      - GET /Import/1
  'u:read':
    routes:
      - GET /1
",
    ),
    (
        "any slash",
        3,
        "
paths: { trailing_slash: optional }
scopes:
  'a:read':
    routes:
      - GET /
      - GET /a
      - GET /a/b/
      - GET /{x}/b
      - GET /c/d/{*x}
  'a:*':
    routes:
      - POST /a
      - PATCH /a/b/
",
    ),
    (
        "scopes of every width",
        2,
        "
umbrella: all
global: '*:*'
key: { prefix: k-, length: 40, alphabet: alphanumeric }
updated: 2026-05-28
scopes:
  'a:read':
    routes:
      - GET /a
      - GET /b
      - GET /c
  'b:read':
    routes:
      - GET /b
  'b:*':
    routes:
      - POST /b
  'c:Query':
    routes:
      - GET /c
      - POST /b
  'all:read':
    routes:
      - GET /a
",
    ),
    (
        "labels that share a slot",
        3,
        "
scopes:
  'a:read':
    routes:
      - GET /import
      - route: GET /Import
        overlap: allow
      - GET /IMPORT/
      - GET /{id}
      - GET /{id}/b
      - GET /%7B
      - GET /%7D
      - GET /x/a
      - route: GET /X/A
        overlap: allow
",
    ),
    (
        "compressed edges and dispatch nodes",
        3,
        "
scopes:
  'a:read':
    routes:
      - GET /v1/sys/reboot
      - GET /v1/sys/re
      - GET /device
      - GET /devices/
      - GET /device-types/all
      - GET /devices/types/{t}
",
    ),
    (
        "labels that others begin with",
        4,
        "
scopes:
  'a:read':
    routes:
      - GET /a
      - GET /a-b
      - GET /a/b/a
      - GET /a/bb/
      - GET /a.b/a-b/{x}
      - GET /b/a
      - GET /b/{*x}
",
    ),
    (
        "many literals and a parameter",
        2,
        "
scopes:
  'a:read':
    routes:
      - GET /{x}
      - GET /a
      - GET /b:c
      - GET /b/d
      - GET /e
      - GET /f/
      - GET /g
      - route: GET /G
        overlap: allow
      - GET /h
      - GET /%7B
      - GET /%7D
",
    ),
    (
        "sets under the umbrella",
        2,
        "
umbrella: u
method_rule: none
scopes:
  'a:read':
    routes:
      - GET /a
  'a:read b:read':
    routes:
      - GET /b
      - GET /c
  'a:op c:op':
    routes:
      - GET /c
      - POST /a
",
    ),
    (
        "opaque names, implied and together",
        2,
        "
scope_names: opaque
global: root
implies:
  write: [read]
  admin: [write]
public: [GET /login]
any_key: [GET /me, POST /me]
scopes:
  'read':
    routes:
      - GET /a
  'extra read':
    routes:
      - GET /b
  'extra more read':
    routes:
      - POST /b
  'more write':
    routes:
      - GET /b
",
    ),
    (
        "routes that need no scope",
        2,
        "
public:
  - GET /users/login
  - POST /users/login
any_key:
  - GET /users/me
scopes:
  'users:read':
    routes:
      - GET /users/{id}
  'users:*':
    routes:
      - PUT /users/{id}
      - PUT /users/me
",
    ),
    (
        "affixes, literals and a parameter",
        2,
        "
scopes:
  'a:read':
    routes:
      - GET /a/{id}
      - GET /a/all
      - GET /a/5:STOP
      - GET /a/{id}:stop/x
  'a:Stop':
    routes:
      - POST /a/{id}:stop
      - POST /a/{id}:go/
      - POST /a/f(p={p})
      - POST /a/{id}:go/x
",
    ),
    (
        "affixes alone, and beside literals",
        2,
        "
scopes:
  'a:read':
    routes:
      - GET /(key={k})
      - GET /(key={k})/x
      - GET /{s}.json
      - GET /a/all
      - GET /a/{id}:b
      - GET /a/{id}:b/{*rest}
",
    ),
    (
        "affixes in any case, with a catch-all",
        2,
        "
paths: { case: insensitive }
scopes:
  'a:read':
    routes:
      - GET /{id}:Stop
      - GET /5:stop
      - route: GET /a/{id}:go
        overlap: allow
      - GET /{*rest}
      - route: GET /{x}/b
        overlap: allow
",
    ),
    (
        "no colons in values",
        2,
        "
paths: { values: no-colon }
scopes:
  'a:read':
    routes:
      - GET /a/{id}
      - GET /a/{id}:go
      - GET /a/(k={k})/x
      - GET /a/b:c
      - GET /a/{id}/x
      - GET /c/{*rest}
  'b:read':
    routes:
      - GET /a/b:c/x
",
    ),
];

/// Templates over few words, so that they overlap, nest and share tails.
fn any_template() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "A", "c:d", "%7B", "%7D"]),
        // Selected by bytes after the eighth, and one by the byte after its end.
        2 => prop::sample::select(vec!["a-b", "abcdefgh1", "abcdefgh2", "abcdefgh"]),
        2 => Just("{}"),
        1 => prop::sample::select(vec!["{}:d", "{}:go", "a={}", "f({})"]),
    ];
    let tail = prop::sample::select(vec!["", "/", "/{*}"]);
    (prop::collection::vec(word, 0..4), tail).prop_map(|(words, tail)| {
        let mut text: String = words
            .iter()
            .enumerate()
            .map(|(i, word)| format!("/{}", word.replace("{}", &format!("{{p{i}}}"))))
            .collect();
        text.push_str(tail);
        if text.is_empty() { "/".into() } else { text }
    })
}

/// Headings of scopes, and then the lists of routes that need none.
const HEADINGS: [&str; 10] = [
    "a:read",
    "a:*",
    "b:read",
    "u:Run",
    "a:read b:read",
    "a:op b:read u:Run",
    "a:op u:Run",
    "a:* u:Run",
    "public",
    "any_key",
];

fn any_heading() -> impl Strategy<Value = &'static str> {
    let names = prop::sample::select(HEADINGS[..4].to_vec());
    let sets = prop::sample::select(HEADINGS[4..8].to_vec());
    prop_oneof![6 => names, 3 => sets, 1 => Just("public"), 1 => Just("any_key")]
}

/// A policy that compiles, unless an option makes two of its templates one, or a route is both open
/// and under scopes.
pub(super) fn any_policy() -> impl Strategy<Value = String> {
    let routes = prop::collection::btree_set(
        (
            any_heading(),
            prop::sample::select(vec!["GET", "HEAD", "PUT"]),
            any_template(),
        ),
        1..9,
    );
    let header = (any::<bool>(), any::<bool>(), any::<bool>(), 0..6u8);
    let names = (prop::bool::weighted(0.3), 0..6u8, prop::bool::weighted(0.2));
    (routes, header, names).prop_map(|(routes, header, (opaque, implies, many))| {
        let (umbrella, global, key, paths) = header;
        let mut text = String::from("version: 1\nname: any\nmethod_rule: none\n");
        text.push_str(if opaque { "scope_names: opaque\n" } else { "" });
        text.push_str(if umbrella && !opaque {
            "umbrella: u\n"
        } else {
            ""
        });
        text.push_str(if global { "global: \"*:*\"\n" } else { "" });
        text.push_str(if key {
            "key: { prefix: k-, length: 40, alphabet: lower-hex }\n"
        } else {
            ""
        });
        text.push_str(match paths {
            0 => "paths: { case: insensitive }\n",
            1 => "paths: { trailing_slash: optional }\n",
            2 => "paths: { values: no-colon }\n",
            3 => "paths: { case: insensitive, values: no-colon }\n",
            _ => "",
        });
        // Of each, the right side is a scope under which something is listed, if anything is.
        let named = |name: &str| {
            let mut headings = routes.iter().map(|(heading, ..)| *heading);
            headings.any(|heading| heading.split(' ').any(|other| other == name))
        };
        text.push_str("implies:\n");
        let stated = [("w:Run", "a:read"), ("w:*", "u:Run"), ("b:read", "a:op")];
        for (left, right) in stated.into_iter().take(implies.into()) {
            if named(right) {
                text.push_str(&format!("  \"{left}\": [\"{right}\"]\n"));
            }
        }
        text.push_str("scopes:\n");
        let filler = |i| format!("  \"filler{i}:op\":\n");
        text.extend((0..if many { 70 } else { 1 }).map(filler));
        for wanted in HEADINGS {
            let mut listed = routes
                .iter()
                .filter(|(heading, ..)| *heading == wanted)
                .peekable();
            if listed.peek().is_none() {
                continue;
            }
            text.push_str(&match wanted {
                "public" | "any_key" => format!("{wanted}:\n"),
                scopes => format!("  \"{scopes}\":\n    routes:\n"),
            });
            for (_, method, template) in listed {
                text.push_str(&format!(
                    "      - route: {method} {template}\n        overlap: allow\n"
                ));
            }
        }
        text
    })
}
