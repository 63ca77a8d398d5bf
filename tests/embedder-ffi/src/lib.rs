//! The C library of a vending machine: routescope over its own `routes.yaml`,
//! and over a second policy, which is in the same library because two libraries
//! of this kind do not link into one program.
#![no_std]

routescope::policy!(mod vending = "routes");
routescope::policy!(mod service = "service");

routescope_ffi::export_policy!(
    /// The vending machine's policy, declared in `include/vending.h`.
    vending_policy = vending::POLICY
);

routescope_ffi::export_policy!(
    /// The service policy, declared there too.
    vending_service_policy = service::POLICY
);
