//! Routers inside of routers: the decision is on the target that the client sent.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::routing::any;
use http::{Request, Uri};
use hyper::body::Incoming;
use routescope_tower::{GuardLayer, OriginalTargetLayer};
use tower::util::{BoxCloneService, MapRequestLayer};
use tower::{Layer, Service, ServiceExt};

use crate::guards::{guard_of, over};
use crate::{echo, server, wire};

/// Each path below `/admin/` ends in one that anybody with a key may read.
const POLICY: &str = "
version: 1
name: nested
scopes:
  \"public:read\":
    routes:
      - GET /
      - GET /status/
      - GET /v1/status/
  \"admin:read\":
    routes:
      - GET /admin
      - GET /admin/status/
      - GET /admin/v1/status/
";

fn layer() -> GuardLayer {
    let keys = [("public", "public:read"), ("admin", "admin:read")];
    over(guard_of(POLICY, &keys)).show_reason(true)
}

type App = BoxCloneService<Request<Incoming>, http::Response<Body>, Infallible>;

fn app(router: Router) -> App {
    BoxCloneService::new(router)
}

/// A handler that says what it sees.
async fn handler(request: Request<Body>) -> String {
    echo::seen(&request)
}

/// A router of `/` and `/status/`.
fn leaf() -> Router {
    Router::new()
        .route("/", any(handler))
        .route("/status/", any(handler))
}

/// A layer that makes a request forget where it came from, as if nobody had remembered it.
fn forget() -> MapRequestLayer<fn(Request<Body>) -> Request<Body>> {
    MapRequestLayer::new(|mut request: Request<Body>| {
        request.extensions_mut().remove::<OriginalUri>();
        request
    })
}

/// The statuses of a target for the keys `public` and `admin`.
async fn statuses(app: App, target: &str) -> [u16; 2] {
    let address = server::serve(app).await;
    let mut statuses = [0; 2];
    for (status, key) in statuses.iter_mut().zip(["public", "admin"]) {
        let headers = format!("Authorization: Bearer {key}\r\n");
        let reply = wire::ask(address, &format!("GET {target}"), &headers).await;
        *status = reply.status;
        if reply.status == 200 {
            assert_eq!(echo::line(&reply.body, "authorized"), Some(key), "{target}");
            let route = format!("GET {}", target.split('?').next().expect("a path"));
            assert_eq!(echo::line(&reply.body, "route"), Some(route.as_str()));
        }
    }
    statuses
}

#[tokio::test]
async fn a_layer_decides_on_the_target_that_the_client_sent() {
    let v1 = || Router::new().nest("/v1", leaf().layer(layer()));
    let layouts: [(&str, App); 9] = [
        (
            "around the router",
            BoxCloneService::new(
                layer()
                    .layer(app(admin(leaf())))
                    .map_response(|response| response.map(Body::new)),
            ),
        ),
        ("outside", app(admin(leaf()).layer(layer()))),
        ("inside", app(admin(leaf().layer(layer())))),
        (
            "inside a nested service",
            app(Router::new().nest_service("/admin", layer().layer(leaf()))),
        ),
        (
            "inside, on a fallback",
            app(admin(Router::new().fallback(handler).layer(layer()))),
        ),
        (
            "outside, on a fallback",
            app(admin(Router::new().fallback(handler)).layer(layer())),
        ),
        (
            "inside of a parameter",
            app(Router::new().nest("/{area}", leaf().layer(layer()))),
        ),
        (
            "outside and inside",
            app(admin(leaf().layer(layer())).layer(layer())),
        ),
        (
            "two levels down, and one",
            app(admin(v1().merge(leaf().layer(layer())))),
        ),
    ];
    for (name, app) in layouts {
        for target in ["/admin/status/", "/admin/status/?a=/b", "/admin"] {
            assert_eq!(
                statuses(app.clone(), target).await,
                [403, 200],
                "{name}: {target}"
            );
        }
    }
    let two_levels = app(admin(v1()));
    let target = "/admin/v1/status/";
    assert_eq!(statuses(two_levels, target).await, [403, 200]);
    let service = Router::new().nest_service("/v1", layer().layer(leaf()));
    let two_services = app(Router::new().nest_service("/admin", service));
    assert_eq!(statuses(two_services, target).await, [403, 200]);
}

fn admin(inner: Router) -> Router {
    Router::new().nest("/admin", inner)
}

/// The trap: without the layer's care, the key `public` opens what is below `/admin/`, and the key
/// `admin` does not.
#[tokio::test]
async fn a_decision_on_what_a_router_has_left_would_be_wrong() {
    let layouts = [
        (
            "one level",
            admin(leaf().layer(layer()).layer(forget())),
            "/admin/status/",
        ),
        (
            "two levels",
            admin(Router::new().nest("/v1", leaf().layer(layer()).layer(forget()))),
            "/admin/v1/status/",
        ),
    ];
    for (name, router, target) in layouts {
        let address = server::serve(app(router)).await;
        for (key, status) in [("public", 200), ("admin", 403)] {
            let headers = format!("Authorization: Bearer {key}\r\n");
            let reply = wire::ask(address, &format!("GET {target}"), &headers).await;
            assert_eq!(reply.status, status, "{name}: {key}");
        }
    }
}

/// A router of another kind, which takes `/admin` away and tells nobody.
fn strip<S>(
    inner: S,
) -> impl Service<Request<Incoming>, Response = S::Response, Error = S::Error, Future: Send> + Clone
where
    S: Service<Request<Incoming>, Future: Send> + Clone,
{
    inner.map_request(|request| retarget(request, |target| target.replacen("/admin", "", 1)))
}

/// Gives a request another target.
fn retarget<B>(mut request: Request<B>, change: impl FnOnce(&str) -> String) -> Request<B> {
    let target = request.uri().path_and_query().expect("a path").as_str();
    *request.uri_mut() = change(target).parse::<Uri>().expect("a target");
    request
}

#[tokio::test]
async fn a_router_of_another_kind_needs_the_layer_that_remembers() {
    let inner = || strip(layer().layer(echo::echo()));
    let careless = server::serve(inner()).await;
    let careful = server::serve(OriginalTargetLayer::new().layer(inner())).await;
    for (key, without, with) in [("public", 200, 403), ("admin", 403, 200)] {
        let headers = format!("Authorization: Bearer {key}\r\n");
        let line = "GET /admin/status/?x";
        assert_eq!(
            wire::ask(careless, line, &headers).await.status,
            without,
            "{key}"
        );
        let reply = wire::ask(careful, line, &headers).await;
        assert_eq!(reply.status, with, "{key}");
        if with == 200 {
            assert_eq!(echo::line(&reply.body, "target"), Some("/status/?x"));
        }
    }
}

/// A target that is not the end of the original one was never decided on.
#[tokio::test]
async fn a_request_that_goes_elsewhere_is_refused() {
    let cases = [
        ("as it was", "/status/", 200),
        ("without a prefix", "/v1/status/", 200),
        ("another path", "/admin/", 403),
        ("a longer path", "/admin/status/", 403),
        ("another query", "/status/?x", 403),
        ("half a segment", "/tatus/", 403),
    ];
    for (name, to, status) in cases {
        let guarded = layer().layer(echo::echo());
        let elsewhere = guarded.map_request(move |request| retarget(request, |_| to.to_owned()));
        let address = server::serve(OriginalTargetLayer::new().layer(elsewhere)).await;
        let original = if to == "/v1/status/" {
            "/admin/v1/status/"
        } else {
            "/status/"
        };
        let key = if to == "/v1/status/" {
            "admin"
        } else {
            "public"
        };
        let headers = format!("Authorization: Bearer {key}\r\n");
        let reply = wire::ask(address, &format!("GET {original}"), &headers).await;
        assert_eq!(reply.status, status, "{name}");
        assert_eq!(
            reply.body.contains("bad_check_request"),
            status == 403,
            "{name}"
        );
    }
}

/// The outermost layer decides which target is the original one.
#[tokio::test]
async fn the_outermost_layer_remembers() {
    let inner = OriginalTargetLayer::new().layer(layer().layer(echo::echo()));
    let service = OriginalTargetLayer::new().layer(strip(inner));
    let address = server::serve(service).await;
    let headers = "Authorization: Bearer public\r\n";
    assert_eq!(
        wire::ask(address, "GET /admin/status/", headers)
            .await
            .status,
        403
    );
}
