//! Public bug reports and real files about logs, descriptions and guides,
//! turned into small inputs: each case is named after what it was tried as.

use std::fmt::Write as _;

use crate::common::{Answer, expect, repository, run, run_with_input};
use serde_json::{Value, json};

/// The expected answer about a log.
struct Log {
    name: &'static str,
    file: &'static str,
    only_successful: bool,
    code: i32,
    /// The scopes that are suggested.
    scopes: &'static [&'static str],
    /// The scopes that only refused requests would need.
    refused: &'static [&'static str],
    /// Lines that could not be read, lines without a request, requests left
    /// out for their status and for the lack of one.
    counts: [u64; 4],
}

const LOGS: [Log; 12] = [
    Log {
        name: "c01_apache_writes_an_empty_user_in_quotes",
        file: "c1-apache-empty-user.log",
        only_successful: false,
        code: 0,
        scopes: &["colleagues:read", "pbxpower:*", "phonebooks:read"],
        refused: &[],
        counts: [0, 0, 0, 0],
    },
    Log {
        name: "c02_alb_writes_scheme_and_host",
        file: "c2-alb.log",
        only_successful: false,
        code: 0,
        scopes: &["colleagues:read", "phonebooks:read"],
        refused: &["pbxpower:*"],
        counts: [0, 0, 0, 0],
    },
    Log {
        name: "c02_alb_writes_the_status_before_the_request",
        file: "c2-alb.log",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &[],
        counts: [0, 0, 2, 0],
    },
    Log {
        name: "c04_istio_says_response_code",
        file: "c4-istio.json",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &[],
        counts: [0, 2, 1, 0],
    },
    Log {
        name: "c04_envoy_says_status_code",
        file: "c4b-status_code.json",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &[],
        counts: [0, 0, 1, 0],
    },
    Log {
        name: "c04_what_was_refused_is_shown_apart",
        file: "c4b-status_code.json",
        only_successful: false,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &["pbxpower:*"],
        counts: [0, 0, 0, 0],
    },
    Log {
        name: "c08_kubernetes_writes_before_the_line",
        file: "c8a-cri-clf.log",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &[],
        counts: [0, 0, 0, 0],
    },
    Log {
        name: "c12_nginx_warns_with_the_request_behind_other_quotes",
        file: "c12-nginx-error.log",
        only_successful: false,
        code: 0,
        scopes: &["colleagues:read", "phonebooks:*"],
        refused: &[],
        counts: [0, 0, 0, 0],
    },
    Log {
        name: "c12_no_status_is_no_success",
        file: "c12-nginx-error.log",
        only_successful: true,
        code: 1,
        scopes: &[],
        refused: &[],
        counts: [0, 0, 0, 2],
    },
    Log {
        name: "c13_envoy_with_fields_of_its_own",
        file: "c12-envoy-custom.json",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &[],
        counts: [0, 0, 1, 0],
    },
    Log {
        name: "c16_traefik_writes_more_quotes_behind",
        file: "c15-traefik-clf.log",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read", "pbxpower:*"],
        refused: &[],
        counts: [0, 0, 0, 0],
    },
    Log {
        name: "c17_haproxy_writes_the_status_before_the_request",
        file: "c19-haproxy.log",
        only_successful: true,
        code: 0,
        scopes: &["colleagues:read"],
        refused: &[],
        counts: [0, 0, 1, 0],
    },
];

fn trial(file: &str) -> String {
    let path = repository().join("crates/cli/tests/data/trial").join(file);
    path.to_str().unwrap().to_owned()
}

#[test]
fn logs_suggest_what_was_granted() {
    for case in &LOGS {
        let file = trial(case.file);
        let mut arguments = vec!["suggest", &file, "--format", "json"];
        if case.only_successful {
            arguments.push("--only-successful");
        }
        let answer = run(&arguments);
        assert_eq!(answer.code, case.code, "{}: {}", case.name, answer.err);
        let json = answer.json();
        let names = |list: &Value, field: &str| -> Value {
            let items = list.as_array().unwrap().iter();
            items.map(|item| item[field].clone()).collect()
        };
        let log = &json["logs"][0];
        assert_eq!(
            json!({
                "scopes": names(&json["scopes"], "scope"),
                "refused": json["refused"]["add"],
                "counts": [log["unread"], log["without_request"], json["left_out"], json["without_status"]],
            }),
            json!({ "scopes": case.scopes, "refused": case.refused, "counts": case.counts }),
            "{}",
            case.name
        );
    }
}

/// A request that was refused according to the log is no reason for a scope, whether the key
/// that is asked about opens it or not.
#[test]
fn what_was_refused_is_shown_apart() {
    let line =
        |request: &str, status: u16| format!("h - - [t] \"{request} HTTP/1.1\" {status} 0\n");
    let log = [
        line("GET /api/v1/colleagues/", 401),
        line("GET /api/v1/colleagues/", 200),
        line("PUT /api/v1/pbx/system/reboot/", 403),
        line("PUT /api/v1/pbx/system/reboot/", 403),
        line("GET /api/v1/colleagues/7/", 403),
        line("GET /nothing/", 403),
    ]
    .concat();
    let only_refused = line("PUT /api/v1/pbx/system/reboot/", 403);
    let garbled = format!(
        "{}garbled\n",
        line("GET /api/v1/colleagues/", 200).repeat(9)
    );
    let few_garbled = line("GET /api/v1/colleagues/", 200).repeat(2) + &garbled;
    let without_status = "h \"GET /api/v1/colleagues/ HTTP/1.1\"\n";
    let cases: [(&str, &str, &[&str], i32); 8] = [
        ("no key", &log, &[], 0),
        ("a key that lacks it", &log, &["-s", "colleagues:read"], 1),
        (
            "a key that holds it",
            &log,
            &["-s", "colleagues:read pbxpower:*"],
            0,
        ),
        (
            "left out",
            &log,
            &["-s", "colleagues:read", "--only-successful"],
            0,
        ),
        ("nothing else", &only_refused, &[], 1),
        ("a tenth unread", &garbled, &[], 1),
        ("less unread", &few_garbled, &[], 0),
        ("no status", without_status, &["--only-successful"], 1),
    ];
    let mut all = String::new();
    for (name, log, arguments, code) in cases {
        let arguments = [&["suggest", "-"], arguments].concat();
        let answer = run_with_input(&arguments, log.as_bytes());
        assert_eq!(answer.code, code, "{name}: {}", answer.out);
        writeln!(all, "## {name}\n{}", answer.out).unwrap();
    }
    expect("suggest/refused.txt", &all);
}

/// The expected answer to a person.
struct Said {
    name: &'static str,
    arguments: &'static [&'static str],
    file: &'static str,
    code: i32,
    /// The routes of the policy, each after its scope.
    routes: &'static [&'static str],
    says: &'static [&'static str],
}

const OPENAPI: &[&str] = &["import", "--from", "openapi"];
const UNSCOPED: &[&str] = &["import", "--from", "openapi", "--unscoped", "api:any"];
const GUIDE: &[&str] = &["import", "--from", "guide"];

const SAID: [Said; 17] = [
    Said {
        name: "c11_w3c_logs_are_refused",
        arguments: &["suggest"],
        file: "c10-cloudfront.log",
        code: 2,
        routes: &[],
        says: &[
            "could be read as the combined log format; line 1: it has no request in double quotes",
        ],
    },
    Said {
        name: "c11_nlb_logs_are_refused",
        arguments: &["suggest"],
        file: "c17-nlb.log",
        code: 2,
        routes: &[],
        says: &["line 1: it has no request in double quotes"],
    },
    Said {
        name: "c11_requests_without_quotes_are_refused",
        arguments: &["suggest"],
        file: "c18-unquoted.log",
        code: 2,
        routes: &[],
        says: &["line 1: it has no request in double quotes"],
    },
    Said {
        name: "d01_scopes_are_never_dropped_for_a_token_without_them",
        arguments: UNSCOPED,
        file: "d01-token-or-scopes.yaml",
        code: 2,
        routes: &[],
        says: &[
            "several security schemes, `personalAccessToken` (3 operations) and `oauth2` (2 operations)",
            "`--scheme oauth2`",
        ],
    },
    Said {
        name: "d01_the_scheme_that_has_scopes",
        arguments: &["import", "--from", "openapi", "--scheme", "oauth2"],
        file: "d01-token-or-scopes.yaml",
        code: 0,
        routes: &[
            "tasks:delete DELETE /api/1.0/tasks/{task_gid}",
            "tasks:read GET /api/1.0/tasks/{task_gid}",
        ],
        says: &[
            "left out, because `oauth2` alone does not open it: 1 operation: GET /api/1.0/users/me",
        ],
    },
    Said {
        name: "d02_an_operation_in_another_file_is_not_one_without_security",
        arguments: UNSCOPED,
        file: "d02-operation-references.yaml",
        code: 2,
        routes: &[],
        says: &[
            "`resources/droplets/droplets_get.yml` leads out of the file",
            "`resources/droplets/droplets_destroy.yml` leads out of the file",
            "redocly bundle",
        ],
    },
    Said {
        name: "d11_what_a_policy_cannot_say_is_listed",
        arguments: UNSCOPED,
        file: "d11-no-scopes.json",
        code: 2,
        routes: &[],
        says: &[
            "GET /2.0/authorize is public",
            "`/2.0/files/{file_id}#copy` cannot be a route",
            "`/2.0/files/{file_id}/thumbnail_{size}.{extension}` cannot be a route",
        ],
    },
    Said {
        name: "d13_two_schemes_of_which_one_has_scopes",
        arguments: UNSCOPED,
        file: "d13-two-schemes.yaml",
        code: 2,
        routes: &[],
        says: &[
            "several security schemes, `apiToken` (2 operations) and `oauth2` (2 operations)",
            "GET /.well-known/configuration is public",
            "`--public`",
        ],
    },
    Said {
        name: "d15_the_pet_store",
        arguments: &["import", "--from", "openapi", "--scheme", "petstore_auth"],
        file: "d15-petstore.yaml",
        code: 0,
        routes: &["read:pets write:pets POST /api/v3/pet"],
        says: &[
            "left out, because nothing says its `security`: 1 operation: GET /api/v3/store/order/{orderId}",
        ],
    },
    Said {
        name: "d15_an_operation_without_security_is_not_open",
        arguments: OPENAPI,
        file: "d15-petstore.yaml",
        code: 2,
        routes: &[],
        says: &[
            "GET /api/v3/store/order/{orderId} needs no scope that the file tells",
            "`--any-key`",
        ],
    },
    Said {
        name: "d17_swagger_without_its_schemes",
        arguments: OPENAPI,
        file: "d17-swagger.json",
        code: 2,
        routes: &[],
        says: &[
            "names the security scheme `auth`, which the file does not have",
            "`securityDefinitions:`",
        ],
    },
    Said {
        name: "d19_words_and_numbers_without_quotes",
        arguments: OPENAPI,
        file: "d19-words-and-numbers.yaml",
        code: 0,
        routes: &["points:read GET /points"],
        says: &[],
    },
    Said {
        name: "d22_a_path_in_another_file",
        arguments: OPENAPI,
        file: "d22-path-outside.yaml",
        code: 2,
        routes: &[],
        says: &[
            "`paths/float.yaml#/collection` leads out of the file",
            "redocly bundle",
        ],
    },
    Said {
        name: "e01_a_column_of_scopes_is_never_passed_over",
        arguments: GUIDE,
        file: "e01-scope-column.md",
        code: 2,
        routes: &[],
        says: &["a table of routes, and no heading above that begins the mapping"],
    },
    Said {
        name: "e01_nor_below_a_heading_of_a_mapping",
        arguments: GUIDE,
        file: "e01-in-a-mapping.md",
        code: 2,
        routes: &[],
        says: &["the column `Scope`"],
    },
    Said {
        name: "e04_a_list_of_routes_is_refused",
        arguments: GUIDE,
        file: "e04-list-of-routes.md",
        code: 2,
        routes: &[],
        says: &["there is no table of routes in the file"],
    },
    Said {
        name: "e07_a_description_is_no_condition",
        arguments: GUIDE,
        file: "e07-description.md",
        code: 0,
        routes: &[
            "cameras:* POST /cameras",
            "cameras:read GET /cameras",
            "cameras:read GET /cameras/{id}",
        ],
        says: &[],
    },
];

#[test]
fn people_are_told() {
    for case in &SAID {
        let file = trial(case.file);
        let answer = run(&[case.arguments, &[&file]].concat());
        assert_eq!(answer.code, case.code, "{}: {}", case.name, answer.err);
        for words in case.says {
            assert!(
                answer.err.contains(words),
                "{}: {words}\n{}",
                case.name,
                answer.err
            );
        }
        assert_eq!(routes(&answer), case.routes, "{}", case.name);
    }
}

/// `scope METHOD /path/` of each route of the printed policy.
fn routes(answer: &Answer) -> Vec<String> {
    if answer.out.is_empty() {
        return Vec::new();
    }
    let compiled = routescope_compiler::compile("imported.yaml", &answer.out).unwrap();
    let scopes = &compiled.document().scopes;
    let mut routes: Vec<String> = scopes
        .iter()
        .flat_map(|scope| {
            let name = &scope.name.value;
            let routes = scope.routes.iter();
            routes.map(move |route| format!("{name} {}", route.text.value))
        })
        .collect();
    routes.sort();
    routes
}

/// The same complaint about each of hundreds of operations is made in a few
/// lines: it is shown some times, counted, and the places of the others named.
#[test]
fn d23_the_same_complaint_is_made_once() {
    let mut text = String::from("openapi: 3.0.0\npaths:\n");
    for i in 0..659 {
        text += &format!("  /a/{i}:\n    get: {{}}\n  /b/{i}:\n    get: {{ security: [] }}\n");
    }
    let file = crate::common::TempFile::new("many.yaml", text);
    let answer = run(&[OPENAPI, &[&file.as_str()]].concat()).exits(2);
    assert!(answer.err.lines().count() < 100, "{}", answer.err);
    for words in [
        "1,318 errors of 2 kinds",
        "GET /a/0 needs no scope",
        "GET /b/0 is public",
        "656 more of this kind, at ",
    ] {
        assert!(answer.err.contains(words), "{words}\n{}", answer.err);
    }
}
