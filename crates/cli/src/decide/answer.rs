//! Decisions as JSON lines.

use std::io::Write;

use routescope::{Allowed, By, Denial, Policy, Route, RouteDenial, Scope};

use crate::wire::to_hex;

/// Writes answers, each of which names the policy that gave it.
pub(super) struct AnswerWriter {
    /// How every line ends.
    end: Vec<u8>,
}

impl AnswerWriter {
    pub(super) fn new(policy: Policy<'_>) -> Self {
        let mut end = br#","policy":"#.to_vec();
        text(&mut end, policy.name());
        end.extend_from_slice(br#","digest":""#);
        end.extend_from_slice(to_hex(policy.digest()).as_bytes());
        end.extend_from_slice(br#""}"#);
        Self { end }
    }

    /// A decision, its fields always in the same order.
    pub(super) fn decision(&self, line: &mut Vec<u8>, decision: &Result<Allowed<'_>, Denial<'_>>) {
        match decision {
            Ok(Allowed { route, by }) => {
                line.extend_from_slice(br#"{"decision":"allow","reason":null,"status":200"#);
                on_route(line, Some(*route), Some(*by));
            }
            Err(denial) => {
                line.extend_from_slice(br#"{"decision":"deny","reason":""#);
                line.extend_from_slice(denial.reason().as_str().as_bytes());
                // Writing to a vector does not fail.
                let _ = write!(line, r#"","status":{}"#, denial.status());
                let route = match denial {
                    Denial::Route(RouteDenial::MissingScope(route)) => Some(*route),
                    Denial::Route(_) | Denial::Key(_) => None,
                };
                on_route(line, route, None);
            }
        }
        line.extend_from_slice(&self.end);
    }

    /// Writes that a line was not decided.
    pub(super) fn error(&self, line: &mut Vec<u8>, error: &str, number: u64) {
        line.extend_from_slice(br#"{"error":"#);
        text(line, error);
        let _ = write!(line, r#","line":{number}"#);
        line.extend_from_slice(&self.end);
    }
}

fn on_route(line: &mut Vec<u8>, route: Option<Route<'_>>, by: Option<By<'_>>) {
    let Some(route) = route else {
        line.extend_from_slice(br#","route":null,"accepted":[],"by":null,"alternatives":[]"#);
        return;
    };
    line.extend_from_slice(br#","route":""#);
    line.extend_from_slice(route.method().as_str().as_bytes());
    line.push(b' ');
    // Templates and scopes hold nothing that JSON would escape: the one are
    // path bytes and braces, the other tokens without quotes and backslashes.
    inside_text(line, route.template());
    line.extend_from_slice(br#"","accepted":["#);
    let names = route.accepted().iter().map(Scope::name);
    list(line, names, text);
    line.extend_from_slice(br#"],"by":"#);
    match by {
        Some(by) => text(line, by.as_str()),
        None => line.extend_from_slice(b"null"),
    }
    line.extend_from_slice(br#","alternatives":["#);
    let alternatives = route.requirement().alternatives();
    list(line, alternatives.into_iter().flatten(), |line, set| {
        line.push(b'[');
        list(line, set.scopes().map(Scope::name), text);
        line.push(b']');
    });
    line.push(b']');
}

/// Items with commas between them.
fn list<T>(
    line: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            line.push(b',');
        }
        write(line, item);
    }
}

fn text(line: &mut Vec<u8>, value: &str) {
    line.push(b'"');
    inside_text(line, value);
    line.push(b'"');
}

/// Escapes the characters that JSON cannot hold. Nearly every text has none.
fn inside_text(line: &mut Vec<u8>, value: &str) {
    let plain = |byte: u8| !matches!(byte, b'"' | b'\\' | 0..=0x1F);
    if value.bytes().all(plain) {
        line.extend_from_slice(value.as_bytes());
        return;
    }
    for c in value.chars() {
        match c {
            '"' | '\\' => line.extend_from_slice(&[b'\\', c as u8]),
            '\0'..='\x1F' => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            _ => {
                let mut buffer = [0; 4];
                line.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive() {
        for value in [
            "",
            "plain",
            "a\"b\\c",
            "\u{0}\n\u{1b}\u{1f}ü\u{7f}\u{1F600}",
        ] {
            let mut line = Vec::new();
            text(&mut line, value);
            let read: String = serde_json::from_slice(&line).unwrap();
            assert_eq!(read, value);
        }
    }
}
