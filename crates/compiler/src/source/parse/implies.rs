//! `implies:`, a mapping from a scope to the scopes that it implies.

use super::Parser;
use crate::source::document::{ImpliesEntry, Spanned};
use crate::source::report::{Problem, quoted};
use crate::source::yaml::{Node, Value};

const IMPLIES: &str = "write each scope with the list of scopes that it implies:\n\
    implies:\n  \
      \"write:org\": [\"read:org\"]";

const SCOPE: &str = "a scope, such as `read:org`";

impl Parser<'_> {
    pub(super) fn implies(&mut self, node: &Node) -> Vec<ImpliesEntry> {
        let entries = match &node.value {
            Value::Null => return Vec::new(),
            Value::Map(entries) => entries,
            other => {
                let message = format!("`implies` is {}, not a mapping", other.kind());
                self.report(Problem::error(node.at.clone(), message).help(IMPLIES));
                return Vec::new();
            }
        };
        let mut implies: Vec<ImpliesEntry> = Vec::with_capacity(entries.len());
        let mut seen = std::collections::HashMap::new();
        for (key, value) in entries {
            let Some(name) = self.text(key, "the scope", SCOPE) else {
                continue;
            };
            if let Some(first) = seen.insert(name.value.clone(), name.at.clone()) {
                self.report(
                    Problem::error(
                        name.at.clone(),
                        format!("{} stands in `implies` twice", quoted(&name.value)),
                    )
                    .label("again")
                    .with_label(first, "first here")
                    .help("put all that it implies into one list"),
                );
            }
            let implied = self.implied(&name, value);
            implies.push(ImpliesEntry { name, implied });
        }
        implies
    }

    fn implied(&mut self, name: &Spanned<String>, node: &Node) -> Vec<Spanned<String>> {
        let Value::List(items) = &node.value else {
            let list = match &node.value {
                Value::Text(text) => format!("write a list: `[\"{text}\"]`"),
                _ => IMPLIES.to_owned(),
            };
            let what = quoted(&name.value);
            let message = match &node.value {
                Value::Null => format!("{what} implies nothing"),
                other => format!("{what} implies {}, not a list", other.kind()),
            };
            self.report(Problem::error(node.at.clone(), message).help(list));
            return Vec::new();
        };
        let texts = items.iter().map(|item| self.text(item, "the scope", SCOPE));
        texts.collect::<Vec<_>>().into_iter().flatten().collect()
    }
}
