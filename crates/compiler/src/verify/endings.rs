//! Compares the winner where a path ends.

use routescope_core::table::End;
use routescope_core::{Methods, PathRule};

use crate::model::Model;
use crate::verify::Difference;
use crate::verify::active_set::{ActiveSet, Matching};
use crate::verify::paths::{Pair, Proof};
use crate::verify::segment_view::text;

/// The winner where a path ends, or the segment for which the path is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ending {
    Nothing,
    Template(u32, Methods),
    Refused(usize),
}

impl Proof<'_> {
    /// The exact map agrees with the automaton on every path that it holds.
    pub(super) fn literals(&self) -> Result<(), Difference> {
        for end in self.tables.literals {
            let route = self.tables.routes.get(end.first_route() as usize);
            let text = route.map_or("", |row| text(self.tables, row.template, row.template_len));
            // A path in a slot that its hash does not select is simply not found.
            let found = self.tables.literal(text.as_bytes());
            let walked = self.tables.find_anywhere(text.as_bytes());
            if found.is_some() && found.map(template) != walked.ok().map(template) {
                return Err(Difference {
                    path: text.to_owned(),
                    file: format!("{walked:?}"),
                    tables: format!("{found:?} for the whole path"),
                });
            }
        }
        Ok(())
    }

    /// Compares the winner if the path ends here, with and without a slash: in the state
    /// that the steps have led to, and by matching the whole path.
    pub(super) fn ends(&self, at: usize) -> Result<(), Difference> {
        let Pair {
            position, active, ..
        } = &self.queue[at];
        for (slash, stepped) in [false, true].into_iter().zip(position.ends(self.tables)) {
            let expected = self.ending(active, slash);
            let path = self.path(at, None, slash);
            if ending(stepped) != expected {
                return Err(self.differs(path, expected, ending(stepped)));
            }
            // The start has no form without its slash.
            if at == 0 && !slash {
                continue;
            }
            // A query changes nothing.
            for target in [path.clone(), format!("{path}?query")] {
                self.walked(target, expected)?;
            }
            // A value that resembles a literal refuses what wins, and nothing else.
            if let Some((path, segment)) = self.path_resembling(at, slash) {
                let refused = match expected {
                    Ending::Nothing => Ending::Nothing,
                    Ending::Template(..) => Ending::Refused(segment),
                    Ending::Refused(other) => Ending::Refused(other.min(segment)),
                };
                self.walked(path, refused)?;
            }
        }
        Ok(())
    }

    /// Whether matching a whole target gives the expected winner. A target that breaks a
    /// path rule shows nothing.
    fn walked(&self, target: String, expected: Ending) -> Result<(), Difference> {
        let walked = match self.tables.find_anywhere(target.as_bytes()) {
            Ok(end) => ending(Some(end)),
            Err(miss) => match miss.bad_path() {
                None => Ending::Nothing,
                Some(bad) if bad.rule == PathRule::ShadowsLiteral => {
                    let before = target.bytes().take(bad.at);
                    let slashes = before.filter(|byte| *byte == b'/').count();
                    Ending::Refused(slashes.wrapping_sub(1))
                }
                Some(_) => return Ok(()),
            },
        };
        if walked == expected {
            return Ok(());
        }
        Err(self.differs(target, expected, walked))
    }

    fn differs(&self, path: String, file: Ending, tables: Ending) -> Difference {
        let told = |ending: Ending| match ending {
            Ending::Nothing => "no template".to_owned(),
            Ending::Template(first, methods) => {
                let template = self.rows.iter().position(|row| *row == (first, methods));
                template.map_or_else(
                    || format!("{methods:?} of route {first}"),
                    |index| format!("`{}`", self.model.templates[index].template),
                )
            }
            Ending::Refused(segment) => {
                format!("that segment {} resembles a literal", segment + 1)
            }
        };
        Difference {
            path,
            file: told(file),
            tables: told(tables),
        }
    }

    /// The file's winner: the most specific of the templates that match, refused if one
    /// of its values resembles a literal.
    fn ending(&self, active: &ActiveSet, slash: bool) -> Ending {
        let template = |matching: &Matching| &self.model.templates[matching.template].template;
        let ends_here = |matching: &&Matching| {
            let template = template(matching);
            let either = self.model.options.trailing_slash_optional && active.depth > 0;
            template.segments.len() == active.depth && (template.slash == slash || either)
        };
        let matching = active.at.iter().filter(ends_here).chain(&active.catch_alls);
        match matching.min_by(|a, b| template(a).precedence(template(b))) {
            None => Ending::Nothing,
            Some(Matching {
                refused: Some(segment),
                ..
            }) => Ending::Refused(*segment),
            Some(winner) => {
                let (first, methods) = self.rows[winner.template];
                Ending::Template(first, methods)
            }
        }
    }
}

/// The first route and the methods of each template: routes are numbered in order.
pub(super) fn rows(model: &Model) -> Vec<(u32, Methods)> {
    let mut next = 0;
    let listings = model.templates.iter();
    listings
        .map(|listing| {
            let first = next;
            next += listing.routes.len() as u32;
            let methods = listing.routes.iter();
            let methods = methods.fold(Methods::NONE, |set, route| set.with(route.method));
            (first, methods)
        })
        .collect()
}

/// The tables' winner at an end.
fn ending(end: Option<End>) -> Ending {
    match end {
        None => Ending::Nothing,
        Some(end) => match end.as_refused() {
            Some(segment) => Ending::Refused(segment as usize),
            None => Ending::Template(end.first_route(), end.methods()),
        },
    }
}

/// The first route and the methods of a winner.
pub(super) fn template(end: End) -> (u32, Methods) {
    (end.first_route(), end.methods())
}
