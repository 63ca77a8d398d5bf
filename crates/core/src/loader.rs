//! Policies that are loaded from bytes at run time.

use core::fmt;

use crate::automaton::Tables;
use crate::{LoadError, Policy};

/// A policy that was read from bytes, which it borrows.
///
/// It is the table of contents alone, some 400 bytes: the tables stay where they are.
/// [`LoadedPolicy::policy`] lends the [`Policy`], which decides exactly as the generated
/// constant of the same file does.
#[derive(Clone, Copy)]
pub struct LoadedPolicy<'b> {
    tables: Tables<'b>,
}

impl LoadedPolicy<'_> {
    /// The policy. Costs nothing: call it as often as you like.
    #[must_use]
    #[inline]
    pub const fn policy(&self) -> Policy<'_> {
        Policy::from_validated(&self.tables)
    }
}

impl fmt::Debug for LoadedPolicy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policy().fmt(f)
    }
}

/// The conditions under which bytes are accepted as a policy.
///
/// ```
/// use routescope_core::{LoadError, Loader};
///
/// fn update(bytes: &[u8], revision_in_force: u32) -> Result<(), LoadError> {
///     let loader = Loader::new().name("pbx").min_revision(revision_in_force);
///     let loaded = loader.load(bytes)?;
///     assert!(loaded.policy().revision() >= revision_in_force);
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a loader loads nothing before `load`"]
pub struct Loader<'n> {
    name: Option<&'n str>,
    min_revision: u32,
}

impl<'n> Loader<'n> {
    /// A loader that accepts any policy.
    pub const fn new() -> Self {
        Self {
            name: None,
            min_revision: 0,
        }
    }

    /// Accepts only policies of this name (`name:` of the file), so that the table of one API
    /// is not loaded for another.
    pub const fn name(mut self, name: &'n str) -> Self {
        self.name = Some(name);
        self
    }

    /// Accepts only policies of this revision (`revision:` of the file) or a later one, so that
    /// nobody can bring back a table that was replaced because it allowed too much. A file
    /// without a revision has revision 0.
    pub const fn min_revision(mut self, revision: u32) -> Self {
        self.min_revision = revision;
        self
    }

    /// Reads a policy from the bytes that the compiler wrote (`routescope compile`, or
    /// `Compiled::to_bytes` of routescope-compiler).
    ///
    /// The bytes need no alignment, and the order of the bytes in a number does not depend on
    /// the processor. Every index is checked as for a constant policy, so that no bytes make a
    /// decision panic.
    ///
    /// The checksum finds accidents: a cut file, a flipped bit. It stops no attacker, who
    /// computes it anew. An attacker who can choose the bytes decides who gets in: load them only
    /// from a place that a program might come from, or check a signature first.
    ///
    /// # Errors
    ///
    /// In this order:
    ///
    /// - [`LoadError::NotAPolicy`]: bytes that do not begin as a policy does;
    /// - [`LoadError::Format`]: bytes in a format of another version;
    /// - [`LoadError::Length`]: bytes that are cut, or continue after their end;
    /// - [`LoadError::Checksum`]: bytes that were changed;
    /// - [`LoadError::Malformed`]: a field that no compiler writes;
    /// - [`LoadError::Name`] and [`LoadError::Revision`]: a policy that the loader does not
    ///   accept;
    /// - [`LoadError::Unsound`]: an index that is out of range, or tables of another version.
    ///
    /// Cost: for the bytes that the compiler wrote, linear in them, about two passes; no
    /// allocation. Other bytes with a right checksum may take some tenths of a second a megabyte,
    /// since their rows may share long texts and lists.
    pub fn load<'b>(&self, bytes: &'b [u8]) -> Result<LoadedPolicy<'b>, LoadError> {
        let tables = crate::format::read(bytes)?;
        if self.name.is_some_and(|name| name != tables.name) {
            return Err(LoadError::Name);
        }
        if tables.revision < self.min_revision {
            return Err(LoadError::Revision {
                found: tables.revision,
                minimum: self.min_revision,
            });
        }
        tables.validate()?;
        Ok(LoadedPolicy { tables })
    }
}

impl<'b> Policy<'b> {
    /// Reads a policy from the bytes that the compiler wrote. Short for [`Loader::new`] and
    /// [`Loader::load`], which says what is checked, and what is not.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`].
    ///
    /// ```
    /// use routescope_core::{LoadError, Policy};
    ///
    /// fn may_list(bytes: &[u8], held: &[&str]) -> Result<bool, LoadError> {
    ///     let loaded = Policy::from_bytes(bytes)?;
    ///     Ok(loaded.policy().authorize(held, "GET", "/orders/").is_allow())
    /// }
    /// ```
    pub fn from_bytes(bytes: &'b [u8]) -> Result<LoadedPolicy<'b>, LoadError> {
        Loader::new().load(bytes)
    }
}
