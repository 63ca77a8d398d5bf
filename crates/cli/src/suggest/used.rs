//! The routes that a log's requests used.

use routescope::Route;

use crate::needs;

/// A route that a log's requests used.
#[derive(Clone, Debug)]
pub(crate) struct Used<'p> {
    pub(crate) route: Route<'p>,
    /// The held scopes that allow it: one, or those of a set.
    pub(crate) by: Option<Vec<&'p str>>,
    pub(crate) requests: u64,
}

impl Used<'_> {
    /// The scopes that would do for this route alone, as a scope list.
    pub(crate) fn narrowest(&self) -> String {
        let alternatives = needs::alternatives(self.route);
        let first = alternatives.first();
        first.map_or_else(String::new, |needed| needed.names().join(" "))
    }
}
