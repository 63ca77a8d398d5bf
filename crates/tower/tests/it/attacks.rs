//! Requests that try to get around the layer.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use http::{Request, Response};
use routescope::OwnedPolicy;
use routescope_guard::Guard;
use routescope_tower::{GuardLayer, OriginalTargetLayer, Preflight};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::guards::{guard_of, key, layer, over};

/// A preflight is decided by one policy: neither of these two passes it.
#[test]
fn a_preflight_is_of_one_policy() {
    let policy = |routes: &str| {
        let text = format!(
            "version: 1\nname: cors\nmethod_rule: none\nscopes:\n  \"a:read\":\n    routes:\n{routes}"
        );
        let compiled = routescope_compiler::compile("cors.yaml", &text).unwrap();
        OwnedPolicy::from_bytes(compiled.to_bytes()).unwrap()
    };
    let protected = || policy("      - GET /a\n      - OPTIONS /a\n");
    let elsewhere = || policy("      - GET /b\n");
    let guard = Guard::builder(protected()).build().unwrap();
    let passed = AtomicU64::new(0);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..1_000 {
                guard.set_policy(elsewhere()).unwrap();
                guard.set_policy(protected()).unwrap();
            }
            is_done.store(true, Ordering::Relaxed);
        });
        let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
        let layer = GuardLayer::new(guard.clone()).preflight(Preflight::PassListed);
        let mut service = layer.layer(inner);
        while !is_done.load(Ordering::Relaxed) {
            let request = Request::options("/a")
                .header("origin", "https://x.example")
                .header("access-control-request-method", "GET")
                .body(())
                .unwrap();
            let response = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap()
                .block_on(service.call(request))
                .unwrap();
            passed.fetch_add(u64::from(response.status() == 200), Ordering::Relaxed);
        }
    });
    assert_eq!(passed.into_inner(), 0, "preflights passed");
}

/// The target that axum remembers is longer than that of a layer of ours further in: what was
/// taken away before it counts.
#[cfg(feature = "axum")]
#[tokio::test]
async fn a_target_that_is_remembered_too_late_is_not_decided_on() {
    const POLICY: &str = "version: 1\nname: nested\nscopes:\n  \"public:read\":\n    routes:\n      - GET /status\n  \"admin:read\":\n    routes:\n      - GET /admin/status\n";
    let guard = guard_of(POLICY, &[("public", "public:read")]);
    let inner = axum::Router::new()
        .route("/status", axum::routing::get(|| async { "admin's status" }))
        .layer(over(guard))
        .layer(OriginalTargetLayer::new());
    let app = axum::Router::new().nest("/admin", inner);
    let request = Request::get("/admin/status")
        .header("authorization", "Bearer public")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 403);
}

/// Servers that know a header as `HTTP_X_KEY_ID` make it of more than `-` (lighttpd and old CGI:
/// of everything that is no letter and no digit).
#[tokio::test]
async fn no_spelling_of_an_identity_header_goes_on() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let names = Arc::clone(&seen);
    let inner = service_fn(move |request: Request<()>| {
        let headers = request.headers().keys();
        names
            .lock()
            .unwrap()
            .extend(headers.map(ToString::to_string));
        async { Ok::<_, Infallible>(Response::new(())) }
    });
    let request = Request::get("/api/v1/colleagues/")
        .header("authorization", format!("Bearer {}", key("desk")))
        .header("X-Key_Id", "admin")
        .header("x.key.id", "admin")
        .header("x-key~id", "admin")
        .header("X-Token.Subject", "admin")
        .body(())
        .unwrap();
    let layer = layer().hide_credential(true);
    let response = layer.layer(inner).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(*seen.lock().unwrap(), Vec::<String>::new());
}

/// Random requests: the layer admits what the guard does, and what goes on says who it is by the
/// guard's answer alone. `ROUTESCOPE_ATTACKS` sets their number.
#[test]
fn the_layer_does_what_the_guard_decides() {
    const NAMES: [&str; 14] = [
        "x-key-id",
        "x_key_id",
        "x-route",
        "x-policy-digest",
        "x-token_subject",
        "x-http-method-override",
        "x_original-url",
        "x-forwarded-uri",
        "connection",
        "x-key-ids",
        "cookie",
        "x-accepted-scopes",
        "host",
        "x-route.",
    ];
    const TARGETS: [&str; 10] = [
        "/api/v1/colleagues/",
        "/api/v1/colleagues/7/",
        "/api/v1/colleagues/?x=/..",
        "/api/v1/colleagues//",
        "/api/v1/../colleagues/",
        "/api/v1/colleagues",
        "*",
        "http://h/api/v1/colleagues/",
        "/API/v1/colleagues/",
        "/api/v1/colleagues/%37/",
    ];
    const METHODS: [&str; 8] = [
        "GET", "HEAD", "POST", "OPTIONS", "CONNECT", "get", "PATCH", "DELETE",
    ];
    let requests = std::env::var("ROUTESCOPE_ATTACKS");
    let requests: u32 = requests.map_or(20_000, |number| number.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut rng = fastrand::Rng::with_seed(17);
    let guard = crate::guards::guard();
    let inner =
        service_fn(async |request: Request<()>| Ok::<_, Infallible>(Response::new(request)));
    let mut service = over(guard.clone()).forward_identity(true).layer(inner);
    let mut admitted = 0;
    for _ in 0..requests {
        let mut request = Request::new(());
        let target = TARGETS[rng.usize(..TARGETS.len())];
        *request.uri_mut() = target.parse().unwrap();
        *request.method_mut() = METHODS[rng.usize(..METHODS.len())].parse().unwrap();
        for _ in 0..rng.usize(..3) {
            let name = NAMES[rng.usize(..NAMES.len())];
            let value = http::HeaderValue::from_static("x-key-id");
            request.headers_mut().append(name, value);
        }
        let mut values = Vec::new();
        for _ in 0..[0, 1, 1, 1, 1, 2][rng.usize(..6)] {
            let of = ["admin", "desk", "old", "strange", "nobody"][rng.usize(..5)];
            let scheme =
                ["Bearer ", "bearer  ", "Basic ", "Bearer"][rng.usize(..4).min(rng.usize(..4))];
            let value = format!("{scheme}{}", key(of));
            request
                .headers_mut()
                .append("authorization", value.parse().unwrap());
            values.push(value);
        }
        let shown = format!("{request:?} {values:?}");
        let fold = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let is_override = request
            .headers()
            .keys()
            .any(|name| routescope_tower::OVERRIDE_HEADERS.contains(&fold(name.as_str()).as_str()));
        let values = values.iter().map(String::as_bytes);
        let method = request.method().as_str().to_owned();
        let answer = guard.decide(values, &method, target, crate::guards::NOW);
        let response = runtime.block_on(service.call(request)).unwrap();
        if is_override {
            assert_eq!(response.status(), 403, "{shown}");
            continue;
        }
        assert_eq!(response.status(), answer.status(), "{shown}");
        admitted += u32::from(answer.admits());
    }
    assert!(admitted > requests / 100, "{admitted}");
}

/// A request that goes on has the identity of the answer of the guard, once.
#[test]
fn what_goes_on_has_one_identity() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let seen = std::cell::RefCell::new(http::HeaderMap::new());
    let inner = service_fn(|request: Request<()>| {
        *seen.borrow_mut() = request.headers().clone();
        async { Ok::<_, Infallible>(Response::new(())) }
    });
    let mut service = layer().forward_identity(true).layer(inner);
    for (name, status) in [
        ("x-key-id", 200),
        ("X_Key_Id", 200),
        ("x-token-subject", 200),
    ] {
        let mut request = Request::get("/api/v1/colleagues/").body(()).unwrap();
        let bearer = format!("Bearer {}", key("desk")).parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        for _ in 0..2 {
            let name: http::HeaderName = name.parse().unwrap();
            let value = http::HeaderValue::from_static("admin");
            request.headers_mut().append(name, value);
        }
        let response = runtime.block_on(service.call(request)).unwrap();
        assert_eq!(response.status(), status, "{name}");
        let seen = seen.borrow();
        let ids: Vec<_> = seen.get_all("x-key-id").iter().collect();
        assert_eq!(ids, ["desk"], "{name}");
        assert!(!seen.values().any(|value| value == "admin"), "{name}");
    }
}
