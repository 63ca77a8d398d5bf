//! The hints of `explain` for questions that mean something else than they say. A hint never
//! changes the decision.

use crate::common::{Answer, TempFile, run};

const POLICY: &str = "\
version: 1
name: shop
method_rule: none
scopes:
  \"read:pets\":
    routes:
      - GET /
      - GET /users
      - GET /users/{id}
      - GET /users/{id}/photos/{photo}
      - GET /admin
      - GET /admin/{*path}
      - GET /reviews/{*rest}
";

struct Case {
    name: &'static str,
    arguments: &'static [&'static str],
    /// The reason, or `allow`.
    decision: &'static str,
    says: &'static [&'static str],
    never: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "a07: the root of a catch-all",
        arguments: &["GET", "/admin/"],
        decision: "unknown_route",
        says: &[
            "A catch-all takes one or more segments: `/admin/{*path}` does not match `/admin/` itself. If that is meant to be open too, list `GET /admin/` as well.",
            "/admin/{*path}  (GET, HEAD)\n     add a segment at the end: `{*path}` takes one or more",
            "/admin  (GET, HEAD)\n     drop the `/` at the end",
        ],
        never: &["in front", "at the front"],
    },
    Case {
        name: "a07: the root of a catch-all, without a slash",
        arguments: &["GET", "/reviews"],
        decision: "unknown_route",
        says: &[
            "`/reviews/{*rest}` does not match `/reviews` itself. If that is meant to be open too, list `GET /reviews` as well.",
        ],
        never: &["in front", "at the front"],
    },
    Case {
        name: "the root of a catch-all, misspelled",
        arguments: &["GET", "/review"],
        decision: "unknown_route",
        says: &["write `reviews` for `review`; add a segment at the end"],
        never: &["in front", "at the front"],
    },
    Case {
        name: "a template of the policy",
        arguments: &["GET", "/users/{id}/photos/{photo}", "-s", "read:pets"],
        decision: "bad_path",
        says: &[
            "`/users/{id}/photos/{photo}` is a template of the policy, not a path: ask with values, such as `/users/1/photos/1`. The request is then allowed.",
        ],
        never: &["%7B"],
    },
    Case {
        name: "a catch-all of the policy",
        arguments: &["GET", "/admin/{*path}"],
        decision: "bad_path",
        says: &["such as `/admin/1`. The request is then denied: missing_scope."],
        never: &["%7B"],
    },
    Case {
        name: "a template of another notation",
        arguments: &["GET", "/users/<id>"],
        decision: "bad_path",
        says: &["`<id>` looks like a parameter: ask with a value, such as `/users/1`."],
        never: &["%3C"],
    },
    Case {
        name: "a brace that is no parameter",
        arguments: &["GET", "/users/a{b"],
        decision: "bad_path",
        says: &["Escape it: write `%7B`."],
        never: &["looks like a parameter"],
    },
    Case {
        name: "a parameter that is a value here",
        arguments: &["GET", "/users/:id", "-s", "read:pets"],
        decision: "allow",
        says: &[
            "`:id` looks like a parameter, and is taken as a value: ask with a real one, such as `/users/1`.",
        ],
        never: &[],
    },
    Case {
        name: "an escaped template",
        arguments: &["GET", "/users/%7Bid%7D", "-s", "read:pets"],
        decision: "allow",
        says: &["`%7Bid%7D` looks like a parameter, and is taken as a value"],
        never: &[],
    },
    Case {
        name: "a colon that is no parameter",
        arguments: &["GET", "/users/a:b", "-s", "read:pets"],
        decision: "allow",
        says: &[],
        never: &["looks like a parameter"],
    },
    Case {
        name: "swapped arguments",
        arguments: &["/users/7", "GET", "-s", "read:pets"],
        decision: "bad_method",
        says: &[
            "The arguments are the wrong way round: ask `routescope explain GET /users/7`. The request is then allowed.",
        ],
        never: &["Use one of"],
    },
    Case {
        name: "swapped arguments, in small letters and without a slash",
        arguments: &["users/7", "get"],
        decision: "bad_method",
        says: &[
            "The arguments are the wrong way round: ask `routescope explain GET /users/7`. The request is then denied: missing_scope.",
        ],
        never: &["Use one of"],
    },
    Case {
        name: "no slash at the beginning",
        arguments: &["GET", "users/7", "-s", "read:pets"],
        decision: "bad_path",
        says: &["A path begins with `/`: send `/users/7`. The request is then allowed."],
        never: &[],
    },
    Case {
        name: "no slash at all",
        arguments: &["GET", "users"],
        decision: "bad_path",
        says: &[
            "A path begins with `/`: send `/users`. The request is then denied: missing_scope.",
        ],
        never: &[],
    },
    Case {
        name: "a URL",
        arguments: &["GET", "https://api.example/users/7?x=1", "-s", "read:pets"],
        decision: "bad_path",
        says: &["Send the path alone: `/users/7?x=1`. The request is then allowed."],
        never: &[],
    },
    Case {
        name: "a slash too much in front",
        arguments: &["GET", "//users", "-s", "read:pets"],
        decision: "bad_path",
        says: &["Write one `/`: `/users`. The request is then allowed."],
        never: &[],
    },
    Case {
        name: "a slash too much within",
        arguments: &["GET", "/users//7/?a=//", "-s", "read:pets"],
        decision: "bad_path",
        says: &["Write one `/`: `/users/7/?a=//`. The request is then denied: unknown_route."],
        never: &[],
    },
    Case {
        name: "slashes and another mistake",
        arguments: &["GET", "//a/../b"],
        decision: "bad_path",
        says: &["Write one `/`: `/a/../b`. The request is then denied: bad_path."],
        never: &[],
    },
    Case {
        name: "a slash too much at the end",
        arguments: &["GET", "/users/7/"],
        decision: "unknown_route",
        says: &["/users/{id}  (GET, HEAD)\n     drop the `/` at the end"],
        never: &["at the front"],
    },
    Case {
        name: "a scope the other way round",
        arguments: &["GET", "/users/7", "-s", "pets:read"],
        decision: "missing_scope",
        says: &[
            "grants nothing: it is the other way round here: `read:pets`",
            "Correct the key's `pets:read`: `read:pets` would allow the request.",
        ],
        never: &["another API"],
    },
];

#[test]
fn hints() {
    let file = TempFile::new("routes.yaml", POLICY);
    for case in CASES {
        let policy = ["--policy", &file.as_str()];
        let explain = |more: &[&str]| -> Answer {
            run(&[&["explain"], case.arguments, &policy, more].concat())
        };
        let answer = explain(&[]).exits(i32::from(case.decision != "allow"));
        let json = explain(&["--format", "json"]).json();
        let reason = json["reason"].as_str().unwrap_or("allow");
        assert_eq!(reason, case.decision, "{}", case.name);
        for text in case.says {
            assert!(
                answer.out.contains(text),
                "{}: {text}\n{}",
                case.name,
                answer.out
            );
        }
        for text in case.never {
            assert!(
                !answer.out.contains(text),
                "{}: {text}\n{}",
                case.name,
                answer.out
            );
        }
    }
}
