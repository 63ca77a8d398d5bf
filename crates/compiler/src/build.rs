//! What a build script calls.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::report::{Problem, Report, Severity};
use crate::{Compiled, compile};

/// Compiles a policy from a build script, for `routescope::policy!` to include.
///
/// `file` is relative to the package. `routes.yaml` becomes `routes.rs` in
/// `OUT_DIR`. Tells Cargo to run the script again when the file changes, and
/// only then; prints warnings and the first error for Cargo to show.
///
/// # Errors
///
/// A [`Report`] of everything that is wrong with the file, meant to be returned
/// from `main`, which prints it. Nothing is written then.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), routescope_compiler::Report> {
///     routescope_compiler::build("routes.yaml")
/// }
/// ```
pub fn build(file: impl AsRef<Path>) -> Result<(), Report> {
    let file = file.as_ref();
    let shown = file.to_string_lossy();
    tell_cargo("rerun-if-changed", &shown);
    let result = read(file).and_then(|source| {
        let compiled = compile(&shown, &source)?;
        write(file, &compiled)?;
        Ok(compiled.warnings().clone())
    });
    match &result {
        Ok(warnings) => {
            for problem in warnings.of(Severity::Warning) {
                tell_cargo("warning", &warnings.one_line(problem));
            }
        }
        Err(report) => tell_first_error(report),
    }
    result.map(|_| ())
}

/// Cargo shows an error that it is told of at the top, and then all that the
/// script wrote: this line again, and the whole report, which `main` returns.
/// So the first error goes to the top, and none is there three times.
fn tell_first_error(report: &Report) {
    let mut errors = report.of(Severity::Error);
    if let Some(first) = errors.next() {
        tell_cargo("error", &report.one_line(first));
    }
    match errors.count() {
        0 => {}
        1 => tell_cargo("error", "and one more error, shown below with its line"),
        more => tell_cargo(
            "error",
            &format!("and {more} more errors, shown below with their lines"),
        ),
    }
}

fn read(file: &Path) -> Result<String, Report> {
    let shown = file.to_string_lossy();
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let bytes = fs::read(package.join(file)).map_err(|error| {
        Report::unreadable(
            &shown,
            format!("cannot read `{shown}`: {error}"),
            "the path is relative to the package that has the build script",
        )
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let problem = Problem::error(
            at..at + char::REPLACEMENT_CHARACTER.len_utf8(),
            "the file is not UTF-8 from here on",
        );
        Report::new(&shown, &text, vec![problem.help("save it as UTF-8")])
    })
}

fn write(file: &Path, compiled: &Compiled) -> Result<(), Report> {
    let shown = file.to_string_lossy();
    let out = env::var_os("OUT_DIR").ok_or_else(|| {
        Report::unreadable(
            &shown,
            "the environment has no OUT_DIR".to_owned(),
            "call `build` from a build script, or `compile` from elsewhere",
        )
    })?;
    let to = PathBuf::from(out)
        .join(file.file_stem().unwrap_or_default())
        .with_extension("rs");
    // Whole or not at all: a build that is killed here leaves the old file.
    let unfinished = to.with_extension("rs.new");
    fs::write(&unfinished, compiled.to_rust(&shown))
        .and_then(|()| fs::rename(&unfinished, &to))
        .map_err(|error| {
            Report::unreadable(
                &shown,
                format!("cannot write `{}`: {error}", to.display()),
                "make room, or allow writing there",
            )
        })
}

#[allow(
    clippy::print_stdout,
    reason = "this is how a build script speaks to Cargo"
)]
fn tell_cargo(what: &str, value: &str) {
    // A line break would end the message.
    println!("cargo::{what}={}", value.replace(['\n', '\r'], " "));
}
