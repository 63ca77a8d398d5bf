#![no_std]
//! x
pub use routescope_core::*;
#[cfg(feature = "pbx")]
policy!(pub mod pbx = "routes");
