//! Routes in the notation of other routers: each is an error that names the
//! notation and ours, and no advice is refused in turn or widens a route
//! without saying so.

mod foreign;

use std::collections::BTreeSet;

use foreign::FOREIGN;
use proptest::prelude::*;
use routescope_compiler::{Problem, Report, compile};

fn policy(routes: &[&str]) -> String {
    let mut source =
        "version: 1\nname: t\nmethod_rule: none\nscopes:\n  \"users:read\":\n    routes:\n"
            .to_owned();
    for route in routes {
        source += &format!("      - {}\n", quoted(route));
    }
    source
}

/// As YAML writes any text.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn refusal(route: &str) -> Report {
    match compile("t.yaml", &policy(&[route])) {
        Err(report) => report,
        Ok(_) => panic!("`{route}` compiles"),
    }
}

#[test]
fn each_notation_is_named_with_ours() {
    for &(route, whose, advice) in FOREIGN {
        let report = refusal(route);
        let [problem] = report.problems() else {
            panic!("`{route}`: {report}");
        };
        if advice.is_empty() {
            // A query, whoever writes it how.
            assert!(
                problem.message().contains("begins a query"),
                "`{route}`: {report}"
            );
            continue;
        }
        assert!(
            problem
                .message()
                .contains(&format!("is the notation of {whose}")),
            "`{route}`: {report}"
        );
        assert!(
            problem.advice().any(|said| said.starts_with(advice)),
            "`{route}`: {report}"
        );
    }
}

/// Several parameters in a segment are not supported, and neither is a query; that a whole
/// segment is wider is said.
#[test]
fn what_is_not_supported_is_said() {
    for (route, message, advice) in [
        (
            "GET /files/{name}.{format}",
            "has several parameters",
            "a segment has one parameter at most",
        ),
        (
            "GET /v1/{id}%3Bx",
            "has an escape beside a parameter",
            "write the text before and behind a parameter without escapes",
        ),
        (
            "GET /a?x={y}",
            "begins a query, which is no part of a route",
            "leave it out: write `/a`, which answers whatever the query is",
        ),
        (
            "GET /a/?x=/b/{y}",
            "begins a query, which is no part of a route",
            "leave it out: write `/a/`,",
        ),
        (
            "GET /a{?page,size}",
            "begins a query, which is no part of a route",
            "leave it out: write `/a`,",
        ),
    ] {
        let report = refusal(route);
        let [problem] = report.problems() else {
            panic!("`{route}`: {report}");
        };
        assert!(problem.message().contains(message), "`{route}`: {report}");
        assert!(
            problem.advice().any(|said| said.starts_with(advice)),
            "`{route}`: {report}"
        );
        for advice in problem.advice() {
            let widens = advice.contains("{name}");
            assert_eq!(widens, advice.contains("wider"), "`{route}`: {advice}");
        }
    }
}

/// Segments that real tables have, and that stand for themselves.
#[test]
fn no_false_alarms() {
    for route in [
        "GET /v1/x:batchGet",
        "GET /v1/operations:cancel/",
        "GET /v1/$batch",
        "GET /v1/users/$count",
        "GET /v1/$metadata",
        "GET /Patient/$everything",
        "GET /ValueSet/$validate-code",
        "GET /me/messages/delta()",
        "GET /drive/items('x')/children",
        "GET /v1/@me/",
        "GET /a/b+c",
        "GET /a/x=1,y=2",
        "GET /a/~user",
        "GET /a/1:2:3",
        "GET /a/:",
        "GET /a/:8080",
        "GET /a/1.2.3-rc.1",
        "GET /a/.well-known/x",
        "GET /a/(draft)",
        "GET /a/{user.id}/{page_2}/{*rest}",
        "GET /a/{*}",
        "GET /v1/{id}:cancel",
        "GET /v1/{name}.json",
        "GET /v1/v{version}/x",
        "GET /v1/key={key}",
        "GET /v1/usage(period={period})",
        "GET /v1/items('{id}')",
        "GET /v1/@{user}/",
    ] {
        let compiled = compile("t.yaml", &policy(&[route]));
        let compiled = compiled.unwrap_or_else(|report| panic!("`{route}`: {report}"));
        assert!(compiled.policy().routes().len() == 1);
    }
    for (file, routes) in [("google-api-routes.txt", 5_203), ("../../routes.yaml", 110)] {
        let path = format!("{}/../../tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let paths: Vec<&str> = text
            .lines()
            .filter_map(|line| line.find(" /").map(|at| &line[at + 1..]))
            .filter(|path| !path.contains(' '))
            .collect();
        assert!(paths.len() >= routes, "{file}: {}", paths.len());
        for path in paths {
            let read = routescope_compiler::template::Template::parse(path);
            assert!(read.is_ok(), "{file}: {path}: {read:?}");
        }
    }
}

/// `literal: true` makes the segment stand for itself, and changes nothing of
/// what the template is.
#[test]
fn literal_true() {
    for path in [
        "/a/:id",
        "/a/*",
        "/a/**/b",
        "/a/health*",
        "/a/(.*)",
        "/a/$id",
    ] {
        let source =
            policy(&["GET /z"]) + &format!("      - route: GET {path}\n        literal: true\n");
        let compiled = compile("t.yaml", &source).unwrap_or_else(|report| panic!("{report}"));
        assert!(
            compiled.warnings().problems().is_empty(),
            "{}",
            compiled.warnings()
        );
        let policy = compiled.policy();
        assert!(
            policy.authorize(&["users:read"], "GET", path).is_allow(),
            "{path}"
        );
        assert!(
            !policy.authorize(&["users:read"], "GET", "/a/7").is_allow(),
            "{path}"
        );
    }
    // A segment that cannot be a literal stays a mistake.
    for path in ["/a/{id:int}", "/a/<id>", "/a/[id]", "/a/{id}{n}"] {
        let source = policy(&["GET /z"])
            + &format!(
                "      - route: {}\n        literal: true\n",
                quoted(&format!("GET {path}"))
            );
        assert!(compile("t.yaml", &source).is_err(), "{path}");
    }
}

/// Istio took a star inside a segment and never matched it.
#[test]
fn a03_a_star_in_a_segment_is_no_wildcard() {
    for route in [
        "GET /service/*health",
        "GET /service/health*",
        "GET /service/{n}*health",
    ] {
        let report = refusal(route);
        assert!(
            report
                .problems()
                .iter()
                .all(|problem| problem.advice().count() > 0),
            "{report}"
        );
    }
}

/// An invalid pattern must not let every request through.
#[test]
fn a09_no_pattern_is_taken() {
    let source = policy(&[
        "GET /users/[0-9]+(",
        "GET /users/{id:[0-9]+}",
        "GET /users/<id>",
        "GET /users/:id",
    ]);
    let report = compile("t.yaml", &source).unwrap_err();
    assert_eq!(report.problems().len(), 4, "{report}");
    for problem in report.problems() {
        assert!(problem.message().contains("is the notation of"), "{report}");
    }
}

/// In an embedded server, a star in the middle matched nothing.
#[test]
fn f08_a_star_in_the_middle() {
    let compiled = compile("t.yaml", &policy(&["GET /api/user/{id}/friends"])).unwrap();
    let policy = compiled.policy();
    assert!(
        policy
            .authorize(&["users:read"], "GET", "/api/user/192/friends")
            .is_allow()
    );
    let report = refusal("GET /api/user/*/friends");
    let advice: Vec<&str> = report.problems()[0].advice().collect();
    assert_eq!(advice[0], "write `/api/user/{name}/friends`");
}

/// The replacements that an advice proposes: templates, routes, and entries of a list.
fn proposals(problem: &Problem) -> Vec<String> {
    let mut proposals = Vec::new();
    for advice in problem.advice() {
        let (sentence, block) = advice.split_once('\n').unwrap_or((advice, ""));
        if let Some(entry) = block.strip_prefix("- ") {
            proposals.push(entry.replace("\n  ", "\n        "));
        }
        // The texts between backticks.
        for text in sentence.split('`').skip(1).step_by(2) {
            let written = text.split_once(' ').map_or(text, |(_, path)| path);
            if text.ends_with("...") {
                continue;
            }
            if written.starts_with('/') && written != text {
                proposals.push(quoted(text));
            } else if written.starts_with('/') {
                proposals.push(quoted(&format!("GET {text}")));
            } else if text.starts_with('{') {
                proposals.push(quoted(&format!("GET /x/{text}")));
            }
        }
    }
    proposals
}

/// No advice is refused in turn.
fn advice_compiles(route: &str) -> Result<usize, String> {
    let Err(report) = compile("t.yaml", &policy(&[route])) else {
        return Ok(0);
    };
    let mut tried = 0;
    for problem in report.problems() {
        for proposal in proposals(problem) {
            let source = policy(&[]) + &format!("      - {proposal}\n");
            if let Err(again) = compile("t.yaml", &source) {
                return Err(format!(
                    "`{route}` is answered with {proposal}:\n{report}\n{again}"
                ));
            }
            tried += 1;
        }
    }
    Ok(tried)
}

#[test]
fn every_advice_compiles() {
    let folder = format!("{}/tests/bad", env!("CARGO_MANIFEST_DIR"));
    let mut routes: BTreeSet<String> = FOREIGN
        .iter()
        .map(|(route, ..)| (*route).to_owned())
        .collect();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "yaml") {
            let text = std::fs::read_to_string(path).unwrap();
            routes.extend(
                text.lines()
                    .filter_map(|line| line.trim().strip_prefix("- "))
                    .map(str::to_owned),
            );
        }
    }
    assert!(routes.len() > 150, "{}", routes.len());
    let mut tried = 0;
    for route in &routes {
        match advice_compiles(route) {
            Ok(proposals) => tried += proposals,
            Err(message) => panic!("{message}"),
        }
    }
    assert!(tried > 100, "only {tried} proposals");
}

/// YAML takes a text that ends in a colon for a key, unless it is quoted.
#[test]
fn advice_for_a_route_that_ends_in_a_colon_compiles() {
    for route in ["GET /:id:", "GET /a/:b/:c:", "GET /:a:/:id:"] {
        match advice_compiles(route) {
            Ok(proposals) => assert!(proposals > 0, "{route}"),
            Err(message) => panic!("{message}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_advice_is_refused(pieces in proptest::collection::vec(piece(), 1..7)) {
        let route = pieces.concat();
        if let Err(message) = advice_compiles(&route) {
            prop_assert!(false, "{}", message);
        }
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "GET ",
        "get ",
        "POST ",
        "GET /",
        "/",
        "/",
        "/",
        "//",
        "a",
        "b",
        "id",
        "x",
        ":",
        ":id",
        "*",
        "**",
        "?",
        "?x=1",
        "{",
        "}",
        "{id}",
        "{*p}",
        "{id:int}",
        "{id?}",
        "{p=**}",
        "{n=a/*}",
        "{p+}",
        "{+p}",
        "{p...}",
        "{$}",
        "{.x}",
        "{a,b}",
        "{{",
        "}}",
        "<id>",
        "<int:id>",
        "<",
        ">",
        "[id]",
        "[...s]",
        "[0-9]+",
        "(.*)",
        "(",
        ")",
        "|",
        "\\d",
        "$id",
        "$",
        "^",
        "%",
        "%2F",
        "%41",
        "%c3%a9",
        "%2A",
        "%3Aid",
        "é",
        " ",
        "#",
        ";",
        ".",
        "..",
        "...",
        "=",
        "+",
        "https://h",
        "~",
        "@",
        "&",
        "!",
    ])
}
