//! A query ends a path at any offset, and changes nothing else.

use routescope::path;
use routescope::{Policy, RouteDenial};
use routescope_compiler::compile;

const SOURCE: &str = "\
version: 1
name: queries
scopes:
  \"a:read\":
    routes:
      - GET /
      - GET /{a}
      - GET /{a}/
      - GET /{a}/b
      - GET /{a}/{b}/end/
      - GET /{a}/{b}/{c}/{d}
      - GET /{a}/{b}/{c}/{d}/{*rest}
      - GET /exact/path/without/parameters
";

/// Texts that are repeated into paths. The last is a template without parameters.
const FILLERS: [&str; 8] = [
    "/ab/c-d/e.f/1_2/Xy/",
    "/a",
    "/aaa",
    "/a/end",
    "/a0123456789bcdef/b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
    "/a%20b/@c",
    "/exact/path/without/parameters",
];

/// Texts in place of the end of a path, legal and not.
const ENDS: [&str; 10] = ["", "/", "//", ".", "/.", "/..", "a.", "%20", "~", "/end/"];

/// Queries of each kind of byte: slashes and dots mean nothing in them.
const LEGAL: [&str; 6] = [
    "?",
    "??",
    "?a",
    "?/a/b/../c//d",
    "?limit=50&offset=100",
    "?every=\"<>[]\\^`{|}~;%zz&visible=!$'()*+,-./:=@_&letter=0123456789&of=ASCII",
];

const ILLEGAL: [&str; 4] = ["?#", "? ", "?limit=50&offset=100#", "?name=\u{fc}&limit=50"];

/// Paths of each length up to 300, and each of them with each end.
fn paths() -> impl Iterator<Item = String> {
    let lens = (0..300).flat_map(|len| FILLERS.map(|filler| (len, filler)));
    lens.flat_map(|(len, filler)| {
        let filled: String = filler.chars().cycle().take(len).collect();
        ENDS.map(|end| {
            let kept = filled.len().saturating_sub(end.len());
            format!("{}{end}", &filled[..kept])
        })
    })
}

#[test]
fn a_query_changes_nothing_but_where_the_path_ends() {
    let compiled = compile("queries.yaml", SOURCE).expect("a proper policy");
    let policy: Policy<'_> = compiled.policy();
    let decide = |target: &str| policy.authorize(&["a:read"], "GET", target);
    let mut allowed = 0;
    for path in paths() {
        let without = decide(&path);
        allowed += usize::from(without.is_allow());
        let long = format!("?{}", "q/".repeat(150));
        for query in LEGAL.into_iter().chain([long.as_str()]) {
            let target = format!("{path}{query}");
            assert_eq!(decide(&target), without, "{target}");
        }
        for query in ILLEGAL {
            let target = format!("{path}{query}");
            // The check of every rule, which knows no scan.
            let refused = path::check(target.as_bytes()).expect_err(&target);
            let denial = decide(&target).denial();
            assert_eq!(denial, Some(RouteDenial::BadPath(refused)), "{target}");
        }
    }
    // Paths that keep the rules are among them, of each shape.
    assert!(allowed > 2000, "{allowed}");
}
