//! The alternatives of a requirement: scopes that suffice together.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::slice;

use crate::Scope;
use crate::automaton::{Clauses, Set, Tables};

/// Scopes that suffice together: one scope, or a set of which all are needed.
///
/// Displayed as a scope list: names with a space between them (RFC 6749 section 3.3).
#[derive(Clone, Copy)]
pub struct Alternative<'t> {
    tables: &'t Tables<'t>,
    /// The row of a scope, or where a set starts and [`Self::SET`].
    number: u32,
}

impl<'t> Alternative<'t> {
    /// The bit that tells sets from scopes. No list is as long: validation refuses it.
    const SET: u32 = 1 << 31;

    pub(crate) const fn of_set(tables: &'t Tables<'t>, set: Set<'t>) -> Self {
        Self {
            tables,
            number: set.start() | Self::SET,
        }
    }

    #[inline]
    pub(crate) const fn of_scope(scope: Scope<'t>) -> Self {
        Self {
            tables: scope.tables(),
            number: scope.id() as u32,
        }
    }

    /// Its scopes: of a set, in the byte order of their names. At least one.
    #[must_use]
    pub fn scopes(self) -> AlternativeScopes<'t> {
        let Self { tables, number } = self;
        let set = || tables.set_at(number & !Self::SET);
        AlternativeScopes {
            tables,
            one: self.as_scope().map(Scope::id),
            clauses: (number & Self::SET != 0).then(|| set().clauses()),
        }
    }

    /// For each of its scopes, in the order of [`Self::scopes`], every scope that will do in its
    /// place: the scope itself, and then those that imply it.
    ///
    /// A scope that suffices alone is in its place alone: the scopes that imply it are alternatives
    /// by themselves.
    pub fn clauses(self) -> impl Iterator<Item = ClauseScopes<'t>> {
        let Self { tables, number } = self;
        let set = (number & Self::SET != 0).then(|| tables.set_at(number & !Self::SET));
        let itself = self.as_scope().map(|scope| ClauseScopes {
            tables,
            one: Some(scope.id()),
            ids: [].iter(),
        });
        let clauses = set.map(Set::clauses).into_iter().flatten();
        let of_set = clauses.map(move |clause| ClauseScopes {
            tables,
            one: None,
            ids: clause.scopes.iter(),
        });
        itself.into_iter().chain(of_set)
    }

    /// Its only scope, if it has no more than one.
    #[must_use]
    pub const fn as_scope(self) -> Option<Scope<'t>> {
        if self.number & Self::SET != 0 {
            return None;
        }
        Some(Scope::new(self.tables, self.number as u16))
    }
}

impl<'t> IntoIterator for Alternative<'t> {
    type Item = Scope<'t>;
    type IntoIter = AlternativeScopes<'t>;

    fn into_iter(self) -> AlternativeScopes<'t> {
        self.scopes()
    }
}

impl PartialEq for Alternative<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.scopes().eq(other.scopes())
    }
}

impl Eq for Alternative<'_> {}

impl PartialOrd for Alternative<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alternative<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scopes().cmp(other.scopes())
    }
}

impl Hash for Alternative<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scopes().for_each(|scope| scope.hash(state));
    }
}

impl fmt::Display for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.scopes().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The iterator over the scopes of an [`Alternative`].
#[derive(Clone, Debug)]
pub struct AlternativeScopes<'t> {
    tables: &'t Tables<'t>,
    one: Option<u16>,
    clauses: Option<Clauses<'t>>,
}

impl<'t> Iterator for AlternativeScopes<'t> {
    type Item = Scope<'t>;

    fn next(&mut self) -> Option<Scope<'t>> {
        let scope = match self.one.take() {
            Some(scope) => scope,
            None => self.clauses.as_mut()?.next()?.scope()?,
        };
        Some(Scope::new(self.tables, scope))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let sets = self
            .clauses
            .as_ref()
            .map_or(0, |clauses| clauses.size_hint().0);
        let all = sets.saturating_add(usize::from(self.one.is_some()));
        (all, Some(all))
    }
}

impl ExactSizeIterator for AlternativeScopes<'_> {}

/// The scopes of which a key needs any one in the place of a scope; see [`Alternative::clauses`].
#[derive(Clone, Debug)]
pub struct ClauseScopes<'t> {
    tables: &'t Tables<'t>,
    one: Option<u16>,
    ids: slice::Iter<'t, [u8; 2]>,
}

impl<'t> Iterator for ClauseScopes<'t> {
    type Item = Scope<'t>;

    fn next(&mut self) -> Option<Scope<'t>> {
        let id = match self.one.take() {
            Some(scope) => scope,
            None => u16::from_le_bytes(*self.ids.next()?),
        };
        Some(Scope::new(self.tables, id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let all = self
            .ids
            .len()
            .saturating_add(usize::from(self.one.is_some()));
        (all, Some(all))
    }
}

impl ExactSizeIterator for ClauseScopes<'_> {}
