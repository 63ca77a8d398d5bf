//! Changes of key files: only the lines that must, and nothing where that is not certain.

use routescope_guard::KeyHash;
use routescope_guard::keys::{EditError, KeyEntry, KeyFileText, PreviousKey, StoredHash};

fn hash(byte: u8) -> StoredHash {
    StoredHash::Sha256(KeyHash::from_bytes([byte; 32]))
}

/// The files hold keys whose hashes are one byte repeated.
fn digits(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

fn text(template: &str) -> String {
    let mut text = template.to_owned();
    for byte in 0xa1..=0xaf {
        text = text.replace(&format!("#{byte:02x}#"), &digits(byte));
    }
    text
}

const FILE: &str = "\
# The keys of the front office.
version: 1
keys:

  # Reception
  - id: front-desk   # until the move
    sha256: #a1#  # made in May
    scopes: [\"colleagues:read\"]

  - id: \"back office\"
    note: |
      two
      lines
    hmac_sha256: #a2#
    scopes:
      - colleagues:read
      - phonebooks:*
    previous:
      sha256: #a3#
      expires: 2026-12-08T00:00:00Z
# The end.
";

type Change = fn(&mut KeyFileText) -> Result<(), EditError>;

/// Texts of a file, each with the one that a change puts in its place; none if it is refused.
type Replaced = &'static [(&'static str, &'static str)];

/// Each with its name, the file before, and the change.
const CHANGES: &[(&str, &str, Change, Replaced)] = &[
    (
        "add after a block",
        FILE,
        |file| {
            let mut entry = KeyEntry::new("new: one", hash(0xa4), ["a:read", "b:*"]);
            entry.expires = Some(1_814_313_600);
            entry.note = Some("on \"trial\"".to_owned());
            file.add(&entry)
        },
        &[(
            "# The end.\n",
            "  - id: \"new: one\"\n    sha256: #a4#\n    scopes: [\"a:read\", \"b:*\"]\n    expires: 2027-06-30T00:00:00Z\n    note: \"on \\\"trial\\\"\"\n# The end.\n",
        )],
    ),
    (
        "add to an empty list with a comment",
        "version: 1\nkeys: [ ] # none yet\n# end",
        |file| file.add(&KeyEntry::new("a", hash(0xa1), [""; 0])),
        &[(
            "keys: [ ] # none yet\n",
            "keys: # none yet\n  - id: a\n    sha256: #a1#\n    scopes: []\n",
        )],
    ),
    (
        "add where the last line has no break",
        "version: 1\nkeys:\n- id: a\n  sha256: #a1#\n  scopes: []",
        |file| file.add(&KeyEntry::new("b", hash(0xa2), [""; 0])),
        &[(
            "  scopes: []",
            "  scopes: []\n- id: b\n  sha256: #a2#\n  scopes: []\n",
        )],
    ),
    (
        "add with line breaks of Windows",
        "version: 1\r\nkeys:\r\n- id: a\r\n  sha256: #a1#\r\n  scopes: []\r\n",
        |file| file.add(&KeyEntry::new("b", hash(0xa2), [""; 0])),
        &[(
            "scopes: []\r\n",
            "scopes: []\r\n- id: b\r\n  sha256: #a2#\r\n  scopes: []\r\n",
        )],
    ),
    (
        "add before other fields",
        "keys:\n- id: a\n  sha256: #a1#\n  scopes: [\n  ]\nversion: 1\n",
        |file| file.add(&KeyEntry::new("b", hash(0xa2), [""; 0])),
        &[],
    ),
    (
        "remove the first",
        FILE,
        |file| file.remove("front-desk"),
        &[(
            "  - id: front-desk   # until the move\n    sha256: #a1#  # made in May\n    scopes: [\"colleagues:read\"]\n",
            "",
        )],
    ),
    (
        "remove the last",
        FILE,
        |file| file.remove("back office"),
        &[(
            "  - id: \"back office\"\n    note: |\n      two\n      lines\n    hmac_sha256: #a2#\n    scopes:\n      - colleagues:read\n      - phonebooks:*\n    previous:\n      sha256: #a3#\n      expires: 2026-12-08T00:00:00Z\n",
            "",
        )],
    ),
    (
        "remove the only one",
        "version: 1\nkeys: # all\n  -\n    id: a\n    scopes: []\n    sha256: #a1#\n# end\n",
        |file| file.remove("a"),
        &[(
            "keys: # all\n  -\n    id: a\n    scopes: []\n    sha256: #a1#\n",
            "keys: [] # all\n",
        )],
    ),
    (
        "replace a hash",
        FILE,
        |file| {
            let previous = PreviousKey {
                hash: hash(0xa1),
                expires: 1_814_313_600,
            };
            file.replace_hash("front-desk", hash(0xa4), Some(previous))
        },
        &[(
            "sha256: #a1#  # made in May\n",
            "sha256: #a4#  # made in May\n    previous: { sha256: #a1#, expires: \"2027-06-30T00:00:00Z\" }\n",
        )],
    ),
    (
        "replace a hash and a previous key by a keyed one",
        FILE,
        |file| {
            let StoredHash::Sha256(keyed) = hash(0xa4) else {
                panic!()
            };
            let previous = PreviousKey {
                hash: hash(0xa5),
                expires: 0,
            };
            file.replace_hash("back office", StoredHash::HmacSha256(keyed), Some(previous))
        },
        &[
            (
                "hmac_sha256: #a2#\n",
                "hmac_sha256: #a4#\n    previous: { sha256: #a5#, expires: \"1970-01-01T00:00:00Z\" }\n",
            ),
            (
                "    previous:\n      sha256: #a3#\n      expires: 2026-12-08T00:00:00Z\n",
                "",
            ),
        ],
    ),
    (
        "replace a hash in one line",
        "version: 1\nkeys:\n  - { id: a, hmac_sha256: #a1#, scopes: [] } # one\n",
        |file| {
            let previous = PreviousKey {
                hash: hash(0xa1),
                expires: 0,
            };
            file.replace_hash("a", hash(0xa2), Some(previous))
        },
        &[(
            "hmac_sha256: #a1#",
            "sha256: #a2#, previous: { sha256: #a1#, expires: \"1970-01-01T00:00:00Z\" }",
        )],
    ),
    (
        "remove a previous key",
        FILE,
        |file| file.remove_previous("back office"),
        &[(
            "    previous:\n      sha256: #a3#\n      expires: 2026-12-08T00:00:00Z\n",
            "",
        )],
    ),
];

#[test]
fn changes() {
    for (name, before, change, replaced) in CHANGES {
        let mut expected = text(before);
        for (old, new) in *replaced {
            assert_eq!(expected.matches(&text(old)).count(), 1, "{name}: {old}");
            expected = expected.replacen(&text(old), &text(new), 1);
        }
        let mut file = KeyFileText::parse("keys.yaml", &text(before)).unwrap();
        let changed = change(&mut file);
        match replaced.is_empty() {
            false => assert_eq!(changed, Ok(()), "{name}"),
            true => assert!(matches!(changed, Err(EditError::ByHand(_))), "{name}"),
        }
        assert_eq!(file.as_str(), expected, "{name}");
    }
}

/// Nothing changes where a change is refused.
#[test]
fn refused() {
    let json = r##"{"version": 1, "keys": [{"id": "a", "sha256": "#a1#", "scopes": []}]}"##;
    let changes: [(&str, &str, Change, EditError); 8] = [
        (
            "JSON",
            json,
            |file| file.add(&KeyEntry::new("b", hash(0xa2), [""; 0])),
            EditError::ByHand(1),
        ),
        (
            "JSON without it",
            json,
            |file| file.remove("a"),
            EditError::ByHand(1),
        ),
        (
            "a known id",
            FILE,
            |file| file.add(&KeyEntry::new("front-desk", hash(0xa9), [""; 0])),
            EditError::IdTaken,
        ),
        (
            "a known hash",
            FILE,
            |file| file.add(&KeyEntry::new("b", hash(0xa3), [""; 0])),
            EditError::ByHand(6),
        ),
        (
            "an unknown id",
            FILE,
            |file| file.remove("back"),
            EditError::NoSuchKey,
        ),
        (
            "an unknown id to replace",
            FILE,
            |file| file.replace_hash("b", hash(0xa9), None),
            EditError::NoSuchKey,
        ),
        (
            "a hash of another key",
            FILE,
            |file| file.replace_hash("front-desk", hash(0xa2), None),
            EditError::ByHand(6),
        ),
        (
            "no previous key",
            FILE,
            |file| file.remove_previous("front-desk"),
            EditError::NoPrevious,
        ),
    ];
    for (name, before, change, error) in changes {
        let before = text(before);
        let mut file = KeyFileText::parse("keys.yaml", &before).unwrap();
        assert_eq!(change(&mut file), Err(error), "{name}");
        assert_eq!(file.as_str(), before, "{name}");
    }
    let mut file = KeyFileText::empty("keys.yaml", "pbx").unwrap();
    for (id, said) in [
        ("", "an empty text"),
        (" a", "a space"),
        ("a\nb", "invisible"),
    ] {
        let error = file
            .add(&KeyEntry::new(
                id,
                StoredHash::Sha256(KeyHash::sha256(b"a")),
                ["a:read"],
            ))
            .unwrap_err();
        assert!(error.to_string().contains(said), "{id}: {error}");
    }
}

/// Ids and notes that YAML would read as something else.
#[test]
fn every_text_comes_back() {
    let mut file = KeyFileText::empty("keys.yaml", "my: policy").unwrap();
    assert_eq!(file.file().policy.as_deref(), Some("my: policy"));
    let ids = [
        "a",
        "true",
        "No",
        "7",
        "1e3",
        "~",
        "null",
        "- a",
        "a: b",
        "a #b",
        "*a",
        "&a",
        "!a",
        "'a'",
        "\"a\"",
        "a\\b",
        "{a}",
        "[a]",
        "%a",
        "@a",
        "`a`",
        "|",
        ">",
        "?",
        "日本 Köln",
        ".inf",
        "0x1f",
        "2027-06-30",
        "=",
        "<<",
        "---",
        "...",
    ];
    for (number, id) in (1..).zip(ids) {
        let hash = StoredHash::Sha256(KeyHash::sha256(&[number, 0]));
        let mut entry = KeyEntry::new(id, hash, [id.replace(' ', ":")]);
        entry.note = Some(format!("{id}\nof {id}"));
        file.add(&entry)
            .unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(file.file().entries.last(), Some(&entry));
    }
    for id in ids {
        file.remove(id)
            .unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    assert_eq!(
        file.as_str(),
        KeyFileText::empty("keys.yaml", "my: policy")
            .unwrap()
            .as_str()
    );
}
