//! Text with the request in double quotes.
//!
//! `host ident user [time] "METHOD target HTTP/1.1" status bytes ...`, and the variants of
//! other servers: the request is the first quoted text that is one, and the status follows it
//! or, in two known formats, precedes it.

use std::borrow::Cow;

use super::entry::{LoggedRequest, NoEntry, Unread, request_line, status};
use super::target::without_host;
use crate::wire::byte_from_hex;

pub(super) fn read(line: &[u8]) -> Result<LoggedRequest<'_>, NoEntry> {
    let mut first = None;
    let mut rest = 0;
    while let Some(text) = Quoted::next(line, rest) {
        rest = text.end + 1;
        let request = text.content(line);
        if let Some((method, target)) = parts(&request) {
            return Ok(LoggedRequest {
                method,
                target: without_host(target),
                status: status_of(&line[..text.start - 1], &line[rest..]),
            });
        }
        // Apache writes an empty user name as `""`.
        if first.is_none() && !request.is_empty() {
            first = Some(is_none(&request));
        }
    }
    Err(match first {
        Some(true) => NoEntry::NoRequest,
        Some(false) => Unread::NoRequestLine.into(),
        None if rest > 0 => Unread::NoRequestLine.into(),
        None => Unread::NoQuotedRequest.into(),
    })
}

/// Whether nginx or an AWS load balancer wrote this because no request came.
fn is_none(text: &[u8]) -> bool {
    text == b"-" || (text.starts_with(b"- ") && text.ends_with(b" -"))
}

/// A text between two double quotes, as positions in its line.
struct Quoted {
    start: usize,
    end: usize,
    /// Whether it contains a backslash.
    escaped: bool,
}

impl Quoted {
    /// The next quoted text from a position on.
    fn next(line: &[u8], from: usize) -> Option<Self> {
        let (quote, _) = quote(line, from)?;
        let (end, escaped) = self::quote(line, quote + 1)?;
        Some(Self {
            start: quote + 1,
            end,
            escaped,
        })
    }

    fn content<'l>(&self, line: &'l [u8]) -> Cow<'l, [u8]> {
        let text = &line[self.start..self.end];
        if self.escaped {
            Cow::Owned(unescape(text))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// The next quote without a backslash before it, and whether one was passed.
/// Apache writes the quotes of a user's name so, also outside of quotes.
fn quote(line: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut at = from;
    let mut escaped = false;
    loop {
        at += memchr::memchr2(b'"', b'\\', line.get(at..)?)?;
        if line[at] == b'"' {
            return Some((at, escaped));
        }
        at += 2;
        escaped = true;
    }
}

type Parts<'l> = (Cow<'l, [u8]>, Cow<'l, [u8]>);

/// Method and target, borrowed where the text is.
fn parts<'l>(request: &Cow<'l, [u8]>) -> Option<Parts<'l>> {
    match request {
        Cow::Borrowed(bytes) => {
            request_line(bytes).map(|(method, target)| (method.into(), target.into()))
        }
        Cow::Owned(bytes) => request_line(bytes)
            .map(|(method, target)| (method.to_vec().into(), target.to_vec().into())),
    }
}

fn status_of(before: &[u8], after: &[u8]) -> Option<u16> {
    let first = after.trim_ascii_start();
    let first = first.split(|byte| *byte == b' ').next()?;
    number(first)
        .or_else(|| haproxy(before))
        .or_else(|| aws(before))
}

/// Three digits that are a status.
fn number(token: &[u8]) -> Option<u16> {
    let is_number = token.len() == 3 && token.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(token).ok().filter(|_| is_number)?;
    text.parse().ok().and_then(status)
}

fn tokens(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    text.split(|byte| *byte == b' ')
        .filter(|token| !token.is_empty())
}

/// `... 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "`: five times, then the
/// status and the bytes.
fn haproxy(before: &[u8]) -> Option<u16> {
    let is_time = |part: &[u8]| {
        let digits = part.strip_prefix(b"-").or(part.strip_prefix(b"+"));
        let digits = digits.unwrap_or(part);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    let is_times = |token: &[u8]| {
        let parts = token.split(|byte| *byte == b'/');
        parts.clone().count() == 5 && parts.into_iter().all(is_time)
    };
    let mut tokens = tokens(before).skip_while(|token| !is_times(token));
    tokens.nth(1).and_then(number)
}

/// `... 0.000 0.003 0.000 200 200 29 805 "`, of AWS's load balancers: three times
/// in seconds, the status that the client got, the target's, two counts of
/// bytes.
fn aws(before: &[u8]) -> Option<u16> {
    let mut last = tokens(before).rev();
    let is_count = |token: &[u8]| !token.is_empty() && token.iter().all(u8::is_ascii_digit);
    let is_time = |token: &[u8]| {
        let fits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        token == b"-1" || token.contains(&b'.') && token.iter().all(fits)
    };
    let counts = [last.next()?, last.next()?];
    let (target, client) = (last.next()?, last.next()?);
    let times = [last.next()?, last.next()?, last.next()?];
    let fits = counts.into_iter().all(is_count)
        && (target == b"-" || is_count(target))
        && times.into_iter().all(is_time);
    number(client).filter(|_| fits)
}

/// Undoes the escapes of nginx (`\xHH`) and Apache (also `\"`, `\\`, `\n` and
/// the like), so that the bytes are those of the wire.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let (decoded, length) = match (byte, tail) {
            (b'\\', [b'x', high, low, ..]) => match byte_from_hex([*high, *low]) {
                Some(escaped) => (escaped, 4),
                None => (byte, 1),
            },
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b'b', ..]) => (0x08, 2),
            (b'\\', [b'v', ..]) => (0x0B, 2),
            (b'\\', [b'f', ..]) => (0x0C, 2),
            (b'\\', [quoted @ (b'"' | b'\\'), ..]) => (*quoted, 2),
            _ => (byte, 1),
        };
        bytes.push(decoded);
        rest = &rest[length..];
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'l>(method: &'l [u8], target: &'l [u8], status: Option<u16>) -> LoggedRequest<'l> {
        LoggedRequest {
            method: Cow::Borrowed(method),
            target: Cow::Borrowed(target),
            status,
        }
    }

    #[test]
    fn lines() {
        for (line, wanted) in [
            (
                r#"::1 - al [28/May/2026:10:00:00 +0000] "GET /a/?x=1 HTTP/1.1" 200 2 "-" "curl""#,
                entry(b"GET", b"/a/?x=1", Some(200)),
            ),
            (
                r#"h - - [t] "PUT /a\"b\x5Cc\\d\xC3\xbc\n HTTP/2.0" 403 -"#,
                entry(b"PUT", b"/a\"b\\c\\d\xC3\xBC\n", Some(403)),
            ),
            (
                r#"h - - [t] "GET /a b HTTP/1.0""#,
                entry(b"GET", b"/a b", None),
            ),
            (
                r#"h - "" [t] "GET /a HTTP/2" 200"#,
                entry(b"GET", b"/a", Some(200)),
            ),
            // The name of a user, in Apache's escapes, opens no quotes.
            (
                r#"h - x\"GET /b HTTP/1.1\" [t] "GET /a HTTP/1.1" 401 1"#,
                entry(b"GET", b"/a", Some(401)),
            ),
            (
                r#"p: 10.0.1.2:33317 [t] in srv/1 10/0/-1/-1/+10 503 212 - - sC-- 1/1/1/1/0 0/0 "GET /a HTTP/1.1""#,
                entry(b"GET", b"/a", Some(503)),
            ),
            (
                r#"p: 10.0.1.2:33317 [t] in srv/1 -1/-1/-1/-1/5 -1 212 - - CR-- 1/1/1/1/0 0/0 "GET /a HTTP/1.1""#,
                entry(b"GET", b"/a", None),
            ),
            (
                r#"http t app/a/1 192.0.2.1:1 - -1 -1 -1 503 - 34 366 "GET http://h:80/a HTTP/1.1" "curl""#,
                entry(b"GET", b"/a", Some(503)),
            ),
            // Numbers before a request mean nothing in other formats.
            (
                r#"7 200 200 29 805 "GET /a HTTP/1.1", x"#,
                entry(b"GET", b"/a", None),
            ),
            (r#"h "GET /a HTTP/1.1" 0 -"#, entry(b"GET", b"/a", None)),
        ] {
            assert_eq!(read(line.as_bytes()), Ok(wanted), "{line}");
        }
    }

    #[test]
    fn what_is_no_request() {
        let unread = |why: Unread| Err(NoEntry::Unread(why));
        for (line, wanted) in [
            (r#"h "-" 400 0"#, Err(NoEntry::NoRequest)),
            (r#"h - "" [t] "-" 408 0 "-" "-""#, Err(NoEntry::NoRequest)),
            (
                r#"h 400 - 0 0 "- http://h:80- -" "-""#,
                Err(NoEntry::NoRequest),
            ),
            (r#"h "\x16\x03\x01" 400 0"#, unread(Unread::NoRequestLine)),
            (r#"h "GET /" 400 0"#, unread(Unread::NoRequestLine)),
            (r#"h "GET HTTP/1.1" 400"#, unread(Unread::NoRequestLine)),
            (r#"h "GET /a HTTP/x" 400"#, unread(Unread::NoRequestLine)),
            (r#"h "(a) /a HTTP/1.1" 400"#, unread(Unread::NoRequestLine)),
            (r#"h """#, unread(Unread::NoRequestLine)),
            (r#"h "GET /a HTTP/1.1\"#, unread(Unread::NoQuotedRequest)),
            ("no log", unread(Unread::NoQuotedRequest)),
        ] {
            assert_eq!(read(line.as_bytes()), wanted, "{line}");
        }
    }
}
