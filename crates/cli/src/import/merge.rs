//! `--into`: a policy brought up to its source by edits of its text. The parts that the source
//! leaves unchanged keep their text, to the last space.

mod edit;
pub(super) mod open;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::document::ScopeNames;
use routescope_compiler::template::Template;
use routescope_compiler::unstable::yaml::{self, Node, Value};
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
    /// Routes with a note, each with its heading.
    pub(super) kept: Vec<(Heading, String)>,
}

/// The place of a route in the file.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Heading {
    /// A field that lists routes without scopes.
    Open(&'static str),
    /// Scopes, in order and with a space between them.
    Scopes(String),
}

impl Heading {
    /// The heading of a text, in which the order of scopes means nothing.
    fn of(text: &str) -> Self {
        let mut names: Vec<&str> = text.split(' ').collect();
        names.sort_unstable();
        Self::Scopes(names.join(" "))
    }
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(field) => field,
            Self::Scopes(scopes) => scopes,
        })
    }
}

/// The meaning of a listing: its heading, method and template.
type Listing = (Heading, Method, Rc<Template>);

/// The meaning of a route: its method and template.
type Kind = (Method, Rc<Template>);

/// Brings a policy up to a table.
pub(super) fn merge(
    file: &str,
    old: &Compiled,
    source: &str,
    table: &ImportedTable,
) -> Result<Merged> {
    if table.opaque && old.document().scope_names == ScopeNames::ResourceAction {
        return Err(Failure::new(
            format_args!(
                "some scopes of the source are no `resource:action`, as those of {file} are"
            ),
            "say `scope_names: opaque` in it first, and state with `implies` what its `resource:*` and its umbrella imply today; or make a new policy, without `--into`",
        ));
    }
    let refused = |problem| Failure::from(Report::new(file, source, vec![problem]));
    let root = yaml::read(source).map_err(refused)?;
    let layout = Layout::of(source, &root).map_err(refused)?;
    let mut merger = Merger {
        text: Text(source),
        root: &root,
        table,
        layout: &layout,
        edits: Vec::new(),
        kept: Vec::new(),
        indents: [2, 4, 6],
    };
    merger.indents = merger.indents();
    merger.fields();
    merger.scopes().map_err(|problem| refused(*problem))?;
    merger.open_routes().map_err(|problem| refused(*problem))?;
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
        expected.extend(wanted(&Heading::of(&scope.name), &scope.routes));
    }
    for (heading, routes) in table_open(table) {
        match routes {
            Some(routes) => expected.extend(wanted(&heading, routes)),
            None => expected.extend(
                listings(old)
                    .into_iter()
                    .filter(|(listed, ..)| *listed == heading),
            ),
        }
    }
    for (heading, route) in &kept {
        expected.extend(parse(route).map(|(method, template)| (heading.clone(), method, template)));
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

/// The fields of routes without scopes, with those of the table; `None` if the source does not tell.
fn table_open(table: &ImportedTable) -> [(Heading, Option<&Vec<table::ImportedRoute>>); 2] {
    [
        (Heading::Open("public"), table.public.as_ref()),
        (Heading::Open("any_key"), table.any_key.as_ref()),
    ]
}

/// The listings of routes under a heading.
fn wanted(heading: &Heading, routes: &[table::ImportedRoute]) -> Vec<Listing> {
    let listing =
        |route: &table::ImportedRoute| (heading.clone(), route.method, Rc::clone(&route.template));
    routes.iter().map(listing).collect()
}

/// The listings of a policy.
fn listings(compiled: &Compiled) -> BTreeSet<Listing> {
    let document = compiled.document();
    let scopes = document.scopes.iter();
    let open = [("public", &document.public), ("any_key", &document.any_key)];
    let headings = scopes
        .map(|scope| (Heading::of(&scope.name.value), &scope.routes))
        .chain(open.map(|(field, routes)| (Heading::Open(field), routes)));
    headings
        .flat_map(|(heading, routes)| {
            routes.iter().filter_map(move |route| {
                let (method, template) = parse(&route.text.value)?;
                Some((heading.clone(), method, template))
            })
        })
        .collect()
}

/// Whether all that the source says nothing about is as it was.
fn keeps_options(old: &Compiled, new: &Compiled, table: &ImportedTable) -> bool {
    let (before, after) = (old.model(), new.model());
    before.name == after.name
        && before.options == after.options
        && before.global == after.global
        && before.implies == after.implies
        && before.scope_names == after.scope_names
        && before.revision == after.revision
        && old.document().method_rule() == new.document().method_rule()
        && after.umbrella == table.umbrella.clone().or(before.umbrella.clone())
        && after.key == table.key.clone().or(before.key.clone())
        && after.updated == table.updated.clone().or(before.updated.clone())
}

struct Merger<'m> {
    text: Text<'m>,
    root: &'m Node,
    table: &'m ImportedTable,
    layout: &'m Layout,
    edits: Vec<Edit>,
    kept: Vec<(Heading, String)>,
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
        let wanted: HashMap<Heading, &table::ImportedScope> = table
            .scopes
            .iter()
            .map(|scope| (Heading::of(&scope.name), scope))
            .collect();
        let known: HashMap<Heading, &layout::ScopeLayout> = layout
            .scopes
            .iter()
            .map(|scope| (Heading::of(&scope.name), scope))
            .collect();
        for scope in &layout.scopes {
            match wanted.get(&Heading::of(&scope.name)) {
                Some(wanted) => self.scope(scope, wanted)?,
                None => self.foreign_scope(scope)?,
            }
        }
        // A new scope follows the one that it follows in the source.
        let mut previous: Option<&layout::ScopeLayout> = None;
        for wanted in &table.scopes {
            if let Some(known) = known.get(&Heading::of(&wanted.name)) {
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
        let heading = Heading::of(&scope.name);
        self.routes(&heading, &scope.routes, &wanted.routes, self.indents[2])?;
        if scope.routes.is_empty() {
            let mut text = String::new();
            for new in &wanted.routes {
                new.write(&mut text, self.indents[2]);
            }
            self.text.own_lines(scope.at.clone())?;
            if !scope.lists {
                text.insert_str(0, &format!("{:1$}routes:\n", "", self.indents[1]));
            }
            self.insert(self.text.next_line(scope.at.end), text);
        }
        Ok(())
    }

    /// The routes of a heading, brought up to those of the source; the heading has some.
    fn routes(
        &mut self,
        heading: &Heading,
        listed: &[layout::RouteLayout],
        wanted: &[table::ImportedRoute],
        indent: usize,
    ) -> std::result::Result<(), Box<Problem>> {
        let Some(first) = listed.first() else {
            return Ok(());
        };
        let wants: HashSet<Kind> = wanted.iter().map(kind).collect();
        let mut known: HashMap<Kind, &layout::RouteLayout> = HashMap::new();
        for route in listed {
            let kind = parse(&route.text);
            if kind.as_ref().is_some_and(|kind| wants.contains(kind)) {
                known.extend(kind.map(|kind| (kind, route)));
            } else if route.note.is_some() {
                self.kept.push((heading.clone(), route.text.clone()));
            } else {
                self.remove_route(route)?;
            }
        }
        let mut previous: Option<&layout::RouteLayout> = None;
        for new in wanted {
            if let Some(route) = known.get(&kind(new)) {
                previous = Some(route);
                continue;
            }
            let mut text = String::new();
            new.write(&mut text, indent);
            let at = match previous {
                Some(route) => {
                    self.text.own_lines(route.at.clone())?;
                    self.text.next_line(route.at.end)
                }
                None => {
                    self.text.own_lines(first.at.clone())?;
                    self.text.above(first.at.start)
                }
            };
            self.insert(at, text);
        }
        Ok(())
    }

    /// The routes without scopes, where the source tells which ones these are.
    fn open_routes(&mut self) -> std::result::Result<(), Box<Problem>> {
        for (heading, wanted) in table_open(self.table) {
            if let (Heading::Open(field), Some(wanted)) = (&heading, wanted) {
                self.open_field(&heading, field, wanted)?;
            }
        }
        Ok(())
    }

    fn open_field(
        &mut self,
        heading: &Heading,
        field: &str,
        wanted: &[table::ImportedRoute],
    ) -> std::result::Result<(), Box<Problem>> {
        let listed = open::routes(self.root, field);
        let wants: HashSet<Kind> = wanted.iter().map(kind).collect();
        let stays = |route: &layout::RouteLayout| {
            route.note.is_some() || parse(&route.text).is_some_and(|kind| wants.contains(&kind))
        };
        if listed.iter().any(stays) {
            let line = self.text.line(listed[0].at.start);
            let line = &self.text.0[line];
            let indent = line.len() - line.trim_start().len();
            return self.routes(heading, &listed, wanted, indent);
        }
        // Nothing of the field stays: it goes as a whole, and may come anew.
        let mut text = String::new();
        if !wanted.is_empty() {
            table::write_open(&mut text, field, wanted, 2);
        }
        let Some(node) = open::field(self.root, field) else {
            if !text.is_empty() {
                self.insert_block(&text)?;
            }
            return Ok(());
        };
        let Some(start) = self.text.field(field) else {
            return Err(Box::new(
                Problem::error(node.at.clone(), format!("`{field}` does not begin a line"))
                    .help("run `routescope fmt` on the file first"),
            ));
        };
        let lines = start..self.text.next_line(open::end(node));
        self.edits.push((lines, text));
        Ok(())
    }

    /// A new field, above `scopes:` and the comments that belong to it.
    fn insert_block(&mut self, text: &str) -> std::result::Result<(), Box<Problem>> {
        let Some(scopes) = self.text.field("scopes") else {
            if self.layout.scopes.is_empty() {
                self.insert(self.text.0.len(), text.to_owned());
                return Ok(());
            }
            return Err(Box::new(
                Problem::error(0..0, "`scopes` does not begin a line")
                    .help("run `routescope fmt` on the file first"),
            ));
        };
        let above = self.text.above(scopes);
        let at = self.text.0[..above].trim_end().len();
        let at = if at == 0 { 0 } else { self.text.next_line(at) };
        self.insert(at.min(above), text.to_owned());
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
                self.kept
                    .push((Heading::of(&scope.name), route.text.clone()));
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
