//! The changes that a comparison reports.

use std::fmt;

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
    /// The same route needs other scopes, or needs scopes where it needed none, or none where it
    /// needed some.
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

/// The callers that a request is open to, roughly: from nobody to everybody.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Access {
    /// Nobody: no route answers it.
    #[default]
    Denied,
    /// Those who have a key with certain scopes.
    Scopes,
    /// Those who have a valid key.
    AnyKey,
    /// Everybody: the route is public.
    Public,
}

/// Scopes that a key holds together.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Held(Vec<String>);

impl Held {
    pub(super) fn new<'s>(scopes: impl IntoIterator<Item = &'s str>) -> Self {
        let mut scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    /// The sets of some of the scopes, and not all of them. A set has few scopes.
    pub(super) fn proper_parts(&self) -> impl Iterator<Item = Self> {
        let all = (1usize << self.0.len()) - 1;
        (1..all).map(|bits| {
            let scopes = self.0.iter().enumerate();
            let chosen = scopes.filter(|(at, _)| bits >> at & 1 == 1);
            Self(chosen.map(|(_, scope)| scope.clone()).collect())
        })
    }

    /// The scopes, in the byte order of their names. There may be none.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.0
    }
}

/// A scope list: names with a space between them.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// One route that some keys, or requests without a key, can use otherwise than before.
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
    /// The callers that these requests were open to.
    pub was: Access,
    /// The callers that they are open to.
    pub is: Access,
    /// The sets of scopes with which these requests were denied and now are allowed, narrowest
    /// first: a key needs all scopes of one of them. A scope in a set of several stands for those
    /// that imply it as well.
    ///
    /// Empty where the requests are open to every key now, or were: see [`Self::opened`].
    pub gained: Vec<Held>,
    /// The sets of scopes with which these requests were allowed and now are denied, likewise.
    pub lost: Vec<Held>,
    /// A request of this kind.
    pub witness: Witness,
}

/// A request that two policies decide differently, and how they do for a key that holds nothing
/// but one of the sets in question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    /// The request target.
    pub target: String,
    /// The answers to whoever gains it with the least: a key that holds the narrowest gained set,
    /// a key without scopes, or nobody.
    pub wider: Option<Answers>,
    /// The answers to whoever loses it and had it with the least.
    pub narrower: Option<Answers>,
}

/// The answers to a request by one key, or without one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answers {
    /// The scopes of the key: none, if any key will do. `None` for a request without a key.
    pub held: Option<Held>,
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
    /// Listed by both, and open to other keys than before.
    pub moved: usize,
    /// Public routes of the old policy, and of the new one.
    pub public: (usize, usize),
    /// Routes for any valid key of the old policy, and of the new one.
    pub any_key: (usize, usize),
}

impl Change {
    /// [`Access::Public`] or [`Access::AnyKey`], if the requests are open to everybody or to every
    /// key now and were not: a separate kind of widening, which no scope has to do with.
    #[must_use]
    pub fn opened(&self) -> Option<Access> {
        opened(self.was, self.is)
    }

    /// [`Access::Public`] or [`Access::AnyKey`], if the requests were open to everybody or to every
    /// key and are not now.
    #[must_use]
    pub fn closed(&self) -> Option<Access> {
        opened(self.is, self.was)
    }

    /// Whether somebody can make such a request who could not.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        self.opened().is_some() || !self.gained.is_empty()
    }

    /// Whether somebody cannot make such a request any more.
    #[must_use]
    pub fn is_narrower(&self) -> bool {
        self.closed().is_some() || !self.lost.is_empty()
    }

    pub(super) fn is_about_the_same(&self, other: &Self) -> bool {
        let Self {
            kind,
            method,
            old,
            new,
            was,
            is,
            gained,
            lost,
            witness: _,
        } = self;
        (kind, method, old, new, was, is, gained, lost)
            == (
                &other.kind,
                &other.method,
                &other.old,
                &other.new,
                &other.was,
                &other.is,
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

/// The callers that a request is open to now and was not, beyond keys with certain scopes.
pub(super) fn opened(was: Access, is: Access) -> Option<Access> {
    (is > was && is > Access::Scopes).then_some(is)
}
