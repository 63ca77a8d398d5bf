//! The second stage: [`Document`] -> [`Model`], with every problem there is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{ControlFlow, Range};

use routescope_core::table::MAX_SCOPES;
use routescope_core::{Method, Methods, Options};

use crate::document::{At, Document, MethodRule, RouteEntry, ScopeEntry};
use crate::lint;
use crate::model::{Listing, Model, Route, ScopeName};
use crate::overlap::{conflicts, path_of_both, path_of_first};
use crate::report::{Problem, quoted};
use crate::suggest::{nearest, one_edit_apart};
use crate::template::Template;
use crate::trie::Trie;
use crate::twins::told_apart_by_case;

/// Most conflicts that are shown one by one.
const MAX_CONFLICTS_SHOWN: usize = 50;

/// One line of the file: a method and a template under a scope.
pub(crate) struct Line {
    pub(crate) scope: ScopeName,
    pub(crate) method: Method,
    pub(crate) template: Template,
    /// The template as written.
    pub(crate) text: String,
    pub(crate) at: Range<usize>,
    pub(crate) overlap: Option<Range<usize>>,
}

/// Judges a document. `notes` asks for notes too, which may take as long as
/// there are pairs of templates that overlap.
pub(crate) fn check(document: &Document, notes: bool) -> (Option<Model>, Vec<Problem>) {
    let mut checker = Checker {
        document,
        problems: Vec::new(),
    };
    checker.umbrella();
    let scopes = checker.scopes();
    let lines = checker.lines(&scopes);
    checker.duplicates(&lines);
    checker.made_equal(&lines);
    let mut problems = checker.problems;
    if problems.iter().any(Problem::is_error) {
        return (None, problems);
    }
    let model = model(document, scopes.into_values().collect(), &lines);
    limits(&model, document, &mut problems);
    let trie = Trie::new(
        model.templates.iter().map(|listing| &listing.template),
        document.options,
    );
    let places = Places::new(&model, &lines);
    overlaps(&model, &trie, &places, &mut problems);
    lint::warnings(document, &model, &trie, &places, &mut problems);
    if notes {
        lint::notes(&model, &trie, &places, &mut problems);
    }
    let sound = !problems.iter().any(Problem::is_error);
    (sound.then_some(model), problems)
}

struct Checker<'d> {
    document: &'d Document,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn umbrella(&mut self) {
        if let Some(umbrella) = &self.document.umbrella
            && let Some(problem) = bad_name(&umbrella.value, "resource")
        {
            self.problems.push(
                Problem::error(
                    umbrella.at.clone(),
                    format!("`umbrella` is {}: {problem}", quoted(&umbrella.value)),
                )
                .help(match umbrella.value.split_once(':') {
                    Some((resource, _)) => {
                        format!("write the resource alone: `umbrella: {resource}`")
                    }
                    None => "name a resource, such as `pbx`: its scopes then cover every resource"
                        .into(),
                }),
            );
        }
    }

    /// The scopes of the file by the index of their entry.
    fn scopes(&mut self) -> BTreeMap<usize, ScopeName> {
        let mut scopes = BTreeMap::new();
        for (index, entry) in self.document.scopes.iter().enumerate() {
            match self.scope_name(&entry.name) {
                Ok(scope) => {
                    scopes.insert(index, scope);
                }
                Err(problem) => self.problems.push(*problem),
            }
        }
        scopes
    }

    fn scope_name(&self, name: &At<String>) -> Result<ScopeName, Box<Problem>> {
        let text = &name.value;
        let error = |message: String| Problem::error(name.at.clone(), message);
        if text.is_empty() {
            return Err(Box::new(
                error("an empty text is not a scope".into()).help(SCOPE),
            ));
        }
        let Some(scope) = ScopeName::split(text) else {
            return Err(Box::new(
                error(format!("{} is not a scope", quoted(text))).help(SCOPE),
            ));
        };
        for (part, what) in [(&scope.resource, "resource"), (&scope.action, "action")] {
            if what == "action" && part == "*" {
                continue;
            }
            if let Some(problem) = bad_name(part, what) {
                let help = if text == "*:*" {
                    "a scope that opens everything is the field `global: \"*:*\"`, at the top of the file"
                } else if part.contains('*') {
                    "`*` stands for a whole action, never for a part of a name and never for a resource"
                } else {
                    SCOPE
                };
                let message = format!("{} is not a scope: {problem}", quoted(text));
                return Err(Box::new(error(message).help(help)));
            }
        }
        if text.len() > 255 {
            return Err(Box::new(
                error(format!(
                    "a scope of {} bytes, over the limit of 255",
                    text.len()
                ))
                .help("shorten it"),
            ));
        }
        if self.document.method_rule == MethodRule::ReadWrite
            && one_edit_apart(&scope.action.to_lowercase(), "read")
            || scope.action != "read" && scope.action.eq_ignore_ascii_case("read")
        {
            let problem = error(format!("`{text}` looks like a slip of the pen"))
                .help(format!("did you mean `{}:read`?", scope.resource));
            return Err(Box::new(if scope.action.eq_ignore_ascii_case("read") {
                problem
            } else {
                problem.help("if the API really has an operation of this name, add `method_rule: none` at the top of the file")
            }));
        }
        Ok(scope)
    }

    fn lines(&mut self, scopes: &BTreeMap<usize, ScopeName>) -> Vec<Line> {
        let mut lines = Vec::new();
        for (index, entry) in self.document.scopes.iter().enumerate() {
            for route in &entry.routes {
                match read_route(route) {
                    Err(problem) => self.problems.push(*problem),
                    Ok((method, text, template)) => {
                        let Some(scope) = scopes.get(&index) else {
                            continue;
                        };
                        self.method_rule(entry, scope, method, route);
                        lines.push(Line {
                            scope: scope.clone(),
                            method,
                            template,
                            text: text.to_owned(),
                            at: route.text.at.clone(),
                            overlap: route.overlap.clone(),
                        });
                    }
                }
            }
        }
        lines
    }

    fn method_rule(
        &mut self,
        entry: &ScopeEntry,
        scope: &ScopeName,
        method: Method,
        route: &RouteEntry,
    ) {
        if self.document.method_rule == MethodRule::None {
            return;
        }
        let problem = |message: String, instead: String| {
            Problem::error(route.text.at.clone(), message)
                .and(entry.name.at.clone(), "under this scope")
                .help(format!("list it under {instead}, or under a named operation such as `{}:export`", scope.resource))
                .help("to let any method stand under any scope, add `method_rule: none` at the top of the file")
        };
        if method.is_read() && scope.is_full() {
            let message =
                format!("{method} only reads, and `{scope}` is for what does more than read");
            let instead = format!("`{}`, which `{scope}` covers", scope.with("read"));
            self.problems.push(problem(message, instead));
        }
        if !method.is_read() && scope.action == "read" {
            self.problems.push(problem(
                format!("{method} does more than read, and `{scope}` is for reading only"),
                format!("`{}`", scope.with("*")),
            ));
        }
    }

    fn duplicates(&mut self, lines: &[Line]) {
        let mut seen: HashMap<(&ScopeName, Method, &Template), &Line> = HashMap::new();
        for line in lines {
            if let Some(first) = seen.get(&(&line.scope, line.method, &line.template)) {
                let names = if first.text == line.text {
                    ""
                } else {
                    "; the names of parameters make no difference"
                };
                self.problems.push(
                    Problem::error(
                        line.at.clone(),
                        format!(
                            "`{} {}` is listed twice under `{}`{names}",
                            line.method, line.text, line.scope
                        ),
                    )
                    .label("again")
                    .and(first.at.clone(), "first here")
                    .help("remove one of them"),
                );
                continue;
            }
            seen.insert((&line.scope, line.method, &line.template), line);
        }
    }

    /// Templates that are two to the eye and one under the path options.
    fn made_equal(&mut self, lines: &[Line]) {
        let Options {
            case_insensitive,
            trailing_slash_optional,
        } = self.document.options;
        if !case_insensitive && !trailing_slash_optional {
            return;
        }
        let mut seen: HashMap<Template, &Line> = HashMap::new();
        let mut told = BTreeSet::new();
        for line in lines {
            let mut same = if case_insensitive {
                line.template.to_lowercase()
            } else {
                line.template.clone()
            };
            same.slash |= trailing_slash_optional;
            let first = *seen.entry(same).or_insert(line);
            if first.template == line.template || !told.insert((&first.template, &line.template)) {
                continue;
            }
            let folds = first.template.segments != line.template.segments;
            let option = match (folds, first.template.slash != line.template.slash) {
                (true, true) => "`trailing_slash: optional` and `case: insensitive`",
                (true, false) => "`case: insensitive`",
                (false, _) => "`trailing_slash: optional`",
            };
            self.problems.push(
                Problem::error(
                    line.at.clone(),
                    format!(
                        "`{}` and `{}` are the same path under {option}",
                        line.text, first.text
                    ),
                )
                .label("this path")
                .and(first.at.clone(), "is this one")
                .help(
                    "spell the path one way in all its routes, or set the option back to `exact`",
                ),
            );
        }
    }
}

/// Why `text` cannot name a resource or an action.
fn bad_name(text: &str, what: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if text.is_empty() {
        return Some(format!("the {what} is missing"));
    }
    let odd = text
        .chars()
        .find(|c| !c.is_ascii() || !u8::try_from(*c).is_ok_and(fits))?;
    let odd = match odd {
        ' ' => "space".to_owned(),
        other => format!("`{other}`"),
    };
    Some(format!(
        "a{} {what} has letters, digits, `_`, `-` and `.`, and no {odd}",
        if what == "action" { "n" } else { "" },
    ))
}

const SCOPE: &str =
    "write `resource:action` with one colon, such as `colleagues:read` or `colleagues:*`";

fn read_route(route: &RouteEntry) -> Result<(Method, &str, Template), Box<Problem>> {
    let text = &route.text.value;
    let at = &route.text.at;
    // Where a part of the text stands, if the file has it there unchanged.
    let part = |range: Range<usize>| {
        if at.len() == text.len() {
            at.start + range.start..at.start + range.end
        } else {
            at.clone()
        }
    };
    let not_a_route = || Problem::error(at.clone(), format!("{} is not a route", quoted(text)));
    if text.trim().is_empty() {
        let problem = Problem::error(at.clone(), "an empty text is not a route");
        return Err(Box::new(problem.help(format!("write {ROUTE}"))));
    }
    if text.trim() != text {
        let problem = Problem::error(
            at.clone(),
            format!("{} has a space or a line break too many", quoted(text)),
        );
        return Err(Box::new(problem.help(format!("write `{}`", text.trim()))));
    }
    let Some((method, path)) = text.split_once(' ') else {
        return Err(Box::new(not_a_route().help(intended(text))));
    };
    let Some(known) = Method::from_bytes(method.as_bytes()) else {
        let names = Method::ALL.map(Method::as_str);
        let help = if Method::from_bytes(path.as_bytes()).is_some() {
            format!("the method comes first: `{path} {method}`")
        } else if method.starts_with('/') {
            format!("write {ROUTE}")
        } else if method.contains([',', '|', '/', '+']) {
            "write a line for each method".to_owned()
        } else if method == "*" || method.eq_ignore_ascii_case("any") {
            format!("write a line for each method: {}", names.join(", "))
        } else if let Some(near) = nearest(method, names) {
            format!("did you mean `{near}`?")
        } else {
            format!(
                "a policy knows {}; a request with another method is denied",
                names.join(", ")
            )
        };
        return Err(Box::new(
            Problem::error(
                part(0..method.len()),
                format!("{} is not a method", quoted(method)),
            )
            .help(help),
        ));
    };
    let start = method.len() + 1;
    if path.starts_with(' ') {
        let spaces = path.len() - path.trim_start().len();
        let problem = Problem::error(
            part(start..start + spaces),
            format!("{} has a space too many", quoted(text)),
        );
        return Err(Box::new(
            problem.help(format!("write `{method} {}`", path.trim())),
        ));
    }
    match Template::parse(path) {
        Ok(template) => Ok((known, path, template)),
        Err(bad) => {
            let at = part(start + bad.at.start..start + bad.at.end);
            Err(Box::new(Problem::error(at, bad.message).help(bad.help)))
        }
    }
}

const ROUTE: &str = "a method, a space and a path, such as `GET /things/`";

/// What a route is probably meant to be that has no space in it.
fn intended(text: &str) -> String {
    let letters = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (method, rest) = text.split_at(letters);
    let path = rest.trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    match Method::from_bytes(method.to_ascii_uppercase().as_bytes()) {
        Some(method) if path.starts_with('/') => format!("write `{method} {path}`, with one space"),
        Some(method) => format!("add a path: `{method} /things/`"),
        None if text.starts_with('/') => format!("add a method: `GET {text}`"),
        None => format!("write {ROUTE}"),
    }
}

fn model(document: &Document, scopes: BTreeSet<ScopeName>, lines: &[Line]) -> Model {
    let mut templates: BTreeMap<&Template, BTreeMap<Method, Route>> = BTreeMap::new();
    for line in lines {
        let route = templates
            .entry(&line.template)
            .or_default()
            .entry(line.method)
            .or_insert_with(|| Route {
                method: line.method,
                text: line.text.clone(),
                listed: BTreeSet::new(),
            });
        if line.text < route.text {
            route.text.clone_from(&line.text);
        }
        route.listed.insert(line.scope.clone());
    }
    let listing = |(template, routes): (&Template, BTreeMap<Method, Route>)| Listing {
        template: template.clone(),
        routes: routes.into_values().collect(),
    };
    Model {
        name: document.name.value.clone(),
        updated: document.updated.as_ref().map(|date| date.value.clone()),
        umbrella: document
            .umbrella
            .as_ref()
            .map(|umbrella| umbrella.value.clone()),
        global: document.global,
        key: document.key.clone(),
        options: document.options,
        scopes,
        templates: templates.into_iter().map(listing).collect(),
    }
}

fn limits(model: &Model, document: &Document, problems: &mut Vec<Problem>) {
    let known = model.known_scopes().len();
    if known > MAX_SCOPES {
        let at = document
            .scopes
            .last()
            .map_or(0..0, |entry| entry.name.at.clone());
        problems.push(
            Problem::error(
                at,
                format!("the policy has {known} scopes, over the limit of {MAX_SCOPES}"),
            )
            .help("the implied ones count: `resource:*` for each resource, and the umbrella's two")
            .help("split the policy by API"),
        );
    }
}

/// Where each template of a model stands in the file.
pub(crate) struct Places<'l> {
    by_template: HashMap<&'l Template, Vec<&'l Line>>,
}

impl<'l> Places<'l> {
    fn new(model: &Model, lines: &'l [Line]) -> Self {
        let mut by_template: HashMap<&Template, Vec<&Line>> =
            HashMap::with_capacity(model.templates.len());
        for line in lines {
            by_template.entry(&line.template).or_default().push(line);
        }
        Self { by_template }
    }

    pub(crate) fn of(&self, listing: &Listing) -> &[&'l Line] {
        self.by_template
            .get(&listing.template)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(crate) fn first(&self, listing: &Listing) -> Range<usize> {
        self.of(listing)
            .first()
            .map_or(0..0, |line| line.at.clone())
    }

    pub(crate) fn may_overlap(&self, listing: &Listing) -> bool {
        self.of(listing).iter().any(|line| line.overlap.is_some())
    }
}

impl Listing {
    /// The template as the file writes it first.
    pub(crate) fn text(&self) -> &str {
        self.routes
            .first()
            .map(|route| route.text.as_str())
            .unwrap_or_default()
    }

    /// What it answers.
    pub(crate) fn answers(&self) -> Methods {
        let listed = self
            .routes
            .iter()
            .fold(Methods::NONE, |methods, route| methods.with(route.method));
        if listed.contains(Method::Get) {
            listed.with(Method::Head)
        } else {
            listed
        }
    }
}

/// Reports the conflicts that nobody allowed, and the permissions nobody needs.
fn overlaps(model: &Model, trie: &Trie, places: &Places<'_>, problems: &mut Vec<Problem>) {
    let mut needed = BTreeSet::new();
    let mut shown = 0;
    conflicts(trie, &mut |a, b| {
        let (x, y) = (&model.templates[a], &model.templates[b]);
        if places.may_overlap(x) || places.may_overlap(y) {
            needed.insert(a);
            needed.insert(b);
            return ControlFlow::Continue(());
        }
        shown += 1;
        problems.push(conflict(x, y, places));
        if shown < MAX_CONFLICTS_SHOWN {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    for (a, b) in told_apart_by_case(model) {
        let (x, y) = (&model.templates[a], &model.templates[b]);
        if places.may_overlap(x) || places.may_overlap(y) {
            needed.insert(a);
            needed.insert(b);
        } else if shown < MAX_CONFLICTS_SHOWN {
            shown += 1;
            problems.push(twins(x, y, places));
        }
    }
    if shown == MAX_CONFLICTS_SHOWN {
        if let Some(last) = problems.pop() {
            problems.push(last.help(format!(
                "there may be more: only the first {MAX_CONFLICTS_SHOWN} conflicts are shown"
            )));
        }
        return;
    }
    for (index, listing) in model.templates.iter().enumerate() {
        let told_apart_by_slash = || {
            let other = listing.template.with_other_slash();
            model.templates.iter().any(|wide| {
                other
                    .as_ref()
                    .is_some_and(|other| wide.template.covers(other))
            })
        };
        if needed.contains(&index) || !places.may_overlap(listing) || told_apart_by_slash() {
            continue;
        }
        for line in places.of(listing) {
            if let Some(at) = &line.overlap {
                problems.push(
                    Problem::warning(
                        at.clone(),
                        format!(
                            "`overlap: allow` is not needed: nothing conflicts with `{}`",
                            line.text
                        ),
                    )
                    .help("remove it: it would hide a conflict that comes later"),
                );
            }
        }
    }
}

fn twins(x: &Listing, y: &Listing, places: &Places<'_>) -> Problem {
    let (x, y) = if places.first(x).start > places.first(y).start {
        (x, y)
    } else {
        (y, x)
    };
    let message = format!("only ASCII case tells `{}` from `{}`", x.text(), y.text());
    let mut problem = Problem::error(places.first(x), message)
        .label("this path")
        .and(places.first(y), "and this one");
    let (a, b) = (x.template.to_lowercase(), y.template.to_lowercase());
    if let Some(path) = path_of_both(&a, &b) {
        problem = problem.help(format!(
            "a back end that ignores case may serve either for `{path}`, whichever was authorized"
        ));
    }
    problem
        .help("spell them alike; or, if the back end surely tells them apart, write one as `route:` with `overlap: allow`")
}

fn conflict(x: &Listing, y: &Listing, places: &Places<'_>) -> Problem {
    // The one that stands later in the file is the one to look at first.
    let (x, y) = if places.first(x).start > places.first(y).start {
        (x, y)
    } else {
        (y, x)
    };
    let winner = if x.template.precedence(&y.template).is_lt() {
        x
    } else {
        y
    };
    let mut problem = Problem::error(
        places.first(x),
        format!(
            "`{}` and `{}` overlap, and neither is narrower",
            x.text(),
            y.text()
        ),
    )
    .label("this path")
    .and(places.first(y), "and this one");
    if let Some(both) = path_of_both(&x.template, &y.template) {
        let mut help = format!("both match `{both}`");
        for (template, other) in [(x, y), (y, x)] {
            if let Some(path) = path_of_first(&template.template, &other.template) {
                help += &format!("; only `{}` matches `{path}`", template.text());
            }
        }
        problem = problem.help(help);
    }
    problem
        .help("change one of the paths, so that no request matches both")
        .help(format!(
            "or allow it with `overlap: allow`: what both match then goes to `{}`, literals before parameters from the left:\n- route: {} {}\n  overlap: allow",
            winner.text(),
            places.of(x).first().map_or("GET", |line| line.method.as_str()),
            x.text(),
        ))
}
