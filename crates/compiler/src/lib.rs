//! Compiles a `routes.yaml` into the static tables that `routescope-core` decides by,
//! and proves that file and tables agree.
//!
//! ```text
//! source: parse (YAML ─▶ Document)
//! model: check (─▶ Model)
//! automaton: determinize, minimise (─▶ SegmentAutomaton)
//! layout: compress, lay out (─▶ tables)
//! verify: prove (Model = tables)
//! layout: emit, codegen (─▶ Rust, C)
//! ```
//!
//! A route is a text, `GET /things/{id}`, or in its long form a mapping with
//! `route:` and any of
//!
//! - `name:`, of the route in generated code, in place of the one that the rule makes;
//! - `note:`, a text for people;
//! - `overlap: allow`, where another path overlaps and neither is narrower;
//! - `literal: true`, where the path has segments such as `:id` or `*` that stand
//!   for themselves. Without it they are errors: other routers take them for
//!   parameters, and here no request would match.
//!
//! A build script calls [`build`]; a program that loads policies at run time
//! calls [`compile`] and decides by [`Compiled::policy`].

pub mod automaton;
mod build;
mod codegen;
pub mod compare;
mod layout;
mod matcher;
pub mod model;
mod source;
pub mod verify;

pub use build::{Build, build};
pub use codegen::{Generated, Generator, MAX_NAMED_ROUTES};
pub use matcher::Matcher;
pub use model::template;
pub use source::document;
pub use source::report::{Problem, Report, Severity};
pub use verify as proof;
pub use verify::spelling::{is_wildcard, resembles, resembles_affix};

use routescope_core::__private::MAX_STATES;
use routescope_core::Policy;

use automaton::SegmentAutomaton;
use document::Document;
use layout::owned::OwnedPolicy;
use model::Model;
use proof::Proved;

/// Helpers that the `routescope` command shares with the compiler. They follow the
/// command's needs: any version may change them.
pub mod unstable {
    pub use crate::source::report::printable;
    pub use crate::source::suggest::nearest;
    pub use crate::source::yaml;
}

/// A compiled policy with its source, its model and its warnings.
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

    /// The policy as bytes, which `routescope_core::Policy::from_bytes` loads without this
    /// crate: to keep the tables alone, to send them to another process or device, or to
    /// replace a policy while a program runs. The same policy gives the same bytes.
    ///
    /// ```
    /// use routescope_core::Policy;
    ///
    /// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
    /// let bytes = routescope_compiler::compile("shop.yaml", source)?.to_bytes();
    /// let loaded = Policy::from_bytes(&bytes).unwrap();
    /// assert!(loaded.policy().authorize(&["orders:read"], "GET", "/orders/7").is_allow());
    /// # Ok::<(), routescope_compiler::Report>(())
    /// ```
    ///
    /// Cost: a copy of the tables, and a pass over them for the checksum.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        layout::bytes::to_bytes(self.owned.owned_tables())
    }

    /// The file as its author wrote it.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The meaning of the file.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The automaton over path segments that the tables were laid out from.
    #[must_use]
    pub fn automaton(&self) -> &SegmentAutomaton {
        &self.automaton
    }

    /// The extent of the proof.
    #[must_use]
    pub fn proved(&self) -> Proved {
        self.proved
    }

    /// The warnings, about things that are allowed and probably mistakes, and the notes
    /// if the [`Compiler`] was asked for them.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }
}

/// Compiles a policy from the text of a `routes.yaml`; `file` names it in
/// messages. Short for [`Compiler::new`] and [`Compiler::compile`].
///
/// # Errors
///
/// As [`Compiler::compile`].
pub fn compile(file: &str, source: &str) -> Result<Compiled, Report> {
    Compiler::new().compile(file, source)
}

/// Compiles policies from text, with options.
///
/// ```
/// use routescope_compiler::Compiler;
///
/// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n  \"carts:read\":\n    routes: []\n";
/// let compiled = Compiler::new().notes(true).compile("shop.yaml", source)?;
/// assert_eq!(compiled.warnings().problems().len(), 1);
/// let refused = Compiler::new().deny_warnings(true).compile("shop.yaml", source);
/// assert!(refused.is_err());
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a compiler does nothing before it is given a file"]
pub struct Compiler {
    notes: bool,
    deny_warnings: bool,
}

impl Compiler {
    /// A compiler that reports no notes and allows warnings.
    pub const fn new() -> Self {
        Self {
            notes: false,
            deny_warnings: false,
        }
    }

    /// Whether the [warnings](Compiled::warnings) have notes for a reviewer among
    /// them: which templates hide methods of wider ones.
    pub const fn notes(mut self, notes: bool) -> Self {
        self.notes = notes;
        self
    }

    /// Whether a file with a warning is refused like one with an error.
    pub const fn deny_warnings(mut self, deny: bool) -> Self {
        self.deny_warnings = deny;
        self
    }

    /// Compiles a policy from the text of a `routes.yaml`; `file` names it in
    /// messages.
    ///
    /// # Errors
    ///
    /// One [`Report`] of every problem found:
    ///
    /// - text that is not YAML, or more of it than a policy needs;
    /// - fields that are unknown, missing or repeated, and values of another type;
    /// - names that are no scopes, and texts that are no routes;
    /// - routes listed twice under a scope, and methods that the method rule
    ///   forbids there;
    /// - templates that are one under the path options, that conflict, or that only
    ///   case tells apart;
    /// - more routes, scopes, states or text than the tables hold;
    /// - with [`deny_warnings`](Self::deny_warnings), a warning.
    ///
    /// Cost: linear in the text, except for overlapping templates, whose states
    /// multiply up to a limit. At most 100,000 routes, and 600,000 segments of
    /// their paths.
    pub fn compile(self, file: &str, source: &str) -> Result<Compiled, Report> {
        let compiled = compile_with(file, source, self.notes)?;
        let warns = |report: &Report| report.by_severity(Severity::Warning).next().is_some();
        if self.deny_warnings && warns(&compiled.warnings) {
            return Err(compiled.warnings);
        }
        Ok(compiled)
    }
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
