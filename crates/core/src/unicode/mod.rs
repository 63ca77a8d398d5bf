//! What the path rules know about characters beyond ASCII, from Unicode's files.

pub(crate) mod ascii_form;
pub(crate) mod confusable;
pub(crate) mod listing;
mod tables;
#[cfg(test)]
mod tests;
