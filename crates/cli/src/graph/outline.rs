//! The tree as an outline, for a terminal.

use std::io::Write;

use anstyle::Style;

use super::picture::Picture;
use super::tree::Node;
use crate::failure::Result;
use crate::output::Output;

const DIM: Style = Style::new().dimmed();

pub(super) fn draw(picture: &Picture<'_>, output: &mut Output) -> Result<()> {
    writeln!(output, "{}", picture.title())?;
    let mut lines = Vec::new();
    collect(&picture.tree, "", "", &mut lines);
    let widths = lines.iter().filter(|(_, node)| !node.ends.is_empty());
    let width = widths
        .map(|(prefix, node)| prefix.chars().count() + node.text().len())
        .max()
        .unwrap_or_default()
        .min(60);
    for (prefix, node) in lines {
        let text = if prefix.is_empty() {
            format!("/{}", node.text())
        } else {
            node.text()
        };
        let used = prefix.chars().count() + text.len();
        write!(output, "{DIM}{prefix}{DIM:#}{text}")?;
        if !node.ends.is_empty() {
            write!(output, "{:1$}", "", width.saturating_sub(used) + 2)?;
        }
        for (i, line) in node.lines().iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(output, "{comma}{line}")?;
        }
        writeln!(output)?;
    }
    Ok(())
}

fn collect<'n>(node: &'n Node, prefix: &str, below: &str, lines: &mut Vec<(String, &'n Node)>) {
    lines.push((prefix.to_owned(), node));
    for (i, child) in node.children.iter().enumerate() {
        let (branch, next) = match i + 1 == node.children.len() {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        collect(
            child,
            &format!("{below}{branch}"),
            &format!("{below}{next}"),
            lines,
        );
    }
}
