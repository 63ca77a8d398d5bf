//! The policy of `routes.yaml`, as constant data.
#![no_std]

routescope::policy!(pub mod pbx = "routes");
