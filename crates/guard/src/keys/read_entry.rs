//! Reads the entries of a key file.

use std::collections::HashMap;
use std::ops::Range;

use data_encoding::HEXLOWER;
use routescope_source::report::{Problem, printable};
use routescope_source::yaml::{Node, Value};

use super::entry::{KeyEntry, PreviousKey, StoredHash};
use super::fields::{Fields, describe, text};
use super::generate::DEFAULT_FORMAT;
use super::hash::KeyHash;
use super::moment::moment;

/// Longest id in bytes: it becomes a header.
const LONGEST_ID: usize = 128;
/// Longest name of a scope in bytes.
const LONGEST_SCOPE: usize = 255;
/// Longest note in bytes.
const LONGEST_NOTE: usize = 1024;
/// As many letters and digits without a break are no word and no name; keys are.
const FORM_OF_A_KEY: usize = 40;

/// The advice where a key is shown.
pub(super) const EXPOSED: &str =
    "if it is a key, it is no longer secret: give its owner a new one, and remove it from here";

const HASH: &str = "64 lower-case hexadecimal digits are expected";
const TIME: &str = "a time like 2027-06-30T00:00:00Z is expected";

/// Hashes that no key has: of the empty text, and of a line break.
const OF_NOTHING: [&str; 2] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
];

/// The entries of a file that were read so far.
#[derive(Default)]
pub(super) struct Entries<'n> {
    pub(super) list: Vec<KeyEntry>,
    /// The places of the entries, in the same order.
    pub(super) places: Vec<Place>,
    ids: HashMap<&'n str, Range<usize>>,
    hashes: HashMap<KeyHash, Range<usize>>,
    /// Every text that logs, lists or back ends show.
    shown: Vec<&'n Node>,
}

/// The offsets of an entry and of its scopes.
pub(super) struct Place {
    pub(super) entry: usize,
    pub(super) scopes: Vec<usize>,
}

impl<'n> Entries<'n> {
    /// Reads one entry, or reports why it is none.
    pub(super) fn read(&mut self, node: &'n Node, problems: &mut Vec<Problem>) {
        const KNOWN: [&str; 7] = [
            "id",
            "sha256",
            "hmac_sha256",
            "scopes",
            "expires",
            "note",
            "previous",
        ];
        let Value::Map(fields) = &node.value else {
            problems.push(
                Problem::error(
                    node.at.clone(),
                    format!(
                        "a key with its fields is expected, and here is {}",
                        describe(&node.value)
                    ),
                )
                .help("write `- id: NAME`, and below it `sha256:` and `scopes:`"),
            );
            return;
        };
        let fields = Fields::new(fields, &KNOWN, problems);
        let id = fields.required("id", node, problems);
        let id = id.and_then(|id| self.id(id, problems));
        let hash = self.hash(&fields, node, problems);
        let scopes = fields.required("scopes", node, problems);
        let scopes = scopes.and_then(|scopes| self.scopes(scopes, problems));
        let note = fields.get("note").map(|note| self.note(note, problems));
        let expires = fields.get("expires").map(|node| time(node, problems));
        let previous = fields
            .get("previous")
            .map(|node| self.previous(node, problems));
        if let (Some(Some(expires)), Some(Some(previous))) = (expires, previous)
            && previous.expires > expires
        {
            let at = fields.get("previous").map_or(0..0, |node| node.at.clone());
            problems.push(
                Problem::error(
                    at,
                    "the previous key is valid for longer than the one that replaces it",
                )
                .help("let it expire before, or with it"),
            );
        }
        let (Some(id), Some(hash), Some((scopes, places))) = (id, hash, scopes) else {
            return;
        };
        self.list.push(KeyEntry {
            id,
            hash,
            scopes,
            expires: expires.flatten(),
            previous: previous.flatten(),
            note: note.flatten(),
        });
        self.places.push(Place {
            entry: node.at.start,
            scopes: places,
        });
    }

    fn id(&mut self, node: &'n Node, problems: &mut Vec<Problem>) -> Option<String> {
        let id = text(node, "an id", problems)?;
        let wrong = if id.len() > LONGEST_ID {
            Some((
                format!("an id of more than {LONGEST_ID} bytes"),
                "shorten it",
            ))
        } else if is_invisible(id) {
            Some((
                "an id with a control or invisible character".to_owned(),
                "write it with visible characters",
            ))
        } else if id.trim() != id {
            Some((
                "an id with a space at its beginning or end".to_owned(),
                "remove the space",
            ))
        } else {
            None
        };
        if let Some((message, help)) = wrong {
            problems.push(Problem::error(node.at.clone(), message).help(help));
            return None;
        }
        self.shown.push(node);
        if let Some(first) = self.ids.get(id) {
            problems.push(
                Problem::error(node.at.clone(), "this id is not unique")
                    .with_label(first.clone(), "first in")
                    .help("give each key its own id; to replace a key, use `previous:`"),
            );
            return None;
        }
        self.ids.insert(id, node.at.clone());
        Some(id.to_owned())
    }

    /// The hash of an entry, or of the key that it replaces.
    fn hash(
        &mut self,
        fields: &Fields<'n>,
        of: &Node,
        problems: &mut Vec<Problem>,
    ) -> Option<StoredHash> {
        let (node, keyed) = match (fields.get("sha256"), fields.get("hmac_sha256")) {
            (Some(node), None) => (node, false),
            (None, Some(node)) => (node, true),
            (None, None) => {
                problems.push(
                    Problem::error(of.at.clone(), "`sha256` is missing").help(
                        "`routescope key new` makes a key and writes its hash; with a secret, the field is `hmac_sha256`",
                    ),
                );
                return None;
            }
            (Some(_), Some(second)) => {
                problems.push(
                    Problem::error(second.at.clone(), "two hashes, where a key has one")
                        .help("keep `sha256` or `hmac_sha256`"),
                );
                return None;
            }
        };
        let hash = digits(node, keyed, problems)?;
        if let Some(first) = self.hashes.get(&hash) {
            problems.push(
                Problem::error(node.at.clone(), "another key has this hash")
                    .with_label(first.clone(), "first in")
                    .help("one key has one owner: remove one of the two, or make a new key"),
            );
            return None;
        }
        self.hashes.insert(hash, node.at.clone());
        Some(if keyed {
            StoredHash::HmacSha256(hash)
        } else {
            StoredHash::Sha256(hash)
        })
    }

    fn previous(&mut self, node: &'n Node, problems: &mut Vec<Problem>) -> Option<PreviousKey> {
        let Value::Map(fields) = &node.value else {
            problems.push(
                Problem::error(
                    node.at.clone(),
                    format!(
                        "the previous key is expected, and here is {}",
                        describe(&node.value)
                    ),
                )
                .help("write `previous: { sha256: ..., expires: ... }`, or remove the line"),
            );
            return None;
        };
        let fields = Fields::new(fields, &["sha256", "hmac_sha256", "expires"], problems);
        let hash = self.hash(&fields, node, problems);
        let expires = fields.required("expires", node, problems);
        let expires = expires.and_then(|node| time(node, problems));
        Some(PreviousKey {
            hash: hash?,
            expires: expires?,
        })
    }

    fn scopes(
        &mut self,
        node: &'n Node,
        problems: &mut Vec<Problem>,
    ) -> Option<(Vec<String>, Vec<usize>)> {
        let Value::List(items) = &node.value else {
            problems.push(
                Problem::error(
                    node.at.clone(),
                    format!(
                        "a list of scopes is expected, and here is {}",
                        describe(&node.value)
                    ),
                )
                .help("write `scopes: [\"orders:read\"]`; `scopes: []` is a key without scopes"),
            );
            return None;
        };
        let before = problems.len();
        let mut scopes: Vec<String> = Vec::with_capacity(items.len());
        let mut seen: HashMap<&str, &Node> = HashMap::new();
        for item in items {
            let Some(scope) = text(item, "the name of a scope", problems) else {
                continue;
            };
            if scope.len() > LONGEST_SCOPE || scope.contains(' ') || is_invisible(scope) {
                problems.push(
                    Problem::error(
                        item.at.clone(),
                        "a scope with a space, or one that is too long",
                    )
                    .help("write each scope as an item of the list, without spaces"),
                );
                continue;
            }
            if seen.insert(scope, item).is_some() {
                problems.push(
                    Problem::error(item.at.clone(), "this scope is in the list twice")
                        .help("remove one of the two"),
                );
                continue;
            }
            self.shown.push(item);
            scopes.push(scope.to_owned());
        }
        let places = items.iter().map(|item| item.at.start).collect();
        (problems.len() == before).then_some((scopes, places))
    }

    fn note(&mut self, node: &'n Node, problems: &mut Vec<Problem>) -> Option<String> {
        let note = text(node, "a note", problems)?;
        self.shown.push(node);
        if note.len() > LONGEST_NOTE {
            problems.push(
                Problem::error(
                    node.at.clone(),
                    format!("a note of more than {LONGEST_NOTE} bytes"),
                )
                .help("shorten it, or write a comment"),
            );
        }
        Some(note.to_owned())
    }

    /// Reports texts that show a key: one of the file, or anything of that form.
    pub(super) fn check_texts(&self, problems: &mut Vec<Problem>) {
        for node in &self.shown {
            let Value::Text(text) = &node.value else {
                continue;
            };
            let message = if has_form_of_a_key(text) {
                "this has the form of a key"
            } else if self.is_key(text) {
                "this is a key of the file"
            } else {
                continue;
            };
            problems.push(Problem::error(node.at.clone(), message).help(EXPOSED));
        }
    }

    /// Whether a word of a text is a key whose hash is in the file. Keys of 128 random bits are no
    /// shorter than 20 characters.
    fn is_key(&self, text: &str) -> bool {
        text.split_whitespace()
            .filter(|word| word.len() >= 20)
            .any(|word| self.hashes.contains_key(&KeyHash::sha256(word.as_bytes())))
    }
}

/// Whether a text has something that nobody calls a person, a scope or a thing.
fn has_form_of_a_key(text: &str) -> bool {
    let mut runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = text.split_whitespace();
    runs.any(|run| run.len() >= FORM_OF_A_KEY)
        || words.any(|word| DEFAULT_FORMAT.matches(word.as_bytes()))
}

/// Whether a text has characters that a person who reads a log does not see, or takes for another
/// line.
fn is_invisible(text: &str) -> bool {
    printable(text) != text
}

fn digits(node: &Node, keyed: bool, problems: &mut Vec<Problem>) -> Option<KeyHash> {
    let mut refused = |message: String, help: &str| {
        problems.push(Problem::error(node.at.clone(), message).help(help));
        None
    };
    let digits = match &node.value {
        Value::Text(digits) if !digits.is_empty() => digits.as_str(),
        Value::Integer(_) | Value::Float(_) => {
            return refused(
                format!("{HASH}, and YAML reads these as a number"),
                "put them into quotes",
            );
        }
        other => {
            return refused(
                format!("{HASH}, and here is {}", describe(other)),
                "`routescope key new` makes a key and writes its hash",
            );
        }
    };
    let length = digits.chars().count();
    if length != 64 {
        let s = if length == 1 { "" } else { "s" };
        return refused(
            format!("{HASH}, and here are {length} character{s}")
                .replace("here are 1 ", "here is 1 "),
            "write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        );
    }
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && digits.bytes().any(|byte| byte.is_ascii_uppercase())
    {
        return refused(
            format!("{HASH}, and some of these are upper-case"),
            "write `a` to `f` in lower case, so that a hash has one spelling",
        );
    }
    let mut hash = [0; 32];
    // As many bytes as characters, or the decoder would panic.
    if !digits.is_ascii() || HEXLOWER.decode_mut(digits.as_bytes(), &mut hash).is_err() {
        return refused(
            format!("{HASH}, and some of these characters are no digits"),
            "write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        );
    }
    if digits
        .bytes()
        .all(|byte| digits.starts_with(char::from(byte)))
    {
        return refused(
            "this hash is a stand-in".to_owned(),
            "`routescope key new` makes a key and writes its hash",
        );
    }
    if !keyed && OF_NOTHING.contains(&digits) {
        return refused(
            "this is the hash of an empty text, which is no key".to_owned(),
            "`routescope key new` makes a key and writes its hash",
        );
    }
    Some(KeyHash::from_bytes(hash))
}

fn time(node: &Node, problems: &mut Vec<Problem>) -> Option<u64> {
    let message = match &node.value {
        Value::Text(text) => match moment(text) {
            Some(seconds) => return Some(seconds),
            None => TIME.to_owned(),
        },
        other => format!("{TIME}, and here is {}", describe(other)),
    };
    problems.push(
        Problem::error(node.at.clone(), message)
            .help("write date and time in UTC, with a `T` between them and a `Z` at the end"),
    );
    None
}
