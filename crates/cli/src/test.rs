//! `routescope test`: a policy's own unit tests.

mod file;
mod human;
mod judge;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use routescope::{Policy, Scope};
use serde::Serialize;

use self::file::Case;
use self::judge::{Got, Verdict};
use crate::failure::{Outcome, Result};
use crate::input;
use crate::output::{Format, HUMAN_AND_JSON, JSON_VERSION, Output, formats};
use crate::policy::Source;
use crate::wire::to_hex;

/// Run a policy's own tests: requests, held scopes and the decisions they must get
///
/// A file of tests:
///
///     version: 1
///     tests:
///       - request: GET /orders/7/
///         scopes: ["orders:read"]
///         expect: allow
///       - name: readers do not delete
///         request: DELETE /orders/7/
///         scopes: ["orders:read"]
///         expect: missing_scope
///
/// `expect` is `allow`, `deny`, or the reason of the denial: `bad_method`, `bad_path`,
/// `unknown_route`, `method_not_listed`, `missing_scope`. A case may also have a `name`, and say
/// the `route` that is called, the scope that allows it (`by`), and the `rule` that a bad path
/// breaks.
///
/// Exits with 0 if every case gets what it expects, 1 if one does not or the coverage is too low,
/// 2 if a file cannot be read.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The tests, a YAML file; `-` reads them from standard input
    file: PathBuf,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,

    /// List the routes that no case touches: none that calls them, allowed or not
    #[arg(long)]
    coverage: bool,

    /// Fail if the cases touch less than this share of the routes
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_coverage: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    policy.leaves_standard_input_to(&arguments.file, "the tests")?;
    let name = input::name(&arguments.file);
    let cases = file::read(&name, &input::text(&arguments.file)?)?;
    let compiled = policy.compile()?;
    let decides = compiled.policy();

    let results: Vec<(&Case, Verdict<'_>)> = cases
        .iter()
        .map(|case| (case, judge::judge(case, &decides)))
        .collect();
    let results = Results {
        file: &name,
        policy: &decides,
        coverage: Coverage::new(&decides, &results),
        results,
    };
    let enough = arguments
        .min_coverage
        .is_none_or(|least| results.coverage.percent >= least);
    let written = match output.format {
        Format::Json => json(&results, arguments, enough, output),
        _ => {
            writeln!(output, "{}\n", policy.headline(&decides))?;
            human::write(&results, arguments, enough, output)
        }
    };
    Outcome::from(results.failed() == 0 && enough).after(written)
}

fn percent(text: &str) -> std::result::Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("write a number from 0 to 100".to_owned()),
    }
}

/// What came of a file of tests.
struct Results<'r> {
    file: &'r str,
    policy: &'r Policy<'r>,
    results: Vec<(&'r Case, Verdict<'r>)>,
    coverage: Coverage,
}

impl Results<'_> {
    fn failed(&self) -> usize {
        self.results
            .iter()
            .filter(|(_, verdict)| !verdict.passed)
            .count()
    }

    /// The scopes of cases that the policy does not know, each with its lines.
    /// They grant nothing: meant in some cases, a slip in others.
    fn unknown_scopes(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut unknown: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let known: BTreeSet<&str> = self.policy.scopes().map(Scope::name).collect();
        for (case, _) in &self.results {
            for scope in case
                .scopes
                .iter()
                .filter(|scope| !known.contains(scope.as_str()))
            {
                let lines = unknown.entry(scope).or_default();
                if lines.last() != Some(&case.line) {
                    lines.push(case.line);
                }
            }
        }
        unknown
    }
}

/// Which routes the cases call, whether or not they are allowed to.
#[derive(Debug, Serialize)]
struct Coverage {
    routes: usize,
    touched: usize,
    percent: f64,
    untouched: Vec<String>,
}

impl Coverage {
    fn new(policy: &Policy<'_>, results: &[(&Case, Verdict<'_>)]) -> Self {
        let touched: BTreeSet<&str> = results
            .iter()
            .filter_map(|(_, verdict)| verdict.got.route.as_deref())
            .collect();
        let all: Vec<String> = policy.routes().map(|route| route.to_string()).collect();
        let untouched: Vec<String> = all
            .iter()
            .filter(|route| !touched.contains(route.as_str()))
            .cloned()
            .collect();
        let (routes, touched) = (all.len(), all.len() - untouched.len());
        // Never rounded up to 100.
        let percent = match routes {
            0 => 100.0,
            _ => (touched * 1000 / routes) as f64 / 10.0,
        };
        Self {
            routes,
            touched,
            percent,
            untouched,
        }
    }
}

#[derive(Debug, Serialize)]
struct Json<'r> {
    version: u32,
    file: &'r str,
    policy: &'r str,
    digest: String,
    /// Whether every case passed and the coverage is enough.
    ok: bool,
    passed: usize,
    failed: usize,
    cases: Vec<CaseJson<'r>>,
    unknown_scopes: Vec<Unknown<'r>>,
    /// `null` unless `--coverage` or `--min-coverage` asks for it.
    coverage: Option<&'r Coverage>,
}

#[derive(Debug, Serialize)]
struct CaseJson<'r> {
    name: Option<&'r str>,
    line: usize,
    request: String,
    scopes: &'r [String],
    want: &'r file::Want,
    got: &'r Got,
    passed: bool,
    help: &'r [String],
}

#[derive(Debug, Serialize)]
struct Unknown<'r> {
    scope: &'r str,
    lines: Vec<usize>,
}

fn json(
    results: &Results<'_>,
    arguments: &Arguments,
    enough: bool,
    output: &mut Output,
) -> Result<()> {
    let failed = results.failed();
    let cases = results
        .results
        .iter()
        .map(|(case, verdict)| CaseJson {
            name: case.name.as_deref(),
            line: case.line,
            request: case.request(),
            scopes: &case.scopes,
            want: &case.want,
            got: &verdict.got,
            passed: verdict.passed,
            help: &verdict.help,
        })
        .collect();
    let asked = arguments.coverage || arguments.min_coverage.is_some();
    output.json(&Json {
        version: JSON_VERSION,
        file: results.file,
        policy: results.policy.name(),
        digest: to_hex(results.policy.digest()),
        ok: failed == 0 && enough,
        passed: results.results.len() - failed,
        failed,
        cases,
        unknown_scopes: results
            .unknown_scopes()
            .into_iter()
            .map(|(scope, lines)| Unknown { scope, lines })
            .collect(),
        coverage: asked.then_some(&results.coverage),
    })
}
