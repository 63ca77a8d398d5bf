//! Random policies, and paths built to hit them.

use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use routescope_compiler::{Compiled, compile};

use crate::oracle::{Heading, Listed, Oracle};

/// Literals that are easily taken for each other: of equal length and prefix,
/// with bytes that can also be escaped, longer than one word.
pub(crate) const LITERALS: &[&str] = &[
    "a",
    "b",
    "ab",
    "import",
    "impart",
    "abcdefgh",
    "abcdefgi",
    "abcdefghi",
    "a:b",
    "a-b",
    "x",
    "v1.2",
    "caf%7C",
    "%7Bx%7D",
    "a-rather-long-literal-segment",
];

/// Some that differ from these only in case, which a real table rarely has.
const OTHER_CASE: &[&str] = &["A", "Import", "IMPORT", "abcdefgH", "A:B"];

/// Parameters with text beside them; no segment fits two of these.
const AFFIXES: &[&str] = &["{p}:b", "{p}:go", "{p}.2", "f({p})"];

const SCOPES: &[&str] = &[
    "r:read", "r:*", "r:op", "s:read", "s:*", "s-t:read", "all:read", "all:*", "all:op",
];

/// Names that a policy with opaque names may have beside these, which imply nothing there.
const OPAQUE: &[&str] = &["*:*", "r", "r.read", "https://e.org/r", "r:read:own"];

/// The names that keys hold: scopes, and texts that look like one.
pub(crate) const HELD: &[&str] = &[
    "r:read",
    "r:*",
    "r:op",
    "s:read",
    "s:*",
    "s:op",
    "s-t:read",
    "s-t:*",
    "all:read",
    "all:*",
    "all:op",
    "*:*",
    "t:read",
    "r",
    "r.read",
    "https://e.org/r",
    "r:read:own",
    "wide:op",
    "",
];

/// Held by nobody who should get in.
pub(crate) const GLOBS: &[&str] = &[
    "*", "*:read", "r:", "r:rea*", "r:re?d", "r*:read", "*:op", ":*", "r:**", "R:read", "r:READ",
    " r:read", "r:read ", "r:*:*", "**:**",
];

/// A policy, as lines and as what was compiled of them.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub oracle: Oracle,
    pub source: String,
    /// Whether it has more scopes than fit into a mask.
    many_scopes: bool,
}

impl World {
    pub(crate) fn compile(&self) -> Compiled {
        compile("random.yaml", &self.source)
            .unwrap_or_else(|report| panic!("{}\n{report}", self.source))
    }

    /// The same with other lines, if they still make a policy.
    pub(crate) fn with_lines(&self, lines: Vec<Listed>) -> Self {
        let mut oracle = Oracle {
            routes: proper(lines, &self.oracle),
            ..self.oracle.clone()
        };
        oracle.implies = proper_implies(&oracle);
        self.with(oracle)
    }

    /// The policy of another oracle.
    pub(crate) fn with(&self, oracle: Oracle) -> Self {
        Self {
            source: source(&oracle, self.many_scopes),
            oracle,
            many_scopes: self.many_scopes,
        }
    }
}

/// Returns the policy, with the options of another one, of those lines that one policy may list
/// together.
pub(crate) fn world_of(options: Oracle, lines: Vec<Listed>) -> World {
    let empty = Oracle {
        routes: Vec::new(),
        ..options
    };
    let none = World {
        source: String::new(),
        oracle: empty,
        many_scopes: false,
    };
    none.with_lines(lines)
}

/// A policy of a few routes; `case_collisions` asks for literals that differ only in case.
pub(crate) fn world(case_collisions: bool) -> impl Strategy<Value = World> {
    let options = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::bool::weighted(0.2),
    );
    let names = (
        prop::bool::weighted(0.4),
        prop::bool::weighted(0.2),
        implies(),
    );
    let lines = prop::collection::vec(line(case_collisions), 1..14);
    (options, names, lines).prop_map(
        |((umbrella, global, slash, case, no_colon), (opaque, many_scopes, implies), lines)| {
            let oracle = Oracle {
                opaque,
                umbrella: (umbrella && !opaque).then(|| "all".to_owned()),
                global: global.then(|| "*:*".to_owned()),
                trailing_slash_optional: slash,
                case_insensitive: case,
                no_colon,
                implies,
                routes: Vec::new(),
            };
            let none = World {
                source: String::new(),
                oracle,
                many_scopes,
            };
            none.with_lines(lines)
        },
    )
}

/// Scopes with others that they are to imply, where that makes a policy. Half of all policies have
/// none.
fn implies() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = || select([SCOPES, OPAQUE, &["wide:op"]].concat()).prop_map(String::from);
    prop_oneof![
        Just(Vec::new()),
        prop::collection::vec((names(), names()), 1..6)
    ]
}

/// The heading of a line: mostly one scope.
fn heading() -> impl Strategy<Value = Heading> {
    let names = || select([SCOPES, SCOPES, OPAQUE].concat());
    let set = prop::collection::btree_set(names(), 2..5);
    prop_oneof![
        10 => names().prop_map(Heading::of),
        5 => set.prop_map(|set| Heading::of(&Vec::from_iter(set).join(" "))),
        1 => Just(Heading::Public),
        1 => Just(Heading::AnyKey),
    ]
}

pub(crate) fn line(case_collisions: bool) -> impl Strategy<Value = Listed> {
    let literals: Vec<&'static str> = if case_collisions {
        [LITERALS, OTHER_CASE].concat()
    } else {
        LITERALS.to_vec()
    };
    let segment = prop_oneof![
        4 => select(literals).prop_map(String::from),
        2 => Just("{p}".to_owned()),
        1 => select(AFFIXES).prop_map(String::from),
    ];
    let end = select(vec!["", "/", "/", "/{*rest}"]);
    let methods = select(vec!["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
    (
        methods,
        prop::collection::vec(segment, 0..5),
        end,
        heading(),
    )
        .prop_map(|(method, segments, end, heading)| {
            let mut template = String::new();
            for (i, segment) in segments.iter().enumerate() {
                // The parameters of a template have different names.
                let _ = write!(
                    template,
                    "/{}",
                    segment.replace("{p}", &format!("{{p{i}}}"))
                );
            }
            template.push_str(if template.is_empty() && end.is_empty() {
                "/"
            } else {
                end
            });
            Listed {
                heading,
                method: method.to_owned(),
                template,
            }
        })
}

/// Returns the lines that one policy may list together: no duplicate, no route that is public or
/// open to any key and listed elsewhere too, no template that an option makes equal to one before
/// it. Names that the policy's kind of names forbids are left out.
fn proper(lines: Vec<Listed>, options: &Oracle) -> Vec<Listed> {
    let nameless = |template: &str| -> String {
        template
            .split('/')
            .map(|segment| with_value(segment, "{}").unwrap_or_else(|| segment.to_owned()))
            .collect::<Vec<_>>()
            .join("/")
    };
    let equal = |template: &str| -> String {
        let mut same = nameless(template);
        if options.case_insensitive {
            same = same.to_ascii_lowercase();
        }
        if options.trailing_slash_optional && same.len() > 1 {
            same = same.trim_end_matches('/').to_owned();
        }
        same
    };
    let mut kept: Vec<Listed> = Vec::new();
    let is_name = |name: &&str| {
        let mut parts = name.split(':');
        let proper = |part: &str| !part.is_empty() && !part.contains(['/', ':']);
        let two = parts.next().is_some_and(|r| proper(r) && r != "*")
            && parts.next().is_some_and(proper)
            && parts.next().is_none();
        options.opaque || two
    };
    for mut line in lines {
        if let Heading::Scopes(names) = &line.heading {
            let names: Vec<&str> = names.split(' ').filter(is_name).collect();
            line.heading = match names.as_slice() {
                [] => Heading::of("r:read"),
                names => Heading::of(&names.join(" ")),
            };
        }
        let clashes = kept.iter().any(|other| {
            let twice = nameless(&other.template) == nameless(&line.template);
            let of_scopes = |line: &Listed| matches!(line.heading, Heading::Scopes(_));
            let together = of_scopes(other) && of_scopes(&line) && other.heading != line.heading;
            twice && other.method == line.method && !together
                || !twice && equal(&other.template) == equal(&line.template)
        });
        if !clashes {
            kept.push(line);
        }
    }
    kept
}

/// A segment of a template with a value in place of its parameter, if it has one.
pub(crate) fn with_value(segment: &str, value: &str) -> Option<String> {
    let (before, rest) = segment.split_once("{p")?;
    let (_, behind) = rest.split_once('}')?;
    Some(format!("{before}{value}{behind}"))
}

/// Of the scopes that are to imply others, those that one policy may state: no circle, and nothing
/// implied that opens nothing.
fn proper_implies(oracle: &Oracle) -> Vec<(String, String)> {
    let is_name = |name: &str| {
        let two_parts = name.matches(':').count() == 1 && !name.contains('/') && name != "*:*";
        oracle.opaque || two_parts
    };
    let listed = |scope: &String| {
        let mut headings = oracle.routes.iter();
        headings.any(|line| line.heading.names().contains(&scope.as_str()))
    };
    let mut with = Oracle {
        implies: Vec::new(),
        ..oracle.clone()
    };
    for pair in &oracle.implies {
        let (left, right) = (pair.0.as_str(), pair.1.as_str());
        let names = is_name(left) && is_name(right);
        let global = oracle.global.as_deref() == Some(right);
        if !names || left == right || global || with.implies.contains(pair) {
            continue;
        }
        with.implies.push(pair.clone());
        let has = with.has(&[right]);
        if has.contains(left) || !has.iter().any(listed) {
            with.implies.pop();
        }
    }
    with.implies
}

fn source(oracle: &Oracle, many_scopes: bool) -> String {
    let mut text = String::from("version: 1\nname: random\nmethod_rule: none\n");
    if oracle.opaque {
        text.push_str("scope_names: opaque\n");
    }
    if let Some(umbrella) = &oracle.umbrella {
        let _ = writeln!(text, "umbrella: {umbrella}");
    }
    if let Some(global) = &oracle.global {
        let _ = writeln!(text, "global: \"{global}\"");
    }
    let slash = if oracle.trailing_slash_optional {
        "optional"
    } else {
        "exact"
    };
    let case = if oracle.case_insensitive {
        "insensitive"
    } else {
        "exact"
    };
    let values = if oracle.no_colon { "no-colon" } else { "any" };
    let _ = writeln!(
        text,
        "paths: {{ trailing_slash: {slash}, case: {case}, values: {values} }}"
    );
    if !oracle.implies.is_empty() {
        text.push_str("implies:\n");
    }
    let lefts: BTreeSet<&str> = oracle
        .implies
        .iter()
        .map(|(left, _)| left.as_str())
        .collect();
    for left in lefts {
        let pairs = oracle.implies.iter().filter(|(other, _)| other == left);
        let rights: Vec<String> = pairs.map(|(_, right)| format!("\"{right}\"")).collect();
        let _ = writeln!(text, "  \"{left}\": [{}]", rights.join(", "));
    }
    let listed = |text: &mut String, heading: &Heading| {
        for line in oracle.routes.iter().filter(|line| line.heading == *heading) {
            let route = format!("{} {}", line.method, line.template);
            let _ = writeln!(text, "      - route: {route}\n        overlap: allow");
        }
    };
    for (name, heading) in [("public", Heading::Public), ("any_key", Heading::AnyKey)] {
        let _ = writeln!(text, "{name}:");
        listed(&mut text, &heading);
    }
    let is_empty = !many_scopes
        && oracle
            .routes
            .iter()
            .all(|line| line.heading.names().is_empty());
    text.push_str(if is_empty {
        "scopes: {}\n"
    } else {
        "scopes:\n"
    });
    if many_scopes {
        for i in 0..70 {
            let _ = writeln!(text, "  \"filler{i}:op\":");
        }
    }
    let mut headings: Vec<&Heading> = Vec::new();
    for line in &oracle.routes {
        if matches!(line.heading, Heading::Scopes(_)) && !headings.contains(&&line.heading) {
            headings.push(&line.heading);
        }
    }
    for heading in headings {
        let _ = writeln!(text, "  \"{}\":\n    routes:", heading.names().join(" "));
        listed(&mut text, heading);
    }
    text
}

/// The recipe of a request; made concrete against a policy.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    line: Index,
    values: Vec<(Index, bool)>,
    changes: Vec<(Change, Index)>,
    method: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    SwapCase,
    EscapeOne,
    EmptySegment,
    ToggleSlash,
    DropSegment,
    AddSegment,
    DotSegment,
    Query,
    Byte,
    Semicolon,
}

pub(crate) fn recipe() -> impl Strategy<Value = Recipe> {
    use Change::*;
    let change = select(vec![
        SwapCase,
        EscapeOne,
        EmptySegment,
        ToggleSlash,
        DropSegment,
        AddSegment,
        DotSegment,
        Query,
        Byte,
        Semicolon,
    ]);
    (
        any::<Index>(),
        prop::collection::vec((any::<Index>(), any::<bool>()), 8),
        prop_oneof![
            3 => Just(Vec::new()),
            3 => prop::collection::vec((change.clone(), any::<Index>()), 1),
            1 => prop::collection::vec((change, any::<Index>()), 2..4)
        ],
        prop_oneof![3 => Just(None), 1 => select(vec![Some("GET"), Some("HEAD"), Some("POST"), Some("PATCH"), Some("get"), Some("TRACE")])],
    )
        .prop_map(|(line, values, changes, method)| Recipe { line, values, changes, method })
}

impl Recipe {
    /// The method and target of the request.
    pub(crate) fn make(&self, oracle: &Oracle) -> (String, String) {
        let line = self.line.get(&oracle.routes);
        let mut value = self.values.iter().cycle();
        let mut next = || -> String {
            let (index, literal) = value.next().expect("the cycle of eight values");
            if *literal {
                // A literal of some template, perhaps of a sibling.
                let pool: BTreeSet<&str> = oracle
                    .routes
                    .iter()
                    .flat_map(|line| line.template.split('/'))
                    .filter(|s| !s.is_empty() && !s.contains('{'))
                    .collect();
                let pool: Vec<&str> = pool.into_iter().chain(["7"]).collect();
                (*index.get(&pool)).to_owned()
            } else {
                (*index.get(&[
                    "7",
                    "a1b2",
                    "%C3%BC",
                    "%3A",
                    "a%3Ab",
                    "...x",
                    "v1",
                    "IMPORT",
                    "b+",
                    "abcdefgh-",
                    "0123456789abcdef",
                    "*",
                    "%7b",
                    "7:b",
                    ":go",
                    "f(",
                    "",
                ]))
                .to_owned()
            }
        };
        let mut target = String::new();
        for segment in line.template.split('/').skip(1) {
            target.push('/');
            if segment.starts_with("{*") {
                let _ = write!(target, "{}/{}", next(), next());
            } else if let Some(segment) = with_value(segment, &next()) {
                target.push_str(&segment);
            } else {
                target.push_str(segment);
            }
        }
        for (change, at) in &self.changes {
            target = apply(*change, *at, &target);
        }
        let method = self
            .method
            .map_or_else(|| line.method.clone(), str::to_owned);
        (method, target)
    }
}

/// Valid queries and others, shorter and longer than a block of the prescan.
const QUERIES: &[&str] = &[
    "?a=/b&c",
    "?",
    "??a=/../b?",
    "?every=\"<>[]\\^`{|}~;%zz&visible=!$'()*+,-./:=@_&letter=0123456789&of=ASCII",
    "?a#b",
    "?limit=50&offset=100#",
    "?limit=50 &offset=100",
    "?limit=50&offset=100&order=name\u{7f}",
    "?limit=50&offset=1\t0&order=name",
    "?limit=50&offset=100&name=\u{fc}",
];

fn apply(change: Change, at: Index, target: &str) -> String {
    let mut bytes = target.as_bytes().to_vec();
    let place = at.index(bytes.len().max(1));
    let slash = (0..=place)
        .rev()
        .find(|&i| bytes.get(i) == Some(&b'/'))
        .unwrap_or(0);
    let insert = |text: &[u8]| {
        let mut bytes = target.as_bytes().to_vec();
        bytes.splice(slash..slash, text.iter().copied());
        bytes
    };
    let bytes = match change {
        Change::SwapCase => {
            for byte in &mut bytes[place..] {
                *byte = if byte.is_ascii_lowercase() {
                    byte.to_ascii_uppercase()
                } else {
                    byte.to_ascii_lowercase()
                };
            }
            bytes
        }
        Change::EscapeOne => {
            let escaped = format!("%{:02X}", bytes.get(place).copied().unwrap_or(b'.'));
            bytes.splice(place..(place + 1).min(target.len()), escaped.bytes());
            bytes
        }
        Change::EmptySegment => insert(b"/"),
        Change::AddSegment => insert(b"/more"),
        Change::DotSegment => insert(b"/.."),
        Change::ToggleSlash => match bytes.strip_suffix(b"/") {
            Some(rest) => rest.to_vec(),
            None => [&bytes[..], b"/"].concat(),
        },
        Change::DropSegment => bytes[..slash].to_vec(),
        Change::Query => {
            // Now and then, more than is looked at in one go.
            let times = if place.is_multiple_of(4) { 40 } else { 1 };
            [&bytes[..], at.get(QUERIES).repeat(times).as_bytes()].concat()
        }
        Change::Byte => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = byte.wrapping_add(1);
            }
            bytes
        }
        Change::Semicolon => {
            bytes.insert(place.min(bytes.len()), b';');
            bytes
        }
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Some scopes to hold.
pub(crate) fn held() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(select(HELD), 0..4)
}
