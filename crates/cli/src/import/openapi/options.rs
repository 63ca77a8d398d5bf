//! The facts and the choices that a description leaves to its reader.

/// Each of these that would open more than scopes do is off unless the user says so.
pub(crate) struct Options<'a> {
    /// The path that all paths begin with, instead of the servers'.
    pub(crate) base: Option<&'a str>,
    /// The only security scheme that counts.
    pub(crate) scheme: Option<&'a str>,
    /// The meaning of a list of scopes in one requirement.
    pub(crate) lists: Lists,
    /// Whether to list operations that need nothing as public.
    pub(crate) public: bool,
    /// Whether to list operations that need no scope for any valid key.
    pub(crate) any_key: bool,
    /// The scope of operations without one.
    pub(crate) unscoped: Option<&'a str>,
    /// Whether to leave out the operations that no policy can express.
    pub(crate) skip: bool,
}

/// The meaning of a list of scopes in one requirement.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Lists {
    /// All of the scopes are needed, as OpenAPI defines it
    #[default]
    All,
    /// Any one of the scopes suffices, as some vendors mean it
    Any,
}
