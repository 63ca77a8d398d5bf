//! The macro that turns a generated file into a module.

/// Makes a module of a policy that the build script compiled.
///
/// `policy!(pub mod api = "routes");` includes the file that
/// `routescope_compiler::build("routes.yaml")` wrote, as
///
/// - `POLICY`, the [`Policy`](crate::Policy);
/// - `scopes`, a module with a constant for each scope: `api::scopes::ORDERS_READ`;
/// - `Route`, an enum of the routes: `api::Route::GetOrdersId`. `Route::of(route)` is the name of
///   the route of a decision, and its `index()` counts from 0;
/// - `ScopeSet`, prepared sets that are no larger than its scopes need,
///   `scope_set(names)` to prepare one, and `scope_set![ORDERS_READ, FILES_FETCH]` for a
///   constant one, whose names are those in `scopes`;
/// - `authorize(held, method, target)`, `required_scopes(method, target)` and
///   `route(method, target)`;
/// - `Compiled`, a [`PolicySource`](crate::PolicySource): the policy with its tables as
///   constants, for code that is generic over policies, such as a guard.
///
/// The name in quotes is that of the file without its extension. The documentation of the module
/// has a table of what opens what.
///
/// The module stands at the root of the crate. If it does not, its parent is named, for
/// `scope_set!`: `policy!(pub mod api = "routes" in crate::gateway);`. That macro is for the crate
/// of the module; other crates call [`ScopeSet::of`](crate::ScopeSet::of).
///
/// A policy of very many routes has neither `scopes` nor `Route`; the build says so.
///
/// # Errors
///
/// These stop the build:
///
/// - a package without a build script, which has no `OUT_DIR`;
/// - a name of which the build script compiled no file: `couldn't read ".../NAME.rs"`;
/// - corrupt tables, or tables of another version: the constant validates every index;
/// - the name of a scope or of a route that the policy does not have: rustc says which is near.
///
/// ```ignore
/// // build.rs:  fn main() -> Result<(), routescope_compiler::Report> { routescope_compiler::build("routes.yaml") }
/// routescope::policy!(pub mod api = "routes");
///
/// const SERVICE: api::ScopeSet = api::scope_set![ORDERS_READ];
/// assert!(api::authorize(&SERVICE, "GET", "/orders/7").is_allow());
/// ```
#[macro_export]
macro_rules! policy {
    // With items of the caller in the place of `scope_set!`.
    (@module [$($attribute:tt)*] $visibility:vis mod $name:ident = $file:literal { $($item:item)* }) => {
        $($attribute)*
        #[allow(
            dead_code,
            unreachable_pub,
            unused_imports,
            unused_macros,
            reason = "a program uses a part of what is generated"
        )]
        $visibility mod $name {
            // For rustdoc alone: without the file, an ordinary build has one error, that of `include!`.
            #![cfg_attr(doc, doc = include_str!(concat!(env!("OUT_DIR"), "/", $file, ".md")))]

            use $crate::__private::generated as engine;

            include!(concat!(
                env!(
                    "OUT_DIR",
                    "`policy!` includes what a build script wrote, and this package has no build script. Write `fn main() -> Result<(), routescope_compiler::Report> { routescope_compiler::build(\"routes.yaml\") }` into build.rs, beside Cargo.toml, and add `routescope-compiler` to [build-dependencies]"
                ),
                "/",
                $file,
                ".rs"
            ));

            $($item)*
        }
    };
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $file:literal $(;)?) => {
        $crate::policy! {
            $(#[$attribute])* $visibility mod $name = $file in crate
        }
    };
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $file:literal in $($parent:ident)::+ $(;)?) => {
        $crate::policy! {
            @module [$(#[$attribute])*] $visibility mod $name = $file {
                $crate::__scope_set_macro! { [$] $($parent::)+ $name }
            }
        }
    };
}

/// Defines `scope_set!` for the module at a path. `[$]` is the sign of macros, which a macro that
/// is made by a macro can only be given.
#[doc(hidden)]
#[macro_export]
macro_rules! __scope_set_macro {
    ([$sign:tt] $($module:ident)::+) => {
        macro_rules! scope_set_of_names {
            ($sign($sign scope:ident),* $sign(,)?) => {
                $($module)::+::ScopeSet::of(
                    $($module)::+::POLICY,
                    &[$sign($($module)::+::scopes::$sign scope),*],
                )
            };
        }

        /// The set of these `scopes`, by their names, in a constant:
        /// `const SERVICE: ScopeSet = scope_set![...];`
        pub(crate) use scope_set_of_names as scope_set;
    };
}
