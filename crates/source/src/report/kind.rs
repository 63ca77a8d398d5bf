//! Kinds of problems, which do not depend on the names and numbers in their sentences.

use std::panic::Location;

/// Problems of one kind are told alike, and many of them are told together.
///
/// A kind is the place in the program that states the problem. Where one place
/// speaks for several, it adds which of them it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Kind {
    stated: &'static Location<'static>,
    which: &'static str,
}

impl Kind {
    /// The kind of what the caller states.
    #[must_use]
    #[track_caller]
    pub fn here() -> Self {
        Self {
            stated: Location::caller(),
            which: "",
        }
    }

    /// One of several kinds that the same place states.
    #[must_use]
    pub fn which(self, which: &'static str) -> Self {
        Self { which, ..self }
    }
}
