//! The futures of responses.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::body::ResponseBody;

pin_project! {
    /// Response future for [`Guarded`](crate::Guarded).
    pub struct ResponseFuture<F, B> {
        #[pin]
        inner: Inner<F, B>,
    }
}

pin_project! {
    #[project = InnerProjection]
    enum Inner<F, B> {
        Refused {
            response: Option<Response<ResponseBody<B>>>,
        },
        Served {
            #[pin]
            future: F,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(crate) const fn refused(response: Response<ResponseBody<B>>) -> Self {
        Self {
            inner: Inner::Refused {
                response: Some(response),
            },
        }
    }

    pub(crate) const fn served(future: F) -> Self {
        Self {
            inner: Inner::Served { future },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().inner.project() {
            InnerProjection::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                // A future that has given its response has nothing more to give.
                None => Poll::Pending,
            },
            InnerProjection::Served { future } => {
                let response = ready!(future.poll(context))?;
                Poll::Ready(Ok(response.map(ResponseBody::served)))
            }
        }
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Response future for [`Guarded`](crate::Guarded) with a [`Lookup`](crate::Lookup).
pub struct LookupFuture<B, E>(Pin<Box<dyn Future<Output = Outcome<B, E>> + Send>>);

type Outcome<B, E> = Result<Response<ResponseBody<B>>, E>;

impl<B, E> LookupFuture<B, E> {
    pub(crate) fn new(future: impl Future<Output = Outcome<B, E>> + Send + 'static) -> Self {
        Self(Box::pin(future))
    }
}

impl<B, E> Future for LookupFuture<B, E> {
    type Output = Outcome<B, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<B, E> fmt::Debug for LookupFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupFuture").finish_non_exhaustive()
    }
}
