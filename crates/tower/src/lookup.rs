//! Whether a layer has a store of keys beside its guard.

use std::sync::Arc;

/// No look-up: the keys that the guard has are all there are. Nothing waits, and nothing is boxed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLookup(pub(crate) ());

/// A look-up in a store of keys. All services of a layer share it.
#[derive(Debug)]
pub struct Lookup<K>(pub(crate) Arc<K>);

impl<K> Clone for Lookup<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
