//! The C library of a vending machine: routescope over its own `routes.yaml`.
#![no_std]

routescope::policy!(mod vending = "routes");

routescope_ffi::export_policy!(
    /// The vending machine's policy, declared in `include/vending.h`.
    vending_policy = vending::POLICY
);
