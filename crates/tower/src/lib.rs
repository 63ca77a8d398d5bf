#![doc = include_str!("../README.md")]
//!
//! # The target that is decided on
//!
//! It is the target that the client sent, as far as the program still has it, and what is decided
//! is what the inner service gets. A router that nests another takes a prefix from the request's
//! URI, and a decision on the rest would be about another route. So the layer asks, in this order:
//!
//! 1. [`OriginalTarget`], if an [`OriginalTargetLayer`] stands outside of all that changes URIs;
//! 2. axum's `OriginalUri`, which each router of axum remembers (feature `axum`, on by default);
//! 3. the request's own URI.
//!
//! If both of the first two are there, the first must have remembered at least as much as the
//! second: an [`OriginalTargetLayer`] inside of a router that took a prefix away comes too late,
//! and the request is refused.
//!
//! With the third alone, a layer inside of a router that takes prefixes away decides on the
//! shortened target, **and may allow a request that the policy denies**. That happens without the
//! feature `axum` inside of a nested router of axum, and without [`OriginalTargetLayer`] inside of
//! another router. A layer outside of all routers needs neither.
//!
//! A request whose URI is not the end of its original one was given another target by something
//! other than a router that nests. It is refused as `bad_check_request` (`malformed`), because its
//! handler serves what nobody decided on. Put the layer inside of what rewrites targets, without
//! [`OriginalTargetLayer`], if the policy is about the new ones. One case cannot be seen: a
//! request that is sent to `/`, which is also the URI that a router makes of its prefix.
//!
//! The text is the path and the query (`path_and_query`). In HTTP/1.x, scheme and host are part of
//! it if the client sent them (absolute-form, for proxies), so that such a request is refused as
//! `bad_path`; so are `*` and an authority without a path. HTTP/2 and HTTP/3 send them apart from
//! the path, and the text is `:path`. `CONNECT` is `bad_method`.
//! A program that makes requests itself (a test, an adapter of a cloud function) makes them of
//! HTTP/1.1 unless it says otherwise: their URIs have to be path and query alone.
//!
//! # What a server hides
//!
//! hyper and the `http` crate read a request before any layer does. This is all that they change
//! about it, by the tests of this crate (hyper 1.12, h2 0.4, http 1.5), which compare each hostile
//! target over a socket with the library's verdict on its bytes:
//!
//! | on the wire | the layer and the inner service see |
//! |---|---|
//! | a fragment: `/a#b` | `/a`: the fragment is cut off, also after a query |
//! | HTTP/2: `:path` is a fragment alone, `#b` | `/` |
//! | HTTP/1.1: absolute-form without a path, `http://h` or `http://h?q` | `http://h/`, `http://h/?q`; refused |
//! | HTTP/1.1: blank lines before the request line, lines that end with LF | nothing of it |
//! | HTTP/1.1: no `Host`, or two | the same headers |
//! | HTTP/1.1: a length beside chunks | chunks alone |
//! | HTTP/2: a `:scheme` without `:authority` | neither |
//! | HTTP/2: the order of fields | nothing of it |
//! | space and tabs around the value of a header | the value alone |
//!
//! Everything else arrives byte for byte, or the server answers with 400 or resets the stream:
//! dot segments, empty segments, escapes, UTF-8 that is not encoded. Nothing is normalised.
//!
//! # Headers of the request
//!
//! Every `Authorization` header is read: two are `malformed_key`. Headers by which a handler might
//! take another method or target ([`OVERRIDE_HEADERS`]) are refused ([`OverrideHeaders`]). A
//! client's own headers of [`IDENTITY_HEADERS`](routescope_guard::IDENTITY_HEADERS) are removed from
//! every request that goes on, with `_` or another sign in place of `-` too. The layer does not
//! read the `_method` parameter of some frameworks, the host, the body or trailers.
//!
//! # Public routes
//!
//! A request to a route that the policy calls public goes on whatever its credential is: none, a
//! bad one, or a good one, which all count for nothing. Nobody is asked for it, and the request has
//! no identity: [`Authorized::key_id`] and [`Authorized::token_subject`] are `None`, and
//! [`GuardLayer::forward_identity`] adds the route and the digest alone. The `Authorization` header
//! goes on to the handler as it came, unless [`GuardLayer::hide_credential`] removes it. A handler
//! of a public route must not take it for one that was verified. Override headers are refused on
//! public routes too.
//!
//! # The response to a request that is refused
//!
//! 401 if the key is at fault, else 403, with `WWW-Authenticate` (RFC 6750) and, if a scope is
//! missing, `X-Accepted-Scopes`; `Cache-Control: no-store`; and problem details (RFC 9457), in which
//! `alternatives` lists the sets of scopes that are needed together where a route has such sets:
//!
//! ```json
//! {"type":"about:blank","title":"Forbidden","status":403,
//!  "detail":"The scopes of the API key do not open the route.",
//!  "accepted_scopes":["pbxpower:*","pbx:*"]}
//! ```
//!
//! The reason is in the guard's log, and in the body only with [`GuardLayer::show_reason`].
//! `HEAD` gets the same headers without a body.
//!
//! A request of gRPC (`content-type: application/grpc`, gRPC-Web too) gets `grpc-status` (16 for
//! 401, 7 for 403) and `grpc-message` as well, and no body. tonic's client takes these, whatever
//! the HTTP status: `Code::Unauthenticated` and `Code::PermissionDenied`, with the other headers as
//! metadata. Without them it would map an empty 401 and 403 to the same codes, but would read the
//! JSON of a problem as a message and report `Code::Internal`.
//!
//! # The order of layers
//!
//! Layers that answer requests without a key belong outside: a `CorsLayer`, so that preflights are
//! answered and pages can read a 401 (see [`Preflight`]), a health check, a redirect. Layers that
//! change methods, targets or override headers for handlers belong outside too, so that the
//! decision is on their result. Body limits and timeouts may be anywhere.
//!
//! axum's `Router::layer` guards the routes and the fallback that the router has by then, and none
//! that is added later: call it last.
//!
//! # Cost
//!
//! That of [`Guard::decide`](routescope_guard::Guard::decide), a comparison of each header's name
//! with a dozen others, and the box of an extension. A response to a refused request allocates its
//! headers and its body. With [`GuardLayer::lookup`], one box more for each request.

mod authorized;
mod body;
mod future;
mod layer;
mod lookup;
mod override_headers;
mod refusal;
mod service;
mod settings;
mod target;

pub use authorized::Authorized;
pub use body::ResponseBody;
pub use future::{LookupFuture, ResponseFuture};
pub use layer::GuardLayer;
pub use lookup::{Lookup, NoLookup};
pub use override_headers::OverrideHeaders;
pub use routescope_guard::OVERRIDE_HEADERS;
pub use service::Guarded;
pub use settings::Preflight;
pub use target::{KeepOriginalTarget, OriginalTarget, OriginalTargetLayer};

/// The accessors that each middleware of tower-http has.
macro_rules! inner_service_accessors {
    () => {
        /// Gets a reference to the underlying service.
        pub const fn get_ref(&self) -> &S {
            &self.inner
        }

        /// Gets a mutable reference to the underlying service.
        pub const fn get_mut(&mut self) -> &mut S {
            &mut self.inner
        }

        /// Consumes `self`, returning the underlying service.
        pub fn into_inner(self) -> S {
            self.inner
        }
    };
}
pub(crate) use inner_service_accessors;
