//! The policy of `routes.yaml`, and a small one with all that it does without, as constant data.
#![no_std]

routescope::policy!(pub mod pbx = "routes");
routescope::policy!(pub mod members = "members");
