//! Key files that must be refused, each with its error. Every test that loads keys can run
//! through them.

use std::fs;
use std::path::Path;

/// A file that is refused.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    content: Content,
    /// The error, after the name of the file.
    pub(crate) error: &'static str,
}

enum Content {
    Text(String),
    Bytes(Vec<u8>),
    /// Something that takes more than bytes to make.
    Made(fn(&Path)),
}

impl Case {
    /// Puts the file under a name that is free. Its folder is writable by its owner only.
    pub(crate) fn put(&self, path: &Path) {
        match &self.content {
            Content::Text(text) => write(path, text.as_bytes()),
            Content::Bytes(bytes) => write(path, bytes),
            Content::Made(make) => make(path),
        }
    }

    /// The text, if the file is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Bytes(_) | Content::Made(_) => None,
        }
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    mode(path, 0o600);
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

/// A file that is good.
pub(crate) const GOOD: &str = "\
version: 1
policy: pbx
keys:
  - id: front-desk
    sha256: 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358
    scopes: [\"colleagues:read\", \"phonebooks:*\"]
    expires: 2027-06-30T00:00:00Z
    note: the receptionist's softphone
    previous:
      sha256: 2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90
      expires: 2026-12-08T00:00:00Z
";

/// A key that somebody pastes. No error may show it.
pub(crate) const PASTED: &str = "wsk-v1-NqVwYS81VP7Hb1DX8pPd5khxE3pyIgKpaUnArl63XykWZeiNNCiia3anXn9k3ksu9mI4ROnl89Sm995ytbxAk7jqevt0M";
const PASTED_HEX: &str = "0123456789abcdef0123456789abcdef0123";

/// [`GOOD`] with one part replaced.
fn with(old: &str, new: &str) -> Content {
    assert_eq!(GOOD.matches(old).count(), 1, "{old}");
    Content::Text(GOOD.replacen(old, new, 1))
}

/// The hash of [`PASTED_HEX`].
const PASTED_HEX_HASH: &str = "fa8e5a7249b05e880cb299fd8c0ace1f42cd8552102b861c321b29cbb672295c";
const HASH: &str = "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358";
const PREVIOUS: &str = "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90";

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

fn bytes(bytes: &[u8]) -> Content {
    Content::Bytes(bytes.to_owned())
}

/// A link into a folder in which everybody may replace the file.
#[cfg(unix)]
fn in_open_folder(path: &Path) {
    let folder = path.with_extension("open");
    fs::create_dir(&folder).unwrap();
    write(&folder.join("keys.yaml"), GOOD.as_bytes());
    mode(&folder, 0o777);
    std::os::unix::fs::symlink(folder.join("keys.yaml"), path).unwrap();
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = of_text();
    cases.extend(of_files());
    #[cfg(unix)]
    cases.extend(of_unix());
    cases
}

fn of_text() -> Vec<Case> {
    vec![
        Case {
            name: "empty file",
            content: text(""),
            error: ":1:1: a mapping is expected, and here is nothing; a key file begins with `version: 1`, and its keys are a list below `keys:`",
        },
        Case {
            name: "only a comment",
            content: text("# none yet\n"),
            error: ":2:1: a mapping is expected, and here is nothing; a key file begins with `version: 1`, and its keys are a list below `keys:`",
        },
        Case {
            name: "a list",
            content: text("- id: a\n"),
            error: ":1:1: a mapping is expected, and here is a list; a key file begins with `version: 1`, and its keys are a list below `keys:`",
        },
        Case {
            name: "a text",
            content: text("version 1\n"),
            error: ":1:1: a mapping is expected, and here is a text; a key file begins with `version: 1`, and its keys are a list below `keys:`",
        },
        Case {
            name: "no version",
            content: with("version: 1\n", ""),
            error: ":1:1: `version` is missing; write `version: 1`",
        },
        Case {
            name: "another version",
            content: with("version: 1", "version: 2"),
            error: ":1:10: a version that this program does not read; write `version: 1`, or use the program that the file is for",
        },
        Case {
            name: "version as a text",
            content: with("version: 1", "version: \"1\""),
            error: ":1:10: a version that this program does not read; write `version: 1`, or use the program that the file is for",
        },
        Case {
            name: "version twice",
            content: with("version: 1\n", "version: 1\nversion: 1\n"),
            error: ":2:1: `version` a second time; keep one of them",
        },
        Case {
            name: "no keys",
            content: text("version: 1\n"),
            error: ":1:1: `keys` is missing; write each key below `keys:`, behind a `-`; where there is none yet, write `keys: []`",
        },
        Case {
            name: "keys without a value",
            content: text("version: 1\nkeys:\n"),
            error: ":2:5: a list of keys is expected, and here is nothing; write each key below `keys:`, behind a `-`; where there is none yet, write `keys: []`",
        },
        Case {
            name: "keys as a mapping",
            content: text("version: 1\nkeys:\n  front-desk: 1\n"),
            error: ":3:3: a list of keys is expected, and here is a mapping; write each key below `keys:`, behind a `-`; where there is none yet, write `keys: []`",
        },
        Case {
            name: "unknown field of the file",
            content: with("policy: pbx", "polizy: pbx"),
            error: ":2:1: an unknown field; did you mean `policy`?",
        },
        Case {
            name: "policy as a list",
            content: with("policy: pbx", "policy: [pbx]"),
            error: ":2:9: the name of the policy is expected, and here is a list; write it behind the colon, or remove the line",
        },
        Case {
            name: "policy without a value",
            content: with("policy: pbx", "policy:"),
            error: ":2:7: the name of the policy is expected, and here is nothing; write it behind the colon, or remove the line",
        },
        Case {
            name: "an entry that is a text",
            content: text(&format!("version: 1\nkeys:\n  - {PASTED}\n")),
            error: ":3:5: a key with its fields is expected, and here is a text; write `- id: NAME`, and below it `sha256:` and `scopes:`",
        },
        Case {
            name: "an entry that is empty",
            content: text("version: 1\nkeys:\n  -\n"),
            error: ":3:4: a key with its fields is expected, and here is nothing; write `- id: NAME`, and below it `sha256:` and `scopes:`",
        },
        Case {
            name: "unknown field of a key",
            content: with("    note:", "    nota:"),
            error: ":8:5: an unknown field; did you mean `note`?",
        },
        Case {
            name: "unknown field far from all",
            content: with("    note:", "    colour:"),
            error: ":8:5: an unknown field; there are id, sha256, hmac_sha256, scopes, expires, note, previous",
        },
        Case {
            name: "a key as the name of a field",
            content: with("    note:", &format!("    {PASTED}:")),
            error: ":8:5: an unknown field; there are id, sha256, hmac_sha256, scopes, expires, note, previous",
        },
        Case {
            name: "a field twice",
            content: with("    note:", "    expires: 2028-06-30T00:00:00Z\n    note:"),
            error: ":8:5: `expires` a second time; keep one of them",
        },
        Case {
            name: "no id",
            content: with("  - id: front-desk\n    sha256", "  - sha256"),
            error: ":4:5: `id` is missing; name the owner of the key: `id: front-desk`",
        },
        Case {
            name: "empty id",
            content: with("id: front-desk", "id: \"\""),
            error: ":4:9: an id is expected, and here is an empty text; write it behind the colon, or remove the line",
        },
        Case {
            name: "id without a value",
            content: with("id: front-desk", "id:"),
            error: ":4:7: an id is expected, and here is nothing; write it behind the colon, or remove the line",
        },
        Case {
            name: "id that is a number",
            content: with("id: front-desk", "id: 7"),
            error: ":4:9: an id is expected, and here is a number; put it into quotes",
        },
        Case {
            name: "id that is a truth value",
            content: with("id: front-desk", "id: true"),
            error: ":4:9: an id is expected, and here is a truth value; put it into quotes",
        },
        Case {
            name: "id that is a list",
            content: with("id: front-desk", &format!("id: [{PASTED}]")),
            error: ":4:9: an id is expected, and here is a list; write it behind the colon, or remove the line",
        },
        Case {
            name: "id that is too long",
            content: with("id: front-desk", &format!("id: {}", "a b".repeat(43))),
            error: ":4:9: an id of more than 128 bytes; shorten it",
        },
        Case {
            name: "id with a space at its end",
            content: with("id: front-desk", "id: \"front-desk \""),
            error: ":4:9: an id with a space at its beginning or end; remove the space",
        },
        Case {
            name: "id with a line break",
            content: with("id: front-desk", "id: \"front\\ndesk\""),
            error: ":4:9: an id with a control or invisible character; write it with visible characters",
        },
        Case {
            name: "id with an escape of terminals",
            content: with("id: front-desk", "id: \"\\e[31mfront-desk\""),
            error: ":4:9: an id with a control or invisible character; write it with visible characters",
        },
        Case {
            name: "id that reads backwards",
            content: with("id: front-desk", "id: \"front\\u202Edesk\""),
            error: ":4:9: an id with a control or invisible character; write it with visible characters",
        },
        Case {
            name: "id that has the form of a key",
            content: with("id: front-desk", &format!("id: {PASTED}")),
            error: ":4:9: this has the form of a key; if it is a key, it is no longer secret: give its owner a new one, and remove it from here",
        },
        Case {
            name: "id that is a key of the file",
            content: with(
                "id: front-desk\n    sha256: 4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358",
                &format!("id: {PASTED_HEX}\n    sha256: {PASTED_HEX_HASH}"),
            ),
            error: ":4:9: this is a key of the file; if it is a key, it is no longer secret: give its owner a new one, and remove it from here",
        },
        Case {
            name: "id of new keys' form",
            content: with(
                "id: front-desk",
                "id: rsk-0123456789-ABCDEFGHIJ_abcdefghij-0123456789",
            ),
            error: ":4:9: this has the form of a key; if it is a key, it is no longer secret: give its owner a new one, and remove it from here",
        },
        Case {
            name: "two keys of one id",
            content: with(
                "    previous:",
                &format!(
                    "  - id: front-desk\n    scopes: []\n    sha256: {}\n    previous:",
                    "ab".repeat(32)
                ),
            ),
            error: ":9:9: this id is not unique, first in line 4; give each key its own id; to replace a key, use `previous:`",
        },
        Case {
            name: "no hash",
            content: with(&format!("    sha256: {HASH}\n"), ""),
            error: ":4:5: `sha256` is missing; `routescope key new` makes a key and writes its hash; with a secret, the field is `hmac_sha256`",
        },
        Case {
            name: "two hashes of one key",
            content: with(
                "    scopes:",
                &format!("    hmac_sha256: {}\n    scopes:", "ab".repeat(32)),
            ),
            error: ":6:18: two hashes, where a key has one; keep `sha256` or `hmac_sha256`",
        },
        Case {
            name: "the key in place of its hash",
            content: with(HASH, PASTED),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here are 100 characters; write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        },
        Case {
            name: "a hash that is too short",
            content: with(HASH, &HASH[1..]),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here are 63 characters; write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        },
        Case {
            name: "a hash that is too long",
            content: with(HASH, &format!("{HASH}0")),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here are 65 characters; write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        },
        Case {
            name: "a hash of one character",
            content: with(HASH, "a"),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here is 1 character; write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        },
        Case {
            name: "an empty hash",
            content: with(HASH, "\"\""),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here is an empty text; `routescope key new` makes a key and writes its hash",
        },
        Case {
            name: "a hash without a value",
            content: with(HASH, ""),
            error: ":5:11: 64 lower-case hexadecimal digits are expected, and here is nothing; `routescope key new` makes a key and writes its hash",
        },
        Case {
            name: "upper-case digits",
            content: with(HASH, &HASH.to_uppercase()),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and some of these are upper-case; write `a` to `f` in lower case, so that a hash has one spelling",
        },
        Case {
            name: "a hash in base64",
            content: with(
                HASH,
                "T4tCwi3Tcptxm6b2jS2nzFstYG0F2u1a1RKMwD5sY1g0000000000000000000=",
            ),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here are 63 characters; write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        },
        Case {
            name: "a hash in other digits",
            content: with(HASH, &HASH.replace('4', "\u{664}")),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and some of these characters are no digits; write the hash of the key; if this is a key, it is no longer secret: give its owner a new one",
        },
        Case {
            name: "a hash of digits alone",
            content: with(HASH, &"1234567890123456".repeat(4)),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and YAML reads these as a number; put them into quotes",
        },
        Case {
            name: "a hash that looks like a number with an exponent",
            content: with(HASH, &format!("1e{}", "2".repeat(62))),
            error: ":5:13: this is no number for a key file; if it is meant as a text, put it into quotes",
        },
        Case {
            name: "a hash as a list",
            content: with(HASH, &format!("[{HASH}]")),
            error: ":5:13: 64 lower-case hexadecimal digits are expected, and here is a list; `routescope key new` makes a key and writes its hash",
        },
        Case {
            name: "the hash of nothing",
            content: with(
                HASH,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            error: ":5:13: this is the hash of an empty text, which is no key; `routescope key new` makes a key and writes its hash",
        },
        Case {
            name: "the hash of a line break",
            content: with(
                HASH,
                "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
            ),
            error: ":5:13: this is the hash of an empty text, which is no key; `routescope key new` makes a key and writes its hash",
        },
        Case {
            name: "zeros in place of a hash",
            content: with(HASH, &format!("\"{}\"", "0".repeat(64))),
            error: ":5:13: this hash is a stand-in; `routescope key new` makes a key and writes its hash",
        },
        Case {
            name: "two keys of one hash",
            content: with(
                "    previous:",
                &format!("  - id: other\n    scopes: []\n    sha256: {HASH}\n    previous:"),
            ),
            error: ":11:13: another key has this hash, first in line 5; one key has one owner: remove one of the two, or make a new key",
        },
        Case {
            name: "a key that is its own previous one",
            content: with(PREVIOUS, HASH),
            error: ":10:15: another key has this hash, first in line 5; one key has one owner: remove one of the two, or make a new key",
        },
        Case {
            name: "one hash, keyed and not",
            content: with(
                &format!("  sha256: {PREVIOUS}"),
                &format!("  hmac_sha256: {HASH}"),
            ),
            error: ":10:20: another key has this hash, first in line 5; one key has one owner: remove one of the two, or make a new key",
        },
        Case {
            name: "no scopes",
            content: with("    scopes: [\"colleagues:read\", \"phonebooks:*\"]\n", ""),
            error: ":4:5: `scopes` is missing; write `scopes: [\"orders:read\"]`; `scopes: []` is a key without scopes",
        },
        Case {
            name: "scopes as a text",
            content: with(
                "[\"colleagues:read\", \"phonebooks:*\"]",
                "colleagues:read phonebooks:*",
            ),
            error: ":6:13: a list of scopes is expected, and here is a text; write `scopes: [\"orders:read\"]`; `scopes: []` is a key without scopes",
        },
        Case {
            name: "scopes without a value",
            content: with("[\"colleagues:read\", \"phonebooks:*\"]", ""),
            error: ":6:11: a list of scopes is expected, and here is nothing; write `scopes: [\"orders:read\"]`; `scopes: []` is a key without scopes",
        },
        Case {
            name: "scopes as a mapping",
            content: with(
                "[\"colleagues:read\", \"phonebooks:*\"]",
                "{colleagues: read}",
            ),
            error: ":6:13: a list of scopes is expected, and here is a mapping; write `scopes: [\"orders:read\"]`; `scopes: []` is a key without scopes",
        },
        Case {
            name: "a scope that is empty",
            content: with("\"phonebooks:*\"", "\"\""),
            error: ":6:33: the name of a scope is expected, and here is an empty text; write it behind the colon, or remove the line",
        },
        Case {
            name: "a scope with a space",
            content: with("\"phonebooks:*\"", "\"phonebooks:read contacts:read\""),
            error: ":6:33: a scope with a space, or one that is too long; write each scope as an item of the list, without spaces",
        },
        Case {
            name: "a scope that is a number",
            content: with("\"phonebooks:*\"", "12"),
            error: ":6:33: the name of a scope is expected, and here is a number; put it into quotes",
        },
        Case {
            name: "a scope twice",
            content: with("\"phonebooks:*\"", "\"colleagues:read\""),
            error: ":6:33: this scope is in the list twice; remove one of the two",
        },
        Case {
            name: "a scope that has the form of a key",
            content: with("\"phonebooks:*\"", &format!("\"{PASTED}\"")),
            error: ":6:33: this has the form of a key; if it is a key, it is no longer secret: give its owner a new one, and remove it from here",
        },
        Case {
            name: "a scope that is too long",
            content: with("\"phonebooks:*\"", &format!("\"{}\"", "a:".repeat(128))),
            error: ":6:33: a scope with a space, or one that is too long; write each scope as an item of the list, without spaces",
        },
        Case {
            name: "a date without a time",
            content: with(
                "expires: 2027-06-30T00:00:00Z\n    note",
                "expires: 2027-06-30\n    note",
            ),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a time without a zone",
            content: with("2027-06-30T00:00:00Z", "2027-06-30T00:00:00"),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a time of another zone",
            content: with("2027-06-30T00:00:00Z", "2027-06-30T00:00:00+02:00"),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a day that no calendar has",
            content: with("2027-06-30T00:00:00Z", "2027-06-31T00:00:00Z"),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a time before 1970",
            content: with("2027-06-30T00:00:00Z", "1969-12-31T23:59:59Z"),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a time in seconds",
            content: with("2027-06-30T00:00:00Z", "1814313600"),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected, and here is a number; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a time without a value",
            content: with("2027-06-30T00:00:00Z", ""),
            error: ":7:12: a time like 2027-06-30T00:00:00Z is expected, and here is nothing; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a key in place of a time",
            content: with("2027-06-30T00:00:00Z", PASTED),
            error: ":7:14: a time like 2027-06-30T00:00:00Z is expected; write date and time in UTC, with a `T` between them and a `Z` at the end",
        },
        Case {
            name: "a note that is a list",
            content: with("note: the receptionist's softphone", "note: [a, b]"),
            error: ":8:11: a note is expected, and here is a list; write it behind the colon, or remove the line",
        },
        Case {
            name: "a note without a value",
            content: with("note: the receptionist's softphone", "note:"),
            error: ":8:9: a note is expected, and here is nothing; write it behind the colon, or remove the line",
        },
        Case {
            name: "a note that has the form of a key",
            content: with(
                "note: the receptionist's softphone",
                &format!("note: the key is {PASTED}"),
            ),
            error: ":8:11: this has the form of a key; if it is a key, it is no longer secret: give its owner a new one, and remove it from here",
        },
        Case {
            name: "a note that is too long",
            content: with(
                "note: the receptionist's softphone",
                &format!("note: {}", "word ".repeat(300)),
            ),
            error: ":8:11: a note of more than 1024 bytes; shorten it, or write a comment",
        },
        Case {
            name: "previous as a text",
            content: with(
                &format!(
                    "previous:\n      sha256: {PREVIOUS}\n      expires: 2026-12-08T00:00:00Z"
                ),
                &format!("previous: {PREVIOUS}"),
            ),
            error: ":9:15: the previous key is expected, and here is a text; write `previous: { sha256: ..., expires: ... }`, or remove the line",
        },
        Case {
            name: "previous without a time",
            content: with("      expires: 2026-12-08T00:00:00Z\n", ""),
            error: ":10:7: `expires` is missing; say until when it is valid: `expires: 2027-06-30T00:00:00Z`",
        },
        Case {
            name: "previous without a hash",
            content: with(&format!("      sha256: {PREVIOUS}\n"), ""),
            error: ":10:7: `sha256` is missing; `routescope key new` makes a key and writes its hash; with a secret, the field is `hmac_sha256`",
        },
        Case {
            name: "previous with scopes",
            content: with(
                "      expires: 2026-12-08T00:00:00Z\n",
                "      expires: 2026-12-08T00:00:00Z\n      scopes: []\n",
            ),
            error: ":12:7: an unknown field; there are sha256, hmac_sha256, expires",
        },
        Case {
            name: "previous that outlives its successor",
            content: with("2026-12-08T00:00:00Z", "2027-07-01T00:00:00Z"),
            error: ":10:7: the previous key is valid for longer than the one that replaces it; let it expire before, or with it",
        },
        Case {
            name: "an alias",
            content: with("\"phonebooks:*\"", "*PHONE"),
            error: ":6:33: this begins with `*`, which is an alias to YAML, and nothing has this name; put a text that begins with `*` into quotes",
        },
        Case {
            name: "an alias of an anchor",
            content: with(
                "    note: the receptionist's softphone",
                "    note: &note the receptionist's softphone\n  - id: *note",
            ),
            error: ":8:17: anchors are not allowed in a key file; write the values out: a key file that is reviewed should say what it means where it says it",
        },
        Case {
            name: "an anchor",
            content: with("id: front-desk", "id: &desk front-desk"),
            error: ":4:15: anchors are not allowed in a key file; write the values out: a key file that is reviewed should say what it means where it says it",
        },
        Case {
            name: "aliases that multiply",
            content: text("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nversion: 1\nkeys: *c\n"),
            error: ":1:7: anchors are not allowed in a key file; write the values out: a key file that is reviewed should say what it means where it says it",
        },
        Case {
            name: "a scope that YAML takes for an alias",
            content: with(
                "[\"colleagues:read\", \"phonebooks:*\"]",
                &format!("[*{PASTED_HEX}]"),
            ),
            error: ":6:14: this begins with `*`, which is an alias to YAML, and nothing has this name; put a text that begins with `*` into quotes",
        },
        Case {
            name: "a merge key",
            content: with(
                "    note: the receptionist's softphone",
                "    <<: { note: a }",
            ),
            error: ":8:5: `<<` is not allowed in a key file; write the values out: a key file that is reviewed should say what it means where it says it",
        },
        Case {
            name: "a tag",
            content: with("id: front-desk", &format!("id: !{PASTED_HEX} front-desk")),
            error: ":4:9: a tag means nothing in a key file; remove it; a text that begins with `!` needs quotes",
        },
        Case {
            name: "nested deeper than any key file",
            content: with(
                "\"phonebooks:*\"",
                &format!("{}{}", "[".repeat(40), "]".repeat(40)),
            ),
            error: ":6:37: nested deeper than 8 levels; look for a bracket or a `-` too many",
        },
        Case {
            name: "a second document",
            content: with("policy: pbx", "policy: pbx\n---\nversion: 1"),
            error: ":4:1: a second YAML document; a file is one key file: remove the `---` or `...` above, or make it two files",
        },
        Case {
            name: "a tab in the indentation",
            content: with("    note:", "\tnote:"),
            error: ":7:14: this is not YAML that a key file can be read from; check the indentation, the quotes and the brackets around here",
        },
        Case {
            name: "quotes that are never closed",
            content: with(
                "note: the receptionist's softphone",
                &format!("note: \"{PASTED}"),
            ),
            error: ":8:11: these quotes are never closed; close them with another `\"`",
        },
        Case {
            name: "a bracket that is never closed",
            content: with(
                "[\"colleagues:read\", \"phonebooks:*\"]",
                "[\"colleagues:read\"",
            ),
            error: ":7:12: a `:` where no name can end; look at the line above: a name ends in `:`, and a space stands between it and a value",
        },
        Case {
            name: "indented wrongly",
            content: with(
                "    expires: 2027-06-30T00:00:00Z",
                "   expires: 2027-06-30T00:00:00Z",
            ),
            error: ":7:4: this line is neither an entry of the list above nor a field of one; an entry starts with `-`, in the column of those before it; the fields of an entry start in the column of its first field, behind the `-`; what follows the list starts further left",
        },
        Case {
            name: "a line that is no field",
            content: with(
                "    note: the receptionist's softphone",
                &format!("    {PASTED}"),
            ),
            error: ":8:5: a name without a `:` behind it; write `name: value`; if it goes on with the text above, indent it deeper than that",
        },
        Case {
            name: "an unresolved merge conflict",
            content: with(
                "policy: pbx\n",
                "<<<<<<< ours\npolicy: pbx\n=======\npolicy: shop\n>>>>>>> theirs\n",
            ),
            error: ":2:1: an unresolved merge conflict; keep one of the two sides, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
        },
        Case {
            name: "a byte order mark",
            content: with("version: 1", "\u{feff}version: 1"),
            error: ":1:1: a byte order mark; save the file as UTF-8 without one",
        },
        Case {
            name: "a control character",
            content: with("id: front-desk", "id: front\u{1}desk"),
            error: ":4:14: a control character, `\\u{1}`; remove it",
        },
    ]
}

fn of_files() -> Vec<Case> {
    vec![
        Case {
            name: "no UTF-8",
            content: bytes(b"version: 1\nkeys: []\n# caf\xe9\n"),
            error: ":3:1: not UTF-8, from this line on; save it as UTF-8",
        },
        Case {
            name: "UTF-16",
            content: bytes(b"\xff\xfev\0e\0r\0s\0i\0o\0n\0"),
            error: ":1:1: not UTF-8, from this line on; save it as UTF-8",
        },
        Case {
            name: "a compressed file",
            content: bytes(b"\x1f\x8b\x08\0\0\0\0\0"),
            error: ":1:1: not UTF-8, from this line on; save it as UTF-8",
        },
        Case {
            name: "a missing file",
            content: Content::Made(|_| {}),
            error: ": cannot be read: No such file or directory (os error 2); check the name",
        },
        Case {
            name: "a folder",
            content: Content::Made(|path| fs::create_dir(path).unwrap()),
            error: ": a folder, not a file; name a regular file, or a link that leads to one",
        },
        Case {
            name: "too large",
            content: Content::Made(|path| {
                write(path, b"");
                fs::File::options()
                    .write(true)
                    .open(path)
                    .unwrap()
                    .set_len((64 << 20) + 1)
                    .unwrap();
            }),
            error: ": larger than 64 MiB, the limit; name another file",
        },
    ]
}

#[cfg(unix)]
fn of_unix() -> Vec<Case> {
    vec![
        Case {
            name: "a pipe",
            content: Content::Made(|path| {
                rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR).unwrap();
            }),
            error: ": a pipe, a socket or a device, not a file; name a regular file, or a link that leads to one",
        },
        Case {
            name: "a socket",
            content: Content::Made(|path| {
                drop(std::os::unix::net::UnixListener::bind(path).unwrap());
            }),
            error: ": a pipe, a socket or a device, not a file; name a regular file, or a link that leads to one",
        },
        Case {
            name: "a device",
            content: Content::Made(|path| std::os::unix::fs::symlink("/dev/null", path).unwrap()),
            error: ": a pipe, a socket or a device, not a file; name a regular file, or a link that leads to one",
        },
        Case {
            name: "a link that leads nowhere",
            content: Content::Made(|path| std::os::unix::fs::symlink("nowhere", path).unwrap()),
            error: ": cannot be read: No such file or directory (os error 2); check the name",
        },
        Case {
            name: "a link that leads to itself",
            content: Content::Made(|path| std::os::unix::fs::symlink(path, path).unwrap()),
            error: ": cannot be read: Too many levels of symbolic links (os error 40); see whether another program can read it",
        },
        Case {
            name: "writable by everybody",
            content: Content::Made(|path| {
                write(path, GOOD.as_bytes());
                mode(path, 0o606);
            }),
            error: ": others than its owner may write it (mode 0606); take that from them (chmod go-w)",
        },
        Case {
            name: "writable by the group",
            content: Content::Made(|path| {
                write(path, GOOD.as_bytes());
                mode(path, 0o660);
            }),
            error: ": others than its owner may write it (mode 0660); take that from them (chmod go-w)",
        },
        Case {
            name: "in a folder that everybody may write to",
            content: Content::Made(in_open_folder),
            error: ": others may replace it: its folder has the mode 0777; take that from them (chmod go-w, on the folder)",
        },
    ]
}
