//! Reads mappings with known fields, and notes every mistake at its position.

use std::ops::Range;

use routescope_compiler::Problem;
use routescope_compiler::unstable::nearest;
use routescope_compiler::unstable::yaml::{Node, Value};

use crate::wire::cut;

/// Takes a file apart and notes its mistakes.
pub(super) struct TestReader<'s> {
    source: &'s str,
    pub(super) problems: Vec<Problem>,
    /// The position of the first mistake beyond [`MOST_PROBLEMS`], if there is one.
    more: Option<Range<usize>>,
    /// A position and its line. The next position that is asked for mostly follows it.
    place: (usize, usize),
}

/// At most this many mistakes of a file are shown.
const MOST_PROBLEMS: usize = 20;

/// The known name that is probably meant. A text much longer than any name is not compared.
pub(super) fn near(
    written: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    (written.len() <= 64).then(|| nearest(written, known))?
}

/// The fields of a mapping by name.
pub(super) struct Fields<'n> {
    /// The position to show when a field is missing.
    pub(super) at: Range<usize>,
    found: Vec<(&'static str, &'n Node)>,
    /// The fields that a misspelled one is meant to be: they are reported, and not missing.
    meant: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.found
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, node)| *node)
    }

    /// Whether the field is missing in every spelling.
    fn lacks(&self, name: &str) -> bool {
        self.get(name).is_none() && !self.meant.contains(&name)
    }
}

impl<'s> TestReader<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            problems: Vec::new(),
            more: None,
            place: (0, 1),
        }
    }

    pub(super) fn optional(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        example: &str,
    ) -> Option<String> {
        fields
            .get(name)
            .and_then(|node| self.text(node, &format!("`{name}`"), example))
    }

    pub(super) fn text(&mut self, node: &Node, what: &str, expected: &str) -> Option<String> {
        if let Value::Text(text) = &node.value {
            return Some(text.clone());
        }
        let not = if matches!(node.value, Value::Null) {
            ""
        } else {
            ", not a text"
        };
        let quotes = match node.value {
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                "; what looks like a number or a truth value needs quotes"
            }
            Value::Map(_) => "; what has a `: ` or braces in it needs quotes",
            _ => "",
        };
        let message = format!("{what} is {}{not}", node.value.kind());
        self.error(
            node.at.clone(),
            message,
            format!("write {expected}{quotes}"),
        );
        None
    }

    /// The fields of a mapping; unknown and repeated ones are reported.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
        example: &str,
    ) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            let message = format!("{what} is {}, not a mapping", node.value.kind());
            self.error(node.at.clone(), message, example);
            return None;
        };
        let list = known.join("`, `");
        let mut fields = Fields {
            at: node.at.clone(),
            found: Vec::new(),
            meant: Vec::new(),
        };
        for (key, value) in entries {
            if self.gives_up() {
                break;
            }
            let name = match &key.value {
                Value::Text(name) => name.as_str(),
                _ => "",
            };
            let Some(field) = known.iter().find(|known| **known == name) else {
                let help = match near(name, known.iter().copied()) {
                    Some(near) => {
                        fields
                            .meant
                            .extend(known.iter().find(|known| **known == near));
                        format!("did you mean `{near}`?")
                    }
                    None => format!("its fields are `{list}`"),
                };
                let message = match &key.value {
                    Value::Text(name) => format!("{what} has no field `{}`", cut(name)),
                    other => format!("{what} has no field that is {}", other.kind()),
                };
                self.error(key.at.clone(), message, help);
                continue;
            };
            if fields.get(field).is_some() {
                self.error(
                    key.at.clone(),
                    format!("`{field}` occurs here twice"),
                    "keep one of them",
                );
                continue;
            }
            fields.found.push((field, value));
        }
        Some(fields)
    }

    pub(super) fn missing(&mut self, fields: &Fields<'_>, name: &str, help: impl Into<String>) {
        if fields.lacks(name) {
            self.error(fields.at.clone(), format!("`{name}` is missing"), help);
        }
    }

    /// The line in which a value begins. All lines of a file's values cost one pass over the
    /// file if they are asked for in the order of the file.
    pub(super) fn line(&mut self, node: &Node) -> usize {
        let at = node.at.start;
        // An alias leads back.
        if at < self.place.0 {
            self.place = (0, 1);
        }
        let between = self.source.get(self.place.0..at).unwrap_or_default();
        let line = self.place.1 + between.matches('\n').count();
        self.place = (at, line);
        line
    }

    /// Every mistake that is shown; the last says that there are more.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        if let Some(at) = self.more {
            let message = "there are more mistakes, and nothing was read from here on";
            let help = "correct those above first: many have one cause";
            self.problems.push(Problem::error(at, message).help(help));
        }
        self.problems
    }

    /// Whether reading on is of no use: there are more mistakes than anybody
    /// wants to see.
    pub(super) fn gives_up(&self) -> bool {
        self.more.is_some()
    }

    /// Forgets the problems noted so far.
    pub(super) fn forget_problems(&mut self) {
        self.problems.clear();
        self.more = None;
    }

    /// Notes a mistake. A report takes the mistakes that one line of code notes for one kind.
    #[track_caller]
    pub(super) fn error(
        &mut self,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::error(at, message).help(help));
        } else {
            self.more.get_or_insert(at);
        }
    }
}
