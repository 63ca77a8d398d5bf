//! The options of `routescope import --from openapi`: each opens, leaves out or refuses something.

use std::fmt::Write;

use crate::common::{TempFile, expect, run};

/// Two schemes, public and optional operations, a token without scopes, a list of scopes, and
/// operations that no policy can express.
const LIBRARY: &str = r##"openapi: 3.0.3
info: { title: Library, version: "1" }
components:
  securitySchemes:
    oauth: { type: oauth2, flows: {} }
    app: { type: apiKey, in: header, name: X-App }
security: [{ oauth: ["books:read"] }]
paths:
  /books:
    get: {}
    post: { security: [{ oauth: ["books:write", "books:read"] }] }
  /books/{id}:
    get: { security: [{ oauth: ["books:read"] }, {}] }
    put: { security: [{ oauth: ["books:write"], app: [] }] }
    delete: { security: [{ app: [] }] }
  /me:
    get: { security: [{ oauth: [] }] }
    patch: { security: [{ oauth: ["me:edit"] }, { oauth: [] }] }
  /health:
    get: { security: [] }
  /books/{from}-{to}:
    get: {}
  /books?all=true:
    get: {}
  /shelves/{shelf}:
    get: { security: [{ oauth: ["shelf:{shelf}"] }] }
    trace: {}
"##;

/// Each set of options, with all that is printed.
#[test]
fn options() {
    let file = TempFile::new("library.yaml", LIBRARY);
    let folder = file.path().parent().unwrap().to_str().unwrap().to_owned() + "/";
    let mut all = String::new();
    for (options, code) in [
        ("", 2),
        ("--scheme oauth", 2),
        ("--scheme oauth --public --any-key", 2),
        ("--scheme oauth --skip", 2),
        ("--scheme oauth --public --any-key --skip", 0),
        ("--scheme oauth --public --any-key --skip --lists any", 0),
        ("--scheme oauth --public --unscoped me:read --skip", 2),
        ("--scheme app --any-key --public --skip", 0),
        ("--scheme nothing", 2),
        ("--any-key --unscoped me:read", 2),
    ] {
        let mut arguments = vec!["import", "--from", "openapi"];
        let name = file.as_str();
        arguments.push(&name);
        arguments.extend(options.split_whitespace());
        let answer = run(&arguments);
        let err = answer.err.replace(&folder, "");
        assert_eq!(answer.code, code, "{options}: {err}");
        let _ = writeln!(all, "## {options}\n{}{err}", answer.out);
    }
    expect("data/import/openapi-choices.txt", &all);
}

/// The example that every tool has: `write:pets` and `read:pets`, and a key beside them.
#[test]
fn the_pet_store() {
    let file = "tests/data/import/pets.openapi.yaml";
    let file = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    let scheme = ["--scheme", "pets_auth"];
    let answer = run(&[&["import", "--from", "openapi", &file][..], &scheme].concat()).exits(0);
    expect("data/import/pets.yaml", &(answer.out + "\n" + &answer.err));
    // Without it, there are two.
    let answer = run(&["import", "--from", "openapi", &file]).exits(2);
    assert!(
        answer.err.contains("`--scheme pets_auth`"),
        "{}",
        answer.err
    );
}

/// Swagger 2.0 has other names for the same things.
#[test]
fn swagger() {
    let text = r##"{
  "swagger": "2.0",
  "basePath": "/api/",
  "securityDefinitions": {
    "auth": { "type": "oauth2", "flow": "implicit", "scopes": { "chat:write": "Send messages" } }
  },
  "paths": {
    "/chat.post": { "post": { "security": [{ "auth": ["chat:write"] }], "responses": {} } }
  }
}"##;
    let file = TempFile::new("chat.json", text);
    let answer = run(&["import", "--from", "openapi", &file.as_str()]).exits(0);
    let wanted = "scopes:\n  \"chat:write\":\n    summary: Send messages\n    routes:\n      - POST /api/chat.post\n";
    assert!(answer.out.ends_with(wanted), "{}", answer.out);
    let base = ["--base", "/"];
    let answer = run(&[&["import", "--from", "openapi", &file.as_str()][..], &base].concat());
    assert!(answer.out.contains("- POST /chat.post\n"), "{}", answer.out);
}

/// A scope that no file has may be given to operations without one, in the form of the others.
#[test]
fn names_of_one_form() {
    let text = |scope: &str| {
        format!(
            "openapi: 3.0.0\ncomponents: {{ securitySchemes: {{ o: {{}} }} }}\npaths:\n  /a: {{ get: {{ security: [{{ o: [\"{scope}\"] }}] }}, put: {{ security: [{{ o: [] }}] }} }}\n"
        )
    };
    for (scope, unscoped, says) in [
        ("a:read", "other", "`other` is no scope of a policy"),
        ("a.read", "other", ""),
        ("a.read", "an other", "`an other` is no scope of a policy"),
        ("a:Read", "other", ""),
    ] {
        let file = TempFile::new("a.yaml", text(scope));
        let file = file.as_str();
        let answer = run(&["import", "--from", "openapi", &file, "--unscoped", unscoped]);
        let answer = answer.exits(if says.is_empty() { 0 } else { 2 });
        assert!(answer.err.contains(says), "{}", answer.err);
        let is_opaque = answer.out.contains("scope_names: opaque\n");
        assert_eq!(is_opaque, says.is_empty(), "{}", answer.out);
    }
}

/// Two paths that differ in the names of their parameters are one route, and are one if they need
/// the same.
#[test]
fn one_route_by_two_names() {
    let text = |other: &str| {
        LIBRARY.replace(
            "  /me:\n",
            &format!("  /books/{{isbn}}:\n    put: {{ security: [{{ oauth: [\"{other}\"] }}] }}\n  /me:\n"),
        )
    };
    for (other, code, says) in [
        (
            "books:write",
            0,
            "listed once, because another operation is the same route",
        ),
        (
            "books:read",
            2,
            "are the same route, and need different things",
        ),
    ] {
        let file = TempFile::new("library.yaml", text(other));
        let file = file.as_str();
        let arguments = ["--scheme", "oauth", "--public", "--any-key", "--skip"];
        let answer = run(&[&["import", "--from", "openapi", &file][..], &arguments].concat());
        let answer = answer.exits(code);
        assert!(answer.err.contains(says), "{}", answer.err);
    }
}

/// Routes overlap whatever they need, and each may say that it may.
#[test]
fn overlaps() {
    let text = "openapi: 3.0.0\ncomponents: { securitySchemes: { o: {} } }\npaths:\n  /a/{x}/b: { get: { security: [] } }\n  /a/c/{y}: { get: { security: [{ o: [] }] } }\n  /{z}/c/b: { get: { security: [{ o: [\"a:read\"] }] } }\n";
    let file = TempFile::new("a.yaml", text);
    let file = file.as_str();
    let arguments = [
        "import",
        "--from",
        "openapi",
        &file,
        "--public",
        "--any-key",
    ];
    let answer = run(&arguments).exits(2);
    assert!(answer.err.contains("`--allow-overlaps`"), "{}", answer.err);
    let answer = run(&[&arguments[..], &["--allow-overlaps"]].concat()).exits(0);
    let policy = TempFile::new("routes.yaml", &answer.out);
    run(&["check", &policy.as_str()]).exits(0);
    let allowed = answer.out.matches("overlap: allow\n").count();
    assert_eq!(allowed, 2, "{}", answer.out);
}
