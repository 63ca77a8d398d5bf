//! The fields of a mapping, without a word of what they hold.

use routescope_source::report::Problem;
use routescope_source::suggest::nearest;
use routescope_source::yaml::{Node, Value};

/// The known fields of a mapping, by name.
pub(super) struct Fields<'n> {
    found: Vec<(&'static str, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// Sorts out which fields are known, and reports the others and those that are repeated.
    pub(super) fn new(
        fields: &'n [(Node, Node)],
        known: &[&'static str],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut found: Vec<(&'static str, &Node)> = Vec::with_capacity(fields.len());
        for (key, value) in fields {
            let written = match &key.value {
                Value::Text(text) => text.as_str(),
                _ => "",
            };
            let Some(name) = known.iter().copied().find(|name| *name == written) else {
                let help = match nearest(written, known.iter().copied()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                problems.push(Problem::error(key.at.clone(), "an unknown field").help(help));
                continue;
            };
            if found.iter().any(|(earlier, _)| *earlier == name) {
                problems.push(
                    Problem::error(key.at.clone(), format!("`{name}` a second time"))
                        .help("keep one of them"),
                );
                continue;
            }
            found.push((name, value));
        }
        Self { found }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        let mut found = self.found.iter();
        Some(found.find(|(found, _)| *found == name)?.1)
    }

    /// A field, or a problem at the mapping that lacks it.
    pub(super) fn required(
        &self,
        name: &str,
        of: &Node,
        problems: &mut Vec<Problem>,
    ) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            problems.push(Problem::error(of.at.clone(), format!("`{name}` is missing")).help(
                match name {
                    "version" => "write `version: 1`",
                    "keys" => "write each key below `keys:`, behind a `-`; where there is none yet, write `keys: []`",
                    "scopes" => "write `scopes: [\"orders:read\"]`; `scopes: []` is a key without scopes",
                    "id" => "name the owner of the key: `id: front-desk`",
                    _ => "say until when it is valid: `expires: 2027-06-30T00:00:00Z`",
                },
            ));
        }
        found
    }
}

/// A value that must be a text; `what` it is.
pub(super) fn text<'n>(node: &'n Node, what: &str, problems: &mut Vec<Problem>) -> Option<&'n str> {
    let found = match &node.value {
        Value::Text(text) if !text.is_empty() => return Some(text),
        other => describe(other),
    };
    let help = match &node.value {
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) => "put it into quotes",
        _ => "write it behind the colon, or remove the line",
    };
    problems.push(
        Problem::error(
            node.at.clone(),
            format!("{what} is expected, and here is {found}"),
        )
        .help(help),
    );
    None
}

/// The type of a value, and nothing of the value.
pub(super) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Text(text) if text.is_empty() => "an empty text",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}
