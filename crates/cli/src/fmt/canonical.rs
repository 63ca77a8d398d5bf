//! The one way to write a policy.

use std::fmt::Write;

use routescope_compiler::unstable::yaml::{self, Node, Value};

use super::layout::{
    Comment, ImpliesLayout, Layout, Remarks, RouteLayout, RouteList, ScopeLayout, Slot,
};

/// The fields in their order; the lists and `scopes` follow.
const FIELDS: [&str; 10] = [
    "version",
    "name",
    "updated",
    "revision",
    "scope_names",
    "umbrella",
    "global",
    "key",
    "paths",
    "method_rule",
];

/// The fields of `key` and `paths` in theirs.
const SUBS: [&str; 6] = [
    "prefix",
    "length",
    "alphabet",
    "trailing_slash",
    "case",
    "values",
];

/// The fields that list routes, in their order.
const OPEN: [&str; 2] = ["public", "any_key"];

/// Writes a policy in canonical form, comments included.
pub(crate) fn write(layout: &Layout) -> String {
    let mut writer = CanonicalWriter {
        layout,
        text: String::new(),
    };
    writer.file();
    writer.text
}

/// A text as a plain value where YAML reads it back as the same, or in quotes.
pub(crate) fn scalar(text: &str) -> String {
    scalar_within(text, "", "")
}

/// Writes a value between brackets as [`scalar`] does.
fn flow_scalar(text: &str) -> String {
    scalar_within(text, "{ ", " }")
}

fn scalar_within(text: &str, open: &str, close: &str) -> String {
    // Most values are simple; whether others are, the reader knows best.
    let plain = |text: &str| {
        let read = yaml::read(&format!("{open}k: {text}{close}\n"));
        matches!(
            read.map(|node| node.value),
            Ok(Value::Map(entries)) if matches!(
                entries.as_slice(),
                [(_, Node { value: Value::Text(same), .. })] if same == text
            )
        )
    };
    if is_prose(text) || !text.contains(['\n', '\r', '\t']) && plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Whether a text is words of letters and digits, at least two: nothing that a
/// reader could take for anything else.
fn is_prose(text: &str) -> bool {
    let within = |byte: u8| byte.is_ascii_alphanumeric() || b" _-/.".contains(&byte);
    text.bytes().all(within)
        && text.contains(' ')
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
}

/// The scopes of a heading in the byte order of their names.
fn heading(text: &str) -> String {
    let mut names: Vec<&str> = text.split(' ').collect();
    names.sort_unstable();
    names.join(" ")
}

/// Writes a text in double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A route as an entry of a list writes it. Nearly all are plain.
pub(crate) fn route(text: &str) -> String {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" /-._{}*".contains(&byte))
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ');
    if plain { text.to_owned() } else { scalar(text) }
}

struct CanonicalWriter<'l> {
    layout: &'l Layout,
    text: String,
}

impl CanonicalWriter<'_> {
    fn file(&mut self) {
        let layout = self.layout;
        self.comments(&layout.header, 0, true);
        if !layout.header.is_empty() {
            self.text.push('\n');
        }
        for name in FIELDS {
            if let Some((_, value)) = layout.fields.iter().find(|(field, _)| field == name) {
                self.field(name, value);
            }
        }
        if let Some(implies) = &layout.implies {
            self.implies(implies);
        }
        for name in OPEN {
            if let Some((_, routes)) = layout.open.iter().find(|(field, _)| field == name) {
                self.open(name, routes);
            }
        }
        if layout.has_scopes {
            self.scopes(&layout.scopes);
        }
        if layout.footer.first().is_some_and(|comment| !comment.blank) {
            self.comments(&layout.footer, 0, false);
        } else if !layout.footer.is_empty() {
            self.text.push('\n');
            self.comments(&layout.footer, 0, true);
        }
    }

    fn field(&mut self, name: &str, value: &Node) {
        let slot = Slot::Field(name.to_owned());
        let first = self.is_apart();
        match &value.value {
            Value::Map(entries) => {
                let sub = |sub: &str| Slot::Sub(name.to_owned(), sub.to_owned());
                let sorted: Vec<(&str, &Node)> = SUBS
                    .iter()
                    .filter_map(|known| {
                        let (_, value) =
                            entries.iter().find(|(key, _)| plain_text(key) == *known)?;
                        Some((*known, value))
                    })
                    .collect();
                let several = sorted
                    .iter()
                    .any(|(known, _)| self.remarks(&sub(known)).is_some());
                if several {
                    self.line(&slot, first, &format!("{name}:"));
                    for (i, (known, value)) in sorted.iter().enumerate() {
                        let text = format!("{known}: {}", value_text(value, scalar));
                        self.line(&sub(known), i == 0, &text);
                    }
                } else {
                    let inner: Vec<String> = sorted
                        .iter()
                        .map(|(known, value)| {
                            format!("{known}: {}", value_text(value, flow_scalar))
                        })
                        .collect();
                    self.line(&slot, first, &format!("{name}: {{ {} }}", inner.join(", ")));
                }
            }
            _ => {
                let text = format!("{name}: {}", value_text(value, scalar));
                self.line(&slot, first, &text);
            }
        }
    }

    fn implies(&mut self, implies: &[ImpliesLayout]) {
        let slot = Slot::Field("implies".to_owned());
        let empty = if implies.is_empty() { " {}" } else { "" };
        self.line(&slot, self.is_apart(), &format!("implies:{empty}"));
        for (index, entry) in implies.iter().enumerate() {
            let slot = Slot::Implies(index);
            let first = index == 0;
            let name = quoted(&entry.name);
            let implied: Vec<String> = entry.implied.iter().map(|scope| quoted(scope)).collect();
            let item = |number| Slot::Implied(index, number);
            let has_remarks = |number| self.remarks(&item(number)).is_some();
            if !(0..implied.len()).any(has_remarks) {
                let list = implied.join(", ");
                self.line(&slot, first, &format!("{name}: [{list}]"));
                continue;
            }
            self.line(&slot, first, &format!("{name}:"));
            for (number, scope) in implied.iter().enumerate() {
                self.line(&item(number), number == 0, &format!("- {scope}"));
            }
        }
    }

    /// A list of routes that need no scope.
    fn open(&mut self, name: &str, routes: &[RouteLayout]) {
        let slot = Slot::Field(name.to_owned());
        let empty = if routes.is_empty() { " []" } else { "" };
        self.line(&slot, self.is_apart(), &format!("{name}:{empty}"));
        let list = RouteList::Field(name.to_owned());
        for (number, route) in routes.iter().enumerate() {
            self.route(&list, number, route);
        }
    }

    /// Whether an empty line, or the beginning of the file, precedes the next line.
    fn is_apart(&self) -> bool {
        self.text.is_empty() || self.text.ends_with("\n\n")
    }

    fn scopes(&mut self, scopes: &[ScopeLayout]) {
        let slot = Slot::Field("scopes".to_owned());
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        let empty = if scopes.is_empty() { " {}" } else { "" };
        self.line(&slot, true, &format!("scopes:{empty}"));
        for (index, scope) in scopes.iter().enumerate() {
            if index > 0 {
                self.text.push('\n');
            }
            self.line(
                &Slot::Scope(index),
                true,
                &format!("{}:", quoted(&heading(&scope.name))),
            );
            self.scope(index, scope);
        }
    }

    fn scope(&mut self, index: usize, scope: &ScopeLayout) {
        let slot = |field: &str| Slot::ScopeField(index, field.to_owned());
        if let Some(name) = &scope.code_name {
            self.line(&slot("name"), true, &format!("name: {}", scalar(name)));
        }
        if let Some(summary) = &scope.summary {
            let text = format!("summary: {}", scalar(summary));
            self.line(&slot("summary"), scope.code_name.is_none(), &text);
        }
        let remarked = self.remarks(&slot("routes")).is_some();
        if !scope.routes.is_empty() || scope.lists && remarked {
            let first = scope.code_name.is_none() && scope.summary.is_none();
            self.line(&slot("routes"), first, "routes:");
        }
        let list = RouteList::Scope(index);
        for (number, route) in scope.routes.iter().enumerate() {
            self.route(&list, number, route);
        }
    }

    fn route(&mut self, list: &RouteList, number: usize, listed: &RouteLayout) {
        let slot = |field: &str| Slot::Route(list.clone(), number, field.to_owned());
        let text = route(&listed.text);
        let first = number == 0;
        if listed.code_name.is_none() && listed.note.is_none() && listed.flags.is_empty() {
            self.line(&slot("route"), first, &format!("- {text}"));
            return;
        }
        self.line(&slot("route"), first, &format!("- route: {text}"));
        if let Some(name) = &listed.code_name {
            self.line(&slot("name"), false, &format!("name: {}", scalar(name)));
        }
        if let Some(note) = &listed.note {
            self.line(&slot("note"), false, &format!("note: {}", scalar(note)));
        }
        for (name, value) in &listed.flags {
            let text = format!("{name}: {}", value_text(value, scalar));
            self.line(&slot(name), false, &text);
        }
    }

    fn remarks(&self, slot: &Slot) -> Option<&Remarks> {
        self.layout.remarks.get(slot)
    }

    /// Writes a line with the comments that belong to it. Nothing separates a `first` line from
    /// its parent.
    fn line(&mut self, slot: &Slot, first: bool, text: &str) {
        let layout = self.layout;
        let none = Remarks::default();
        let remarks = layout.remarks.get(slot).unwrap_or(&none);
        let indent = slot.level();
        self.comments(&remarks.before, indent, first);
        if remarks.apart {
            self.text.push('\n');
        }
        let _ = write!(self.text, "{:indent$}{text}", "");
        if let Some((spaces, comment)) = &remarks.at_end {
            let _ = write!(self.text, "{:spaces$}{comment}", "");
        }
        self.text.push('\n');
        self.comments(&remarks.after, slot.inner(), false);
    }

    fn comments(&mut self, comments: &[Comment], indent: usize, first: bool) {
        for (i, comment) in comments.iter().enumerate() {
            if comment.blank && !(first && i == 0) {
                self.text.push('\n');
            }
            let _ = writeln!(self.text, "{:indent$}{}", "", comment.text);
        }
    }
}

/// Writes a text by `write`, and a number unchanged.
fn value_text(node: &Node, write: fn(&str) -> String) -> String {
    match &node.value {
        Value::Text(text) => write(text),
        _ => plain_text(node),
    }
}

fn plain_text(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => String::new(),
    }
}
