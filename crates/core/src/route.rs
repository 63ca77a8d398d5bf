//! Routes and scopes of a policy, as a caller sees them.

use core::fmt;

use crate::automaton::RouteRow;
use crate::{Decision, Denial, Held, Method, Policy};

/// A method on a template, with the scopes it accepts. Displayed as
/// `GET /api/v1/colleagues/{id}/`.
#[derive(Clone, Copy)]
pub struct Route<'p> {
    policy: &'p Policy<'p>,
    row: &'p RouteRow,
}

impl<'p> Route<'p> {
    pub(crate) const fn new(policy: &'p Policy<'p>, row: &'p RouteRow) -> Self {
        Self { policy, row }
    }

    /// The method it lists.
    #[must_use]
    pub fn method(self) -> Method {
        Method::ALL
            .get(usize::from(self.row.method))
            .copied()
            .unwrap_or(Method::Options)
    }

    /// The path template as the file writes it.
    #[must_use]
    pub fn template(self) -> &'p str {
        self.policy.text(self.row.template, self.row.template_len)
    }

    /// The scopes of which a caller needs any one, narrowest first.
    #[must_use]
    #[inline]
    pub fn accepted(self) -> AcceptedScopes<'p> {
        let list = self
            .policy
            .tables()
            .accepted
            .get(self.row.accepted as usize..)
            .unwrap_or_default();
        let ids = match list.split_first() {
            Some((&count, ids)) => ids.get(..usize::from(count)).unwrap_or_default(),
            None => &[],
        };
        AcceptedScopes { route: self, ids }
    }

    /// The number of the first scope that it accepts, held or not.
    #[inline]
    pub(crate) fn first_accepted(self) -> Option<u16> {
        self.accepted().ids().first().copied()
    }

    /// The scope with this number.
    #[inline]
    pub(crate) const fn scope(self, id: u16) -> Scope<'p> {
        Scope {
            policy: self.policy,
            id,
        }
    }

    /// The bits of the scopes it accepts, where the policy has them. `policy` is
    /// the route's own, which the compiler may know more about.
    #[inline]
    pub(crate) const fn mask(self, policy: &Policy<'_>) -> u64 {
        policy.tables().mask(self.row.accepted)
    }
}

impl<'p> Route<'p> {
    /// Whether a key that holds `held` may call this route.
    ///
    /// Cost: a bit test for each accepted scope, if `held` is prepared.
    #[inline]
    pub fn authorize(self, held: &(impl Held + ?Sized)) -> Decision<'p> {
        match held.narrowest(self.policy, self.accepted()) {
            Some(scope) => Decision::Allow { route: self, scope },
            None => Decision::Deny(Denial::MissingScope(self)),
        }
    }
}

impl PartialEq for Route<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.method() == other.method()
            && self.template() == other.template()
            && self
                .accepted()
                .map(Scope::name)
                .eq(other.accepted().map(Scope::name))
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

/// The scopes of which a route needs any one, narrowest first.
///
/// An iterator; displayed as a list: `colleagues:read, colleagues:*, pbx:*`.
#[derive(Clone, Copy)]
pub struct AcceptedScopes<'p> {
    route: Route<'p>,
    ids: &'p [u16],
}

impl<'p> AcceptedScopes<'p> {
    /// The route that accepts them.
    #[must_use]
    pub const fn route(&self) -> Route<'p> {
        self.route
    }

    pub(crate) const fn ids(&self) -> &'p [u16] {
        self.ids
    }
}

impl<'p> Iterator for AcceptedScopes<'p> {
    type Item = Scope<'p>;

    #[inline]
    fn next(&mut self) -> Option<Scope<'p>> {
        let (&id, rest) = self.ids.split_first()?;
        self.ids = rest;
        Some(self.route.scope(id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ids.len(), Some(self.ids.len()))
    }
}

impl ExactSizeIterator for AcceptedScopes<'_> {}

impl fmt::Display for AcceptedScopes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.enumerate() {
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

/// A scope of a policy, `resource:action`.
#[derive(Clone, Copy)]
pub struct Scope<'p> {
    policy: &'p Policy<'p>,
    id: u16,
}

impl<'p> Scope<'p> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'p str {
        let row = self.policy.tables().scopes.get(usize::from(self.id));
        row.map(|row| self.policy.text(row.name, row.name_len))
            .unwrap_or_default()
    }

    /// Whether the file lists it; if not, the rules imply it (`r:*` beside
    /// `r:read`, and the umbrella's two).
    #[must_use]
    pub fn is_declared(self) -> bool {
        self.policy
            .tables()
            .scopes
            .get(usize::from(self.id))
            .is_some_and(|row| row.declared)
    }

    /// The routes that accept it.
    pub fn routes(self) -> impl Iterator<Item = Route<'p>> {
        self.policy
            .routes()
            .filter(move |route| route.accepted().any(|scope| scope.id == self.id))
    }
}

impl PartialEq for Scope<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
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

/// The scopes of a policy; see [`Policy::scopes`].
#[derive(Clone, Debug)]
pub struct Scopes<'p> {
    policy: &'p Policy<'p>,
    next: u16,
}

impl<'p> Scopes<'p> {
    pub(crate) const fn new(policy: &'p Policy<'p>) -> Self {
        Self { policy, next: 0 }
    }
}

impl<'p> Iterator for Scopes<'p> {
    type Item = Scope<'p>;

    fn next(&mut self) -> Option<Scope<'p>> {
        let id = self.next;
        self.policy.tables().scopes.get(usize::from(id))?;
        self.next = id.saturating_add(1);
        Some(Scope {
            policy: self.policy,
            id,
        })
    }
}
