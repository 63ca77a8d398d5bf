//! Compares the winner where a path ends.

use routescope_core::__private::{Accept, Outcome, RouteRow};
use routescope_core::{Methods, PathRule};

use crate::model::template::{Segment, Template};
use crate::verify::active_set::{ActiveSet, Matching};
use crate::verify::difference::Difference;
use crate::verify::proof::{Pair, Proof};
use crate::verify::spelling::has_colon;

/// The winner where a path ends, or the segment for which the path is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    Nothing,
    Template(u32, Methods),
    Refused(usize),
}

impl Proof<'_> {
    /// The exact map agrees with the automaton on every path that it holds.
    pub(super) fn exact_map(&self) -> Result<(), Difference> {
        for accept in self.tables.exact {
            let accept = Accept::from_bits(u32::from_le_bytes(*accept));
            let route = self.tables.routes.get(accept.first_route() as usize);
            let text = route.map_or("", |row| {
                self.tables.text(RouteRow::from_bytes(row).template)
            });
            // A path in a slot that its hash does not select is simply not found.
            let found = self.tables.exact(text.as_bytes());
            let walked = self.tables.match_without_exact(text.as_bytes());
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
        for (slash, stepped) in [false, true]
            .into_iter()
            .zip(position.outcomes(self.tables))
        {
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
            // A value for which a path is refused refuses what wins, and nothing else.
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
        let walked = match self.tables.match_without_exact(target.as_bytes()) {
            Ok(accept) => ending(Outcome::Accept(accept)),
            Err(no_match) => match no_match.as_bad_path() {
                None => Ending::Nothing,
                Some(bad) if is_of_values(bad.rule) => {
                    let (before, after) = target.split_at(bad.at);
                    let segment = after.split(['/', '?']).next().unwrap_or_default();
                    let rule = match self.model.options.forbids_colons() && has_colon(segment) {
                        true => PathRule::ColonInValue,
                        false => PathRule::ShadowsLiteral,
                    };
                    if bad.rule != rule {
                        return Err(Difference {
                            path: target,
                            file: format!("the path rule {rule}"),
                            tables: bad.to_string(),
                        });
                    }
                    Ending::Refused(before.matches('/').count().wrapping_sub(1))
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
                format!("that segment {} is refused", segment + 1)
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
            let either = self.model.options.slash_is_optional() && active.depth > 0;
            template.segments.len() == active.depth && (template.slash == slash || either)
        };
        let matching = active.at.iter().filter(ends_here).chain(&active.catch_alls);
        let winner = matching.reduce(|best, next| {
            if is_more_specific(template(next), template(best)) {
                next
            } else {
                best
            }
        });
        match winner {
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

/// Whether a path rule is about the values of the winner.
fn is_of_values(rule: PathRule) -> bool {
    matches!(rule, PathRule::ShadowsLiteral | PathRule::ColonInValue)
}

/// Whether `a` is more specific than `b`, of two templates that match the same path: at the
/// first segment whose kinds differ, a literal wins over an affix, an affix over a parameter and a
/// parameter over a catch-all. The rule is written out again here, so that an error in
/// [`Template::precedence`] shows.
fn is_more_specific(a: &Template, b: &Template) -> bool {
    for pair in a.segments.iter().zip(&b.segments) {
        match pair {
            (
                Segment::Literal(_),
                Segment::Affix { .. } | Segment::Parameter | Segment::CatchAll,
            )
            | (Segment::Affix { .. }, Segment::Parameter | Segment::CatchAll)
            | (Segment::Parameter, Segment::CatchAll) => return true,
            (
                Segment::Affix { .. } | Segment::Parameter | Segment::CatchAll,
                Segment::Literal(_),
            )
            | (Segment::Parameter | Segment::CatchAll, Segment::Affix { .. })
            | (Segment::CatchAll, Segment::Parameter) => return false,
            (Segment::Literal(_), Segment::Literal(_))
            | (Segment::Affix { .. }, Segment::Affix { .. })
            | (Segment::Parameter, Segment::Parameter)
            | (Segment::CatchAll, Segment::CatchAll) => {}
        }
    }
    false
}

/// The tables' outcome in the file's terms.
pub(super) fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::NoMatch => Ending::Nothing,
        Outcome::Refused { segment } => Ending::Refused(segment as usize),
        Outcome::Accept(accept) => Ending::Template(accept.first_route(), accept.methods()),
    }
}

/// The first route and the methods of a winner.
pub(super) fn template(accept: Accept) -> (u32, Methods) {
    (accept.first_route(), accept.methods())
}
