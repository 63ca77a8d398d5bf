//! `routescope import --from openapi`, end to end.

use std::fmt::Write;
use std::fs;

use crate::common::{TempFile, expect, repository, run, run_with_input};

const SHOP: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
servers:
  - url: https://{region}.example.org/{base}/
    variables:
      region: { default: eu }
      base: { default: api/v2 }
security:
  - oauth: ["orders:read"]
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: https://example.org/token
          scopes:
            "orders:read": See orders
            "orders:*": |
              Change
              orders
    key: { type: http, scheme: bearer }
  pathItems:
    invoice:
      get:
        responses: { "200": { description: ok } }
paths:
  x-internal: true
  /orders/:
    summary: Orders
    parameters: []
    get:
      responses: { 200: { description: ok } }
    post:
      security:
        - oauth: ["orders:*"]
        - oauth: ["partners:Order"]
  /orders/{order_id}/invoice:
    $ref: "#/components/pathItems/invoice"
  /orders/{id}/:
    servers: [{ url: /legacy }]
    delete:
      security: [{ oauth: ["orders:*"] }]
"##;

fn import(text: &str, more: &[&str]) -> crate::common::Answer {
    let file = TempFile::new("shop.yaml", text);
    let name = file.as_str();
    let folder = file.path().parent().unwrap().to_str().unwrap().to_owned() + "/";
    let mut answer = run(&[&["import", "--from", "openapi", &name], more].concat());
    answer.err = answer.err.replace(&folder, "");
    answer
}

#[test]
fn a_description() {
    let answer = import(SHOP, &[]).exits(0);
    expect("data/import/shop.yaml", &answer.out);
    assert_eq!(answer.err, "");
    let policy = TempFile::new("routes.yaml", &answer.out);
    run(&["fmt", "--check", &policy.as_str()]).exits(0);
    let base = import(SHOP, &["--base", "/v9/", "--name", "shop"]).exits(0);
    assert!(
        base.out.contains("- GET /v9/orders/\n") && base.out.contains("name: shop\n"),
        "{}",
        base.out
    );
    assert!(
        import(SHOP, &["--base", "/"])
            .exits(0)
            .out
            .contains("- GET /orders/\n")
    );
    run_with_input(&["import", "--from", "openapi", "-"], SHOP.as_bytes()).exits(0);
}

/// JSON is YAML, and 3.0 is read like 3.1.
#[test]
fn json_and_version_3_0() {
    let json = r##"{
	"openapi": "3.0.3",
	"info": { "title": "\ud83d\ude00 \/", "version": "1" },
	"paths": { "\/a\/{id}": { "get": { "security": [ { "o": [ "a:read" ] } ] } } },
	"components": { "securitySchemes": { "o": { "type": "openIdConnect", "openIdConnectUrl": "https://x" } } }
}"##;
    let answer = import(json, &[]).exits(0);
    assert!(
        answer
            .out
            .contains("\"a:read\":\n    routes:\n      - GET /a/{id}\n"),
        "{}",
        answer.out
    );
}

/// A requirement that no policy can express is refused at its position.
#[test]
fn nothing_is_dropped() {
    let post =
        "      security:\n        - oauth: [\"orders:*\"]\n        - oauth: [\"partners:Order\"]\n";
    assert!(SHOP.contains(post));
    let nine: Vec<String> = (0..9).map(|i| format!("\"orders:a{i}\"")).collect();
    let nine = format!("[{}]", nine.join(", "));
    let with = |security: &str| SHOP.replace(post, &format!("      security: {security}\n"));
    let cases = [
        ("too-many-at-once", with(&format!("[{{ oauth: {nine} }}]"))),
        (
            "too-many-sets",
            with(&format!(
                "[{}]",
                (0..17)
                    .map(|i| format!("{{ oauth: [\"orders:a{i}\", \"stock:*\"] }}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        ),
        (
            "and-of-schemes",
            with("[{ oauth: [\"orders:*\"], key: [\"stock:*\"] }]"),
        ),
        ("or-of-schemes", with("[{ oauth: [\"orders:*\"] }, { key: [] }]")),
        ("public", with("[]")),
        (
            "public-alternative",
            with("[{ oauth: [\"orders:*\"] }, {}]"),
        ),
        ("unscoped", with("[{ oauth: [] }]")),
        (
            "unscoped-alternative",
            with("[{ oauth: [\"orders:*\"] }, { oauth: [] }]"),
        ),
        ("unknown-scheme", with("[{ aouth: [\"orders:*\"] }]")),
        (
            "scope-name",
            with("[{ oauth: [\"orders.read,orders.write\"] }]"),
        ),
        (
            "bound-scope",
            with("[{ oauth: [\"orders:{project}\"] }]"),
        ),
        ("not-a-list", with("{ oauth: [\"orders:*\"] }")),
        ("scopes-not-a-list", with("[{ oauth: \"orders:*\" }]")),
        (
            "mixed",
            with("[{ oauth: [\"orders:*\"] }, { oauth: [] }, { oauth: [\"orders:Own\"] }]"),
        ),
        (
            "mixed-with-nothing",
            with("[{ oauth: [\"orders:*\"] }, { oauth: }]"),
        ),
        ("requirement", with("[oauth]")),
        ("scope-number", with("[{ oauth: [1] }]")),
        (
            "scheme-twice",
            with("[{ oauth: [\"orders:*\"], oauth: [\"orders:read\"] }]"),
        ),
        (
            "security-twice",
            with("[{ oauth: [\"orders:*\"] }]\n      security: [{ oauth: [\"orders:read\"] }]"),
        ),
        (
            "operation-twice",
            SHOP.to_owned() + "    delete:\n      security: [{ oauth: [\"orders:read\"] }]\n",
        ),
        ("operation-text", SHOP.to_owned() + "    get: [1]\n"),
        (
            "operation-reference-outside",
            SHOP.to_owned() + "    get: { $ref: \"orders.yaml#/get\" }\n",
        ),
        (
            "beside-a-reference",
            SHOP.to_owned()
                + "    get: { $ref: \"#/x-get\", security: [{ key: [] }] }\nx-get: {}\n",
        ),
        (
            "security-reference-nowhere",
            with("{ $ref: \"#/x-security\" }"),
        ),
        (
            "catch-all",
            SHOP.replace("/orders/{id}/:", "/orders/{*id}:"),
        ),
        ("server-without-url", SHOP.replace("- url:", "- uri:")),
        (
            "webhooks",
            "openapi: 3.1.0\nwebhooks: { paid: { post: {} } }\n".to_owned(),
        ),
        (
            "global-too-many-at-once",
            SHOP.replacen("[\"orders:read\"]", &nine, 1),
        ),
        (
            "no-global",
            SHOP.replacen("security:\n  - oauth: [\"orders:read\"]\n", "", 1),
        ),
        (
            "partial",
            SHOP.replace("/orders/{id}/:", "/orders/{id}%20.json:"),
        ),
        (
            "two-parameters",
            SHOP.replace("/orders/{id}/:", "/orders/{a}-{b}:"),
        ),
        (
            "query",
            SHOP.replace("/orders/{id}/:", "/orders/{id}?all=1:"),
        ),
        ("relative", SHOP.replace("/orders/{id}/:", "orders/{id}/:")),
        ("trace", SHOP.replace("    delete:", "    trace:")),
        (
            "methods-of-3.2",
            SHOP.replace("3.1.0", "3.2.0")
                + "    query: {}\n    additionalOperations: { LINK: {}, COPY: {} }\n",
        ),
        ("method", SHOP.replace("    delete:", "    DELETE:")),
        (
            "reference-nowhere",
            SHOP.replace("pathItems/invoice\"", "pathItems/bill\""),
        ),
        (
            "reference-outside",
            SHOP.replace(
                "\"#/components/pathItems/invoice\"",
                "\"paths.yaml#/invoice\"",
            ),
        ),
        (
            "reference-loop",
            SHOP.replace(
                "\"#/components/pathItems/invoice\"",
                "\"#/paths/~1orders~1%7Border_id%7D~1invoice\"",
            ),
        ),
        (
            "same-route",
            SHOP.replace(
                "  /orders/{order_id}/invoice:\n",
                "  /orders/{a}/invoice:\n    get: { security: [{ oauth: [\"orders:*\"] }] }\n  /orders/{order_id}/invoice:\n",
            ),
        ),
        (
            "path-twice",
            SHOP.replace("  /orders/{id}/:", "  /orders/:"),
        ),
        (
            "server",
            SHOP.replace(
                "https://{region}.example.org/{base}/",
                "\"{scheme}example.org\"",
            ),
        ),
        ("no-paths", SHOP.replace("\npaths:", "\npath:")),
        ("swagger", "swagger: \"1.2\"\npaths: {}\n".to_owned()),
        (
            "swagger-base-path",
            "swagger: \"2.0\"\nbasePath: api\npaths: { /a: { get: {} } }\n".to_owned(),
        ),
        ("version", SHOP.replace("3.1.0", "4.0.0")),
        ("another-file", "hello: world\n".to_owned()),
        ("not-yaml", "openapi: [\n".to_owned()),
    ];
    let mut all = String::new();
    for (name, text) in cases {
        let answer = import(&text, &[]);
        assert_eq!(answer.code, 2, "{name}: {}", answer.out);
        assert_eq!(answer.out, "", "{name}");
        let _ = writeln!(all, "## {name}\n{}", answer.err);
    }
    expect("data/import/openapi-refused.txt", &all);
}

/// A `$ref` is followed wherever its target decides something.
#[test]
fn references_are_followed() {
    let text = r##"
openapi: 3.1.0
servers: { $ref: "#/x/servers" }
security: { $ref: "#/x/security" }
components: { $ref: "#/x/components" }
paths: { $ref: "#/x/paths" }
x:
  servers: [{ $ref: "#/x/server" }]
  server: { url: { $ref: "#/x/url" }, variables: { v: { $ref: "#/x/v" } } }
  url: "https://a.example/{v}"
  v: { default: { $ref: "#/x/v2" } }
  v2: 2
  security: [{ $ref: "#/x/requirement" }]
  requirement: { oauth: { $ref: "#/x/scopes" } }
  scopes: [{ $ref: "#/x/scope" }]
  scope: "a:read"
  components: { securitySchemes: { oauth: { $ref: "#/x/oauth" } } }
  oauth: { type: oauth2, flows: { implicit: { $ref: "#/x/flow" } } }
  flow: { scopes: { "a:read": See a, "a:*": } }
  paths:
    /a: { $ref: "#/x/a" }
    /b: { get: { $ref: "#/x/get" }, post: { $ref: "#/x/post" } }
  a: { summary: A, get: {} }
  get: { security: { $ref: "#/x/own" } }
  post: { callbacks: { c: { "{$request.body#/url}": { post: { security: [] } } } }, security: [{ oauth: ["a:*"] }] }
  own: [{ oauth: ["b:read"] }]
webhooks: { paid: { post: { security: [] } } }
"##;
    let answer = import(text, &[]).exits(0);
    assert!(
        answer.out.contains(
            "  \"a:read\":\n    summary: See a\n    routes:\n      - GET /2/a\n\n  \"b:read\":\n    routes:\n      - GET /2/b\n\n  \"a:*\":\n    routes:\n      - POST /2/b\n"
        ),
        "{}",
        answer.out
    );
}

/// Real files have parts that a policy may not: thousands of aliases, control characters in
/// JSON, scopes that are `null`.
#[test]
fn real_files_are_read() {
    let aliases: String = (0..3000).map(|i| format!("  p{i}: [*id]\n")).collect();
    let text = format!("{SHOP}x-id: &id {{ name: id, in: path }}\nx-parameters:\n{aliases}");
    import(&text, &[]).exits(0);

    let json = "{\"openapi\": \"3.0.0\", \"info\": {\"title\": \"\u{80}\u{9f}\"}, \"components\": {\"securitySchemes\": {\"o\": {\"flows\": {\"implicit\": {\"scopes\": {\"a:read\": \"See\u{92}s\"}}}}}}, \"paths\": {\"/a\": {\"get\": {\"security\": [{\"o\": [\"a:read\"]}]}}}}";
    let answer = import(json, &[]).exits(0);
    assert!(
        answer.out.contains("summary: \"See\\U00000092s\""),
        "{}",
        answer.out
    );

    let null = SHOP.replace(
        "          scopes:\n            \"orders:read\": See orders\n            \"orders:*\": |\n              Change\n              orders\n",
        "          scopes: null\n",
    );
    assert_ne!(null, SHOP);
    let answer = import(&null, &[]).exits(0);
    assert!(!answer.out.contains("summary:"), "{}", answer.out);
    let null = SHOP.replace("oauth: [\"partners:Order\"]", "oauth: null");
    let answer = import(&null, &[]).exits(2);
    assert!(
        answer
            .err
            .contains("takes `oauth` without a scope, or `oauth` with `orders:*`"),
        "{}",
        answer.err
    );
}

#[test]
fn operations_without_scopes_can_be_given_one() {
    let answer = import(SHOP, &["--unscoped", "other"]).exits(2);
    assert!(
        answer.err.contains("`other` is no scope of a policy"),
        "{}",
        answer.err
    );
    let text = SHOP.replacen("security:\n  - oauth: [\"orders:read\"]\n", "", 1);
    let answer = import(&text, &["--unscoped", "other:Call"]).exits(0);
    assert!(
        answer.err.contains(
            "listed under `other:Call`, since no scope is required; review: 2 operations"
        ),
        "{}",
        answer.err
    );
    assert!(
        answer.out.contains("\"other:Call\":\n    routes:\n      - GET /api/v2/orders/\n      - GET /api/v2/orders/{order_id}/invoice\n"),
        "{}",
        answer.out
    );
}

/// If the scopes do not say what their methods do, the policy says so.
#[test]
fn other_habits_of_scopes() {
    let text = SHOP.replace("\"orders:*\"", "\"orders:read\"");
    let answer = import(&text, &[]).exits(0);
    assert!(answer.out.contains("method_rule: none\n"), "{}", answer.out);
    assert!(answer.err.contains("`method_rule: none`"), "{}", answer.err);
}

#[test]
fn overlaps() {
    let more = "  /orders/{id}/parts/:\n    get: {}\n  /orders/new/{part}/:\n    get: {}\n";
    let text = SHOP.to_owned() + more;
    let answer = import(&text, &[]).exits(2);
    assert!(
        answer.err.contains("`--allow-overlaps` permits it"),
        "{}",
        answer.err
    );
    let answer = import(&text, &["--allow-overlaps"]).exits(0);
    assert_eq!(
        answer.out.matches("overlap: allow").count(),
        1,
        "{}",
        answer.out
    );
}

/// A description nests as deeply as its schemas do.
#[test]
fn deep_schemas() {
    let deep = |levels: usize| {
        let schema = "{\"a\": ".repeat(levels) + "1" + &"}".repeat(levels);
        SHOP.replace(
            "components:\n",
            &format!("components:\n  schemas: {schema}\n"),
        )
    };
    import(&deep(100), &[]).exits(0);
    let answer = import(&deep(2000), &[]).exits(2);
    assert!(
        answer.err.contains("nested deeper than 120 levels"),
        "{}",
        answer.err
    );
}

/// The other way: a description of 5,203 operations, made of the list.
#[test]
fn real_size() {
    let list = fs::read_to_string(repository().join("tests/data/google-api-routes.txt")).unwrap();
    let mut paths: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for line in list.lines() {
        let (method, path) = line.trim_start_matches('#').split_once(' ').unwrap();
        paths.entry(path).or_default().push(method);
    }
    let mut text = String::from(
        "openapi: 3.0.0\ncomponents:\n  securitySchemes:\n    o: { type: oauth2, flows: {} }\npaths:\n",
    );
    for (path, methods) in paths {
        let _ = writeln!(text, "  {path}:");
        for method in methods {
            let action = if method == "GET" { "read" } else { "*" };
            let _ = writeln!(
                text,
                "    {}:\n      security: [{{ o: [\"all:{action}\"] }}]",
                method.to_lowercase()
            );
        }
    }
    let answer = import(&text, &["--allow-overlaps", "--format", "json"]).exits(0);
    assert_eq!(answer.json()["routes"], 5203);

    // Into a policy that lacks the last one.
    let policy = answer.json()["policy"].as_str().unwrap().to_owned();
    let last = policy
        .lines()
        .rfind(|line| line.starts_with("      - "))
        .unwrap()
        .to_owned()
        + "\n";
    let into = TempFile::new("routes.yaml", policy.replace(&last, ""));
    let answer = import(&text, &["--into", &into.as_str()]).exits(0);
    assert!(
        answer
            .out
            .contains("5,202 routes before, 5203 now: 1 added"),
        "{}",
        answer.out
    );
    assert_eq!(fs::read_to_string(into.path()).unwrap(), policy);
}

#[test]
fn into_a_policy() {
    let first = import(SHOP, &[]).exits(0).out;
    let noted = first.replace(
        "      - POST /api/v2/orders/\n",
        "      - POST /api/v2/orders/ # all of them\n",
    );
    let into = TempFile::new("routes.yaml", noted);
    let changed = SHOP.to_owned() + "    get: {}\n";
    let answer = import(
        &changed,
        &["--into", &into.as_str(), "--format", "markdown"],
    )
    .exits(0);
    assert!(
        answer.out.contains("| `GET /legacy/orders/{id}/` |"),
        "{}",
        answer.out
    );
    let text = fs::read_to_string(into.path()).unwrap();
    assert!(
        text.contains("# all of them") && text.contains("- GET /legacy/orders/{id}/\n"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_read() {
    let answer = run(&["import", "--from", "openapi", "missing.yaml"]).exits(2);
    assert!(answer.err.contains("cannot read missing.yaml"));
    assert!(import("", &[]).exits(2).err.contains("is empty"));
    let none = "openapi: 3.0.0\npaths: {}\n";
    assert!(
        import(none, &[])
            .exits(2)
            .err
            .contains("has no routes to import")
    );
}
