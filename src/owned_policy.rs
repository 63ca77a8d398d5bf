//! A policy that owns the bytes that it was loaded from.

use alloc::boxed::Box;
use core::fmt;

use routescope_core::{LoadError, LoadedPolicy, Loader, Policy};
use self_cell::self_cell;

/// A policy that owns the bytes that it was loaded from, for programs that replace their policy
/// while they run.
///
/// It answers exactly as the generated constant of the same file, because the same code reads
/// it. Put it into an `Arc`, and swap the `Arc` when a new table comes: a decision borrows from
/// the policy that made it. Scope sets remember their policy, so prepare those of all keys again
/// for the new one, or they hold nothing.
///
/// ```
/// use routescope::OwnedPolicy;
///
/// let source = "version: 1\nname: shop\nrevision: 7\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
/// // `routescope compile` writes the same bytes into a file.
/// let bytes = routescope_compiler::compile("shop.yaml", source)?.to_bytes();
///
/// let policy = OwnedPolicy::from_bytes(bytes).unwrap();
/// assert_eq!(policy.policy().revision(), 7);
/// let decision = policy.policy().authorize(&["orders:read"], "GET", "/orders/7");
/// assert!(decision.is_allow());
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
pub struct OwnedPolicy {
    cell: Cell,
}

self_cell!(
    struct Cell {
        owner: Box<[u8]>,

        #[covariant]
        dependent: LoadedPolicy,
    }
);

impl OwnedPolicy {
    /// Reads a policy from the bytes that the compiler wrote.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`].
    ///
    /// Cost: that of [`Loader::load`], and one allocation; two if the bytes are a vector with
    /// room to spare.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Result<Self, LoadError> {
        Self::load(Loader::new(), bytes)
    }

    /// As [`Self::from_bytes`], under the conditions of a loader: a name, a least revision.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`].
    pub fn load(loader: Loader<'_>, bytes: impl Into<Box<[u8]>>) -> Result<Self, LoadError> {
        let cell = Cell::try_new(bytes.into(), |bytes| loader.load(bytes))?;
        Ok(Self { cell })
    }

    /// The policy. Costs nothing: call it as often as you like.
    #[must_use]
    #[inline]
    pub fn policy(&self) -> Policy<'_> {
        self.cell.borrow_dependent().policy()
    }

    /// The bytes, to store or to send them on.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.cell.borrow_owner()
    }
}

impl fmt::Debug for OwnedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policy().fmt(f)
    }
}
