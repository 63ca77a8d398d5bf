//! The templates that match a path. The engine says which of them wins.

use routescope::Method;
use routescope_compiler::model::Listing;
use routescope_compiler::template::Segment;
use serde::Serialize;

use super::question::Question;

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

impl Question<'_> {
    /// The templates that match, the most specific first. The `winner` is the engine's.
    pub(super) fn matching(&self, winner: &str) -> Vec<Matching> {
        let listings = self.matcher.matching(self.text().unwrap_or_default());
        let first = listings.first().copied();
        listings
            .iter()
            .map(|listing| Matching {
                template: text_for(listing, self.method).to_owned(),
                methods: listing.answers().iter().map(Method::as_str).collect(),
                wins: listing.routes.iter().any(|route| route.text == winner),
                because: first
                    .filter(|first| first.template != listing.template)
                    .and_then(|first| because(first, listing)),
            })
            .collect()
    }
}

/// Names the first segment in which the winner is narrower.
fn because(winner: &Listing, other: &Listing) -> Option<String> {
    let (ours, theirs) = (split(winner), split(other));
    let mut pairs = winner
        .template
        .segments
        .iter()
        .zip(&other.template.segments);
    let at = pairs.position(|(a, b)| a.breadth() != b.breadth())?;
    let (ours, theirs) = (ours.get(at)?, theirs.get(at)?);
    let takes = match other.template.segments[at] {
        Segment::CatchAll => "any rest of a path",
        Segment::Affix { .. } => "any value with this text beside it",
        Segment::Parameter | Segment::Literal(_) => "any one value",
    };
    Some(format!(
        "segment {}: `{theirs}` takes {takes}, and the winner's `{ours}` is narrower",
        at + 1
    ))
}

fn split(listing: &Listing) -> Vec<&str> {
    let segments = listing.text().split('/');
    segments.filter(|text| !text.is_empty()).collect()
}

/// The template as the file writes it for a method, if it lists that.
fn text_for<'l>(listing: &'l Listing, method: &[u8]) -> &'l str {
    let mut routes = listing.routes.iter();
    let listed = routes.find(|route| route.method.as_str().as_bytes() == method);
    listed.map_or_else(|| listing.text(), |route| &route.text)
}
