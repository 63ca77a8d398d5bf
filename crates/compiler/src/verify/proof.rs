//! The state of a proof: the pairs reached, and a path to each.

use std::collections::{HashMap, HashSet};

use routescope_core::__private::Tables;
use routescope_core::Methods;
use routescope_core::path::MAX_SEGMENT;

use crate::model::template::{self, Template};
use crate::model::{Listing, Model};
use crate::verify::active_set::ActiveSet;
use crate::verify::difference::Difference;
use crate::verify::segment_view::{Position, SegmentView};
use crate::verify::spelling::{is_around, normalize};

/// A comparison of tables with a model, as far as it has come.
pub(super) struct Proof<'p> {
    pub(super) model: &'p Model,
    pub(super) tables: &'p Tables<'p>,
    pub(super) view: SegmentView<'p>,
    /// A segment that resembles no literal and no affix of either side.
    pub(super) fresh: String,
    /// The pairs, by their number in the queue.
    pub(super) reached: HashMap<(Position, ActiveSet), usize>,
    pub(super) queue: Vec<Pair>,
    /// The number of transitions compared.
    pub(super) steps: usize,
    /// Of each template of the model, the first route and the methods.
    pub(super) rows: Vec<(u32, Methods)>,
}

/// A table state and the set of active templates that the same path leads to.
pub(super) struct Pair {
    pub(super) position: Position,
    pub(super) active: ActiveSet,
    /// The pair before, and the segment that leads here.
    pub(super) from: Option<usize>,
    pub(super) segment: String,
    /// Another segment that leads here as a value and is refused, if there is one.
    pub(super) resembling: Option<String>,
}

impl<'p> Proof<'p> {
    pub(super) fn new(model: &'p Model, tables: &'p Tables<'p>) -> Self {
        let view = SegmentView::new(tables);
        Self {
            model,
            tables,
            fresh: fresh_segment(model, &view),
            view,
            reached: HashMap::new(),
            queue: Vec::new(),
            steps: 0,
            rows: rows(model),
        }
    }

    /// A path to a pair whose first possible segment is replaced by a value for which the path is
    /// refused, and the number of that segment.
    pub(super) fn path_resembling(&self, at: usize, slash: bool) -> Option<(String, usize)> {
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

    pub(super) fn path(&self, at: usize, last: Option<&str>, slash: bool) -> String {
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

    pub(super) fn difference(
        &self,
        template: &Template,
        file: String,
        tables: String,
    ) -> Difference {
        let path = template
            .to_string()
            .replace("{*}", &self.fresh)
            .replace("{}", &self.fresh);
        Difference { path, file, tables }
    }
}

/// A segment that resembles no literal and no affix of either side.
fn fresh_segment(model: &Model, view: &SegmentView<'_>) -> String {
    let mut taken: HashSet<Vec<u8>> = HashSet::new();
    let mut affixes: HashSet<(&str, &str)> = view.all_affixes().collect();
    let listings = model.templates.iter();
    for segment in listings.flat_map(|Listing { template, .. }| &template.segments) {
        match segment {
            template::Segment::Literal(text) => {
                taken.insert(normalize(text));
            }
            template::Segment::Affix { prefix, suffix } => {
                affixes.insert((prefix, suffix));
            }
            template::Segment::Parameter | template::Segment::CatchAll => {}
        }
    }
    taken.extend(view.all().flat_map(|label| label.split('/')).map(normalize));
    let is_fresh = |text: &String| {
        let mut affixes = affixes.iter();
        !taken.contains(text.as_bytes())
            && !affixes.any(|(prefix, suffix)| is_around(prefix, suffix, text))
    };
    // Runs as long as a segment may be; of several letters, for affixes that begin with one.
    let repeated = |letter: &'static str| (1..=MAX_SEGMENT).map(|count| letter.repeat(count));
    let mut all = ["x", "y", "z", "q", "7", "~"]
        .into_iter()
        .flat_map(repeated);
    all.find(is_fresh).unwrap_or_else(|| "x".to_owned())
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
