//! Small tables about names of scopes, sets, `implies`, and routes that need no scope.

use super::{answer, table};
use crate::oracle::{By, Heading, Listed, Oracle, Verdict};

/// A line whose heading may have several names, or is `public` or `any_key`.
fn line(heading: &str, method: &str, template: &str) -> Listed {
    Listed {
        heading: match heading {
            "public" => Heading::Public,
            "any_key" => Heading::AnyKey,
            names => Heading::of(names),
        },
        method: method.to_owned(),
        template: template.to_owned(),
    }
}

fn implying(mut oracle: Oracle, pairs: &[(&str, &str)]) -> Oracle {
    let owned = |(left, right): &(&str, &str)| ((*left).to_owned(), (*right).to_owned());
    oracle.implies = pairs.iter().map(owned).collect();
    oracle
}

/// By what a key that holds these names calls the route, or the reason of the denial.
fn by(oracle: &Oracle, held: &str, target: &str) -> String {
    let held: Vec<&str> = held.split(' ').filter(|name| !name.is_empty()).collect();
    match oracle.decide(&held, b"GET", target.as_bytes()) {
        Verdict::Allow { by, .. } => match by {
            By::Scope(scope) => scope,
            By::All(set) => set.join(" + "),
            By::AnyKey => "any key".to_owned(),
            By::Public => "public".to_owned(),
        },
        Verdict::MissingScope { alternatives, .. } => {
            let alternatives = alternatives.iter().map(|set| set.join(" + "));
            format!("needs {}", alternatives.collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn opaque_names_imply_nothing() {
    let mut oracle = table(&["r:read GET /a", "r:* GET /b", "*:* GET /c", "files GET /d"]);
    oracle.opaque = true;
    for (held, target, want) in [
        ("r:read", "/a", "r:read"),
        ("r:*", "/a", "needs r:read"),
        ("*:*", "/a", "needs r:read"),
        ("r:*", "/b", "r:*"),
        ("r:read", "/b", "needs r:*"),
        ("*:*", "/c", "*:*"),
        ("files.read file FILES", "/d", "needs files"),
    ] {
        assert_eq!(by(&oracle, held, target), want, "{held} {target}");
    }
    oracle.global = Some("root".to_owned());
    assert_eq!(by(&oracle, "root", "/a"), "root");
    assert_eq!(by(&oracle, "", "/a"), "needs r:read, root");
}

#[test]
fn a_set_is_met_as_a_whole() {
    let mut oracle = table(&["r:read GET /a"]);
    oracle.routes.push(line("r:op s:op", "GET", "/b"));
    oracle.routes.push(line("s:read t:read", "GET", "/b"));
    for (held, target, want) in [
        ("r:op", "/b", "needs r:op + s:op, s:read + t:read"),
        ("s:op r:op", "/b", "r:op + s:op"),
        // Halves of two alternatives.
        ("r:op t:read", "/b", "needs r:op + s:op, s:read + t:read"),
        ("r:* s:op", "/b", "r:op + s:op"),
        ("r:* s:*", "/b", "r:op + s:op"),
        ("r:op s:op", "/a", "needs r:read, r:*"),
    ] {
        assert_eq!(by(&oracle, held, target), want, "{held} {target}");
    }
    // The umbrella is as good as all of them, and so suffices alone.
    oracle.umbrella = Some("u".to_owned());
    assert_eq!(by(&oracle, "u:*", "/b"), "u:*");
    assert_eq!(by(&oracle, "u:read", "/b"), "u:read");
    assert_eq!(by(&oracle, "u:op", "/b"), by(&oracle, "", "/b"));
}

#[test]
fn implies_goes_on_step_by_step_and_one_way() {
    let oracle = implying(
        table(&["read GET /r", "write GET /w", "admin GET /a"]),
        &[("admin", "write"), ("write", "read"), ("root", "admin")],
    );
    let mut oracle = Oracle {
        opaque: true,
        ..oracle
    };
    for (held, target, want) in [
        ("root", "/r", "root"),
        ("write", "/r", "write"),
        ("write", "/a", "needs admin, root"),
        ("read", "/w", "needs admin, root, write"),
    ] {
        // All of these open as many routes as they imply scopes.
        let found = by(&oracle, held, target);
        let mut names: Vec<&str> = found.trim_start_matches("needs ").split(", ").collect();
        names.sort_unstable();
        let found = match found.starts_with("needs") {
            true => format!("needs {}", names.join(", ")),
            false => found,
        };
        assert_eq!(found, want, "{held} {target}");
    }
    // A scope that another one of its heading brings along is not asked for twice, and who has one
    // heading anyway needs no other.
    oracle.routes.push(line("admin read", "GET", "/s"));
    oracle.routes.push(line("extra write", "GET", "/s"));
    oracle.routes.push(line("admin extra", "GET", "/t"));
    oracle.routes.push(line("extra read", "GET", "/t"));
    assert_eq!(by(&oracle, "", "/s"), "needs admin, extra + write, root");
    assert_eq!(by(&oracle, "", "/t"), "needs extra + read");
    assert_eq!(by(&oracle, "extra root", "/t"), "extra + read");
}

#[test]
fn some_routes_need_no_scope() {
    let mut oracle = table(&["r:read GET /users/{id}", "r:op POST /users/{id}"]);
    oracle.routes.push(line("public", "GET", "/users/login"));
    oracle.routes.push(line("any_key", "GET", "/users/me"));
    for (held, target, want) in [
        ("", "/users/login", "public"),
        ("r:read", "/users/login", "public"),
        ("", "/users/me", "any key"),
        ("", "/users/7", "needs r:read, r:*"),
        // Rule 7 goes on as before.
        ("r:*", "/users/LOGIN", "BadPath"),
    ] {
        assert_eq!(by(&oracle, held, target), want, "{held} {target}");
    }
    assert_eq!(
        answer(&oracle, "POST", "/users/login"),
        "not on /users/login: GET HEAD"
    );
    let without_key = |method: &str, target: &str| match oracle
        .decide_without_key(method.as_bytes(), target.as_bytes())
    {
        Verdict::Allow { route, by } => format!("{route} {by:?}"),
        other => format!("{other:?}"),
    };
    for (method, target, want) in [
        ("GET", "/users/login", "GET /users/login Public"),
        ("HEAD", "/users/login?a=b", "GET /users/login Public"),
        ("POST", "/users/login", "NoValidKey"),
        ("GET", "/users/login/", "NoValidKey"),
        ("GET", "/users/Login", "NoValidKey"),
        ("GET", "/users/me", "NoValidKey"),
        ("GET", "/users/7", "NoValidKey"),
        ("get", "/users/login", "NoValidKey"),
        ("GET", "/users//login", "NoValidKey"),
        ("GET", "/nothing", "NoValidKey"),
    ] {
        assert_eq!(without_key(method, target), want, "{method} {target}");
    }
}
