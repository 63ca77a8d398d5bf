//! The macro that turns a generated file into a module.

/// Makes a module of a policy that the build script compiled.
///
/// `policy!(pub mod api = "routes");` includes the file that
/// `routescope_compiler::build("routes.yaml")` wrote, as
///
/// - `POLICY`, the [`Policy`](crate::Policy);
/// - `ScopeSet`, prepared sets that are no larger than its scopes need, and
///   `scope_set(names)` to prepare one;
/// - `authorize(held, method, target)`, `required_scopes(method, target)` and
///   `route(method, target)`;
/// - `Compiled`, a [`PolicySource`](crate::PolicySource): the policy with its tables as
///   constants, for code that is generic over policies, such as a guard.
///
/// The name is that of the file without its extension.
///
/// # Errors
///
/// These stop the build:
///
/// - a package without a build script, which has no `OUT_DIR`;
/// - a name of which the build script compiled no file: `couldn't read ".../NAME.rs"`;
/// - corrupt tables, or tables of another version: the constant validates every index.
///
/// ```ignore
/// // build.rs:  fn main() -> Result<(), routescope_compiler::Report> { routescope_compiler::build("routes.yaml") }
/// routescope::policy!(pub mod api = "routes");
///
/// let held = api::scope_set(["orders:read"]);
/// assert!(api::authorize(&held, "GET", "/orders/7").is_allow());
/// ```
#[macro_export]
macro_rules! policy {
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $file:literal) => {
        $(#[$attribute])*
        $visibility mod $name {
            // The interpreter of constants takes long to validate large tables.
            #[allow(long_running_const_eval)]
            const TABLES: &$crate::__private::Tables<'static> = &{
                #[allow(unused_imports)]
                use $crate::__private::generated::*;
                include!(concat!(
                    env!(
                        "OUT_DIR",
                        "`policy!` includes what a build script wrote, and this package has no build script. Write `fn main() -> Result<(), routescope_compiler::Report> { routescope_compiler::build(\"routes.yaml\") }` into build.rs, beside Cargo.toml, and add `routescope-compiler` to [build-dependencies]"
                    ),
                    "/",
                    $file,
                    ".rs"
                ))
            };

            /// The compiled policy.
            #[allow(long_running_const_eval)]
            pub static POLICY: $crate::Policy<'static> = $crate::Policy::new(TABLES);

            /// The compiled policy with its tables as constants.
            #[derive(Clone, Copy, Debug)]
            pub struct Compiled;

            impl $crate::__private::ConstantSource for Compiled {}

            impl $crate::PolicySource<'static> for Compiled {
                #[inline(always)]
                fn policy(self) -> $crate::Policy<'static> {
                    $crate::Policy::from_validated(TABLES)
                }
            }

            /// A key's scopes, prepared for this policy.
            pub type ScopeSet = $crate::ScopeSet<{ POLICY.scope_words() }>;

            /// Prepares a key's scopes; see [`Policy::scope_set`]($crate::Policy::scope_set).
            #[must_use]
            pub fn scope_set(names: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
                POLICY.scope_set_in(names)
            }

            /// Whether a key that holds `held` may make the request; see
            /// [`Policy::authorize`]($crate::Policy::authorize).
            #[inline]
            pub fn authorize(
                held: &(impl $crate::HeldScopes + ?Sized),
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> $crate::Decision<'static> {
                $crate::__private::authorize(Compiled, held, method.as_ref(), target.as_ref())
            }

            /// The scopes of which a caller needs any one; see
            /// [`Policy::required_scopes`]($crate::Policy::required_scopes).
            ///
            /// # Errors
            ///
            /// The denial that every key gets here.
            #[inline]
            pub fn required_scopes(
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> Result<$crate::AcceptedScopes<'static>, $crate::RouteDenial<'static>> {
                route(method, target).map($crate::Route::accepted)
            }

            /// The route that a request calls, whoever makes it; see
            /// [`Policy::route`]($crate::Policy::route).
            ///
            /// # Errors
            ///
            /// The denial that every key gets here.
            #[inline]
            pub fn route(
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> Result<$crate::Route<'static>, $crate::RouteDenial<'static>> {
                $crate::__private::route(Compiled, method.as_ref(), target.as_ref())
            }
        }
    };
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $file:literal;) => {
        $crate::policy! { $(#[$attribute])* $visibility mod $name = $file }
    };
}
