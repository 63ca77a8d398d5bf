//! The lists of real routes, and tables that are hard on matchers.

use crate::table::Table;

/// The PBX API's 110 routes.
pub fn pbx() -> Table {
    let list = include_str!("../../../../tests/data/pbx-routes.csv");
    let routes = list.lines().skip(1).filter_map(|line| {
        let mut columns = line.split(',');
        let (scope, method, route) = (columns.next()?, columns.next()?, columns.next()?);
        Some((known(method), route, scope, false))
    });
    Table::new("pbx", true, routes)
}

/// The 5,203 routes of Google's public APIs, from `tests/data`; credit and
/// licence (The Go Authors, BSD-3-Clause) stand beside the list. Under more
/// than a thousand scopes: API, version, and up to two resources.
pub fn google() -> Table {
    let list = include_str!("../../../../tests/data/google-api-routes.txt");
    let routes = list.lines().filter_map(|line| {
        let (method, template) = line.trim_start_matches('#').split_once(' ')?;
        let words: Vec<&str> = template
            .split('/')
            .filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
            .take(4)
            .collect();
        let resource = words.join(".").replace('@', "-");
        let scope = format!("{resource}:{}", action(method));
        Some((known(method), template, scope, line.starts_with('#')))
    });
    Table::new("google", false, routes)
}

/// Eight levels with a literal or a parameter at each, all 256 of them, and one
/// template that goes on, after eight parameters. A matcher that backs up tries
/// every way to read a path of eight literals before it finds that one, or
/// finds that there is none.
pub fn deep() -> Table {
    let mut templates: Vec<String> = (0..1usize << LEVELS.len())
        .map(|choice| {
            let segments = LEVELS.iter().enumerate().map(|(level, literal)| {
                if choice >> level & 1 == 0 {
                    format!("/{literal}")
                } else {
                    format!("/{{p{level}}}")
                }
            });
            segments.collect()
        })
        .collect();
    templates.push(format!("{}/{LAST}", "/{p}".repeat(LEVELS.len())));
    let routes = templates.into_iter();
    Table::new(
        "deep",
        false,
        routes.map(|template| ("GET", template, "deep:read", true)),
    )
}

pub const LEVELS: [&str; 8] = [
    "regions", "zones", "clusters", "nodes", "pools", "volumes", "shares", "files",
];
/// The literal after eight parameters.
pub const LAST: &str = "versions";

/// As many parameters in a row as a path may have segments, and at each place
/// long literals that differ at their ends only.
pub fn worst() -> Table {
    let mut routes = Vec::new();
    for level in 0..SEGMENTS {
        let before = "/{p}".repeat(level);
        for number in 0..LITERALS {
            routes.push(format!("{before}/{}", long_literal(level, number)));
        }
    }
    routes.push("/{p}".repeat(SEGMENTS));
    let routes = routes.into_iter();
    Table::new(
        "worst",
        false,
        routes.map(|template| ("GET", template, "worst:read", false)),
    )
}

/// The literals at each level of the worst table. With twice as many, the compiler would refuse it:
/// its states have too many templates alive.
pub const LITERALS: usize = 8;
/// The most segments of a path.
pub const SEGMENTS: usize = 32;
/// The length of each segment when `SEGMENTS` of them make the longest path.
pub const SEGMENT: usize = 2048 / SEGMENTS - 1;

/// One of the literals of the worst table.
pub fn long_literal(level: usize, number: usize) -> String {
    let end = format!("{level:02}{number:02}");
    format!(
        "{}{end}",
        "abcdefghijklmnopqrstuvwxyz"
            .repeat(3)
            .split_at(SEGMENT - end.len())
            .0
    )
}

/// Every method that appears in the lists.
fn known(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or_else(|| panic!("the list of routes has a method {method}"))
}

/// The action under which a method is listed.
pub fn action(method: &str) -> &'static str {
    if matches!(method, "GET" | "HEAD") {
        "read"
    } else {
        "*"
    }
}
