//! Limits on the content of a YAML file, and on what its errors say.

/// The limits on the content of a file, and on what messages about it say. Reading recurses: the stack must hold
/// [`depth`](Self::depth) levels, in a debug build too.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Deepest nesting.
    pub depth: usize,
    /// Most values, those that aliases stand for not counted.
    pub values: usize,
    /// Most aliases, and most anchors.
    pub aliases: usize,
    /// Most values that the aliases stand for.
    pub replayed: usize,
    /// The name of such a file in messages: `policy`.
    pub file: &'static str,
    /// Whether messages may quote the text. They may not where it can hold secrets.
    pub quotes: bool,
}

impl Limits {
    /// Of a policy: 100,000 routes, each a mapping with a note, and room to
    /// spare, five deep; few aliases, because a policy should say what it means
    /// where it says it.
    pub const POLICY: Self = Self {
        depth: 16,
        values: 2_000_000,
        aliases: 100,
        replayed: 100_000,
        file: "policy",
        quotes: true,
    };

    /// Whether the file that these limits are for is a policy.
    pub(super) fn are_a_policys(&self) -> bool {
        self.depth == Self::POLICY.depth
    }
}
