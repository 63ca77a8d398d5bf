//! The requirements of an operation, and the faults of its `security`.

use std::ops::Range;

use routescope_compiler::Problem;

/// The requirements for a key.
#[derive(Debug)]
pub(super) enum Needs {
    /// None: a request needs no key. Whether a key is optional.
    Nothing { optional: bool },
    /// Nobody says: neither the operation nor the description has a `security`.
    Unstated,
    /// Those of schemes that do not count.
    Elsewhere,
    /// A key: no requirement names a scope.
    Key,
    /// A key: one requirement names scopes, and another none. The message's part about these.
    Mixed(String),
    /// The scopes of any one of these.
    Scopes(Vec<Together>),
}

/// Scopes that are needed together: one or several, in byte order.
#[derive(Debug)]
pub(super) struct Together {
    /// The scopes with a space between them.
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// A `security`, read.
#[derive(Debug)]
pub(super) struct Requirements {
    pub(super) needs: Result<Needs, Fault>,
    /// The schemes that it names, by their numbers.
    pub(super) schemes: Vec<usize>,
    /// The schemes without scopes that a requirement names beside the one that counts, in words.
    pub(super) beside: Option<String>,
    /// Whether a requirement has a list of several scopes.
    pub(super) has_list: bool,
    pub(super) at: Range<usize>,
}

/// The fault of a `security`, to be told of an operation.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: &'static str,
    /// The part of the message that follows the operation's name.
    pub(super) says: String,
    pub(super) help: &'static str,
    pub(super) at: Range<usize>,
    /// Whether the file is right, and no policy can express it.
    pub(super) inexpressible: bool,
}

impl Fault {
    /// The fault of an operation. `at` is the position to show instead, where the fault is
    /// elsewhere than below the operation.
    pub(super) fn of(&self, route: &str, at: Option<Range<usize>>) -> Problem {
        let at = at.unwrap_or_else(|| self.at.clone());
        Problem::error(at, format!("{route} {}", self.says)).help(self.help)
    }
}
