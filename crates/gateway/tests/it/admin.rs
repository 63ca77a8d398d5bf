//! The listener of operators.

use crate::fixture::start;
use crate::http::{Connection, check, get};
use crate::keys::write_keys;
use crate::server::{Server, folder};

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const PAGE: &str = "text/html; charset=utf-8";

#[test]
fn each_path_has_its_answer() {
    let (server, _) = start("");
    let cases = [
        ("GET", "/livez", 200, TEXT, "alive\n"),
        ("GET", "/readyz", 200, TEXT, "ready\n"),
        ("GET", "/readyz?verbose", 200, TEXT, "ready\n"),
        (
            "GET",
            "/metrics",
            200,
            METRICS,
            "# HELP routescope_allowed_total",
        ),
        ("GET", "/policy", 200, PAGE, "<!doctype html>"),
        ("HEAD", "/livez", 200, TEXT, ""),
        ("HEAD", "/readyz", 200, TEXT, ""),
        ("HEAD", "/metrics", 200, METRICS, ""),
        ("HEAD", "/policy", 200, PAGE, ""),
        (
            "POST",
            "/policy",
            405,
            TEXT,
            "everything here is read-only\n",
        ),
        (
            "DELETE",
            "/livez",
            405,
            TEXT,
            "everything here is read-only\n",
        ),
        (
            "OPTIONS",
            "/readyz",
            405,
            TEXT,
            "everything here is read-only\n",
        ),
        ("GET", "/", 404, TEXT, "there are /livez"),
        ("GET", "/policy/", 404, TEXT, "there are /livez"),
        ("GET", "//metrics", 404, TEXT, "there are /livez"),
        ("GET", "/%6Detrics", 404, TEXT, "there are /livez"),
        ("POST", "/check", 404, TEXT, "there are /livez"),
    ];
    for (method, path, status, content_type, begin) in cases {
        let mut connection = Connection::open(server.address("admin"));
        let request = format!("{method} {path} HTTP/1.1\r\nHost: gateway\r\n\r\n");
        let response = connection.ask(&request);
        let name = format!("{method} {path}: {response:?}");
        assert_eq!(response.status, status, "{name}");
        assert_eq!(
            response.header("content-type"),
            Some(content_type),
            "{name}"
        );
        assert_eq!(response.header("cache-control"), Some("no-store"), "{name}");
        assert_eq!(
            response.header("x-content-type-options"),
            Some("nosniff"),
            "{name}"
        );
        assert_eq!(response.header("allow").is_some(), status == 405, "{name}");
        assert!(response.body.starts_with(begin), "{name}");
        assert_eq!(response.body.is_empty(), method == "HEAD", "{name}");
        // The connection is in step, with a body or without.
        assert_eq!(
            connection
                .ask("GET /livez HTTP/1.1\r\nHost: gateway\r\n\r\n")
                .body,
            "alive\n"
        );
    }
}

#[test]
fn other_peers_may_not_ask() {
    let folder = folder();
    write_keys(&folder.path().join("keys.yaml"), []);
    let config = "keys: keys.yaml\n\
        admin: { address: \"127.0.0.1:0\", peers: [\"192.0.2.7\"] }\n\
        listeners: [{ gateway: nginx, name: edge, address: \"127.0.0.1:0\" }]\n";
    let server = Server::start(folder, config);
    for path in ["/livez", "/readyz", "/metrics", "/policy", "/other"] {
        let response = get(server.address("admin"), path);
        assert_eq!(response.status, 403, "{path}");
        assert!(
            response.body.starts_with("you may not ask here"),
            "{response:?}"
        );
    }
}

/// The value of a metric, which stands in one line.
fn metric(metrics: &str, series: &str) -> Option<u64> {
    let mut lines = metrics.lines().filter_map(|line| line.strip_prefix(series));
    let value = lines.next()?.trim().parse().unwrap();
    assert!(lines.next().is_none(), "{series} is there twice");
    Some(value)
}

#[test]
fn metrics_count_each_listener() {
    let (server, key) = start("");
    let admin = server.address("admin");
    let allowed = check("GET", "/api/v1/colleagues/", Some(&key));
    let denied = check("PUT", "/api/v1/pbx/system/reboot/", Some(&key));
    let unknown = check("GET", "/api/v1/colleagues/", None);
    let mut edge = Connection::open(server.address("edge"));
    for (request, status) in [
        (&allowed, 200),
        (&allowed, 200),
        (&denied, 403),
        (&unknown, 401),
    ] {
        assert_eq!(edge.ask(request).status, status);
    }
    assert_eq!(
        Connection::open(server.address("local"))
            .ask(&allowed)
            .status,
        200
    );
    assert_eq!(get(admin, "/other").status, 404);

    let metrics = get(admin, "/metrics").body;
    let cases = [
        ("routescope_allowed_total", Some(3)),
        ("routescope_denied_total{reason=\"missing_scope\"}", Some(1)),
        ("routescope_gateway_connections{listener=\"edge\"}", Some(1)),
        (
            "routescope_gateway_connections_accepted_total{listener=\"edge\"}",
            Some(1),
        ),
        (
            "routescope_gateway_connections_accepted_total{listener=\"local\"}",
            Some(1),
        ),
        (
            "routescope_gateway_connections_accepted_total{listener=\"admin\"}",
            Some(2),
        ),
        (
            "routescope_gateway_connections_refused_total{listener=\"edge\"}",
            Some(0),
        ),
        (
            "routescope_gateway_accept_errors_total{listener=\"edge\"}",
            Some(0),
        ),
        (
            "routescope_gateway_responses_total{listener=\"edge\",status=\"200\"}",
            Some(2),
        ),
        (
            "routescope_gateway_responses_total{listener=\"edge\",status=\"403\"}",
            Some(1),
        ),
        (
            "routescope_gateway_responses_total{listener=\"edge\",status=\"401\"}",
            Some(1),
        ),
        (
            "routescope_gateway_responses_total{listener=\"edge\",status=\"404\"}",
            None,
        ),
        (
            "routescope_gateway_responses_total{listener=\"local\",status=\"200\"}",
            Some(1),
        ),
        (
            "routescope_gateway_responses_total{listener=\"admin\",status=\"404\"}",
            Some(1),
        ),
        ("routescope_gateway_connections_limit", Some(16_384)),
        ("routescope_gateway_ready", Some(1)),
        (
            concat!(
                "routescope_gateway_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"}"
            ),
            Some(1),
        ),
    ];
    for (series, expected) in cases {
        assert_eq!(metric(&metrics, series), expected, "{series}\n{metrics}");
    }
    well_formed(&metrics);
}

/// Each family has its head once, and each series stands once, after it.
fn well_formed(metrics: &str) {
    let mut families = Vec::new();
    let mut series = Vec::new();
    for line in metrics.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            let (family, kind) = head.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert_eq!(family.ends_with("_total"), kind == "counter", "{line}");
            assert!(!families.contains(&family), "{line}");
            families.push(family);
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            value.parse::<u64>().unwrap();
            assert_eq!(name.split('{').next(), families.last().copied(), "{line}");
            assert!(!series.contains(&name), "{line}");
            series.push(name);
        }
    }
}

/// Nothing that a client sends, and nothing about keys, is in what operators see.
#[test]
fn no_answer_shows_what_a_client_has_sent_or_whose_keys_there_are() {
    let (server, key) = start("");
    // One more key, with a scope that means nothing, which is a warning.
    let [other] = write_keys(
        &server.file("keys.yaml"),
        [("night-porter", &["colleagues:raed"])],
    );
    server.stderr.wait_for("warning: ");
    let mut edge = Connection::open(server.address("edge"));
    for key in [&key, &other] {
        let marked = format!(
            "GET /marker?marker HTTP/1.1\r\nHost: marker\r\nX-Original-Method: GET\r\n\
             X-Original-URI: /marker/?marker\r\nAuthorization: Bearer {key}\r\n\
             X-Marker: marker\r\nUser-Agent: marker\r\n\r\n"
        );
        edge.ask(&marked);
    }
    get(server.address("admin"), "/marker?marker");
    for path in ["/metrics", "/policy", "/readyz", "/livez", "/marker"] {
        let body = get(server.address("admin"), path).body;
        let secrets = [&*key, &*other, "marker", "front-desk", "night-porter"];
        for secret in secrets {
            assert!(!body.contains(secret), "{path}: {body}");
        }
    }
    let page = get(server.address("admin"), "/policy").body;
    let warning = "1 key holds scopes that the policy pbx does not know";
    assert!(page.contains(warning), "{page}");
}

#[test]
fn the_page_shows_the_policy_and_runs_nothing() {
    let folder = folder();
    let [key] = write_keys(
        &folder.path().join("keys.yaml"),
        [("front-desk", &["colleagues:read"])],
    );
    let config = "keys: keys.yaml\n\
        admin: { address: \"127.0.0.1:0\" }\n\
        listeners:\n\
        - { gateway: nginx, name: '<script>alert(1)</script>', shadow: forbidden, address: \"127.0.0.1:0\" }\n";
    let server = Server::start(folder, config);
    let listener = "<script>alert(1)</script>";
    let mut edge = Connection::open(server.address(listener));
    assert_eq!(
        edge.ask(&check("GET", "/api/v1/colleagues/", Some(&key)))
            .status,
        200
    );
    // Shadow mode lets it through.
    let reboot = check("PUT", "/api/v1/pbx/system/reboot/", Some(&key));
    assert_eq!(edge.ask(&reboot).status, 200);

    let response = get(server.address("admin"), "/policy");
    let policy = response.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    let page = &response.body;
    for mark in [
        "<script", "<img", "<link", "<iframe", "http:", "https:", " style=", " on",
    ] {
        // ` on` is for attributes such as `onclick`, and also a word.
        let page = page.replace(" on listener ", "").replace(" one ", "");
        assert!(!page.contains(mark), "{mark}: {page}");
    }
    let cells = "<td class=\"number\">1</td><td class=\"number\">0</td></tr>";
    let missing = "<td class=\"number\">0</td><td class=\"number\">1</td></tr>";
    for text in [
        "<h1>Policy pbx</h1>",
        "<th>Routes</th><td><code>110</code>",
        "<th>Keys</th><td><code>1</code>",
        "Shadow mode on listener `&lt;script&gt;alert(1)&lt;/script&gt;`: 403 is let through.",
        "<th>missing_scope</th><td><code>1</code>",
        "<th>denied, and let through</th><td><code>1</code>",
        &format!(
            "<code>GET /api/v1/colleagues/</code></td><td><code>colleagues:read</code>, \
             <code>colleagues:*</code>, <code>pbx:read</code>, <code>pbx:*</code></td>{cells}"
        ),
        &format!(
            "<code>PUT /api/v1/pbx/system/reboot/</code></td><td><code>pbxpower:*</code>, \
             <code>pbx:*</code></td>{missing}"
        ),
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(page.matches("<tr><td><code>").count(), 110);
    let metrics = get(server.address("admin"), "/metrics").body;
    well_formed(&metrics);
}

#[test]
fn the_page_tells_of_a_reload_that_failed() {
    let (server, _) = start("");
    std::fs::write(server.file("keys.yaml"), "keys: nothing").unwrap();
    server.stderr.wait_for("error: the reload failed");
    let page = get(server.address("admin"), "/policy").body;
    assert!(page.contains("The last reload failed"), "{page}");
    assert!(page.contains("keys.yaml:1:"), "{page}");
    assert_eq!(get(server.address("admin"), "/readyz").status, 200);
}

/// A policy without routes denies everything, so that no request should come here.
#[test]
fn a_policy_without_routes_is_not_ready() {
    let folder = folder();
    write_keys(&folder.path().join("keys.yaml"), []);
    let policy = "version: 1\nname: pbx\n\
        key: { prefix: wsk-v1-, length: 100, alphabet: alphanumeric }\nscopes: {}\n";
    let policy = routescope_compiler::compile("routes.yaml", policy);
    let policy = policy
        .unwrap_or_else(|report| panic!("{report}"))
        .to_bytes();
    std::fs::write(folder.path().join("api.rsp"), policy).unwrap();
    let config = "policy: api.rsp\nkeys: keys.yaml\n\
        admin: { address: \"127.0.0.1:0\" }\n\
        listeners: [{ gateway: nginx, name: edge, address: \"127.0.0.1:0\" }]\n";
    let server = Server::start(folder, config);
    let admin = server.address("admin");
    let response = get(admin, "/readyz");
    assert_eq!(response.status, 503);
    assert_eq!(response.body, "not ready: the policy has no route\n");
    assert_eq!(get(admin, "/livez").status, 200);
    let metrics = get(admin, "/metrics").body;
    assert_eq!(metric(&metrics, "routescope_gateway_ready"), Some(0));
}
