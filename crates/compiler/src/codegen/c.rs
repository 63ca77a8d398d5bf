//! The names of a policy as a header in C.

use std::fmt::Write;

use routescope_core::Policy;

use super::names::Names;
use crate::model::code_name;

/// The beginning of the names of a policy.
pub(super) fn prefix(policy: &str) -> String {
    format!("ROUTESCOPE_{}", code_name::in_upper_case(policy))
        .trim_end_matches('_')
        .to_owned()
}

/// Whether a text can be a name, or begin one.
pub(super) fn is_identifier(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(fits) && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

pub(super) fn header(policy: Policy<'_>, names: &Names, prefix: &str, above: &str) -> String {
    let mut text = format!("/*\n{above} */\n#ifndef {prefix}_H\n#define {prefix}_H\n");
    text += "\n/* Scopes, the implied ones included: names for a set of scopes. */\n";
    for (scope, named) in policy.scopes().zip(&names.scopes) {
        let _ = writeln!(
            text,
            "#define {prefix}_SCOPE_{} \"{}\"",
            named.name,
            scope.name()
        );
    }
    text += "\n/* Routes: the place of each in the policy's list, and their number. */\n";
    for (index, named) in names.routes.iter().enumerate() {
        let _ = writeln!(text, "#define {prefix}_ROUTE_{} {index}", named.name);
    }
    let _ = writeln!(
        text,
        "#define {prefix}_ROUTES {}\n\n#endif",
        policy.routes().len()
    );
    text
}
