//! The changes that a comparison reports.

use routescope_core::Method;

/// The effect of a change on its requests.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// The new policy lists a route that the old one does not.
    Added,
    /// The old policy lists a route that the new one does not.
    Removed,
    /// Both happened: another route answers.
    Replaced,
    /// The same route is open to other scopes.
    Moved,
    /// Both policies list the route, which now answers these requests too
    /// because of an option for paths.
    OptionReaches,
    /// Both list the route, which answered these requests because of an option
    /// for paths.
    OptionLeaves,
    /// Both list the route, and nothing keeps these requests from it any more: a
    /// narrower path or a literal that a value resembled is gone.
    Uncovered,
    /// Both list the route, and a narrower path or a literal that a value resembles
    /// now keeps these requests from it.
    Covered,
}

/// One route that some keys can use otherwise than before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The kind of the change.
    pub kind: Kind,
    /// The method of the requests: that of the route, or `HEAD` where a `GET`
    /// route answers it and something else is true of `GET`.
    pub method: Method,
    /// The route that answered, `GET /a/{id}/`; `None` if every key was denied.
    pub old: Option<String>,
    /// The route that answers.
    pub new: Option<String>,
    /// The scopes with which these requests were denied and now are allowed,
    /// narrowest first.
    pub gained: Vec<String>,
    /// The scopes with which these requests were allowed and now are denied,
    /// narrowest first.
    pub lost: Vec<String>,
    /// A request of this kind.
    pub witness: Witness,
}

/// A request that two policies decide differently, and how they do for a key
/// that holds none but one of the scopes in question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    /// The request target.
    pub target: String,
    /// The answers to a key that holds the narrowest gained scope alone.
    pub wider: Option<Answers>,
    /// The answers to a key that holds the narrowest lost scope alone.
    pub narrower: Option<Answers>,
}

/// The answers to a request by a key with one scope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answers {
    /// The scope that the key holds.
    pub scope: String,
    /// The old policy's decision, in words.
    pub old: String,
    /// The new policy's.
    pub new: String,
}

/// A route that makes no difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Idle {
    /// `GET /a/{id}/`
    pub route: String,
    /// Whether the new policy lists it; if not, the old one does.
    pub added: bool,
}

/// The numbers of routes, in total and by what became of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Routes of the old policy.
    pub old: usize,
    /// Routes of the new one.
    pub new: usize,
    /// Listed by the new policy alone.
    pub added: usize,
    /// Listed by the old policy alone.
    pub removed: usize,
    /// Listed by both, and open to other scopes than before.
    pub moved: usize,
}

impl Change {
    pub(super) fn is_about_the_same(&self, other: &Self) -> bool {
        let Self {
            kind,
            method,
            old,
            new,
            gained,
            lost,
            witness: _,
        } = self;
        (kind, method, old, new, gained, lost)
            == (
                &other.kind,
                &other.method,
                &other.old,
                &other.new,
                &other.gained,
                &other.lost,
            )
    }

    /// The order by path, then by method, then by the old route.
    pub(super) fn order(&self) -> (String, Method, Option<String>) {
        let route = self.new.as_ref().or(self.old.as_ref());
        let path = route
            .and_then(|route| route.split_once(' '))
            .map(|(_, path)| path.to_owned());
        (path.unwrap_or_default(), self.method, self.old.clone())
    }
}
