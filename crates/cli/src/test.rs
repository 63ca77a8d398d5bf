//! `routescope test`: a policy's own unit tests.

mod file;
mod human;
mod json;
mod judge;
mod reader;
mod results;

use std::io::Write;
use std::path::PathBuf;

use self::file::Case;
use self::judge::Verdict;
use self::results::{Coverage, Results};
use crate::failure::{Outcome, Result};
use crate::input;
use crate::output::{Format, HUMAN_AND_JSON, Output, formats};
use crate::policy::Source;

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
///       - request: POST /login
///         key: none
///         expect: allow
///         by: public
///
/// `expect` is `allow`, `deny`, or the reason of the denial: `bad_method`, `bad_path`,
/// `unknown_route`, `method_not_listed`, `missing_scope`. A request without a key says `key: none`
/// in place of `scopes`; it is allowed or `missing_key`. A case may also have a `name`, and say the
/// `route` that is called, the reason why it is allowed (`by`), and the `rule` that a bad path
/// breaks. `by` is the held scope that suffices alone; the scopes that the route needs together,
/// with spaces between them; `any key` or `public`.
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

pub(crate) fn test(arguments: &Arguments, policy: &Source, output: &mut Output) -> Result<Outcome> {
    policy.leaves_standard_input_to(&arguments.file, "the tests")?;
    let name = input::name(&arguments.file);
    let cases = file::read(&name, &input::text(&arguments.file)?)?;
    let compiled = policy.read()?;
    let decides = compiled.policy();

    let results: Vec<(&Case, Verdict<'_>)> = cases
        .iter()
        .map(|case| (case, judge::judge(case, decides)))
        .collect();
    let results = Results {
        file: &name,
        policy: decides,
        coverage: Coverage::new(decides, &results),
        lists_coverage: arguments.coverage,
        least_coverage: arguments.min_coverage,
        results,
    };
    let written = match output.format {
        Format::Json => output.json(&json::Json::new(&results)),
        _ => {
            writeln!(output, "{}\n", policy.headline(decides))?;
            human::write(&results, output)
        }
    };
    Outcome::from(results.passed()).after(written)
}

fn percent(text: &str) -> std::result::Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("write a number from 0 to 100".to_owned()),
    }
}
