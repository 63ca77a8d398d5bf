//! Errors of the YAML reader.

use std::ops::Range;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{Error, ExternalMessageSource};

use super::limits::Limits;
use crate::report::{Problem, quoted};

/// An error of the YAML reader in words that say what to do.
///
/// The reader's own sentences speak of scalars and tokens, and some tell a
/// programmer which of its options to set.
pub(super) fn syntax(source: &str, limits: &Limits, error: &Error) -> Problem {
    let location = Location::new(source, limits, error);
    let kind = match error {
        Error::ExternalMessage { source, .. } => match source.as_ref() {
            ExternalMessageSource::Parser(error) => Some(error.kind()),
            _ => None,
        },
        _ => None,
    };
    location
        .tab(kind)
        .or_else(|| location.merge_conflict())
        .unwrap_or_else(|| match kind {
            Some(kind) => location.parser(kind, error),
            None => location.reader(error),
        })
}

/// The location at which the YAML reader stopped, and the text around it.
struct Location<'s> {
    source: &'s str,
    start: usize,
    /// The line it stopped in.
    line: Range<usize>,
    limits: &'s Limits,
}

impl<'s> Location<'s> {
    fn new(source: &'s str, limits: &'s Limits, error: &Error) -> Self {
        let start = error.location().map_or(0, |location| {
            // Errors of the scanner carry characters, not bytes.
            let characters = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
            source
                .char_indices()
                .nth(characters)
                .map_or(source.len(), |(offset, _)| offset)
        });
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = source[start..]
            .find(['\n', '\r'])
            .map_or(source.len(), |end| start + end);
        Self {
            source,
            start,
            line: line_start..line_end,
            limits,
        }
    }

    /// The line up to where the reader stopped.
    fn before(&self) -> &'s str {
        &self.source[self.line.start..self.start]
    }

    /// The line from where the reader stopped.
    fn behind(&self) -> &'s str {
        &self.source[self.start..self.line.end]
    }

    /// The last line above that says something.
    fn line_above(&self) -> &'s str {
        self.source[..self.line.start]
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty() && !line.starts_with('#'))
            .unwrap_or_default()
    }

    fn at(&self, start: usize, len: usize) -> Range<usize> {
        start..start + len
    }

    /// A problem with a caret under one character.
    fn problem(&self, message: impl Into<String>) -> Problem {
        let len = self.behind().chars().next().map_or(0, char::len_utf8);
        Problem::error(self.at(self.start, len), message)
    }

    fn first_word(&self) -> &'s str {
        let mut words = self.behind().split([' ', '\t', ',', ']', '}']);
        words.next().unwrap_or_default()
    }

    /// A part of the text for a message, or a word for it where messages quote nothing.
    fn quoted(&self, text: &str) -> String {
        if self.limits.quotes {
            quoted(text)
        } else {
            "this".to_owned()
        }
    }

    /// A problem with carets under the word.
    fn word(&self, message: impl FnOnce(&str) -> String) -> Problem {
        let word = self.first_word();
        Problem::error(self.at(self.start, word.len()), message(&self.quoted(word)))
    }

    fn tab(&self, kind: Option<&ErrorKind>) -> Option<Problem> {
        let line = &self.source[self.line.clone()];
        let indent = &line[..line.len() - line.trim_start().len()];
        let offset = match kind {
            _ if indent.contains('\t') => indent.find('\t'),
            Some(
                ErrorKind::TabNotAllowed
                | ErrorKind::TabInBlockIndentation
                | ErrorKind::TabInIndentation
                | ErrorKind::TabAtBlockScalarStart
                | ErrorKind::TabInPlainScalar,
            ) => line.find('\t'),
            _ => None,
        }?;
        Some(
            Problem::error(
                self.at(self.line.start + offset, 1),
                "a tab in the indentation",
            )
            .help("indent with spaces: YAML does not allow tabs there"),
        )
    }

    fn merge_conflict(&self) -> Option<Problem> {
        let line = &self.source[self.line.clone()];
        let marker = ["<<<<<<<", "=======", ">>>>>>>"]
            .into_iter()
            .find(|marker| line.starts_with(marker))?;
        Some(
            Problem::error(self.at(self.line.start, marker.len()), "an unresolved merge conflict")
                .help("keep one of the two sides, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`"),
        )
    }

    /// The problem for an error of the parser.
    fn parser(&self, kind: &ErrorKind, error: &Error) -> Problem {
        match kind {
            ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
                let close = match self.behind().chars().next() {
                    Some(quote @ ('"' | '\'')) => format!("close them with another `{quote}`"),
                    _ => "close them".to_owned(),
                };
                self.problem("these quotes are never closed").help(close)
            }
            ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::InvalidTrailingSingleQuotedScalar
                if self.before().matches(['"', '\'']).count() % 2 == 1 =>
            {
                self.problem("text behind the closing quotes of a text that begins further up")
                    .help("close the quotes in the line in which they are opened")
            }
            ErrorKind::InvalidTrailingDoubleQuotedScalar => self
                .problem("text behind the closing quotes")
                .help("put the whole text into quotes, and write a `\"` within them as `\\\"`"),
            ErrorKind::InvalidTrailingSingleQuotedScalar => self
                .problem("text behind the closing quotes")
                .help("put the whole text into quotes, and write a `'` within them as `''`"),
            ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidUnicodeEscape => self
                .problem("`\\` begins an escape here, and YAML knows no such escape")
                .help("write `\\\\` for a backslash, or put the text into single quotes"),
            ErrorKind::UnclosedFlowCollection { open } => self
                .problem(format!("this `{open}` is never closed"))
                .help(format!("close it with `{}`", closing(*open))),
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => self
                .problem(format!("this `{open}` is closed by a `{close}`"))
                .help(format!("close it with `{}`", closing(*open))),
            ErrorKind::MisplacedFlowCollectionEnd => self
                .problem("this closes a bracket that was never opened")
                .help("remove it; a text that begins with a bracket needs quotes"),
            ErrorKind::ExpectedFlowSequenceSeparator if self.behind().starts_with('{') => self
                .problem("a `{` in the middle of a text, between `[` and `]`")
                .help("write one route a line, each behind a `-`; or put the route into quotes"),
            ErrorKind::ExpectedFlowSequenceSeparator => self.still_open('[', ']'),
            ErrorKind::ExpectedFlowMappingSeparator => self.still_open('{', '}'),
            ErrorKind::MappingValueNotAllowed
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::InvalidColonPlacement
                if self.before().contains(": ") =>
            {
                self.problem("a second `: ` in one line")
                    .help("put the text into quotes, all that stands behind the first `: `")
            }
            ErrorKind::MappingValueNotAllowed
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::InvalidColonPlacement => self
                .problem("a `:` where no name can end")
                .help("look at the line above: a name ends in `:`, and a space stands between it and a value"),
            ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => self
                .problem("a name without a `:` behind it")
                .help("write `name: value`; if it goes on with the text above, indent it deeper than that"),
            ErrorKind::ExpectedBlockMappingKey if self.lacks_colon() => self
                .problem("this line belongs to no name")
                .help(self.or_without_quote(
                    format!("write a colon at the end of the line above: `{}:`", self.line_above()),
                    "write a colon at the end of the line above",
                )),
            ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => self
                .problem("this line is not indented like those it belongs to")
                .help("let the fields of one mapping, and the `-` of one list, start in the same column"),
            ErrorKind::ExpectedBlockSequenceEntry => self
                .problem("this line is neither an entry of the list above nor a field of one")
                .help("an entry starts with `-`, in the column of those before it; the fields of an entry start in the column of its first field, behind the `-`; what follows the list starts further left"),
            ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => self
                .problem("a `-` where no list can begin")
                .help("begin the list in a line of its own, below the name it belongs to"),
            ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
                // The reader names the text it stands in.
                let start = self.source[self.start..]
                    .find(*character)
                    .map_or(self.start, |offset| self.start + offset);
                Problem::error(
                    self.at(start, character.len_utf8()),
                    format!("a control character, `{}`", character.escape_default()),
                )
                .help("remove it")
            }
            ErrorKind::UnexpectedCharacter { character } => self
                .problem(self.or_without_quote(
                    format!("a text cannot begin with `{character}`"),
                    "a text cannot begin with this character",
                ))
                .help("put it into quotes"),
            ErrorKind::MissingAnchorOrAliasName => self.word(|word| format!("{word} is no text to YAML"))
                .help("put a text that begins with `*` or `&` into quotes"),
            ErrorKind::UnknownAnchor => self.unknown_anchor(),
            ErrorKind::BomInsideDocument => self
                .problem("a byte order mark in the middle of the file")
                .help("remove the invisible character: it may only be the first of the file"),
            ErrorKind::CommentNotSeparated => self
                .problem("a `#` right behind a text")
                .help("write a space before the `#` of a comment; a text that has one needs quotes"),
            ErrorKind::RecursionLimitExceeded => self.too_deep(),
            _ if self.source[self.line.clone()].starts_with('%') => self
                .problem("a YAML directive")
                .help(format!("remove the line: a {} needs none", self.limits.file)),
            _ => self.other(error),
        }
    }

    /// Errors of the reader, which takes the events of the parser.
    fn reader(&self, error: &Error) -> Problem {
        match error {
            Error::UnknownAnchor { .. } => self.unknown_anchor(),
            Error::MultipleDocuments { .. } => {
                self.problem("a second YAML document").help(format!(
                    "a file is one {}: remove the `---` or `...` above, or make it two files",
                    self.limits.file
                ))
            }
            Error::MergeKeyNotAllowed { .. } | Error::MergeValueNotMapOrSeqOfMaps { .. } => self
                .word(|_| format!("`<<` is not allowed in a {}", self.limits.file))
                .help(self.write_out()),
            Error::RecursiveReferencesRequireWeakTypes { .. } => self
                .word(|word| format!("{word} stands inside of what it stands for"))
                .help(self.write_out()),
            Error::UnsupportedTag { tag, .. } => {
                // The reader names what the tag stands before.
                let at = match self.before().rfind(tag.as_ref() as &str) {
                    Some(offset) => self.at(self.line.start + offset, tag.len()),
                    None => self.at(self.start, 0),
                };
                Problem::error(
                    at,
                    match self.limits.quotes {
                        true => format!("the tag {} means nothing in a policy", quoted(tag)),
                        false => format!("a tag means nothing in a {}", self.limits.file),
                    },
                )
                .help("remove it; a text that begins with `!` needs quotes")
            }
            Error::NonFiniteFloat { .. } => self
                .word(|word| format!("{word} is no number for a {}", self.limits.file))
                .help("if it is meant as a text, put it into quotes"),
            Error::AliasReplayLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayCounterOverflow { .. } => self
                .word(|_| {
                    format!(
                        "the aliases stand for more than {} values",
                        self.limits.replayed
                    )
                })
                .help(self.write_out()),
            Error::Budget { breach, .. } => match breach {
                BudgetBreach::Aliases { .. } | BudgetBreach::AliasAnchorRatio { .. } => self
                    .word(|_| self.more_than("aliases"))
                    .help(self.write_out()),
                BudgetBreach::Anchors { .. } => self
                    .problem(self.more_than("anchors"))
                    .help(self.write_out()),
                BudgetBreach::Depth { .. } => self.too_deep(),
                BudgetBreach::ScalarBytes { .. } => self
                    .problem("the texts of the file, each as often as it is used, come to more than 64 MiB")
                    .help(self.write_out()),
                _ if self.limits.are_a_policys() => self
                    .problem("the file is too large for a policy")
                    .help("split the policy by API"),
                _ => self
                    .problem(format!(
                        "the file has more than {} values",
                        self.limits.values
                    ))
                    .help(match self.limits.quotes {
                        true => "remove what is not needed here, such as `components: schemas:`",
                        false => "make it several files",
                    }),
            },
            Error::AliasError { error, .. } => self.reader(error),
            _ => self.other(error),
        }
    }

    fn still_open(&self, open: char, close: char) -> Problem {
        let problem = self.problem(format!("a `,` or `{close}` is missing before this"));
        let mut depth = 0;
        let opened = self.source[..self.start].rfind(|c| {
            depth += i32::from(c == close) - i32::from(c == open);
            depth < 0
        });
        let problem = match opened {
            Some(opened) => problem.with_label(self.at(opened, 1), "opened here"),
            None => problem,
        };
        problem.help(format!(
            "put commas between the entries, and close the `{open}` with `{close}`"
        ))
    }

    fn unknown_anchor(&self) -> Problem {
        // A scope as the key of a mapping takes its colon along.
        let (word, colon) = match self.first_word() {
            word if word.ends_with(':') => (&word[..word.len() - 1], ":"),
            word => (word, ""),
        };
        self.word(|word| {
            format!("{word} begins with `*`, which is an alias to YAML, and nothing has this name")
        })
        .help(
            match word.contains(['"', '\\']) || word.len() > 80 || !self.limits.quotes {
                true => "put a text that begins with `*` into quotes".to_owned(),
                false => format!("put the text into quotes: `\"{word}\"{colon}`"),
            },
        )
    }

    fn too_deep(&self) -> Problem {
        let needs = if self.limits.are_a_policys() {
            "a policy needs five: "
        } else {
            ""
        };
        self.problem(format!("nested deeper than {} levels", self.limits.depth))
            .help(format!("{needs}look for a bracket or a `-` too many"))
    }

    /// One of two texts: the first quotes the file.
    fn or_without_quote(&self, quoting: String, other: &str) -> String {
        if self.limits.quotes {
            quoting
        } else {
            other.to_owned()
        }
    }

    fn more_than(&self, what: &str) -> String {
        match self.limits.aliases {
            0 => format!("{what} are not allowed in a {}", self.limits.file),
            most => format!("more than {most} {what}"),
        }
    }

    fn write_out(&self) -> String {
        format!(
            "write the values out: a {} that is reviewed should say what it means where it says it",
            self.limits.file
        )
    }

    /// Whether the line above is a name in quotes that lacks its colon.
    fn lacks_colon(&self) -> bool {
        let above = self.line_above();
        above.starts_with(['"', '\'']) && above.ends_with(['"', '\''])
    }

    /// The problem for an error without a message here: it uses the reader's own words.
    fn other(&self, error: &Error) -> Problem {
        if !self.limits.quotes {
            return self
                .problem(format!(
                    "this is not YAML that a {} can be read from",
                    self.limits.file
                ))
                .help("check the indentation, the quotes and the brackets around here");
        }
        let text = error.to_string();
        // The place is shown; the sentence need not repeat it.
        let sentence = text.split(" at line ").next().unwrap_or(&text);
        self.problem(format!(
            "this is not YAML that a policy can be read from: {sentence}"
        ))
        .help("check the indentation, the quotes and the brackets around here")
    }
}

fn closing(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}
