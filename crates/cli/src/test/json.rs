//! The results of a file of tests, for programs.

use serde::Serialize;

use super::file::Want;
use super::judge::Got;
use super::results::{Coverage, Results};
use crate::output::JSON_VERSION;
use crate::wire::to_hex;

#[derive(Debug, Serialize)]
pub(super) struct Json<'r> {
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
    /// `none` for a request without a key; else `null`.
    key: Option<&'static str>,
    scopes: &'r [String],
    want: &'r Want,
    got: &'r Got,
    passed: bool,
    help: &'r [String],
}

#[derive(Debug, Serialize)]
struct Unknown<'r> {
    scope: &'r str,
    lines: Vec<usize>,
}

impl<'r> Json<'r> {
    pub(super) fn new(results: &'r Results<'_>) -> Self {
        let failed = results.failed();
        let cases = results
            .results
            .iter()
            .map(|(case, verdict)| CaseJson {
                name: case.name.as_deref(),
                line: case.line,
                request: case.request(),
                key: (!case.has_key).then_some("none"),
                scopes: &case.scopes,
                want: &case.want,
                got: &verdict.got,
                passed: verdict.passed,
                help: &verdict.help,
            })
            .collect();
        let asked = results.lists_coverage || results.least_coverage.is_some();
        Self {
            version: JSON_VERSION,
            file: results.file,
            policy: results.policy.name(),
            digest: to_hex(results.policy.digest()),
            ok: results.passed(),
            passed: results.results.len() - failed,
            failed,
            cases,
            unknown_scopes: results
                .unknown_scopes()
                .into_iter()
                .map(|(scope, lines)| Unknown { scope, lines })
                .collect(),
            coverage: asked.then_some(&results.coverage),
        }
    }
}
