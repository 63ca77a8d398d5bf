//! The routes of a policy, and the scopes that they accept.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::iter::FusedIterator;
use core::{ptr, slice};

use crate::automaton::{RouteBytes, RouteRow, Tables};
use crate::{Method, Scope};

/// A method on a path template, with the scopes that it accepts. Displayed as
/// `GET /api/v1/colleagues/{id}/`.
///
/// Routes compare and order by the text of the template, the method and the requirement, and
/// hash by the first two. [`Policy::routes`](crate::Policy::routes) lists them in another order: by
/// the segments of templates.
#[derive(Clone, Copy)]
pub struct Route<'t> {
    tables: &'t Tables<'t>,
    row: &'t RouteBytes,
}

impl<'t> Route<'t> {
    #[inline]
    pub(crate) const fn new(tables: &'t Tables<'t>, row: &'t RouteBytes) -> Self {
        Self { tables, row }
    }

    /// The method that it lists.
    #[must_use]
    pub fn method(self) -> Method {
        let method = Method::ALL.get(usize::from(self.row().method));
        method.copied().unwrap_or(Method::Options)
    }

    /// The path template as the file writes it.
    #[must_use]
    pub fn template(self) -> &'t str {
        self.tables.text(self.row().template)
    }

    /// The scopes of which each alone suffices, narrowest first.
    ///
    /// There may be none: a route that needs several scopes at once has no such scope, and
    /// neither has one that needs none. [`Self::requirement`] tells them apart; ask that.
    #[must_use]
    #[inline]
    pub fn accepted(self) -> AcceptedScopes<'t> {
        AcceptedScopes { route: self }
    }

    /// Its place in [`Policy::routes`](crate::Policy::routes), from 0: an index for an array of
    /// counters, for instance. It is less than the number of routes, and it holds for this policy
    /// alone.
    ///
    /// Cost: a division by a constant.
    ///
    /// ```
    /// # use routescope_core::Route;
    /// fn count(calls: &mut [u64], route: Route<'_>) {
    ///     if let Some(calls) = calls.get_mut(route.index()) {
    ///         *calls += 1;
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn index(self) -> usize {
        const ROW: usize = size_of::<RouteBytes>();
        // The row lies in the table, as many rows after its first as the index says.
        let first = self.tables.routes.as_ptr().addr();
        let row = ptr::from_ref(self.row).addr();
        row.wrapping_sub(first) / ROW
    }

    /// The number that tells its requirement from others of the policy.
    #[doc(hidden)]
    #[must_use]
    pub const fn requirement_number(self) -> u32 {
        self.row().accepted
    }

    #[inline]
    pub(crate) const fn tables(self) -> &'t Tables<'t> {
        self.tables
    }

    #[inline]
    pub(crate) const fn row(self) -> RouteRow {
        RouteRow::from_bytes(self.row)
    }

    #[inline]
    pub(crate) fn accepted_ids(self) -> &'t [[u8; 2]] {
        self.tables.list(self.row().accepted)
    }
}

impl PartialEq for Route<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Route<'_> {}

impl PartialOrd for Route<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Route<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let texts = |route: &Self| (route.template(), route.method());
        let by_text = texts(self).cmp(&texts(other));
        by_text.then_with(|| self.requirement().cmp(&other.requirement()))
    }
}

impl Hash for Route<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.template().hash(state);
        self.method().hash(state);
    }
}

impl fmt::Display for Route<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.template())
    }
}

impl fmt::Debug for Route<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The routes of a policy, in the order of templates, then of methods; see
/// [`Policy::routes`](crate::Policy::routes).
#[derive(Clone, Debug)]
pub struct Routes<'t> {
    tables: &'t Tables<'t>,
    rows: slice::Iter<'t, RouteBytes>,
}

impl<'t> Routes<'t> {
    pub(crate) fn new(tables: &'t Tables<'t>) -> Self {
        Self {
            tables,
            rows: tables.routes.iter(),
        }
    }
}

impl<'t> Iterator for Routes<'t> {
    type Item = Route<'t>;

    fn next(&mut self) -> Option<Route<'t>> {
        self.rows.next().map(|row| Route::new(self.tables, row))
    }

    fn nth(&mut self, skipped: usize) -> Option<Route<'t>> {
        self.rows
            .nth(skipped)
            .map(|row| Route::new(self.tables, row))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl DoubleEndedIterator for Routes<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let row = self.rows.next_back()?;
        Some(Route::new(self.tables, row))
    }
}

impl ExactSizeIterator for Routes<'_> {}
impl FusedIterator for Routes<'_> {}

impl<'t> Scope<'t> {
    /// The routes that it opens alone, in the order of [`Policy::routes`](crate::Policy::routes).
    ///
    /// Cost: a pass over the policy's routes.
    pub fn routes(self) -> impl Iterator<Item = Route<'t>> {
        let routes = Routes::new(self.tables());
        routes.filter(move |route| route.accepted().contains(self))
    }
}

/// The scopes of a route of which each alone suffices, narrowest first; see [`Route::accepted`].
///
/// A named operation or `r:read` is narrower than `r:*`, that is narrower than the scopes of the
/// umbrella, and they are narrower than the global scope. Of two scopes of one kind, the one that
/// opens fewer routes is narrower.
///
/// Displayed as `colleagues:read, colleagues:*, pbx:*`.
///
/// ```
/// # use routescope_core::Route;
/// fn narrowest<'t>(route: Route<'t>) -> Option<&'t str> {
///     route.accepted().into_iter().next().map(|scope| scope.name())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct AcceptedScopes<'t> {
    route: Route<'t>,
}

impl<'t> AcceptedScopes<'t> {
    /// The route that accepts them.
    #[must_use]
    pub const fn route(self) -> Route<'t> {
        self.route
    }

    /// The scopes, narrowest first.
    #[must_use]
    #[inline]
    pub fn iter(self) -> AcceptedScopesIter<'t> {
        AcceptedScopesIter {
            tables: self.route.tables,
            ids: self.route.accepted_ids().iter(),
        }
    }

    /// The narrowest scope.
    #[must_use]
    #[inline]
    pub fn first(self) -> Option<Scope<'t>> {
        self.iter().next()
    }

    /// The number of scopes.
    #[must_use]
    pub fn len(self) -> usize {
        self.route.accepted_ids().len()
    }

    /// Whether there are none. That says nothing about who may call the route: see
    /// [`Route::requirement`].
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether a scope of this name is accepted.
    #[must_use]
    pub fn contains(self, scope: impl AsRef<str>) -> bool {
        self.iter()
            .any(|accepted| accepted.name() == scope.as_ref())
    }
}

impl<'t> IntoIterator for AcceptedScopes<'t> {
    type Item = Scope<'t>;
    type IntoIter = AcceptedScopesIter<'t>;

    #[inline]
    fn into_iter(self) -> AcceptedScopesIter<'t> {
        self.iter()
    }
}

impl<'t> IntoIterator for &AcceptedScopes<'t> {
    type Item = Scope<'t>;
    type IntoIter = AcceptedScopesIter<'t>;

    fn into_iter(self) -> AcceptedScopesIter<'t> {
        self.iter()
    }
}

impl PartialEq for AcceptedScopes<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for AcceptedScopes<'_> {}

impl fmt::Display for AcceptedScopes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for AcceptedScopes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// The iterator over [`AcceptedScopes`].
#[derive(Clone, Debug)]
pub struct AcceptedScopesIter<'t> {
    tables: &'t Tables<'t>,
    ids: slice::Iter<'t, [u8; 2]>,
}

impl<'t> AcceptedScopesIter<'t> {
    pub(crate) const fn tables(&self) -> &'t Tables<'t> {
        self.tables
    }

    #[inline]
    fn scope(&self, id: &[u8; 2]) -> Scope<'t> {
        Scope::new(self.tables, u16::from_le_bytes(*id))
    }
}

impl<'t> Iterator for AcceptedScopesIter<'t> {
    type Item = Scope<'t>;

    #[inline]
    fn next(&mut self) -> Option<Scope<'t>> {
        let id = self.ids.next()?;
        Some(self.scope(id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}

impl DoubleEndedIterator for AcceptedScopesIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let id = self.ids.next_back()?;
        Some(self.scope(id))
    }
}

impl ExactSizeIterator for AcceptedScopesIter<'_> {}
impl FusedIterator for AcceptedScopesIter<'_> {}
