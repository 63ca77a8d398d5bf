//! The names of a policy's scopes and routes in generated code, each used once.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use routescope_core::Method;

use crate::Compiled;
use crate::document::{Document, ScopeEntry, Spanned};
use crate::model::code_name;
use crate::model::listed_route::{as_yaml, read_route};
use crate::model::template::Template;
use crate::source::report::Problem;

/// The names of a policy, in the order of its tables.
pub(crate) struct Names {
    pub(crate) scopes: Vec<Named>,
    pub(crate) routes: Vec<Named>,
}

/// A scope or a route with its name.
pub(crate) struct Named {
    /// The name in the language that is generated.
    pub(crate) name: String,
    /// The name as `name:` gives it, which is that in Rust.
    in_file: String,
    /// `orders:read`, or `GET /orders/{id}`.
    what: String,
    /// Where the file says it, or says what implies it.
    at: Range<usize>,
    /// Whether it has no entry in the file, and with that no line for a `name:`.
    unlisted: bool,
    /// Whether the file does not name it at all: the rules imply it.
    implied: bool,
}

/// The language of generated code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    Rust,
    C,
}

impl Names {
    /// The names, or a problem for each that two would have.
    pub(crate) fn new(compiled: &Compiled, language: Language) -> Result<Self, Vec<Problem>> {
        let names = Self {
            scopes: scopes(compiled, language),
            routes: routes(compiled, language),
        };
        let mut problems = Vec::new();
        unique(&names.scopes, &SCOPE, language, &mut problems);
        unique(&names.routes, &ROUTE, language, &mut problems);
        if problems.is_empty() {
            Ok(names)
        } else {
            Err(problems)
        }
    }
}

fn scopes(compiled: &Compiled, language: Language) -> Vec<Named> {
    let document = compiled.document();
    let entries: HashMap<&str, &ScopeEntry> = document
        .scopes
        .iter()
        .map(|entry| (entry.name.value.as_str(), entry))
        .collect();
    let scopes = compiled.policy().scopes();
    let named = scopes.map(|scope| {
        let entry = entries.get(scope.name()).copied();
        let stated = entry.and_then(|entry| entry.code_name.as_ref());
        let in_file = match stated {
            Some(stated) => stated.value.clone(),
            None => code_name::of_scope(scope.name(), document.scope_names),
        };
        let (at, is_named) = match entry {
            Some(entry) => (entry.name.at.clone(), true),
            None => unlisted(document, scope.name()),
        };
        Named {
            name: match language {
                Language::Rust => in_file.clone(),
                // It follows a prefix, which begins with a letter.
                Language::C => in_file.trim_start_matches('_').to_owned(),
            },
            in_file,
            what: scope.name().to_owned(),
            at: stated.map_or(at, |stated| stated.at.clone()),
            unlisted: entry.is_none(),
            implied: entry.is_none() && !is_named,
        }
    });
    named.collect()
}

/// The span of a scope that has no entry, and whether the file names it there: in a heading of
/// several, in `implies`, or as `global`. If not, the span is of what implies it, which is a scope of
/// its resource, or the umbrella.
fn unlisted(document: &Document, scope: &str) -> (Range<usize>, bool) {
    let headings = document.scopes.iter().flat_map(ScopeEntry::names);
    let implied = document.implies.iter().flat_map(|entry| {
        let all = std::iter::once(&entry.name).chain(&entry.implied);
        all.map(|name| Spanned {
            value: name.value.as_str(),
            at: name.at.clone(),
        })
    });
    let named: Vec<Spanned<&str>> = headings.chain(implied).collect();
    let global = document.global.as_ref();
    let itself = named.iter().find(|name| name.value == scope);
    let itself = itself.map(|name| &name.at).or(global
        .filter(|global| global.value == scope)
        .map(|global| &global.at));
    if let Some(at) = itself {
        return (at.clone(), true);
    }
    let resource = scope.split(':').next();
    let umbrella = document.umbrella.as_ref();
    let umbrella = umbrella.filter(|umbrella| Some(umbrella.value.as_str()) == resource);
    let is_of_resource = |name: &&Spanned<&str>| name.value.split(':').next() == resource;
    let of_resource = named.iter().find(is_of_resource).map(|name| &name.at);
    let at = umbrella.map(|umbrella| &umbrella.at).or(of_resource);
    (at.unwrap_or(&document.name.at).clone(), false)
}

/// Where the file has a route, and the name that it gives it.
type InFile<'d> = (Range<usize>, Option<&'d str>);

fn routes(compiled: &Compiled, language: Language) -> Vec<Named> {
    // Where a route is: at its name, or else where the file lists it first.
    let mut listings: HashMap<(Method, Template), InFile<'_>> = HashMap::new();
    for entry in compiled.document().routes() {
        let Ok((method, _, template)) = read_route(entry) else {
            continue;
        };
        let listing = listings
            .entry((method, template))
            .or_insert_with(|| (entry.text.at.clone(), None));
        if let (Some(stated), None) = (&entry.code_name, listing.1) {
            *listing = (stated.at.clone(), Some(&stated.value));
        }
    }
    let templates = &compiled.model().templates;
    let listed = templates.iter().flat_map(|listing| {
        listing
            .routes
            .iter()
            .map(|route| (&listing.template, route))
    });
    let named = listed.map(|(template, route)| {
        let listing = listings.get(&(route.method, template.clone()));
        let (at, stated) = listing.cloned().unwrap_or((0..0, None));
        let in_file = match stated {
            Some(stated) => stated.to_owned(),
            None => code_name::of_route(route.method, &route.text),
        };
        Named {
            name: match language {
                Language::Rust => in_file.clone(),
                Language::C => code_name::of_route_in_c(route.method, &route.text, stated),
            },
            in_file,
            what: format!("{} {}", route.method, route.text),
            at,
            unlisted: false,
            implied: false,
        }
    });
    named.collect()
}

/// How the file gives a name, for advice.
struct Advice {
    /// A name like this one and with this number.
    numbered: fn(&str, u32) -> String,
    /// The lines that give it.
    lines: fn(&Named, &str) -> String,
}

const SCOPE: Advice = Advice {
    numbered: |name, number| format!("{name}_{number}"),
    lines: |named, name| format!("\"{}\":\n  name: {name}", named.what),
};

const ROUTE: Advice = Advice {
    numbered: |name, number| format!("{name}{number}"),
    lines: |named, name| format!("- route: {}\n  name: {name}", as_yaml(&named.what)),
};

impl Advice {
    /// Says what the author of the file can do about a name, with an example.
    fn give(&self, problem: Problem, named: &Named, example: &str, language: Language) -> Problem {
        let give = if named.unlisted { "list" } else { "give" };
        let a_name = if named.unlisted {
            "with a name"
        } else {
            "a name"
        };
        let lines = (self.lines)(named, example);
        let problem = problem.help(format!(
            "{give} `{}` {a_name} of its own:\n{lines}",
            named.what
        ));
        match language {
            Language::Rust => {
                problem.help("or generate no names, with `Build::names(false)` or `--names never`")
            }
            // A header has nothing else.
            Language::C => problem,
        }
    }
}

/// Reports what has no name, and what has that of another.
fn unique(all: &[Named], advice: &Advice, language: Language, problems: &mut Vec<Problem>) {
    let in_file: HashSet<&str> = all.iter().map(|named| named.in_file.as_str()).collect();
    let free = |named: &Named| {
        let mut names = (2..).map(|number| (advice.numbered)(&named.in_file, number));
        names.find(|name| !in_file.contains(name.as_str()))
    };
    let mut seen: HashMap<&str, &Named> = HashMap::new();
    for named in all {
        let Named { name, what, at, .. } = named;
        if name.is_empty() {
            let message = format!("no name in generated code can be made of `{what}`");
            let problem = Problem::error(at.clone(), message);
            problems.push(advice.give(problem, named, "A_NAME", language));
            continue;
        }
        let Some(first) = seen.get(name.as_str()) else {
            seen.insert(name, named);
            continue;
        };
        // At fault is what comes later in the file, and rather what the file can name there.
        let order = |named: &Named| (!named.unlisted, named.at.start);
        let (other, at_fault) = match order(first) <= order(named) {
            true => (*first, named),
            false => (named, *first),
        };
        let message = format!(
            "`{}` and `{}` would both be `{name}` in generated code",
            other.what, at_fault.what
        );
        let problem = Problem::error(at_fault.at.clone(), message)
            .label(at_fault.label())
            .with_label(other.at.clone(), other.label());
        let example = free(at_fault).unwrap_or_default();
        problems.push(advice.give(problem, at_fault, &example, language));
    }
}

impl Named {
    fn label(&self) -> String {
        if self.implied {
            format!("`{}`, implied here", self.what)
        } else {
            format!("`{}`", self.what)
        }
    }
}
