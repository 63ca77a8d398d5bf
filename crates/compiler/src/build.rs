//! The functions that a build script calls.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, io};

use crate::source::report::{Problem, Report, Severity};
use crate::{Compiler, Generator};

/// Compiles a policy from a build script, for `routescope::policy!` to include.
/// Short for [`Build::new`] and [`Build::run`].
///
/// # Errors
///
/// As [`Build::run`].
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), routescope_compiler::Report> {
///     routescope_compiler::build("routes.yaml")
/// }
/// ```
pub fn build(file: impl AsRef<Path>) -> Result<(), Report> {
    Build::new(file).run()
}

/// Compiles a policy from a build script, with options.
///
/// ```no_run
/// // build.rs
/// use routescope_compiler::{Build, Report};
///
/// fn main() -> Result<(), Report> {
///     Build::new("policies/routes.yaml")
///         .name("api")
///         .deny_warnings(true)
///         .run()
/// }
/// ```
///
/// Then `routescope::policy!(pub mod api = "api")` includes it.
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `run`"]
pub struct Build {
    file: PathBuf,
    name: Option<String>,
    out_dir: Option<PathBuf>,
    compiler: Compiler,
    generator: Generator,
}

impl Build {
    /// A build of `file`, whose path is relative to the package.
    pub fn new(file: impl AsRef<Path>) -> Self {
        Self {
            file: file.as_ref().to_owned(),
            name: None,
            out_dir: None,
            compiler: Compiler::new(),
            generator: Generator::new(),
        }
    }

    /// The name by which `policy!` includes the policy, instead of the file's:
    /// `routes` for `routes.yaml`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The directory to write to, instead of `OUT_DIR`.
    pub fn out_dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.out_dir = Some(directory.as_ref().to_owned());
        self
    }

    /// Whether a warning fails the build.
    pub fn deny_warnings(mut self, deny: bool) -> Self {
        self.compiler = self.compiler.deny_warnings(deny);
        self
    }

    /// Whether scopes and routes have names in the generated code. By default, they have up to
    /// [`MAX_NAMED_ROUTES`](crate::MAX_NAMED_ROUTES) routes; for more, the build prints a note.
    pub fn names(mut self, names: bool) -> Self {
        self.generator = self.generator.names(names);
        self
    }

    /// Compiles the file and writes `routes.rs` to `OUT_DIR`, or another file by
    /// its [name](Self::name), and its documentation beside it, `routes.md`. Tells Cargo to run the script again when the file
    /// changes, and only then; prints warnings and the first error for Cargo to
    /// show.
    ///
    /// # Errors
    ///
    /// A [`Report`], meant to be returned from `main`, which prints it:
    ///
    /// - what [`Compiler::compile`] reports of the file;
    /// - names that two scopes or two routes would share, see [`Generator::rust`];
    /// - a file that cannot be read or is not UTF-8;
    /// - no `OUT_DIR` and no [other directory](Self::out_dir), or one that cannot be
    ///   written to;
    /// - two files of one run that would have the same name.
    ///
    /// Nothing is written then, and what an earlier build wrote is removed.
    pub fn run(self) -> Result<(), Report> {
        let Self {
            file,
            name,
            out_dir,
            compiler,
            generator,
        } = &self;
        let shown = file.to_string_lossy();
        tell_cargo("rerun-if-changed", &shown);
        let result = claim(file, name.as_deref(), out_dir.as_deref()).and_then(|to| {
            let compiled = compiler.compile(&shown, &read(file)?)?;
            let generated = generator.rust(&compiled, &shown)?;
            let docs = to.with_extension(DOCS);
            // The module last: without it, nothing is included.
            write(&shown, &docs, &generated.docs)?;
            write(&shown, &to, &generated.source)?;
            Ok((compiled.warnings().clone(), generated.note))
        });
        match &result {
            Ok((warnings, note)) => {
                if let Some(note) = note {
                    let help =
                        "`Build::names(true)` names them, `Build::names(false)` ends this note";
                    tell_cargo("warning", &format!("{note} ({help})"));
                }
                for line in warnings.one_line_each(Severity::Warning) {
                    tell_cargo("warning", &line);
                }
            }
            Err(report) => tell_first_error(report),
        }
        result.map(|_| ())
    }
}

/// Cargo shows an error that it is told of at the top, and then all that the
/// script wrote: this line again, and the whole report, which `main` returns.
/// So the first error goes to the top, and none is there three times.
fn tell_first_error(report: &Report) {
    // With denied warnings, a warning is the first problem.
    let mut errors = report.by_severity(Severity::Error);
    let mut denied = report.by_severity(Severity::Warning);
    if let Some(first) = errors.next().or_else(|| denied.next()) {
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

/// The extension of a module's documentation.
const DOCS: &str = "md";

/// Returns the file that the source is written to. The output of an earlier build is removed
/// first, so that a script that ignores the error cannot ship the old policy.
fn claim(file: &Path, name: Option<&str>, out_dir: Option<&Path>) -> Result<PathBuf, Report> {
    /// Which file each output was made from, in this run of the script.
    static MADE_FROM: Mutex<BTreeMap<PathBuf, PathBuf>> = Mutex::new(BTreeMap::new());

    let shown = file.to_string_lossy();
    let out = out_dir.map(PathBuf::from);
    let out = out.or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
    let out = out.ok_or_else(|| {
        Report::unreadable(
            &shown,
            "the environment has no OUT_DIR".to_owned(),
            "call `build` from a build script, or `compile` from elsewhere",
        )
    })?;
    let stem = name.map_or_else(
        || file.file_stem().unwrap_or_default().to_string_lossy(),
        Cow::Borrowed,
    );
    let to = out.join(format!("{stem}.rs"));
    let mut made_from = MADE_FROM.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(other) = made_from.get(&to).filter(|other| *other != file) {
        return Err(Report::unreadable(
            &shown,
            format!(
                "`{}` and `{shown}` would both become `{stem}.rs`, one policy in place of the other",
                other.display()
            ),
            "rename one of the two files, or give one another name with `Build::name`",
        ));
    }
    made_from.insert(to.clone(), file.to_owned());
    for old in [&to, &to.with_extension(DOCS)] {
        match fs::remove_file(old) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unwritable(&shown, old, &error));
            }
            _ => {}
        }
    }
    Ok(to)
}

fn write(shown: &str, to: &Path, text: &str) -> Result<(), Report> {
    // Whole or not at all, should the build be killed here.
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".new");
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, to))
        .map_err(|error| unwritable(shown, to, &error))
}

fn unwritable(shown: &str, to: &Path, error: &io::Error) -> Report {
    Report::unreadable(
        shown,
        format!("cannot write `{}`: {error}", to.display()),
        "make room, or allow writing there",
    )
}

#[allow(
    clippy::print_stdout,
    reason = "this is how a build script speaks to Cargo"
)]
fn tell_cargo(what: &str, value: &str) {
    // A line break would end the message.
    println!("cargo::{what}={}", value.replace(['\n', '\r'], " "));
}
