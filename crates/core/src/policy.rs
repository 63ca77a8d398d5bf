//! A compiled policy. The questions that it answers are in `authorize.rs`.

use core::fmt;

use crate::automaton::{Features, Tables};
use crate::key::KeyFormat;
use crate::path::{PathOptions, Values};
use crate::route::{Route, Routes};
use crate::scope::{Scope, Scopes};

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
///     let accepted = policy.route("GET", target)?.accepted();
///     Ok(accepted.first().map_or("", |scope| scope.name()))
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Policy<'t> {
    tables: &'t Tables<'t>,
}

/// Where code finds a policy: a [`Policy`], or the type `Compiled` in a module that
/// [`policy!`](crate::policy!) makes.
///
/// Code that is generic over it is compiled for `Compiled` with the tables as constants, which
/// takes a sixth fewer instructions for a literal path than tables behind a pointer.
///
/// ```
/// use routescope_core::PolicySource;
///
/// fn table_size<'t>(source: impl PolicySource<'t>) -> usize {
///     source.policy().routes().len()
/// }
/// ```
///
/// Sealed: a decision asks its source for the policy more than once, and is right only if it
/// gets the same one each time. A source that follows a reload would decide by the template
/// of one policy and the scopes of another.
pub trait PolicySource<'t>: Copy + ConstantSource {
    /// The policy.
    fn policy(self) -> Policy<'t>;
}

/// A source that always returns the same policy. [`policy!`](crate::policy!) implements it;
/// the name is not public.
pub trait ConstantSource {}

impl ConstantSource for Policy<'_> {}

impl<P: ConstantSource> ConstantSource for &P {}

impl<'t> PolicySource<'t> for Policy<'t> {
    #[inline(always)]
    fn policy(self) -> Self {
        self
    }
}

impl<'t, P: PolicySource<'t>> PolicySource<'t> for &P {
    #[inline(always)]
    fn policy(self) -> Policy<'t> {
        (*self).policy()
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
    /// Not `unsafe`: unsound tables give wrong answers or none, never a bad access.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_validated(tables: &'t Tables<'t>) -> Self {
        Self { tables }
    }

    /// The number of 64-bit words that a [`ScopeSet`](crate::ScopeSet) for this policy needs.
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
        self.tables.scope_row(name.as_bytes())
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

    /// The number of its edition, if its file has one, and 0 otherwise. The owner of the file
    /// raises it with each edition, so that a loader can refuse an older one: see
    /// [`Loader::min_revision`](crate::Loader::min_revision).
    #[must_use]
    pub const fn revision(self) -> u32 {
        self.tables.revision
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

    /// SHA-256 of the policy without its revision and the day of its
    /// update: two policies with the same digest
    /// give the same decisions and list the same routes and scopes. Policies that decide alike
    /// may have different digests, for instance if their names differ.
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

    /// Whether some route is public, so that the key of a request is looked at after its path.
    #[must_use]
    #[inline]
    pub const fn has_public_routes(self) -> bool {
        self.tables.features.has(Features::PUBLIC)
    }

    /// Whether the names of scopes are opaque: `scope_names: opaque`. If not, they are
    /// `resource:action`, and `r:*` implies the others of its resource.
    #[must_use]
    pub const fn has_opaque_scopes(self) -> bool {
        self.tables.features.has(Features::OPAQUE)
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

impl<'t> Route<'t> {
    /// The policy that it is of.
    #[must_use]
    pub const fn policy(self) -> Policy<'t> {
        Policy::from_validated(self.tables())
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
        if self.revision() > 0 {
            write!(f, ", revision {}", self.revision())?;
        }
        f.write_str("\ndigest ")?;
        for byte in self.digest() {
            write!(f, "{byte:02x}")?;
        }
        let PathOptions {
            case,
            trailing_slash,
            values,
        } = self.path_options();
        let (slash, case) = (trailing_slash.as_str(), case.as_str());
        write!(f, "\npaths: trailing slash {slash}, case {case}")?;
        if values != Values::default() {
            write!(f, ", values {}", values.as_str())?;
        }
        writeln!(f)?;
        if let Some(key) = self.key_format() {
            let alphabet = key.alphabet.as_str();
            let KeyFormat { length, prefix, .. } = key;
            writeln!(f, "keys: {length} bytes, `{prefix}` and then {alphabet}")?;
        }
        if self.has_opaque_scopes() {
            f.write_str("scope names: opaque\n")?;
        }
        let routes = self.routes().len();
        let declared = self.scopes().filter(|scope| scope.is_declared()).count();
        writeln!(f, "{routes} routes under {declared} scopes\n")?;
        for route in self.routes() {
            let (method, template) = (route.method(), route.template());
            writeln!(f, "{method:7} {template:<66} {}", route.requirement())?;
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
