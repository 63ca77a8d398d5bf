//! Lines of access logs.

use std::borrow::Cow;

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;

/// What a line says of a request.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Entry<'l> {
    pub(super) method: Cow<'l, [u8]>,
    /// The request target as it was on the wire.
    pub(super) target: Cow<'l, [u8]>,
    pub(super) status: Option<u16>,
}

/// Why a line is not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unread {
    TooLong,
    NoQuotedRequest,
    NoRequestLine,
    NotJson,
    NoMethod,
    NoTarget,
}

impl Unread {
    pub(super) fn in_words(self) -> String {
        match self {
            Self::TooLong => format!("it is longer than {}", super::longest_line()),
            Self::NoQuotedRequest => "it has no request in double quotes".into(),
            Self::NoRequestLine => {
                "what stands in the quotes is no request such as `GET /a/ HTTP/1.1`".into()
            }
            Self::NotJson => "it is no JSON object".into(),
            Self::NoMethod => "it has no `method`".into(),
            Self::NoTarget => "it has no `target`, `request_uri`, `uri`, `path` or `url`".into(),
        }
    }
}

/// The format of a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// The combined (or common) log format of nginx and Apache
    Combined,
    /// A JSON object a line
    Json,
}

impl Kind {
    /// By a file's first line.
    pub(super) fn of(line: &[u8]) -> Self {
        match line.trim_ascii_start().first() {
            Some(b'{') => Self::Json,
            _ => Self::Combined,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined",
            Self::Json => "json",
        }
    }

    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Combined => "the combined log format",
            Self::Json => "JSON lines",
        }
    }

    pub(super) const fn help(self) -> &'static str {
        match self {
            Self::Combined => {
                "a line looks like: 192.0.2.1 - - [28/May/2026:10:00:00 +0000] \"GET /a/ HTTP/1.1\" 200 2; for JSON lines, say --log json"
            }
            Self::Json => {
                "a line looks like: {\"method\":\"GET\",\"target\":\"/a/\",\"status\":200}; for the combined format, say --log combined"
            }
        }
    }

    pub(super) fn read(self, line: &[u8]) -> Result<Entry<'_>, Unread> {
        match self {
            Self::Combined => combined(line),
            Self::Json => json(line),
        }
    }
}

/// `host ident user [time] "METHOD target HTTP/1.1" status bytes ...`: the first
/// text in quotes and the number behind it; what else there is may vary.
fn combined(line: &[u8]) -> Result<Entry<'_>, Unread> {
    let open = memchr::memchr(b'"', line).ok_or(Unread::NoQuotedRequest)?;
    let inner = &line[open + 1..];
    let mut close = 0;
    let mut escaped = false;
    loop {
        match memchr::memchr2(b'"', b'\\', &inner[close..]) {
            None => return Err(Unread::NoQuotedRequest),
            Some(at) if inner[close + at] == b'"' => {
                close += at;
                break;
            }
            // A backslash takes the byte behind it along.
            Some(at) => {
                close = (close + at + 2).min(inner.len());
                escaped = true;
            }
        }
    }
    let status = status(&inner[close + 1..]);
    let request = if escaped {
        Cow::Owned(unescape(&inner[..close]))
    } else {
        Cow::Borrowed(&inner[..close])
    };
    let (method, target) = match &request {
        Cow::Borrowed(bytes) => {
            let (method, target) = request_line(bytes)?;
            (Cow::Borrowed(method), Cow::Borrowed(target))
        }
        Cow::Owned(bytes) => {
            let (method, target) = request_line(bytes)?;
            (Cow::Owned(method.to_vec()), Cow::Owned(target.to_vec()))
        }
    };
    Ok(Entry {
        method,
        target,
        status,
    })
}

/// `METHOD target HTTP/1.1`. Everything between the first space and the last
/// is the target, so that one with a space in it is seen as what it is.
fn request_line(line: &[u8]) -> Result<(&[u8], &[u8]), Unread> {
    let first = memchr::memchr(b' ', line).ok_or(Unread::NoRequestLine)?;
    let last = memchr::memrchr(b' ', line).ok_or(Unread::NoRequestLine)?;
    let is_http = line[last + 1..].starts_with(b"HTTP/");
    if !is_http || first == 0 || first == last {
        return Err(Unread::NoRequestLine);
    }
    Ok((&line[..first], &line[first + 1..last]))
}

fn status(behind: &[u8]) -> Option<u16> {
    let digits = behind.trim_ascii_start();
    let digits = digits.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Undoes the escapes of nginx (`\xHH`) and Apache (also `\"`, `\\`, `\n` and
/// the like), so that the bytes are those of the wire.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let (decoded, length) = match (byte, tail) {
            (b'\\', [b'x', high, low, ..]) => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => (high << 4 | low, 4),
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

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The fields that gateways and servers write; all others are ignored.
#[derive(Deserialize)]
struct Fields {
    method: Option<Value>,
    request_method: Option<Value>,
    target: Option<Value>,
    request_uri: Option<Value>,
    uri: Option<Value>,
    path: Option<Value>,
    url: Option<Value>,
    request: Option<Value>,
    status: Option<Value>,
}

fn json(line: &[u8]) -> Result<Entry<'_>, Unread> {
    let fields: Fields = serde_json::from_slice(line).map_err(|_| Unread::NotJson)?;
    if Kind::of(line) != Kind::Json {
        return Err(Unread::NotJson);
    }
    let status = match &fields.status {
        Some(Value::Number(number)) => number.as_u64().and_then(|n| u16::try_from(n).ok()),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    if let Some(Value::String(request)) = &fields.request {
        let (method, target) = request_line(request.as_bytes())?;
        return Ok(Entry {
            method: Cow::Owned(method.to_vec()),
            target: Cow::Owned(target.to_vec()),
            status,
        });
    }
    // As Caddy writes it.
    let fields = match fields.request {
        Some(request @ Value::Object(_)) => {
            serde_json::from_value(request).map_err(|_| Unread::NotJson)?
        }
        _ => fields,
    };
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let method = text(fields.method).or_else(|| text(fields.request_method));
    // The rawest first: `uri` and `path` are what some servers made of it.
    let target = text(fields.target)
        .or_else(|| text(fields.request_uri))
        .or_else(|| text(fields.uri))
        .or_else(|| text(fields.path))
        .or_else(|| text(fields.url).map(without_host));
    Ok(Entry {
        method: Cow::Owned(method.ok_or(Unread::NoMethod)?.into_bytes()),
        target: Cow::Owned(target.ok_or(Unread::NoTarget)?.into_bytes()),
        status,
    })
}

/// What is behind the host of a URL, which is what was on the wire.
fn without_host(url: String) -> String {
    match url.split_once("://") {
        Some(("http" | "https", rest)) => match rest.find(['/', '?']) {
            Some(at) if rest[at..].starts_with('/') => rest[at..].to_owned(),
            Some(at) => format!("/{}", &rest[at..]),
            None => "/".to_owned(),
        },
        _ => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'l>(method: &'l [u8], target: &'l [u8], status: Option<u16>) -> Entry<'l> {
        Entry {
            method: Cow::Borrowed(method),
            target: Cow::Borrowed(target),
            status,
        }
    }

    #[test]
    fn reads_combined_lines() {
        let read = |line: &'static str| Kind::Combined.read(line.as_bytes());
        assert_eq!(
            read(
                r#"::1 - al [28/May/2026:10:00:00 +0000] "GET /a/?x=1 HTTP/1.1" 200 2 "-" "curl""#
            ),
            Ok(entry(b"GET", b"/a/?x=1", Some(200)))
        );
        assert_eq!(
            read(r#"h - - [t] "PUT /a\"b\x5Cc\\d\xC3\xbc\n HTTP/2.0" 403 -"#),
            Ok(entry(b"PUT", b"/a\"b\\c\\d\xC3\xBC\n", Some(403)))
        );
        assert_eq!(
            read(r#"h - - [t] "GET /a b HTTP/1.0""#),
            Ok(entry(b"GET", b"/a b", None))
        );
        assert_eq!(read(r#"h "-" 400 0"#), Err(Unread::NoRequestLine));
        assert_eq!(
            read(r#"h "\x16\x03\x01" 400 0"#),
            Err(Unread::NoRequestLine)
        );
        assert_eq!(read(r#"h "GET /" 400 0"#), Err(Unread::NoRequestLine));
        assert_eq!(read(r#"h "GET HTTP/1.1" 400"#), Err(Unread::NoRequestLine));
        assert_eq!(read(r#"h "GET /a HTTP/1.1\"#), Err(Unread::NoQuotedRequest));
        assert_eq!(read("no log"), Err(Unread::NoQuotedRequest));
    }

    #[test]
    fn reads_json_lines() {
        let read = |line: &'static str| Kind::Json.read(line.as_bytes());
        let wanted = || Ok(entry(b"GET", b"/a/", Some(200)));
        for line in [
            r#"{"method":"GET","target":"/a/","status":200,"time":1.5}"#,
            r#"{"request_method":"GET","request_uri":"/a/","uri":"/b/","status":"200"}"#,
            r#"{"method":"GET","path":"/a/","url":"/b/","status":200}"#,
            r#"{"method":"GET","url":"https://host:8443/a/","status":200}"#,
            r#"{"request":"GET /a/ HTTP/1.1","status":200}"#,
            r#"{"request":{"method":"GET","uri":"/a/","headers":{}},"status":200}"#,
        ] {
            assert_eq!(read(line), wanted(), "{line}");
        }
        assert_eq!(read(r#"{"target":"/a/"}"#), Err(Unread::NoMethod));
        assert_eq!(read(r#"{"method":"GET"}"#), Err(Unread::NoTarget));
        assert_eq!(read(r#"{"method":"GET","#), Err(Unread::NotJson));
        assert_eq!(read(r#"["GET"]"#), Err(Unread::NotJson));
    }
}
