//! A compiled policy and the questions that it answers.

use core::fmt;

use crate::automaton::{ScopeRow, Tables};
use crate::{
    AcceptedScopes, Decision, HeldScopes, KeyFormat, Route, RouteDenial, Routes, Scope, ScopeSet,
    Scopes, authorize,
};

/// A compiled table of routes, with its scopes, options and digest.
///
/// `routescope-compiler` makes it: as a constant in generated code, or at run time. It is a
/// pointer to tables that never change: copying it is free, and it can be shared between
/// threads and used in an interrupt.
///
/// ```
/// use routescope_core::{Policy, RouteDenial};
///
/// fn narrowest<'t>(policy: Policy<'t>, target: &str) -> Result<&'t str, RouteDenial<'t>> {
///     let accepted = policy.required_scopes("GET", target)?;
///     Ok(accepted.first().map_or("", |scope| scope.name()))
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Policy<'t> {
    tables: &'t Tables<'t>,
}

/// How a policy compares paths: the `paths` of its file.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PathOptions {
    /// Whether the case of literals counts.
    pub case: Case,
    /// Whether the trailing slash counts.
    pub trailing_slash: TrailingSlash,
}

impl PathOptions {
    /// Whether literals match in any ASCII case.
    #[must_use]
    pub const fn ignores_case(self) -> bool {
        matches!(self.case, Case::Insensitive)
    }

    /// Whether templates match with and without their trailing slash.
    #[must_use]
    pub const fn slash_is_optional(self) -> bool {
        matches!(self.trailing_slash, TrailingSlash::Optional)
    }
}

/// Whether the case of literals counts.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Case {
    /// Literals match byte for byte.
    #[default]
    Exact,
    /// Literals match in any ASCII case.
    Insensitive,
}

impl Case {
    /// Its name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Insensitive => "insensitive",
        }
    }
}

/// Whether the trailing slash of a path counts.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum TrailingSlash {
    /// The trailing slash is part of a template.
    #[default]
    Exact,
    /// Every template matches with and without its trailing slash.
    Optional,
}

impl TrailingSlash {
    /// Its name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Optional => "optional",
        }
    }
}

/// Where code finds a policy: a [`Policy`], or the type `Compiled` in a module that
/// [`policy!`](crate::policy!) makes.
///
/// Code that is generic over it is compiled for `Compiled` with the tables as constants, which
/// takes a quarter fewer instructions than tables behind a pointer.
///
/// ```
/// use routescope_core::PolicySource;
///
/// fn table_size<'t>(source: impl PolicySource<'t>) -> usize {
///     source.policy().routes().len()
/// }
/// ```
pub trait PolicySource<'t>: Copy {
    /// The policy.
    fn policy(self) -> Policy<'t>;
}

impl<'t> PolicySource<'t> for Policy<'t> {
    #[inline(always)]
    fn policy(self) -> Self {
        self
    }
}

impl<'t> Policy<'t> {
    /// Wraps tables that the compiler wrote.
    ///
    /// # Panics
    ///
    /// If [`Tables::validate`] finds the tables unsound, with its sentence. In a constant,
    /// where generated code calls it, that is a compile error: corrupt tables cannot reach a
    /// running program.
    #[doc(hidden)]
    #[must_use]
    #[allow(clippy::panic, reason = "stops the build of a constant; documented")]
    pub const fn new(tables: &'t Tables<'t>) -> Self {
        if let Err(error) = tables.validate() {
            panic!("{}", error.as_str());
        }
        Self { tables }
    }

    /// Wraps tables that [`Tables::validate`] has found sound before.
    ///
    /// Not `unsafe`: unsound tables give wrong answers, never a bad access.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_validated(tables: &'t Tables<'t>) -> Self {
        Self { tables }
    }

    /// Whether a key that holds `held` may call `method` on `target`.
    ///
    /// `held` is a [`ScopeSet`] prepared with [`Policy::scope_set`], which is fast, or the
    /// names of the scopes. `target` is the request target as it came on the wire, query
    /// included; forward exactly the bytes that were decided on.
    ///
    /// The method is checked first, then the path, the route, the method on the route and the
    /// scope. Everything that the file does not list is denied.
    ///
    /// Cost: that of [`Policy::required_scopes`], and a bit test for each accepted scope.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn may_reboot(policy: Policy<'_>, key_scopes: &[&str]) -> bool {
    ///     policy.authorize(key_scopes, "PUT", "/api/v1/pbx/system/reboot/").is_allow()
    /// }
    /// ```
    #[inline]
    pub fn authorize(
        self,
        held: &(impl HeldScopes + ?Sized),
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Decision<'t> {
        authorize::authorize(self, held, method.as_ref(), target.as_ref())
    }

    /// The scopes of which a caller of `method` on `target` needs any one.
    ///
    /// # Errors
    ///
    /// The denial that every key gets here: `BadMethod`, `BadPath`, `UnknownRoute` or
    /// `MethodNotListed`, in this order.
    ///
    /// Cost: one hash look-up for a path that equals a template without parameters. For any
    /// other path, a scan of the target, and a table look-up for each parameter and at most
    /// five for each run of static segments. A query costs one more of each, and a scan of the
    /// query. No allocation.
    #[inline]
    pub fn required_scopes(
        self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Result<AcceptedScopes<'t>, RouteDenial<'t>> {
        self.route(method, target).map(Route::accepted)
    }

    /// The route that a request calls, whoever makes it.
    ///
    /// # Errors
    ///
    /// As [`Policy::required_scopes`], at the same cost.
    #[inline]
    pub fn route(
        self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
    ) -> Result<Route<'t>, RouteDenial<'t>> {
        authorize::route(self, method.as_ref(), target.as_ref())
    }

    /// Prepares the scopes of a key, so that decisions test bits. The set has room for the
    /// scopes of any policy; [`Policy::scope_set_in`] makes a smaller one.
    ///
    /// Names that the policy does not know are [counted](ScopeSet::unknown_count) and grant
    /// nothing.
    ///
    /// Cost: a binary search over the policy's scopes for each name; no allocation.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn can_list(policy: Policy<'_>, key_scopes: &[String]) -> bool {
    ///     let held = policy.scope_set(key_scopes);
    ///     policy.authorize(&held, "GET", "/orders/").is_allow()
    /// }
    /// ```
    pub fn scope_set(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
        ScopeSet::from_names(self, names)
    }

    /// As [`Policy::scope_set`], in a set of `WORDS` words, of which the policy needs
    /// [`Policy::scope_words`].
    pub fn scope_set_in<const WORDS: usize>(
        self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> ScopeSet<WORDS> {
        ScopeSet::from_names(self, names)
    }

    /// The number of 64-bit words that a [`ScopeSet`] for this policy needs.
    #[must_use]
    pub const fn scope_words(self) -> usize {
        self.tables.scopes.len().div_ceil(64)
    }

    /// Those of some names that are no scope of the policy, so that an operator can be told.
    ///
    /// ```
    /// # use routescope_core::Policy;
    /// fn warn_of_typing_errors(policy: Policy<'_>, key_scopes: &[String]) {
    ///     for name in policy.unknown_scopes(key_scopes) {
    ///         eprintln!("the scope {name} grants nothing");
    ///     }
    /// }
    /// ```
    pub fn unknown_scopes<S: AsRef<str>>(
        self,
        names: impl IntoIterator<Item = S>,
    ) -> impl Iterator<Item = S> {
        let names = names.into_iter();
        names.filter(move |name| self.scope_id(name.as_ref()).is_none())
    }

    /// The scope with this name, byte for byte, if the policy knows it.
    #[must_use]
    pub fn scope(self, name: impl AsRef<str>) -> Option<Scope<'t>> {
        let id = self.scope_id(name.as_ref())?;
        Some(Scope::new(self.tables, id))
    }

    pub(crate) fn scope_id(self, name: &str) -> Option<u16> {
        let text = |row| self.tables.text_bytes(ScopeRow::from_bytes(row).name);
        let scopes = self.tables.scopes;
        let row = scopes.binary_search_by(|row| text(row).cmp(name.as_bytes()));
        u16::try_from(row.ok()?).ok()
    }

    /// The policy's name.
    #[must_use]
    pub const fn name(self) -> &'t str {
        self.tables.name
    }

    /// The day on which its file was last updated, `YYYY-MM-DD`, if the file says.
    #[must_use]
    pub const fn updated(self) -> Option<&'t str> {
        if self.tables.updated.is_empty() {
            None
        } else {
            Some(self.tables.updated)
        }
    }

    /// The resource whose scopes cover all resources, if there is one.
    #[must_use]
    pub const fn umbrella(self) -> Option<&'t str> {
        if self.tables.umbrella.is_empty() {
            None
        } else {
            Some(self.tables.umbrella)
        }
    }

    /// SHA-256 of what the policy decides: two policies with the same digest give the same
    /// answer to every question.
    #[must_use]
    pub const fn digest(self) -> &'t [u8; 32] {
        &self.tables.digest
    }

    /// How it compares paths.
    #[must_use]
    pub const fn path_options(self) -> PathOptions {
        self.tables.options
    }

    /// The form of its API keys, if the file declares one.
    #[must_use]
    pub const fn key_format(self) -> Option<KeyFormat<'t>> {
        self.tables.key
    }

    /// Every route, in the order of templates, then of methods.
    #[must_use]
    pub fn routes(self) -> Routes<'t> {
        Routes::new(self.tables)
    }

    /// Every scope that means something to the policy, in the byte order of names.
    #[must_use]
    pub fn scopes(self) -> Scopes<'t> {
        Scopes::new(self.tables)
    }

    /// The tables themselves.
    #[doc(hidden)]
    #[must_use]
    #[inline(always)]
    pub const fn tables(self) -> &'t Tables<'t> {
        self.tables
    }
}

/// The whole policy, for a reviewer: its options, then each route with the scopes it accepts.
/// The text is stable, so that a change of policy shows in a diff.
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
        let PathOptions {
            case,
            trailing_slash,
        } = self.path_options();
        let (slash, case) = (trailing_slash.as_str(), case.as_str());
        writeln!(f, "\npaths: trailing slash {slash}, case {case}")?;
        if let Some(key) = self.key_format() {
            let alphabet = key.alphabet.as_str();
            let KeyFormat { length, prefix, .. } = key;
            writeln!(f, "keys: {length} bytes, `{prefix}` and then {alphabet}")?;
        }
        let routes = self.routes().len();
        let declared = self.scopes().filter(|scope| scope.is_declared()).count();
        writeln!(f, "{routes} routes under {declared} scopes\n")?;
        for route in self.routes() {
            let (method, template) = (route.method(), route.template());
            writeln!(f, "{method:7} {template:<66} {}", route.accepted())?;
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
