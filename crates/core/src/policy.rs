//! A compiled policy and the two questions it answers.

use core::fmt;

use crate::automaton::{End, Tables};
use crate::{
    AcceptedScopes, Decision, Denial, Held, KeyFormat, Method, Prepared, Route, ScopeSet, Scopes,
};

/// A compiled table of routes, with its scopes, options and digest.
///
/// Made by `routescope-compiler`: as a constant in generated code, or at run
/// time. Cheap to copy (a few slices); safe to share between threads and to use
/// from an interrupt, since nothing in it changes.
#[derive(Clone, Copy)]
pub struct Policy<'t> {
    tables: Tables<'t>,
}

/// How a policy's paths are compared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Options {
    /// `paths.case: insensitive`: literals match in any ASCII case.
    pub case_insensitive: bool,
    /// `paths.trailing_slash: optional`: every template matches with and
    /// without its trailing slash.
    pub trailing_slash_optional: bool,
}

impl<'t> Policy<'t> {
    /// Wraps tables written by the compiler.
    ///
    /// # Panics
    ///
    /// With the sentence of [`Tables::fault`], if an index is out of range or a
    /// name out of order. In a constant, where generated code calls it, that is
    /// a compile error: corrupt tables cannot reach a running program.
    #[must_use]
    #[allow(clippy::panic, reason = "stops the build of a constant; documented")]
    pub const fn new(tables: Tables<'t>) -> Self {
        if let Some(fault) = tables.fault() {
            panic!("{}", fault);
        }
        Self { tables }
    }

    /// Wraps tables that [`Tables::fault`] has already found sound, such as
    /// those an owner lends again and again.
    ///
    /// Not `unsafe`: unsound tables give wrong answers, never a bad access.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_checked(tables: Tables<'t>) -> Self {
        Self { tables }
    }

    /// The scopes of which a caller of `method` on `target` needs any one.
    ///
    /// `target` is the request target as it came on the wire, query included.
    ///
    /// # Errors
    ///
    /// The [`Denial`] that every key gets here: `BadMethod`, `BadPath`,
    /// `UnknownRoute` or `MethodNotListed`, in this order.
    ///
    /// Cost: one look for a path that is a template to the byte; else one at the whole
    /// target, for the path rules, and then a walk, with a table look-up for each
    /// value and at most five for each run of literals. With a query behind it, a path
    /// costs one more of either look, and the query one of its own. No allocation.
    ///
    /// ```
    /// # use routescope_core::{Policy, Denial};
    /// fn narrowest<'p>(policy: &'p Policy<'p>, method: &str, target: &str) -> Option<&'p str> {
    ///     policy.required_scopes(method, target).ok()?.next().map(|scope| scope.name())
    /// }
    /// ```
    #[inline]
    pub fn required_scopes(
        &self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Result<AcceptedScopes<'_>, Denial<'_>> {
        self.route(method.as_ref(), target.as_ref())
            .map(Route::accepted)
    }

    /// Whether a key that holds `held` may call `method` on `target`.
    ///
    /// `held` is a [`ScopeSet`] prepared with [`Policy::scope_set`] (the fast
    /// way), or plain names. `target` is the request target as it came on the
    /// wire; forward exactly the bytes that were decided on.
    ///
    /// Order: method, path, route, method on the route, scope. Everything not
    /// listed is denied.
    ///
    /// Cost: that of [`Policy::required_scopes`], then a bit test for each
    /// accepted scope, of which there are as many as scopes the route is listed
    /// under, and their `r:*` and umbrellas.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn may_reboot(policy: &Policy, key_scopes: &[&str]) -> bool {
    ///     policy.authorize(key_scopes, "PUT", "/api/v1/pbx/system/reboot/").is_allow()
    /// }
    /// ```
    #[inline]
    pub fn authorize(
        &self,
        held: &(impl Held + ?Sized),
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Decision<'_> {
        match self.route(method.as_ref(), target.as_ref()) {
            Ok(route) => route.authorize(held),
            Err(denial) => Decision::Deny(denial),
        }
    }

    /// The route that a request calls, whoever makes it.
    ///
    /// # Errors
    ///
    /// As [`Policy::required_scopes`], at the same cost.
    #[inline]
    pub fn route(&self, method: &[u8], target: &[u8]) -> Result<Route<'_>, Denial<'_>> {
        let method = Method::from_bytes(method).ok_or(Denial::BadMethod)?;
        let end = match self.tables.literal(target) {
            Some(end) => end,
            None => self.tables.find_anywhere(target).map_err(Denial::of)?,
        };
        self.routed(end, method)
    }

    /// The decision on the template that wins.
    #[doc(hidden)]
    #[inline(always)]
    pub fn decide<'p>(&'p self, held: Prepared<'_>, method: Method, end: End) -> Decision<'p> {
        match self.listed(end, method) {
            Some(route) => match held.narrowest(self, route) {
                Some(scope) => Decision::Allow { route, scope },
                None => Decision::Deny(Denial::MissingScope(route)),
            },
            None => Decision::Deny(self.method_not_listed(end)),
        }
    }

    /// The route of a method on the template that wins.
    ///
    /// # Errors
    ///
    /// If the template does not list the method.
    #[doc(hidden)]
    #[inline]
    pub fn routed(&self, end: End, method: Method) -> Result<Route<'_>, Denial<'_>> {
        self.listed(end, method)
            .ok_or_else(|| self.method_not_listed(end))
    }

    #[inline(always)]
    fn listed(&self, end: End, method: Method) -> Option<Route<'_>> {
        let listed = if end.methods().contains(method) {
            method
        } else if method == Method::Head && end.methods().contains(Method::Get) {
            Method::Get
        } else {
            return None;
        };
        let row = end.first_route().wrapping_add(end.methods().rank(listed));
        self.tables
            .routes
            .get(row as usize)
            .map(|row| Route::new(self, row))
    }

    #[cold]
    fn method_not_listed(&self, end: End) -> Denial<'_> {
        let methods = if end.methods().contains(Method::Get) {
            end.methods().with(Method::Head)
        } else {
            end.methods()
        };
        match self.tables.routes.get(end.first_route() as usize) {
            Some(row) => Denial::MethodNotListed {
                template: self.text(row.template, row.template_len),
                methods,
            },
            None => Denial::UnknownRoute,
        }
    }

    /// Prepares the scopes of a key, so that decisions test bits.
    ///
    /// Names that the policy does not know are [counted](ScopeSet::unknown) and
    /// grant nothing.
    ///
    /// Cost: a binary search over the policy's scopes for each name.
    pub fn scope_set<const WORDS: usize>(
        &self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> ScopeSet<WORDS> {
        let mut set = ScopeSet::empty(self.tag());
        for name in names {
            set.add(self.scope_id(name.as_ref()));
        }
        set
    }

    fn scope_id(&self, name: &str) -> Option<u16> {
        let row = self
            .tables
            .scopes
            .binary_search_by(|row| {
                self.tables
                    .text_at(row.name, row.name_len)
                    .cmp(name.as_bytes())
            })
            .ok()?;
        u16::try_from(row).ok()
    }

    /// How many 64-scope words a [`ScopeSet`] for this policy needs.
    #[must_use]
    pub const fn scope_words(&self) -> usize {
        self.tables.scopes.len().div_ceil(64)
    }

    /// What a prepared set remembers of its policy: eight bytes of the digest.
    #[must_use]
    #[inline]
    pub(crate) const fn tag(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.tables.digest;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// The policy's name.
    #[must_use]
    pub const fn name(&self) -> &'t str {
        self.tables.name
    }

    /// The day its file was last updated, `YYYY-MM-DD`, if the file says.
    #[must_use]
    pub const fn updated(&self) -> Option<&'t str> {
        if self.tables.updated.is_empty() {
            None
        } else {
            Some(self.tables.updated)
        }
    }

    /// The resource whose scopes cover all resources, if there is one.
    #[must_use]
    pub const fn umbrella(&self) -> Option<&'t str> {
        if self.tables.umbrella.is_empty() {
            None
        } else {
            Some(self.tables.umbrella)
        }
    }

    /// SHA-256 of what the policy decides: two policies with the same digest
    /// give the same answer to every question.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.tables.digest
    }

    /// How its paths are compared.
    #[must_use]
    pub const fn options(&self) -> Options {
        self.tables.options
    }

    /// What its API keys look like, if the file says.
    #[must_use]
    pub const fn key_format(&self) -> Option<KeyFormat<'t>> {
        self.tables.key
    }

    /// The tables themselves.
    #[doc(hidden)]
    #[must_use]
    pub const fn tables(&self) -> &Tables<'t> {
        &self.tables
    }

    /// Every route, in the order of templates, then of methods.
    #[must_use]
    pub fn routes(&self) -> impl ExactSizeIterator<Item = Route<'_>> {
        self.tables.routes.iter().map(|row| Route::new(self, row))
    }

    /// Every scope that means something to the policy, in the order of names.
    #[must_use]
    pub fn scopes(&self) -> Scopes<'_> {
        Scopes::new(self)
    }

    pub(crate) fn text(&self, start: u32, len: u16) -> &'t str {
        let start = start as usize;
        self.tables
            .text
            .get(start..start.saturating_add(usize::from(len)))
            .unwrap_or_default()
    }
}

/// The whole policy, for a reviewer: its options, then each route with the
/// scopes it accepts. Stable, so that a change of policy shows in a diff.
impl fmt::Display for Policy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy {}", self.name())?;
        if let Some(updated) = self.updated() {
            write!(f, ", updated {updated}")?;
        }
        f.write_str("\ndigest ")?;
        for byte in self.digest() {
            write!(f, "{byte:02x}")?;
        }
        let Options {
            case_insensitive,
            trailing_slash_optional,
        } = self.options();
        let slash = if trailing_slash_optional {
            "optional"
        } else {
            "exact"
        };
        let case = if case_insensitive {
            "insensitive"
        } else {
            "exact"
        };
        writeln!(f, "\npaths: trailing slash {slash}, case {case}")?;
        if let Some(key) = self.key_format() {
            writeln!(
                f,
                "keys: {} bytes, `{}` and then {}",
                key.length,
                key.prefix,
                key.alphabet.as_str()
            )?;
        }
        let declared = self.scopes().filter(|scope| scope.is_declared()).count();
        writeln!(
            f,
            "{} routes under {declared} scopes\n",
            self.tables.routes.len()
        )?;
        for route in self.routes() {
            writeln!(
                f,
                "{:7} {:<66} {}",
                route.method(),
                route.template(),
                route.accepted()
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Policy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name())
            .field("routes", &self.tables.routes.len())
            .field("scopes", &self.tables.scopes.len())
            .field("states", &self.tables.states.len())
            .finish_non_exhaustive()
    }
}
