//! Which templates match a path, told from the model: the engine has decided.

use std::cmp::Ordering;

use routescope::{Method, Methods};
use routescope_compiler::model::Listing;
use routescope_compiler::template::{Segment, Template};
use routescope_compiler::{is_wildcard, resembles};
use serde::Serialize;

use super::explanation::Question;
use super::offence::Offence;
use crate::methods::answered;

/// A template that matches the path.
#[derive(Debug, Serialize)]
pub(super) struct Matching {
    pub(super) template: String,
    /// The methods it answers.
    pub(super) methods: Vec<&'static str>,
    /// Whether it is the most specific one, which decides alone.
    pub(super) wins: bool,
    /// Why the winner is more specific.
    pub(super) because: Option<String>,
}

impl<'q> Question<'q> {
    /// The templates that match, the winner first. `winner` is the engine's.
    pub(super) fn matching(&self, winner: &str) -> Vec<Matching> {
        let (path, slash) = self.path();
        let mut listings: Vec<&Listing> = self
            .model
            .templates
            .iter()
            .filter(|listing| self.matches(&listing.template, &path, slash))
            .collect();
        let wins = |listing: &Listing| listing.routes.iter().any(|route| route.text == winner);
        listings.sort_by(|a, b| {
            let by_winning = wins(b).cmp(&wins(a));
            by_winning.then_with(|| a.template.precedence(&b.template))
        });
        let first = listings.first().copied();
        listings
            .iter()
            .map(|listing| Matching {
                template: text_for(listing, self.method).to_owned(),
                methods: methods(listing),
                wins: wins(listing),
                because: first
                    .filter(|first| first.template != listing.template)
                    .and_then(|first| because(first, listing)),
            })
            .collect()
    }

    fn matches(&self, template: &Template, path: &[&str], slash: bool) -> bool {
        let options = self.model.options;
        let either = options.trailing_slash_optional && !template.segments.is_empty();
        let slash = if either { template.slash } else { slash };
        if !options.case_insensitive {
            return template.matches(path, slash);
        }
        let folded: Vec<String> = path.iter().map(|text| text.to_ascii_lowercase()).collect();
        let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
        template.to_lowercase().matches(&folded, slash)
    }

    /// The segments of the path, and whether it ends in a slash. For targets
    /// that keep the rules, which are ASCII.
    pub(super) fn path(&self) -> (Vec<&'q str>, bool) {
        let path = self.target.split(|byte| *byte == b'?').next();
        let path = std::str::from_utf8(path.unwrap_or_default()).unwrap_or_default();
        let inner = path.strip_prefix('/').unwrap_or(path);
        let (inner, slash) = match inner.strip_suffix('/') {
            Some(inner) => (inner, true),
            None => (inner, inner.is_empty()),
        };
        let segments = inner.split('/').filter(|text| !text.is_empty()).collect();
        (segments, slash)
    }

    /// The literal for which rule 7 refuses the value at a place: of those that could stand
    /// there, one that it is read as, else the first.
    pub(super) fn resembled(&self, place: Offence) -> Option<&'q str> {
        let (path, _) = self.path();
        let index = self.target[..place.start]
            .iter()
            .filter(|byte| **byte == b'/')
            .count()
            .checked_sub(1)?;
        let value = *path.get(index)?;
        let literals = self.literals_at(&path, index);
        let alike = literals.clone().find(|literal| resembles(literal, value));
        alike.or_else(|| literals.clone().next().filter(|_| is_wildcard(value)))
    }

    /// The literals that could stand at a place of a path: those of all templates whose
    /// earlier segments match, whichever template wins.
    fn literals_at<'p>(
        &self,
        path: &'p [&'p str],
        index: usize,
    ) -> impl Iterator<Item = &'q str> + Clone + use<'p, 'q> {
        let model = self.model;
        let folds = model.options.case_insensitive;
        let fits = move |(segment, written): (&Segment, &&str)| match segment {
            Segment::Literal(literal) if folds => literal.eq_ignore_ascii_case(written),
            Segment::Literal(literal) => literal == written,
            Segment::Parameter | Segment::CatchAll => true,
        };
        model.templates.iter().filter_map(move |listing| {
            let segments = &listing.template.segments;
            match segments.get(index)? {
                Segment::Literal(literal) => {
                    let mut before = segments.iter().zip(path).take(index);
                    before.all(fits).then_some(literal.as_str())
                }
                Segment::Parameter | Segment::CatchAll => None,
            }
        })
    }
}

/// The first segment in which the winner is narrower.
fn because(winner: &Listing, other: &Listing) -> Option<String> {
    let (ours, theirs) = (split(winner), split(other));
    let pairs = winner
        .template
        .segments
        .iter()
        .zip(&other.template.segments);
    let kind = |segment: &Segment| match segment {
        Segment::Literal(_) => 0,
        Segment::Parameter => 1,
        Segment::CatchAll => 2,
    };
    let at = pairs
        .clone()
        .position(|(a, b)| kind(a).cmp(&kind(b)) != Ordering::Equal)?;
    let (ours, theirs) = (ours.get(at)?, theirs.get(at)?);
    let takes = match other.template.segments[at] {
        Segment::CatchAll => "any rest of a path",
        Segment::Parameter | Segment::Literal(_) => "any one value",
    };
    Some(format!(
        "segment {}: `{theirs}` takes {takes}, and the winner's `{ours}` is narrower",
        at + 1
    ))
}

fn split(listing: &Listing) -> Vec<&str> {
    let segments = text(listing).split('/');
    segments.filter(|text| !text.is_empty()).collect()
}

/// A template as the file writes it.
pub(super) fn text(listing: &Listing) -> &str {
    // A listing has at least one route.
    listing.routes.first().map_or("", |route| &route.text)
}

/// A template as the file writes it for a method, if it lists that.
fn text_for<'l>(listing: &'l Listing, method: &[u8]) -> &'l str {
    let mut routes = listing.routes.iter();
    let listed = routes.find(|route| route.method.as_str().as_bytes() == method);
    listed.map_or_else(|| text(listing), |route| &route.text)
}

/// The methods that a template answers, `HEAD` included where it lists `GET`.
pub(super) fn methods(listing: &Listing) -> Vec<&'static str> {
    let routes = listing.routes.iter();
    let listed = routes.fold(Methods::NONE, |listed, route| listed.with(route.method));
    answered(listed).map(Method::as_str).collect()
}
