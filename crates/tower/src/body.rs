//! The body of a response: the inner service's, or that of a refusal.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

pin_project! {
    /// Response body for [`Guarded`](crate::Guarded): that of the inner service, or the problem
    /// details of a request that was refused.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: Inner<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = InnerProjection]
    enum Inner<B> {
        Refused {
            #[pin]
            body: Full<Bytes>,
        },
        Served {
            #[pin]
            body: B,
        },
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn refused(bytes: Vec<u8>) -> Self {
        let body = Full::from(bytes);
        Self {
            inner: Inner::Refused { body },
        }
    }

    pub(crate) const fn served(body: B) -> Self {
        Self {
            inner: Inner::Served { body },
        }
    }
}

impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::served(B::default())
    }
}

impl<B: Body<Data = Bytes>> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().inner.project() {
            InnerProjection::Refused { body } => {
                body.poll_frame(context).map_err(|error| match error {})
            }
            InnerProjection::Served { body } => body.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::Refused { body } => body.is_end_stream(),
            Inner::Served { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Refused { body } => body.size_hint(),
            Inner::Served { body } => body.size_hint(),
        }
    }
}
