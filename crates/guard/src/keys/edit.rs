//! Changes a key file where it must, so that its comments and its layout stay.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use data_encoding::HEXLOWER;
use routescope_source::yaml::{self, Node, Value};

use super::entry::{KeyEntry, PreviousKey, StoredHash};
use super::file::{KeyFile, LIMITS};
use super::moment::moment_text;
use super::problem::KeyFileError;
use crate::trusted_file::Owner;

/// The text of a key file, to be changed and written.
///
/// Each change is made in the text: lines are added, cut or replaced, and the rest stays byte for
/// byte. Then the new text is read again, and if it does not hold exactly what it should, the
/// change is refused.
///
/// ```
/// use routescope_guard::keys::{KeyEntry, KeyFileText, NewKey};
///
/// let mut text = KeyFileText::parse("keys.yaml", "version: 1\nkeys: []  # none yet\n")?;
/// let key = NewKey::generate(None)?;
/// text.add(&KeyEntry::new("front-desk", key.hash(None), ["colleagues:read"]))?;
/// assert!(text.as_str().starts_with("version: 1\nkeys:  # none yet\n  - id: front-desk\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyFileText {
    text: String,
    file: KeyFile,
}

/// Why a file was not changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EditError {
    /// No key has the id.
    NoSuchKey,
    /// A key has the id already.
    IdTaken,
    /// The key replaces no other.
    NoPrevious,
    /// The new entry could not be read again: why, and what would fix it.
    Entry(KeyFileError),
    /// The file is written in a way that cannot be changed without risk, from this line on.
    ByHand(usize),
}

impl KeyFileText {
    /// A file without keys, for a policy of this name.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`]: the name of the policy cannot be read again.
    pub fn empty(name: &str, policy: &str) -> Result<Self, KeyFileError> {
        let policy = scalar(policy);
        Self::parse(name, &format!("version: 1\npolicy: {policy}\nkeys: []\n"))
    }

    /// A text that is a key file; `name` names it in messages.
    ///
    /// # Errors
    ///
    /// As [`KeyFile::parse`].
    pub fn parse(name: &str, text: &str) -> Result<Self, KeyFileError> {
        Ok(Self {
            file: KeyFile::parse(name, text)?,
            text: text.to_owned(),
        })
    }

    /// Reads a file. An administrator may change the files of other users: for root, the owner
    /// of the file is not checked.
    ///
    /// # Errors
    ///
    /// As [`KeyFile::read`].
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let (file, text) = KeyFile::read_with_text(path, Owner::AnyForRoot)?;
        Ok(Self { text, file })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The keys in it.
    #[must_use]
    pub fn file(&self) -> &KeyFile {
        &self.file
    }

    /// Adds a key after the last one.
    ///
    /// # Errors
    ///
    /// - [`EditError::IdTaken`];
    /// - [`EditError::Entry`]: no file could hold it, for instance because of its id;
    /// - [`EditError::ByHand`].
    pub fn add(&mut self, entry: &KeyEntry) -> Result<(), EditError> {
        if self.index(&entry.id).is_some() {
            return Err(EditError::IdTaken);
        }
        let alone = format!("version: 1\nkeys:\n{}", block(entry, 2));
        KeyFile::parse("the new key", &alone).map_err(EditError::Entry)?;
        let parts = Parts::of(&self.text)?;
        let mut entries = self.file.entries.clone();
        entries.push(entry.clone());
        let mut candidates = Vec::new();
        if let Some(last) = parts.items.last() {
            let column = parts
                .dash(last)
                .map_or(2, |dash| dash - parts.line_start(dash));
            let new = block(entry, column);
            candidates.push(parts.insert_line(end(last), &new));
            // A bracket or a long text may end in a later line than its last value.
            candidates.push(parts.insert_line(self.text.len(), &new));
        } else if let Some(brackets) = parts.empty_brackets() {
            let before = self.text[..brackets.start].trim_end_matches(' ').len();
            let without = [&self.text[..before], &self.text[brackets.end..]].concat();
            let shorter = Parts::new(&without, parts.keys.clone());
            candidates.push(shorter.insert_line(before, &block(entry, 2)));
        }
        let at = parts.list;
        self.accept(&candidates, &entries, at)
    }

    /// Removes a key, and the one that it replaces with it. Comments in its lines go, those above
    /// and below stay.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchKey`], or [`EditError::ByHand`].
    pub fn remove(&mut self, id: &str) -> Result<(), EditError> {
        let index = self.index(id).ok_or(EditError::NoSuchKey)?;
        let parts = Parts::of(&self.text)?;
        let mut entries = self.file.entries.clone();
        entries.remove(index);
        let item = parts.item(index)?;
        let mut candidates = Vec::new();
        if let Some(dash) = parts.dash(item) {
            let cut = parts.line_start(dash)..parts.line_end(end(item));
            let mut without = [&self.text[..cut.start], &self.text[cut.end..]].concat();
            if entries.is_empty() {
                let colon = self.text[parts.keys.end..].find(':').unwrap_or_default();
                without.insert_str(parts.keys.end + colon + 1, " []");
            }
            candidates.push(without);
        }
        self.accept(&candidates, &entries, item.at.start)
    }

    /// Gives a key another hash; `previous` becomes the key that it replaces, in place of the one
    /// that it may have had.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchKey`], or [`EditError::ByHand`].
    pub fn replace_hash(
        &mut self,
        id: &str,
        hash: StoredHash,
        previous: Option<PreviousKey>,
    ) -> Result<(), EditError> {
        let index = self.index(id).ok_or(EditError::NoSuchKey)?;
        let mut entries = self.file.entries.clone();
        if let Some(entry) = entries.get_mut(index) {
            entry.hash = hash;
            entry.previous = previous;
        }
        let parts = Parts::of(&self.text)?;
        let item = parts.item(index)?;
        let at = item.at.start;
        let candidate = parts.with_hash(item, hash, previous);
        self.accept(candidate.as_slice(), &entries, at)
    }

    /// Removes the key that another one replaces.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchKey`], [`EditError::NoPrevious`] or [`EditError::ByHand`].
    pub fn remove_previous(&mut self, id: &str) -> Result<(), EditError> {
        let index = self.index(id).ok_or(EditError::NoSuchKey)?;
        let mut entries = self.file.entries.clone();
        let previous = entries
            .get_mut(index)
            .and_then(|entry| entry.previous.take());
        previous.ok_or(EditError::NoPrevious)?;
        let parts = Parts::of(&self.text)?;
        let item = parts.item(index)?;
        let at = item.at.start;
        let cut = parts.field_lines(item, "previous");
        let candidate = cut.map(|cut| [&self.text[..cut.start], &self.text[cut.end..]].concat());
        self.accept(candidate.as_slice(), &entries, at)
    }

    fn index(&self, id: &str) -> Option<usize> {
        self.file.entries.iter().position(|entry| entry.id == id)
    }

    /// Takes the first text that holds these keys and nothing else.
    fn accept(
        &mut self,
        candidates: &[String],
        entries: &[KeyEntry],
        at: usize,
    ) -> Result<(), EditError> {
        for text in candidates {
            let Ok(file) = KeyFile::parse(self.file.name(), text) else {
                continue;
            };
            if file.entries == entries && file.policy == self.file.policy {
                *self = Self {
                    text: text.clone(),
                    file,
                };
                return Ok(());
            }
        }
        let above = self.text.get(..at).unwrap_or_default();
        Err(EditError::ByHand(1 + above.matches('\n').count()))
    }
}

/// The parts of a text that is a key file.
struct Parts<'t> {
    text: &'t str,
    line_break: &'static str,
    /// The name `keys`.
    keys: Range<usize>,
    /// The offset of the list.
    list: usize,
    items: Vec<Node>,
}

impl<'t> Parts<'t> {
    fn new(text: &'t str, keys: Range<usize>) -> Self {
        Self {
            text,
            line_break: if text.contains("\r\n") { "\r\n" } else { "\n" },
            list: keys.end,
            keys,
            items: Vec::new(),
        }
    }

    fn of(text: &'t str) -> Result<Self, EditError> {
        let by_hand = EditError::ByHand(1);
        let root = yaml::read_within(text, &LIMITS).map_err(|_| by_hand.clone())?;
        let Value::Map(fields) = root.value else {
            return Err(by_hand);
        };
        let is_keys = |key: &Node| matches!(&key.value, Value::Text(name) if name == "keys");
        let mut fields = fields.into_iter();
        match fields.find(|(key, _)| is_keys(key)) {
            Some((
                key,
                Node {
                    at,
                    value: Value::List(items),
                },
            )) => Ok(Self {
                list: at.start,
                items,
                ..Self::new(text, key.at)
            }),
            _ => Err(by_hand),
        }
    }

    fn item(&self, index: usize) -> Result<&Node, EditError> {
        self.items.get(index).ok_or(EditError::ByHand(1))
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The offset after the line break of a line.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// The offset of the `-` of an item, if nothing but spaces is before it and after it.
    fn dash(&self, item: &Node) -> Option<usize> {
        let before = self.text[..item.at.start].trim_end();
        let dash = before.strip_suffix('-')?.len();
        let indent = &self.text[self.line_start(dash)..dash];
        indent.bytes().all(|byte| byte == b' ').then_some(dash)
    }

    /// `[]` in place of the list.
    fn empty_brackets(&self) -> Option<Range<usize>> {
        let inner = self.text[self.list..].strip_prefix('[')?;
        let rest = inner.trim_start().strip_prefix(']')?;
        Some(self.list..self.text.len() - rest.len())
    }

    /// The text with more lines after the one that a place is in.
    fn insert_line(&self, at: usize, lines: &str) -> String {
        let at = self.line_end(at);
        let before = &self.text[..at];
        let missing = if before.ends_with('\n') {
            ""
        } else {
            self.line_break
        };
        let lines = lines.replace('\n', self.line_break);
        [before, missing, &lines, &self.text[at..]].concat()
    }

    /// The lines of a field of an item, if no other field is in them.
    fn field_lines(&self, item: &Node, name: &str) -> Option<Range<usize>> {
        let (key, value) = field(item, name)?;
        let start = self.line_start(key.at.start);
        let indent = &self.text[start..key.at.start];
        let own = indent.bytes().all(|byte| byte == b' ');
        own.then(|| start..self.line_end(end(value)))
    }

    /// The text with another hash and another previous key of an item.
    fn with_hash(
        &self,
        item: &Node,
        hash: StoredHash,
        previous: Option<PreviousKey>,
    ) -> Option<String> {
        let (key, value) = field(item, "sha256").or_else(|| field(item, "hmac_sha256"))?;
        let mut changes = vec![
            (key.at.clone(), hash.field().to_owned()),
            (value.at.clone(), digits(&hash)),
        ];
        if field(item, "previous").is_some() {
            changes.push((self.field_lines(item, "previous")?, String::new()));
        }
        if let Some(previous) = previous {
            let inline = inline(&previous);
            if self.text[item.at.start..].starts_with('{') {
                changes.push((value.at.end..value.at.end, format!(", previous: {inline}")));
            } else {
                let column = key.at.start - self.line_start(key.at.start);
                let at = self.line_end(value.at.end);
                let missing = if self.text[..at].ends_with('\n') {
                    ""
                } else {
                    self.line_break
                };
                let indent = " ".repeat(column);
                let line = format!("{missing}{indent}previous: {inline}{}", self.line_break);
                changes.push((at..at, line));
            }
        }
        // From the end, so that the places before a change stay right.
        changes.sort_by_key(|(at, _)| (at.start, at.end));
        let mut text = self.text.to_owned();
        for (at, new) in changes.into_iter().rev() {
            text.replace_range(at, &new);
        }
        Some(text)
    }
}

fn field<'n>(item: &'n Node, name: &str) -> Option<(&'n Node, &'n Node)> {
    let Value::Map(fields) = &item.value else {
        return None;
    };
    let found = fields
        .iter()
        .find(|(key, _)| matches!(&key.value, Value::Text(text) if text == name));
    found.map(|(key, value)| (key, value))
}

/// The end of the last value in a value.
fn end(node: &Node) -> usize {
    let inner = match &node.value {
        Value::List(items) => items.iter().map(end).max(),
        Value::Map(fields) => fields
            .iter()
            .map(|(key, value)| end(key).max(end(value)))
            .max(),
        _ => None,
    };
    inner.unwrap_or(node.at.end).max(node.at.end)
}

/// An entry in lines, its `-` in a column.
fn block(entry: &KeyEntry, column: usize) -> String {
    let KeyEntry {
        id,
        hash,
        scopes,
        expires,
        previous,
        note,
    } = entry;
    let scopes: Vec<String> = scopes.iter().map(|scope| quoted(scope)).collect();
    let mut fields = vec![
        format!("id: {}", scalar(id)),
        format!("{}: {}", hash.field(), digits(hash)),
        format!("scopes: [{}]", scopes.join(", ")),
    ];
    fields.extend(expires.map(|expires| format!("expires: {}", moment_text(expires))));
    fields.extend(
        note.as_deref()
            .map(|note| format!("note: {}", scalar(note))),
    );
    fields.extend(previous.map(|previous| format!("previous: {}", inline(&previous))));
    let indent = " ".repeat(column);
    format!("{indent}- {}\n", fields.join(&format!("\n{indent}  ")))
}

fn inline(previous: &PreviousKey) -> String {
    let PreviousKey { hash, expires } = previous;
    format!(
        "{{ {}: {}, expires: {} }}",
        hash.field(),
        digits(hash),
        quoted(&moment_text(*expires))
    )
}

/// The digits of a hash. Without a letter, or with `e` as the only one, YAML would read a number.
fn digits(hash: &StoredHash) -> String {
    let digits = HEXLOWER.encode(hash.hash().as_bytes());
    if digits
        .bytes()
        .any(|byte| matches!(byte, b'a'..=b'd' | b'f'))
    {
        digits
    } else {
        quoted(&digits)
    }
}

/// A text, in quotes where YAML might read something else.
fn scalar(text: &str) -> String {
    const OTHER: [&str; 10] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan",
    ];
    let lower = text.to_ascii_lowercase();
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !OTHER.contains(&lower.as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes, as JSON has them and YAML reads them.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchKey => f.write_str("no key has this id"),
            Self::IdTaken => f.write_str("a key has this id already"),
            Self::NoPrevious => f.write_str("this key replaces no other"),
            Self::Entry(error) => error.fmt(f),
            Self::ByHand(line) => write!(
                f,
                "the text around line {line} cannot be changed without risk, and is as it was"
            ),
        }
    }
}

impl std::error::Error for EditError {}
