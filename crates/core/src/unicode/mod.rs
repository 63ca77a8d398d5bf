//! The properties of characters beyond ASCII that the path rules need, from Unicode's files.

pub(crate) mod ascii_form;
pub(crate) mod confusable;
pub(crate) mod listing;
mod tables;
#[cfg(test)]
mod tests;
