//! Taking a text apart: its values, and the comments between them.

use std::ops::Range;

use routescope_compiler::Problem;
use routescope_compiler::unstable::yaml::{Node, Value};

use super::parts::{
    Comment, ImpliesLayout, Layout, RouteLayout, RouteList, ScopeLayout, Slot, list, map, text,
};

/// A comment, with its surroundings in the file.
pub(super) struct FoundComment {
    pub(super) at: usize,
    text: String,
    /// Whether nothing, or only the beginning of an entry, precedes it in its line.
    alone: bool,
    /// Whether the beginning of an entry precedes it in its line.
    opens: bool,
    blank: bool,
    column: usize,
    spaces: usize,
}

pub(super) struct Taker<'s> {
    source: &'s str,
    /// The positions of all texts, numbers and other scalars, in order.
    pub(super) values: Vec<Range<usize>>,
    /// The position in this file of each line of the canonical file.
    pub(super) slots: Vec<(usize, Slot)>,
    work: Work,
}

/// The number of bytes that were read. Tests compare it with the size of the file, so that the work
/// stays linear.
#[derive(Default)]
struct Work(#[cfg(test)] std::cell::Cell<usize>);

impl Work {
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "only tests count"))]
    fn add(&self, _bytes: usize) {
        #[cfg(test)]
        self.0.set(self.0.get() + _bytes);
    }
}

impl<'s> Taker<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            values: Vec::new(),
            slots: Vec::new(),
            work: Work::default(),
        }
    }

    /// The beginning of the line of a position.
    fn line_start(&self, at: usize) -> usize {
        let start = self.source[..at]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        self.work.add(at - start);
        start
    }

    /// The end of the text above a line, empty lines left out.
    fn end_above(&self, line: usize) -> usize {
        let end = self.source[..line]
            .trim_end_matches([' ', '\t', '\r', '\n'])
            .len();
        self.work.add(line - end);
        end
    }

    pub(super) fn values(&mut self, node: &Node) {
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

    /// Whether a value has a text: an empty one has a position, but no text.
    fn is_written(&self, node: &Node) -> bool {
        let text = self.source.get(node.at.clone()).unwrap_or_default();
        !matches!(node.value, Value::Null) || matches!(text, "~" | "null" | "Null" | "NULL")
    }

    pub(super) fn value_end(&self, node: &Node) -> Option<usize> {
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
    pub(super) fn comments(&self) -> Result<Vec<FoundComment>, Problem> {
        let mut found = Vec::new();
        let mut values = self.values.iter().peekable();
        let mut at = 0;
        while at < self.source.len() {
            while values.next_if(|value| value.end <= at).is_some() {}
            if let Some(value) = values.peek().filter(|value| value.start <= at) {
                at = value.end.max(at + 1);
                continue;
            }
            self.work.add(1);
            let rest = &self.source[at..];
            let Some(c) = rest.chars().next() else {
                break;
            };
            if c == '#' {
                let line_end = at + rest.find('\n').unwrap_or(rest.len());
                self.work.add(line_end - at);
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

    fn found(&self, at: Range<usize>) -> FoundComment {
        let line = self.line_start(at.start);
        let before = &self.source[line..at.start];
        let above = self.end_above(line);
        let lines_between = self.source[above..line].matches('\n').count();
        let bare = before.trim_end_matches([' ', '\t']);
        FoundComment {
            at: at.start,
            text: self.source[at].trim_end().to_owned(),
            opens: !bare.is_empty(),
            alone: before.chars().all(|c| " \t-{[\u{feff}".contains(c)),
            blank: lines_between > 1 || above == 0 && lines_between > 0,
            column: before.chars().count(),
            spaces: (before.len() - bare.len()).max(1),
        }
    }

    pub(super) fn slot(&mut self, node: &Node, slot: Slot) {
        self.slots.push((node.at.start, slot));
    }

    pub(super) fn scopes(&mut self, node: &Node) -> Vec<ScopeLayout> {
        let mut scopes = Vec::new();
        for (index, (key, value)) in map(node).iter().enumerate() {
            self.slot(key, Slot::Scope(index));
            let mut scope = ScopeLayout {
                name: text(key),
                at: key.at.start..self.value_end(value).unwrap_or(key.at.end),
                code_name: None,
                summary: None,
                lists: false,
                routes: Vec::new(),
            };
            for (field, value) in map(value) {
                self.slot(field, Slot::ScopeField(index, text(field)));
                scope.at.end = scope.at.end.max(field.at.end);
                match (text(field).as_str(), &value.value) {
                    ("name", _) => scope.code_name = Some(text(value)),
                    ("summary", _) => scope.summary = Some(text(value)),
                    (_, Value::List(items)) => {
                        scope.lists = true;
                        scope.routes = self.routes(&RouteList::Scope(index), items);
                    }
                    _ => scope.lists = true,
                }
            }
            scopes.push(scope);
        }
        scopes
    }

    /// Entries of `implies`. The scopes of an entry are lines only if a comment is among them.
    pub(super) fn implies(&mut self, node: &Node, comments: &[FoundComment]) -> Vec<ImpliesLayout> {
        let mut implies = Vec::new();
        for (index, (key, value)) in map(node).iter().enumerate() {
            self.slot(key, Slot::Implies(index));
            let inner = self.value_end(value).map_or(0..0, |end| key.at.end..end);
            let first = comments.partition_point(|comment| comment.at < inner.start);
            if comments
                .get(first)
                .is_some_and(|comment| comment.at < inner.end)
            {
                for (number, item) in list(value).iter().enumerate() {
                    self.slot(item, Slot::Implied(index, number));
                }
            }
            implies.push(ImpliesLayout {
                name: text(key),
                implied: list(value).iter().map(text).collect(),
            });
        }
        implies
    }

    pub(super) fn routes(&mut self, list: &RouteList, items: &[Node]) -> Vec<RouteLayout> {
        let mut routes = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let mut route = RouteLayout {
                text: text(item),
                code_name: None,
                note: None,
                flags: Vec::new(),
                at: item.at.start..self.value_end(item).unwrap_or(item.at.end),
            };
            let slot = |name: &str| Slot::Route(list.clone(), index, name.to_owned());
            if !matches!(item.value, Value::Map(_)) {
                self.slot(item, slot("route"));
            }
            for (field, value) in map(item) {
                let name = text(field);
                self.slot(field, slot(&name));
                match name.as_str() {
                    "route" => route.text = text(value),
                    "name" => route.code_name = Some(text(value)),
                    "note" => route.note = Some(text(value)),
                    _ => route.flags.push((name, value.clone())),
                }
            }
            route.flags.sort_by_key(|(name, _)| name == "literal");
            routes.push(route);
        }
        routes
    }

    /// Gives each comment to the line it belongs to.
    pub(super) fn attach(&mut self, comments: Vec<FoundComment>, layout: &mut Layout) {
        self.slots.sort_by_key(|(start, _)| *start);
        // The comments above the line below: there may be many.
        let mut last = None;
        for comment in comments {
            let next = self.slots.partition_point(|(start, _)| *start < comment.at);
            let above = next.checked_sub(1);
            let below = self.slots.get(next);
            let line = Comment {
                blank: comment.blank,
                text: comment.text,
            };
            match (above, below) {
                // Values of several lines, between brackets, may have several.
                (Some(above), _)
                    if !comment.alone
                        && layout
                            .remarks
                            .get(&self.slots[above].1)
                            .is_none_or(|remarks| remarks.at_end.is_none()) =>
                {
                    let above = self.slots[above].1.clone();
                    layout.remarks.entry(above).or_default().at_end =
                        Some((comment.spaces, line.text));
                }
                (Some(above), below)
                    if !comment.opens
                        && comment.alone
                        && self.is_after(above, below, comment.column, &mut last) =>
                {
                    let above = self.last_line_of(above).clone();
                    layout.remarks.entry(above).or_default().after.push(line);
                }
                (_, Some((_, below))) => {
                    layout
                        .remarks
                        .entry(below.clone())
                        .or_default()
                        .before
                        .push(line);
                }
                (_, None) => layout.footer.push(line),
            }
        }
        // An empty line between the comments above a line and the line itself.
        for (start, slot) in &self.slots {
            let Some(remarks) = layout
                .remarks
                .get_mut(slot)
                .filter(|remarks| !remarks.before.is_empty())
            else {
                continue;
            };
            let line = self.line_start(*start);
            let above = self.end_above(line);
            remarks.apart = self.source[above..line].matches('\n').count() > 1;
        }
    }

    /// Whether a comment in this column belongs to the line above rather than to
    /// the one below: it is indented deeper than that one, and will be so in
    /// canonical form.
    fn is_after(
        &self,
        above: usize,
        below: Option<&(usize, Slot)>,
        column: usize,
        last: &mut Option<(usize, usize)>,
    ) -> bool {
        let (indent, level) = match below {
            Some((start, below)) => (self.indent(*start, last), below.level()),
            None => (0, 0),
        };
        column > indent && self.last_line_of(above).inner() > level
    }

    /// The indentation of the line of a position. `last` is the position that was measured
    /// before, and its indentation: a long line is then not measured twice.
    fn indent(&self, at: usize, last: &mut Option<(usize, usize)>) -> usize {
        if let Some((_, indent)) = last.filter(|(last, _)| *last == at) {
            return indent;
        }
        let text = &self.source[self.line_start(at)..];
        let indent = text.len() - text.trim_start_matches(' ').len();
        self.work.add(indent);
        *last = Some((at, indent));
        indent
    }

    /// The last line, in canonical form, of the entry that a line is part of. `place` is the
    /// line's index in the slots.
    fn last_line_of(&self, place: usize) -> &Slot {
        let slot = &self.slots[place].1;
        let Slot::Route(list, number, _) = slot else {
            return slot;
        };
        // The fields of a route are neighbours.
        let is_of_route =
            |slot: &&Slot| matches!(slot, Slot::Route(l, n, _) if l == list && n == number);
        let slots = |places: &mut dyn Iterator<Item = usize>| -> Vec<&Slot> {
            let slots = places.map(|place| &self.slots[place].1);
            slots.take_while(is_of_route).collect()
        };
        let mut fields = slots(&mut (0..place).rev());
        fields.reverse();
        fields.extend(slots(&mut (place..self.slots.len())));
        let order = |slot: &&Slot| match slot {
            Slot::Route(_, _, field) => match field.as_str() {
                "route" => 0,
                "name" => 1,
                "note" => 2,
                "literal" => 4,
                _ => 3,
            },
            _ => 0,
        };
        fields.into_iter().max_by_key(order).unwrap_or(slot)
    }
}

fn unknown(at: usize, c: char) -> Problem {
    let (what, help) = match c {
        '&' | '*' => ("an anchor or alias", "write the value out where it is used"),
        '!' => ("a tag", "remove it: it means nothing in a policy"),
        '|' | '>' => (
            "a block text",
            "write the text after the `:`, in quotes if it needs them; lines of it may follow, indented deeper",
        ),
        '?' => ("a name that is marked by `?`", "write `name: value`"),
        _ => (
            "something that is no value and no comment",
            "write it in the plain way of the README's example",
        ),
    };
    Problem::error(
        at..at + c.len_utf8(),
        format!("{what}, which cannot be put into canonical form without risk"),
    )
    .help(help)
}

#[cfg(test)]
mod tests {
    use routescope_compiler::unstable::yaml;

    use super::*;

    /// Each byte of a file is looked at a few times, whatever the file contains.
    #[test]
    fn the_work_grows_with_the_file() {
        const MANY: usize = 20_000;
        let spaces = " ".repeat(MANY);
        let comments = "# c\n".repeat(MANY);
        let scope = "\"a:read\": {routes: [GET /a]}";
        let routes: String = (0..MANY / 10).map(|i| format!("GET /r{i}, ")).collect();
        let files = [
            format!("scopes: {{{spaces}{scope}}}\n"),
            format!("scopes: {{\"a:read\": {{routes: [{routes}]}}}}\n"),
            format!("scopes:\n{comments}  {{{spaces}{scope}}}\n"),
            format!("scopes:\n  {scope}\n{comments}"),
            format!("{comments}scopes:\n  {scope}\n"),
            format!("{}scopes:\n  {scope}\n", "\n".repeat(MANY)),
            format!("scopes:\n  {scope}{spaces}{comments}"),
        ];
        for source in files {
            let root = yaml::read(&source).unwrap();
            let (_, taker) = Layout::take(&source, &root).unwrap();
            let work = taker.work.0.get();
            let shown = &source[..40];
            assert!(work >= source.len() / 8, "{shown}: {work} is not counted");
            assert!(
                work <= 4 * source.len(),
                "{shown}: {work} for {}",
                source.len()
            );
        }
    }
}
