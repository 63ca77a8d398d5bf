//! The tree for Markdown that draws Mermaid.

use std::fmt::Write as _;

use super::picture::{Legend, Picture};
use super::tree::{Needs, Node};

/// Mermaid draws no more edges than this unless the page is set up to.
const MOST_EDGES: usize = 500;

pub(super) fn draw(picture: &Picture<'_>) -> String {
    let mut out = String::from("flowchart LR\n");
    let _ = writeln!(out, "  %% {}", picture.title());
    let mut next = 0;
    node(&picture.tree, &picture.legend, true, &mut next, &mut out);
    if next > MOST_EDGES {
        anstream::eprintln!(
            "warning: {next} nodes, and Mermaid draws at most {MOST_EDGES} edges unless it is configured otherwise\n  help: show a part with --resource, or use --format svg"
        );
    }
    legend(&picture.legend, &mut out);
    out
}

/// Writes a node and all below it; its number.
fn node(node: &Node, legend: &Legend, root: bool, next: &mut usize, out: &mut String) -> usize {
    let id = *next;
    *next += 1;
    let mut lines = vec![if root {
        format!("/{}", node.text())
    } else {
        node.text()
    }];
    lines.extend(node.lines());
    let label: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    // Public routes have double sides, those for any key round ones.
    let (open, close) = match (node.has(Needs::Public), node.has(Needs::AnyKey)) {
        (true, _) => ("[[", "]]"),
        (false, true) => ("([", "])"),
        (false, false) => ("[", "]"),
    };
    let _ = write!(out, "  n{id}{open}\"{}\"{close}", label.join("<br>"));
    if let Some(entry) = node.resource().and_then(|resource| legend.of(resource)) {
        let _ = write!(out, ":::r{}", entry.index);
    }
    out.push('\n');
    for child in &node.children {
        let child = self::node(child, legend, false, next, out);
        let _ = writeln!(out, "  n{id} --- n{child}");
    }
    id
}

fn legend(legend: &Legend, out: &mut String) {
    if legend.0.is_empty() {
        return;
    }
    out.push_str("  subgraph legend\n    direction LR\n");
    for (resource, entry) in &legend.0 {
        let _ = writeln!(
            out,
            "    l{0}[\"{1} ({2})\"]:::r{0}",
            entry.index,
            escaped(resource),
            entry.routes
        );
    }
    out.push_str("  end\n");
    for entry in legend.0.values() {
        let _ = writeln!(
            out,
            "  classDef r{} fill:{},stroke:#555,color:#111",
            entry.index,
            entry.fill()
        );
    }
}

/// Text between quotes: Mermaid reads entities there, and HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}
