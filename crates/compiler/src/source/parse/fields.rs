//! The fields of a mapping, each known one at most once, and the simple values
//! that stand in them.

use std::ops::Range;

use super::{Parser, method};
use crate::source::document::Spanned;
use crate::source::report::{Problem, quoted};
use crate::source::suggest::nearest;
use crate::source::yaml::{Node, Value};

/// The fields of a mapping, each known one at most once.
pub(super) struct Fields<'n> {
    /// The span to point at when a field is missing.
    at: Range<usize>,
    found: Vec<(&'static str, &'n Node)>,
    /// Those that a misspelled one is meant to be: reported, and not missing.
    meant: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn find(&self, name: &str) -> Option<&'n Node> {
        self.found
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, node)| *node)
    }
}

impl Parser<'_> {
    /// The entries of a mapping by name; unknown and repeated ones are reported.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Option<Fields<'n>> {
        let list = known
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let Value::Map(entries) = &node.value else {
            self.report(
                Problem::error(
                    node.at.clone(),
                    format!("{what} is {}, not a mapping", node.value.kind()),
                )
                .help(format!("its fields are {list}, each written `name: value`, with a space behind the colon")),
            );
            return None;
        };
        let mut fields = Fields {
            at: node.at.clone(),
            found: Vec::new(),
            meant: Vec::new(),
        };
        let mut places: Vec<(&str, Range<usize>)> = Vec::new();
        for (key, value) in entries {
            let Value::Text(name) = &key.value else {
                self.report(
                    Problem::error(
                        key.at.clone(),
                        format!("{what} has no field that is {}", key.value.kind()),
                    )
                    .help(format!("its fields are {list}")),
                );
                continue;
            };
            let Some(known) = known.iter().find(|known| *known == name) else {
                let unspaced = name.split_once(':').and_then(|(before, value)| {
                    Some((*known.iter().find(|known| **known == before)?, value))
                });
                let help = match nearest(name, known.iter().copied()) {
                    _ if let Some((near, value)) = unspaced => {
                        fields.meant.push(near);
                        format!("write a space behind the colon: `{near}: {value}`")
                    }
                    Some(near) => {
                        fields.meant.push(near);
                        format!("did you mean `{near}`?")
                    }
                    None if known.contains(&"routes") && method(name).is_some() => {
                        "put it into the list `routes:`, as `- GET /things/`".to_owned()
                    }
                    None if known.contains(&"scopes") && name.contains(':') => {
                        "if it is a scope, indent it: scopes stand below `scopes:`".to_owned()
                    }
                    None => format!("its fields are {list}"),
                };
                self.report(
                    Problem::error(
                        self.without_quotes(key, name),
                        format!("{what} has no field {}", quoted(name)),
                    )
                    .help(help),
                );
                continue;
            };
            if let Some((_, first)) = places.iter().find(|(seen, _)| seen == known) {
                self.report(
                    Problem::error(key.at.clone(), format!("`{name}` stands here twice"))
                        .label("again")
                        .with_label(first.clone(), "first here")
                        .help("write it once, with all that belongs to it"),
                );
                continue;
            }
            places.push((known, key.at.clone()));
            fields.found.push((known, value));
        }
        Some(fields)
    }

    pub(super) fn required<'n>(
        &mut self,
        fields: &Fields<'n>,
        name: &str,
        example: &str,
    ) -> Option<&'n Node> {
        self.required_as(fields, name, &format!("add `{example}`"))
    }

    pub(super) fn required_as<'n>(
        &mut self,
        fields: &Fields<'n>,
        name: &str,
        help: &str,
    ) -> Option<&'n Node> {
        let found = fields.find(name);
        if found.is_none() && !fields.meant.contains(&name) {
            self.report(
                Problem::error(fields.at.clone(), format!("`{name}` is missing")).help(help),
            );
        }
        found
    }

    /// The text that `what` is, `expected` being what should stand there.
    pub(super) fn text(
        &mut self,
        node: &Node,
        what: &str,
        expected: &str,
    ) -> Option<Spanned<String>> {
        if let Value::Text(text) = &node.value {
            return Some(Spanned {
                value: text.clone(),
                at: self.without_quotes(node, text),
            });
        }
        let help = match node.value {
            Value::Map(_) => {
                format!("write {expected}; if there is a `: ` in it, put it into quotes")
            }
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                format!(
                    "write {expected}; if it looks like a number or a truth value, put it into quotes"
                )
            }
            _ => format!("write {expected}"),
        };
        let not = if matches!(node.value, Value::Null) {
            ""
        } else {
            ", not a text"
        };
        self.report(
            Problem::error(
                node.at.clone(),
                format!("{what} is {}{not}", node.value.kind()),
            )
            .help(help),
        );
        None
    }

    /// The place of the text itself, if the file has it unchanged.
    fn without_quotes(&self, node: &Node, text: &str) -> Range<usize> {
        let whole = self.source.get(node.at.clone()).unwrap_or_default();
        match whole.find(text) {
            Some(offset) => node.at.start + offset..node.at.start + offset + text.len(),
            None => node.at.clone(),
        }
    }

    /// The choice that the file makes.
    pub(super) fn choice(&mut self, node: &Node, name: &str, choices: &[&str]) -> Option<usize> {
        if let Value::Text(text) = &node.value
            && let Some(chosen) = choices.iter().position(|choice| choice == text)
        {
            return Some(chosen);
        }
        let list = choices
            .iter()
            .map(|choice| format!("`{name}: {choice}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        self.report(
            Problem::error(
                node.at.clone(),
                format!("`{name}` is {}", node.value.kind()),
            )
            .help(format!("write {list}")),
        );
        None
    }
}
