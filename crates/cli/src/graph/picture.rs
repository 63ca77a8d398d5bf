//! The picture that every format draws: the tree of the paths, and a legend.

use std::collections::BTreeMap;

use routescope::Policy;

use super::tree::{Needs, Node};

/// The tree that is drawn, and its legend.
pub(super) struct Picture<'p> {
    pub(super) policy: Policy<'p>,
    /// The resources it is limited to; empty for all.
    pub(super) part: &'p [String],
    pub(super) tree: Node,
    pub(super) legend: Legend,
}

impl Picture<'_> {
    /// `pbx: 110 routes`
    pub(super) fn title(&self) -> String {
        let routes: usize = self.legend.0.values().map(|entry| entry.routes).sum();
        let part = match self.part {
            [] => String::new(),
            some => format!(" of {}", some.join(", ")),
        };
        let routes = crate::wire::count(routes as u64, "route");
        format!("{}: {routes}{part}", self.policy.name())
    }
}

/// The resources that occur, each with a colour.
pub(super) struct Legend(pub(super) BTreeMap<String, LegendEntry>);

pub(super) struct LegendEntry {
    /// Its index in the legend.
    pub(super) index: usize,
    /// Its angle on the colour wheel, in degrees.
    pub(super) hue: usize,
    pub(super) routes: usize,
}

/// Whether an entry is none of a resource: it is of routes that need no scope.
pub(super) fn is_open(resource: &str) -> bool {
    [Needs::Public, Needs::AnyKey]
        .iter()
        .any(|needs| needs.open() == Some(resource))
}

impl Legend {
    pub(super) fn new(tree: &Node) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        tree.visit_all(&mut |node| {
            for route in node.ends.iter().flat_map(|end| &end.routes) {
                *counts.entry(route.resource().to_owned()).or_default() += 1;
            }
        });
        let entries = counts
            .into_iter()
            .enumerate()
            .map(|(index, (resource, routes))| {
                let entry = LegendEntry {
                    index,
                    // The golden angle: neighbours in the legend, which are often
                    // neighbours in the picture, are far apart on the wheel.
                    hue: index * 1375 / 10 % 360,
                    routes,
                };
                (resource, entry)
            });
        Self(entries.collect())
    }

    /// The resources, without the kinds of routes that need no scope.
    pub(super) fn resources(&self) -> impl Iterator<Item = &str> {
        let all = self.0.keys().map(String::as_str);
        all.filter(|resource| !is_open(resource))
    }

    pub(super) fn of(&self, resource: &str) -> Option<&LegendEntry> {
        self.0.get(resource)
    }
}

impl LegendEntry {
    /// A pale `#rrggbb`, for black letters.
    pub(super) fn fill(&self) -> String {
        let (lightest, darkest) = (250.0, 205.0);
        let channel = |place: f64| {
            // The distance to the channel's own angle on the wheel: from 0, within 60 degrees,
            // to 1, beyond 120.
            let around = (self.hue as f64 + 360.0 - place) % 360.0;
            let distance = (around.min(360.0 - around) / 60.0 - 1.0).clamp(0.0, 1.0);
            (lightest - distance * (lightest - darkest)).round()
        };
        let [red, green, blue] = [0.0, 120.0, 240.0].map(channel);
        format!(
            "#{red:02x}{green:02x}{blue:02x}",
            red = red as u8,
            green = green as u8,
            blue = blue as u8
        )
    }
}
