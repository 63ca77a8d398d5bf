//! Names of scopes, and lists of scopes that are needed together.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// The name of a scope: `resource:action`, or any token where the policy says
/// `scope_names: opaque`.
///
/// Names are equal if they are byte for byte. They are ordered by the part before the first colon
/// and then by the rest.
#[derive(Clone, Debug)]
pub struct ScopeName {
    text: String,
    /// The offset of the colon between resource and action; `None` for an opaque name.
    colon: Option<usize>,
}

impl ScopeName {
    /// Most bytes of a scope's name.
    pub(crate) const MAX_LEN: usize = routescope_core::__private::MAX_SCOPE_NAME;

    /// The name `resource:action`, if the text has exactly one colon.
    #[must_use]
    pub fn split(text: &str) -> Option<Self> {
        let colon = text.find(':')?;
        (text.rfind(':') == Some(colon)).then(|| Self {
            text: text.to_owned(),
            colon: Some(colon),
        })
    }

    /// An opaque name, which has no parts.
    #[must_use]
    pub fn opaque(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            colon: None,
        }
    }

    /// The name `resource:action` of these two parts, of which neither has a colon.
    #[must_use]
    pub(crate) fn of(resource: &str, action: &str) -> Self {
        Self {
            text: format!("{resource}:{action}"),
            colon: Some(resource.len()),
        }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its resource and its action: `read`, a named operation, or `*` for all of them. `None` for an
    /// opaque name.
    #[must_use]
    pub fn parts(&self) -> Option<(&str, &str)> {
        let colon = self.colon?;
        Some((&self.text[..colon], &self.text[colon + 1..]))
    }

    /// The resource that it opens, unless it is opaque.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.parts().map(|(resource, _)| resource)
    }

    /// The action, unless it is opaque.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.parts().map(|(_, action)| action)
    }

    /// The scope of the same resource with another action. `None` for an opaque name.
    #[must_use]
    pub fn with(&self, action: &str) -> Option<Self> {
        self.resource().map(|resource| Self::of(resource, action))
    }

    /// Whether it covers every action of its resource. An opaque name never does: there, `*` is a
    /// letter.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.action() == Some("*")
    }
}

impl PartialEq for ScopeName {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ScopeName {}

impl std::hash::Hash for ScopeName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for ScopeName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ScopeName {
    fn cmp(&self, other: &Self) -> Ordering {
        fn key(name: &ScopeName) -> (&str, &str) {
            name.text.split_once(':').unwrap_or((&name.text, ""))
        }
        key(self)
            .cmp(&key(other))
            .then_with(|| self.text.cmp(&other.text))
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Scopes that are needed together, as a heading of the file names them: one or several.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ScopeList(BTreeSet<ScopeName>);

impl ScopeList {
    /// The list of these scopes, of which there is at least one.
    pub(crate) fn new(scopes: impl IntoIterator<Item = ScopeName>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// The scopes, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ScopeName> {
        self.0.iter()
    }

    /// The only scope, if there are no more.
    #[must_use]
    pub fn single(&self) -> Option<&ScopeName> {
        let mut scopes = self.0.iter();
        scopes.next().filter(|_| scopes.next().is_none())
    }

    /// Whether a scope is one of them.
    #[must_use]
    pub fn contains(&self, scope: &ScopeName) -> bool {
        self.0.contains(scope)
    }
}

/// The names with a space between them.
impl fmt::Display for ScopeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}
