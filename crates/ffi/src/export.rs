//! The macro that gives C a policy.

/// Defines a C function that returns the handle of a policy.
///
/// For a crate that has its own `routes.yaml`: together with the functions of
/// this crate, which come along, it becomes a C library over that table.
///
/// ```
/// # mod api { pub use routescope_ffi::routescope::pbx::POLICY; }
/// // routescope::policy!(pub mod api = "routes");
/// routescope_ffi::export_policy!(
///     /// The policy of our own `routes.yaml`.
///     policy_api = api::POLICY
/// );
/// ```
///
/// In C: `const routescope_policy *policy_api(void);`
///
/// The name is global in the final program; begin it with something of yours.
/// Defining a symbol counts as `unsafe` code, so the crate cannot forbid that.
#[macro_export]
macro_rules! export_policy {
    ($(#[$attribute:meta])* $name:ident = $policy:path) => {
        $(#[$attribute])*
        // SAFETY: the name is the caller's own choice; two functions of one
        // name do not link.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name() -> *const $crate::Handle {
            // A constant, or this does not build: a handle never goes stale.
            static HANDLE: $crate::Handle = $crate::Handle::new($policy);
            &raw const HANDLE
        }
    };
}
