//! Checks what `implies` means, once it is known which scopes open something.

use std::collections::HashMap;

use crate::model::implications::{Bits, Circle, Implications};
use crate::model::scopes::did_you_mean;
use crate::model::{Model, ScopeName};
use crate::source::document::{Document, Spanned};
use crate::source::report::{Problem, quoted};

/// The relation between the scopes of a model, unless it has a circle.
///
/// Reports circles, and scopes in the lists of `implies` that open nothing.
pub(crate) fn check(
    document: &Document,
    model: &Model,
    problems: &mut Vec<Problem>,
) -> Option<Implications> {
    let implications = match Implications::new(model) {
        Ok(implications) => implications,
        Err(circle) => {
            problems.push(in_a_circle(document, model, &circle));
            return None;
        }
    };
    let mut listed = Bits::none(implications.count());
    for list in model.routes().flat_map(|route| route.listed.lists()) {
        for scope in list.iter() {
            listed.insert(implications.number(scope));
        }
    }
    let mut opens = Bits::none(implications.count());
    for scope in listed.iter() {
        opens.add(implications.implying(scope));
    }
    let numbers: HashMap<&str, usize> = (0..implications.count())
        .map(|number| (implications.scope(number).as_str(), number))
        .collect();
    for entry in &document.implies {
        for name in &entry.implied {
            let number = numbers[name.value.as_str()];
            if !opens.contains(number) {
                problems.push(opens_nothing(document, model, name));
            }
        }
    }
    Some(implications)
}

pub(crate) fn in_a_circle(document: &Document, model: &Model, Circle(circle): &Circle) -> Problem {
    let stated = circle.windows(2).find(|pair| {
        let implied = model.implies.get(&pair[0]);
        implied.is_some_and(|implied| implied.contains(&pair[1]))
    });
    let span = |pair: &[ScopeName]| {
        let entries = document.implies.iter();
        let mut entries = entries.filter(|entry| entry.name.value == pair[0].as_str());
        entries.find_map(|entry| {
            let mut implied = entry.implied.iter();
            implied.find(|name| name.value == pair[1].as_str())
        })
    };
    let at = stated.and_then(span).map_or(0..0, |name| name.at.clone());
    let mut names: Vec<String> = circle.iter().map(|scope| format!("`{scope}`")).collect();
    // A long circle is told by its beginning and its end.
    let left_out = names.len().saturating_sub(8);
    if left_out > 0 {
        names.splice(4..4 + left_out, [format!("{left_out} more")]);
    }
    let rest = match names.as_slice() {
        [first, second, others @ ..] => {
            let others: String = others
                .iter()
                .map(|name| format!(", which implies {name}"))
                .collect();
            format!("{first} implies {second}{others}")
        }
        _ => String::new(),
    };
    Problem::error(at, format!("scopes imply each other in a circle: {rest}"))
        .help("remove one of these: scopes that imply each other are one scope, which a policy names once")
        .help("the rules for names count too: `r:*` implies every scope of `r`, and the scopes of the umbrella and `global` imply those of all resources")
}

fn opens_nothing(document: &Document, model: &Model, name: &Spanned<String>) -> Problem {
    let is_named = document
        .scopes
        .iter()
        .any(|entry| entry.names().any(|other| other.value == name.value))
        || document
            .implies
            .iter()
            .any(|entry| entry.name.value == name.value);
    let text = quoted(&name.value);
    if is_named {
        return Problem::error(
            name.at.clone(),
            format!("{text} opens nothing, so that nothing need imply it"),
        )
        .help("list routes under it in `scopes`, or remove it here");
    }
    let known = model.routes().flat_map(|route| route.listed.lists());
    let mut names: Vec<&str> = known
        .flat_map(|list| list.iter().map(ScopeName::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    let problem = Problem::error(
        name.at.clone(),
        format!("{text} is no scope under which routes are listed"),
    );
    problem.help(match did_you_mean(&name.value, names) {
        Some(help) => help,
        None => "list its routes in `scopes`, or remove it here".to_owned(),
    })
}
