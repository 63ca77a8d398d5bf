//! Whose key or token it is, in logs and in headers.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The characters that a header of an identity has only in escapes: those that separate the parts
/// of a header, the one that begins an escape, and everything that is not visible ASCII.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b',')
    .add(b';')
    .add(b'\\');

/// Whose key or token it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Identity {
    id: Box<str>,
    /// The id as a header carries it, if it differs.
    escaped: Option<Box<str>>,
}

impl Identity {
    pub(crate) fn new(id: &str) -> Self {
        let escaped = utf8_percent_encode(id, ESCAPED).to_string();
        Self {
            id: id.into(),
            escaped: (escaped != id).then(|| escaped.into()),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The id, percent-encoded where a header cannot carry it (RFC 3986 section 2.1): no id adds
    /// a line, a second value or a parameter to a header.
    pub(crate) fn header(&self) -> &str {
        self.escaped.as_deref().unwrap_or(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn no_id_leaves_its_header() {
        let cases = [
            ("front-desk", "front-desk"),
            ("a b", "a%20b"),
            ("a\r\nX-Admin: 1", "a%0D%0AX-Admin:%201"),
            ("a,b;c=\"d\"", "a%2Cb%3Bc=%22d%22"),
            ("caf\u{e9}", "caf%C3%A9"),
            ("50%", "50%25"),
            ("a\\b\u{7f}\0", "a%5Cb%7F%00"),
            ("", ""),
        ];
        for (id, expected) in cases {
            let identity = Identity::new(id);
            assert_eq!(identity.header(), expected, "{id:?}");
            assert_eq!(identity.id(), id);
            assert!(expected.bytes().all(|byte| (0x21..0x7F).contains(&byte)));
        }
    }
}
