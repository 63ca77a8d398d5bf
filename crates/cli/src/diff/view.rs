//! Differences in the order in which a reviewer reads them: wider before narrower; in each, the
//! routes that the same scopes gain or lose together.

use std::collections::HashMap;

use routescope_compiler::compare::{Answers, Change, Comparison, Kind};

/// The direction of a change: the scopes open more routes than before, or fewer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    Wider,
    Narrower,
}

/// Routes that the same scopes gain or lose.
pub(super) struct Group<'c> {
    pub(super) way: Way,
    /// The scopes, narrowest first. The list is empty where an option for paths changes the
    /// answers to keys of many scopes.
    pub(super) scopes: &'c [String],
    /// Whether the routes were and are open to them, only for other paths.
    partly: bool,
    pub(super) entries: Vec<ChangedRoute<'c>>,
}

/// A route that some scopes gain or lose.
pub(super) struct ChangedRoute<'c> {
    pub(super) change: &'c Change,
    /// The route that is gained or lost, with the method if it is another one.
    pub(super) route: String,
    /// The scopes that gain or lose it.
    pub(super) scopes: &'c [String],
    /// Why.
    pub(super) why: String,
    pub(super) answers: &'c Answers,
}

/// The groups of one way: whole routes before parts of them, each in the order
/// of their first routes.
pub(super) fn groups(comparison: &Comparison, way: Way) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<(&[String], bool), usize> = HashMap::new();
    for change in &comparison.changes {
        let Some(entry) = entry(change, way) else {
            continue;
        };
        let by_option = matches!(change.kind, Kind::OptionReaches | Kind::OptionLeaves);
        let partly = by_option || matches!(change.kind, Kind::Uncovered | Kind::Covered);
        let scopes: &[String] = if by_option { &[] } else { entry.scopes };
        let place = *places.entry((scopes, partly)).or_insert_with(|| {
            groups.push(Group {
                way,
                scopes,
                partly,
                entries: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].entries.push(entry);
    }
    groups.sort_by_key(|group| (group.scopes.is_empty(), group.partly));
    groups
}

fn entry(change: &Change, way: Way) -> Option<ChangedRoute<'_>> {
    let (route, scopes, answers) = match way {
        Way::Wider => (&change.new, &change.gained, &change.witness.wider),
        Way::Narrower => (&change.old, &change.lost, &change.witness.narrower),
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
        (Kind::Moved, _) if change.gained.is_empty() => "closed to these scopes".to_owned(),
        (Kind::Moved, _) => format!("moved to {}", list(&change.gained)),
        (Kind::OptionReaches | Kind::OptionLeaves, _) => {
            "answers fewer paths, by an option".to_owned()
        }
        _ => "answers fewer paths: a narrower path or a literal now takes precedence".to_owned(),
    }
}

impl Group<'_> {
    /// `b:read and b:* gain 2 routes`
    pub(super) fn title(&self, scope: impl Fn(&str) -> String) -> String {
        let routes = crate::wire::count(self.entries.len() as u64, "route");
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
        let names: Vec<String> = self.scopes.iter().map(|name| scope(name)).collect();
        let who = match names.as_slice() {
            [] => "by an option for paths, all scopes".to_owned(),
            [only] => only.clone(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        };
        format!("{who} {what} {routes}")
    }
}

fn list(scopes: &[String]) -> String {
    scopes.join(", ")
}
