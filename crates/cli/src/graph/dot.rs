//! The tree for Graphviz.

use std::fmt::Write as _;

use super::picture::{Legend, Picture};
use super::tree::{Needs, Node};

pub(super) fn draw(picture: &Picture<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "digraph routes {{\n  \
         label={}; labelloc=t; rankdir=LR; nodesep=0.1; ranksep=0.35;\n  \
         fontname=\"Helvetica\";\n  \
         node [shape=box, style=\"filled,rounded\", fillcolor=\"#f2f2f2\", color=\"#888888\", fontname=\"Courier\", fontsize=10, height=0.25, margin=\"0.08,0.03\"];\n  \
         edge [color=\"#888888\", arrowhead=none];",
        quoted(&picture.title())
    );
    let mut next = 0;
    node(&picture.tree, &picture.legend, true, &mut next, &mut out);
    legend(&picture.legend, &mut out);
    out.push_str("}\n");
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
    let _ = write!(out, "  n{id} [label=\"{}\\l\"", label.join("\\l"));
    if let Some(entry) = node.resource().and_then(|resource| legend.of(resource)) {
        let _ = write!(out, ", fillcolor=\"{}\"", entry.fill());
    }
    if !node.ends.is_empty() {
        out.push_str(", color=\"#222222\"");
    }
    // Public routes have a double frame, those for any key a dashed one.
    if node.has(Needs::Public) {
        out.push_str(", peripheries=2");
    }
    if node.has(Needs::AnyKey) {
        out.push_str(", style=\"filled,rounded,dashed\"");
    }
    out.push_str("];\n");
    for child in &node.children {
        let child = self::node(child, legend, false, next, out);
        let _ = writeln!(out, "  n{id} -> n{child};");
    }
    id
}

/// Draws one box next to the tree, its lines in the colours.
fn legend(legend: &Legend, out: &mut String) {
    if legend.0.is_empty() {
        return;
    }
    out.push_str("  legend [shape=plain, style=\"\", label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" COLOR=\"#888888\">\n");
    for (resource, entry) in &legend.0 {
        let _ = writeln!(
            out,
            "    <TR><TD ALIGN=\"LEFT\" BGCOLOR=\"{}\">{} ({})</TD></TR>",
            entry.fill(),
            resource.replace('&', "&amp;").replace('<', "&lt;"),
            entry.routes
        );
    }
    out.push_str("  </TABLE>>];\n");
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
