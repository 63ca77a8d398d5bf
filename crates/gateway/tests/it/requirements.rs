//! Public routes, routes for any valid key, and sets of scopes, as gateways ask about them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use routescope_guard::keys::KeyFileText;

use crate::http::{Connection, Response, get};
use crate::requirement_cases::{
    Expected, RequirementCase, SET, compiled, entries, key_of, policy, requirement_cases,
};
use crate::server::{Server, folder, program, run_to_end};

const CONFIG: &str = r#"
policy: api.rsp
keys: keys.yaml
admin: { address: "127.0.0.1:0" }
listeners:
  - { gateway: nginx, address: "127.0.0.1:0" }
  - { gateway: caddy, address: "127.0.0.1:0" }
  - { gateway: envoy, address: "127.0.0.1:0", hide_credential: true }
log: { allows: 1, denials: 1000000 }
"#;

/// A folder with the policy and its keys.
fn files() -> tempfile::TempDir {
    let folder = folder();
    let mut text = KeyFileText::empty("keys.yaml", "boards").unwrap();
    for entry in entries() {
        text.add(&entry).unwrap();
    }
    let keys = folder.path().join("keys.yaml");
    fs::write(&keys, text.as_str()).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(folder.path().join("api.rsp"), compiled()).unwrap();
    folder
}

fn digest() -> String {
    let policy = policy();
    let digits = policy.policy().digest().iter();
    digits.map(|byte| format!("{byte:02x}")).collect()
}

impl RequirementCase {
    /// Whose request it is, for the back end.
    fn identity(&self) -> Option<&'static str> {
        match self.expected {
            Expected::Allow { by, .. } if by != "public" => self.id,
            _ => None,
        }
    }

    const fn status(&self) -> u16 {
        match self.expected {
            Expected::Allow { .. } => 200,
            Expected::Deny(reason) => match reason.as_bytes() {
                b"missing_key" | b"malformed_key" | b"unknown_key" | b"expired_key" => 401,
                _ => 403,
            },
        }
    }

    fn route(&self) -> Option<&'static str> {
        match self.expected {
            Expected::Allow { route, .. } => Some(route),
            Expected::Deny(_) => None,
        }
    }

    fn reason(&self) -> Option<&'static str> {
        match self.expected {
            Expected::Allow { .. } => None,
            Expected::Deny(reason) => Some(reason),
        }
    }

    /// A check request with the original method and target in these headers.
    fn check_request(&self, method: &str, target: &str) -> String {
        let line = |value| format!("Authorization: {value}\r\n");
        let authorization: String = self.authorization.iter().map(line).collect();
        format!(
            "GET /check HTTP/1.1\r\nHost: gateway\r\n{method}: {}\r\n{target}: {}\r\n{authorization}\r\n",
            self.method, self.target
        )
    }

    fn check(&self, response: &Response) {
        let name = &self.name;
        assert_eq!(response.status, self.status(), "{name}: {response:?}");
        assert_eq!(response.header("x-key-id"), self.identity(), "{name}");
        assert_eq!(response.header("x-token-subject"), None, "{name}");
        assert_eq!(response.header("x-route"), self.route(), "{name}");
        assert_eq!(response.header("x-denied-reason"), self.reason(), "{name}");
        let digest = self.route().map(|_| digest());
        assert_eq!(
            response.header("x-policy-digest"),
            digest.as_deref(),
            "{name}"
        );
    }

    /// Compares a line of the log.
    fn check_line(&self, line: &str) {
        let name = &self.name;
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let by = match self.expected {
            Expected::Allow { by, .. } => Some(by),
            Expected::Deny(_) => None,
        };
        assert_eq!(line["by"].as_str(), by, "{name}");
        assert_eq!(line["reason"].as_str(), self.reason(), "{name}");
        if by == Some("public") {
            assert_eq!(line.get("key"), None, "{name}");
        }
        let scopes = (by == Some("all")).then(|| serde_json::json!(SET));
        assert_eq!(line.get("scopes").cloned(), scopes, "{name}");
    }
}

#[test]
fn each_check_request_is_answered_and_logged() {
    let mut server = Server::start(files(), CONFIG);
    let mut asked = Vec::new();
    for (listener, method, target) in [
        ("nginx", "X-Original-Method", "X-Original-URI"),
        ("caddy", "X-Forwarded-Method", "X-Forwarded-Uri"),
    ] {
        let mut connection = Connection::open(server.address(listener));
        for case in requirement_cases() {
            case.check(&connection.ask(&case.check_request(method, target)));
            asked.push(case);
        }
    }
    let metrics = get(server.address("admin"), "/metrics").body;
    let public = asked
        .iter()
        .filter(|case| matches!(case.expected, Expected::Allow { by: "public", .. }));
    let line = format!("\nroutescope_public_allowed_total {}\n", public.count());
    assert!(metrics.contains(&line), "{metrics}");
    assert!(server.stop().success());
    let lines = server.stdout.all();
    let lines: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("\"decision\":"))
        .collect();
    assert_eq!(lines.len(), asked.len());
    for (line, case) in lines.into_iter().zip(&asked) {
        case.check_line(line);
    }
}

/// Envoy asks by the client's own request line, and is told which of the client's headers end here.
#[test]
fn envoy_is_told_to_remove_the_identity_that_a_client_claims() {
    let server = Server::start(files(), CONFIG);
    let ask = |line: &str, headers: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: api\r\n{headers}\r\n");
        Connection::open(server.address("envoy")).ask(&request)
    };
    let spoofed = "X-Key-Id: root\r\nAuthorization: Bearer x\r\n";
    let response = ask("POST /v1/users/login", spoofed);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("x-key-id"), None);
    assert_eq!(
        response.header("x-envoy-auth-headers-to-remove"),
        Some("x-key-id, x-token-subject, authorization")
    );
    assert_eq!(ask("POST /v1/users/login", "").status, 200);
    assert_eq!(ask("POST /v1/users/Login", "").status, 401);
    assert_eq!(ask("PUT /v1/users/login", "").status, 401);
    let empty = format!("Authorization: Bearer {}\r\n", key_of("empty"));
    let response = ask("GET /v1/me", &empty);
    assert_eq!(response.header("x-key-id"), Some("empty"));
    let overridden = ask("POST /v1/users/login", "X-Original-URL: /v1/me\r\n");
    assert_eq!(overridden.status, 403);
}

#[test]
fn the_page_and_the_command_show_what_needs_no_scope() {
    let folder = files();
    let config = folder.path().join("check.yaml");
    fs::write(&config, CONFIG).unwrap();
    let (code, told) = run_to_end(program().arg("check").arg("--config").arg(&config));
    assert_eq!(code, Some(0), "{told}");
    let start = "policy boards revision 0 (7 routes, 2 of them public, 1 of them for any valid key, digest ";
    assert!(told.contains(start), "{told}");

    let server = Server::start(folder, CONFIG);
    let asked = "POST /v1/users/login HTTP/1.1\r\nHost: api\r\n\r\n";
    assert_eq!(
        Connection::open(server.address("envoy")).ask(asked).status,
        200
    );
    let page = get(server.address("admin"), "/policy").body;
    let cells = |allowed: u8| {
        format!("<td class=\"number\">{allowed}</td><td class=\"number\">0</td></tr>")
    };
    for text in [
        "<th>Public routes</th><td><code>2</code>".to_owned(),
        "<th>Routes for any valid key</th><td><code>1</code>".to_owned(),
        "<th>allowed by public routes</th><td><code>1</code>".to_owned(),
        format!(
            "<code>POST /v1/users/login</code></td><td>public: no key is looked at</td>{}",
            cells(1)
        ),
        format!(
            "<code>GET /v1/me</code></td><td>any valid key</td>{}",
            cells(0)
        ),
        format!(
            "<code>PUT /v1/boards/{{id}}</code></td><td><code>https://example.com/auth/boards</code>, \
             <code>boards:read</code> and <code>boards:write</code></td>{}",
            cells(0)
        ),
    ] {
        assert!(page.contains(&text), "{text}: {page}");
    }
}

#[cfg(feature = "grpc")]
#[test]
fn each_check_request_by_grpc_is_answered() {
    use envoy_types::pb::envoy::service::auth::v3::attribute_context::HttpRequest;

    use crate::grpc::{Client, http, message, whole};

    let config = "policy: api.rsp\nkeys: keys.yaml\n\
        listeners: [{ gateway: envoy-grpc, address: \"127.0.0.1:0\" }]\n";
    let server = Server::start(files(), config);
    let client = Client::new(server.address("envoy-grpc"));
    for case in requirement_cases() {
        // Envoy joins the values of headers of one name.
        let joined = case.authorization.join(",");
        let headers: &[_] = match &*joined {
            "" => &[("x-key-id", "root")],
            joined => &[("x-key-id", "root"), ("authorization", joined)],
        };
        let request = HttpRequest {
            method: case.method.into(),
            path: case.target.into(),
            ..http(headers)
        };
        let answer = client.check(message(request)).unwrap();
        let (_, status, headers, _, removed) = whole(answer);
        let name = &case.name;
        assert_eq!(status, case.status(), "{name}");
        let header = |name: &str| headers.get(name).map(String::as_str);
        assert_eq!(header("x-key-id"), case.identity(), "{name}");
        assert_eq!(header("x-route"), case.route(), "{name}");
        assert_eq!(header("x-denied-reason"), case.reason(), "{name}");
        // An identity that the client claims goes on with no request: it is replaced or removed.
        let is_removed = removed.iter().any(|name| name == "x-key-id");
        let is_left = status == 200 && case.identity().is_none();
        assert_eq!(is_removed, is_left, "{name}");
    }
}
