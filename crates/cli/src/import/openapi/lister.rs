//! Operations become entries of a table: under scopes, as public, for any key; or they are left out,
//! or refused.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use routescope::Method;
use routescope_compiler::template::Template;
use routescope_compiler::{Problem, Report};

use super::needs::{Fault, Needs, Requirements, Together};
use super::options::{Lists, Options};
use super::schemes::Schemes;
use crate::import::mentions::Mentions;
use crate::import::refusals::{Refusal, Refusals, cut, position};
use crate::import::table::{
    ImportedRoute, ImportedScope, ImportedTable, MOST_BYTES, MOST_ROUTES, MOST_SCOPES, Omitted,
    is_scope,
};
use crate::wire::count;

/// An operation of a description.
pub(super) struct Operation<'o> {
    pub(super) method: Method,
    pub(super) path: &'o str,
    pub(super) at: &'o Range<usize>,
}

impl Operation<'_> {
    fn text(&self) -> String {
        format!("{} {}", self.method, cut(self.path))
    }
}

/// The description comes to more than a policy can hold.
pub(super) struct TooMuch;

/// The entries of the table to be, and what is said about them.
pub(super) struct Lister<'o> {
    options: &'o Options<'o>,
    pub(super) refusals: Refusals,
    mentions: Mentions,
    /// The headings in the order in which operations name them.
    headings: Vec<ImportedScope>,
    places: HashMap<String, usize>,
    names: HashSet<String>,
    public: Vec<ImportedRoute>,
    any_key: Vec<ImportedRoute>,
    seen: HashMap<(Method, Rc<Template>), Listed>,
    omitted: Vec<(Method, String, usize)>,
    listed: usize,
    bytes: usize,
}

/// A route that is in the table.
struct Listed {
    place: Place,
    text: String,
    at: Range<usize>,
}

/// The place of a route in the table.
#[derive(Eq, PartialEq)]
enum Place {
    Public,
    AnyKey,
    /// Under these headings, by their numbers in order.
    Headings(Vec<usize>),
}

/// The kinds of refusals that depend on the scheme that counts.
const OF_SCHEMES: [&str; 8] = [
    "unscoped",
    "unstated",
    "mixed",
    "bound scope",
    "scope name",
    "together",
    "sets",
    "same route",
];

/// The advice for what no policy can express.
const SAY_SKIP: &str = "or leave such operations out with `--skip`, which warns where another route takes their requests";

const PUBLIC: &str = "`--public` lists such operations under `public:`, where no key is looked at; that is no default, since a slip in the file would open a route to everybody. Or give the operation a requirement in the file";

const ANY_KEY: &str = "`--any-key` lists such operations under `any_key:`, for every valid key whatever its scopes; that is no default, since a scope that was forgotten in the file looks the same. Or put them under a scope, with `--unscoped things:read` (GET and HEAD) or another name; or give the operation a scope in the file";

const UNSTATED: &str = "give the operation a `security` in the file; or leave such operations out by naming the scheme that counts, with `--scheme`. `--any-key` lists them for every valid key, and `--unscoped things:read` (GET and HEAD) or another name under a scope; that is no default, since a `security` that was forgotten looks the same";

const MIXED: &str = "a key without these scopes is accepted, so that they decide nothing: `--any-key` lists such operations for every valid key; or remove one sort of requirement from the file. `--unscoped` is for operations that no requirement gives a scope";

impl<'o> Lister<'o> {
    pub(super) fn new(options: &'o Options<'o>, refusals: Refusals) -> Self {
        Self {
            options,
            refusals,
            mentions: Mentions::default(),
            headings: Vec::new(),
            places: HashMap::new(),
            names: HashSet::new(),
            public: Vec::new(),
            any_key: Vec::new(),
            seen: HashMap::new(),
            omitted: Vec::new(),
            listed: 0,
            bytes: 0,
        }
    }

    /// Leaves an operation out that the scheme which counts does not open.
    pub(super) fn leave_out(&mut self, operation: &Operation<'_>) -> Result<(), TooMuch> {
        self.omit("left out", operation)
    }

    fn omit(&mut self, kind: &'static str, operation: &Operation<'_>) -> Result<(), TooMuch> {
        let at = operation.at.start;
        self.mentions.add(kind, at, || operation.text());
        self.spend(operation)?;
        self.omitted
            .push((operation.method, operation.path.to_owned(), at));
        Ok(())
    }

    /// Counts an entry, of which there may be too many.
    fn spend(&mut self, operation: &Operation<'_>) -> Result<(), TooMuch> {
        self.bytes += operation.path.len();
        self.listed += 1;
        let is_too_much =
            self.listed > MOST_ROUTES || self.bytes > MOST_BYTES || self.names.len() > MOST_SCOPES;
        if !is_too_much {
            return Ok(());
        }
        let message = format!(
            "here the description comes to more than {} or {} under scopes, or more than {} MiB of these",
            count(MOST_SCOPES as u64, "scope"),
            count(MOST_ROUTES as u64, "route"),
            MOST_BYTES >> 20
        );
        self.refusals.add(
            "description",
            Problem::error(operation.at.clone(), message)
                .help("does it use one list of scopes, or one path, for very many others? Import a part of it"),
        );
        Err(TooMuch)
    }

    /// Refuses what no policy can express, of operations that have no path to list.
    pub(super) fn refuse_or_skip(
        &mut self,
        kind: &'static str,
        at: &Range<usize>,
        text: impl FnOnce() -> String,
        problem: impl FnOnce() -> Problem,
    ) {
        if self.options.skip {
            self.mentions.add(kind, at.start, text);
        } else {
            self.refusals
                .add_with(kind, at.start, || problem().help(SAY_SKIP));
        }
    }

    /// Skips an operation that no policy can express; whether skipping is asked for.
    pub(super) fn skips(
        &mut self,
        kind: &'static str,
        operation: &Operation<'_>,
    ) -> Result<bool, TooMuch> {
        if self.options.skip {
            self.omit(kind, operation)?;
        }
        Ok(self.options.skip)
    }

    /// Lists an operation by its requirements, which are its own or the description's.
    pub(super) fn list(
        &mut self,
        operation: &Operation<'_>,
        template: &Rc<Template>,
        requirements: &Requirements,
        is_own: bool,
        schemes: &Schemes<'_>,
    ) -> Result<(), TooMuch> {
        let at = operation.at;
        // If the description's own requirements are at fault, the operation is the position to show.
        let shown = |of: &Range<usize>| if is_own { of.clone() } else { at.clone() };
        let needs = match &requirements.needs {
            Ok(needs) => needs,
            Err(fault) => return self.fault(operation, fault, is_own),
        };
        let unscoped;
        let (kind, together) = match needs {
            Needs::Elsewhere => return self.leave_out(operation),
            Needs::Nothing { optional } if self.options.public => {
                let kind = if *optional { "optional" } else { "public" };
                self.mentions.add(kind, at.start, || operation.text());
                return self.place(operation, template, Place::Public);
            }
            Needs::Nothing { optional } => {
                let says = match optional {
                    true => "can be used without a key: its requirements are optional",
                    false => "is public: it can be used without a key",
                };
                let problem = || refusal(operation, says, shown(&requirements.at), PUBLIC);
                self.refusals.add_with("public", at.start, problem);
                return Ok(());
            }
            Needs::Scopes(scopes) => ("scopes", scopes),
            Needs::Mixed(_) if self.options.any_key => ("mixed", &Vec::new()),
            Needs::Mixed(says) => {
                let problem = || refusal(operation, says, shown(&requirements.at), MIXED);
                self.refusals.add_with("mixed", at.start, problem);
                return Ok(());
            }
            Needs::Key | Needs::Unstated => {
                let is_stated = matches!(needs, Needs::Key);
                match self.options.unscoped {
                    Some(scope) => {
                        let (text, at) = (scope.to_owned(), at.clone());
                        unscoped = vec![Together { text, at }];
                        ("unscoped", &unscoped)
                    }
                    None if self.options.any_key && is_stated => ("any key", &Vec::new()),
                    None if self.options.any_key => ("unstated", &Vec::new()),
                    None if is_stated => {
                        let says = "needs no scope: any key may use it";
                        let problem = || refusal(operation, says, at.clone(), ANY_KEY);
                        self.refusals.add_with("unscoped", at.start, problem);
                        return Ok(());
                    }
                    None if self.options.scheme.is_some() => {
                        return self.omit("left out unstated", operation);
                    }
                    None => {
                        let says =
                            "needs no scope that the file tells: nothing says its `security`";
                        let problem = || refusal(operation, says, at.clone(), UNSTATED);
                        self.refusals.add_with("unstated", at.start, problem);
                        return Ok(());
                    }
                }
            }
        };
        self.mentions.add(kind, at.start, || operation.text());
        if requirements.beside.is_some() {
            self.mentions.add("beside", at.start, || {
                let beside = requirements.beside.as_deref().unwrap_or_default();
                format!("{}: {beside}", operation.text())
            });
        }
        if together.is_empty() {
            return self.place(operation, template, Place::AnyKey);
        }
        if requirements.has_list && self.options.lists == Lists::Any {
            self.mentions.add("any", at.start, || operation.text());
        }
        let mut headings = Vec::with_capacity(together.len());
        for together in together {
            self.spend(operation)?;
            headings.push(self.heading(together, schemes));
        }
        headings.sort_unstable();
        headings.dedup();
        self.place(operation, template, Place::Headings(headings))
    }

    fn fault(
        &mut self,
        operation: &Operation<'_>,
        fault: &Fault,
        is_own: bool,
    ) -> Result<(), TooMuch> {
        if fault.inexpressible && self.skips(fault.kind, operation)? {
            return Ok(());
        }
        let at = (!is_own).then(|| operation.at.clone());
        self.refusals.add_with(fault.kind, operation.at.start, || {
            let problem = fault.of(&operation.text(), at);
            if fault.inexpressible {
                problem.help(SAY_SKIP)
            } else {
                problem
            }
        });
        Ok(())
    }

    /// The number of a heading.
    fn heading(&mut self, together: &Together, schemes: &Schemes<'_>) -> usize {
        if let Some(place) = self.places.get(&together.text) {
            return *place;
        }
        let mut names = together.text.split(' ');
        let is_single = !together.text.contains(' ');
        self.names.extend(names.by_ref().map(str::to_owned));
        let summary = is_single.then(|| schemes.summary(&together.text));
        self.places
            .insert(together.text.clone(), self.headings.len());
        self.headings.push(ImportedScope {
            name: together.text.clone(),
            summary: summary.flatten(),
            routes: Vec::new(),
            at: together.at.clone(),
        });
        self.headings.len() - 1
    }

    /// Puts a route into its place, unless the same one is in the table.
    fn place(
        &mut self,
        operation: &Operation<'_>,
        template: &Rc<Template>,
        place: Place,
    ) -> Result<(), TooMuch> {
        if !matches!(place, Place::Headings(_)) {
            self.spend(operation)?;
        }
        let route = ImportedRoute {
            method: operation.method,
            path: operation.path.to_owned(),
            template: Rc::clone(template),
            overlap: false,
        };
        match self.seen.entry((operation.method, Rc::clone(template))) {
            Entry::Vacant(vacant) => {
                match &place {
                    Place::Public => self.public.push(route),
                    Place::AnyKey => self.any_key.push(route),
                    Place::Headings(headings) => {
                        for heading in headings {
                            self.headings[*heading].routes.push(route.clone());
                        }
                    }
                }
                vacant.insert(Listed {
                    place,
                    text: operation.text(),
                    at: operation.at.clone(),
                });
            }
            // Whichever of the two a request is for, it needs the same.
            Entry::Occupied(known) if known.get().place == place => {
                let at = operation.at.start;
                self.mentions.add("same route", at, || operation.text());
            }
            Entry::Occupied(known) => {
                let known = known.get();
                let message = format!(
                    "{} and {} are the same route, and need different things",
                    operation.text(),
                    known.text
                );
                self.refusals.add(
                    "same route",
                    Problem::error(operation.at.clone(), message)
                        .with_label(known.at.clone(), "the other one")
                        .help("the names of parameters make no difference, so that no request tells which of the two it is for: put both into one path, or give both the same `security`"),
                );
            }
        }
        Ok(())
    }

    pub(super) fn refuse(
        &mut self,
        kind: &'static str,
        at: &Range<usize>,
        message: &str,
        help: &str,
    ) {
        self.refusals
            .add(kind, Problem::error(at.clone(), message).help(help));
    }

    /// Refuses a path that no policy can express.
    pub(super) fn refuse_path(
        &mut self,
        kind: &'static str,
        at: &Range<usize>,
        message: &str,
        help: &str,
    ) {
        let problem = Problem::error(at.clone(), message).help(help);
        self.refusals.add(kind, problem.help(SAY_SKIP));
    }

    pub(super) fn refuse_shared(&mut self, refusal: &Refusal) {
        self.refusals.add_shared(refusal);
    }

    /// The table, or the report of all that was refused.
    pub(super) fn finish(
        mut self,
        file: &str,
        source: &str,
        schemes: &Schemes<'_>,
    ) -> Result<ImportedTable, Report> {
        if let Some(problem) = schemes.undecided() {
            self.refusals.forget(&OF_SCHEMES);
            self.refusals.add("schemes", problem);
        }
        if !self.refusals.is_empty() {
            return Err(self.refusals.report(file, source));
        }
        let names = self.headings.iter().flat_map(|scope| scope.name.split(' '));
        let foreign = names
            .filter(|name| self.options.unscoped != Some(name))
            .find(|name| !is_resource_action(name))
            .map(str::to_owned);
        let mut table = ImportedTable {
            opaque: foreign.is_some(),
            public: self.options.public.then_some(self.public),
            any_key: self.options.any_key.then_some(self.any_key),
            ..ImportedTable::default()
        };
        if let Some(name) = foreign {
            table.notes.push(format!("`{}` is no `resource:action`, so the names of scopes are opaque: a new policy gets `scope_names: opaque`, each name is compared byte for byte, and none implies another", cut(&name)));
        } else if self.headings.iter().any(breaks_method_rule) {
            table.any_method = true;
            table.notes.push(
                "some methods are listed under scopes whose action does not say so, such as POST under `:read`: a new policy gets `method_rule: none`, and nobody checks that `:read` only reads".to_owned(),
            );
        }
        let mentions = &self.mentions;
        let line = |(kind, says): (&str, String)| mentions.line(kind, &says, source);
        table
            .notes
            .extend(notes(self.options).into_iter().filter_map(line));
        table.warnings.extend(
            WARNINGS
                .into_iter()
                .filter_map(|(kind, says)| line((kind, says.to_owned()))),
        );
        let omitted = self.omitted.into_iter().map(|(method, path, at)| Omitted {
            method,
            path,
            position: position(source, at),
        });
        table.omitted = omitted.collect();
        table.scopes = self.headings;
        Ok(table)
    }
}

fn refusal(operation: &Operation<'_>, says: &str, at: Range<usize>, help: &str) -> Problem {
    Problem::error(at, format!("{} {says}", operation.text())).help(help)
}

/// Whether a name means the same in a policy whose scopes are `resource:action`. There, `Read` would
/// be a slip of the pen.
fn is_resource_action(name: &str) -> bool {
    let action = name.split_once(':').map_or("", |(_, action)| action);
    is_scope(name) && (action == "read" || !action.eq_ignore_ascii_case("read"))
}

/// Whether the action of a heading does not say what a method under it does.
fn breaks_method_rule(scope: &ImportedScope) -> bool {
    let all = |action: &str| {
        let mut names = scope.name.split(' ');
        names.all(|name| {
            name.split_once(':')
                .is_some_and(|(_, named)| named == action)
        })
    };
    let (only_reads, covers_all) = (all("read"), all("*"));
    let mut methods = scope.routes.iter().map(|route| route.method);
    methods.any(|method| {
        if method.is_read() {
            covers_all
        } else {
            only_reads
        }
    })
}

/// The kinds of operations that a note is about, with what is said of each.
fn notes(options: &Options<'_>) -> Vec<(&'static str, String)> {
    let scheme = options.scheme.unwrap_or_default();
    let unscoped = options.unscoped.unwrap_or_default();
    let mut notes = vec![
        ("left out", format!("left out, because `{}` alone does not open it", cut(scheme))),
        ("left out unstated", "left out, because nothing says its `security`".to_owned()),
        ("public", "listed as public, where no key is looked at; review".to_owned()),
        ("any key", "listed for every valid key, since no scope is required; review".to_owned()),
        ("unstated", "listed for every valid key, since nothing says its `security`; review".to_owned()),
        ("unscoped", format!("listed under `{}`, since no scope is required; review", cut(unscoped))),
        ("any", "listed so that each scope of a list suffices, as `--lists any` says; OpenAPI means all of them".to_owned()),
        ("same route", "listed once, because another operation is the same route and needs the same".to_owned()),
    ];
    notes.extend(SKIPPED.map(|(kind, why)| (kind, format!("skipped, because {why}"))));
    notes
}

/// The kinds of operations that `--skip` leaves out, with the reason.
const SKIPPED: [(&str, &str); 9] = [
    (
        "several parameters",
        "a segment of the path has several parameters",
    ),
    ("query", "the path has a query or a fragment"),
    ("catch-all", "a parameter has a `*`"),
    ("template", "no route can have the path"),
    ("method", "a policy has no such method"),
    ("bound scope", "a scope goes with a value"),
    ("scope name", "a scope has a name that none can have"),
    ("together", "too many scopes are needed at once"),
    ("sets", "too many requirements have several scopes"),
];

/// The kinds of operations that are open to more keys than some of their requirements say.
const WARNINGS: [(&str, &str); 3] = [
    (
        "optional",
        "listed as public although a requirement names a scheme, since another needs nothing: no key is looked at",
    ),
    (
        "mixed",
        "listed for every valid key although a requirement names scopes, since another needs none: no scope is looked at",
    ),
    (
        "beside",
        "listed although another scheme is needed too, which the policy does not check",
    ),
];
