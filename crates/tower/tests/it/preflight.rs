//! CORS preflights: decided, or passed if the policy lists the method.

use routescope_tower::Preflight;
use tower::Layer;
use tower_http::cors::{Any, CorsLayer};

use crate::guards::{bearer, guard_of, layer, over};
use crate::{echo, server, wire};

const ORIGIN: &str = "Origin: https://app.example\r\n";
const TARGET: &str = "OPTIONS /api/v1/colleagues/";

fn preflight(method: &str) -> String {
    format!("{ORIGIN}Access-Control-Request-Method: {method}\r\n")
}

#[tokio::test]
async fn a_preflight_is_decided_unless_told_otherwise() {
    let address = server::serve(layer().layer(echo::echo())).await;
    assert_eq!(
        wire::ask(address, TARGET, &preflight("GET")).await.status,
        401
    );
    let with_key = format!("{}{}", preflight("GET"), bearer("desk"));
    assert_eq!(wire::ask(address, TARGET, &with_key).await.status, 403);
}

#[tokio::test]
async fn a_cors_layer_outside_answers_itself() {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(Any);
    let address = server::serve(cors.layer(layer().layer(echo::echo()))).await;
    let reply = wire::ask(address, TARGET, &preflight("GET")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    // Pages learn why they were refused, because the layer outside adds its headers.
    let reply = wire::ask(address, "GET /api/v1/colleagues/", ORIGIN).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn a_listed_preflight_passes_without_a_key() {
    let layer = layer()
        .preflight(Preflight::PassListed)
        .forward_identity(true);
    let address = server::serve(layer.layer(echo::echo())).await;
    let more = format!(
        "{}{}Cookie: a=b\r\nX-Key-Id: admin\r\n",
        preflight("GET"),
        bearer("admin")
    );
    for (name, headers) in [("bare", preflight("GET")), ("with credentials", more)] {
        let reply = wire::ask(address, TARGET, &headers).await;
        assert_eq!(reply.status, 200, "{name}");
        let gone = [
            "authorized",
            "header authorization",
            "header cookie",
            "header x-key-id",
        ];
        for line in gone {
            assert_eq!(echo::line(&reply.body, line), None, "{name}: {line}");
        }
        let requested = echo::line(&reply.body, "header access-control-request-method");
        assert_eq!(requested, Some("GET"), "{name}");
    }
}

#[tokio::test]
async fn nothing_else_passes_as_a_preflight() {
    let layer = layer().preflight(Preflight::PassListed);
    let address = server::serve(layer.layer(echo::echo())).await;
    let get = "GET /api/v1/colleagues/";
    let requested = "Access-Control-Request-Method: GET\r\n";
    let cases = [
        ("another method of the request", get, preflight("GET"), 401),
        (
            "HEAD, which looks at nothing",
            "HEAD /api/v1/colleagues/",
            preflight("GET"),
            401,
        ),
        ("a method that is not listed", TARGET, preflight("PUT"), 401),
        ("a method in lower case", TARGET, preflight("get"), 401),
        ("no method at all", TARGET, preflight(""), 401),
        ("OPTIONS itself", TARGET, preflight("OPTIONS"), 401),
        ("no origin", TARGET, requested.to_owned(), 401),
        ("no requested method", TARGET, ORIGIN.to_owned(), 401),
        (
            "two origins",
            TARGET,
            format!("{ORIGIN}{}", preflight("GET")),
            401,
        ),
        (
            "two methods",
            TARGET,
            format!("{requested}{}", preflight("GET")),
            401,
        ),
        ("two methods in one", TARGET, preflight("GET, PUT"), 401),
        (
            "an unknown target",
            "OPTIONS /api/v1/",
            preflight("GET"),
            401,
        ),
        (
            "a bad path",
            "OPTIONS /api//v1/colleagues/",
            preflight("GET"),
            401,
        ),
        ("every target", "OPTIONS *", preflight("GET"), 401),
        (
            "a body",
            TARGET,
            format!("{}Content-Length: 1\r\n", preflight("GET")),
            401,
        ),
        (
            "chunks",
            TARGET,
            format!("{}Transfer-Encoding: chunked\r\n", preflight("GET")),
            401,
        ),
        (
            "an override header",
            TARGET,
            format!("{}X-Http-Method: PUT\r\n", preflight("GET")),
            403,
        ),
    ];
    for (name, line, headers, status) in cases {
        let reply = wire::ask(address, line, &headers).await;
        assert_eq!(reply.status, status, "{name}");
    }
}

/// A policy that lists `OPTIONS` protects it.
#[tokio::test]
async fn a_listed_options_request_is_decided() {
    let policy = "
version: 1
name: options
method_rule: none
scopes:
  \"a:read\":
    routes:
      - GET /open/
      - GET /both/
      - OPTIONS /both/
";
    let guard = guard_of(policy, &[("reader", "a:read")]);
    let layer = over(guard).preflight(Preflight::PassListed);
    let address = server::serve(layer.layer(echo::echo())).await;
    let with_key = format!("{}Authorization: Bearer reader\r\n", preflight("GET"));
    let cases = [
        ("OPTIONS /open/", preflight("GET"), 200),
        ("OPTIONS /both/", preflight("GET"), 401),
        ("OPTIONS /both/", preflight("OPTIONS"), 401),
        ("OPTIONS /both/", with_key, 200),
    ];
    for (line, headers, status) in cases {
        let reply = wire::ask(address, line, &headers).await;
        assert_eq!(reply.status, status, "{line} {headers}");
    }
}
