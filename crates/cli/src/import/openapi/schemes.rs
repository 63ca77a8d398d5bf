//! The security schemes of a description, which of them are used, and which one counts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use routescope_compiler::Problem;
use routescope_compiler::unstable::yaml::Node;

use super::edition::Edition;
use super::tree::{Tree, text};
use crate::import::refusals::{Refusal, cut};
use crate::wire::count;

pub(super) struct Schemes<'n> {
    edition: Edition,
    all: Vec<Scheme<'n>>,
    numbers: HashMap<&'n str, usize>,
    /// The only one that counts; all do without it.
    chosen: Option<usize>,
    /// The summaries that the schemes give to their scopes.
    summaries: BTreeMap<&'n str, &'n str>,
}

struct Scheme<'n> {
    name: &'n str,
    /// The position of the first requirement that names it.
    first: Option<Range<usize>>,
    /// Whether a requirement names scopes of it.
    has_scopes: bool,
    operations: u64,
}

/// A message lists at most this many schemes.
const MOST_NAMES: usize = 8;

impl<'n> Schemes<'n> {
    pub(super) fn new(
        tree: &Tree<'n>,
        edition: Edition,
        chosen: Option<&str>,
    ) -> Result<Self, Rc<Refusal>> {
        let described = match edition {
            Edition::Swagger => tree.field(tree.root, "securityDefinitions")?,
            Edition::OpenApi => match tree.field(tree.root, "components")? {
                Some(components) => tree.field(components, "securitySchemes")?,
                None => None,
            },
        };
        let mut schemes = Self {
            edition,
            all: Vec::new(),
            numbers: HashMap::new(),
            chosen: None,
            summaries: BTreeMap::new(),
        };
        let mut seen = HashSet::new();
        for (name, scheme) in described.map_or(Ok(&[][..]), |described| tree.entries(described))? {
            if let Some(name) = text(name) {
                schemes.add(name);
            }
            // A summary decides nothing: a scheme that cannot be read has none.
            let _ = schemes.summaries_of(tree, scheme, &mut seen);
        }
        if let Some(chosen) = chosen {
            schemes.chosen = schemes.number(chosen);
            if schemes.chosen.is_none() {
                let has = match schemes.all.as_slice() {
                    [] => "no security schemes".to_owned(),
                    all => {
                        let names: Vec<&str> = all.iter().map(|scheme| scheme.name).collect();
                        named(&names)
                    }
                };
                return Err(Rc::new(Refusal::new(
                    "scheme",
                    &described.unwrap_or(tree.root).at,
                    format!(
                        "no security scheme is `{}`: the description has {has}",
                        cut(chosen)
                    ),
                    "name one of its schemes with `--scheme`",
                )));
            }
        }
        Ok(schemes)
    }

    fn add(&mut self, name: &'n str) {
        self.numbers.entry(name).or_insert_with(|| {
            self.all.push(Scheme {
                name,
                first: None,
                has_scopes: false,
                operations: 0,
            });
            self.all.len() - 1
        });
    }

    fn summaries_of(
        &mut self,
        tree: &Tree<'n>,
        scheme: &'n Node,
        seen: &mut HashSet<*const Node>,
    ) -> Result<(), Rc<Refusal>> {
        let scheme = tree.follow(scheme)?;
        if self.edition == Edition::Swagger {
            return self.summaries_in(tree, scheme, seen);
        }
        let Some(flows) = tree.field(scheme, "flows")? else {
            return Ok(());
        };
        // Flows that several schemes refer to say the same each time.
        if !seen.insert(std::ptr::from_ref(flows)) {
            return Ok(());
        }
        for (_, flow) in tree.entries(flows)? {
            self.summaries_in(tree, tree.follow(flow)?, seen)?;
        }
        Ok(())
    }

    fn summaries_in(
        &mut self,
        tree: &Tree<'n>,
        flow: &'n Node,
        seen: &mut HashSet<*const Node>,
    ) -> Result<(), Rc<Refusal>> {
        let Some(scopes) = tree.field(flow, "scopes")? else {
            return Ok(());
        };
        if !seen.insert(std::ptr::from_ref(scopes)) {
            return Ok(());
        }
        for (scope, summary) in tree.entries(scopes)? {
            if let (Some(scope), Some(summary)) = (text(scope), text(summary)) {
                self.summaries.entry(scope).or_insert(summary);
            }
        }
        Ok(())
    }

    /// The file's description of a scope, in one line.
    pub(super) fn summary(&self, scope: &str) -> Option<String> {
        let words: Vec<&str> = self.summaries.get(scope)?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The number of the scheme of a name.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Whether the requirements of a scheme count.
    pub(super) fn is_chosen(&self, number: usize) -> bool {
        self.chosen.is_none_or(|chosen| chosen == number)
    }

    /// The advice about a scheme that the description lacks.
    pub(super) fn help_for_unknown(&self) -> &'static str {
        match self.edition {
            Edition::Swagger => "describe it under `securityDefinitions:`, or correct its name",
            Edition::OpenApi => {
                "describe it under `components: securitySchemes:`, or correct its name"
            }
        }
    }

    /// Notes that a requirement names a scheme, and whether with scopes.
    pub(super) fn used(&mut self, number: usize, at: &Range<usize>, has_scopes: bool) {
        let scheme = &mut self.all[number];
        scheme.first.get_or_insert_with(|| at.clone());
        scheme.has_scopes |= has_scopes;
    }

    /// Counts an operation whose requirements name these schemes.
    pub(super) fn count(&mut self, numbers: &[usize]) {
        for number in numbers {
            self.all[*number].operations += 1;
        }
    }

    /// The problem that operations take several schemes, and nobody said which one counts.
    pub(super) fn undecided(&self) -> Option<Problem> {
        if self.chosen.is_some() {
            return None;
        }
        let mut used: Vec<(&Range<usize>, &Scheme<'_>)> = self
            .all
            .iter()
            .filter_map(|scheme| Some((scheme.first.as_ref()?, scheme)))
            .collect();
        used.sort_by_key(|(at, _)| at.start);
        let [(first, _), (second, _), ..] = used.as_slice() else {
            return None;
        };
        let shown = used.iter().take(MOST_NAMES);
        let mut names: Vec<String> = shown
            .map(|(_, scheme)| {
                let operations = count(scheme.operations, "operation");
                format!("`{}` ({operations})", cut(scheme.name))
            })
            .collect();
        if used.len() > names.len() {
            names.push("others".to_owned());
        }
        let message = format!(
            "the operations take several security schemes, {}",
            listed(&names)
        );
        let meant = used.iter().find(|(_, scheme)| scheme.has_scopes);
        let meant = meant.map_or("NAME", |(_, scheme)| scheme.name);
        Some(
            Problem::error((*second).clone(), message)
                .label("one of them")
                .with_label((*first).clone(), "another")
                .help(format!(
                    "say which of them the keys are for, such as `--scheme {}`: an operation that it does not open is then left out, and no scope of another is mistaken for one of it",
                    cut(meant)
                )),
        )
    }
}

/// Names of schemes in a message.
fn named(names: &[&str]) -> String {
    let shown = names.iter().take(MOST_NAMES);
    let mut shown: Vec<String> = shown.map(|name| format!("`{}`", cut(name))).collect();
    if names.len() > shown.len() {
        shown.push("others".to_owned());
    }
    listed(&shown)
}

/// `a, b and c`
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
