//! Layer.

mod authorized;
mod body;
mod future;
mod layer;
mod override_headers;
mod refusal;
mod service;
mod settings;
mod target;

pub use authorized::Authorized;
pub use body::ResponseBody;
pub use future::{LookupFuture, ResponseFuture};
pub use layer::{GuardLayer, Lookup, NoLookup};
pub use override_headers::{OVERRIDE_HEADERS, OverrideHeaders};
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
