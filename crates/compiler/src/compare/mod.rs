//! The exact differences between the decisions of two policies, found by running both
//! automata at once.
//!
//! Not the files are compared but what they mean: for every request, the sets of scopes with which
//! a key may make it. A set that suffices now and did not before makes the policy *wider*: some key
//! could not make that request and now can. So does a request that now needs no scope, or no key.
//! The other way round it is *narrower*. One change can be both.
//!
//! More scopes never deny, so that the smallest sets tell everything.
//!
//! Every path that there is falls into one of finitely many kinds (see the
//! module `walk`), so nothing is sampled and nothing is missed. Each difference
//! comes with a request that shows it, which both policies have been asked.

mod change;
mod needs;
mod route;
mod walk;

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use routescope_core::__private::MAX_STATES;
use routescope_core::{KeyDenial, KeyFormat, Method, Policy};

use crate::model::Model;
use crate::{Compiled, automaton};
pub use change::{Access, Answers, Change, Counts, Held, Idle, Kind, Witness};
use needs::{Needs, TooMany};
use route::{Listed, Listings, Which};
use walk::{AcceptPair, Automaton};

/// The requests that two policies decide differently, and the other differences between
/// them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comparison {
    /// The differences in what is decided, in the order of paths and methods.
    pub changes: Vec<Change>,
    /// Routes that only one of the policies lists, under scopes with which each
    /// request was or is decided alike: they make no difference by themselves.
    pub idle: Vec<Idle>,
    /// The routes, by what became of them.
    pub counts: Counts,
    /// How the key's form changed, if it did.
    pub key: Option<KeyChange>,
}

/// How the form of the API keys changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyChange {
    /// Whether some key has the new form that did not have the old one.
    pub wider: bool,
    /// Whether some key had the old form that has not the new one.
    pub narrower: bool,
}

impl Comparison {
    /// Whether the two policies decide every request of every key alike.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.changes.is_empty() && self.key.is_none()
    }

    /// Whether some request can now be made that some key could not make.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        self.changes.iter().any(Change::is_wider) || self.key.is_some_and(|key| key.wider)
    }

    /// Whether some request could be made that some key cannot make any more.
    #[must_use]
    pub fn is_narrower(&self) -> bool {
        self.changes.iter().any(Change::is_narrower) || self.key.is_some_and(|key| key.narrower)
    }
}

/// The search and the policies disagree: a bug of this module.
/// Nothing it found can be relied on then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unconfirmed {
    request: String,
}

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the comparison found a difference at `{}` that the policies themselves do not show",
            self.request
        )
    }
}

impl std::error::Error for Unconfirmed {}

/// Why two policies are not compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Incomparable {
    /// A bug of this module.
    Unconfirmed(Unconfirmed),
    /// The policies have so little in common that their differences are more
    /// than anybody could read.
    TooDifferent,
    /// Tables have a name, a template or a scope that no file could have, or more states than
    /// the compiler makes.
    Unreadable,
}

impl fmt::Display for Incomparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unconfirmed(bug) => bug.fmt(f),
            Self::TooDifferent => f.write_str(
                "the two policies differ in more ways than can be listed: their paths and scopes have too little in common",
            ),
            Self::Unreadable => f.write_str(
                "the tables of one of the policies are none that a file could have",
            ),
        }
    }
}

impl std::error::Error for Incomparable {}

impl From<Unconfirmed> for Incomparable {
    fn from(bug: Unconfirmed) -> Self {
        Self::Unconfirmed(bug)
    }
}

impl From<TooMany> for Incomparable {
    fn from(_: TooMany) -> Self {
        Self::TooDifferent
    }
}

/// Most scopes that all changes together name.
const MOST_SCOPES: usize = 500_000;

/// Compares what two policies decide.
///
/// # Errors
///
/// - [`Incomparable::Unconfirmed`], if a difference does not show when the
///   policies are asked, which is a bug;
/// - [`Incomparable::TooDifferent`], if there are too many differences.
///
/// Cost: about that of compiling both, for policies that have most of their
/// paths in common; for others, no more than a few times that.
pub fn compare(old: &Compiled, new: &Compiled) -> Result<Comparison, Incomparable> {
    let automaton = |compiled| -> Automaton<'_> {
        let compiled: &Compiled = compiled;
        Automaton {
            segments: compiled.automaton(),
            options: compiled.model().options,
        }
    };
    let ends = walk::ends(automaton(old), automaton(new));
    compare_at(ends, old.policy(), new.policy())
}

/// As [`compare`], for policies of which only the tables are left: constants of generated code,
/// and policies loaded from bytes.
///
/// ```
/// use routescope_compiler::compare::compare_policies;
/// use routescope_compiler::compile;
///
/// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
/// let old = compile("shop.yaml", source)?;
/// let new = compile("shop.yaml", &source.replace("{id}", "{*path}"))?;
/// assert!(compare_policies(old.policy(), new.policy()).unwrap().is_wider());
/// assert!(!compare_policies(new.policy(), old.policy()).unwrap().is_wider());
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
///
/// # Errors
///
/// As [`compare`], and [`Incomparable::Unreadable`] for tables that no file could have.
///
/// Cost: about that of compiling both.
pub fn compare_policies(old: Policy<'_>, new: Policy<'_>) -> Result<Comparison, Incomparable> {
    let read = |policy: Policy<'_>| {
        let model = Model::of_policy(policy).ok_or(Incomparable::Unreadable)?;
        automaton::build(&model, MAX_STATES).map_err(|_| Incomparable::Unreadable)
    };
    let segments = (read(old)?, read(new)?);
    let automaton = |segments, policy: Policy<'_>| Automaton {
        segments,
        options: policy.path_options(),
    };
    let ends = walk::ends(automaton(&segments.0, old), automaton(&segments.1, new));
    compare_at(ends, old, new)
}

/// Compares what two policies decide at the ends that the search has found.
fn compare_at(
    ends: Option<BTreeMap<AcceptPair, String>>,
    old: Policy<'_>,
    new: Policy<'_>,
) -> Result<Comparison, Incomparable> {
    let listings = Listings::new(old, new);
    let mut changes = Vec::new();
    let mut named = 0;
    for (ends, target) in ends.ok_or(Incomparable::TooDifferent)? {
        let mut get = None;
        for method in Method::ALL {
            let (before, after) = (
                listings.answering(Which::Old, old, method, &target),
                listings.answering(Which::New, new, method, &target),
            );
            // The search must find the winners that the policies find.
            let answers =
                |end: Option<usize>, listed: &Option<Rc<Listed>>| end.is_some() || listed.is_none();
            if !answers(ends.0, &before) || !answers(ends.1, &after) {
                return Err(unconfirmed(method, &target).into());
            }
            let both = (before, after);
            match method {
                Method::Get => get = Some(both.clone()),
                // Answered by the routes of GET, of which all has been said.
                Method::Head if get.as_ref() == Some(&both) => continue,
                _ => {}
            }
            let (before, after) = both;
            if let Some(change) = change(old, new, method, &target, before, after, &listings)? {
                let sets = change.gained.iter().chain(&change.lost);
                named += sets.map(|held| held.scopes().len()).sum::<usize>();
                changes.push(change);
            }
            if named > MOST_SCOPES {
                return Err(Incomparable::TooDifferent);
            }
        }
    }
    changes.sort_by_cached_key(Change::order);
    // Two ends may tell the same of one route; the later one is that at which a
    // template of the new policy stands.
    changes.dedup_by(|later, kept| {
        let same = later.is_about_the_same(kept);
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
    Ok(Comparison {
        idle: listings.idle(&changes),
        counts: listings.counts()?,
        key: key_change(old.key_format(), new.key_format()),
        changes,
    })
}

/// The difference that one path shows for one method, confirmed.
fn change(
    old: Policy<'_>,
    new: Policy<'_>,
    method: Method,
    target: &str,
    before: Option<Rc<Listed>>,
    after: Option<Rc<Listed>>,
    listings: &Listings,
) -> Result<Option<Change>, Incomparable> {
    let Some(kind) = listings.kind(before.as_deref(), after.as_deref(), target) else {
        return Ok(None);
    };
    let needs = |listed: &Option<Rc<Listed>>| {
        let listed = listed.as_ref();
        listed.map_or_else(|| Rc::new(Needs::denied()), |listed| listed.needs.clone())
    };
    let (was, is) = (needs(&before), needs(&after));
    let (gained, lost) = (is.beyond(&was)?, was.beyond(&is)?);
    let (was, is) = (was.access, is.access);
    let who = |access: Option<Access>, sets: &[Held]| -> Vec<Who> {
        let everybody = access.map(|access| match access {
            Access::Public => None,
            _ => Some(Held::default()),
        });
        everybody
            .into_iter()
            .chain(sets.iter().cloned().map(Some))
            .collect()
    };
    let (gaining, losing) = (
        who(change::opened(was, is), &gained),
        who(change::opened(is, was), &lost),
    );
    if gaining.is_empty() && losing.is_empty() {
        return Ok(None);
    }
    let asked = |who: &Who| {
        let ask = |policy| ask(policy, who.as_ref(), method, target);
        (ask(old), ask(new))
    };
    let confirmed = gaining.iter().all(|who| {
        let ((old, _), (new, _)) = asked(who);
        !old && new
    }) && losing.iter().all(|who| {
        let ((old, _), (new, _)) = asked(who);
        old && !new
    });
    if !confirmed {
        return Err(unconfirmed(method, target).into());
    }
    let answers = |all: &[Who]| {
        all.first().map(|who| {
            let ((_, old), (_, new)) = asked(who);
            Answers {
                held: who.clone(),
                old,
                new,
            }
        })
    };
    Ok(Some(Change {
        kind,
        method,
        old: before.map(|listed| listed.route.clone()),
        new: after.map(|listed| listed.route.clone()),
        was,
        is,
        witness: Witness {
            target: target.to_owned(),
            wider: answers(&gaining),
            narrower: answers(&losing),
        },
        gained,
        lost,
    }))
}

/// The scopes of a key; `None` is a request without one.
type Who = Option<Held>;

/// Whether a policy allows a request, and its decision in words.
fn ask(policy: Policy<'_>, held: Option<&Held>, method: Method, target: &str) -> (bool, String) {
    match held {
        Some(held) => {
            let decision = policy.authorize(held.scopes(), method, target);
            (decision.is_allow(), decision.to_string())
        }
        None => match policy.public_route(method, target) {
            Some(route) => (true, format!("allow {route}, which is public")),
            None => (false, format!("deny {}", KeyDenial::Missing)),
        },
    }
}

fn unconfirmed(method: Method, target: &str) -> Unconfirmed {
    Unconfirmed {
        request: format!("{method} {target}"),
    }
}

fn key_change(old: Option<KeyFormat<'_>>, new: Option<KeyFormat<'_>>) -> Option<KeyChange> {
    (old != new).then(|| KeyChange {
        wider: !is_within(new, old),
        narrower: !is_within(old, new),
    })
}

/// Whether every key of the first form has the second one too. Where a policy
/// declares none, every key will do.
fn is_within(inner: Option<KeyFormat<'_>>, outer: Option<KeyFormat<'_>>) -> bool {
    let (inner, outer) = match (inner, outer) {
        (_, None) => return true,
        (None, Some(_)) => return false,
        (Some(inner), Some(outer)) => (inner, outer),
    };
    let prefix = match inner.prefix.strip_prefix(outer.prefix) {
        // The rest of the longer prefix must consist of bytes of the alphabet.
        Some(more) => more.bytes().all(|byte| outer.alphabet.contains(byte)),
        None => false,
    };
    let bytes = (0..=u8::MAX).filter(|byte| inner.alphabet.contains(*byte));
    inner.length == outer.length
        && prefix
        && bytes.into_iter().all(|byte| outer.alphabet.contains(byte))
}
