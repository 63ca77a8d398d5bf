//! The tree as a self-contained picture: the paths from left to right, and next to each path
//! that ends, a line with its methods and scopes.
//!
//! Every path that ends has its own row, so that the tree reads like the table; a node whose
//! path does not end shares the row of its first child.

use svg::node::element::{Description, Group, Path, Rectangle, Style, Text, Title};
use svg::{Document, Node as _};

use super::picture::{Legend, LegendEntry, Picture, is_open};
use super::tree::{ListedRoute, Needs, Node};

const ROW: f64 = 26.0;
const BOX: f64 = 20.0;
const MARGIN: f64 = 20.0;
/// Between columns.
const GAP: f64 = 22.0;
/// A letter of a monospaced font of 12 px.
const LETTER: f64 = 7.3;

pub(super) fn draw(picture: &Picture<'_>) -> String {
    let mut layout = Layout::default();
    layout.place(&picture.tree, 0);
    let columns = layout.columns();
    let right = columns.last().copied().unwrap_or(MARGIN);

    let mut body = Group::new();
    let legend_height = legend(&picture.legend, &mut body);
    let top = MARGIN + 24.0 + legend_height + 10.0;
    let mut width = right + 200.0;
    let mut tree = Group::new();
    for placed in &layout.placed {
        let y = top + placed.row as f64 * ROW;
        edges(placed, &layout, &columns, top, &mut tree);
        leaf(placed, columns[placed.column], right, y, &mut tree);
        node(
            placed,
            &picture.legend,
            columns[placed.column],
            y,
            &mut tree,
        );
        width = width.max(routes(placed.node, &picture.legend, right, y, &mut tree) + MARGIN);
    }
    let height = top + layout.rows as f64 * ROW + MARGIN;
    let width = width.max(LEGEND_WIDTH + 2.0 * MARGIN);
    let title = picture.title();
    let document = Document::new()
        .set("viewBox", (0, 0, width.ceil() as u64, height.ceil() as u64))
        .set("width", width.ceil())
        .set("height", height.ceil())
        .set("role", "img")
        .set("aria-labelledby", "title description")
        .add(Title::new(title.clone()).set("id", "title"))
        .add(
            Description::new()
                .set("id", "description")
                .add(svg::node::Text::new(
                    "The paths as a tree from left to right; at each path that ends, its methods with the scopes they are listed under.",
                )),
        )
        .add(Style::new(style(&picture.legend)))
        .add(Rectangle::new().set("class", "page").set("width", "100%").set("height", "100%"))
        .add(text(&title, MARGIN, MARGIN + 12.0, "title"))
        .add(body)
        .add(tree);
    format!("{document}\n")
}

/// The row and the column of each node.
#[derive(Default)]
struct Layout<'n> {
    placed: Vec<Placed<'n>>,
    rows: usize,
}

struct Placed<'n> {
    node: &'n Node,
    column: usize,
    row: usize,
    /// Indices of its children.
    children: Vec<usize>,
}

impl<'n> Layout<'n> {
    /// Places a node and all below it; its index.
    fn place(&mut self, node: &'n Node, column: usize) -> usize {
        let index = self.placed.len();
        self.placed.push(Placed {
            node,
            column,
            row: self.rows,
            children: Vec::new(),
        });
        if !node.ends.is_empty() || node.children.is_empty() {
            self.rows += 1;
        }
        let children = node
            .children
            .iter()
            .map(|child| self.place(child, column + 1))
            .collect();
        self.placed[index].children = children;
        index
    }

    /// The left edge of each column; the last is that of methods and scopes.
    fn columns(&self) -> Vec<f64> {
        let deepest = self
            .placed
            .iter()
            .map(|placed| placed.column)
            .max()
            .unwrap_or_default();
        let mut columns = vec![MARGIN];
        for column in 0..=deepest {
            let widest = self
                .placed
                .iter()
                .filter(|placed| placed.column == column)
                .map(width)
                .fold(0.0, f64::max);
            columns.push(columns[column] + widest + GAP);
        }
        columns
    }
}

/// The text of a node.
fn label(placed: &Placed<'_>) -> String {
    match placed.column {
        0 => format!("/{}", placed.node.text()),
        _ => placed.node.text(),
    }
}

fn width(placed: &Placed<'_>) -> f64 {
    label(placed).chars().count() as f64 * LETTER + 16.0
}

fn node(placed: &Placed<'_>, legend: &Legend, x: f64, y: f64, out: &mut Group) {
    let entry = placed
        .node
        .resource()
        .and_then(|resource| legend.of(resource));
    let ends = if placed.node.ends.is_empty() {
        ""
    } else {
        " ends"
    };
    out.append(
        Rectangle::new()
            .set("class", format!("node{ends} {}", class(entry)))
            .set("x", x)
            .set("y", y)
            .set("width", width(placed))
            .set("height", BOX)
            .set("rx", 4),
    );
    out.append(text(&label(placed), x + 8.0, y + 14.0, "label"));
}

/// Lines from a node to its children.
fn edges(placed: &Placed<'_>, layout: &Layout<'_>, columns: &[f64], top: f64, out: &mut Group) {
    let from_x = columns[placed.column] + width(placed);
    let from_y = top + placed.row as f64 * ROW + BOX / 2.0;
    for child in placed.children.iter().map(|child| &layout.placed[*child]) {
        let x = columns[child.column];
        let y = top + child.row as f64 * ROW + BOX / 2.0;
        // Down in the gap before the child, where no box can be.
        let turn = x - GAP / 2.0;
        out.append(Path::new().set("class", "edge").set(
            "d",
            format!("M{from_x:.1} {from_y:.1}H{turn:.1}V{y:.1}H{x:.1}"),
        ));
    }
}

/// A fine line from a path that ends to its methods.
fn leaf(placed: &Placed<'_>, x: f64, right: f64, y: f64, out: &mut Group) {
    if !placed.node.ends.is_empty() {
        let (from, y) = (x + width(placed), y + BOX / 2.0);
        out.append(
            Path::new()
                .set("class", "leader")
                .set("d", format!("M{from:.1} {y:.1}H{:.1}", right - 4.0)),
        );
    }
}

/// The methods and scopes of a node's ends; where the line ends.
fn routes(node: &Node, legend: &Legend, mut x: f64, y: f64, out: &mut Group) -> f64 {
    for end in &node.ends {
        if node.ends.len() > 1 {
            let which = if end.slash { "with slash" } else { "no slash" };
            out.append(text(which, x, y + 14.0, "count"));
            x += which.len() as f64 * LETTER + 8.0;
        }
        for route in &end.routes {
            x = self::route(route, legend, x, y, out);
        }
    }
    x
}

fn route(route: &ListedRoute, legend: &Legend, x: f64, y: f64, out: &mut Group) -> f64 {
    let wide = route.method.len() as f64 * LETTER + 12.0;
    out.append(
        Rectangle::new()
            .set(
                "class",
                format!(
                    "pill{} {}",
                    frame(route.needs),
                    class(legend.of(route.resource()))
                ),
            )
            .set("x", x)
            .set("y", y + 1.0)
            .set("width", wide)
            .set("height", BOX - 2.0)
            .set("rx", 9),
    );
    out.append(text(route.method, x + 6.0, y + 14.0, "method"));
    let scopes = route.listed();
    out.append(text(&scopes, x + wide + 6.0, y + 14.0, "scope"));
    x + wide + 6.0 + scopes.len() as f64 * LETTER + 14.0
}

/// The class of a frame that tells a route that needs no scope, without its colour.
const fn frame(needs: Needs) -> &'static str {
    match needs {
        Needs::Scopes => "",
        Needs::AnyKey => " any-key",
        Needs::Public => " public",
    }
}

const LEGEND_WIDTH: f64 = 900.0;

/// Rows of colours with their resources; how high they are.
fn legend(legend: &Legend, out: &mut Group) -> f64 {
    let (mut x, mut y) = (MARGIN, MARGIN + 24.0);
    for (resource, entry) in &legend.0 {
        let label = format!("{resource} ({})", entry.routes);
        let wide = 24.0 + label.chars().count() as f64 * LETTER + 16.0;
        if x + wide > MARGIN + LEGEND_WIDTH && x > MARGIN {
            (x, y) = (MARGIN, y + ROW - 4.0);
        }
        out.append(
            Rectangle::new()
                .set("class", format!("pill {}", class(Some(entry))))
                .set("x", x)
                .set("y", y)
                .set("width", 18)
                .set("height", 14)
                .set("rx", 3),
        );
        out.append(text(&label, x + 24.0, y + 11.0, "scope"));
        x += wide;
    }
    y - MARGIN
}

fn text(content: &str, x: f64, y: f64, class: &str) -> Text {
    Text::new(content)
        .set("class", class)
        .set("x", x)
        .set("y", y)
}

fn class(entry: Option<&LegendEntry>) -> String {
    entry.map_or_else(|| "mixed".to_owned(), |entry| format!("r{}", entry.index))
}

/// Light and dark, as the reader's system likes it.
fn style(legend: &Legend) -> String {
    let open = match legend.0.keys().any(|resource| is_open(resource)) {
        true => ".public{stroke-width:3}\n.any-key{stroke-width:2;stroke-dasharray:4 2}\n",
        false => "",
    };
    let fills = |saturation: u8, lightness: u8| -> String {
        legend
            .0
            .values()
            .map(|LegendEntry { index, hue, .. }| {
                format!(".r{index}{{fill:hsl({hue},{saturation}%,{lightness}%)}}\n")
            })
            .collect()
    };
    format!(
        "text{{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1d2126}}\n\
         .title{{font:bold 16px system-ui,sans-serif}}\n\
         .method{{font-weight:bold}}\n\
         .count{{fill:#59616d}}\n\
         .page{{fill:#fff}}\n\
         .node,.pill{{stroke:#9aa1ab;stroke-width:1}}\n\
         .ends{{stroke:#3c434d;stroke-width:1.5}}\n\
         {open}.mixed{{fill:#eef0f2}}\n\
         .edge{{fill:none;stroke:#9aa1ab}}\n\
         .leader{{fill:none;stroke:#c9ced5;stroke-dasharray:1 3}}\n\
         {}@media (prefers-color-scheme:dark){{\n\
         text{{fill:#e6e8ec}}\n\
         .count{{fill:#a5adb9}}\n\
         .page{{fill:#121418}}\n\
         .node,.pill{{stroke:#6b727d}}\n\
         .ends{{stroke:#c9ced5}}\n\
         .mixed{{fill:#262a31}}\n\
         .edge{{stroke:#6b727d}}\n\
         .leader{{stroke:#3c434d}}\n\
         {}}}\n",
        fills(70, 86),
        fills(45, 27)
    )
}
