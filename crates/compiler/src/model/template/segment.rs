//! One segment of a template: what it takes, and how two relate.

use std::fmt;

use super::Segment;

/// Values of which two segments that differ take at least one differently.
const VALUES: [&str; 3] = ["x", "y", "z"];

impl Segment {
    /// Whether it takes a segment of a path, compared byte for byte.
    #[must_use]
    pub fn takes(&self, segment: &str) -> bool {
        match self {
            Self::Literal(text) => text == segment,
            Self::Affix { .. } => self.value_of(segment).is_some(),
            Self::Parameter | Self::CatchAll => true,
        }
    }

    /// The value in a segment of a path: the part between prefix and suffix, or all of it.
    /// None if the segment is a literal, or is not taken.
    #[must_use]
    pub fn value_of<'s>(&self, segment: &'s str) -> Option<&'s str> {
        match self {
            Self::Literal(_) => None,
            Self::Affix { prefix, suffix } => {
                let rest = segment.strip_prefix(prefix.as_str())?;
                let value = rest.strip_suffix(suffix.as_str())?;
                let cut = suffix_is_cut(value);
                (!value.is_empty() && !cut).then_some(value)
            }
            Self::Parameter | Self::CatchAll => Some(segment),
        }
    }

    /// As [`Self::takes`], where the ASCII case of literals does not count.
    #[must_use]
    pub fn takes_in_any_case(&self, segment: &str) -> bool {
        self.to_lowercase().takes(&segment.to_ascii_lowercase())
    }

    /// Its place in the order of precedence: the lesser is narrower and wins.
    #[must_use]
    pub fn breadth(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Affix { .. } => 1,
            Self::Parameter => 2,
            Self::CatchAll => 3,
        }
    }

    /// Its literals in lower case.
    pub(crate) fn to_lowercase(&self) -> Self {
        match self {
            Self::Literal(text) => Self::Literal(text.to_ascii_lowercase()),
            Self::Affix { prefix, suffix } => Self::Affix {
                prefix: prefix.to_ascii_lowercase(),
                suffix: suffix.to_ascii_lowercase(),
            },
            Self::Parameter | Self::CatchAll => self.clone(),
        }
    }

    /// Whether it takes every segment that `other` takes, neither being a catch-all.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::CatchAll) | (Self::CatchAll, _) => false,
            (Self::Parameter, _) => true,
            (_, Self::Literal(text)) => self.takes(text),
            (
                Self::Affix { prefix, suffix },
                Self::Affix {
                    prefix: theirs,
                    suffix: ends,
                },
            ) => theirs.starts_with(prefix.as_str()) && ends.ends_with(suffix.as_str()),
            (Self::Affix { .. } | Self::Literal(_), _) => false,
        }
    }

    /// Whether some segment is taken by both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(text), other) | (other, Self::Literal(text)) => other.takes(text),
            (
                Self::Affix { prefix, suffix },
                Self::Affix {
                    prefix: theirs,
                    suffix: ends,
                },
            ) => {
                (prefix.starts_with(theirs.as_str()) || theirs.starts_with(prefix.as_str()))
                    && (suffix.ends_with(ends.as_str()) || ends.ends_with(suffix.as_str()))
            }
            _ => true,
        }
    }

    /// A segment that both take, if there is one.
    pub(crate) fn taken_by_both(&self, other: &Self) -> Option<String> {
        let taken = match (self, other) {
            (
                Self::Affix { prefix, suffix },
                Self::Affix {
                    prefix: theirs,
                    suffix: ends,
                },
            ) => {
                let longer = |a: &String, b: &String| {
                    if a.len() < b.len() {
                        b.clone()
                    } else {
                        a.clone()
                    }
                };
                format!("{}x{}", longer(prefix, theirs), longer(suffix, ends))
            }
            _ if self.breadth() <= other.breadth() => self.with_value(VALUES[0]),
            _ => other.with_value(VALUES[0]),
        };
        self.meets(other).then_some(taken)
    }

    /// A segment that this one takes, and `other` does not if there is one.
    pub(crate) fn taken_by_first(&self, other: Option<&Self>) -> String {
        let taken = VALUES.map(|value| self.with_value(value));
        let only = taken
            .iter()
            .find(|segment| other.is_none_or(|other| !other.takes(segment)));
        only.unwrap_or(&taken[0]).clone()
    }

    /// The segment with this value in it.
    fn with_value(&self, value: &str) -> String {
        match self {
            Self::Literal(text) => text.clone(),
            Self::Affix { prefix, suffix } => format!("{prefix}{value}{suffix}"),
            Self::Parameter | Self::CatchAll => value.to_owned(),
        }
    }
}

/// `a`, `{}:cancel`, `{}` or `{*}`: the shape, without names.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => f.write_str(text),
            Self::Affix { prefix, suffix } => write!(f, "{prefix}{{}}{suffix}"),
            Self::Parameter => f.write_str("{}"),
            Self::CatchAll => f.write_str("{*}"),
        }
    }
}

/// Whether a value ends in the first bytes of an escape, whose other bytes would belong to the
/// suffix behind it.
fn suffix_is_cut(value: &str) -> bool {
    value.bytes().rev().take(2).any(|byte| byte == b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affix(prefix: &str, suffix: &str) -> Segment {
        Segment::Affix {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    #[test]
    fn values_of_affixes() {
        for (prefix, suffix, segment, value) in [
            ("", ":cancel", "5:cancel", Some("5")),
            ("", ":cancel", "5:cancel:cancel", Some("5:cancel")),
            ("", ":cancel", ":cancel", None),
            ("", ":cancel", "5:CANCEL", None),
            ("", ":cancel", "5%3Acancel", None),
            ("key=", "", "key=5", Some("5")),
            ("key=", "", "key=", None),
            ("a", "a", "aa", None),
            ("a", "a", "aaa", Some("a")),
            ("ab", "ba", "aba", None),
            ("", "A", "x%3A", None),
            ("", "3A", "x%3A", None),
            ("", "A", "x%3AA", Some("x%3A")),
            ("f(p=", ")", "f(p='D7')", Some("'D7'")),
        ] {
            let found = affix(prefix, suffix);
            assert_eq!(
                found.value_of(segment),
                value,
                "{prefix}{{}}{suffix} {segment}"
            );
        }
    }

    #[test]
    fn pairs_of_affixes() {
        for (a, b, covers, both) in [
            (("", ":a"), ("", ":b"), false, None),
            (("", ":a"), ("", ":b:a"), true, Some("x:b:a")),
            (("key=", ""), ("", ":a"), false, Some("key=x:a")),
            (("key=", ""), ("key=5", ""), true, Some("key=5x")),
            (("a", "z"), ("ab", "yz"), true, Some("abxyz")),
            (("ab", "z"), ("a", "yz"), false, Some("abxyz")),
        ] {
            let (first, second) = (affix(a.0, a.1), affix(b.0, b.1));
            assert_eq!(first.covers(&second), covers, "{a:?} {b:?}");
            let found = first.taken_by_both(&second);
            assert_eq!(found.as_deref(), both, "{a:?} {b:?}");
            assert_eq!(found, second.taken_by_both(&first));
            if let Some(both) = found {
                assert!(first.takes(&both) && second.takes(&both));
            }
            let only = first.taken_by_first(Some(&second));
            assert!(first.takes(&only) && !second.takes(&only), "{a:?} {b:?}");
        }
    }
}
