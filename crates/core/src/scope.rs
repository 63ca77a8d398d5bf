//! The scopes of a policy.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::automaton::{ScopeRow, Tables};

/// A scope of a policy: `resource:action`, or another name where the policy says
/// `scope_names: opaque`.
///
/// Scopes compare, order and hash by their names, whichever policy they are of.
#[derive(Clone, Copy)]
pub struct Scope<'t> {
    tables: &'t Tables<'t>,
    id: u16,
}

impl<'t> Scope<'t> {
    pub(crate) const fn new(tables: &'t Tables<'t>, id: u16) -> Self {
        Self { tables, id }
    }

    pub(crate) const fn id(self) -> u16 {
        self.id
    }

    pub(crate) const fn tables(self) -> &'t Tables<'t> {
        self.tables
    }

    /// Its name.
    ///
    /// ```
    /// # use routescope_core::Scope;
    /// fn is_for_reading(scope: Scope<'_>) -> bool {
    ///     scope.name().ends_with(":read")
    /// }
    /// ```
    #[must_use]
    pub fn name(self) -> &'t str {
        self.row().map_or("", |row| self.tables.text(row.name))
    }

    /// Its place in [`Policy::scopes`](crate::Policy::scopes), from 0: an index for an array with
    /// one element for each scope. It holds for this policy alone.
    #[must_use]
    pub const fn index(self) -> usize {
        self.id as usize
    }

    /// Whether the file names it. If not, the rules imply it: `r:*` beside `r:read`, and the two
    /// scopes of the umbrella.
    #[must_use]
    pub fn is_declared(self) -> bool {
        self.row().is_some_and(|row| row.declared)
    }

    fn row(self) -> Option<ScopeRow> {
        let row = self.tables.scopes.get(usize::from(self.id))?;
        Some(ScopeRow::from_bytes(row))
    }
}

impl PartialEq for Scope<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Scope<'_> {}

impl PartialOrd for Scope<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scope<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for Scope<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl PartialEq<str> for Scope<'_> {
    fn eq(&self, other: &str) -> bool {
        self.name() == other
    }
}

impl PartialEq<&str> for Scope<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.name() == *other
    }
}

impl AsRef<str> for Scope<'_> {
    fn as_ref(&self) -> &str {
        self.name()
    }
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The scopes of a policy, in the byte order of their names; see
/// [`Policy::scopes`](crate::Policy::scopes).
#[derive(Clone, Debug)]
pub struct Scopes<'t> {
    tables: &'t Tables<'t>,
    ids: core::ops::Range<u16>,
}

impl<'t> Scopes<'t> {
    pub(crate) fn new(tables: &'t Tables<'t>) -> Self {
        let count = u16::try_from(tables.scopes.len()).unwrap_or(u16::MAX);
        Self {
            tables,
            ids: 0..count,
        }
    }
}

impl<'t> Iterator for Scopes<'t> {
    type Item = Scope<'t>;

    fn next(&mut self) -> Option<Scope<'t>> {
        self.ids.next().map(|id| Scope::new(self.tables, id))
    }

    fn nth(&mut self, skipped: usize) -> Option<Scope<'t>> {
        self.ids.nth(skipped).map(|id| Scope::new(self.tables, id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}

impl DoubleEndedIterator for Scopes<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.ids.next_back().map(|id| Scope::new(self.tables, id))
    }
}

impl ExactSizeIterator for Scopes<'_> {}
impl core::iter::FusedIterator for Scopes<'_> {}
