//! `routescope import --into` a policy with sets, opaque names, `implies`, and routes without scopes.

use std::fs;

use crate::common::{TempFile, run};

const SOURCE: &str = r##"openapi: 3.0.3
components: { securitySchemes: { oauth: { type: oauth2, flows: {} } } }
paths:
  /boards:
    get: { security: [{ oauth: [boards.read] }] }
    post: { security: [{ oauth: [boards.write, boards.read] }] }
  /login:
    post: { security: [] }
  /health:
    get: { security: [] }
  /me:
    get: { security: [{ oauth: [] }] }
"##;

const POLICY: &str = r##"version: 1
name: boards
scope_names: opaque
global: root
# Who may write, may read.
implies:
  "admin": ["boards.read", "boards.write"] # both
public:
  - GET /health # for the load balancer
  - route: GET /status
    note: not in the description
  - POST /old
any_key:
  - GET /me

scopes:
  # In the order that the board wanted.
  "boards.write boards.read":
    summary: Change boards
    routes:
      - PUT /boards

  "boards.read":
    routes:
      - GET /boards
"##;

const UPDATED: &str = r##"version: 1
name: boards
scope_names: opaque
global: root
# Who may write, may read.
implies:
  "admin": ["boards.read", "boards.write"] # both
public:
  - POST /login
  - GET /health # for the load balancer
  - route: GET /status
    note: not in the description
any_key:
  - GET /me

scopes:
  # In the order that the board wanted.
  "boards.write boards.read":
    summary: Change boards
    routes:
      - POST /boards

  "boards.read":
    routes:
      - GET /boards
"##;

const FLAGS: [&str; 2] = ["--public", "--any-key"];

/// Imports into a policy, with the options; the text that the policy has then, or all that was
/// printed if the command failed.
fn into(source: &str, policy: &str, options: &[&str]) -> Result<String, String> {
    let source = TempFile::new("source.yaml", source);
    let into = TempFile::new("routes.yaml", policy);
    let (source, path) = (source.as_str(), into.as_str());
    let arguments = ["import", "--from", "openapi", &source, "--into", &path];
    let answer = run(&[&arguments[..], options].concat());
    let text = fs::read_to_string(into.path()).unwrap();
    if answer.code == 0 {
        return Ok(text);
    }
    assert_eq!(text, policy, "a failure changes nothing");
    Err(answer.err)
}

#[test]
fn the_policy_is_brought_up_to_the_source() {
    let updated = into(SOURCE, POLICY, &FLAGS).unwrap();
    assert_eq!(updated, UPDATED);
    // Once more: nothing to do.
    assert_eq!(into(SOURCE, UPDATED, &FLAGS).unwrap(), UPDATED);
}

/// Each part of the file that only the source's owner or only the policy's owner can know.
#[test]
fn parts() {
    let without = |lines: &[&str]| {
        let lines = lines.iter().map(|line| format!("{line}\n"));
        lines.fold(UPDATED.to_owned(), |text, line| {
            assert!(text.contains(&line), "{line}");
            text.replacen(&line, "", 1)
        })
    };
    let no_open = [
        "public:",
        "  - POST /login",
        "  - GET /health # for the load balancer",
        "  - route: GET /status",
        "    note: not in the description",
        "any_key:",
        "  - GET /me",
    ];
    let private = SOURCE.replace("security: []", "security: [{ oauth: [boards.read] }]");
    let no_key = private.replace("oauth: []", "oauth: [boards.read]");
    for (name, source, policy, options, wanted) in [
        (
            "the fields are made where there are none",
            SOURCE.to_owned(),
            without(&no_open),
            &FLAGS[..],
            Ok("public:\n  - POST /login\n  - GET /health\nany_key:\n  - GET /me\n\nscopes:\n"),
        ),
        (
            "an empty field is filled",
            SOURCE.to_owned(),
            without(&no_open).replace("\nscopes:", "public: []\n\nscopes:"),
            &FLAGS[..],
            Ok("public:\n  - POST /login\n  - GET /health\nany_key:\n  - GET /me\n\nscopes:\n"),
        ),
        (
            "fields of which nothing stays go",
            SOURCE.split_once("  /login:").unwrap().0.to_owned(),
            UPDATED.to_owned(),
            &FLAGS[..],
            Ok("public:\n  - route: GET /status\n    note: not in the description\n\nscopes:\n"),
        ),
        (
            "a source that tells nothing of public routes leaves them",
            "openapi: 3.0.3\ncomponents: { securitySchemes: { oauth: {} } }\npaths:\n  /boards:\n    get: { security: [{ oauth: [boards.read] }] }\n    post: { security: [{ oauth: [boards.write, boards.read] }] }\n".to_owned(),
            POLICY.to_owned(),
            &[][..],
            Ok("  - POST /old\nany_key:\n  - GET /me\n"),
        ),
        (
            "and refuses to list one of them twice",
            no_key,
            UPDATED.to_owned(),
            &[][..],
            Err("`POST /login` is listed under"),
        ),
        (
            "names of another kind are not mixed in",
            SOURCE.to_owned(),
            "version: 1\nname: a\nscopes:\n  \"boards:read\":\n    routes:\n      - GET /boards\n".to_owned(),
            &FLAGS[..],
            Err("say `scope_names: opaque` in it first"),
        ),
        (
            "names of both kinds are opaque",
            SOURCE.replace("boards.", "boards:"),
            UPDATED.replace("boards.", "boards:"),
            &FLAGS[..],
            Ok("scope_names: opaque\n"),
        ),
        (
            "a list in one line is not edited",
            SOURCE.to_owned(),
            UPDATED.replace("any_key:\n  - GET /me\n", "any_key: [GET /me, GET /gone]\n"),
            &FLAGS[..],
            Err("run `routescope fmt` on the file first"),
        ),
    ] {
        match (into(&source, &policy, options), wanted) {
            (Ok(text), Ok(part)) => {
                assert!(text.contains(part), "{name}: {text}");
                run(&["check", &TempFile::new("routes.yaml", &text).as_str()]).exits(0);
            }
            (Err(err), Err(part)) => assert!(err.contains(part), "{name}: {err}"),
            (got, _) => panic!("{name}: {got:?}"),
        }
    }
}

/// A guide knows nothing of routes without scopes: those of the policy stay.
#[test]
fn a_guide_leaves_open_routes() {
    let guide = TempFile::new(
        "guide.md",
        "## Scope to routes mapping\n\n### a:read\n\nSee\n\n| Method | Route |\n|---|---|\n| GET | /a |\n",
    );
    let policy = "version: 1\nname: a\npublic:\n  - GET /health\nscopes:\n  \"a:read\":\n    routes:\n      - GET /b\n";
    let into = TempFile::new("routes.yaml", policy);
    let arguments = ["import", "--from", "guide", &guide.as_str()];
    run(&[&arguments[..], &["--into", &into.as_str()]].concat()).exits(0);
    let wanted = policy.replace("/b", "/a");
    assert_eq!(fs::read_to_string(into.path()).unwrap(), wanted);
}
