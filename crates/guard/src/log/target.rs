//! A request target as a log may show it: without a query, a key or a password.

use std::fmt::{self, Write};
use std::ops::Range;

use routescope::{Alphabet, KeyFormat, Method};
use serde::{Serialize, Serializer};

/// The longest path that is logged, in bytes of the target.
const MAX_PATH: usize = 256;
/// The scan of a target ends after this many bytes. A key that begins in the logged part is seen to be one long
/// before that, with every byte of it escaped.
const MAX_SCAN: usize = 4_096;
/// A `%` may itself be escaped (`%252525...`), this many times, so that a byte has a greatest
/// length.
const MAX_ESCAPES: usize = 8;
/// A run of the characters of keys is taken for a key without its prefix from this length on, or
/// from that of a key without its prefix, where that is shorter.
const MAX_RUN: usize = 40;
/// A prefix of fewer bytes than this is found in many a word, and begins a key only where
/// `MIN_KEY` characters of keys follow.
const DISTINCT_PREFIX: usize = 4;
const MIN_KEY: usize = 12;
/// The longest extension method that is logged: `MKWORKSPACE`. It has no room for as much of a key
/// as would help anybody.
const MAX_METHOD: usize = 11;
/// The text that is shown in place of a secret.
const MASK: &str = "[masked]";

/// A target that matches no route, as a log shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LoggedTarget<'t> {
    Path(LoggedPath<'t>),
    /// The name of the form of a target that begins with no slash, which is all that is shown of
    /// it: an absolute form may hold a password.
    Form(&'static str),
}

/// A path that is displayed with its secrets masked: bytes other than visible ASCII, and
/// backslashes, are `\xNN`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoggedPath<'t> {
    path: &'t [u8],
    keys: Keys<'t>,
    /// Whether more of the path follows.
    is_longer: bool,
}

/// How keys look.
#[derive(Clone, Copy, Debug)]
struct Keys<'t> {
    prefix: &'t [u8],
    alphabet: Alphabet,
    /// The least run of the alphabet that is taken for a key without its prefix.
    run: usize,
}

impl<'t> LoggedTarget<'t> {
    pub(crate) fn new(target: &'t [u8], format: Option<KeyFormat<'t>>) -> Self {
        if !target.starts_with(b"/") {
            return Self::Form(match target {
                b"" => "empty",
                b"*" => "asterisk-form",
                _ if has_scheme(target) => "absolute-form",
                _ => "other",
            });
        }
        let scanned = target.get(..MAX_SCAN).unwrap_or(target);
        let mut end = 0;
        while let Some((byte, next)) = byte_at(scanned, end) {
            if matches!(byte, b'?' | b'#' | b';') {
                break;
            }
            end = next;
        }
        Self::Path(LoggedPath {
            path: scanned.get(..end).unwrap_or_default(),
            keys: Keys::new(format),
            is_longer: end == scanned.len() && scanned.len() < target.len(),
        })
    }
}

impl LoggedPath<'_> {
    /// Whether less than the path is displayed.
    pub(crate) const fn is_cut(&self) -> bool {
        self.is_longer || self.path.len() > MAX_PATH
    }
}

impl<'t> Keys<'t> {
    fn new(format: Option<KeyFormat<'t>>) -> Self {
        let Some(format) = format else {
            return Self {
                prefix: b"",
                alphabet: Alphabet::Base64Url,
                run: MAX_RUN,
            };
        };
        let rest = usize::from(format.length).saturating_sub(format.prefix.len());
        Self {
            prefix: format.prefix.as_bytes(),
            alphabet: format.alphabet,
            run: rest.clamp(MIN_KEY, MAX_RUN),
        }
    }

    /// The secret that begins at a place, if one does. A key with its prefix, or a token, takes
    /// what follows with it.
    fn secret(&self, path: &[u8], at: usize) -> Option<Range<usize>> {
        let is_base64 = |byte: u8| Alphabet::Base64Url.contains(byte) || byte == b'.';
        if let Some(end) = after_text(path, at, self.prefix, |byte| byte.to_ascii_lowercase())
            && (self.prefix.len() >= DISTINCT_PREFIX
                || run(path, end, |byte| self.contains(byte)).0 >= MIN_KEY)
        {
            return Some(at..path.len());
        }
        // The beginning of every JSON Web Token: `{"` in base64.
        let is_token = after_text(path, at, b"eyJ", |byte| byte).is_some();
        if is_token && run(path, at, is_base64).0 >= MIN_KEY {
            return Some(at..path.len());
        }
        let (length, end) = run(path, at, |byte| self.contains(byte));
        (length >= self.run).then_some(at..end)
    }

    /// Whether keys contain a byte, whatever somebody has done to its case.
    fn contains(&self, byte: u8) -> bool {
        self.alphabet.contains(byte) || self.alphabet.contains(byte.to_ascii_lowercase())
    }
}

/// The byte at a place as a back end may read it, percent-decoded until nothing is left to decode,
/// and the place after it.
fn byte_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let first = *text.get(at)?;
    if first == b'%' {
        let mut digits = at + 1;
        for _ in 0..MAX_ESCAPES {
            let Some(&[high, low]) = text.get(digits..digits + 2) else {
                break;
            };
            if [high, low] != *b"25" {
                if let (Some(high), Some(low)) = (hex(high), hex(low)) {
                    return Some((high << 4 | low, digits + 2));
                }
                break;
            }
            digits += 2;
        }
    }
    Some((first, at + 1))
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The place after a text, compared by `fold`; `None` if another text is there, or it is empty.
fn after_text(path: &[u8], mut at: usize, text: &[u8], fold: fn(u8) -> u8) -> Option<usize> {
    for &expected in text {
        let (byte, next) = byte_at(path, at)?;
        if fold(byte) != fold(expected) {
            return None;
        }
        at = next;
    }
    (!text.is_empty()).then_some(at)
}

/// The number of bytes from a place on that pass a test, and the place after them.
fn run(path: &[u8], mut at: usize, is_in: impl Fn(u8) -> bool) -> (usize, usize) {
    let mut length = 0;
    while let Some((byte, next)) = byte_at(path, at) {
        if !is_in(byte) {
            break;
        }
        length += 1;
        at = next;
    }
    (length, at)
}

/// The text before the last `@` of the segment that begins at a place. It may be a name with its
/// password: `/http://user:password@host/`.
fn userinfo(path: &[u8], mut at: usize) -> Option<Range<usize>> {
    let start = at;
    let mut end = start;
    while let Some((byte, next)) = byte_at(path, at) {
        match byte {
            b'/' | b'\\' => break,
            b'@' => end = at,
            _ => {}
        }
        at = next;
    }
    (end > start).then_some(start..end)
}

/// Whether a target begins with a scheme and its colon (RFC 3986 section 3.1).
fn has_scheme(target: &[u8]) -> bool {
    let length = target
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        .count();
    target.first().is_some_and(u8::is_ascii_alphabetic)
        && target
            .get(length..)
            .is_some_and(|rest| rest.starts_with(b"://"))
}

impl fmt::Display for LoggedPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut at = 0;
        let mut is_segment_start = true;
        while let Some((byte, next)) = byte_at(self.path, at) {
            let secret = is_segment_start
                .then(|| userinfo(self.path, at))
                .flatten()
                .or_else(|| self.keys.secret(self.path, at));
            if next > MAX_PATH {
                break;
            }
            is_segment_start = matches!(byte, b'/' | b'\\');
            if let Some(secret) = secret {
                f.write_str(MASK)?;
                at = secret.end;
                is_segment_start = false;
                continue;
            }
            for &byte in self.path.get(at..next).unwrap_or_default() {
                match byte {
                    b'\\' | 0..=b' ' | 0x7F.. => write!(f, "\\x{byte:02X}")?,
                    _ => f.write_char(char::from(byte))?,
                }
            }
            at = next;
        }
        Ok(())
    }
}

impl Serialize for LoggedPath<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The method as a log may show it: one that policies know, or a short name of letters and
/// hyphens. Nothing is shown of any other, because a client can write what it likes there.
pub(crate) fn logged_method(method: &[u8]) -> Option<&str> {
    if let Some(method) = Method::from_bytes(method) {
        return Some(method.as_str());
    }
    let is_name = (1..=MAX_METHOD).contains(&method.len())
        && method
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    is_name.then(|| std::str::from_utf8(method).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use routescope::{Alphabet, KeyFormat};

    use super::{LoggedTarget, logged_method};

    const FORMAT: KeyFormat<'_> = KeyFormat {
        prefix: "wsk-v1-",
        length: 100,
        alphabet: Alphabet::Alphanumeric,
    };

    fn shown(target: &[u8], format: Option<KeyFormat<'_>>) -> String {
        match LoggedTarget::new(target, format) {
            LoggedTarget::Path(path) if path.is_cut() => format!("{path} (cut)"),
            LoggedTarget::Path(path) => path.to_string(),
            LoggedTarget::Form(form) => format!("({form})"),
        }
    }

    /// Targets, and what a log shows of them with the format of the PBX.
    #[test]
    fn no_target_shows_a_secret() {
        let cases: &[(&str, &str)] = &[
            // The path ends before a query, a fragment or parameters.
            ("/a/b/", "/a/b/"),
            ("/a?token=secret", "/a"),
            ("/a#secret", "/a"),
            ("/a;jsessionid=secret", "/a"),
            ("/a%3Ftoken=secret", "/a"),
            ("/a%3ftoken=secret", "/a"),
            ("/a%23secret", "/a"),
            ("/a%3bsecret", "/a"),
            ("/a%253Ftoken=secret", "/a"),
            ("/a%25252525253Ftoken=secret", "/a"),
            ("/a%25b%2x", "/a%25b%2x"),
            // Targets of other forms.
            ("", "(empty)"),
            ("*", "(asterisk-form)"),
            ("http://user:password@host/a", "(absolute-form)"),
            ("HTTPS://user:password@host/a", "(absolute-form)"),
            ("user:password@host:443", "(other)"),
            ("?token=secret", "(other)"),
            (" http://user:password@host/a", "(other)"),
            // Names with their passwords in a path.
            ("//user:password@host/a", "//[masked]@host/a"),
            ("/http://user:password@host/a", "/http://[masked]@host/a"),
            ("/http:/user:password@host/a", "/http:/[masked]@host/a"),
            ("/\\user:pass@word@host/a", "/\\x5C[masked]@host/a"),
            (
                "/%2F%2Fuser%3Apassword%40host/a",
                "/%2F%2F[masked]%40host/a",
            ),
            ("/@scope/package", "/@scope/package"),
            // Keys.
            ("/a/wsk-v1-secret/b", "/a/[masked]"),
            ("/a/WSK-V1-secret/b", "/a/[masked]"),
            ("/a/Bearer%20wsk-v1-secret", "/a/Bearer%20[masked]"),
            ("/a/wsk%2Dv1%2dsecret", "/a/[masked]"),
            ("/a/%77%73%6b-v1-secret", "/a/[masked]"),
            ("/a/wsk%252Dv1-secret", "/a/[masked]"),
            ("/a/wsk-v1", "/a/wsk-v1"),
            ("/key=wsk-v1-secret", "/key=[masked]"),
            (
                "/a/0123456789012345678901234567890123456789/b",
                "/a/[masked]/b",
            ),
            (
                "/a/0123456789012345678901234567890123456%378%39/b",
                "/a/[masked]/b",
            ),
            (
                "/a/012345678901234567890123456789012345678/b",
                "/a/012345678901234567890123456789012345678/b",
            ),
            (
                "/a/5f3c2a10-1f2e-4d3c-8b4a-00c0ffee4711/",
                "/a/5f3c2a10-1f2e-4d3c-8b4a-00c0ffee4711/",
            ),
            // Tokens.
            ("/a/eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "/a/[masked]"),
            ("/a/%65yJhbGciOiJIUzI1NiJ9.e30.c2ln", "/a/[masked]"),
            ("/a/keyJobs/", "/a/keyJobs/"),
            ("/a/monkeyjob-listings/", "/a/monkeyjob-listings/"),
            // A terminal, or a reader of lines, would take these for something else.
            (
                "/a\r\n{\"decision\":\"allow\"}",
                "/a\\x0D\\x0A{\"decision\":\"allow\"}",
            ),
            ("/a\u{1b}[31m\u{7f}\u{e9}", "/a\\x1B[31m\\x7F\\xC3\\xA9"),
            ("/a b\\c", "/a\\x20b\\x5Cc"),
        ];
        for &(target, expected) in cases {
            assert_eq!(shown(target.as_bytes(), Some(FORMAT)), expected, "{target}");
        }
        assert_eq!(shown(b"/a\xff\x00", Some(FORMAT)), "/a\\xFF\\x00");
    }

    #[test]
    fn a_path_is_cut_at_256_bytes() {
        let path = |length: usize| format!("/{}", "a/".repeat(length))[..length].to_owned();
        let cases = [
            (path(256), path(256)),
            (path(257), path(256) + " (cut)"),
            (path(4_096), path(256) + " (cut)"),
            (path(5_000), path(256) + " (cut)"),
            (path(256) + "?secret", path(256)),
            // An escape is not cut in two.
            (path(254) + "%41%42", path(254) + " (cut)"),
            // A secret that begins before the cut is masked whole.
            (path(253) + "wsk-v1-secret", path(253) + "[masked] (cut)"),
            (path(253) + &"k".repeat(93), path(253) + "[masked] (cut)"),
            (path(253) + &"%256B".repeat(93), path(253) + " (cut)"),
            (
                path(241) + &"%256B".repeat(93),
                path(241) + "[masked] (cut)",
            ),
        ];
        for (target, expected) in cases {
            assert_eq!(shown(target.as_bytes(), Some(FORMAT)), expected, "{target}");
        }
    }

    /// Formats of keys, and paths of policies that have them.
    #[test]
    fn keys_of_every_format_are_masked() {
        let format = |prefix, length, alphabet| {
            Some(KeyFormat {
                prefix,
                length,
                alphabet,
            })
        };
        let hex = format("", 32, Alphabet::LowerHex);
        let short = format("k-", 24, Alphabet::Base64Url);
        let digits = "0123456789abcdef0123456789abcdef";
        let cases = [
            (hex, format!("/a/{digits}/b"), "/a/[masked]/b"),
            (
                hex,
                format!("/a/{}/b", digits.to_uppercase()),
                "/a/[masked]/b",
            ),
            (
                hex,
                format!("/a/{}/b", &digits[..31]),
                "/a/0123456789abcdef0123456789abcde/b",
            ),
            (short, "/a/k-0123456789ab/b".to_owned(), "/a/[masked]"),
            (short, "/desk-chairs/".to_owned(), "/desk-chairs/"),
            (
                short,
                "/a/0123456789-_0123456789/b".to_owned(),
                "/a/[masked]/b",
            ),
            (
                None,
                format!("/a/{digits}/b"),
                "/a/0123456789abcdef0123456789abcdef/b",
            ),
            (None, format!("/a/{digits}{digits}/b"), "/a/[masked]/b"),
        ];
        for (format, target, expected) in cases {
            assert_eq!(shown(target.as_bytes(), format), expected, "{target}");
        }
    }

    proptest! {
        /// A line gets a short text of visible ASCII and nothing after the end of the path, for
        /// every target that a client can send.
        #[test]
        fn every_target_is_shown_as_a_short_visible_path(
            target in prop_oneof![
                "/(%(25){0,3}[0-9A-Fa-f]{2}|[a-zA-Z/@:?#;\\\\ .%-]|wsk-v1-){0,400}"
                    .prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..600),
            ],
        ) {
            let shown = shown(&target, Some(FORMAT));
            let path = shown.strip_suffix(" (cut)").unwrap_or(&shown);
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(!path.contains(['?', '#', ';']));
            prop_assert!(!path.to_lowercase().contains("wsk-v1-"));
            // A byte takes four characters at most, and a mask stands for one byte at least.
            prop_assert!(path.len() <= 256 * "[masked]".len());
        }
    }

    #[test]
    fn a_method_is_a_name_or_nothing() {
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"GET", Some("GET")),
            (b"get", Some("get")),
            (b"PROPFIND", Some("PROPFIND")),
            (b"MKWORKSPACE", Some("MKWORKSPACE")),
            (b"M-SEARCH", Some("M-SEARCH")),
            (b"VERSION-CONTROL", None),
            (b"GET1", None),
            (b"GE\nT", None),
            (b"\xff", None),
            (b"", None),
            (b"wsk-v1-kkkk", None),
        ];
        for &(method, expected) in cases {
            assert_eq!(logged_method(method), expected, "{method:?}");
        }
    }
}
