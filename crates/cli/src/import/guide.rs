//! `--from guide`: the mapping of an API-key guide, as flat text, Markdown or HTML.
//!
//! Every line of the mapping must be understood: a scope, a line that says what it is for, a
//! table of methods and routes, the next scope. Any other line in it is an error, because a
//! route that is dropped unnoticed is denied, and one that is read wrongly may be allowed.
//! Outside of the mapping, only some facts are looked for.

mod facts;
mod html;
mod inline;
mod line;
mod markdown;
mod section;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::template::Template;
use routescope_compiler::{Problem, Report};

use super::refusals::{Refusals, cut};
use super::table::{ImportedRoute, ImportedScope, ImportedTable, Stated, is_scope};
use crate::wire::count;
use line::{Line, LineKind, MOST_CELLS, MOST_LINES};
use section::{Columns, columns, is_of_a_mapping, section};

/// Reads a guide; `file` names it in messages.
pub(super) fn read(file: &str, source: &str) -> Result<ImportedTable, Report> {
    let refused = |problems| Report::new(file, source, problems);
    let is_html = html::is_html(source);
    let lines = if is_html {
        html::lines(source)
    } else {
        markdown::lines(source)
    };
    let Some(lines) = lines else {
        let message = format!(
            "the guide has more than {}",
            count(MOST_LINES as u64, "line")
        );
        return Err(refused(vec![Problem::error(0..0, message).help(
            "keep its mapping and what belongs to it, and remove the rest from the file",
        )]));
    };
    let section = section(&lines).map_err(|problem| refused(vec![problem]))?;
    let mut reader = GuideReader {
        table: ImportedTable::default(),
        refusals: Refusals::default(),
        scopes: HashMap::new(),
        routes: HashMap::new(),
        columns: None,
        wraps: !is_html
            && lines
                .iter()
                .any(|line| matches!(line.kind, LineKind::Heading(_))),
        last_was_summary: false,
        refused: false,
        told: 0,
    };
    for line in &lines[section.clone()] {
        reader.line(line);
    }
    reader.close_scope();
    // A scope in a paragraph may be an example; in a heading it is none.
    let outside = |line: &&Line| line.kind != LineKind::Text && is_of_a_mapping(line);
    for line in lines[section.end..].iter().filter(outside) {
        reader.refuse(
            "after the mapping",
            line,
            "a route or a scope after the end of the mapping",
            "move it into the mapping section, or remove it from the file",
        );
    }
    let GuideReader {
        mut table,
        refusals,
        ..
    } = reader;
    if !refusals.is_empty() {
        return Err(refusals.report(file, source));
    }
    let rest: Vec<&Line> = lines[..section.start]
        .iter()
        .chain(&lines[section.end..])
        .collect();
    facts::find(source, &rest, &mut table);
    Ok(table)
}

struct GuideReader {
    table: ImportedTable,
    refusals: Refusals,
    /// The position of each scope.
    scopes: HashMap<String, Range<usize>>,
    /// The position of each route of the scope that is being read.
    routes: HashMap<(Method, Rc<Template>), Range<usize>>,
    /// The columns of the table that is being read.
    columns: Option<Columns>,
    /// Whether a paragraph may go on in the next line.
    wraps: bool,
    last_was_summary: bool,
    /// Whether a line of this scope was refused: the consequences of that are not worth another
    /// message.
    refused: bool,
    /// The number of problems that were reported before this scope.
    told: u64,
}

impl GuideReader {
    fn line(&mut self, line: &Line) {
        let continued = std::mem::take(&mut self.last_was_summary) && self.wraps;
        match &line.kind {
            LineKind::Blank => {}
            LineKind::Text | LineKind::Heading(_) if is_scope(&line.text) => self.scope(line),
            _ if self.refused => {}
            LineKind::Heading(_) => self.refuse(
                "heading",
                line,
                "a heading in the mapping that is no scope",
                "a scope is `resource:action`, such as `devices:read` or `devices:*`; if the heading says nothing about routes, remove it from the file",
            ),
            LineKind::Row(cells) => self.row(line, cells),
            LineKind::Separator if self.columns.is_some() => {}
            LineKind::Separator => self.refuse("no table", line, "a line of a table without a head above", NO_TABLE),
            LineKind::Text | LineKind::Bullet => self.text(line, continued),
        }
    }

    fn scope(&mut self, line: &Line) {
        self.close_scope();
        if let Some(first) = self.scopes.insert(line.text.clone(), line.at.clone()) {
            self.refusals.add(
                "scope twice",
                Problem::error(
                    line.at.clone(),
                    format!("`{}` occurs in the mapping twice", line.text),
                )
                .with_label(first, "first here")
                .help("put its routes below one of them; or ask the guide's author which is meant"),
            );
        }
        self.table.scopes.push(ImportedScope {
            name: line.text.clone(),
            summary: None,
            routes: Vec::new(),
            at: line.at.clone(),
        });
    }

    /// A scope has routes, or something about it was not understood.
    fn close_scope(&mut self) {
        self.columns = None;
        self.refused = false;
        self.routes.clear();
        let total = self.refusals.total();
        let refused = std::mem::replace(&mut self.told, total) < total;
        let last = self.table.scopes.last();
        if let Some(scope) = last.filter(|scope| scope.routes.is_empty() && !refused) {
            self.refusals.add(
                "no routes",
                Problem::error(scope.at.clone(), format!("no routes were found below `{}`", scope.name)).help(
                    "a table with the columns `Method` and `Route` belongs below a scope; if it has no routes, remove it from the file",
                ),
            );
        }
    }

    fn row(&mut self, line: &Line, cells: &[String]) {
        let Some(columns) = self.columns else {
            match columns(cells) {
                Some(_) if self.table.scopes.is_empty() => {
                    self.refuse("no scope", line, "a table of routes without a scope above it", NO_SCOPE);
                }
                Some(found) => match found.unknown(cells) {
                    None => self.columns = Some(found),
                    Some(unknown) => self.refuse(
                        "column",
                        line,
                        &format!("the column `{}`, next to `Method` and `Route`", cut(unknown)),
                        "what it says of a route, nobody here knows: if it is no condition for its use, call it `Description`, or remove it from the file",
                    ),
                },
                None => self.refuse("no table", line, "a row of a table without a head above", NO_TABLE),
            }
            return;
        };
        if cells.len() != columns.all {
            let more = if cells.len() == MOST_CELLS {
                " or more"
            } else {
                ""
            };
            let message = format!(
                "a row of {} cells{more}, in a table of {}",
                cells.len(),
                columns.all
            );
            self.refuse(
                "cells",
                line,
                &message,
                "write one method and one route in a row",
            );
            return;
        }
        self.route(line, &cells[columns.method], &cells[columns.route]);
    }

    fn route(&mut self, line: &Line, method: &str, path: &str) {
        let Some(method) = Method::from_bytes(method.as_bytes()) else {
            let names = Method::ALL.map(Method::as_str).join(", ");
            self.refuse(
                "method",
                line,
                &format!("`{}` is not a method", cut(method)),
                &format!("write one of {names}, one in a row"),
            );
            return;
        };
        let template = match Template::parse(path) {
            Ok(template) => Rc::new(template),
            Err(bad) => {
                self.refuse(
                    "template",
                    line,
                    &format!("`{}` is no route: {}", cut(path), bad.message),
                    &bad.help,
                );
                return;
            }
        };
        let Some(scope) = self.table.scopes.last_mut() else {
            return;
        };
        let action = scope.name.split(':').nth(1).unwrap_or_default();
        let contradicts = match action {
            "read" => !method.is_read(),
            "*" => method.is_read(),
            _ => false,
        };
        if contradicts {
            let message = format!(
                "{method} under `{}`, against the guide's own rule",
                scope.name
            );
            self.refuse(
                "rule",
                line,
                &message,
                "GET and HEAD belong under `:read` and other methods under `:*`: correct the file, or ask the guide's author what is meant",
            );
            return;
        }
        let known = self.routes.entry((method, Rc::clone(&template)));
        if let Entry::Occupied(first) = &known {
            self.refusals.add(
                "route twice",
                Problem::error(
                    line.at.clone(),
                    format!("`{method} {path}` occurs below `{}` twice", scope.name),
                )
                .with_label(first.get().clone(), "first here")
                .help("remove one of them from the file"),
            );
            return;
        }
        known.or_insert(line.at.clone());
        scope.routes.push(ImportedRoute {
            method,
            path: path.to_owned(),
            template,
            overlap: false,
        });
    }

    fn text(&mut self, line: &Line, continued: bool) {
        let Some(scope) = self.table.scopes.last_mut() else {
            self.introduction(line);
            return;
        };
        let fresh =
            self.columns.is_none() && line.kind == LineKind::Text && !names_a_route(&line.text);
        match &mut scope.summary {
            summary @ None if fresh => *summary = Some(line.text.clone()),
            Some(summary) if fresh && continued => {
                summary.push(' ');
                summary.push_str(&line.text);
            }
            _ => {
                self.refuse(
                    "not understood",
                    line,
                    "this was not understood",
                    "below a scope come one sentence that says what it is for, and its table of routes. If this line is a scope, write it as `resource:action`; if it says nothing about which scope opens which route, remove it from the file",
                );
                return;
            }
        }
        self.last_was_summary = true;
    }

    /// Reads a line between the heading and the first scope.
    fn introduction(&mut self, line: &Line) {
        if names_a_route(&line.text) {
            self.refuse(
                "no scope",
                line,
                "a route without a scope above it",
                NO_SCOPE,
            );
            return;
        }
        if let Some(date) = facts::updated(&line.text) {
            self.table.updated = Some(date);
        }
        if let Some((routes, scopes)) = facts::counts(&line.text) {
            self.table.stated = Some(Stated { routes, scopes });
        }
    }

    #[track_caller]
    fn refuse(&mut self, kind: &'static str, line: &Line, message: &str, help: &str) {
        // A bad row spoils no other; a bad line of another kind may spoil the lines below it.
        let spoils = self.columns.is_none() || !matches!(line.kind, LineKind::Row(_));
        self.refused |= spoils;
        self.refusals
            .add(kind, Problem::error(line.at.clone(), message).help(help));
    }
}

const NO_TABLE: &str =
    "a table of routes begins with a row that says `Method` and `Route`, below a scope";
const NO_SCOPE: &str = "write the scope that opens it in a line above, such as `devices:read`";

/// Whether a sentence has a path in it, or a method next to one: summaries name none.
fn names_a_route(text: &str) -> bool {
    text.split_whitespace()
        .any(|word| word.starts_with('/') && word.len() > 1)
}
