//! Differences in the order in which a reviewer reads them: wider before narrower; in each, the
//! routes that the same scopes gain or lose together.

use std::collections::HashMap;

use routescope_compiler::compare::{Access, Answers, Change, Comparison, Held, Kind};

/// The direction of a change: the scopes open more routes than before, or fewer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    Wider,
    Narrower,
}

/// Those who gain or lose a route, where scopes have nothing to do with it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Open {
    /// Everybody, with a key or without.
    Public,
    /// Every valid key.
    AnyKey,
}

impl Open {
    fn of(access: Option<Access>) -> Option<Self> {
        match access? {
            Access::Public => Some(Self::Public),
            Access::AnyKey => Some(Self::AnyKey),
            Access::Denied | Access::Scopes => None,
        }
    }

    pub(super) const fn who(self) -> &'static str {
        match self {
            Self::Public => "everybody",
            Self::AnyKey => "every valid key",
        }
    }
}

/// Routes that the same scopes gain or lose.
pub(super) struct Group<'c> {
    pub(super) way: Way,
    /// Whether everybody or every key gains or loses them.
    open: Option<Open>,
    /// The sets of scopes, narrowest first. The list is empty where an option for paths changes the
    /// answers to keys of many scopes.
    pub(super) scopes: &'c [Held],
    /// Whether the routes were and are open to them, only for other paths.
    partly: bool,
    pub(super) entries: Vec<ChangedRoute<'c>>,
}

/// A route that some scopes gain or lose.
pub(super) struct ChangedRoute<'c> {
    pub(super) change: &'c Change,
    /// The route that is gained or lost, with the method if it is another one.
    pub(super) route: String,
    /// Whether everybody or every key gains or loses it.
    pub(super) open: Option<Open>,
    /// The sets of scopes that gain or lose it.
    pub(super) scopes: &'c [Held],
    /// Why.
    pub(super) why: String,
    pub(super) answers: &'c Answers,
}

/// The groups of one way: what everybody gains or loses, then what every key does; whole routes
/// before parts of them, each in the order of their first routes.
pub(super) fn groups(comparison: &Comparison, way: Way) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<(Option<Open>, &[Held], bool), usize> = HashMap::new();
    for change in &comparison.changes {
        let Some(entry) = entry(change, way) else {
            continue;
        };
        let by_option = matches!(change.kind, Kind::OptionReaches | Kind::OptionLeaves);
        let partly = by_option || matches!(change.kind, Kind::Uncovered | Kind::Covered);
        let (open, scopes): (_, &[Held]) = match entry.open {
            Some(open) => (Some(open), &[]),
            None if by_option => (None, &[]),
            None => (None, entry.scopes),
        };
        let place = *places.entry((open, scopes, partly)).or_insert_with(|| {
            groups.push(Group {
                way,
                open,
                scopes,
                partly,
                entries: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].entries.push(entry);
    }
    groups.sort_by_key(|group| {
        let open = (group.open.is_none(), group.open);
        (open, group.scopes.is_empty(), group.partly)
    });
    groups
}

fn entry(change: &Change, way: Way) -> Option<ChangedRoute<'_>> {
    let (route, open, scopes, answers) = match way {
        Way::Wider => (
            &change.new,
            change.opened(),
            &change.gained,
            &change.witness.wider,
        ),
        Way::Narrower => (
            &change.old,
            change.closed(),
            &change.lost,
            &change.witness.narrower,
        ),
    };
    let (Some(route), Some(answers)) = (route, answers) else {
        return None;
    };
    let method = change.method.as_str();
    let listed = route.split(' ').next() == Some(method);
    Some(ChangedRoute {
        change,
        route: if listed {
            route.clone()
        } else {
            format!("{method} by {route}")
        },
        open: Open::of(open),
        scopes,
        why: match way {
            Way::Wider => why_wider(change),
            Way::Narrower => why_narrower(change),
        },
        answers,
    })
}

fn why_wider(change: &Change) -> String {
    let old = change.old.as_deref();
    match (change.kind, old) {
        (Kind::Added, None) => "new route".to_owned(),
        (Kind::Added | Kind::Replaced, Some(old)) => format!("new route, before `{old}`"),
        (Kind::Removed, Some(old)) => format!("answers what `{old}` did, which is gone"),
        (Kind::Moved, _) if change.opened().is_some() => match change.was {
            Access::AnyKey => "needed a valid key".to_owned(),
            _ => "needed scopes".to_owned(),
        },
        (Kind::Moved, _) if change.lost.is_empty() => "opened to more scopes".to_owned(),
        (Kind::Moved, _) => format!("moved from {}", list(&change.lost)),
        (Kind::OptionReaches | Kind::OptionLeaves, _) => {
            "answers more paths, by an option".to_owned()
        }
        _ => "answers more paths: what took precedence over it is gone".to_owned(),
    }
}

fn why_narrower(change: &Change) -> String {
    let new = change.new.as_deref();
    match (change.kind, new) {
        (Kind::Removed, None) => "route removed".to_owned(),
        (Kind::Removed | Kind::Replaced, Some(new)) => format!("removed, now `{new}`"),
        (Kind::Added, Some(new)) => format!("some of its paths are now `{new}`"),
        (Kind::Moved, _) if change.closed().is_some() => match change.is {
            Access::AnyKey => "needs a valid key now".to_owned(),
            _ => "needs scopes now".to_owned(),
        },
        (Kind::Moved, _) if change.gained.is_empty() => "closed to these scopes".to_owned(),
        (Kind::Moved, _) => format!("moved to {}", list(&change.gained)),
        (Kind::OptionReaches | Kind::OptionLeaves, _) => {
            "answers fewer paths, by an option".to_owned()
        }
        _ => "answers fewer paths: a narrower path or a literal now takes precedence".to_owned(),
    }
}

impl ChangedRoute<'_> {
    /// `with a b`: who asks.
    pub(super) fn asks(&self, scopes: impl Fn(&str) -> String) -> String {
        match &self.answers.held {
            None => "without a key".to_owned(),
            Some(held) if held.scopes().is_empty() => "with a key without scopes".to_owned(),
            Some(held) => format!("with {}", scopes(&held.to_string())),
        }
    }
}

impl Group<'_> {
    /// `b:read and b:* gain 2 routes`, `now public, no key is looked at: 2 routes`
    pub(super) fn title(&self, scope: impl Fn(&str) -> String) -> String {
        let routes = crate::wire::count(self.entries.len() as u64, "route");
        if let Some(open) = self.open {
            let paths = if self.partly { "more paths of " } else { "" };
            return match (self.way, open) {
                (Way::Wider, Open::Public) => {
                    format!("now public, no key is looked at: {paths}{routes}")
                }
                (Way::Wider, Open::AnyKey) => {
                    format!("now open to every valid key, whatever its scopes: {paths}{routes}")
                }
                (Way::Narrower, Open::Public) => {
                    format!("no longer public: {}{routes}", paths.replace("more ", ""))
                }
                (Way::Narrower, Open::AnyKey) => {
                    format!(
                        "no longer open to every valid key: {}{routes}",
                        paths.replace("more ", "")
                    )
                }
            };
        }
        let what = match (self.way, self.partly, self.scopes.len() == 1) {
            (Way::Wider, false, true) => "gains",
            (Way::Wider, false, false) => "gain",
            (Way::Narrower, false, true) => "loses",
            (Way::Narrower, false, false) => "lose",
            (Way::Wider, true, true) => "reaches more paths of",
            (Way::Wider, true, false) => "reach more paths of",
            (Way::Narrower, true, true) => "reaches fewer paths of",
            (Way::Narrower, true, false) => "reach fewer paths of",
        };
        let sets = self.scopes.iter();
        let names: Vec<String> = sets.map(|held| scope(&held.to_string())).collect();
        let who = match names.as_slice() {
            [] => "by an option for paths, all scopes".to_owned(),
            [only] => only.clone(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        };
        format!("{who} {what} {routes}")
    }
}

fn list(sets: &[Held]) -> String {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    sets.join(", ")
}
