//! The C library of a vending machine: routescope over its own `routes.yaml`,
//! and over two more policies, which are in the same library because two libraries
//! of this kind do not link into one program.
#![no_std]

routescope::policy!(mod vending = "routes");
routescope::policy!(mod service = "service");
routescope::policy!(mod boards = "boards");

routescope_ffi::export_policy!(
    /// The vending machine's policy, declared in `include/vending.h`.
    vending_policy = vending::POLICY
);

routescope_ffi::export_policy!(
    /// The service policy, declared there too.
    vending_service_policy = service::POLICY
);

routescope_ffi::export_policy!(
    /// The pin boards' policy, declared there too.
    vending_boards_policy = boards::POLICY
);
