//! The inner service is called when it is ready, and by the clone that is ready.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use routescope_guard::{FoundKey, KeyHash, KeyLookup, LookupFailed};
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt};

use crate::guards::{key, layer};

/// A service that must be asked whether it is ready before each call. A clone is not.
#[derive(Debug, Default)]
struct Strict {
    is_ready: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        let calls = Arc::clone(&self.calls);
        Self {
            is_ready: false,
            calls,
        }
    }
}

impl Service<Request<()>> for Strict {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(self.is_ready, "called before it was ready");
        self.is_ready = false;
        self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Response::default()))
    }
}

struct NoKeys;

impl KeyLookup for NoKeys {
    async fn find(&self, _: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        Ok(None)
    }
}

fn request(of: &str) -> Request<()> {
    let request = Request::get("/api/v1/colleagues/");
    let request = request.header("authorization", format!("Bearer {}", key(of)));
    request.body(()).expect("a request")
}

/// Calls by keys, one after the other; the statuses.
async fn statuses<S, B>(mut service: S, keys: &[&str]) -> Vec<u16>
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
{
    let mut statuses = Vec::new();
    for key in keys {
        let ready = service.ready().await.expect("ready");
        let response = ready.call(request(key)).await.expect("a response");
        statuses.push(response.status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn the_service_that_is_ready_is_called() {
    let keys = ["desk", "nobody", "desk", "desk", "nobody", "nobody", "desk"];
    let expected = [200, 401, 200, 200, 401, 401, 200];
    let inner = Strict::default();
    assert_eq!(
        statuses(layer().layer(inner.clone()), &keys).await,
        expected
    );
    let with_store = layer().lookup(NoKeys);
    assert_eq!(
        statuses(with_store.layer(inner.clone()), &keys).await,
        expected
    );
    assert_eq!(inner.calls.load(Ordering::Relaxed), 8);
}

#[tokio::test]
async fn calls_of_one_service_may_overlap() {
    let mut service = layer().lookup(NoKeys).layer(Strict::default());
    let mut futures = Vec::new();
    for _ in 0..3 {
        let ready = service.ready().await.expect("ready");
        futures.push(ready.call(request("desk")));
    }
    for future in futures.into_iter().rev() {
        assert_eq!(future.await.expect("a response").status(), 200);
    }
}

/// A place in a limited service is free again when a request was refused.
#[tokio::test]
async fn a_refusal_takes_no_place() {
    let limit = ConcurrencyLimitLayer::new(1);
    let keys = ["nobody", "nobody", "desk", "nobody", "desk"];
    let expected = [401, 401, 200, 401, 200];
    let inner = limit.layer(Strict::default());
    assert_eq!(statuses(layer().layer(inner), &keys).await, expected);

    let inner = limit.layer(Strict::default());
    let service = layer().lookup(NoKeys).layer(inner);
    assert_eq!(statuses(service.clone(), &keys).await, expected);
    // With a store, another clone need not wait for the first one to go.
    let (mut first, second) = (service.clone(), service);
    let ready = first.ready().await.expect("ready");
    drop(ready.call(request("nobody")));
    assert_eq!(statuses(second, &["desk"]).await, [200]);
    drop(first);
}
