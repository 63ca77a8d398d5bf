//! YAML as a tree in which every value knows its place.
//!
//! `serde-saphyr` reads; this only keeps what it says, so that `parse` can look
//! at a whole file and report all of its problems, not the first.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

use crate::report::Problem;

/// A value and where it stands in the file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// In the file's order, duplicates included.
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Null => "nothing".into(),
            Self::Bool(value) => format!("`{value}`, a truth value"),
            Self::Integer(value) => format!("the number {value}"),
            Self::Float(value) => format!("the number {value}"),
            Self::Text(value) => format!("the text `{value}`"),
            Self::List(_) => "a list".into(),
            Self::Map(_) => "a mapping".into(),
        }
    }
}

/// Most aliases in a file.
const MAX_ALIASES: usize = 100;

/// Reads one YAML document.
pub(crate) fn read(source: &str) -> Result<Node, Problem> {
    let options = serde_saphyr::options! {
        // 100,000 routes, each a mapping with a note, and room to spare; few
        // aliases, because a policy should say what it means where it says it.
        budget: serde_saphyr::budget! {
            max_events: 10_000_000,
            max_nodes: 5_000_000,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    let mut node = serde_saphyr::from_str_with_options::<Node>(source, options)
        .map_err(|error| syntax(source, &error))?;
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

fn syntax(source: &str, error: &serde_saphyr::Error) -> Problem {
    let location = error.location();
    // Errors of the scanner carry characters, not bytes.
    let start = location.map_or(0, |location| {
        let characters = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
        source
            .char_indices()
            .nth(characters)
            .map_or(source.len(), |(offset, _)| offset)
    });
    let end = source
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(start, |c| start + c.len_utf8());
    // The place is shown; the sentence need not repeat it.
    let text = error.to_string();
    let sentence = text.split(" at line ").next().unwrap_or(&text);
    let problem = Problem::error(
        start..end,
        format!("this is not YAML that a policy can be read from: {sentence}"),
    );
    match advice(source, start, sentence) {
        Some(advice) => problem.help(advice),
        None => problem,
    }
}

fn advice(source: &str, start: usize, sentence: &str) -> Option<&'static str> {
    let line_start = source
        .get(..start)?
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line = source.get(line_start..)?.lines().next().unwrap_or_default();
    let indent = line
        .split(|c: char| !c.is_whitespace())
        .next()
        .unwrap_or_default();
    if indent.contains('\t') || sentence.contains("tab") {
        Some("indent with spaces: YAML does not allow tabs there")
    } else if line.trim_start().starts_with('*') {
        Some("put a name that begins with `*` into quotes")
    } else if sentence.contains("alias") && !sentence.contains("unknown anchor") {
        Some(
            "write the values out: a policy that is reviewed should say what it means where it says it",
        )
    } else if sentence.contains("merge") {
        Some("write the values out: `<<` is not allowed in a policy")
    } else if sentence.contains("multiple YAML documents") {
        Some("a file is one policy: remove the `---`, or split the file")
    } else if sentence.contains("mapping values are not allowed") {
        Some("look for a second `: ` in the line, or put the value into quotes")
    } else if sentence.contains("quote") {
        Some("close the quotes")
    } else {
        Some(
            "check the indentation and the brackets around here: entries of one list or mapping start in the same column",
        )
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
