//! The rules once more, written to be read rather than to be fast: the reference that the product is
//! compared with on random policies and random paths.
//!
//! It is naive on purpose. Every call reads the whole list of routes again, templates are tried one by
//! one, and nothing is shared with the product: no trie, no tables, no bits, not even a helper. A
//! mistake would have to be made twice, in two very different shapes, to go unnoticed. So resist making
//! this faster; if it disagrees with the product, the sentence in the design decides who is wrong.

mod data;
mod path;
mod resemble;
mod scopes;
mod template;
mod tests;

pub(crate) use data::{PathCase, path_cases, pbx};
use path::{decode, split};
pub(crate) use path::{is_look_alike, well_formed};
pub(crate) use resemble::read_as;
use resemble::{has_colon, resemble, resemble_around};
pub(crate) use scopes::{By, Heading, Need};
use template::{Segment, Template};

/// A policy as a list of lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    /// Names of scopes have no parts, and `*` is a letter in them.
    pub opaque: bool,
    pub umbrella: Option<String>,
    pub global: Option<String>,
    pub trailing_slash_optional: bool,
    pub case_insensitive: bool,
    /// Each scope with one that it implies.
    pub implies: Vec<(String, String)>,
    /// No value has a colon.
    pub no_colon: bool,
    pub routes: Vec<Listed>,
}

/// One line of the policy: this method and template, listed under this heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub heading: Heading,
    pub method: String,
    pub template: String,
}

/// The answer of the rules to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow {
        route: String,
        by: By,
    },
    /// No key, or none that is valid, and the request calls no public route: nothing else is said.
    NoValidKey,
    BadMethod,
    BadPath,
    UnknownRoute,
    MethodNotListed {
        template: String,
        methods: Vec<String>,
    },
    MissingScope {
        route: String,
        /// The scopes of which each alone suffices, narrowest first.
        accepted: Vec<String>,
        /// Those and the sets, narrowest first.
        alternatives: Vec<Vec<String>>,
    },
}

impl Oracle {
    /// May a valid key that holds these scopes call this method on this target?
    pub(crate) fn decide(&self, held: &[&str], method: &[u8], target: &[u8]) -> Verdict {
        self.judge(held, self.required(method, target))
    }

    /// The verdict for a valid key that holds these scopes, once it is known what the request needs.
    pub(crate) fn judge(
        &self,
        held: &[&str],
        required: Result<(String, Need), Verdict>,
    ) -> Verdict {
        let (route, need) = match required {
            Ok(required) => required,
            Err(denied) => return denied,
        };
        match (self.meets(held, &need), need) {
            (Some(by), _) => Verdict::Allow { route, by },
            (None, need) => Verdict::MissingScope {
                route,
                accepted: need.accepted(),
                alternatives: match need {
                    Need::OneOf(alternatives) => alternatives,
                    Need::Nothing | Need::AnyKey => Vec::new(),
                },
            },
        }
    }

    /// May a request without a valid key call this method on this target?
    pub(crate) fn decide_without_key(&self, method: &[u8], target: &[u8]) -> Verdict {
        match self.required(method, target) {
            Ok((route, Need::Nothing)) => Verdict::Allow {
                route,
                by: By::Public,
            },
            _ => Verdict::NoValidKey,
        }
    }

    /// The route that answers (`GET /a/{id}/`) and what it needs; or why no route answers.
    pub(crate) fn required(&self, method: &[u8], target: &[u8]) -> Result<(String, Need), Verdict> {
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
        let headings: Vec<&Heading> = route.iter().map(|line| &line.listed.heading).collect();
        Ok((shown, self.need(&headings)))
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

    /// The number of the first value of the winner that resembles a narrower segment, or has a colon
    /// where none may be.
    fn refused_value(&self, lines: &[Line], winner: &Template, path: &[String]) -> Option<usize> {
        (0..path.len()).find(|&i| {
            winner.takes_a_value(i)
                && (self.resembles(lines, path, i) || self.has_bad_colon(winner, path, i))
        })
    }

    fn has_bad_colon(&self, winner: &Template, path: &[String], i: usize) -> bool {
        let value = match winner.segments.get(i) {
            Some(Segment::Affix(before, behind)) => self
                .value_between(before, behind, &path[i])
                .unwrap_or_default(),
            _ => path[i].clone(),
        };
        self.no_colon && has_colon(&value)
    }

    fn lines(&self) -> Vec<Line<'_>> {
        self.routes
            .iter()
            .map(|listed| Line {
                listed,
                template: self.template(&listed.template),
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
        let text = if self.case_insensitive {
            text.to_ascii_lowercase()
        } else {
            text.to_string()
        };
        let Some((before, rest)) = text.split_once('{') else {
            return Segment::Literal(text);
        };
        let (name, behind) = rest.split_once('}').expect("braces come in pairs");
        match (before, behind) {
            ("", "") if name.starts_with('*') => Segment::CatchAll,
            ("", "") => Segment::Parameter,
            _ => Segment::Affix(before.to_string(), behind.to_string()),
        }
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
            Segment::Affix(before, behind) => self.value_between(before, behind, text).is_some(),
            Segment::Parameter | Segment::CatchAll => true,
        }
    }

    /// Whether segment `i` resembles a literal or an affix that it does not fit, of a template whose
    /// earlier segments match the path's.
    fn resembles(&self, lines: &[Line], path: &[String], i: usize) -> bool {
        lines.iter().any(|line| {
            let segments = &line.template.segments;
            let Some(segment) = segments.get(i) else {
                return false;
            };
            let mut earlier = segments[..i].iter().zip(path);
            earlier.all(|(segment, text)| self.fits(segment, text))
                && !self.fits(segment, &path[i])
                && match segment {
                    Segment::Literal(literal) => resemble(literal, &path[i]),
                    Segment::Affix(before, behind) => resemble_around(before, behind, &path[i]),
                    Segment::Parameter | Segment::CatchAll => false,
                }
        })
    }

    /// The text between two others that make up a segment: not empty, and without a part of an
    /// escape.
    fn value_between(&self, before: &str, behind: &str, segment: &str) -> Option<String> {
        let segment = if self.case_insensitive {
            segment.to_ascii_lowercase()
        } else {
            segment.to_string()
        };
        let value = segment.strip_prefix(before)?.strip_suffix(behind)?;
        // Of a part of an escape, a `%` without two digits is left.
        (!value.is_empty() && decode(value).is_some()).then(|| value.to_string())
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

/// In the order in which they are shown.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
