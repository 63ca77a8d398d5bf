//! `crates/ffi/include/routescope.h` over the policy of this workspace.
#![no_std]

routescope_ffi::export_policy!(
    /// The policy of `routes.yaml`.
    routescope_policy_pbx = policy::pbx::POLICY
);

routescope_ffi::export_policy!(
    /// The policy of `members.yaml`.
    firmware_policy_members = policy::members::POLICY
);
