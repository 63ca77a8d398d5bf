//! The errors for a policy that has no tables: it is too large, its templates
//! multiply, affixes clash, a literal is not ASCII, or scope names hash alike.

use crate::model::implications::Circle;
use crate::model::implied;
use crate::model::source_map::DocumentIndex;
use crate::model::{Listing, Model};
use crate::source::document::Document;
use crate::source::report::Problem;

/// The reason why a model has no tables.
#[derive(Debug)]
pub(crate) enum NoTables {
    /// It goes over a limit of the tables.
    OverLimit(OverLimit),
    /// Scopes whose names hash alike.
    ScopeHash,
    /// Scopes that imply each other, which the checks refuse.
    Circle(Circle),
    /// Templates that overlap and go on in many ways: some of them, by their index, which
    /// one path matches as far as it goes.
    Multiplies(Vec<usize>),
    /// Two affixes that clash and that one path reaches by different branches: templates that
    /// have them, by their index, and a segment that fits both.
    AffixesClash { a: usize, b: usize, value: String },
    /// A literal that is not ASCII where another template takes a value: templates that
    /// have them, by their index, and the literal.
    NotAscii {
        literal: usize,
        value: usize,
        label: String,
    },
}

/// A limit of the tables that a policy goes over.
#[derive(Debug)]
pub(crate) struct OverLimit {
    pub(crate) what: &'static str,
    pub(crate) limit: usize,
}

impl From<Circle> for NoTables {
    fn from(circle: Circle) -> Self {
        Self::Circle(circle)
    }
}

impl From<OverLimit> for NoTables {
    fn from(over: OverLimit) -> Self {
        Self::OverLimit(over)
    }
}

/// Most templates that are named of those that multiply.
const NAMED: usize = 4;

/// The error for a policy without tables.
pub(crate) fn problem(why: &NoTables, document: &Document, model: &Model) -> Problem {
    let index = DocumentIndex::new(document);
    let span_of = |listing: &Listing| index.first(listing);
    let listing = |index: usize| &model.templates[index];
    match why {
        NoTables::OverLimit(OverLimit { what, limit }) => Problem::error(
            document.name.at.clone(),
            format!("the policy needs more than {limit} {what}, the limit"),
        )
        .help("split the policy, or leave routes out"),
        NoTables::ScopeHash => Problem::error(
            document.name.at.clone(),
            "no perfect hash of the policy's scope names was found",
        )
        .help("two of them have the same hash, which happens to no two names by chance; rename the scope that was added last"),
        NoTables::Circle(circle) => implied::in_a_circle(document, model, circle),
        NoTables::Multiplies(templates) => {
            let (first, others) = match templates.split_first() {
                Some((first, others)) => (Some(listing(*first)), others),
                None => (None, &[][..]),
            };
            let at = first.map_or_else(|| document.name.at.clone(), span_of);
            let message = format!(
                "`{}` and {} other templates multiply: the tables need a state for each set of them that a path can match so far",
                first.map_or("", Listing::text),
                others.len(),
            );
            let mut problem = Problem::error(at, message).label("this path");
            for other in others.iter().take(NAMED - 1) {
                problem = problem.with_label(span_of(listing(*other)), "with this one");
            }
            problem
                .help("let them begin alike up to a literal that tells them apart, instead of having literals where others have parameters; or split the policy")
        }
        NoTables::AffixesClash { a, b, value } => {
            let (a, b) = (listing(*a), listing(*b));
            let message = format!(
                "`{}` and `{}` clash: one segment could be meant for either parameter",
                a.text(),
                b.text()
            );
            Problem::error(span_of(a), message)
                .label("this path")
                .with_label(span_of(b), "and this one")
                .help(format!("some path fits both so far, and then `{value}` fits both, or does to a back end that ignores case or trims"))
                .help("change the text before or behind one of the parameters, or let the paths begin with literals that tell them apart")
        }
        NoTables::NotAscii {
            literal,
            value,
            label,
        } => {
            let (literal, value) = (listing(*literal), listing(*value));
            let message = format!(
                "the literal `{label}` is not ASCII, and stands where `{}` takes a value",
                value.text()
            );
            Problem::error(span_of(literal), message)
                .label("this path")
                .with_label(span_of(value), "and this one")
                .help("a value must not resemble a literal, and only of ASCII is it known what resembles it: upper case, and composed and decomposed forms, would be values here")
                .help("move one of the two paths, so that no request could match either in this segment; or write the literal in ASCII")
        }
    }
}
