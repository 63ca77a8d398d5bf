//! The right answer to a question, found the slow way: every template that
//! begins like the path is compared segment by segment, and the most specific of
//! those that match wins.
//!
//! It knows nothing of path rules. The code that makes a request that breaks one
//! marks it ([`Expected::Refused`]); all other requests are made of ordinary
//! words and values.
//!
//! # What is right for a router
//!
//! An engine that only matches paths is asked one thing: which template, or
//! none? Method and scope do not count against it. Refused paths do: a router
//! that finds a template for `/api/v1/sounds/../pbx/` forwards a request that
//! the back end may read as `/api/v1/pbx/`, so *none* is the only right answer
//! there.

use tables::Table;

/// The right answer to a request. Templates are rows of [`Table::templates`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expected {
    /// The path breaks a rule.
    Refused,
    /// No template matches.
    Unknown,
    /// The template that wins does not list the method.
    MethodNotListed(usize),
    /// The key holds none of the accepted scopes.
    MissingScope(usize),
    Allowed(usize),
}

impl Expected {
    /// The template that a router must find.
    pub fn template(self) -> Option<usize> {
        match self {
            Self::Refused | Self::Unknown => None,
            Self::MethodNotListed(template)
            | Self::MissingScope(template)
            | Self::Allowed(template) => Some(template),
        }
    }

    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// The answer to a request whose path keeps the rules.
pub fn decide(table: &Table, held: &[String], method: &str, path: &str) -> Expected {
    let Some(template) = find(table, path) else {
        return Expected::Unknown;
    };
    match table.accepted(template, method) {
        None => Expected::MethodNotListed(template),
        Some(accepted) if accepted.iter().any(|scope| held.contains(scope)) => {
            Expected::Allowed(template)
        }
        Some(_) => Expected::MissingScope(template),
    }
}

/// The most specific template that matches the path.
pub fn find(table: &Table, path: &str) -> Option<usize> {
    let mut best: Option<usize> = None;
    for row in table.candidates(path) {
        let template = &table.templates[row];
        if matches(template, path)
            && best.is_none_or(|best| is_narrower(template, &table.templates[best]))
        {
            best = Some(row);
        }
    }
    best
}

fn matches(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    template.split('/').all(|wanted| {
        segments.next().is_some_and(|segment| {
            if wanted.starts_with('{') {
                !segment.is_empty()
            } else {
                segment == wanted
            }
        })
    }) && segments.next().is_none()
}

/// Whether `a` has a literal where `b` first has a parameter; both match one
/// path, so they differ in nothing else.
fn is_narrower(a: &str, b: &str) -> bool {
    a.split('/')
        .zip(b.split('/'))
        .map(|(a, b)| (a.starts_with('{'), b.starts_with('{')))
        .find(|(a, b)| a != b)
        .is_some_and(|(a, _)| !a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_the_examples() {
        let pbx = tables::pbx();
        let ask = |held: &[&str], method, path| {
            let held: Vec<String> = held.iter().map(|scope| (*scope).to_owned()).collect();
            match decide(&pbx, &held, method, path) {
                Expected::Refused => "refused".to_owned(),
                Expected::Unknown => "unknown".to_owned(),
                Expected::MethodNotListed(row) => format!("method {}", pbx.templates[row]),
                Expected::MissingScope(row) => format!("scope {}", pbx.templates[row]),
                Expected::Allowed(row) => format!("allowed {}", pbx.templates[row]),
            }
        };
        for (held, method, path, want) in [
            (
                &["colleagues:read"][..],
                "GET",
                "/api/v1/colleagues/7/",
                "allowed /api/v1/colleagues/{p4}/",
            ),
            (
                &["pbx:read"],
                "GET",
                "/api/v1/colleagues/",
                "allowed /api/v1/colleagues/",
            ),
            (
                &["pbx:read"],
                "PUT",
                "/api/v1/pbx/system/reboot/",
                "scope /api/v1/pbx/system/reboot/",
            ),
            (
                &["pbxpower:*"],
                "PUT",
                "/api/v1/pbx/system/reboot/",
                "allowed /api/v1/pbx/system/reboot/",
            ),
            (
                &["colleagues:read"],
                "GET",
                "/api/v1/devices/",
                "scope /api/v1/devices/",
            ),
            (
                &["pbx:*"],
                "DELETE",
                "/api/v1/sounds/directory/",
                "method /api/v1/sounds/directory/",
            ),
            (
                &["pbx:*"],
                "DELETE",
                "/api/v1/sounds/x/",
                "allowed /api/v1/sounds/{p4}/",
            ),
            (&["pbx:*"], "GET", "/api/v1/colleagues", "unknown"),
            (&["pbx:*"], "GET", "/api/v1/colleagues//", "unknown"),
            (&["pbx:*"], "GET", "/", "unknown"),
        ] {
            assert_eq!(ask(held, method, path), want, "{held:?} {method} {path}");
        }
    }

    #[test]
    fn a_dead_end_falls_back() {
        let table = Table::new(
            "t",
            false,
            ["/a/b/x", "/a/{p}/y", "/{p}/b/y"].map(|t| ("GET", t, "a:read", true)),
        );
        assert_eq!(find(&table, "/a/b/y"), Some(1));
        assert_eq!(find(&table, "/c/b/y"), Some(2));
        assert_eq!(find(&table, "/a/b/z"), None);
    }
}
