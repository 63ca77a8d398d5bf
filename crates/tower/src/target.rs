//! The target that a request is decided on: the one that the client sent.

use std::borrow::Cow;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Uri, Version};
use tower_layer::Layer;
use tower_service::Service;

/// The target that a request came with, remembered in its extensions before a router changes it.
///
/// [`OriginalTargetLayer`] puts it there. A handler may read it:
///
/// ```
/// use routescope_tower::OriginalTarget;
///
/// fn log(request: &http::Request<()>) {
///     if let Some(target) = request.extensions().get::<OriginalTarget>() {
///         eprintln!("{}", target.uri());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OriginalTarget(Uri);

impl OriginalTarget {
    /// The request's URI as it was.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.0
    }
}

/// Layer that applies [`KeepOriginalTarget`], which remembers the target of each request.
///
/// Routers other than axum's may take a prefix from the request's URI. Make this the outermost
/// layer then, so that a [`GuardLayer`](crate::GuardLayer) inside of the router decides on the
/// target that the client sent. axum remembers it by itself (`OriginalUri`), and a guard layer
/// outside of the router needs neither.
///
/// ```
/// use routescope_tower::OriginalTargetLayer;
/// use tower::ServiceBuilder;
///
/// # fn service(router: impl Clone) {
/// let service = ServiceBuilder::new().layer(OriginalTargetLayer::new()).service(router);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OriginalTargetLayer(());

impl OriginalTargetLayer {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for OriginalTargetLayer {
    type Service = KeepOriginalTarget<S>;

    fn layer(&self, inner: S) -> Self::Service {
        KeepOriginalTarget { inner }
    }
}

/// Middleware that remembers the target of each request as [`OriginalTarget`].
///
/// A target that is remembered already stays, so that the outermost layer decides.
///
/// Cost: a reference to the URI's bytes, and the box of an extension.
#[derive(Clone, Copy, Debug)]
pub struct KeepOriginalTarget<S> {
    inner: S,
}

impl<S> KeepOriginalTarget<S> {
    crate::inner_service_accessors!();
}

impl<S, ReqBody> Service<Request<ReqBody>> for KeepOriginalTarget<S>
where
    S: Service<Request<ReqBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        if request.extensions().get::<OriginalTarget>().is_none() {
            let target = OriginalTarget(request.uri().clone());
            request.extensions_mut().insert(target);
        }
        self.inner.call(request)
    }
}

/// The request was given another target, and not merely without its prefix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rewritten;

/// The target of a request as the client sent it, as far as the program still has it, and
/// whether the request still goes there.
pub(crate) fn of(parts: &Parts) -> (Cow<'_, str>, Result<(), Rewritten>) {
    let (original, is_first) = original(parts);
    let is_left =
        is_first && original.is_none_or(|original| is_without_prefix(original, &parts.uri));
    let target = text(original.unwrap_or(&parts.uri), parts.version);
    (target, if is_left { Ok(()) } else { Err(Rewritten) })
}

/// The remembered URI, and whether nobody has remembered more than it.
///
/// A layer of ours is asked first: it belongs further out than any router. One that stands inside
/// of a router that takes prefixes away has remembered a target that nobody sent.
fn original(parts: &Parts) -> (Option<&Uri>, bool) {
    let ours = parts.extensions.get().map(|OriginalTarget(uri)| uri);
    #[cfg(feature = "axum")]
    if let Some(axum::extract::OriginalUri(axum)) = parts.extensions.get() {
        let is_first = ours.is_none_or(|ours| is_without_prefix(ours, axum));
        return (ours.or(Some(axum)), is_first);
    }
    (ours, true)
}

/// A URI as the text that a policy is asked about.
fn text(uri: &Uri, version: Version) -> Cow<'_, str> {
    let is_http_1 = version < Version::HTTP_2;
    match uri.path_and_query() {
        // The client of HTTP/1.x has sent scheme and host in the request line. That is another
        // form of target, and what is served might depend on it: the whole text is no path.
        Some(_) if is_http_1 && (uri.scheme().is_some() || uri.authority().is_some()) => {
            Cow::Owned(uri.to_string())
        }
        // The client of HTTP/2 and HTTP/3 sends them apart from `:path`, which this is.
        Some(target) => Cow::Borrowed(target.as_str()),
        // The authority of CONNECT.
        None => Cow::Owned(uri.to_string()),
    }
}

/// Whether routers that take a prefix away, and nothing else, made `current` of `original`.
///
/// A handler serves `current`. If it were something else than the end of the target that was
/// decided on, an allowed target would open another one.
fn is_without_prefix(original: &Uri, current: &Uri) -> bool {
    let (Some(original), Some(current)) = (original.path_and_query(), current.path_and_query())
    else {
        return original == current;
    };
    if original.as_str() == current.as_str() {
        return true;
    }
    if original.query() != current.query() {
        return false;
    }
    let Some(end) = current.path().strip_prefix('/') else {
        return false;
    };
    match original.path().strip_suffix(end) {
        // The whole path was the prefix, or all of it but the end.
        Some(prefix) => end.is_empty() || prefix.ends_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::is_without_prefix;

    #[test]
    fn a_prefix_may_go_and_nothing_else() {
        let cases = [
            ("equal", "/a/b", "/a/b", true),
            ("a prefix", "/a/b", "/b", true),
            ("two prefixes", "/a/b/c/", "/c/", true),
            ("all of it", "/a", "/", true),
            ("all of it, with a slash", "/a/", "/", true),
            ("all of it, with a query", "/a?x", "/?x", true),
            ("a query in both", "/a/b?x=/c", "/b?x=/c", true),
            ("half a segment", "/ab/c", "/b/c", false),
            ("another path", "/a/b", "/c", false),
            ("a path from the query", "/a?x=/b", "/b", false),
            ("a query that is gone", "/a/b?x", "/b", false),
            ("a query that is new", "/a/b", "/b?x", false),
            ("another query", "/a/b?x", "/b?y", false),
            ("a slash that is gone", "/a/b/", "/b", false),
            ("a longer path", "/b", "/a/b", false),
            ("another case", "/a/B", "/b", false),
            ("no path", "/a", "*", false),
        ];
        for (name, original, current, expected) in cases {
            let [original, current] = [original, current].map(Uri::from_static);
            assert_eq!(is_without_prefix(&original, &current), expected, "{name}");
        }
    }
}
