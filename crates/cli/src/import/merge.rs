//! `--into`: a policy brought up to its source by edits of its text. The parts that the source
//! leaves unchanged keep their text, to the last space.

mod edit;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::template::Template;
use routescope_compiler::unstable::yaml::{Node, Value};
use routescope_compiler::{Compiled, Problem, Report, compile};

use super::table::{self, ImportedTable};
use crate::failure::{Failure, Result};
use crate::fmt::canonical::scalar;
use crate::fmt::layout::{self, Layout};
use edit::{Edit, Text, apply};

/// A policy's new text, and the routes that were kept although the source lacks them.
pub(super) struct Merged {
    pub(super) text: String,
    pub(super) compiled: Compiled,
    /// Routes with a note, each with its scope.
    pub(super) kept: Vec<(String, String)>,
}

/// The meaning of a listing: its scope, method and template.
type Listing = (String, Method, Rc<Template>);

/// The meaning of a route: its method and template.
type Kind = (Method, Rc<Template>);

/// Brings a policy up to a table.
pub(super) fn merge(
    file: &str,
    old: &Compiled,
    source: &str,
    table: &ImportedTable,
) -> Result<Merged> {
    let refused = |problem| Failure::from(Report::new(file, source, vec![problem]));
    let layout = Layout::new(source).map_err(refused)?;
    let mut merger = Merger {
        text: Text(source),
        table,
        layout: &layout,
        edits: Vec::new(),
        kept: Vec::new(),
        indents: [2, 4, 6],
    };
    merger.indents = merger.indents();
    merger.fields();
    merger.scopes().map_err(|problem| refused(*problem))?;
    let Merger { edits, kept, .. } = merger;
    let text = apply(source, edits);
    let compiled = compile(file, &text).map_err(|report| {
        anstream::eprintln!(
            "the policy with its new routes does not compile; {file} is as it was\n"
        );
        Failure::from(report)
    })?;
    let mut expected: BTreeSet<Listing> = BTreeSet::new();
    for scope in &table.scopes {
        let listing = |route: &table::ImportedRoute| {
            (scope.name.clone(), route.method, Rc::clone(&route.template))
        };
        expected.extend(scope.routes.iter().map(listing));
    }
    for (scope, route) in &kept {
        expected.extend(parse(route).map(|(method, template)| (scope.clone(), method, template)));
    }
    if listings(&compiled) != expected || !keeps_options(old, &compiled, table) {
        return Err(Failure::new(
            format_args!("{file} could not be brought up to the source by editing it"),
            "this is a bug of routescope; the file is as it was. Please report it with both files",
        ));
    }
    Ok(Merged {
        text,
        compiled,
        kept,
    })
}

fn kind(route: &table::ImportedRoute) -> Kind {
    (route.method, Rc::clone(&route.template))
}

fn parse(route: &str) -> Option<Kind> {
    let (method, path) = route.split_once(' ')?;
    Some((
        Method::from_bytes(method.as_bytes())?,
        Rc::new(Template::parse_literal(path).ok()?),
    ))
}

/// The listings of a policy.
fn listings(compiled: &Compiled) -> BTreeSet<Listing> {
    let listing = |(scope, route): (&str, &str)| {
        let (method, template) = parse(route)?;
        Some((scope.to_owned(), method, template))
    };
    compiled
        .document()
        .scopes
        .iter()
        .flat_map(|scope| {
            scope
                .routes
                .iter()
                .map(|route| (scope.name.value.as_str(), route.text.value.as_str()))
        })
        .filter_map(listing)
        .collect()
}

/// Whether all that the source says nothing about is as it was.
fn keeps_options(old: &Compiled, new: &Compiled, table: &ImportedTable) -> bool {
    let (before, after) = (old.model(), new.model());
    before.name == after.name
        && before.options == after.options
        && before.global == after.global
        && before.revision == after.revision
        && old.document().method_rule() == new.document().method_rule()
        && after.umbrella == table.umbrella.clone().or(before.umbrella.clone())
        && after.key == table.key.clone().or(before.key.clone())
        && after.updated == table.updated.clone().or(before.updated.clone())
}

struct Merger<'m> {
    text: Text<'m>,
    table: &'m ImportedTable,
    layout: &'m Layout,
    edits: Vec<Edit>,
    kept: Vec<(String, String)>,
    /// The indents of scopes, their fields and their routes.
    indents: [usize; 3],
}

impl<'m> Merger<'m> {
    fn indents(&self) -> [usize; 3] {
        let column = |at: usize| at - self.text.line(at).start;
        let scope = self
            .layout
            .scopes
            .first()
            .map_or(2, |scope| column(scope.at.start));
        let listed = self
            .layout
            .scopes
            .iter()
            .find_map(|scope| scope.routes.first());
        let entry = listed.map_or(scope + 4, |route| {
            let line = &self.text.0[self.text.line(route.at.start)];
            line.len() - line.trim_start().len()
        });
        let field = self.text.0.lines().find_map(|line| {
            let text = line.trim_start();
            text.starts_with("routes:").then(|| line.len() - text.len())
        });
        [scope, field.unwrap_or(scope + 2), entry]
    }

    /// The day, the umbrella and the key, where the source has others.
    fn fields(&mut self) {
        let table = self.table;
        if let Some(updated) = &table.updated {
            self.field("updated", updated, &["name", "version"]);
        }
        if let Some(umbrella) = &table.umbrella {
            self.field("umbrella", umbrella, &["updated", "name", "version"]);
        }
        let Some(key) = &table.key else { return };
        let values = [
            ("prefix", scalar(&key.prefix)),
            ("length", key.length.to_string()),
            ("alphabet", key.alphabet.as_str().to_owned()),
        ];
        let Some((
            _,
            Node {
                value: Value::Map(entries),
                ..
            },
        )) = self.find("key")
        else {
            let inner = values
                .map(|(name, value)| format!("{name}: {value}"))
                .join(", ");
            self.insert_field(
                &format!("key: {{ {inner} }}"),
                &["global", "umbrella", "updated", "name", "version"],
            );
            return;
        };
        for (name, value) in values {
            let old = entries
                .iter()
                .find(|(key, _)| matches!(&key.value, Value::Text(text) if text == name));
            if let Some((_, old)) = old {
                self.replace_value(old, &value);
            }
        }
    }

    fn find(&self, name: &str) -> Option<&'m (String, Node)> {
        self.layout.fields.iter().find(|(field, _)| field == name)
    }

    fn field(&mut self, name: &str, value: &str, previous: &[&str]) {
        match self.find(name) {
            Some((_, node)) => self.replace_value(node, value),
            None => self.insert_field(&format!("{name}: {}", scalar(value)), previous),
        }
    }

    fn replace_value(&mut self, node: &Node, value: &str) {
        let same = match &node.value {
            Value::Text(text) => text == value || scalar(text) == value,
            Value::Integer(number) => number.to_string() == value,
            _ => false,
        };
        if !same {
            self.edits.push((node.at.clone(), value.to_owned()));
        }
    }

    fn insert_field(&mut self, line: &str, previous: &[&str]) {
        let place = previous
            .iter()
            .find_map(|name| self.find(name))
            .map(|(_, node)| node.at.end);
        let at = place.map_or(0, |end| self.text.next_line(end));
        self.insert(at, format!("{line}\n"));
    }

    fn scopes(&mut self) -> std::result::Result<(), Box<Problem>> {
        let (layout, table) = (self.layout, self.table);
        let wanted: HashMap<&str, &table::ImportedScope> = table
            .scopes
            .iter()
            .map(|scope| (scope.name.as_str(), scope))
            .collect();
        let known: HashMap<&str, &layout::ScopeLayout> = layout
            .scopes
            .iter()
            .map(|scope| (scope.name.as_str(), scope))
            .collect();
        for scope in &layout.scopes {
            match wanted.get(scope.name.as_str()) {
                Some(wanted) => self.scope(scope, wanted)?,
                None => self.foreign_scope(scope)?,
            }
        }
        // A new scope follows the one that it follows in the source.
        let mut previous: Option<&layout::ScopeLayout> = None;
        for wanted in &table.scopes {
            if let Some(known) = known.get(wanted.name.as_str()) {
                previous = Some(known);
                continue;
            }
            let mut text = String::new();
            wanted.write(&mut text, self.indents);
            match (previous, layout.scopes.first()) {
                (Some(scope), _) => {
                    let at = self.text.end_of_block(scope.at.end, self.indents[0]);
                    self.insert(at, format!("\n{text}"));
                }
                (None, Some(first)) => {
                    let at = self.text.above(first.at.start);
                    self.insert(at, format!("{text}\n"));
                }
                (None, None) => {
                    return Err(Box::new(
                        Problem::error(0..0, "the policy has no scope next to which new ones could be put")
                            .help("make a new policy: leave out `--into` and name the file with `--output`"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// A scope that the source has too.
    fn scope(
        &mut self,
        scope: &layout::ScopeLayout,
        wanted: &table::ImportedScope,
    ) -> std::result::Result<(), Box<Problem>> {
        let wants: HashSet<Kind> = wanted.routes.iter().map(kind).collect();
        let mut known: HashMap<Kind, &layout::RouteLayout> = HashMap::new();
        for route in &scope.routes {
            let kind = parse(&route.text);
            if kind.as_ref().is_some_and(|kind| wants.contains(kind)) {
                known.extend(kind.map(|kind| (kind, route)));
            } else if route.note.is_some() {
                self.kept.push((scope.name.clone(), route.text.clone()));
            } else {
                self.remove_route(route)?;
            }
        }
        let mut previous: Option<&layout::RouteLayout> = None;
        for new in &wanted.routes {
            if let Some(route) = known.get(&kind(new)) {
                previous = Some(route);
                continue;
            }
            let mut text = String::new();
            new.write(&mut text, self.indents[2]);
            let at = match (previous, scope.routes.first()) {
                (Some(route), _) => {
                    self.text.own_lines(route.at.clone())?;
                    self.text.next_line(route.at.end)
                }
                (None, Some(first)) => {
                    self.text.own_lines(first.at.clone())?;
                    self.text.above(first.at.start)
                }
                (None, None) => {
                    self.text.own_lines(scope.at.clone())?;
                    if !scope.lists {
                        text.insert_str(0, &format!("{:1$}routes:\n", "", self.indents[1]));
                    }
                    self.text.next_line(scope.at.end)
                }
            };
            self.insert(at, text);
        }
        Ok(())
    }

    /// A scope that the source lacks: it goes, but for its routes with a note. One that only gives
    /// an implied scope its name in generated code is of no concern to the source.
    fn foreign_scope(
        &mut self,
        scope: &layout::ScopeLayout,
    ) -> std::result::Result<(), Box<Problem>> {
        if scope.code_name.is_some() && scope.routes.is_empty() {
            return Ok(());
        }
        let noted: Vec<&layout::RouteLayout> = scope
            .routes
            .iter()
            .filter(|route| route.note.is_some())
            .collect();
        if !noted.is_empty() {
            for route in &noted {
                self.kept.push((scope.name.clone(), route.text.clone()));
            }
            for route in scope.routes.iter().filter(|route| route.note.is_none()) {
                self.remove_route(route)?;
            }
            return Ok(());
        }
        self.text.own_lines(scope.at.clone())?;
        let start = self.text.above(scope.at.start);
        let mut end = self.text.end_of_block(scope.at.end, self.indents[0]);
        // One empty line goes with it: the next one or, at the end, the one before.
        let rest = &self.text.0[end..];
        let blank = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
        end += blank;
        let start = if blank == 0 {
            self.text.0[..start]
                .trim_end_matches(['\n', '\r', ' '])
                .len()
                + 1
        } else {
            start
        };
        self.edits.push((start..end.max(start), String::new()));
        Ok(())
    }

    fn remove_route(
        &mut self,
        route: &layout::RouteLayout,
    ) -> std::result::Result<(), Box<Problem>> {
        self.text.own_lines(route.at.clone())?;
        let lines = self.text.line(route.at.start).start..self.text.next_line(route.at.end);
        self.edits.push((lines, String::new()));
        Ok(())
    }

    fn insert(&mut self, at: usize, text: String) {
        let line_ends = at == 0 || self.text.0[..at].ends_with('\n');
        let text = if line_ends { text } else { format!("\n{text}") };
        self.edits.push((at..at, text));
    }
}
