//! `routescope graph`: the routes as a tree of their paths, drawn.

mod dot;
mod mermaid;
mod outline;
mod picture;
mod svg;
mod tree;

use std::collections::BTreeSet;
use std::io::Write;

use routescope_compiler::model::Model;
use routescope_compiler::unstable::nearest;
use serde::Serialize;

use self::picture::{Legend, Picture};
use self::tree::Node;
use crate::failure::{Failure, Outcome, Result};
use crate::output::{Format, JSON_VERSION, Output, formats};
use crate::policy::Source;
use crate::wire::to_hex;

/// Draw the routes as a tree of their paths, with methods and scopes at the ends
///
/// `[public route]` and `[any key]` stand where a route needs no scope; their frames differ too.
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

    /// Only the routes of this resource, which is the part of a scope before the colon, or a whole
    /// scope whose name is opaque; repeat it for several
    #[arg(long, value_name = "RESOURCE")]
    resource: Vec<String>,
}

pub(crate) fn draw(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    let compiled = policy.read()?;
    let decides = compiled.policy();
    let wanted = |resource: Option<&str>| {
        let mut resources = arguments.resource.iter().map(String::as_str);
        arguments.resource.is_empty() || resources.any(|one| Some(one) == resource)
    };
    let all: Vec<&str> = resources(compiled.model());
    for resource in &arguments.resource {
        if !all.contains(&resource.as_str()) {
            return Err(unknown(resource, &all));
        }
    }
    let tree = tree::build(compiled.model(), wanted);
    let picture = Picture {
        policy: decides,
        part: &arguments.resource,
        legend: Legend::new(&tree),
        tree,
    };
    match arguments.format {
        Format::Json => json(&picture, output)?,
        Format::Dot => output.write_all(dot::draw(&picture).as_bytes())?,
        Format::Mermaid => output.write_all(mermaid::draw(&picture).as_bytes())?,
        Format::Svg => output.write_all(svg::draw(&picture).as_bytes())?,
        _ => {
            writeln!(output, "{}\n", policy.headline(decides))?;
            outline::draw(&picture, output)?;
        }
    }
    Ok(Outcome::Yes)
}

/// The resources that scopes of the file are about, in order.
fn resources(model: &Model) -> Vec<&str> {
    let all: BTreeSet<&str> = model.scopes.iter().map(tree::resource_of).collect();
    all.into_iter().collect()
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
        resources: picture.legend.resources().collect(),
        tree: &picture.tree,
    })
}
