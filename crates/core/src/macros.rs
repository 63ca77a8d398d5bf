//! The macro that turns a generated file into a module.

/// Makes a module of a policy that the build script compiled.
///
/// `policy!(pub mod api = "routes");` includes what
/// `routescope_compiler::build("routes.yaml")` wrote, as
///
/// - `POLICY`, the [`Policy`](crate::Policy);
/// - `ScopeSet`, its prepared sets, no larger than its scopes need, and
///   `scope_set(names)` to prepare one;
/// - `route(method, target)`, `required_scopes(method, target)` and
///   `authorize(held, method, target)`.
///
/// The name is that of the file without its ending. Where the compiler cannot
/// read `NAME.rs`, the build script compiled no file of that name.
///
/// A corrupt table does not build: the constant asserts every index.
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
            /// The compiled policy.
            // Large tables take the interpreter long, and it is meant to look
            // at every row.
            #[allow(long_running_const_eval)]
            pub static POLICY: $crate::Policy<'static> = {
                #[allow(unused_imports)]
                use $crate::__private::*;
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

            /// A key's scopes, prepared for this policy.
            pub type ScopeSet = $crate::ScopeSet<{ POLICY.scope_words() }>;

            /// Prepares a key's scopes; see [`Policy::scope_set`]($crate::Policy::scope_set).
            #[must_use]
            pub fn scope_set(names: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
                POLICY.scope_set(names)
            }

            /// The route that a request calls, whoever makes it; see
            /// [`Policy::route`]($crate::Policy::route).
            ///
            /// # Errors
            ///
            /// The denial that every key gets here.
            // Compiled here, once, where the tables are constants: a quarter
            // fewer instructions than where they are not.
            #[inline(never)]
            pub fn route(
                method: &[u8],
                target: &[u8],
            ) -> Result<$crate::Route<'static>, $crate::Denial<'static>> {
                let Some(method) = $crate::Method::from_bytes(method) else {
                    return Err($crate::Denial::BadMethod);
                };
                let end = end(target).map_err($crate::Denial::of)?;
                POLICY.routed(end, method)
            }

            #[inline(always)]
            fn end(target: &[u8]) -> Result<$crate::automaton::End, $crate::Miss> {
                match POLICY.tables().literal(target) {
                    Some(end) => Ok(end),
                    None => walk(target),
                }
            }

            // A call of its own: a literal needs none of its registers.
            #[inline(never)]
            fn walk(target: &[u8]) -> Result<$crate::automaton::End, $crate::Miss> {
                POLICY.tables().find(target, end)
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
            ) -> Result<$crate::AcceptedScopes<'static>, $crate::Denial<'static>> {
                route(method.as_ref(), target.as_ref()).map($crate::Route::accepted)
            }

            /// Whether a key that holds `held` may make the request; see
            /// [`Policy::authorize`]($crate::Policy::authorize).
            #[inline]
            pub fn authorize(
                held: &(impl $crate::Held + ?Sized),
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> $crate::Decision<'static> {
                let (method, target) = (method.as_ref(), target.as_ref());
                match held.prepared() {
                    Some(held) => decide(held, method, target),
                    None => match route(method, target) {
                        Ok(route) => route.authorize(held),
                        Err(denial) => $crate::Decision::Deny(denial),
                    },
                }
            }

            #[inline(never)]
            fn decide(
                held: $crate::__private::Prepared<'_>,
                method: &[u8],
                target: &[u8],
            ) -> $crate::Decision<'static> {
                let Some(method) = $crate::Method::from_bytes(method) else {
                    return $crate::Decision::Deny($crate::Denial::BadMethod);
                };
                let found = match POLICY.tables().literal(target) {
                    Some(end) => Ok(end),
                    // Faster, but where memory is scarce, all below is there once.
                    None if $crate::__private::WIDE => return decide_walking(held, method, target),
                    None => walk(target),
                };
                decide_on(held, method, found)
            }

            // A call of its own: a literal needs none of its registers.
            #[inline(never)]
            fn decide_walking(
                held: $crate::__private::Prepared<'_>,
                method: $crate::Method,
                target: &[u8],
            ) -> $crate::Decision<'static> {
                decide_on(held, method, POLICY.tables().find(target, end))
            }

            #[inline(always)]
            fn decide_on(
                held: $crate::__private::Prepared<'_>,
                method: $crate::Method,
                found: Result<$crate::automaton::End, $crate::Miss>,
            ) -> $crate::Decision<'static> {
                match found {
                    Ok(end) => POLICY.decide(held, method, end),
                    Err(miss) => $crate::Decision::Deny($crate::Denial::of(miss)),
                }
            }
        }
    };
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $file:literal;) => {
        $crate::policy! { $(#[$attribute])* $visibility mod $name = $file }
    };
}
