//! A routes.yaml with everything that its meaning leaves out: comments, and
//! what belongs to which.
//!
//! The YAML reader says where each value stands. All that is not a value is
//! looked at here, byte by byte: what is neither space, punctuation nor a
//! comment (an anchor, a tag, the sign of a block text) is refused, so that
//! nothing can get lost unnoticed.

use std::collections::BTreeMap;
use std::ops::Range;

use routescope_compiler::Problem;
use routescope_compiler::yaml::{self, Node, Value};

/// A line of the canonical file, which comments can belong to.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Slot {
    /// A field of the policy.
    Field(String),
    /// A field of `key` or `paths`, where these take several lines.
    Sub(String, String),
    /// A scope, by its place in the file.
    Scope(usize),
    /// `summary` or `routes` of a scope.
    ScopeField(usize, String),
    /// `route`, `note` or `overlap` of a route.
    Route(usize, usize, String),
}

impl Slot {
    /// How deep the line is indented in canonical form.
    pub(crate) fn level(&self) -> usize {
        match self {
            Self::Field(_) => 0,
            Self::Sub(..) | Self::Scope(_) => 2,
            Self::ScopeField(..) => 4,
            Self::Route(_, _, field) if field == "route" => 6,
            Self::Route(..) => 8,
        }
    }

    /// How deep comments are indented that stand below the line and belong to
    /// it.
    pub(crate) fn inner(&self) -> usize {
        let opens = match self {
            Self::Field(name) => name == "scopes",
            Self::Scope(_) => true,
            Self::ScopeField(_, name) => name == "routes",
            Self::Sub(..) | Self::Route(..) => false,
        };
        self.level() + if opens { 2 } else { 0 }
    }
}

/// What belongs to a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks {
    /// Comments above.
    pub(crate) before: Vec<Comment>,
    /// Whether an empty line stands below these.
    pub(crate) apart: bool,
    /// Comments behind, each with the spaces before it.
    pub(crate) behind: Vec<(usize, String)>,
    /// Comments below that belong to this line rather than to the next: they
    /// are indented deeper than that one.
    pub(crate) after: Vec<Comment>,
}

/// A comment in a line of its own, with its `#`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Comment {
    /// Whether an empty line stands above it.
    pub(crate) blank: bool,
    pub(crate) text: String,
}

/// A file, taken apart.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The fields of the policy in the file's order, but for `scopes`.
    pub(crate) fields: Vec<(String, Node)>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) remarks: BTreeMap<Slot, Remarks>,
    /// Comments on top that belong to the file.
    pub(crate) header: Vec<Comment>,
    /// Comments at the end.
    pub(crate) footer: Vec<Comment>,
}

#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) name: String,
    /// Where its name begins, quotes included, and where its last value ends.
    pub(crate) at: Range<usize>,
    pub(crate) summary: Option<String>,
    /// Whether `routes:` stands there.
    pub(crate) lists: bool,
    pub(crate) routes: Vec<Route>,
}

#[derive(Debug)]
pub(crate) struct Route {
    /// `METHOD /template/`
    pub(crate) text: String,
    pub(crate) note: Option<String>,
    pub(crate) overlap: bool,
    /// From its first name or value to the end of its last value.
    pub(crate) at: Range<usize>,
}

impl Layout {
    /// Takes the text of a policy apart that compiles.
    pub(crate) fn new(source: &str) -> Result<Self, Problem> {
        let root = yaml::read(source)?;
        let mut taker = Taker {
            source,
            values: Vec::new(),
            slots: Vec::new(),
        };
        taker.values(&root);
        let comments = taker.comments()?;
        let mut layout = Self {
            fields: Vec::new(),
            scopes: Vec::new(),
            remarks: BTreeMap::new(),
            header: Vec::new(),
            footer: Vec::new(),
        };
        for (key, value) in map(&root) {
            let name = text(key);
            taker.slot(key, Slot::Field(name.clone()));
            if name == "scopes" {
                layout.scopes = taker.scopes(value);
                continue;
            }
            let inner = taker.value_end(value).map_or(0..0, |end| key.at.end..end);
            if comments.iter().any(|comment| inner.contains(&comment.at)) {
                for (sub, _) in map(value) {
                    taker.slot(sub, Slot::Sub(name.clone(), text(sub)));
                }
            }
            layout.fields.push((name, value.clone()));
        }
        taker.attach(comments, &mut layout);
        layout.take_header(&taker.slots);
        Ok(layout)
    }

    /// What stands above the first line and apart from it is about the file.
    fn take_header(&mut self, slots: &[(usize, Slot)]) {
        let Some(first) = slots.first().and_then(|(_, slot)| self.remarks.get_mut(slot)) else {
            return;
        };
        let own = if first.apart {
            first.before.len()
        } else {
            // The last paragraph belongs to the line, if there are others.
            first.before.iter().rposition(|comment| comment.blank).unwrap_or(0)
        };
        self.header = first.before.drain(..own).collect();
        if let Some(comment) = first.before.first_mut() {
            comment.blank = false;
        }
        first.apart &= !first.before.is_empty();
    }
}

/// A comment as it stands in the file.
struct Found {
    at: usize,
    text: String,
    /// Whether nothing, or only what begins an entry, stands before it.
    alone: bool,
    /// Whether it stands behind what begins an entry.
    opens: bool,
    blank: bool,
    column: usize,
    spaces: usize,
}

struct Taker<'s> {
    source: &'s str,
    /// The places of all texts, numbers and the like, in order.
    values: Vec<Range<usize>>,
    /// Where each line of the canonical file begins in this one.
    slots: Vec<(usize, Slot)>,
}

impl Taker<'_> {
    fn values(&mut self, node: &Node) {
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| self.values(item)),
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                self.values(key);
                self.values(value);
            }),
            _ if self.is_written(node) => self.values.push(node.at.clone()),
            _ => {}
        }
    }

    /// Whether a value has a text: what is empty has a place, but none.
    fn is_written(&self, node: &Node) -> bool {
        let text = self.source.get(node.at.clone()).unwrap_or_default();
        !matches!(node.value, Value::Null)
            || matches!(text, "~" | "null" | "Null" | "NULL")
    }

    fn value_end(&self, node: &Node) -> Option<usize> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| self.value_end(item)).max(),
            Value::Map(entries) => entries
                .iter()
                .flat_map(|(key, value)| [self.value_end(key), self.value_end(value)])
                .flatten()
                .max(),
            _ => self.is_written(node).then_some(node.at.end),
        }
    }

    /// The comments between the values, of which nothing else may be there.
    fn comments(&self) -> Result<Vec<Found>, Problem> {
        let mut found = Vec::new();
        let mut values = self.values.iter().peekable();
        let mut at = 0;
        while at < self.source.len() {
            while values.next_if(|value| value.end <= at).is_some() {}
            if let Some(value) = values.peek().filter(|value| value.start <= at) {
                at = value.end.max(at + 1);
                continue;
            }
            let rest = &self.source[at..];
            let line_end = at + rest.find('\n').unwrap_or(rest.len());
            let Some(c) = rest.chars().next() else {
                break;
            };
            if c == '#' {
                found.push(self.found(at..line_end));
                at = line_end;
                continue;
            }
            if rest.starts_with("...") {
                at += 3;
                continue;
            }
            if !(c.is_whitespace() || ":,-{}[]\u{feff}".contains(c)) {
                return Err(unknown(at, c));
            }
            at += c.len_utf8();
        }
        Ok(found)
    }

    fn found(&self, at: Range<usize>) -> Found {
        let line = self.source[..at.start].rfind('\n').map_or(0, |newline| newline + 1);
        let before = &self.source[line..at.start];
        let above = self.source[..line].trim_end_matches([' ', '\t', '\r', '\n']).len();
        let lines_between = self.source[above..line].matches('\n').count();
        let bare = before.trim_end_matches([' ', '\t']);
        Found {
            at: at.start,
            text: self.source[at].trim_end().to_owned(),
            opens: !bare.is_empty(),
            alone: before.chars().all(|c| " \t-{[\u{feff}".contains(c)),
            blank: lines_between > 1 || above == 0 && lines_between > 0,
            column: before.chars().count(),
            spaces: (before.len() - bare.len()).max(1),
        }
    }

    fn slot(&mut self, node: &Node, slot: Slot) {
        self.slots.push((node.at.start, slot));
    }

    fn scopes(&mut self, node: &Node) -> Vec<Scope> {
        let mut scopes = Vec::new();
        for (index, (key, value)) in map(node).iter().enumerate() {
            self.slot(key, Slot::Scope(index));
            let mut scope = Scope {
                name: text(key),
                at: key.at.start..self.value_end(value).unwrap_or(key.at.end),
                summary: None,
                lists: false,
                routes: Vec::new(),
            };
            for (field, value) in map(value) {
                self.slot(field, Slot::ScopeField(index, text(field)));
                scope.at.end = scope.at.end.max(field.at.end);
                match (text(field).as_str(), &value.value) {
                    ("summary", _) => scope.summary = Some(text(value)),
                    (_, Value::List(items)) => {
                        scope.lists = true;
                        scope.routes = self.routes(index, items);
                    }
                    _ => scope.lists = true,
                }
            }
            scopes.push(scope);
        }
        scopes
    }

    fn routes(&mut self, scope: usize, items: &[Node]) -> Vec<Route> {
        let mut routes = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let mut route = Route {
                text: text(item),
                note: None,
                overlap: false,
                at: item.at.start..self.value_end(item).unwrap_or(item.at.end),
            };
            let slot = |name: &str| Slot::Route(scope, index, name.to_owned());
            if !matches!(item.value, Value::Map(_)) {
                self.slot(item, slot("route"));
            }
            for (field, value) in map(item) {
                let name = text(field);
                self.slot(field, slot(&name));
                match name.as_str() {
                    "route" => route.text = text(value),
                    "note" => route.note = Some(text(value)),
                    _ => route.overlap = true,
                }
            }
            routes.push(route);
        }
        routes
    }

    /// Gives each comment to the line it belongs to.
    fn attach(&mut self, comments: Vec<Found>, layout: &mut Layout) {
        self.slots.sort_by_key(|(start, _)| *start);
        for comment in comments {
            let next = self.slots.partition_point(|(start, _)| *start < comment.at);
            let above = next.checked_sub(1).and_then(|above| self.slots.get(above));
            let below = self.slots.get(next);
            let line = Comment {
                blank: comment.blank,
                text: comment.text,
            };
            match (above, below) {
                (Some((_, above)), _) if !comment.alone => {
                    let behind = &mut layout.remarks.entry(above.clone()).or_default().behind;
                    behind.push((comment.spaces, line.text));
                }
                (Some((_, above)), below)
                    if !comment.opens && self.is_after(above, below, comment.column) =>
                {
                    let above = self.last_line_of(above);
                    layout.remarks.entry(above).or_default().after.push(line);
                }
                (_, Some((_, below))) => {
                    layout.remarks.entry(below.clone()).or_default().before.push(line);
                }
                (_, None) => layout.footer.push(line),
            }
        }
        // An empty line between the comments above a line and the line itself.
        for (start, slot) in &self.slots {
            let Some(remarks) = layout.remarks.get_mut(slot).filter(|remarks| !remarks.before.is_empty()) else {
                continue;
            };
            let line = self.source[..*start].rfind('\n').map_or(0, |newline| newline + 1);
            let above = self.source[..line].trim_end_matches([' ', '\t', '\r', '\n']).len();
            remarks.apart = self.source[above..line].matches('\n').count() > 1;
        }
    }

    /// Whether a comment in this column belongs to the line above rather than to
    /// the one below: it is indented deeper than that one, and will be so in
    /// canonical form.
    fn is_after(&self, above: &Slot, below: Option<&(usize, Slot)>, column: usize) -> bool {
        let (indent, level) = match below {
            Some((start, below)) => (self.indent(*start), below.level()),
            None => (0, 0),
        };
        column > indent && self.last_line_of(above).inner() > level
    }

    /// The last line in canonical form of what a line belongs to.
    fn last_line_of(&self, slot: &Slot) -> Slot {
        let Slot::Route(scope, number, _) = slot else {
            return slot.clone();
        };
        ["overlap", "note"]
            .map(|field| Slot::Route(*scope, *number, field.to_owned()))
            .into_iter()
            .find(|last| self.slots.iter().any(|(_, slot)| slot == last))
            .unwrap_or_else(|| slot.clone())
    }

    fn indent(&self, at: usize) -> usize {
        let line = self.source[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let text = &self.source[line..];
        text.len() - text.trim_start_matches(' ').len()
    }
}

fn unknown(at: usize, c: char) -> Problem {
    let (what, help) = match c {
        '&' | '*' => ("an anchor or alias", "write the value out where it is used"),
        '!' => ("a tag", "remove it: it means nothing in a policy"),
        '|' | '>' => (
            "a text in a block of its own",
            "write the text behind the `:`, in quotes if it needs them; lines of it may follow, indented deeper",
        ),
        '?' => ("a name that is marked by `?`", "write `name: value`"),
        _ => ("something that is no value and no comment", "write it in the plain way of the README's example"),
    };
    Problem::error(
        at..at + c.len_utf8(),
        format!("{what}, which cannot be put into canonical form without risk"),
    )
    .help(help)
}

fn map(node: &Node) -> &[(Node, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

/// The text of a value; of one that is none, what stands there.
fn text(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}
