//! Requests in JSON lines.

use std::borrow::Cow;
use std::collections::HashMap;

use routescope::{Policy, ScopeSet};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::wire::{cut, from_hex};

/// A request, lent from its line.
pub(super) struct Request<'r> {
    pub(super) method: Cow<'r, str>,
    pub(super) target: Cow<'r, [u8]>,
    /// The scopes of its key; `None` if it comes without one.
    pub(super) held: Option<&'r ScopeSet>,
}

/// Reads requests, and remembers what it prepared for the scopes it has seen: a
/// batch holds many requests of few keys.
pub(super) struct RequestReader<'p> {
    policy: Policy<'p>,
    /// The index in `sets` of the set for a list, by the list's text byte for byte.
    places: HashMap<Box<str>, usize>,
    sets: Vec<ScopeSet>,
    /// The set for a list that is too long to remember.
    long: ScopeSet,
}

/// At most this many sets are remembered, each with a text of at most
/// `LONGEST_TEXT` bytes, so that all of them take at most 5 MiB.
const MOST_SETS: usize = 1024;
const LONGEST_TEXT: usize = 4096;

/// The fields of a line. Unknown and repeated ones are errors: a request that is misread could
/// be answered with an allow that nobody asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'l> {
    #[serde(borrow)]
    method: Cow<'l, str>,
    #[serde(borrow, default)]
    target: Option<JsonText<'l>>,
    #[serde(borrow, default)]
    target_hex: Option<JsonText<'l>>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    scopes: Option<&'l RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    key: Option<&'l RawValue>,
}

/// A value that is there, `null` included. A program that writes `null` has lost what it meant to
/// send, and is told so.
fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Borrows where the text has no escapes, which `Option<Cow<str>>` never does.
#[derive(Deserialize)]
#[serde(transparent)]
struct JsonText<'l>(#[serde(borrow)] Cow<'l, str>);

impl<'p> RequestReader<'p> {
    pub(super) fn new(policy: Policy<'p>) -> Self {
        Self {
            policy,
            places: HashMap::new(),
            sets: Vec::new(),
            long: ScopeSet::EMPTY,
        }
    }

    /// Reads a line, or says why it is no request.
    pub(super) fn read<'r>(&'r mut self, line: &'r [u8]) -> Result<Request<'r>, String> {
        // A list of values in the right order would do for serde.
        match line.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => return Err("the line is empty".to_owned()),
            Some(b'{') => {}
            Some(_) => return Err("the line is no JSON object".to_owned()),
        }
        let Written {
            method,
            target,
            target_hex,
            scopes,
            key,
        } = serde_json::from_slice(line).map_err(|error| in_words(line, &error))?;
        let target = match (target, target_hex) {
            (Some(JsonText(Cow::Borrowed(text))), None) => Cow::Borrowed(text.as_bytes()),
            (Some(JsonText(Cow::Owned(text))), None) => Cow::Owned(text.into_bytes()),
            (None, Some(JsonText(digits))) => {
                let bytes = from_hex(digits.as_bytes())
                    .ok_or("`target_hex` holds something else than pairs of hex digits")?;
                Cow::Owned(bytes)
            }
            (Some(_), Some(_)) => {
                return Err("there are both `target` and `target_hex`; give one".to_owned());
            }
            (None, None) => return Err("there is no `target` and no `target_hex`".to_owned()),
        };
        let has_key = match key.map(RawValue::get) {
            None => true,
            Some(key) if serde_json::from_str::<String>(key).is_ok_and(|key| key == "none") => {
                false
            }
            Some(_) => {
                return Err("`key` can only be \"none\", for a request without a key".to_owned());
            }
        };
        let held = match scopes {
            Some(scopes) => Some(self.held(scopes.get())?),
            None if has_key => return Err("missing field `scopes`".to_owned()),
            None => None,
        };
        Ok(Request {
            method,
            target,
            held: held.filter(|_| has_key),
        })
    }

    /// The set for a list of scopes in JSON.
    fn held(&mut self, text: &str) -> Result<&ScopeSet, String> {
        if let Some(&place) = self.places.get(text) {
            return Ok(&self.sets[place]);
        }
        let names: Vec<JsonText<'_>> =
            serde_json::from_str(text).map_err(|_| "`scopes` is no list of texts".to_owned())?;
        let set = self
            .policy
            .scope_set(names.iter().map(|JsonText(name)| &**name));
        if text.len() > LONGEST_TEXT {
            self.long = set;
            return Ok(&self.long);
        }
        if self.sets.len() == MOST_SETS {
            self.sets.clear();
            self.places.clear();
        }
        let place = self.sets.len();
        self.places.insert(text.into(), place);
        self.sets.push(set);
        Ok(&self.sets[place])
    }
}

/// Says why serde does not accept a line.
fn in_words(line: &[u8], error: &serde_json::Error) -> String {
    if let Err(error) = std::str::from_utf8(line) {
        return format!(
            "byte {} is no UTF-8; a target that is not goes into `target_hex`",
            error.valid_up_to() + 1
        );
    }
    if error.is_eof() {
        return "the line ends before the request does".to_owned();
    }
    // "... at line 1 column 7", and the line is another one for the reader.
    let error = error.to_string();
    match error.rsplit_once(" at line 1 column ") {
        // An unknown field's name is as long as the line.
        Some((what, byte)) => format!("{} at byte {byte}", cut(what)),
        None => cut(&error),
    }
}
