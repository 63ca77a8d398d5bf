//! The requirement of a route: what a request needs to call it.

use core::cmp::Ordering;
use core::fmt;
use core::iter::FusedIterator;

use crate::automaton::{RouteRow, Sets};
use crate::{AcceptedScopesIter, Alternative, Route, Scope};

/// The requirement of a route.
///
/// It is no list, because an empty list can be misread: a route that needs several scopes at once
/// has no scope that suffices alone, and is anything but open.
///
/// Exhaustive on purpose: a new kind must break the build of whoever acts on it.
///
/// ```
/// use routescope_core::{Policy, Requirement, RouteDenial};
///
/// fn describe<'t>(policy: Policy<'t>, target: &str) -> Result<String, RouteDenial<'t>> {
///     Ok(match policy.required_scopes("GET", target)? {
///         Requirement::Public => "open to everybody".to_owned(),
///         Requirement::AnyKey => "open to every valid key".to_owned(),
///         Requirement::Scopes(alternatives) => format!("needs one of: {alternatives}"),
///     })
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Requirement<'t> {
    /// Nothing: the key of a request is not even looked at.
    Public,
    /// A valid key, whatever its scopes.
    AnyKey,
    /// A valid key that holds all scopes of one of these alternatives.
    Scopes(Alternatives<'t>),
}

impl<'t> Requirement<'t> {
    /// The alternatives, if scopes are needed.
    #[must_use]
    pub const fn alternatives(self) -> Option<Alternatives<'t>> {
        match self {
            Self::Scopes(alternatives) => Some(alternatives),
            Self::Public | Self::AnyKey => None,
        }
    }
}

/// `public`, `any key`, or the alternatives.
impl fmt::Display for Requirement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::AnyKey => f.write_str("any key"),
            Self::Scopes(alternatives) => fmt::Display::fmt(alternatives, f),
        }
    }
}

impl<'t> Route<'t> {
    /// The requirement that a request must meet to call the route.
    #[must_use]
    #[inline]
    pub const fn requirement(self) -> Requirement<'t> {
        match self.row().accepted {
            RouteRow::PUBLIC => Requirement::Public,
            RouteRow::ANY_KEY => Requirement::AnyKey,
            _ => Requirement::Scopes(Alternatives { route: self }),
        }
    }
}

/// The alternatives of a route, narrowest first: a key needs all scopes of any one of them. Of a
/// route that needs scopes, there is at least one.
///
/// A single scope is an alternative too, so that this has all of [`Route::accepted`], and then
/// the sets. The order is that of [`AcceptedScopes`](crate::AcceptedScopes); a set is as wide as
/// the widest of its scopes.
///
/// Displayed as `contents:write pulls:write, admin:all`, the value of `X-Accepted-Scopes`: a comma
/// between alternatives, a space within one. No name of a scope has either.
#[derive(Clone, Copy)]
pub struct Alternatives<'t> {
    route: Route<'t>,
}

impl<'t> Alternatives<'t> {
    /// The route that has them.
    #[must_use]
    pub const fn route(self) -> Route<'t> {
        self.route
    }

    /// The alternatives, narrowest first.
    #[must_use]
    pub fn iter(self) -> AlternativesIter<'t> {
        let sets = self.route.tables().sets(self.route.row().accepted);
        AlternativesIter {
            singles: self.route.accepted().iter(),
            taken: 0,
            position: sets.position(),
            sets,
        }
    }

    /// The narrowest alternative, which the challenge of a denial names.
    #[must_use]
    pub fn first(self) -> Option<Alternative<'t>> {
        self.iter().next()
    }

    /// The number of alternatives, without going through them.
    #[must_use]
    pub fn count(self) -> usize {
        let sets = self.route.tables().sets(self.route.row().accepted);
        let singles = self.route.accepted().len();
        singles.saturating_add(sets.size_hint().0)
    }
}

impl<'t> IntoIterator for Alternatives<'t> {
    type Item = Alternative<'t>;
    type IntoIter = AlternativesIter<'t>;

    fn into_iter(self) -> AlternativesIter<'t> {
        self.iter()
    }
}

impl PartialEq for Alternatives<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Alternatives<'_> {}

impl PartialOrd for Alternatives<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alternatives<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl fmt::Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, alternative) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            fmt::Display::fmt(&alternative, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// The iterator over [`Alternatives`].
#[derive(Clone, Debug)]
pub struct AlternativesIter<'t> {
    singles: AcceptedScopesIter<'t>,
    /// The number of single scopes that have been returned.
    taken: u16,
    /// The number of those that come before the next set.
    position: u16,
    sets: Sets<'t>,
}

impl<'t> AlternativesIter<'t> {
    #[cold]
    fn next_set(&mut self) -> Option<Alternative<'t>> {
        let set = self.sets.next()?;
        self.position = self.sets.position();
        Some(Alternative::of_set(self.singles.tables(), set))
    }
}

impl<'t> Iterator for AlternativesIter<'t> {
    type Item = Alternative<'t>;

    #[inline]
    fn next(&mut self) -> Option<Alternative<'t>> {
        if self.position <= self.taken {
            return self.next_set();
        }
        match self.singles.next() {
            Some(scope) => {
                self.taken = self.taken.saturating_add(1);
                Some(Alternative::of_scope(scope))
            }
            None => self.next_set(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (sets, _) = self.sets.size_hint();
        let all = self.singles.len().saturating_add(sets);
        (all, Some(all))
    }
}

impl ExactSizeIterator for AlternativesIter<'_> {}
impl FusedIterator for AlternativesIter<'_> {}

/// Why a request is allowed: the part of the requirement that it meets.
///
/// Exhaustive on purpose, like [`Requirement`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum By<'t> {
    /// The held scope that suffices alone: the narrowest of them.
    Scope(Scope<'t>),
    /// The alternative of which all scopes are held, by themselves or by scopes that imply them:
    /// the narrowest. No held scope suffices alone.
    All(Alternative<'t>),
    /// The route is open to every valid key.
    AnyKey,
    /// The route is public.
    Public,
}

impl<'t> By<'t> {
    /// Its name in logs and in JSON: `scope`, `all`, `any_key` or `public`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scope(_) => "scope",
            Self::All(_) => "all",
            Self::AnyKey => "any_key",
            Self::Public => "public",
        }
    }

    /// The held scope that suffices alone, if it is that.
    #[must_use]
    pub const fn scope(self) -> Option<Scope<'t>> {
        match self {
            Self::Scope(scope) => Some(scope),
            Self::All(_) | Self::AnyKey | Self::Public => None,
        }
    }
}

/// `colleagues:read`, `boards:read boards:write`, `any key` or `public`.
impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(scope) => fmt::Display::fmt(scope, f),
            Self::All(alternative) => fmt::Display::fmt(alternative, f),
            Self::AnyKey => f.write_str("any key"),
            Self::Public => f.write_str("public"),
        }
    }
}
