//! The rules once more, written to be read rather than to be fast: the reference that the product is
//! compared with on random policies and random paths.
//!
//! It is naive on purpose. Every call reads the whole list of routes again, templates are tried one by
//! one, and nothing is shared with the product: no trie, no tables, no bits, not even a helper. A
//! mistake would have to be made twice, in two very different shapes, to go unnoticed. So resist making
//! this faster; if it disagrees with the product, the sentence in the design decides who is wrong.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;

/// A policy as a list of lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    pub umbrella: Option<String>,
    pub global: Option<String>,
    pub trailing_slash_optional: bool,
    pub case_insensitive: bool,
    pub routes: Vec<Listed>,
}

/// One line of the policy: this method and template, listed under this scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub scope: String,
    pub method: String,
    pub template: String,
}

/// What the rules say about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// `scope` is the first accepted scope, narrowest first, that is held.
    Allow {
        route: String,
        scope: String,
    },
    BadMethod,
    BadPath,
    UnknownRoute,
    MethodNotListed {
        template: String,
        methods: Vec<String>,
    },
    MissingScope {
        route: String,
        accepted: Vec<String>,
    },
}

impl Oracle {
    /// May a key that holds these scopes call this method on this target?
    pub(crate) fn decide(&self, held: &[&str], method: &[u8], target: &[u8]) -> Verdict {
        let (route, accepted) = match self.required(method, target) {
            Ok(required) => required,
            Err(denied) => return denied,
        };
        match accepted.iter().find(|scope| held.contains(&scope.as_str())) {
            Some(scope) => Verdict::Allow {
                route,
                scope: scope.clone(),
            },
            None => Verdict::MissingScope { route, accepted },
        }
    }

    /// The route that answers (`GET /a/{id}/`) and the scopes of which it needs any one, narrowest
    /// first; or why no route answers.
    pub(crate) fn required(
        &self,
        method: &[u8],
        target: &[u8],
    ) -> Result<(String, Vec<String>), Verdict> {
        let Some(method) = METHODS.into_iter().find(|known| known.as_bytes() == method) else {
            return Err(Verdict::BadMethod);
        };
        let Some((path, slash)) = well_formed(target) else {
            return Err(Verdict::BadPath);
        };
        let lines = self.lines();
        // Before the method is looked at: the order is path, route, method on route.
        let Some(winner) = self.winner(&lines, &path, slash) else {
            return Err(Verdict::UnknownRoute);
        };
        // Rule 7 refuses; it never changes which template wins.
        if self.refused_value(&lines, winner, &path).is_some() {
            return Err(Verdict::BadPath);
        }

        let routes = METHODS.map(|method| (method, route_of(&lines, method, winner)));
        let listed = |method: &str| routes.iter().any(|(m, r)| *m == method && !r.is_empty());
        let answered = |method: &str| listed(method) || (method == "HEAD" && listed("GET"));
        if !answered(method) {
            let first = routes.iter().find(|(_, route)| !route.is_empty());
            let (_, first) = first.expect("a template is listed with some method");
            return Err(Verdict::MethodNotListed {
                template: spelling(first),
                methods: METHODS
                    .into_iter()
                    .filter(|method| answered(method))
                    .map(String::from)
                    .collect(),
            });
        }
        let answering = if listed(method) { method } else { "GET" };
        let route = route_of(&lines, answering, winner);
        let shown = format!("{answering} {}", spelling(&route));
        Ok((shown, accepted(&lines, &route)))
    }

    /// The number of the segment for which rule 7 refuses a target that keeps the other rules.
    pub(crate) fn refused_segment(&self, target: &[u8]) -> Option<usize> {
        let (path, slash) = well_formed(target)?;
        let lines = self.lines();
        self.refused_value(&lines, self.winner(&lines, &path, slash)?, &path)
    }

    /// The most specific of the templates that match.
    fn winner<'a>(
        &self,
        lines: &'a [Line<'_>],
        path: &[String],
        slash: bool,
    ) -> Option<&'a Template> {
        let templates = lines.iter().map(|line| &line.template);
        // Two that match the same path with the same ranks are the same template: there is no tie.
        templates
            .filter(|template| self.matches(template, path, slash))
            .min_by_key(|template| template.ranks())
    }

    /// The number of the first value of the winner that resembles a literal.
    fn refused_value(&self, lines: &[Line], winner: &Template, path: &[String]) -> Option<usize> {
        (0..path.len()).find(|&i| winner.takes_a_value(i) && self.resembles(lines, path, i))
    }

    fn lines(&self) -> Vec<Line<'_>> {
        self.routes
            .iter()
            .map(|listed| Line {
                listed,
                template: self.template(&listed.template),
                accepted: self.accepted_under(&listed.scope),
            })
            .collect()
    }

    /// Reads a template under the policy's options: two texts that stand for one template read equal.
    fn template(&self, text: &str) -> Template {
        let (texts, slash) = split(text);
        let segments: Vec<Segment> = texts.iter().map(|text| self.segment(text)).collect();
        let either = segments.last() == Some(&Segment::CatchAll)
            || (self.trailing_slash_optional && !segments.is_empty());
        Template {
            segments,
            slash: if either { None } else { Some(slash) },
        }
    }

    fn segment(&self, text: &str) -> Segment {
        if text.starts_with("{*") {
            Segment::CatchAll
        } else if text.starts_with('{') {
            Segment::Parameter
        } else if self.case_insensitive {
            Segment::Literal(text.to_ascii_lowercase())
        } else {
            Segment::Literal(text.to_string())
        }
    }

    /// What a route listed under this one scope accepts, each with its class: the lower, the narrower.
    fn accepted_under(&self, listed: &str) -> Vec<(u8, String)> {
        let (resource, action) = listed.split_once(':').unwrap_or((listed, ""));
        let mut accepted = Vec::new();
        if action != "*" {
            accepted.push((0, listed.to_string()));
        }
        accepted.push((1, format!("{resource}:*")));
        if let Some(umbrella) = &self.umbrella {
            if action == "read" {
                accepted.push((2, format!("{umbrella}:read")));
            }
            accepted.push((3, format!("{umbrella}:*")));
        }
        if let Some(global) = &self.global {
            accepted.push((4, global.clone()));
        }
        accepted
    }

    /// Whether a template matches a path: each segment fits, and so does the slash at the end.
    fn matches(&self, template: &Template, path: &[String], slash: bool) -> bool {
        let long_enough = match template.segments.last() {
            Some(Segment::CatchAll) => path.len() >= template.segments.len(),
            _ => path.len() == template.segments.len(),
        };
        let fits = template.segments.iter().zip(path);
        long_enough
            && template.slash.is_none_or(|wanted| wanted == slash)
            && fits
                .into_iter()
                .all(|(segment, text)| self.fits(segment, text))
    }

    fn fits(&self, segment: &Segment, text: &str) -> bool {
        match segment {
            Segment::Literal(literal) => self.fits_literal(literal, text),
            Segment::Parameter | Segment::CatchAll => true,
        }
    }

    /// Whether segment `i` resembles a literal that it is not, of a template whose earlier segments
    /// match the path's.
    fn resembles(&self, lines: &[Line], path: &[String], i: usize) -> bool {
        lines.iter().any(|line| {
            let segments = &line.template.segments;
            let Some(Segment::Literal(literal)) = segments.get(i) else {
                return false;
            };
            let mut earlier = segments[..i].iter().zip(path);
            earlier.all(|(segment, text)| self.fits(segment, text))
                && !self.fits_literal(literal, &path[i])
                && resemble(literal, &path[i])
        })
    }

    fn fits_literal(&self, literal: &str, segment: &str) -> bool {
        if self.case_insensitive {
            literal.eq_ignore_ascii_case(segment)
        } else {
            literal == segment
        }
    }
}

/// A line of the policy as its options make it read.
struct Line<'a> {
    listed: &'a Listed,
    template: Template,
    accepted: Vec<(u8, String)>,
}

/// A route: all lines with this method on this template.
fn route_of<'a>(lines: &'a [Line<'a>], method: &str, template: &Template) -> Vec<&'a Line<'a>> {
    lines
        .iter()
        .filter(|line| line.listed.method == method && line.template == *template)
        .collect()
}

/// How a route is shown if its lines name the parameters differently.
fn spelling(route: &[&Line]) -> String {
    let spellings = route.iter().map(|line| line.listed.template.clone());
    spellings.min().expect("a route has a line")
}

/// The scopes of which a route needs any one, narrowest first.
fn accepted(lines: &[Line], route: &[&Line]) -> Vec<String> {
    let mut found: Vec<(u8, String)> = Vec::new();
    for line in route {
        found.extend(line.accepted.clone());
    }
    found.sort_by_cached_key(|(class, scope)| (*class, reach(lines, scope), scope.clone()));

    // A scope found in several classes counts in the lowest, which is where it comes first.
    let mut accepted: Vec<String> = Vec::new();
    for (_, scope) in found {
        if !accepted.contains(&scope) {
            accepted.push(scope);
        }
    }
    accepted
}

/// How many routes of the policy accept this scope.
fn reach(lines: &[Line], scope: &str) -> usize {
    let accepts = |line: &&Line| line.accepted.iter().any(|(_, name)| name == scope);
    let routes: BTreeSet<(&str, &Template)> = lines
        .iter()
        .filter(accepts)
        .map(|line| (line.listed.method.as_str(), &line.template))
        .collect();
    routes.len()
}

/// In the order in which they are shown.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A template without what means nothing to matching: the names of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Template {
    segments: Vec<Segment>,
    /// Whether the path must end in a slash; `None` if it may or may not.
    slash: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter,
    CatchAll,
}

impl Template {
    /// Whether the path's segment `i` is a value of this template, which matches the path.
    fn takes_a_value(&self, i: usize) -> bool {
        !matches!(self.segments.get(i), Some(Segment::Literal(_)))
    }

    /// Compared from the left, the smaller is the more specific.
    fn ranks(&self) -> Vec<u8> {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter => 1,
            Segment::CatchAll => 2,
        };
        self.segments.iter().map(rank).collect()
    }
}

/// Path rules 1 to 6, which do not depend on the policy: the raw segments of the path and whether it
/// ends in a slash, if the target is well formed.
pub(crate) fn well_formed(target: &[u8]) -> Option<(Vec<String>, bool)> {
    // Rule 1. From here on the target is ASCII: no rule lets another raw byte through.
    let target = std::str::from_utf8(target).ok()?;
    if target.len() > 8192 || !target.starts_with('/') || target.contains('#') {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if !query.bytes().all(|byte| (0x21..=0x7E).contains(&byte)) {
        return None;
    }

    // Rule 2, but for the length of a segment.
    let (segments, slash) = split(path);
    if path.len() > 2048 || segments.len() > 32 {
        return None;
    }

    if segments.iter().all(|segment| is_good_segment(segment)) {
        Some((segments, slash))
    } else {
        None
    }
}

/// The segments of a path or template, and whether it ends in a slash. `/` has no segments.
fn split(path: &str) -> (Vec<String>, bool) {
    if path == "/" {
        return (Vec::new(), true);
    }
    let inner = path.strip_prefix('/').unwrap_or(path);
    let (inner, slash) = match inner.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    (inner.split('/').map(String::from).collect(), slash)
}

/// Rules 2 to 6 for one segment.
fn is_good_segment(raw: &str) -> bool {
    // Rule 3; whether a `%` begins an escape is for `decode` to say.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,=:@%".contains(c);
    if !raw.chars().all(allowed) {
        return false;
    }

    // Rule 4.
    let Some(pieces) = decode(raw) else {
        return false;
    };
    if pieces.iter().any(|p| p.escaped && is_bad_escape(p.byte)) {
        return false;
    }

    // Rule 5. Raw bytes are ASCII by now, so what the decoder refuses can only come from escapes; it
    // accepts only the shortest form, no surrogates, nothing above U+10FFFF.
    let bytes: Vec<u8> = pieces.iter().map(|piece| piece.byte).collect();
    let Ok(text) = String::from_utf8(bytes) else {
        return false;
    };
    if text.chars().any(is_look_alike) {
        return false;
    }

    // Rule 2, the length of a segment, and rule 6. Dots only is a case of ending in a dot; a space
    // can only be an encoded one, because rule 3 refuses the raw one.
    let empty = text.is_empty();
    let trimmed = text.starts_with(' ') || text.ends_with(' ') || text.ends_with('.');
    !empty && !trimmed && text.len() <= 255
}

/// Rule 4: the bytes that must not be written as an escape.
fn is_bad_escape(byte: u8) -> bool {
    let control = byte <= 0x1F || byte == 0x7F;
    let structure = b"/\\%;?#".contains(&byte);
    let unreserved = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    control || structure || unreserved
}

/// Rule 5: look-alike and invisible characters.
pub(crate) fn is_look_alike(c: char) -> bool {
    static RANGES: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    let ranges = RANGES.get_or_init(look_alikes);
    ranges
        .iter()
        .any(|&(first, last)| first <= u32::from(c) && u32::from(c) <= last)
}

/// The file's ranges, both ends included. A leading `n` stands for the number of every plane.
fn look_alikes() -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    for line in include_str!("../data/confusables.txt").lines() {
        let Some(range) = line.split_whitespace().next() else {
            continue;
        };
        if range == "#" {
            continue;
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let planes = if first.starts_with('n') {
            0..=16
        } else {
            0..=0
        };
        for plane in planes {
            let point = |text: &str| {
                let text = text.replace('n', &format!("{plane:X}"));
                u32::from_str_radix(&text, 16).expect("a code point in hex")
            };
            ranges.push((point(first), point(last)));
        }
    }
    ranges
}

/// One byte of a segment, and whether it was written as an escape.
struct Piece {
    byte: u8,
    escaped: bool,
}

/// `None` if a `%` is not followed by two hex digits.
fn decode(raw: &str) -> Option<Vec<Piece>> {
    let bytes = raw.as_bytes();
    let mut pieces = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'%' {
            let high = hex_digit(*bytes.get(i + 1)?)?;
            let low = hex_digit(*bytes.get(i + 2)?)?;
            pieces.push(Piece {
                byte: high * 16 + low,
                escaped: true,
            });
            i += 3;
        } else {
            pieces.push(Piece {
                byte: bytes[i],
                escaped: false,
            });
            i += 1;
        }
    }
    Some(pieces)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Whether some system reads one segment as the other: they are the same once percent-decoded, after
/// NFKC and full case folding, without what such a system drops at the ends. What Windows takes for a
/// wildcard in a file name can be read as anything.
pub(crate) fn resemble(literal: &str, value: &str) -> bool {
    let wildcard = |value: &str| value.contains(['"', '<', '>']);
    match (decoded(literal), decoded(value)) {
        (Some(_), Some(value)) if wildcard(&value) => true,
        (Some(literal), Some(value)) => read_as(&literal) == read_as(&value),
        _ => false,
    }
}

fn decoded(raw: &str) -> Option<String> {
    let pieces = decode(raw)?;
    String::from_utf8(pieces.iter().map(|piece| piece.byte).collect()).ok()
}

/// What a decoded segment is to a system that reads it most leniently.
pub(crate) fn read_as(text: &str) -> String {
    without_ends(&folded(text)).to_owned()
}

/// The text after NFKC and full case folding. For texts that become ASCII, lower case, upper and
/// lower again is that folding (`ẞ`, `ß`, `SS`, `ss`). U+0130 is an i in Turkish; Unicode lower-cases
/// it to an i with U+0307, which is dropped for that reason.
fn folded(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let mut text = text.to_lowercase().to_uppercase().to_lowercase();
    while text.contains("i\u{307}") {
        text = text.replace("i\u{307}", "i");
    }
    text
}

/// The text without a stream of NTFS (`:name:$type`), and without the characters that file systems
/// and form decoders drop at the ends; unchanged, if nothing else remains.
fn without_ends(text: &str) -> &str {
    let stream = text
        .split_once(':')
        .filter(|(_, after)| after.contains('$'));
    let before = stream.map_or(text, |(before, _)| before);
    let trimmed = before
        .trim_end_matches(['+', '*', ':', '"', '<', '>', '.', ' '])
        .trim_start_matches(['+', ' ']);
    if trimmed.is_empty() { text } else { trimmed }
}

/// The PBX table.
pub(crate) fn pbx() -> Oracle {
    let lines = include_str!("../data/pbx-routes.csv").lines().skip(1);
    let routes = lines.map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        Listed {
            scope: fields[0].to_string(),
            method: fields[1].to_string(),
            template: fields[2].to_string(),
        }
    });
    Oracle {
        umbrella: Some("pbx".to_string()),
        routes: routes.collect(),
        ..Oracle::default()
    }
}

/// One case of `path-cases.json`: a request to the PBX and what the design says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathCase {
    pub id: String,
    pub method: Vec<u8>,
    pub target: Vec<u8>,
    /// `match`, `bad_path`, `bad_method`, `unknown_route` or `method_not_listed`.
    pub verdict: String,
    /// The template that matches, for `match`.
    pub route: Option<String>,
}

/// All cases of `path-cases.json`.
pub(crate) fn path_cases() -> Vec<PathCase> {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../data/path-cases.json")).expect("JSON");
    let read = |case: &serde_json::Value| {
        let text = |name: &str| case[name].as_str().map(String::from);
        let target = match (text("target"), text("target_hex")) {
            (Some(target), None) => target.into_bytes(),
            (None, Some(hex)) => unhex(&hex),
            _ => panic!("a case has a target or a target_hex: {case}"),
        };
        PathCase {
            id: text("id").expect("an id"),
            method: text("method").expect("a method").into_bytes(),
            target,
            verdict: text("verdict").expect("a verdict"),
            route: text("route"),
        }
    };
    cases.iter().map(read).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .bytes()
        .map(|digit| hex_digit(digit).expect("a hex digit"))
        .collect();
    digits.chunks(2).map(|two| two[0] * 16 + two[1]).collect()
}

// The oracle has to be right before anything is compared with it: it meets the published cases, and
// small tables whose answers can be read off the rules.

#[test]
fn path_cases_get_their_verdicts() {
    let pbx = pbx();
    let cases = path_cases();
    assert_eq!(cases.len(), 216);
    let mut wrong = Vec::new();
    for case in &cases {
        let got = pbx.decide(&["pbx:*"], &case.method, &case.target);
        let method = String::from_utf8_lossy(&case.method);
        let right = match (&got, case.verdict.as_str()) {
            (Verdict::Allow { route, scope }, "match") => {
                let want = case.route.as_deref().expect("a match names its route");
                *route == format!("{method} {want}") && scope == "pbx:*"
            }
            (Verdict::BadPath, "bad_path")
            | (Verdict::BadMethod, "bad_method")
            | (Verdict::UnknownRoute, "unknown_route")
            | (Verdict::MethodNotListed { .. }, "method_not_listed") => true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{}: {} {got:?}", case.id, case.verdict));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The relation of two templates is the relation of the sets of paths that they match; every path
/// over the few segments that the file uses, and one it does not, shows it.
#[test]
fn pattern_relations_hold() {
    let pairs: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../data/pattern-relations.json")).expect("JSON");
    let mut literals: BTreeSet<String> = BTreeSet::from(["fresh".to_string()]);
    let mut longest = 0;
    for pair in &pairs {
        for name in ["p1", "p2"] {
            let (segments, _) = split(pair[name].as_str().expect("a template"));
            longest = longest.max(segments.len());
            literals.extend(segments.into_iter().filter(|text| !text.starts_with('{')));
        }
    }
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    let mut start = 0;
    for _ in 0..=longest {
        let end = paths.len();
        for i in start..end {
            for literal in &literals {
                let mut longer = paths[i].clone();
                longer.push(literal.clone());
                paths.push(longer);
            }
        }
        start = end;
    }

    for pair in &pairs {
        let table_of = |name: &str| {
            table(&[&format!(
                "t:x GET {}",
                pair[name].as_str().expect("a template")
            )])
        };
        let matches = |oracle: &Oracle, path: &[String], slash: bool| {
            let target = format!(
                "/{}{}",
                path.join("/"),
                if slash && !path.is_empty() { "/" } else { "" }
            );
            oracle.required(b"GET", target.as_bytes()).is_ok()
        };
        let (one, other) = (table_of("p1"), table_of("p2"));
        let (mut both, mut only_one, mut only_other) = (false, false, false);
        for path in &paths {
            for slash in [false, true] {
                if path.is_empty() && !slash {
                    continue; // no such path
                }
                match (matches(&one, path, slash), matches(&other, path, slash)) {
                    (true, true) => both = true,
                    (true, false) => only_one = true,
                    (false, true) => only_other = true,
                    (false, false) => {}
                }
            }
        }
        let relation = match (both, only_one, only_other) {
            (false, _, _) => "disjoint",
            (true, false, false) => "equivalent",
            (true, false, true) => "more_specific",
            (true, true, false) => "more_general",
            (true, true, true) => "overlaps",
        };
        assert_eq!(pair["relation"], relation, "{pair}");
    }
}

/// A policy from lines such as `a:read GET /a/{id}/`.
fn table(lines: &[&str]) -> Oracle {
    let routes = lines.iter().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        Listed {
            scope: words[0].to_string(),
            method: words[1].to_string(),
            template: words[2].to_string(),
        }
    });
    Oracle {
        routes: routes.collect(),
        ..Oracle::default()
    }
}

/// The route that answers, or the reason in short.
fn answer(oracle: &Oracle, method: &str, target: &str) -> String {
    match oracle.required(method.as_bytes(), target.as_bytes()) {
        Ok((route, _)) => route,
        Err(Verdict::MethodNotListed { template, methods }) => {
            format!("not on {template}: {}", methods.join(" "))
        }
        Err(verdict) => format!("{verdict:?}"),
    }
}

#[test]
fn most_specific_template_wins_then_its_methods_decide() {
    let oracle = table(&[
        "t:x GET /",
        "t:x GET /a/b/x",
        "t:x GET /a/{p}/y",
        "t:x POST /a/{q}/y",
        "t:x GET /f/{*rest}",
        "t:x GET /f/{one}",
        "t:x PUT /f/{one}",
        "t:x DELETE /f/{another}",
        "t:x GET /f/lit/{*}",
    ]);
    for (method, target, want) in [
        ("GET", "/", "GET /"),
        ("GET", "/?a=b", "GET /"),
        ("GET", "/a/b/x", "GET /a/b/x"),
        ("GET", "/a/b/y", "GET /a/{p}/y"), // a literal dead end falls back
        ("HEAD", "/a/b/y", "GET /a/{p}/y"),
        ("POST", "/a/b/y", "POST /a/{q}/y"),
        ("PUT", "/a/b/y", "not on /a/{p}/y: GET HEAD POST"),
        ("POST", "/a/b/x", "not on /a/b/x: GET HEAD"),
        ("GET", "/a/b/x/", "UnknownRoute"), // the slash is part of the template
        ("GET", "/f/1", "GET /f/{one}"),
        ("GET", "/f/1/", "GET /f/{*rest}"),
        ("GET", "/f/1/2/3", "GET /f/{*rest}"),
        ("GET", "/f/", "UnknownRoute"), // a catch-all takes at least one
        ("GET", "/f/lit/1/", "GET /f/lit/{*}"),
        ("GET", "/f/lit/", "GET /f/{*rest}"),
        ("POST", "/f/1", "not on /f/{one}: GET HEAD PUT DELETE"),
        ("get", "/", "BadMethod"),
        ("TRACE", "/", "BadMethod"),
        ("get", "//", "BadMethod"), // the method comes first
    ] {
        assert_eq!(answer(&oracle, method, target), want, "{method} {target}");
    }
}

#[test]
fn one_route_shows_its_smallest_spelling() {
    let oracle = table(&[
        "t:z GET /a/{z}/",
        "t:m GET /a/{m}/",
        "t:b POST /a/{b}/",
        "t:a HEAD /h",
        "t:b POST /h",
    ]);
    assert_eq!(answer(&oracle, "GET", "/a/1/"), "GET /a/{m}/");
    assert_eq!(answer(&oracle, "POST", "/a/1/"), "POST /a/{b}/");
    assert_eq!(
        answer(&oracle, "PUT", "/a/1/"),
        "not on /a/{m}/: GET HEAD POST"
    );
    assert_eq!(answer(&oracle, "HEAD", "/h"), "HEAD /h");
    assert_eq!(answer(&oracle, "GET", "/h"), "not on /h: HEAD POST");
}

#[test]
fn shadows_are_refused_where_a_template_takes_them_as_values() {
    let mut oracle = table(&[
        "t:x PUT /t/import/",
        "t:x PUT /t/{id}/",
        "t:x GET /c/a:b/x",
        "t:x GET /c/{*rest}",
        "t:x GET /only/this",
        "t:x GET /deep/b/k",
        "t:x GET /deep/{p}/x",
        "t:x GET /deep/{p}/{q}",
        "t:x GET /w/Data",
        "t:x GET /w/data",
        "t:x GET /w/{p}",
    ]);
    for (method, target, want) in [
        ("PUT", "/t/import/", "PUT /t/import/"),
        ("PUT", "/t/IMPORT/", "BadPath"),
        ("GET", "/t/IMPORT/", "BadPath"), // before the method on the route
        ("PUT", "/t/imports/", "PUT /t/{id}/"),
        ("PUT", "/t/IMPORT", "UnknownRoute"), // no template matches without the slash
        ("GET", "/c/a%3Ab/x", "BadPath"),
        ("GET", "/c/a%3ab", "BadPath"), // the catch-all takes it, the literal was a sibling
        ("GET", "/c/a:b/y", "GET /c/{*rest}"),
        ("GET", "/c/a:b/X", "BadPath"),
        ("GET", "/c/z/X", "GET /c/{*rest}"), // no template with the literal x is alive after z
        ("GET", "/only/THIS", "UnknownRoute"),
        ("GET", "/deep/b/X", "BadPath"), // x is alive through {p}, although b is a literal
        ("GET", "/deep/b/K", "BadPath"),
        ("GET", "/deep/q/K", "GET /deep/{p}/{q}"),
        ("GET", "/w/data", "GET /w/data"), // the winner takes no value
        ("GET", "/w/DATA", "BadPath"),
    ] {
        assert_eq!(answer(&oracle, method, target), want, "{method} {target}");
    }

    oracle.case_insensitive = true;
    for (method, target, want) in [
        ("PUT", "/T/IMPORT/", "PUT /t/import/"),
        ("GET", "/only/THIS", "GET /only/this"),
        ("GET", "/c/A%3Ab/x", "BadPath"), // escapes still make another spelling
    ] {
        assert_eq!(answer(&oracle, method, target), want, "{method} {target}");
    }
}

#[test]
fn rule_7_refuses_and_never_changes_which_template_wins() {
    // A literal with a case twin beside it, in a template that is narrower for this path.
    let mut oracle = table(&["t:x GET /b/{x}/{*rest}", "t:y GET /{p}/A/{q}"]);
    assert_eq!(answer(&oracle, "GET", "/b/A/z"), "GET /b/{x}/{*rest}");
    oracle = table(&[
        "t:x GET /b/{x}/{*rest}",
        "t:y GET /{p}/A/{q}",
        "t:y GET /{p}/a",
    ]);
    for (target, want) in [
        ("/b/A/z", "BadPath"), // x is A, and resembles a
        ("/c/A/z", "GET /{p}/A/{q}"),
        ("/c/a", "GET /{p}/a"),
        ("/b/a/z", "BadPath"),
        ("/c/a/z", "UnknownRoute"),
        ("/b/z/A", "GET /b/{x}/{*rest}"), // A is no literal there
    ] {
        assert_eq!(answer(&oracle, "GET", target), want, "{target}");
    }

    // The refused value comes after the segment at which the templates part.
    let oracle = table(&[
        "t:x GET /A/{x}/A/{*rest}",
        "t:y GET /{p}/aB/{q}/{r}",
        "t:y GET /{p}/ab",
    ]);
    for (target, want) in [
        ("/A/aB/a/z", "BadPath"), // q is a, and resembles A; {x} is aB, and resembles ab
        ("/A/aB/A/z", "BadPath"),
        ("/B/aB/a/z", "GET /{p}/aB/{q}/{r}"),
        ("/A/x/A/z", "GET /A/{x}/A/{*rest}"),
    ] {
        assert_eq!(answer(&oracle, "GET", target), want, "{target}");
    }
}

#[test]
fn trailing_slash_may_be_optional() {
    let mut oracle = table(&["t:x GET /", "t:x GET /a/", "t:x GET /b/{p}"]);
    assert_eq!(answer(&oracle, "GET", "/a"), "UnknownRoute");
    assert_eq!(answer(&oracle, "GET", "/b/1/"), "UnknownRoute");
    oracle.trailing_slash_optional = true;
    assert_eq!(answer(&oracle, "GET", "/a"), "GET /a/");
    assert_eq!(answer(&oracle, "GET", "/a/"), "GET /a/");
    assert_eq!(answer(&oracle, "GET", "/b/1/"), "GET /b/{p}");
    assert_eq!(answer(&oracle, "GET", "/"), "GET /");
    assert_eq!(answer(&oracle, "GET", ""), "BadPath");
    assert_eq!(answer(&oracle, "GET", "/a//"), "BadPath");
}

#[test]
fn accepted_scopes_come_narrowest_first() {
    let accepted = |oracle: &Oracle, target: &str| {
        let required = oracle.required(b"GET", target.as_bytes());
        required.expect("a route").1.join(" ")
    };

    let mut oracle = table(&[
        "b:read GET /x/{p}",
        "a:read GET /x/{q}", // the same route under two scopes
        "b:watch GET /x/{p}",
        "a:read GET /y",
        "a:read GET /y", // counts once
        "c:* GET /z",
        "u:read GET /v",
        "d:* GET /m",
        "e:read GET /m",
    ]);
    // b:read and b:watch reach one route, a:read two; b:* one, a:* two.
    assert_eq!(accepted(&oracle, "/x/1"), "b:read b:watch a:read b:* a:*");
    assert_eq!(accepted(&oracle, "/z"), "c:*");
    assert_eq!(accepted(&oracle, "/m"), "e:read d:* e:*");
    oracle.umbrella = Some("u".to_string());
    oracle.global = Some("*:*".to_string());
    assert_eq!(
        accepted(&oracle, "/x/1"),
        "b:read b:watch a:read b:* a:* u:read u:* *:*"
    );
    assert_eq!(accepted(&oracle, "/z"), "c:* u:* *:*");
    // Listed under the umbrella itself: a scope takes the lowest class that applies.
    assert_eq!(accepted(&oracle, "/v"), "u:read u:* *:*");
}

#[test]
fn held_scopes_compare_byte_for_byte() {
    let pbx = pbx();
    let decide = |held: &[&str]| pbx.decide(held, b"HEAD", b"/api/v1/colleagues/7/");
    let allow = |scope: &str| Verdict::Allow {
        route: "GET /api/v1/colleagues/{id}/".to_string(),
        scope: scope.to_string(),
    };
    assert_eq!(decide(&["colleagues:read"]), allow("colleagues:read"));
    assert_eq!(decide(&["pbx:*", "colleagues:*"]), allow("colleagues:*"));
    assert_eq!(decide(&["nonsense", "pbx:read"]), allow("pbx:read"));
    for held in [
        &[][..],
        &["*:*"],
        &["Colleagues:read"],
        &["colleagues:re*"],
        &["coll*:read", "*:read", "colleagues", "colleagues:read ", ""],
        &["devices:*"],
    ] {
        let denied = Verdict::MissingScope {
            route: "GET /api/v1/colleagues/{id}/".to_string(),
            accepted: ["colleagues:read", "colleagues:*", "pbx:read", "pbx:*"]
                .map(String::from)
                .to_vec(),
        };
        assert_eq!(decide(held), denied, "{held:?}");
    }
}

#[test]
fn limits_are_inclusive() {
    let fine = |target: &str| well_formed(target.as_bytes()).is_some();
    let segments = |count: usize| "/a".repeat(count);

    assert!(fine(&segments(32)));
    assert!(fine(&(segments(32) + "/")));
    assert!(!fine(&segments(33)));

    assert!(fine(&format!("/{}", "a".repeat(255))));
    assert!(!fine(&format!("/{}", "a".repeat(256))));
    assert!(fine(&format!("/{}", "%21".repeat(255)))); // an escape is one byte
    assert!(!fine(&format!("/{}", "%21".repeat(256))));

    let path_of = |length: usize| {
        let mut path = format!("/{}", "a".repeat(255)).repeat(7);
        path += "/";
        path += &"%21".repeat(80);
        path += "/";
        path += &"a".repeat(length - path.len());
        path
    };
    assert!(fine(&path_of(2048)));
    assert!(!fine(&path_of(2049)));
    assert!(fine(&format!("{}?{}", path_of(2048), "q".repeat(6143))));
    assert!(!fine(&format!("{}?{}", path_of(2048), "q".repeat(6144))));
}

#[test]
fn every_byte_raw_and_escaped() {
    for byte in 0..=u8::MAX {
        let raw = [b"/x".as_slice(), &[byte], b"x"].concat();
        // `/` and `?` end the segment, the rest stands in it.
        let raw_ok = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@/?".contains(&byte);
        assert_eq!(well_formed(&raw).is_some(), raw_ok, "{byte:02X} raw");

        let query = [b"/x?".as_slice(), &[byte]].concat();
        let query_ok = (0x21..=0x7E).contains(&byte) && byte != b'#';
        assert_eq!(well_formed(&query).is_some(), query_ok, "{byte:02X} query");

        let escape_ok = b" !\"$&'()*+,:<=>@[]^`{|}~".contains(&byte);
        for escape in [format!("/x%{byte:02X}x"), format!("/x%{byte:02x}x")] {
            assert_eq!(
                well_formed(escape.as_bytes()).is_some(),
                escape_ok,
                "{escape}"
            );
        }
    }
}

#[test]
fn look_alikes_are_refused() {
    let refused = |c: char| {
        let bytes = c.to_string().into_bytes();
        let escapes: Vec<String> = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        well_formed(format!("/x{}x", escapes.concat()).as_bytes()).is_none()
    };
    // Both ends of a few ranges of the file, their neighbours outside, and every plane's last two.
    for c in "\u{80}\u{9F}\u{A0}\u{AD}\u{2000}\u{200F}\u{2215}\u{E000}\u{F8FF}\u{FDD0}\u{FDEF}\
              \u{FF00}\u{FFEF}\u{FFFE}\u{FFFF}\u{1FFFE}\u{1FFFF}\u{E0FFF}\u{F0000}\u{FFFFE}\u{10FFFD}\u{10FFFF}"
        .chars()
    {
        assert!(refused(c), "{:04X}", u32::from(c));
    }
    for c in "\u{A1}\u{AC}\u{AE}\u{FC}\u{1FFF}\u{2010}\u{2023}\u{2027}\u{2030}\u{205E}\u{3001}\
              \u{F900}\u{FDCF}\u{FDF0}\u{FFFC}\u{FFFD}\u{10000}\u{1F600}\u{E1000}\u{EFFFD}"
        .chars()
    {
        assert!(!refused(c), "{:04X}", u32::from(c));
    }
}

#[test]
fn malformed_targets() {
    for target in [
        "",
        "a",
        "*",
        "//",
        "/a//",
        "//a",
        "/a//b",
        "/.",
        "/..",
        "/.../",
        "/a./b",
        "/a.",
        "/%20a",
        "/a%20/",
        "/%20",
        "/%",
        "/%2",
        "/%2g",
        "/%+1",
        "/%C3",
        "/%C3/%BC",
        "/%C3a%BC",
        "/%C0%AF",
        "/%ED%A0%80",
        "/a?#",
        "/a#",
    ] {
        assert_eq!(well_formed(target.as_bytes()), None, "{target}");
    }
    for (target, segments, slash) in [
        ("/", vec![], true),
        ("/?", vec![], true),
        ("/a", vec!["a"], false),
        ("/a/", vec!["a"], true),
        ("/a/.b/c%20d?/../", vec!["a", ".b", "c%20d"], false),
        ("/%7E/%7e/~/*", vec!["%7E", "%7e", "~", "*"], false),
    ] {
        let segments: Vec<String> = segments.into_iter().map(String::from).collect();
        assert_eq!(
            well_formed(target.as_bytes()),
            Some((segments, slash)),
            "{target}"
        );
    }
}
