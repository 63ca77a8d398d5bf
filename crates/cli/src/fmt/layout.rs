//! A routes.yaml with the comments that do not matter to its meaning, each with the line that
//! it belongs to.
//!
//! The YAML reader gives the position of each value. All bytes between the values are read
//! here, one by one: any that are neither space, punctuation nor a comment (an anchor, a tag,
//! the sign of a block text) are refused, so that nothing can get lost unnoticed.

mod parts;
mod take;

use std::collections::BTreeMap;

use routescope_compiler::Problem;
use routescope_compiler::unstable::yaml::{self, Node};

pub(crate) use parts::{
    Comment, ImpliesLayout, Layout, Remarks, RouteLayout, RouteList, ScopeLayout, Slot,
};
use parts::{list, map, text};
use take::Taker;

impl Layout {
    /// Takes the text of a policy apart that compiles.
    pub(crate) fn new(source: &str) -> Result<Self, Problem> {
        Self::of(source, &yaml::read(source)?)
    }

    /// Takes a text apart as [`new`](Self::new) does, given its values.
    pub(crate) fn of(source: &str, root: &Node) -> Result<Self, Problem> {
        Self::take(source, root).map(|(layout, _)| layout)
    }

    fn take<'s>(source: &'s str, root: &Node) -> Result<(Self, Taker<'s>), Problem> {
        let mut taker = Taker::new(source);
        taker.values(root);
        let comments = taker.comments()?;
        let mut layout = Self {
            fields: Vec::new(),
            implies: None,
            open: Vec::new(),
            has_scopes: false,
            scopes: Vec::new(),
            remarks: BTreeMap::new(),
            header: Vec::new(),
            footer: Vec::new(),
        };
        for (key, value) in map(root) {
            let name = text(key);
            taker.slot(key, Slot::Field(name.clone()));
            match name.as_str() {
                "scopes" => {
                    layout.has_scopes = true;
                    layout.scopes = taker.scopes(value);
                    continue;
                }
                "implies" => {
                    layout.implies = Some(taker.implies(value, &comments));
                    continue;
                }
                "public" | "any_key" => {
                    let routes = taker.routes(&RouteList::Field(name.clone()), list(value));
                    layout.open.push((name, routes));
                    continue;
                }
                _ => {}
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
        Ok((layout, taker))
    }

    /// Moves the comments above the first line, and apart from it, to the file's header.
    fn take_header(&mut self, slots: &[(usize, Slot)]) {
        let Some(first) = slots
            .first()
            .and_then(|(_, slot)| self.remarks.get_mut(slot))
        else {
            return;
        };
        let own = if first.apart {
            first.before.len()
        } else {
            // The last paragraph belongs to the line, if there are others.
            first
                .before
                .iter()
                .rposition(|comment| comment.blank)
                .unwrap_or(0)
        };
        self.header = first.before.drain(..own).collect();
        if let Some(comment) = first.before.first_mut() {
            comment.blank = false;
        }
        first.apart &= !first.before.is_empty();
    }
}
