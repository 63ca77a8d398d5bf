//! The proof that tables say what the file says.
//!
//! Walks the pairs (state of the tables, templates of the model still alive)
//! that any path can lead to, and compares the two at each: where every kind of
//! segment leads, and what wins if the path ends. There are finitely many
//! pairs, and segments fall into finitely many kinds: the literals named on
//! either side, segments that some system reads as these, and all the rest, which
//! neither side can tell apart and one fresh segment stands for.
//!
//! The tables are asked through `Tables::step`, the code that runs; the model
//! is read template by template, without trie or automaton. So a fault in
//! either of those, in minimising, in placing edges or in the hash shows here.
//!
//! What no path shows is compared too: names, options, the key's form, the
//! digest, the scopes and the order in which a route accepts them.

mod policy;
pub(crate) mod segment_view;
pub(crate) mod spelling;
#[cfg(test)]
mod tests;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use routescope_core::path::check_segment;
use routescope_core::table::{End, Tables};
use routescope_core::{Methods, PathRule, Policy, Step};

use crate::model::template::{self, Template};
use crate::model::trie::key;
use crate::model::{Listing, Model};
use crate::verify::segment_view::{Labelled, Leads, Position, TAILS, runs_of, text};
use crate::verify::spelling::{is_wildcard, read_as, respelled};

/// How much a proof looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proved {
    /// Pairs of a table state and a set of live templates.
    pub pairs: usize,
    /// Transitions compared.
    pub steps: usize,
}

/// Where tables and file differ: a bug of the compiler, never of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The path that shows it, or the beginning of one. Empty where the
    /// difference is about the policy as a whole.
    pub path: String,
    /// What the file says there.
    pub file: String,
    /// What the tables say.
    pub tables: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}` ", self.path)?;
        }
        write!(
            f,
            "the file says {}, the tables say {}",
            self.file, self.tables
        )
    }
}

/// Compares the tables of `policy` with `model`, completely.
///
/// # Errors
///
/// The first difference found, with a path that shows it.
///
/// Cost: proportional to the pairs, which for tables without overlaps are as
/// many as the nodes of a trie of the templates.
pub fn prove(model: &Model, policy: &Policy<'_>) -> Result<Proved, Difference> {
    let mut proof = Proof::new(model, policy.tables());
    proof.whole(policy)?;
    proof.scopes(policy)?;
    proof.listings(policy)?;
    proof.paths()
}

/// The part of [`prove`] that is about paths.
#[cfg(test)]
pub(crate) fn prove_paths(model: &Model, policy: &Policy<'_>) -> Result<Proved, Difference> {
    Proof::new(model, policy.tables()).paths()
}

struct Proof<'p> {
    model: &'p Model,
    tables: &'p Tables<'p>,
    labelled: Labelled<'p>,
    fresh: String,
    /// The pairs, by their number in the queue.
    reached: HashMap<(Position, Live), usize>,
    queue: Vec<Pair>,
    steps: usize,
    /// Of each template of the model, the first route and the methods.
    rows: Vec<(u32, Methods)>,
}

/// The templates that match a path as far as it goes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Live {
    /// Those of which `depth` segments have matched one by one.
    at: Vec<Matching>,
    /// Those whose catch-all has begun.
    within: Vec<Matching>,
    /// Zero where `at` is empty, so that the rest of a catch-all is one pair.
    depth: usize,
}

/// A template, by its index in the model, that a path matches as far as it goes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Matching {
    template: usize,
    /// The first segment, by its number, that is a value of the template and resembles
    /// a literal that stands there in a template whose earlier segments match.
    refused: Option<usize>,
}

struct Pair {
    position: Position,
    live: Live,
    /// The pair before, and the segment that leads here.
    from: Option<usize>,
    segment: String,
    /// Another segment that leads here as a value and resembles a literal, if there is one.
    resembling: Option<String>,
}

/// What the file says of a segment.
#[derive(Debug, Eq, PartialEq)]
enum Goes {
    Literal(Live),
    Other(Live),
    /// A value that resembles a literal and is none.
    Shadow(Live),
    Dead,
}

/// What wins where a path ends, or the segment for which it is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ending {
    Nothing,
    Template(u32, Methods),
    Refused(usize),
}

/// What the file says of every label: where it leads depends on nothing behind.
/// That is more than any path may show.
pub(crate) const WHATEVER_FOLLOWS: &str = "that what follows does not matter";
/// What the file says of a segment that is named nowhere.
pub(crate) const NO_WAY_ON: &str = "that no template goes on like this";
/// What the file says of a label that breaks the path rules. No path shows more.
pub(crate) const NO_SUCH_SEGMENT: &str = "that no template has such a segment";

impl<'p> Proof<'p> {
    fn new(model: &'p Model, tables: &'p Tables<'p>) -> Self {
        let labelled = Labelled::new(tables);
        Self {
            model,
            tables,
            fresh: fresh_segment(model, &labelled),
            labelled,
            reached: HashMap::new(),
            queue: Vec::new(),
            steps: 0,
            rows: rows(model),
        }
    }

    /// Every pair that a path can lead to.
    fn paths(&mut self) -> Result<Proved, Difference> {
        let all = 0..self.model.templates.len();
        let start = Live {
            at: all
                .map(|template| Matching {
                    template,
                    refused: None,
                })
                .collect(),
            within: Vec::new(),
            depth: 0,
        };
        self.reach(Pair {
            position: Position::START,
            live: start,
            from: None,
            segment: String::new(),
            resembling: None,
        });
        let mut next = 0;
        while next < self.queue.len() {
            self.labels(next)?;
            self.ends(next)?;
            self.segments(next)?;
            next += 1;
        }
        self.literals()?;
        Ok(Proved {
            pairs: self.queue.len(),
            steps: self.steps,
        })
    }

    /// A label is found whatever comes behind it: so taking one at a time is
    /// taking its segments one by one.
    ///
    /// Then no label that is found goes on where another ends, since the walk
    /// would stop at the shorter one.
    ///
    /// And it is a segment or several, as a path can have them. Others no path
    /// meets, since its own are checked before; but a label with one has come from
    /// nowhere, and the tables are not what the compiler meant.
    fn labels(&self, at: usize) -> Result<(), Difference> {
        let Position { place, within } = &self.queue[at].position;
        if !within.is_empty() {
            return Ok(());
        }
        let differs = |label: Option<&str>, tables: String| Difference {
            path: self.path(at, label, label.is_none()),
            file: WHATEVER_FOLLOWS.into(),
            tables,
        };
        let Some(runs) = runs_of(self.tables, *place) else {
            return Err(differs(
                None,
                format!("a group as a state at {place:#x}, or groups in a circle"),
            ));
        };
        for (run, seen) in runs {
            // The byte behind it, and no further.
            if seen > usize::from(run.label_len) + 1 {
                return Err(differs(None, format!("{run:?}, chosen by byte {seen}")));
            }
        }
        for label in self.labelled.labels(*place) {
            let mut segments = label.split('/');
            if segments.any(|segment| check_segment(segment.as_bytes()).is_err()) {
                return Err(Difference {
                    path: self.path(at, Some(label), false),
                    file: NO_SUCH_SEGMENT.into(),
                    tables: format!("`{label}` at {place:#x}"),
                });
            }
            let steps = TAILS.map(|tail| {
                self.tables
                    .step(*place, format!("{label}{tail}").as_bytes())
            });
            // A label may have several rows, which are the same.
            let leads = steps.map(|(step, end)| match step {
                Step::Literal(place) => (self.tables.states.get(place as usize), end),
                Step::Other(_) | Step::Shadow(_) | Step::Dead => (None, end),
            });
            if leads
                .iter()
                .any(|step| step.0.is_none() || step != &leads[0])
            {
                return Err(differs(Some(label), format!("{steps:?}")));
            }
        }
        Ok(())
    }

    /// A whole path that is found without a walk leads where the walk leads.
    fn literals(&self) -> Result<(), Difference> {
        for end in self.tables.literals {
            let route = self.tables.routes.get(end.first_route() as usize);
            let text = route.map_or("", |row| text(self.tables, row.template, row.template_len));
            // It is no other path's answer; and where its row is not the one that
            // the hash leads to, not its own.
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

    /// What wins if the path ends here, with and without a slash: where the steps have led,
    /// and where the walk of the whole path leads.
    fn ends(&self, at: usize) -> Result<(), Difference> {
        let Pair { position, live, .. } = &self.queue[at];
        for (slash, stepped) in [false, true].into_iter().zip(position.ends(self.tables)) {
            let expected = self.ending(live, slash);
            let path = self.path(at, None, slash);
            if ending(stepped) != expected {
                return Err(self.differs(path, expected, ending(stepped)));
            }
            // The start has no form without its slash.
            if at == 0 && !slash {
                continue;
            }
            // And a query changes nothing.
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

    /// Whether the walk of a whole target ends as expected, if that keeps the rules that
    /// every target has to keep.
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

    /// The most specific of the templates that match, whatever else; and then whether one
    /// of its values resembles a literal.
    fn ending(&self, live: &Live, slash: bool) -> Ending {
        let template = |matching: &Matching| &self.model.templates[matching.template].template;
        let ends_here = |matching: &&Matching| {
            let template = template(matching);
            let either = self.model.options.trailing_slash_optional && live.depth > 0;
            template.segments.len() == live.depth && (template.slash == slash || either)
        };
        let matching = live.at.iter().filter(ends_here).chain(&live.within);
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

    /// Where each kind of segment leads.
    fn segments(&mut self, at: usize) -> Result<(), Difference> {
        let Pair { position, live, .. } = &self.queue[at];
        let (position, live) = (position.clone(), live.clone());
        let named = self.labelled.segments(&position).into_iter();
        let mut named: BTreeSet<String> = named.map(str::to_owned).collect();
        // The live templates by their next segment, looked at once.
        let mut any = Live {
            at: Vec::new(),
            within: live.within.clone(),
            depth: live.depth + 1,
        };
        let mut literals: BTreeMap<String, Vec<Matching>> = BTreeMap::new();
        for &matching in &live.at {
            let template = &self.model.templates[matching.template].template;
            match template.segments.get(live.depth) {
                None => {}
                Some(template::Segment::Parameter) => any.at.push(matching),
                Some(template::Segment::CatchAll) => any.within.push(matching),
                Some(template::Segment::Literal(text)) => {
                    named.insert(text.clone());
                    literals
                        .entry(key(text, self.model.options))
                        .or_default()
                        .push(matching);
                }
            }
        }
        let has_values = !any.at.is_empty() || !any.within.is_empty();
        // What each literal is read as; where no value can stand, nothing asks for it.
        let mut read: HashMap<Vec<u8>, usize> = HashMap::new();
        for literal in literals.keys().filter(|_| has_values) {
            *read.entry(read_as(literal)).or_default() += 1;
        }
        let labels: BTreeSet<&str> = named.iter().map(String::as_str).collect();
        let variants: Vec<String> = labels
            .iter()
            .flat_map(|literal| respelled(literal, &labels, has_values))
            .collect();
        // A value that resembles a literal, and where it leads: as any other does.
        let mut resembling = None;
        for segment in named.into_iter().chain(variants) {
            let key = key(&segment, self.model.options);
            let itself = literals.get(&key);
            // One that is the segment itself does not count.
            let alike = || match is_wildcard(&segment) {
                true => literals.len(),
                false => read.get(&read_as(&segment)).copied().unwrap_or_default(),
            };
            let resembles = has_values && alike() > usize::from(itself.is_some());
            let values = if resembles {
                any.refused(live.depth)
            } else {
                any.clone()
            };
            let file = match itself {
                Some(literal) => {
                    let mut next = values;
                    next.at.extend(literal);
                    Goes::Literal(next.tidy())
                }
                None if !has_values => Goes::Dead,
                None if resembles => Goes::Shadow(values.tidy()),
                None => Goes::Other(values.tidy()),
            };
            if let Some(next) = self.step(at, &position, &segment, file)? {
                resembling = Some((segment, next));
            }
        }
        let fresh = self.fresh.clone();
        let file = match has_values {
            true => Goes::Other(any.clone().tidy()),
            false => Goes::Dead,
        };
        self.step(at, &position, &fresh, file)?;
        if let Some((segment, next)) = resembling {
            let other = self.labelled.step(&position, &fresh);
            if other != Leads::Other(next.clone()) {
                return Err(Difference {
                    path: self.path(at, Some(&segment), false),
                    file: "that this is a value as any other, but for rule 7".into(),
                    tables: format!("{next:?}, and {other:?} for others"),
                });
            }
            let key = (next, any.tidy());
            if let Some(pair) = self.reached.get(&key)
                && self.queue[*pair].from == Some(at)
            {
                self.queue[*pair].resembling.get_or_insert(segment);
            }
        }
        Ok(())
    }

    /// Compares where a segment leads, and goes on from there: but for a value that
    /// resembles a literal, which leads where any other does, and says where.
    fn step(
        &mut self,
        at: usize,
        position: &Position,
        segment: &str,
        file: Goes,
    ) -> Result<Option<Position>, Difference> {
        self.steps += 1;
        let tables = self.labelled.step(position, segment);
        match (file, tables) {
            (Goes::Literal(live), Leads::Literal(position))
            | (Goes::Other(live), Leads::Other(position)) => {
                self.reach(Pair {
                    position,
                    live,
                    from: Some(at),
                    segment: segment.to_owned(),
                    resembling: None,
                });
                Ok(None)
            }
            (Goes::Shadow(_), Leads::Shadow(position)) => Ok(Some(position)),
            (Goes::Dead, Leads::Dead) => Ok(None),
            (file, tables) => {
                let count = |live: &Live| live.at.len() + live.within.len();
                Err(Difference {
                    path: self.path(at, Some(segment), false),
                    file: match &file {
                        Goes::Literal(live) => {
                            format!("that this is a literal of {} templates", count(live))
                        }
                        Goes::Other(live) => {
                            format!("that this is a value of {} templates", count(live))
                        }
                        Goes::Shadow(_) => "that this shadows a literal".into(),
                        Goes::Dead => NO_WAY_ON.into(),
                    },
                    tables: format!("{tables:?}"),
                })
            }
        }
    }

    fn reach(&mut self, pair: Pair) {
        let key = (pair.position.clone(), pair.live.clone());
        if let Entry::Vacant(entry) = self.reached.entry(key) {
            entry.insert(self.queue.len());
            self.queue.push(pair);
        }
    }

    /// The path to a pair with a value in it that resembles a literal, the first that can,
    /// and which segment that is.
    fn path_resembling(&self, at: usize, slash: bool) -> Option<(String, usize)> {
        let mut segments: Vec<(&str, Option<&str>)> = Vec::new();
        let mut pair = &self.queue[at];
        while let Some(from) = pair.from {
            segments.push((&pair.segment, pair.resembling.as_deref()));
            pair = &self.queue[from];
        }
        segments.reverse();
        let first = segments.iter().position(|(_, other)| other.is_some())?;
        let segment = |(number, (segment, other)): (usize, &(&str, Option<&str>))| match other {
            Some(other) if number == first => (*other).to_owned(),
            _ => (*segment).to_owned(),
        };
        let segments: Vec<String> = segments.iter().enumerate().map(segment).collect();
        let end = if slash { "/" } else { "" };
        Some((format!("/{}{end}", segments.join("/")), first))
    }

    fn path(&self, at: usize, last: Option<&str>, slash: bool) -> String {
        let mut segments: Vec<&str> = last.into_iter().collect();
        let mut pair = &self.queue[at];
        while let Some(from) = pair.from {
            segments.push(&pair.segment);
            pair = &self.queue[from];
        }
        segments.reverse();
        let end = if slash && !segments.is_empty() {
            "/"
        } else {
            ""
        };
        format!("/{}{end}", segments.join("/"))
    }

    fn difference(&self, template: &Template, file: String, tables: String) -> Difference {
        let path = template
            .to_string()
            .replace("{*}", &self.fresh)
            .replace("{}", &self.fresh);
        Difference { path, file, tables }
    }
}

impl Live {
    /// The same, having taken segment `number` as a value that resembles a literal.
    fn refused(&self, number: usize) -> Self {
        let refuse = |matching: &Matching| Matching {
            refused: matching.refused.or(Some(number)),
            ..*matching
        };
        Self {
            at: self.at.iter().map(refuse).collect(),
            within: self.within.iter().map(refuse).collect(),
            depth: self.depth,
        }
    }

    fn tidy(mut self) -> Self {
        self.at.sort_unstable();
        self.within.sort_unstable();
        if self.at.is_empty() {
            self.depth = 0;
        }
        self
    }
}

/// The routes that a model's templates have, if they follow each other.
fn rows(model: &Model) -> Vec<(u32, Methods)> {
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

/// What the tables have at an end.
fn ending(end: Option<End>) -> Ending {
    match end {
        None => Ending::Nothing,
        Some(end) => match end.as_refused() {
            Some(segment) => Ending::Refused(segment as usize),
            None => Ending::Template(end.first_route(), end.methods()),
        },
    }
}

/// The routes of what wins.
fn template(end: End) -> (u32, Methods) {
    (end.first_route(), end.methods())
}

/// A segment that is no literal of either side, in any spelling.
fn fresh_segment(model: &Model, labelled: &Labelled<'_>) -> String {
    let literal = |segment: &template::Segment| match segment {
        template::Segment::Literal(text) => Some(read_as(text)),
        _ => None,
    };
    let segments = model
        .templates
        .iter()
        .flat_map(|Listing { template, .. }| &template.segments);
    let mut taken: HashSet<Vec<u8>> = segments.filter_map(literal).collect();
    taken.extend(
        labelled
            .all()
            .flat_map(|label| label.split('/'))
            .map(read_as),
    );
    let mut fresh = String::from("x");
    while taken.contains(fresh.as_bytes()) {
        fresh.push('x');
    }
    fresh
}
