//! The comparison of policies: cases that a reviewer must not miss, and random
//! pairs against requests.

use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use routescope_compiler::compare::{Change, Comparison, Held, Kind, compare, compare_policies};
use routescope_compiler::{Compiled, compile};
use routescope_core::Method;

fn policy(text: &str) -> Compiled {
    compile("test.yaml", text).unwrap_or_else(|report| panic!("{text}\n{report}"))
}

/// A policy of some lines `scope METHOD /template`, below some options.
fn lines(options: &str, routes: &[&str]) -> Compiled {
    let mut scopes: Vec<(&str, Vec<&str>)> = Vec::new();
    for route in routes {
        let (scope, route) = route.split_once(' ').unwrap();
        match scopes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, listed)) => listed.push(route),
            None => scopes.push((scope, vec![route])),
        }
    }
    let none = if scopes.is_empty() { " {}" } else { "" };
    let mut text = format!("version: 1\nname: t\nmethod_rule: none\n{options}scopes:{none}\n");
    for (scope, routes) in scopes {
        writeln!(text, "  \"{scope}\":\n    routes:").unwrap();
        for route in routes {
            writeln!(text, "      - route: {route}\n        overlap: allow").unwrap();
        }
    }
    policy(&text)
}

/// The comparison of two files, which is that of their tables too.
fn compared(old: &Compiled, new: &Compiled) -> Comparison {
    let comparison = compare(old, new).unwrap();
    let of_tables = compare_policies(old.policy(), new.policy());
    assert_eq!(of_tables.as_ref(), Ok(&comparison));
    comparison
}

/// Sets with a comma between them.
fn listed(sets: &[Held]) -> String {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    sets.join(", ")
}

/// Describes a change in one line.
fn line(change: &Change) -> String {
    let Change {
        kind,
        method,
        old,
        new,
        was: _,
        is: _,
        gained,
        lost,
        witness,
    } = change;
    let route = |route: &Option<String>| route.clone().unwrap_or("-".to_owned());
    format!(
        "{kind:?} {method}: {} => {} +[{}] -[{}] {}",
        route(old),
        route(new),
        listed(gained),
        listed(lost),
        witness.target
    )
}

#[track_caller]
fn check(old: &Compiled, new: &Compiled, expected: &[&str]) {
    let found = compared(old, new);
    let found: Vec<String> = found.changes.iter().map(line).collect();
    assert_eq!(found, expected);
}

#[test]
fn text_makes_no_difference() {
    let old = policy(
        "version: 1\nname: a\nscopes:\n  \"x:read\":\n    summary: one\n    routes:\n      - GET /b/{id}\n      - GET /a/\n",
    );
    let new = policy(
        "# another\nversion: 1\nname: b\nupdated: 2026-01-01\nscopes:\n  'x:read':\n    routes: [GET /a/, { route: \"GET /b/{other}\", note: n }]\n",
    );
    let found = compared(&old, &new);
    assert!(
        found.is_same() && !found.is_wider() && !found.is_narrower(),
        "{found:?}"
    );
    assert!(found.idle.is_empty());
}

#[test]
fn added_removed_moved() {
    let old = lines(
        "",
        &["a:read GET /a/", "a:read GET /b/{id}", "a:read GET /c/"],
    );
    let new = lines(
        "",
        &["a:read GET /a/", "b:read GET /b/{id}", "a:read GET /d/"],
    );
    check(
        &old,
        &new,
        &[
            "Moved GET: GET /b/{id} => GET /b/{id} +[b:read, b:*] -[a:read, a:*] /b/1",
            "Removed GET: GET /c/ => - +[] -[a:read, a:*] /c/",
            "Added GET: - => GET /d/ +[a:read, a:*] -[] /d/",
        ],
    );
    let counts = compared(&old, &new).counts;
    assert_eq!((counts.added, counts.removed, counts.moved), (1, 1, 1));
}

/// A new literal takes a path, with all its methods and other spellings, from
/// the parameter beside it; without it they come back.
#[test]
fn a_literal_covers_what_a_parameter_answered() {
    let old = lines("", &["a:read GET /a/{id}", "a:* DELETE /a/{id}"]);
    let new = lines(
        "",
        &[
            "a:read GET /a/{id}",
            "a:* DELETE /a/{id}",
            "b:read GET /a/im:port",
        ],
    );
    check(
        &old,
        &new,
        &[
            "Added GET: GET /a/{id} => GET /a/im:port +[b:read, b:*] -[a:read, a:*] /a/im:port",
            "Covered GET: GET /a/{id} => - +[] -[a:read, a:*] /a/Im:port",
            "Covered DELETE: DELETE /a/{id} => - +[] -[a:*] /a/im:port",
        ],
    );
    let back = compared(&new, &old);
    assert!(back.is_wider());
    assert!(
        back.changes
            .iter()
            .any(|change| change.kind == Kind::Uncovered && change.witness.target == "/a/Im:port")
    );
}

/// The same route under the same scopes: the literal only refuses look-alikes.
#[test]
fn a_literal_of_the_same_scope_still_narrows() {
    let old = lines("", &["a:read GET /a/{id}"]);
    let new = lines("", &["a:read GET /a/{id}", "a:read GET /a/new"]);
    check(
        &old,
        &new,
        &["Covered GET: GET /a/{id} => - +[] -[a:read, a:*] /a/New"],
    );
    let found = compared(&old, &new);
    assert_eq!(found.idle.len(), 1);
    assert!(found.idle[0].added && found.idle[0].route == "GET /a/new");
}

/// The last template still resembles whatever is a pattern to Windows, so that no such value shows
/// the difference.
#[test]
fn what_resembles_a_narrower_segment_goes_to_the_affix() {
    for (narrower, affix, other) in [
        ("/key=me", "/key={id}", "/key=you"),
        ("/5:x", "/{id}:x", "/6:x"),
        ("/me:x", "/{id}:x", "/6:x"),
        ("/(5)", "/({id})", "/(6)"),
        ("/(me)", "/({id})", "/(6)"),
        ("/(-=)", "/({id})", "/(6)"),
        ("/me", "/+{id}", "/you"),
        ("/me", "/{id}+", "/you"),
        ("/me", "/+{id}+", "/you"),
        ("/key={id}", "/+{id}", "/name={id}"),
        ("/{id}:x", "/{id}+", "/{id}:y"),
    ] {
        let route = |template: &str| format!("a:read GET {template}");
        let [narrower, affix, other] = [narrower, affix, other].map(route);
        let both = lines("", &[&narrower, &affix, &other]);
        let without = lines("", &[&affix, &other]);
        let (gone, new) = (compared(&both, &without), compared(&without, &both));
        let uncovered = |change: &Change| change.new.as_deref() == affix.strip_prefix("a:read ");
        assert!(
            gone.is_wider() && gone.changes.iter().any(uncovered),
            "{narrower} beside {affix}: {gone:?}"
        );
        assert!(new.is_narrower(), "{narrower} beside {affix}: {new:?}");
    }
}

#[test]
fn options() {
    let routes = ["a:read GET /a/b/", "a:read GET /{x}/{y}/"];
    let exact = lines("", &routes);
    let slash = lines("paths: { trailing_slash: optional }\n", &routes);
    check(
        &exact,
        &slash,
        &[
            "OptionReaches GET: - => GET /a/b/ +[a:read, a:*] -[] /a/b",
            "OptionReaches GET: - => GET /{x}/{y}/ +[a:read, a:*] -[] /1/1",
        ],
    );
    let case = lines("paths: { case: insensitive }\n", &routes);
    check(
        &exact,
        &case,
        &[
            "OptionReaches GET: - => GET /a/b/ +[a:read, a:*] -[] /a/B/",
            // A value that resembled `a` was refused; now it is that literal.
            "Uncovered GET: - => GET /{x}/{y}/ +[a:read, a:*] -[] /A/1/",
        ],
    );
    assert!(compared(&case, &exact).is_narrower());
    assert!(!compared(&case, &exact).is_wider());
}

#[test]
fn umbrella_and_global() {
    let routes = ["a:read GET /a/", "a:* PUT /a/"];
    let plain = lines("", &routes);
    let wide = lines("umbrella: u\nglobal: \"*:*\"\n", &routes);
    check(
        &plain,
        &wide,
        &[
            "Moved GET: GET /a/ => GET /a/ +[u:read, u:*, *:*] -[] /a/",
            "Moved PUT: PUT /a/ => PUT /a/ +[u:*, *:*] -[] /a/",
        ],
    );
}

#[test]
fn head_is_told_apart_from_get_only_where_it_differs() {
    let old = lines("", &["a:read GET /a"]);
    let new = lines("", &["a:read GET /a", "b:read HEAD /a"]);
    check(
        &old,
        &new,
        &["Added HEAD: GET /a => HEAD /a +[b:read, b:*] -[a:read, a:*] /a"],
    );
    check(
        &lines("", &["a:read HEAD /b"]),
        &old,
        &[
            "Added GET: - => GET /a +[a:read, a:*] -[] /a",
            "Removed HEAD: HEAD /b => - +[] -[a:read, a:*] /b",
        ],
    );
}

#[test]
fn a_route_that_no_request_reaches_is_idle() {
    let old = lines(
        "",
        &[
            "a:read GET /{a}",
            "a:read GET /{a}/",
            "a:read GET /{a}/{*b}",
        ],
    );
    let new = lines(
        "",
        &[
            "a:read GET /{a}",
            "a:read GET /{a}/",
            "a:read GET /{a}/{*b}",
            "b:read GET /{*all}",
        ],
    );
    let found = compared(&old, &new);
    assert!(found.is_same());
    assert_eq!((found.counts.added, found.idle.len()), (1, 1));
}

/// A literal with a wildcard is read as one without: the value that resembles it alone is
/// free where it goes.
#[test]
fn a_literal_with_a_wildcard_sets_a_value_free() {
    let kept = ["a:read GET /{x}", "a:read GET /y/z"];
    let with = lines("", &[kept[0], kept[1], "a:read GET /x%3E/z"]);
    let without = lines("", &kept);
    assert!(compared(&with, &without).is_wider());
    assert!(!compared(&without, &without).is_wider());
    assert!(compared(&without, &with).is_narrower());
}

/// More segments than a path may have lead nowhere, whatever the tables say.
#[test]
fn limits_of_paths_are_no_difference() {
    let deep = format!("/{}", ["{*}"; 1].join("/"));
    let mut routes = vec![format!("a:read GET {deep}")];
    for depth in 1..=32 {
        let path: String = (0..depth).map(|i| format!("/{{p{i}}}")).collect();
        routes.push(format!("a:read GET {path}"));
        routes.push(format!("a:read GET {path}/"));
    }
    let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
    let found = compared(&lines("", &routes), &lines("", &routes[1..]));
    assert!(found.is_same(), "{:?}", found.changes);

    // Two templates that only a path over 2,048 bytes would match both.
    let (a, b) = ("a".repeat(250), "b".repeat(250));
    let left = [a.as_str(); 5].join("/");
    let right = [b.as_str(); 5].join("/");
    let params = |from: usize| {
        (from..from + 5)
            .map(|i| format!("{{p{i}}}"))
            .collect::<Vec<_>>()
            .join("/")
    };
    let narrow = format!("a:read GET /{left}/{}", params(0));
    let wide = format!("a:read GET /{}/{right}", params(5));
    let both = compared(&lines("", &[&narrow, &wide]), &lines("", &[&narrow]));
    for change in &both.changes {
        // One is removed; of the other, what resembled a literal comes back.
        assert!(change.old.is_none() || change.new.is_none(), "{change:?}");
    }
}

#[test]
fn keys() {
    let key = |text: &str| lines(&format!("key: {{ {text} }}\n"), &["a:read GET /a"]);
    let none = lines("", &["a:read GET /a"]);
    let hex = key("prefix: k-, length: 40, alphabet: lower-hex");
    let any = key("prefix: k-, length: 40, alphabet: alphanumeric");
    let longer = key("prefix: k-v1, length: 40, alphabet: alphanumeric");
    let dash = key("prefix: k-v-, length: 40, alphabet: alphanumeric");
    for (old, new, wider, narrower) in [
        (&hex, &any, true, false),
        (&any, &longer, false, true),
        (&any, &dash, true, true),
        (&none, &any, false, true),
        (&any, &none, true, false),
    ] {
        let found = compared(old, new).key.unwrap();
        assert_eq!((found.wider, found.narrower), (wider, narrower));
    }
    assert!(compared(&any, &any).is_same());
}

const LITERAL_SEGMENTS: &[&str] = &["a", "A", "ab", "aB", "AB", "a:b", "A:b", "caf%7C", "x"];
const SCOPES: &[&str] = &["r:read", "r:*", "r:op", "s:read", "all:read"];
const OPTIONS: &[&str] = &[
    "",
    "umbrella: all\n",
    "global: \"*:*\"\n",
    "paths: { trailing_slash: optional, case: exact }\n",
    "paths: { trailing_slash: exact, case: insensitive }\n",
    "paths: { trailing_slash: optional, case: insensitive }\n",
];

fn route() -> impl Strategy<Value = (&'static str, &'static str, String)> {
    let segment = prop_oneof![
        3 => select(LITERAL_SEGMENTS).prop_map(str::to_owned),
        2 => Just("{}".to_owned())
    ];
    (
        select(SCOPES),
        select(vec!["GET", "HEAD", "POST"]),
        prop::collection::vec(segment, 0..4),
        select(vec!["", "/", "/{*}"]),
    )
        .prop_map(|(scope, method, segments, end)| {
            let path: String = segments
                .iter()
                .enumerate()
                .map(|(i, segment)| format!("/{}", segment.replace("{}", &format!("{{p{i}}}"))))
                .collect();
            let end = if path.is_empty() && end.is_empty() {
                "/"
            } else {
                end
            };
            (scope, method, path + end)
        })
}

type Recipe = (usize, Vec<(&'static str, &'static str, String)>);

/// A policy of those routes that do not conflict with an earlier one.
fn world((options, routes): &Recipe) -> Compiled {
    let options = OPTIONS[*options];
    let equal = |path: &str| {
        let mut path = path.to_owned();
        if options.contains("insensitive") {
            path = path.to_ascii_lowercase();
        }
        if options.contains("optional") && path.len() > 1 {
            path = path.trim_end_matches('/').to_owned();
        }
        path
    };
    let mut kept: Vec<&(&str, &str, String)> = Vec::new();
    for route in routes {
        let clash = kept.iter().any(|other| {
            other == &route || other.2 != route.2 && equal(&other.2) == equal(&route.2)
        });
        if !clash {
            kept.push(route);
        }
    }
    let listed: Vec<String> = kept
        .iter()
        .map(|(scope, method, path)| format!("{scope} {method} {path}"))
        .collect();
    lines(
        options,
        &listed.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

fn pair() -> impl Strategy<Value = (Recipe, Recipe)> {
    let routes = prop::collection::vec(route(), 1..8);
    let option = || 0..OPTIONS.len();
    (
        option(),
        routes,
        prop::bool::ANY,
        option(),
        any::<Index>(),
        prop::option::of(route()),
    )
        .prop_map(|(options, routes, same, other, drop, add)| {
            let mut changed = routes.clone();
            if drop.index(4) > 0 {
                changed.remove(drop.index(changed.len()));
            }
            changed.extend(add);
            let other = if same { options } else { other };
            ((options, routes), (other, changed))
        })
}

fn target() -> impl Strategy<Value = String> {
    let segment = select(vec![
        "a", "A", "ab", "aB", "Ab", "AB", "a:b", "A:b", "a:B", "a%3Ab", "A%3ab", "caf%7C",
        "caf%7c", "Caf%7C", "x", "X", "7", "1", ".", "",
    ]);
    (prop::collection::vec(segment, 0..5), prop::bool::ANY).prop_map(|(segments, slash)| {
        format!("/{}{}", segments.join("/"), if slash { "/" } else { "" })
    })
}

/// The scopes with which a request is allowed, from a list of all there are.
fn accepted(
    policy: &Compiled,
    method: &str,
    target: &str,
    scopes: &BTreeSet<String>,
) -> BTreeSet<String> {
    scopes
        .iter()
        .filter(|scope| {
            policy
                .policy()
                .authorize(&[scope], method, target)
                .is_allow()
        })
        .cloned()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 4000 }))]

    /// No request tells apart policies that the comparison calls the same. It reports a
    /// difference that a request shows under the routes that answer the request, and the
    /// policies confirm every difference that it reports.
    #[test]
    fn random_pairs((old, new) in pair(), targets in prop::collection::vec(target(), 60)) {
        let (old, new) = (world(&old), world(&new));
        let found = compared(&old, &new);
        let scopes: BTreeSet<String> = [&old, &new]
            .iter()
            .flat_map(|policy| policy.policy().scopes().map(|scope| scope.name().to_owned()).collect::<Vec<_>>())
            .collect();
        let witnesses = found.changes.iter().map(|change| change.witness.target.clone());
        for target in targets.iter().cloned().chain(witnesses) {
            for method in Method::ALL.map(Method::as_str) {
                let before = accepted(&old, method, &target, &scopes);
                let after = accepted(&new, method, &target, &scopes);
                if before == after {
                    continue;
                }
                let route = |policy: &Compiled| policy.policy().route(method, &target).ok().map(|route| route.to_string());
                let (was, is) = (route(&old), route(&new));
                let told = found.changes.iter().any(|change| {
                    let gained: BTreeSet<String> = change.gained.iter().map(ToString::to_string).collect();
                    let lost: BTreeSet<String> = change.lost.iter().map(ToString::to_string).collect();
                    let alike = change.method.as_str() == method || method == "HEAD" && change.method == Method::Get;
                    alike && change.old == was && change.new == is
                        && gained == after.difference(&before).cloned().collect()
                        && lost == before.difference(&after).cloned().collect()
                });
                prop_assert!(told, "{method} {target}: {before:?} => {after:?}, {was:?} => {is:?}, not in {:#?}", found.changes);
            }
        }
        for change in &found.changes {
            let (method, target) = (change.method, &change.witness.target);
            for held in &change.gained {
                prop_assert!(!old.policy().authorize(held.scopes(), method, target).is_allow());
                prop_assert!(new.policy().authorize(held.scopes(), method, target).is_allow());
            }
            for held in &change.lost {
                prop_assert!(old.policy().authorize(held.scopes(), method, target).is_allow());
                prop_assert!(!new.policy().authorize(held.scopes(), method, target).is_allow());
            }
            prop_assert!(!change.gained.is_empty() || !change.lost.is_empty());
        }
        // The other way round everything is the other way round.
        let back = compared(&new, &old);
        prop_assert_eq!((found.is_wider(), found.is_narrower()), (back.is_narrower(), back.is_wider()));
        prop_assert!(compared(&old, &old).is_same());
    }
}
