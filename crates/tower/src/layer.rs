//! The layer, and how it is set up.

use std::sync::Arc;

use http::HeaderName;
use routescope_guard::{Guard, KeyLookup};

use crate::lookup::{Lookup, NoLookup};
use crate::override_headers::OverrideHeaders;
use crate::settings::{Preflight, Settings};

/// Layer that applies [`Guarded`](crate::Guarded), which lets requests through that a guard admits.
///
/// See the [crate's documentation](crate) for what is decided, and for where a layer belongs.
///
/// ```
/// use routescope::pbx;
/// use routescope_guard::{Guard, KeyEntry, KeyFile, KeyHash, StoredHash};
/// use routescope_tower::GuardLayer;
/// use tower::ServiceBuilder;
///
/// # fn service(router: impl Clone) -> Result<(), routescope_guard::ReloadError> {
/// let hash = StoredHash::Sha256(KeyHash::from_bytes([7; 32])); // of a file, usually
/// let keys = KeyFile::new([KeyEntry::new("front-desk", hash, ["colleagues:read"])]);
/// let guard = Guard::builder(pbx::POLICY).keys(keys).build()?;
/// let layer = GuardLayer::new(guard).hide_credential(true);
/// let service = ServiceBuilder::new().layer(layer).service(router);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer protects nothing before it is applied to a service"]
pub struct GuardLayer<L = NoLookup> {
    pub(crate) settings: Arc<Settings>,
    pub(crate) lookup: L,
}

impl GuardLayer {
    /// A layer over a guard. For a listener with its own shadow mode, take
    /// [`Guard::listener`].
    pub fn new(guard: Guard) -> Self {
        Self {
            settings: Arc::new(Settings::new(guard)),
            lookup: NoLookup(()),
        }
    }

    /// Looks keys that the guard does not have up in a store that takes time to answer. The store
    /// is not asked for requests to public routes.
    ///
    /// Cost: a box for each request. Without a store there is none.
    pub fn lookup<K: KeyLookup>(self, store: K) -> GuardLayer<Lookup<K>> {
        GuardLayer {
            settings: self.settings,
            lookup: Lookup(Arc::new(store)),
        }
    }
}

impl<L> GuardLayer<L> {
    /// The treatment of requests with an override header: refused, if nobody says otherwise.
    pub fn override_headers(self, treatment: OverrideHeaders) -> Self {
        self.with(|settings| settings.override_headers = treatment)
    }

    /// Names of override headers beside [`OVERRIDE_HEADERS`](crate::OVERRIDE_HEADERS).
    ///
    /// ```
    /// # use routescope_tower::GuardLayer;
    /// use http::HeaderName;
    ///
    /// # fn layer(layer: GuardLayer) -> GuardLayer {
    /// layer.more_override_headers([HeaderName::from_static("x-real-path")])
    /// # }
    /// ```
    pub fn more_override_headers(self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.with(|settings| settings.more_override_headers.extend(names))
    }

    /// The treatment of CORS preflights: decided like any other request, if nobody says otherwise.
    pub fn preflight(self, treatment: Preflight) -> Self {
        self.with(|settings| settings.preflight = treatment)
    }

    /// Whether the body of a refusal names the reason (`"reason":"unknown_route"`). It does not,
    /// if nobody says otherwise: the reason tells strangers which routes and keys there are, and
    /// is in the guard's log for those who run it.
    pub fn show_reason(self, show: bool) -> Self {
        self.with(|settings| settings.shows_reason = show)
    }

    /// Whether an allowed request goes on with the headers of
    /// [`IDENTITY_HEADERS`](routescope_guard::IDENTITY_HEADERS), for proxies. A handler in this
    /// program has [`Authorized`](crate::Authorized).
    ///
    /// A client's own headers of these names are removed in any case. A proxy that drops the
    /// headers which `Connection` names (RFC 9110 section 7.6.1) has to do so outside of this
    /// layer, or a client could have its identity dropped.
    pub fn forward_identity(self, forward: bool) -> Self {
        self.with(|settings| settings.forwards_identity = forward)
    }

    /// Whether a request goes on without `Authorization`, so that neither handlers nor their logs
    /// have the key. That is so for public routes too, to which clients send their keys as well.
    pub fn hide_credential(self, hide: bool) -> Self {
        self.with(|settings| settings.hides_credential = hide)
    }

    /// A clock in seconds since 1970, for tests. The system's, if nobody says otherwise.
    pub fn clock(self, clock: fn() -> u64) -> Self {
        self.with(|settings| settings.clock = clock)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}
