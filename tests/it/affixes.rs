//! Parameters with a literal beside them, such as `{id}:cancel`: which template a path goes to, and
//! which paths are refused. Each case is decided by a policy, its bytes and the oracle.

use routescope::{Decision, RouteDenial};
use routescope_compiler::compile;

use crate::oracle::{Heading, Listed, Oracle, Verdict};

/// A request, the held scope and the expected reason.
type Asked = (&'static str, &'static str, &'static str, &'static str);

struct Case {
    name: &'static str,
    options: &'static str,
    /// Scope, method and template.
    routes: &'static [(&'static str, &'static str, &'static str)],
    requests: &'static [Asked],
}

/// Verbs behind a value, as Google's APIs have them.
const VERBS: &[(&str, &str, &str)] = &[
    ("entries:read", "GET", "/v1/entries/{id}"),
    ("entries:write", "PATCH", "/v1/entries/{id}"),
    ("entries:read", "GET", "/v1/entries/export"),
    ("policies:read", "GET", "/v1/entries/{id}:getPolicy"),
    ("policies:write", "POST", "/v1/entries/{id}:setPolicy"),
    ("entries:read", "GET", "/v1/entries/{id}:setPolicy/log"),
];

const CASES: &[Case] = &[
    Case {
        name: "a verb is never the parameter's route",
        options: "",
        routes: VERBS,
        requests: &[
            ("entries:read", "GET", "/v1/entries/5", "allow"),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:getPolicy",
                "missing_scope",
            ),
            ("policies:read", "GET", "/v1/entries/5:getPolicy", "allow"),
            ("policies:read", "HEAD", "/v1/entries/5:getPolicy", "allow"),
            ("policies:read", "GET", "/v1/entries/a:b:getPolicy", "allow"),
            // The winner's methods decide.
            (
                "entries:write",
                "PATCH",
                "/v1/entries/5:getPolicy",
                "method_not_listed",
            ),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:setPolicy",
                "method_not_listed",
            ),
            ("policies:write", "POST", "/v1/entries/5:setPolicy", "allow"),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:setPolicy/log",
                "allow",
            ),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:getPolicy/log",
                "unknown_route",
            ),
            // A verb that the policy does not list is a value.
            ("entries:read", "GET", "/v1/entries/5:delete", "allow"),
            ("entries:read", "GET", "/v1/entries/5:getPolicyX", "allow"),
            ("entries:read", "GET", "/v1/entries/getPolicy", "allow"),
        ],
    },
    Case {
        name: "what resembles a verb is refused",
        options: "",
        routes: VERBS,
        requests: &[
            ("entries:read", "GET", "/v1/entries/5:GETPOLICY", "bad_path"),
            ("entries:read", "GET", "/v1/entries/5:getpolicy", "bad_path"),
            (
                "entries:read",
                "GET",
                "/v1/entries/5%3AgetPolicy",
                "bad_path",
            ),
            (
                "entries:read",
                "GET",
                "/v1/entries/5%3agetPolicy",
                "bad_path",
            ),
            ("entries:read", "GET", "/v1/entries/:getPolicy", "bad_path"),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:getPolicy+",
                "bad_path",
            ),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:getPolicy:",
                "bad_path",
            ),
            (
                "entries:read",
                "GET",
                "/v1/entries/5:get%F0%9D%90%8Folicy",
                "bad_path",
            ),
            ("entries:read", "GET", "/v1/entries/5%22", "bad_path"),
            (
                "policies:read",
                "GET",
                "/v1/entries/%C3%BC:getPolicy",
                "allow",
            ),
            // A literal that the value of a verb resembles.
            ("entries:read", "GET", "/v1/entries/EXPORT", "bad_path"),
            (
                "policies:read",
                "GET",
                "/v1/entries/export:getPolicy",
                "allow",
            ),
            // Rule 7 refuses only what a template matches.
            (
                "entries:read",
                "GET",
                "/v1/entries/5:GETPOLICY/log",
                "unknown_route",
            ),
        ],
    },
    Case {
        name: "a text before the value, and on both sides",
        options: "",
        routes: &[
            ("users:read", "GET", "/v1/users/{id}"),
            ("keys:read", "GET", "/v1/users/key={key}"),
            ("usage:read", "GET", "/v1/usage(period={p})"),
            ("all:read", "GET", "/v1/{name}"),
        ],
        requests: &[
            ("keys:read", "GET", "/v1/users/key=5", "allow"),
            ("users:read", "GET", "/v1/users/key=5", "missing_scope"),
            ("users:read", "GET", "/v1/users/5", "allow"),
            ("users:read", "GET", "/v1/users/monkey=5", "allow"),
            ("users:read", "GET", "/v1/users/KEY=5", "bad_path"),
            ("users:read", "GET", "/v1/users/key%3D5", "bad_path"),
            ("users:read", "GET", "/v1/users/key=", "bad_path"),
            ("users:read", "GET", "/v1/users/+key=5", "bad_path"),
            ("users:read", "GET", "/v1/users/key", "allow"),
            ("usage:read", "GET", "/v1/usage(period='D7')", "allow"),
            ("all:read", "GET", "/v1/usage(period=)", "bad_path"),
            ("all:read", "GET", "/v1/usage(period=5", "allow"),
            ("all:read", "GET", "/v1/usage%28period=5)", "bad_path"),
        ],
    },
    Case {
        name: "affixes and nothing else",
        options: "",
        routes: &[
            ("a:read", "GET", "/v1/{id}.json"),
            ("b:read", "GET", "/v1/{id}.xml"),
            ("c:read", "GET", "/v1/index.html"),
        ],
        requests: &[
            ("a:read", "GET", "/v1/5.json", "allow"),
            ("b:read", "GET", "/v1/5.xml", "allow"),
            ("b:read", "GET", "/v1/5.json", "missing_scope"),
            ("c:read", "GET", "/v1/index.html", "allow"),
            ("a:read", "GET", "/v1/5", "unknown_route"),
            ("a:read", "GET", "/v1/.json", "unknown_route"),
            ("a:read", "GET", "/v1/5.JSON", "unknown_route"),
            ("a:read", "GET", "/v1/5.json/", "unknown_route"),
            ("a:read", "GET", "/v1/5.xml%22.json", "bad_path"),
        ],
    },
    Case {
        name: "a suffix does not begin within an escape",
        options: "",
        routes: &[
            ("a:read", "GET", "/v1/{id}A9"),
            ("b:read", "GET", "/v1/{id}"),
        ],
        requests: &[
            ("a:read", "GET", "/v1/5A9", "allow"),
            ("a:read", "GET", "/v1/%C3%A9", "missing_scope"),
            ("b:read", "GET", "/v1/%C3%A9", "allow"),
            ("a:read", "GET", "/v1/%C3%A9A9", "allow"),
        ],
    },
    Case {
        name: "any case",
        options: "paths: { case: insensitive }",
        routes: &[
            ("a:read", "GET", "/v1/{id}:Cancel"),
            ("b:read", "GET", "/v1/{id}"),
        ],
        requests: &[
            ("a:read", "GET", "/V1/5:CANCEL", "allow"),
            ("b:read", "GET", "/v1/5:cancel", "missing_scope"),
            ("b:read", "GET", "/v1/:CANCEL", "bad_path"),
            ("b:read", "GET", "/v1/5%3ACANCEL", "bad_path"),
        ],
    },
    Case {
        name: "a dead end behind an affix falls back to the parameter",
        options: "",
        routes: &[
            ("a:read", "GET", "/v1/{id}:x/b"),
            ("b:read", "GET", "/v1/{id}/c"),
            ("c:read", "GET", "/v1/5:x/d"),
        ],
        requests: &[
            ("a:read", "GET", "/v1/7:x/b", "allow"),
            ("b:read", "GET", "/v1/7:x/c", "allow"),
            ("a:read", "GET", "/v1/5:x/b", "allow"),
            ("b:read", "GET", "/v1/5:x/c", "allow"),
            ("c:read", "GET", "/v1/5:x/d", "allow"),
            ("b:read", "GET", "/v1/5:X/c", "bad_path"),
            ("c:read", "GET", "/v1/7:x/d", "unknown_route"),
        ],
    },
    Case {
        name: "no colon in any value",
        options: "paths: { values: no-colon }",
        routes: &[
            ("a:read", "GET", "/v1/{id}"),
            ("a:read", "GET", "/v1/{id}/parts"),
            ("b:read", "GET", "/v1/{id}:cancel"),
            ("b:read", "GET", "/v1/x:y"),
            ("c:read", "GET", "/f/{*path}"),
            ("c:read", "GET", "/x:y"),
        ],
        requests: &[
            ("a:read", "GET", "/v1/5", "allow"),
            ("a:read", "GET", "/v1/5:delete", "bad_path"),
            ("a:read", "GET", "/v1/5%3Adelete", "bad_path"),
            ("a:read", "GET", "/v1/5%3adelete", "bad_path"),
            ("a:read", "GET", "/v1/5:delete/parts", "bad_path"),
            ("b:read", "GET", "/v1/5:cancel", "allow"),
            ("b:read", "GET", "/v1/5:a:cancel", "bad_path"),
            ("a:read", "GET", "/v1/5:cancel/parts", "bad_path"),
            ("b:read", "GET", "/v1/x:y", "allow"),
            ("a:read", "GET", "/v1/x:y/parts", "bad_path"),
            ("c:read", "GET", "/f/a/b:c/d", "bad_path"),
            ("c:read", "GET", "/f/a/b/d", "allow"),
            ("c:read", "GET", "/x:y", "allow"),
            // Only what a template matches is refused.
            ("a:read", "GET", "/v1/5:delete/other", "unknown_route"),
        ],
    },
];

impl Case {
    fn oracle(&self) -> Oracle {
        let routes = self.routes.iter().map(|(scope, method, template)| Listed {
            heading: Heading::of(scope),
            method: (*method).to_owned(),
            template: (*template).to_owned(),
        });
        Oracle {
            case_insensitive: self.options.contains("insensitive"),
            no_colon: self.options.contains("no-colon"),
            routes: routes.collect(),
            ..Oracle::default()
        }
    }

    fn source(&self) -> String {
        let mut text = format!(
            "version: 1\nname: t\nmethod_rule: none\n{}\nscopes:\n",
            self.options
        );
        let mut scopes: Vec<&str> = self.routes.iter().map(|(scope, ..)| *scope).collect();
        scopes.sort_unstable();
        scopes.dedup();
        for scope in scopes {
            text += &format!("  \"{scope}\":\n    routes:\n");
            for (_, method, template) in self.routes.iter().filter(|route| route.0 == scope) {
                text += &format!("      - route: {method} {template}\n        overlap: allow\n");
            }
        }
        text
    }
}

#[test]
fn decisions() {
    for case in CASES {
        let name = case.name;
        let compiled =
            compile("t.yaml", &case.source()).unwrap_or_else(|report| panic!("{name}: {report}"));
        let bytes = compiled.to_bytes();
        let loaded = routescope::Policy::from_bytes(&bytes).unwrap();
        let oracle = case.oracle();
        for (scope, method, target, want) in case.requests {
            for policy in [compiled.policy(), loaded.policy()] {
                let decision = policy.authorize(&[*scope], method, target);
                let got = decision
                    .denial()
                    .map_or("allow", |denial| denial.reason().as_str());
                assert_eq!(got, *want, "{name}: {scope} {method} {target}");
            }
            let got = match oracle.decide(&[*scope], method.as_bytes(), target.as_bytes()) {
                Verdict::Allow { .. } => "allow",
                Verdict::NoValidKey => "missing_key",
                Verdict::BadMethod => "bad_method",
                Verdict::BadPath => "bad_path",
                Verdict::UnknownRoute => "unknown_route",
                Verdict::MethodNotListed { .. } => "method_not_listed",
                Verdict::MissingScope { .. } => "missing_scope",
            };
            assert_eq!(got, *want, "{name}, the oracle: {scope} {method} {target}");
        }
    }
}

/// The rule that a refused path breaks, and where: at the value.
#[test]
fn rules() {
    let case = CASES.last().unwrap();
    let compiled = compile("t.yaml", &case.source()).unwrap();
    let policy = compiled.policy();
    for (target, rule, at) in [
        ("/v1/5:delete", "colon_in_value", 4),
        ("/v1/5%3Adelete", "colon_in_value", 4),
        ("/f/a/b:c/d", "colon_in_value", 5),
        ("/v1/x:y/parts", "colon_in_value", 4),
        ("/v1/%22", "shadows_literal", 4),
        ("/v1/5:CANCEL", "colon_in_value", 4),
    ] {
        let Decision::Deny(RouteDenial::BadPath(bad)) =
            policy.authorize(&["a:read"], "GET", target)
        else {
            panic!("{target} is not refused");
        };
        assert_eq!((bad.rule.as_str(), bad.at), (rule, at), "{target}");
    }
}
