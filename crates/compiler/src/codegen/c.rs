//! The names of a policy as a header in C.

use std::fmt::{self, Display, Write};

use routescope_core::{Policy, Requirement, Scope};

use super::docs::sets;
use super::names::Names;
use crate::layout::emit::hex;
use crate::model::code_name;
use crate::source::report::quoted;

/// The beginning of the library's own names.
const LIBRARY: &str = "ROUTESCOPE";

/// Why a text cannot begin the names of a policy.
#[derive(Debug)]
pub(super) enum BadPrefix<'a> {
    NoIdentifier(&'a str),
    OfTheLibrary,
    NoWordInPolicy(&'a str),
}

impl Display for BadPrefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIdentifier(text) => write!(f, "{} cannot begin the names of C", quoted(text)),
            Self::OfTheLibrary => write!(f, "the library's own names begin with `{LIBRARY}`"),
            Self::NoWordInPolicy(name) => write!(
                f,
                "the name of the policy has no letter and no digit for the names of C: `{name}`"
            ),
        }
    }
}

impl BadPrefix<'_> {
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::NoIdentifier(_) => "use letters, digits and `_`, such as `MY_API`",
            Self::OfTheLibrary => "use another prefix, such as `MY_API` or `ROUTESCOPE_MY_API`",
            Self::NoWordInPolicy(_) => "state what they begin with, such as `--prefix MY_API`",
        }
    }
}

/// The beginning of the names of a policy.
pub(super) fn prefix(policy: &str) -> Result<String, BadPrefix<'_>> {
    match code_name::in_upper_case(policy) {
        words if words.is_empty() => Err(BadPrefix::NoWordInPolicy(policy)),
        words => Ok(format!("{LIBRARY}_{words}")),
    }
}

/// The beginning of names that a person has chosen.
pub(super) fn stated_prefix(prefix: &str) -> Result<String, BadPrefix<'_>> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !prefix.bytes().all(fits) || !prefix.starts_with(begins) {
        return Err(BadPrefix::NoIdentifier(prefix));
    }
    if prefix.trim_end_matches('_') == LIBRARY {
        return Err(BadPrefix::OfTheLibrary);
    }
    Ok(prefix.to_owned())
}

pub(super) fn header(policy: Policy<'_>, names: &Names, prefix: &str, above: &str) -> String {
    let digest = hex(policy.digest());
    // Another policy of the same prefix would define nothing, without a word.
    let own = format!("{prefix}_NAMES_{}", &digest[..16]);
    let mut text = format!(
        "/*\n{above} *\n{} */\n\
         #ifndef {prefix}_NAMES_H\n#define {prefix}_NAMES_H\n#define {own}\n",
        use_of(prefix)
    );
    text += "\n/* Scopes, the implied ones included: names for a set of scopes. */\n";
    for (scope, named) in policy.scopes().zip(&names.scopes) {
        let _ = writeln!(
            text,
            "#define {prefix}_SCOPE_{} \"{}\"",
            named.name,
            without_trigraphs(scope.name())
        );
    }
    text += "\n/* Routes: the place of each in the policy's list, and their number. */\n";
    for (index, named) in names.routes.iter().enumerate() {
        let _ = writeln!(text, "#define {prefix}_ROUTE_{} {index}", named.name);
    }
    let _ = writeln!(text, "#define {prefix}_ROUTES {}", policy.routes().len());
    text += &requirements(policy);
    let rows: Vec<String> = policy.digest().chunks(8).map(row).collect();
    let _ = writeln!(
        text,
        "\n/* The digest of the policy, for an array of 32 bytes. */\n\
         #define {prefix}_DIGEST_INIT {{ \\\n    {} }}",
        rows.join(", \\\n    ")
    );
    let _ = writeln!(
        text,
        "\n#elif !defined {own}\n\
         #error \"another policy has the names that begin with {prefix}: give one of the two another --prefix\"\n\
         #endif"
    );
    text
}

/// The routes that no list of scopes describes of which each suffices alone, with all that opens them.
/// Empty if there are none.
fn requirements(policy: Policy<'_>) -> String {
    let mut lines = String::new();
    for route in policy.routes() {
        let needs = match route.requirement() {
            Requirement::Public => "public, no key".to_owned(),
            Requirement::AnyKey => "any valid key".to_owned(),
            Requirement::Scopes(alternatives) if sets(route).next().is_some() => {
                let alternatives = alternatives.iter().map(|alternative| {
                    let scopes: Vec<&str> = alternative.scopes().map(Scope::name).collect();
                    scopes.join(" and ")
                });
                alternatives.collect::<Vec<String>>().join(", or ")
            }
            Requirement::Scopes(_) => continue,
        };
        let line = in_comment(&format!("{route}: {needs}"));
        let _ = writeln!(lines, " *     {line}");
    }
    match lines.is_empty() {
        true => lines,
        false => format!(
            "\n/* Routes that need no scope, or several at once: the scopes of which each suffices\n \
             * alone are not all that opens them.\n \
             *\n{lines} */\n"
        ),
    }
}

/// A text in which nothing begins or ends a comment, and nothing is a trigraph.
fn in_comment(text: &str) -> String {
    // In this order, which leaves nothing of `*/*` and of `/*/`.
    let text = text.replace("*/", "* /").replace("/*", "/ *");
    text.replace("??", "? ?").replace("??", "? ?")
}

/// A text in which no `??` begins a trigraph: `??/` would be a backslash.
fn without_trigraphs(text: &str) -> String {
    match text.contains("??") {
        true => text.replace('?', "\\?"),
        false => text.to_owned(),
    }
}

fn row(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
    bytes.join(", ")
}

/// The paragraph for people who include the header.
fn use_of(prefix: &str) -> String {
    format!(
        " * The numbers of routes are those of this policy and of no other. Where the policy\n \
         * in use may be another edition, because it was loaded or the library replaced,\n \
         * compare the digests before you trust a number:\n \
         *\n \
         *     static const uint8_t known[ROUTESCOPE_DIGEST_LENGTH] = {prefix}_DIGEST_INIT;\n \
         *     const uint8_t *digest = routescope_policy_digest(policy);\n \
         *     if (digest == NULL || memcmp(digest, known, sizeof known) != 0) {{ ... }}\n"
    )
}
