//! How large a policy may be: what compiles within seconds and half a gibibyte.

use crate::source::document::{Document, RouteEntry};
use crate::source::report::Problem;

/// Most routes, those that are listed under several scopes counted as often.
pub(crate) const MAX_LISTED: usize = 100_000;
/// Most segments of their paths together.
pub(crate) const MAX_SEGMENTS: usize = 600_000;

/// The first route with which a policy is too large.
pub(crate) fn too_large(document: &Document) -> Option<Problem> {
    let mut segments = 0;
    document.routes().enumerate().find_map(|(number, entry)| {
        segments += entry.text.value.matches('/').count();
        if number == MAX_LISTED {
            let what = format!("the policy lists more than {MAX_LISTED} routes, the limit");
            return Some(over(entry, what));
        }
        let what = || {
            format!(
                "the paths up to here have more than {MAX_SEGMENTS} segments together, the limit"
            )
        };
        (segments > MAX_SEGMENTS).then(|| over(entry, what()))
    })
}

fn over(entry: &RouteEntry, what: String) -> Problem {
    Problem::error(entry.text.at.clone(), what)
        .label("with this route")
        .help("split the policy, by API or by what the paths begin with")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(routes: usize, path: &str) -> String {
        let mut source = String::from("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n");
        for number in 0..routes {
            source.push_str(&format!("      - GET /{number}{path}\n"));
        }
        source
    }

    fn message(source: &str) -> Option<String> {
        let (document, _) = crate::source::parse::parse(source);
        too_large(&document.unwrap()).map(|problem| problem.message().to_owned())
    }

    #[test]
    fn both_limits() {
        assert_eq!(message(&policy(MAX_LISTED, "")), None);
        let routes = message(&policy(MAX_LISTED + 1, "")).unwrap();
        assert!(routes.contains("100000 routes"), "{routes}");
        assert_eq!(message(&policy(MAX_SEGMENTS / 32, &"/a".repeat(31))), None);
        let segments = message(&policy(MAX_SEGMENTS / 32 + 1, &"/a".repeat(31))).unwrap();
        assert!(segments.contains("600000 segments"), "{segments}");
    }
}
