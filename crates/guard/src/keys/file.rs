//! A key file: read whole, checked whole, and told with its places.

use std::path::Path;
use std::str;

use routescope::Policy;
use routescope_source::report::Problem;
use routescope_source::yaml::{self, Limits, Node, Value};

use super::entry::KeyEntry;
use super::fields::{Fields, describe};
use super::problem::{KeyFileError, KeyFileProblem};
use super::read_entry::Entries;
use crate::trusted_file::{self, Owner};

/// The largest key file: some 400,000 of them.
const LARGEST: u64 = 64 << 20;

/// A list of mappings, one of whose fields is a mapping: four levels, and room to spare. No
/// aliases: a key that is revoked in one place must not live on in another.
pub(super) const LIMITS: Limits = Limits {
    depth: 8,
    values: 8_000_000,
    aliases: 0,
    replayed: 0,
    file: "key file",
    quotes: false,
};

/// The keys of a gateway, as a `keys.yaml` has them.
///
/// ```
/// use routescope_guard::KeyFile;
///
/// let file = KeyFile::parse("keys.yaml", r#"
/// version: 1
/// policy: pbx                     # optional: the name of the policy that the scopes are of
/// keys:
///   - id: front-desk              # logs and back ends see it
///     sha256: 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358
///     scopes: ["colleagues:read", "phonebooks:*"]
///     expires: 2027-06-30T00:00:00Z                 # optional
///     note: the receptionist's softphone            # optional
///     previous:                   # optional: the key that this one replaces, valid until then
///       sha256: 2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90
///       expires: 2026-12-08T00:00:00Z
/// "#)?;
/// assert_eq!(file.entries[0].id, "front-desk");
///
/// let error = KeyFile::parse("keys.yaml", "version: 1\nkeys:\n  - id: a\n").unwrap_err();
/// assert!(error.to_string().starts_with("keys.yaml:3:5: "));
/// # Ok::<(), routescope_guard::KeyFileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// The name of the policy that the scopes are of, if the file states it.
    pub policy: Option<String>,
    /// The keys, in the order of the file.
    pub entries: Vec<KeyEntry>,
    name: String,
    policy_position: (usize, usize),
    positions: Vec<EntryPosition>,
    warnings: Vec<(KeyFileProblem, String)>,
}

/// Where an entry is: lines and columns, counted from 1.
#[derive(Clone, Debug)]
pub(super) struct EntryPosition {
    pub(super) entry: (u32, u32),
    pub(super) scopes: Vec<(u32, u32)>,
}

impl KeyFile {
    /// Keys that come from no file.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = KeyEntry>) -> Self {
        Self {
            policy: None,
            entries: entries.into_iter().collect(),
            name: "the keys".to_owned(),
            policy_position: (1, 1),
            positions: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Reads the text of a file; `name` names it in messages.
    ///
    /// # Errors
    ///
    /// One [`KeyFileError`] of all that is found, none of which quotes the text:
    ///
    /// - text that is not YAML, has an alias, or is larger than 64 MiB;
    /// - fields that are unknown, missing or repeated, and values of another type;
    /// - a version other than 1;
    /// - an id that is empty, longer than 128 bytes, not printable, begins or ends with a space,
    ///   or is not unique;
    /// - a hash that is not 64 lower-case hexadecimal digits, that another key has, or that is
    ///   the hash of nothing;
    /// - scopes that are empty, have white space or are repeated;
    /// - times that are not like `2027-06-30T00:00:00Z`, and a previous key without one or with
    ///   a later one than its successor;
    /// - an id, a scope or a note that is a key of the file, or has the form of one.
    ///
    /// Cost: linear in the text; 10,000 keys take some 0.3 s.
    pub fn parse(name: &str, text: &str) -> Result<Self, KeyFileError> {
        if text.len() as u64 > LARGEST {
            return Err(KeyFileError::of_file(
                name,
                format!("larger than {} MiB, the limit", LARGEST >> 20),
                "make it several files",
            ));
        }
        if text.starts_with('\u{feff}') {
            return Err(KeyFileError::at(
                name,
                (1, 1),
                "a byte order mark",
                "save the file as UTF-8 without one",
            ));
        }
        let of_text = |problems| KeyFileError::of_text(name, text, problems);
        let root = yaml::read_within(text, &LIMITS).map_err(|problem| of_text(vec![problem]))?;
        let mut problems = Vec::new();
        let parts = parts(&root, &mut problems);
        let (policy, entries) = match (parts, problems.is_empty()) {
            (Some(parts), true) => parts,
            _ => return Err(of_text(problems)),
        };
        let mut cursor = Cursor::new(text);
        let (policy, policy_position) = match policy {
            Some((name, at)) => (Some(name), wide(Cursor::new(text).position(at))),
            None => (None, (1, 1)),
        };
        let mut positions = Vec::with_capacity(entries.places.len());
        for place in &entries.places {
            let entry = cursor.position(place.entry);
            let scopes = place.scopes.iter().map(|&at| cursor.position(at));
            positions.push(EntryPosition {
                entry,
                scopes: scopes.collect(),
            });
        }
        Ok(Self {
            policy,
            entries: entries.list,
            name: name.to_owned(),
            policy_position,
            positions,
            warnings: Vec::new(),
        })
    }

    /// Reads a file, once, through one handle.
    ///
    /// It must be a regular one (links are followed: mounts of Kubernetes are links), belong to
    /// root or to the process's user, and be writable by nobody else; its folder must not be
    /// writable by everybody, unless it is sticky. That everybody may read it is a
    /// [warning](Self::warnings): it holds hashes of random keys. Elsewhere than on unix, owner
    /// and mode are not checked.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and
    ///
    /// - a file that cannot be read, is no regular file, or not UTF-8;
    /// - an owner or a mode that lets others write it.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        Ok(Self::read_with_text(path, Owner::RootOrOwn)?.0)
    }

    pub(super) fn read_with_text(
        path: &Path,
        owner: Owner,
    ) -> Result<(Self, String), KeyFileError> {
        let name = path.display().to_string();
        let content = trusted_file::read(path, LARGEST, owner)?;
        let text = str::from_utf8(&content.bytes).map_err(|error| {
            let good = &content.bytes[..error.valid_up_to()];
            let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
            KeyFileError::at(
                &name,
                (line, 1),
                "not UTF-8, from this line on",
                "save it as UTF-8",
            )
        })?;
        let mut file = Self::parse(&name, text)?;
        file.warnings.extend(content.public.map(|public| {
            let text = public.to_string();
            (public.into(), text)
        }));
        Ok((file, text.to_owned()))
    }

    /// Refuses a file that states another policy, and ids, scopes and notes that have the form of
    /// the policy's keys.
    ///
    /// # Errors
    ///
    /// - `policy:` names another policy: keys of one API must open nothing of another;
    /// - an entry shows a key where everybody sees it.
    pub fn check_policy(&self, policy: Policy<'_>) -> Result<(), KeyFileError> {
        if let Some(stated) = &self.policy
            && stated != policy.name()
        {
            return Err(KeyFileError::at(
                &self.name,
                self.policy_position,
                "these keys are for another policy than the one that decides",
                "give the policy its own key file, or correct `policy:`",
            ));
        }
        let Some(format) = policy.key_format() else {
            return Ok(());
        };
        let is_key = |text: &str| {
            text.split_whitespace()
                .any(|word| format.matches(word.as_bytes()))
        };
        for (number, entry) in self.entries.iter().enumerate() {
            let mut texts = entry.scopes.iter().chain(&entry.note).chain([&entry.id]);
            if texts.any(|text| is_key(text)) {
                return Err(KeyFileError::at(
                    &self.name,
                    self.position(number).unwrap_or((1, 1)),
                    "a text of this entry has the form of a key",
                    super::read_entry::EXPOSED,
                ));
            }
        }
        Ok(())
    }

    /// Things that are allowed and probably mistakes: everybody may read the file.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().map(|(_, text)| text.as_str())
    }

    /// The [warnings](Self::warnings) in their parts.
    pub fn problems(&self) -> impl Iterator<Item = &KeyFileProblem> {
        self.warnings.iter().map(|(problem, _)| problem)
    }

    /// Line and column of an entry, by its index.
    #[must_use]
    pub fn position(&self, entry: usize) -> Option<(usize, usize)> {
        Some(wide(self.positions.get(entry)?.entry))
    }

    /// Line and column of a scope of an entry, by their indices.
    #[must_use]
    pub fn scope_position(&self, entry: usize, scope: usize) -> Option<(usize, usize)> {
        Some(wide(*self.positions.get(entry)?.scopes.get(scope)?))
    }

    /// The name of the file, as messages have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The parts of a file; `None` if there is no such mapping.
fn parts<'n>(
    root: &'n Node,
    problems: &mut Vec<Problem>,
) -> Option<(Option<(String, usize)>, Entries<'n>)> {
    const HELP: &str = "a key file begins with `version: 1`, and its keys are a list below `keys:`";
    let Value::Map(fields) = &root.value else {
        let found = describe(&root.value);
        problems.push(
            Problem::error(
                root.at.clone(),
                format!("a mapping is expected, and here is {found}"),
            )
            .help(HELP),
        );
        return None;
    };
    let fields = Fields::new(fields, &["version", "policy", "keys"], problems);
    match fields.required("version", root, problems) {
        Some(Node {
            value: Value::Integer(1),
            ..
        })
        | None => {}
        Some(other) => problems.push(
            Problem::error(
                other.at.clone(),
                "a version that this program does not read",
            )
            .help("write `version: 1`, or use the program that the file is for"),
        ),
    }
    let policy = fields.get("policy").and_then(|node| {
        let name = super::fields::text(node, "the name of the policy", problems)?;
        Some((name.to_owned(), node.at.start))
    });
    let mut entries = Entries::default();
    match fields.required("keys", root, problems) {
        Some(Node { value: Value::List(items), .. }) => {
            for item in items {
                entries.read(item, problems);
            }
        }
        Some(other) => problems.push(
            Problem::error(
                other.at.clone(),
                format!("a list of keys is expected, and here is {}", describe(&other.value)),
            )
            .help("write each key below `keys:`, behind a `-`; where there is none yet, write `keys: []`"),
        ),
        None => {}
    }
    entries.check_texts(problems);
    Some((policy, entries))
}

fn wide((line, column): (u32, u32)) -> (usize, usize) {
    (line as usize, column as usize)
}

/// Lines and columns of ascending places, in one pass over the text.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            column: 1,
        }
    }

    fn position(&mut self, at: usize) -> (u32, u32) {
        for c in self.text.get(self.at..at).unwrap_or_default().chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at = self.at.max(at);
        (self.line, self.column)
    }
}
