//! `routescope import`: a policy from the publications of an API's owner.

mod guide;
mod mentions;
mod merge;
mod openapi;
mod refusals;
mod table;

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use routescope_compiler::unstable::yaml;
use routescope_compiler::{Compiled, Problem, compile};
use serde::Serialize;

use crate::diff::{self, Diff, Side};
use crate::failure::{Failure, Outcome, Result};
use crate::fmt::layout::Layout;
use crate::output::{Format, JSON_VERSION, Output, formats};
use crate::wire::count;
use crate::{atomic, input};
use merge::open;
use openapi::Lists;
use refusals::cut;
use table::{Example, ImportedRoute, ImportedTable, Omitted, Stated, is_scope, is_token};

/// Make or update a policy from a guide or an OpenAPI description
///
/// Prints the policy. With `--into FILE`, brings an existing policy up to the source instead: what
/// the source leaves unchanged stays unchanged, with its summaries, notes, comments and order;
/// routes that the source lacks go, unless they have a note; and the difference is printed as
/// `diff` prints it. The file is replaced at once or not at all.
///
/// A part of the source that is not understood is an error with its line, never left out.
///
/// Exits with 0 if the policy was made, 1 if the source contradicts itself (its own counts), 2 if
/// nothing could be imported. With `--dry-run`, 1 means that the file would change in meaning.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to read
    #[arg(long, value_name = "KIND")]
    from: From,

    /// The guide's text, Markdown or HTML, or the description's YAML or JSON; `-` is standard input
    file: PathBuf,

    /// Update this policy
    #[arg(long, value_name = "POLICY", conflicts_with = "output")]
    into: Option<PathBuf>,

    /// Write nothing; print the difference that `--into` would make
    #[arg(long, requires = "into")]
    dry_run: bool,

    /// Write the new policy into this file, which must not exist
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The new policy's name [default: the umbrella, or `imported`]
    #[arg(long, value_name = "NAME", conflicts_with = "into")]
    name: Option<String>,

    /// Import a guide whose own counts differ from what was read
    #[arg(long)]
    ignore_counts: bool,

    /// Write `overlap: allow` where two paths overlap and neither is narrower
    #[arg(long, conflicts_with = "into")]
    allow_overlaps: bool,

    /// OpenAPI: the path before all paths [default: that of the first server]
    #[arg(long, value_name = "PATH")]
    base: Option<String>,

    /// OpenAPI: the security scheme that the keys are for
    ///
    /// Only its requirements count, and operations that it does not open are left out. Without it,
    /// a description whose operations take several schemes is an error.
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,

    /// OpenAPI: the meaning of several scopes in one requirement
    #[arg(long, value_name = "MEANING", default_value = "all")]
    lists: Lists,

    /// OpenAPI: list operations that need nothing as public
    ///
    /// They are those with `security: []` or with a requirement `{}`. No key is looked at there.
    #[arg(long)]
    public: bool,

    /// OpenAPI: list operations that need no scope for every valid key
    ///
    /// They are those that have a requirement without scopes, or no `security` at all. If another
    /// requirement of theirs has scopes, these decide nothing, and a warning says so.
    #[arg(long)]
    any_key: bool,

    /// OpenAPI: the scope of operations that have none
    ///
    /// It is for operations that no requirement gives a scope. One that has a requirement without
    /// scopes and another with some is an error.
    #[arg(long, value_name = "SCOPE", conflicts_with = "any_key")]
    unscoped: Option<String>,

    /// OpenAPI: leave out the operations that no policy can express, and list them
    ///
    /// Such are paths with several parameters in a segment or with a query, methods that a policy
    /// does not have, and scopes that go with a value. Their requests are denied, and a warning
    /// names those that another route of the policy takes.
    #[arg(long)]
    skip: bool,

    /// How to print the answer; `markdown` goes with `--into`
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(&[Format::Human, Format::Json, Format::Markdown]))]
    pub(crate) format: Format,

    /// Show every route of the difference, however many there are
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum From {
    /// An API-key guide with a mapping of scopes to routes
    Guide,
    /// An OpenAPI 3 or Swagger 2.0 description
    Openapi,
}

/// A new policy, for programs.
#[derive(Serialize)]
struct Json<'i> {
    version: u32,
    /// The text of the routes.yaml.
    policy: &'i str,
    routes: usize,
    scopes: usize,
    notes: &'i [String],
    warnings: &'i [String],
}

pub(crate) fn import(arguments: &Arguments, output: &mut Output) -> Result<Outcome> {
    let formats: &[Format] = match arguments.into {
        Some(_) => &[Format::Human, Format::Json, Format::Markdown],
        None => &[Format::Human, Format::Json],
    };
    output.allow(formats)?;
    if arguments.into.as_deref().is_some_and(input::is_stdin) {
        return Err(Failure::new(
            "standard input cannot be updated",
            "name a file for `--into`; without it, the policy is printed",
        ));
    }
    let mut table = read(arguments)?;
    if table.scopes.is_empty() && table.open_routes().next().is_none() {
        let help = match table.omitted.len() {
            0 => "is it the right file?".to_owned(),
            omitted => format!(
                "all of it is left out: {}",
                count(omitted as u64, "operation")
            ),
        };
        tell(&table);
        return Err(Failure::new(
            format_args!("{} has no routes to import", input::name(&arguments.file)),
            help,
        ));
    }
    if let Some(most) = table.too_much() {
        return Err(Failure::new(
            format_args!("{} comes to more than {most}", input::name(&arguments.file)),
            "a policy holds no more: import a part of the file",
        ));
    }
    let counts_agree = check_counts(&table, arguments.ignore_counts);
    match &arguments.into {
        Some(file) if counts_agree => update(arguments, file, &mut table, output),
        Some(file) => {
            anstream::eprintln!("{} is as it was", file.display());
            Ok(Outcome::No)
        }
        None => {
            let created = create(arguments, &mut table, output);
            Outcome::from(counts_agree).after(created)
        }
    }
}

fn read(arguments: &Arguments) -> Result<ImportedTable> {
    let name = input::name(&arguments.file);
    let text = input::text(&arguments.file)?;
    if text.trim().is_empty() {
        return Err(Failure::new(
            format_args!("{name} is empty"),
            "is it the right file?",
        ));
    }
    let table = match arguments.from {
        From::Guide => {
            refuse_choices(arguments)?;
            guide::read(&name, &text)
        }
        From::Openapi => {
            let options = openapi::Options {
                base: arguments.base.as_deref(),
                scheme: arguments.scheme.as_deref(),
                lists: arguments.lists,
                public: arguments.public,
                any_key: arguments.any_key,
                unscoped: arguments.unscoped.as_deref(),
                skip: arguments.skip,
            };
            let table = openapi::read(&name, &text, &options)?;
            unscoped_fits(arguments, &table)?;
            Ok(table)
        }
    };
    Ok(table?)
}

/// Refuses the options that a guide has no use for, lest somebody relies on one.
fn refuse_choices(arguments: &Arguments) -> Result<()> {
    let given = [
        ("--base", arguments.base.is_some()),
        ("--scheme", arguments.scheme.is_some()),
        ("--lists", arguments.lists != Lists::default()),
        ("--public", arguments.public),
        ("--any-key", arguments.any_key),
        ("--unscoped", arguments.unscoped.is_some()),
        ("--skip", arguments.skip),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::new(
            format_args!("`{option}` is for descriptions, and a guide has nothing that it decides"),
            "leave it out; or is the file a description, for `--from openapi`?",
        )),
    }
}

/// Checks that the scope of operations without one is a name as the others of the table are.
fn unscoped_fits(arguments: &Arguments, table: &ImportedTable) -> Result<()> {
    let Some(scope) = &arguments.unscoped else {
        return Ok(());
    };
    let (fits, help) = match table.opaque {
        true => (
            is_token(scope),
            "a scope has visible ASCII characters, and neither `\"` nor `\\` nor a comma among them",
        ),
        false => (
            is_scope(scope),
            "a scope is `resource:action`, such as `things:read`, as the others of the file are",
        ),
    };
    if fits {
        return Ok(());
    }
    Err(Failure::new(
        format_args!("`{scope}` is no scope of a policy"),
        help,
    ))
}

/// Whether the source's own counts are those of the scopes and routes read from it.
fn check_counts(table: &ImportedTable, ignore: bool) -> bool {
    let (read, Some(stated)) = (table.counts(), table.stated) else {
        return true;
    };
    if read == stated {
        return true;
    }
    let count = |Stated { routes, scopes }| format!("{routes} routes across {scopes} scopes");
    let help = if ignore {
        "imported all the same, as `--ignore-counts` says"
    } else {
        "compare the two: if the guide miscounts, import it with `--ignore-counts`; if not, a part of it is missing"
    };
    anstream::eprintln!(
        "warning: the guide says {}, and {} were read\n  help: {help}",
        count(stated),
        count(read)
    );
    ignore
}

/// Makes a new policy.
fn create(arguments: &Arguments, table: &mut ImportedTable, output: &mut Output) -> Result<()> {
    let name = arguments
        .name
        .clone()
        .or_else(|| table.umbrella.clone())
        .unwrap_or("imported".to_owned());
    let header = header(arguments);
    let (text, compiled) = compiled(table, &name, &header, arguments.allow_overlaps)?;
    table.warnings.extend(taken(table, &compiled));
    notes(table, &compiled);
    match &arguments.output {
        Some(file) => atomic::create(file, text.as_bytes())?,
        None if output.format == Format::Json => {}
        None => output.write_all(text.as_bytes())?,
    }
    let Stated { routes, scopes } = table.counts();
    if output.format == Format::Json {
        output.json(&Json {
            version: JSON_VERSION,
            policy: &text,
            routes,
            scopes,
            notes: &table.notes,
            warnings: &table.warnings,
        })?;
    } else if let Some(file) = &arguments.output {
        let file = file.display();
        writeln!(output, "{file}: {routes} routes under {scopes} scopes")?;
    }
    Ok(())
}

fn header(arguments: &Arguments) -> String {
    let kind = match arguments.from {
        From::Guide => "guide",
        From::Openapi => "openapi",
    };
    let source = match arguments.file.file_name() {
        Some(name) if !input::is_stdin(&arguments.file) => format!(" from {}", name.display()),
        _ => String::new(),
    };
    let line =
        format!("# Imported{source}; `routescope import --from {kind} --into` updates it.\n\n");
    line.replace(|c: char| c.is_control() && c != '\n', "?")
}

/// At most this many routes are compiled, summed over all compilations: each compilation reports
/// some overlaps of a table, so that the table may have to be compiled again and again.
const MOST_COMPILED: usize = 500_000;

/// The table's text, which must be a policy.
fn compiled(
    table: &mut ImportedTable,
    name: &str,
    header: &str,
    allow_overlaps: bool,
) -> Result<(String, Compiled)> {
    let mut left = MOST_COMPILED;
    loop {
        let text = table.to_yaml(name, header);
        let report = match compile("(the imported policy)", &text) {
            Ok(compiled) => return Ok((text, compiled)),
            Err(report) => report,
        };
        left = left.saturating_sub(table.counts().routes);
        let hint = if !allow_overlaps {
            "Where paths overlap, `--allow-overlaps` permits it"
        } else if left == 0 {
            "More of its paths overlap than `--allow-overlaps` permits in one go"
        } else if permit(table, &text, report.problems()) {
            continue;
        } else {
            "These are no overlaps"
        };
        anstream::eprintln!("what was read makes no policy; nothing was written. {hint}\n");
        return Err(report.into());
    }
}

/// Says `overlap: allow` at the routes that problems are about; whether there
/// was any.
fn permit(table: &mut ImportedTable, text: &str, problems: &[Problem]) -> bool {
    let Ok(root) = yaml::read(text) else {
        return false;
    };
    let Ok(layout) = Layout::new(text) else {
        return false;
    };
    // The places of the routes in the file and, in the same order, the routes of the table.
    let open = ["public", "any_key"].map(|field| open::routes(&root, field));
    let listed = open.iter().flatten();
    let listed = listed.chain(layout.scopes.iter().flat_map(|scope| &scope.routes));
    let places: Vec<Range<usize>> = listed.map(|route| route.at.clone()).collect();
    let mut routes: Vec<&mut ImportedRoute> = table.routes_mut().collect();
    let mut any = false;
    for problem in problems {
        let message = problem.message();
        let is_overlap = message.ends_with("overlap, and neither is narrower")
            || message.starts_with("only ASCII case tells");
        if !is_overlap {
            continue;
        }
        let at = problem.at().start;
        let before = places.partition_point(|place| place.start <= at);
        let Some(last) = before
            .checked_sub(1)
            .filter(|last| places[*last].contains(&at))
        else {
            continue;
        };
        if let Some(route) = routes.get_mut(last).filter(|route| !route.overlap) {
            route.overlap = true;
            any = true;
        }
    }
    any
}

/// Updates a policy.
fn update(
    arguments: &Arguments,
    file: &Path,
    table: &mut ImportedTable,
    output: &mut Output,
) -> Result<Outcome> {
    let name = input::name(file);
    let source = input::text(file)?;
    let old = compile(&name, &source)?;
    let merged = merge::merge(&name, &old, &source, table)?;
    table.warnings.extend(taken(table, &merged.compiled));
    notes(table, &merged.compiled);
    for (scope, route) in &merged.kept {
        anstream::eprintln!(
            "note: kept {route} under `{scope}`: the source lacks it, and it has a note"
        );
    }
    let side = |name: String, compiled| Side { name, compiled };
    let source_name = input::name(&arguments.file);
    let diff = Diff::new(
        side(name.clone(), &old),
        side(format!("{name}, from {source_name}"), &merged.compiled),
        arguments.all,
    )?;
    let changed = merged.text != source;
    if changed && !arguments.dry_run {
        atomic::replace(file, merged.text.as_bytes())?;
    }
    if !arguments.dry_run {
        anstream::eprintln!(
            "{name} {}",
            if changed {
                "is updated"
            } else {
                "is up to date"
            }
        );
    }
    let same = diff.comparison.is_same() || !arguments.dry_run;
    Outcome::from(same).after(diff::write(&diff, output))
}

/// Prints what reading the source came to.
fn tell(table: &ImportedTable) {
    for note in &table.notes {
        anstream::eprintln!("note: {note}");
    }
    for warning in &table.warnings {
        anstream::eprintln!("warning: {warning}");
    }
}

/// Prints the notes that a person should read, such as the examples that the mapping lacks.
fn notes(table: &ImportedTable, compiled: &Compiled) {
    tell(table);
    let policy = compiled.policy();
    let is_denied = |example: &&Example| {
        let request = filled(&example.path);
        policy.required_scopes(&example.method, request).is_err()
    };
    let mut denied = table.examples.iter().filter(is_denied);
    for example in denied.by_ref().take(MOST_EXAMPLES) {
        let scope = match &example.scope {
            Some(scope) => format!(", for {}", cut(scope)),
            None => String::new(),
        };
        anstream::eprintln!(
            "note: the guide shows {} {} (line {}{scope}) and its mapping lacks it: such a request is denied. If it should work, add it under its scope with a `note:`, which later imports keep",
            cut(&example.method),
            cut(&example.path),
            example.line
        );
    }
    let more = denied.count() as u64;
    if more > 0 {
        anstream::eprintln!(
            "note: and {} more that its mapping lacks",
            count(more, "example")
        );
    }
}

/// A warning if routes of the policy take requests that are for operations which were left out:
/// these are not denied.
fn taken(table: &ImportedTable, compiled: &Compiled) -> Option<String> {
    let policy = compiled.policy();
    let takes = |omitted: &&Omitted| {
        let route = policy.route(omitted.method.as_str(), filled(&omitted.path));
        route.is_ok()
    };
    let mut taken = table.omitted.iter().filter(takes);
    let text = |omitted: &Omitted| {
        let path = cut(&omitted.path);
        format!("{} {path} ({})", omitted.method, omitted.position)
    };
    let first: Vec<String> = taken.by_ref().take(MOST_TAKEN).map(text).collect();
    let rest = taken.count();
    if first.is_empty() {
        return None;
    }
    let more = match rest {
        0 => String::new(),
        rest => format!(" and {}", count(rest as u64, "other")),
    };
    let all = count((first.len() + rest) as u64, "operation");
    Some(format!(
        "left out and yet not denied, because another route of the policy takes the requests: {all}: {}{more}. List each by hand under a scope that it needs, with a `note:`, which later imports keep; or have the back end refuse it",
        first.join(", ")
    ))
}

/// This many operations that another route takes are named.
const MOST_TAKEN: usize = 3;

/// A path with a value in place of each parameter, and without a query.
fn filled(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push('1');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled + rest
}

/// At most this many examples that the mapping lacks are named.
const MOST_EXAMPLES: usize = 20;
