//! Every template that matches a path, and the literal that a value resembles.

use routescope_compiler::{Compiled, compile};

const TEMPLATES: [&str; 8] = [
    "/",
    "/files/{*rest}",
    "/files/{id}/",
    "/files/Export",
    "/files/{id}/parts/{part}",
    "/files/archive/parts/first",
    "/{any}/{id}/parts/first",
    "/{any}/{id}/{kind}/{part}",
];

fn compiled(options: &str) -> Compiled {
    let routes: String = TEMPLATES
        .iter()
        .map(|path| format!("      - route: GET {path}\n        overlap: allow\n"))
        .collect();
    let source =
        format!("version: 1\nname: t\n{options}scopes:\n  \"a:read\":\n    routes:\n{routes}");
    compile("t.yaml", &source).unwrap()
}

const EXACT: &str = "";
const FOLDED: &str = "paths:\n  case: insensitive\n  trailing_slash: optional\n";

struct Case {
    name: &'static str,
    options: &'static str,
    path: &'static str,
    matching: &'static [&'static str],
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "the root", options: EXACT, path: "/", matching: &["/"] },
    Case { name: "a catch-all takes no nothing", options: EXACT, path: "/files", matching: &[] },
    Case { name: "nor the slash alone", options: EXACT, path: "/files/", matching: &[] },
    Case { name: "a catch-all takes one segment", options: EXACT, path: "/files/7", matching: &["/files/{*}"] },
    Case { name: "narrow before wide", options: EXACT, path: "/files/7/", matching: &["/files/{}/", "/files/{*}"] },
    Case { name: "a literal first", options: EXACT, path: "/files/Export", matching: &["/files/Export", "/files/{*}"] },
    Case { name: "in another case it is a value", options: EXACT, path: "/files/export", matching: &["/files/{*}"] },
    Case { name: "case does not matter", options: FOLDED, path: "/FILES/export", matching: &["/files/Export", "/files/{}/", "/files/{*}"] },
    Case { name: "nor the slash", options: FOLDED, path: "/files/7", matching: &["/files/{}/", "/files/{*}"] },
    Case { name: "by precedence from the left", options: EXACT, path: "/files/archive/parts/first",
        matching: &["/files/archive/parts/first", "/files/{}/parts/{}", "/files/{*}", "/{}/{}/parts/first", "/{}/{}/{}/{}"] },
    Case { name: "a query is ignored", options: EXACT, path: "/files/7?a=/b/", matching: &["/files/{*}"] },
    Case { name: "an empty segment is no value", options: EXACT, path: "/files//", matching: &[] },
    Case { name: "a broken path matches nothing", options: EXACT, path: "/files/../x", matching: &[] },
];

#[test]
fn matching() {
    for Case {
        name,
        options,
        path,
        matching,
    } in CASES
    {
        let compiled = compiled(options);
        let found = compiled.model().matcher().matching(path);
        let found: Vec<String> = found.iter().map(|it| it.template.to_string()).collect();
        assert_eq!(found, *matching, "{name}");
    }
}

#[test]
fn resembled() {
    let (exact, folded) = (compiled(EXACT), compiled(FOLDED));
    let cases = [
        (&exact, "/files/EXPORT", 1, Some("Export")),
        (&exact, "/files/Export", 1, None),
        (&exact, "/files/other", 1, None),
        (&exact, "/files/export+", 1, Some("Export")),
        (&exact, "/files/x%3C", 1, Some("Export")),
        (&exact, "/FILES/7/", 0, Some("files")),
        // The literals of a template that does not win count as well.
        (&exact, "/other/7/PARTS/first", 2, Some("parts")),
        (&exact, "/files/7", 9, None),
        (&exact, "/x%3C/../7", 1, None),
        (&folded, "/files/export", 1, Some("Export")),
        (&folded, "/FILES/export%2A", 1, Some("Export")),
    ];
    for (compiled, path, segment, expected) in cases {
        let matcher = compiled.model().matcher();
        let found = matcher.resembled(path, segment).map(ToString::to_string);
        assert_eq!(found.as_deref(), expected, "{path}");
    }
}
