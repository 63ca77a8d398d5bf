//! The service that a guard stands in front of.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use routescope_guard::{Guard, KeyLookup};
use tower_layer::Layer;
use tower_service::Service;

use crate::body::ResponseBody;
use crate::future::{LookupFuture, ResponseFuture};
use crate::layer::GuardLayer;
use crate::lookup::{Lookup, NoLookup};
use crate::settings::{First, Settings, authorization};

/// Middleware that lets requests through that a guard admits, and answers all others with 401 or
/// 403.
///
/// See the [crate's documentation](crate). [`GuardLayer`] sets it up.
///
/// It is ready when the inner service is. A request that is refused takes nothing of the inner
/// service, whose readiness stays for the next request of the same clone.
#[derive(Clone, Debug)]
pub struct Guarded<S, L = NoLookup> {
    inner: S,
    settings: Arc<Settings>,
    lookup: L,
}

impl<S, L: Clone> Layer<S> for GuardLayer<L> {
    type Service = Guarded<S, L>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded {
            inner,
            settings: Arc::clone(&self.settings),
            lookup: self.lookup.clone(),
        }
    }
}

impl<S> Guarded<S> {
    /// A layer over a guard: [`GuardLayer::new`].
    pub fn layer(guard: Guard) -> GuardLayer {
        GuardLayer::new(guard)
    }
}

impl<S, L> Guarded<S, L> {
    crate::inner_service_accessors!();
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Guarded<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let settings = &*self.settings;
        let (mut parts, body) = request.into_parts();
        let answer = match settings.first(&parts) {
            First::Preflight => None,
            First::Refused(answer) => Some(answer),
            First::Undecided { target, now } => {
                let method = parts.method.as_str();
                let authorization = authorization(&parts);
                Some(settings.guard.decide(authorization, method, &*target, now))
            }
        };
        if let Some(refusal) = settings.refuse_or_forward(&mut parts, answer.as_ref()) {
            return ResponseFuture::refused(refusal);
        }
        ResponseFuture::served(self.inner.call(Request::from_parts(parts, body)))
    }
}

impl<S, K, ReqBody, ResBody> Service<Request<ReqBody>> for Guarded<S, Lookup<K>>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    K: KeyLookup + 'static,
    ReqBody: Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = LookupFuture<ResBody, S::Error>;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The service that was polled goes into the future: a clone need not be ready.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let settings = Arc::clone(&self.settings);
        let Lookup(store) = self.lookup.clone();
        LookupFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            let answer = match settings.first(&parts) {
                First::Preflight => None,
                First::Refused(answer) => Some(answer),
                First::Undecided { target, now } => {
                    let method = parts.method.as_str();
                    let authorization = authorization(&parts);
                    let guard = &settings.guard;
                    let decision = guard.decide_with(&*store, authorization, method, &*target, now);
                    Some(decision.await)
                }
            };
            if let Some(refusal) = settings.refuse_or_forward(&mut parts, answer.as_ref()) {
                return Ok(refusal);
            }
            drop(answer);
            let response = inner.call(Request::from_parts(parts, body)).await?;
            Ok(response.map(ResponseBody::served))
        })
    }
}
