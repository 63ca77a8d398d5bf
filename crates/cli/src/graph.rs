//! `routescope graph`: the routes as a tree of their paths, drawn.

mod dot;
mod mermaid;
mod outline;
mod svg;
mod tree;

use std::collections::BTreeMap;
use std::io::Write;

use routescope::Policy;
use routescope_compiler::unstable::nearest;
use serde::Serialize;

use self::tree::Node;
use crate::failure::{Failure, Outcome, Result};
use crate::output::{Format, JSON_VERSION, Output, formats};
use crate::policy::Source;
use crate::wire::to_hex;

/// Draw the routes as a tree of their paths, with methods and scopes at the ends
///
/// To look at it: routescope graph --format svg > routes.svg, and open that in a browser; or
/// routescope graph --format dot | dot -Tpdf > routes.pdf; or paste the output of --format mermaid
/// into a Markdown file.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How to draw it: for people, as an outline; for programs, as JSON; or as a picture
    #[arg(
        long,
        visible_alias = "as",
        value_name = "FORMAT",
        default_value = "human",
        value_parser = formats(&[
            Format::Human,
            Format::Json,
            Format::Dot,
            Format::Mermaid,
            Format::Svg,
        ])
    )]
    pub(crate) format: Format,

    /// Only the routes of this resource, which is the part of a scope before the colon; repeat it
    /// for several
    #[arg(long, value_name = "RESOURCE")]
    resource: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    let compiled = policy.compile()?;
    let decides = compiled.policy();
    let wanted = |resource: &str| {
        arguments.resource.is_empty() || arguments.resource.iter().any(|one| one == resource)
    };
    let all: Vec<&str> = resources(&decides);
    for resource in &arguments.resource {
        if !all.contains(&resource.as_str()) {
            return Err(unknown(resource, &all));
        }
    }
    let tree = tree::build(compiled.model(), wanted);
    let picture = Picture {
        policy: &decides,
        part: &arguments.resource,
        legend: Legend::new(&tree),
        tree,
    };
    match arguments.format {
        Format::Json => json(&picture, output)?,
        Format::Dot => dot::draw(&picture, output)?,
        Format::Mermaid => mermaid::draw(&picture, output)?,
        Format::Svg => svg::draw(&picture, output)?,
        _ => {
            writeln!(output, "{}\n", policy.headline(&decides))?;
            outline::draw(&picture, output)?;
        }
    }
    Ok(Outcome::Yes)
}

/// The resources that scopes of the file are about.
fn resources<'p>(policy: &'p Policy<'p>) -> Vec<&'p str> {
    let mut all: Vec<&str> = policy
        .scopes()
        .filter(|scope| scope.is_declared())
        .filter_map(|scope| Some(scope.name().split_once(':')?.0))
        .collect();
    all.dedup();
    all
}

fn unknown(resource: &str, all: &[&str]) -> Failure {
    let named = resource.split(':').next().unwrap_or(resource);
    let help = match nearest(named, all.iter().copied()) {
        Some(near) if near == named => format!("write the resource alone: `--resource {near}`"),
        Some(near) => format!("did you mean `{near}`?"),
        None if all.len() <= 30 => format!("there are {}", all.join(", ")),
        None => "`routescope routes --grep TEXT` shows which there are".to_owned(),
    };
    Failure::new(
        format_args!("no scope of the policy is about `{resource}`"),
        help,
    )
}

/// What is drawn.
struct Picture<'p> {
    policy: &'p Policy<'p>,
    /// The resources it is limited to; empty for all.
    part: &'p [String],
    tree: Node,
    legend: Legend,
}

impl Picture<'_> {
    /// `pbx: 110 routes`
    fn title(&self) -> String {
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
struct Legend(BTreeMap<String, Entry>);

struct Entry {
    /// Its place in the legend.
    index: usize,
    /// In degrees of the colour wheel.
    hue: usize,
    routes: usize,
}

impl Legend {
    fn new(tree: &Node) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        tree.walk(&mut |node| {
            for route in node.ends.iter().flat_map(|end| &end.routes) {
                *counts.entry(route.resource().to_owned()).or_default() += 1;
            }
        });
        let entries = counts
            .into_iter()
            .enumerate()
            .map(|(index, (resource, routes))| {
                let entry = Entry {
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

    fn of(&self, resource: &str) -> Option<&Entry> {
        self.0.get(resource)
    }
}

impl Entry {
    /// A pale `#rrggbb`, for black letters.
    fn fill(&self) -> String {
        let (lightest, darkest) = (250.0, 205.0);
        let channel = |place: f64| {
            // How far it is to the channel's own place on the wheel: from 0,
            // within 60 degrees, to 1, beyond 120.
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

#[derive(Debug, Serialize)]
struct Json<'p> {
    version: u32,
    policy: &'p str,
    digest: String,
    resources: Vec<&'p str>,
    tree: &'p Node,
}

fn json(picture: &Picture<'_>, output: &mut Output) -> Result<()> {
    output.json(&Json {
        version: JSON_VERSION,
        policy: picture.policy.name(),
        digest: to_hex(picture.policy.digest()),
        resources: picture.legend.0.keys().map(String::as_str).collect(),
        tree: &picture.tree,
    })
}

/// Writes a whole text.
fn write(text: &str, output: &mut Output) -> Result<()> {
    output.write_all(text.as_bytes())?;
    Ok(())
}
