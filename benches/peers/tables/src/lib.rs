//! The tables of routes on which routescope is measured, and values that stand
//! for parameters in requests.
//!
//! It does not know routescope: the engine under measurement must not supply the
//! expected answers.

mod fill;
mod grown;
mod lists;
mod table;

pub use fill::{fill, fill_with, value};
pub use grown::grown;
pub use lists::{
    LAST, LEVELS, LITERALS, SEGMENT, SEGMENTS, deep, google, long_literal, pbx, worst,
};
pub use table::{Listed, Table};
