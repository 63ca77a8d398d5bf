//! YAML as a tree in which every value has its place in the file.
//!
//! `serde-saphyr` reads the text. This module keeps its events, so that `parse` can
//! check a whole file and report all of its problems, not the first. Public for
//! tools whose own files accompany a policy (its tests, say) and whose errors
//! should look like a policy's.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

mod limits;
mod syntax;

pub use self::limits::Limits;
use self::syntax::syntax;
use crate::report::{Problem, quoted};

/// A value and its place in the file.
#[derive(Clone, Debug)]
pub struct Node {
    /// Byte offsets in the file, quotes included.
    pub at: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A YAML value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A number with a point or an exponent.
    Float(f64),
    /// A text, with or without quotes.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the file's order, duplicates included.
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// Describes the value for messages: ``the text `abc` ``, `a list`.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Null => "empty".into(),
            Self::Bool(value) => format!("the truth value `{value}`"),
            Self::Integer(value) => format!("the number {value}"),
            // With its point, lest `1.0` look like 1.
            Self::Float(value) => format!("the number {value:?}"),
            Self::Text(value) if value.is_empty() => "an empty text".into(),
            Self::Text(value) => format!("the text {}", quoted(value)),
            Self::List(_) => "a list".into(),
            Self::Map(_) => "a mapping".into(),
        }
    }
}

/// Reads one YAML document.
///
/// # Errors
///
/// Text that is not YAML, or more of it than a policy can need. The problem says where,
/// and what to do.
pub fn read(source: &str) -> Result<Node, Problem> {
    read_within(source, &Limits::POLICY)
}

/// As [`read`], for files that are no policy and hold more.
///
/// # Errors
///
/// As [`read`].
pub fn read_within(source: &str, limits: &Limits) -> Result<Node, Problem> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: limits.values.saturating_mul(2),
            max_nodes: limits.values,
            max_aliases: limits.aliases,
            max_anchors: limits.aliases,
            // Said by the number of aliases and of what they stand for.
            enforce_alias_anchor_ratio: false,
            max_depth: limits.depth,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: limits.replayed },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    let mut node = serde_saphyr::from_str_with_options::<Node>(source, options)
        .map_err(|error| syntax(source, limits, &error))?;
    node.fit(source);
    Ok(node)
}

impl Node {
    /// Containers are given as the place they begin at; for a caret that is
    /// the first character, or the last one of a file that says nothing.
    fn fit(&mut self, source: &str) {
        if self.at.is_empty() {
            let width = source
                .get(self.at.start..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8);
            self.at.end = self.at.start + width;
        }
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.fit(source)),
            Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.fit(source);
                value.fit(source);
            }),
            _ => {}
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let span = spanned.referenced.span();
        let bytes = |value: Option<u64>| {
            value
                .and_then(|value| usize::try_from(value).ok())
                .unwrap_or_default()
        };
        let start = bytes(span.byte_offset());
        Ok(Self {
            at: start..start + bytes(span.byte_len()),
            value: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Map(entries))
    }
}
