//! Compiles a `routes.yaml` into the static tables that `routescope-core`
//! walks, and proves that they say the same.
//!
//! ```text
//! parse (YAML ─▶ Document) ─▶ check (─▶ Model) ─▶ lower (─▶ tables) ─▶ prove ─▶ emit (─▶ Rust)
//! ```
//!
//! A route is a text, `GET /things/{id}`, or in its long form a mapping with
//! `route:` and any of
//!
//! - `note:`, a text for people;
//! - `overlap: allow`, where another path overlaps and neither is narrower;
//! - `literal: true`, where the path has segments such as `:id` or `*` that stand
//!   for themselves. Without it they are errors: other routers take them for
//!   parameters, and here no request would match.
//!
//! A build script calls [`build`]; a program that loads policies at run time
//! calls [`compile`] and walks [`Compiled::policy`].

pub mod automaton;
mod build;
pub mod compare;
mod layout;
mod matcher;
pub mod model;
mod source;
pub mod verify;

pub use build::build;
pub use layout::owned::OwnedPolicy;
pub use matcher::Matcher;
pub use model::template;
pub use source::report::{Problem, Report, Severity, printable};
pub use source::suggest::nearest;
pub use source::{document, yaml};
pub use verify as proof;
pub use verify::spelling::{is_wildcard, resembles};

use routescope_core::__private::MAX_STATES;
use routescope_core::Policy;

use automaton::SegmentAutomaton;
use document::Document;
use model::Model;
use proof::Proved;

/// A compiled policy, and what is known about it.
#[derive(Clone, Debug)]
pub struct Compiled {
    document: Document,
    model: Model,
    automaton: SegmentAutomaton,
    owned: OwnedPolicy,
    proved: Proved,
    warnings: Report,
}

impl Compiled {
    /// The policy, ready to decide.
    #[must_use]
    pub fn policy(&self) -> Policy<'_> {
        self.owned.policy()
    }

    /// The tables alone, to keep when the rest can go.
    #[must_use]
    pub fn into_policy(self) -> OwnedPolicy {
        self.owned
    }

    /// The file as written.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The file as understood.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The automaton over path segments that the tables were laid out from.
    #[must_use]
    pub fn automaton(&self) -> &SegmentAutomaton {
        &self.automaton
    }

    /// How much the proof looked at.
    #[must_use]
    pub fn proved(&self) -> Proved {
        self.proved
    }

    /// What is allowed and probably not meant; and notes, where asked for.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }

    /// The policy as Rust source, for `routescope_core::policy!`. `file` is
    /// named in its header. The same policy gives the same bytes.
    #[must_use]
    pub fn to_rust(&self, file: &str) -> String {
        layout::emit::emit(self.owned.owned_tables(), file)
    }
}

/// Compiles a policy from the text of a `routes.yaml`; `file` names it in
/// messages.
///
/// # Errors
///
/// Everything that is wrong with the text, in one [`Report`]: YAML that cannot
/// be read, unknown, missing and repeated fields, scopes and routes that are
/// none, routes listed twice, methods under the wrong scope, templates that
/// conflict, limits.
///
/// Cost: linear in the text, but for overlapping templates, whose states
/// multiply up to a limit. At most 100,000 routes, and 600,000 segments of
/// their paths.
pub fn compile(file: &str, source: &str) -> Result<Compiled, Report> {
    compile_with(file, source, false)
}

/// As [`compile`], with notes in the [warnings](Compiled::warnings): templates
/// that hide methods of wider ones.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_with_notes(file: &str, source: &str) -> Result<Compiled, Report> {
    compile_with(file, source, true)
}

fn compile_with(file: &str, source: &str, notes: bool) -> Result<Compiled, Report> {
    let (document, mut problems) = source::parse::parse(source);
    let report = |problems| Report::new(file, source, problems);
    let Some(document) = document else {
        return Err(report(problems));
    };
    if let Some(problem) = source::size::too_large(&document) {
        problems.push(problem);
        return Err(report(problems));
    }
    // Of a file with errors of form, not every route could be read.
    if !problems.iter().any(Problem::is_error) {
        model::lint::empty_scopes(&document, &mut problems);
    }
    let (model, more) = model::check::check(&document, notes);
    problems.extend(more);
    let (Some(model), false) = (model, problems.iter().any(Problem::is_error)) else {
        return Err(report(problems));
    };
    let tables = automaton::build(&model, MAX_STATES)
        .and_then(|automaton| Ok((layout::lower(&model, &automaton)?, automaton)));
    let (owned, automaton) = match tables {
        Ok(tables) => tables,
        Err(why) => {
            problems.push(automaton::no_tables::problem(&why, &document, &model));
            return Err(report(problems));
        }
    };
    let sound = match owned.tables().validate() {
        Err(error) => Err(error.to_string()),
        Ok(()) => {
            verify::prove(&model, owned.policy()).map_err(|difference| difference.to_string())
        }
    };
    problems.extend(automaton::lint::of_automaton(&document, &model, &automaton));
    match sound {
        Ok(proved) => Ok(Compiled {
            document,
            model,
            automaton,
            owned,
            proved,
            warnings: report(problems),
        }),
        Err(fault) => {
            let message = format!("the compiled tables do not say what the file says: {fault}");
            let help = "this is a bug of routescope-compiler, not of the file; nothing was written. Please report it with the file";
            problems.push(Problem::error(document.name.at.clone(), message).help(help));
            Err(report(problems))
        }
    }
}

// README's examples run as this package's documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
