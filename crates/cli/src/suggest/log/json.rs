//! A JSON object a line.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::entry::{LoggedRequest, NoEntry, Unread, request_line, status};
use super::target::without_host;

/// The fields that gateways and servers write; all others are ignored.
#[derive(Deserialize)]
struct Fields {
    #[serde(default, deserialize_with = "present")]
    method: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    request_method: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    target: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    request_uri: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    uri: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    path: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    url: Option<Value>,
    request: Option<Value>,
    status: Option<Value>,
    status_code: Option<Value>,
    response_code: Option<Value>,
    response: Option<Value>,
}

/// A field that is there, also where it holds `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

pub(super) fn read(line: &[u8]) -> Result<LoggedRequest<'_>, NoEntry> {
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(Unread::NotJson.into());
    }
    let fields: Fields = serde_json::from_slice(line).map_err(|_| Unread::NotJson)?;
    let status = fields.status();
    if let Some(Value::String(request)) = &fields.request {
        if let Some((method, target)) = request_line(request.as_bytes()) {
            return Ok(entry(method.to_vec(), target.to_vec(), status));
        }
        if !fields.names_a_request() {
            return Err(match request.as_str() {
                "-" => NoEntry::NoRequest,
                _ => Unread::NoRequestLine.into(),
            });
        }
    }
    // Caddy and Kong write an object.
    let fields = match fields.request {
        Some(request @ Value::Object(_)) => {
            serde_json::from_value(request).map_err(|_| Unread::NotJson)?
        }
        _ => fields,
    };
    match (fields.method(), fields.target()) {
        (Some(method), Some(target)) => Ok(entry(method.into(), target.into(), status)),
        // Connections of other protocols are logged like this.
        (None, None) if fields.names_a_request() => Err(NoEntry::NoRequest),
        (None, _) => Err(Unread::NoMethod.into()),
        (_, None) => Err(Unread::NoTarget.into()),
    }
}

fn entry(method: Vec<u8>, target: Vec<u8>, status: Option<u16>) -> LoggedRequest<'static> {
    LoggedRequest {
        method: Cow::Owned(method),
        target: without_host(Cow::Owned(target)),
        status,
    }
}

impl Fields {
    fn methods(&self) -> [&Option<Value>; 2] {
        [&self.method, &self.request_method]
    }

    /// The rawest comes first: some servers normalise `uri` and `path`.
    fn targets(&self) -> [&Option<Value>; 5] {
        [
            &self.target,
            &self.request_uri,
            &self.uri,
            &self.path,
            &self.url,
        ]
    }

    fn method(&self) -> Option<&str> {
        self.methods().into_iter().find_map(text)
    }

    fn target(&self) -> Option<&str> {
        self.targets().into_iter().find_map(text)
    }

    /// Whether there are fields for a method and a target, whatever they contain.
    fn names_a_request(&self) -> bool {
        let is_there = |field: &&Option<Value>| field.is_some();
        self.methods().iter().any(is_there) && self.targets().iter().any(is_there)
    }

    /// The worst status, if several fields have one: a request that failed anywhere did not
    /// succeed.
    fn status(&self) -> Option<u16> {
        let nested = match &self.response {
            Some(Value::Object(response)) => response.get("status"),
            _ => None,
        };
        [&self.status, &self.status_code, &self.response_code]
            .into_iter()
            .filter_map(Option::as_ref)
            .chain(nested)
            .filter_map(|value| match value {
                Value::Number(number) => number.as_u64(),
                Value::String(text) => text.parse().ok(),
                _ => None,
            })
            .filter_map(status)
            .max()
    }
}

/// A text that says something.
fn text(value: &Option<Value>) -> Option<&str> {
    match value {
        Some(Value::String(text)) if text != "-" => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let wanted = entry(b"GET".to_vec(), b"/a/".to_vec(), Some(200));
        for line in [
            r#"{"method":"GET","target":"/a/","status":200,"time":1.5}"#,
            r#"{"request_method":"GET","request_uri":"/a/","uri":"/b/","status":"200"}"#,
            r#"{"method":"GET","path":"/a/","url":"/b/","status":200}"#,
            r#"{"method":"GET","url":"https://host:8443/a/","status":200}"#,
            r#"{"method":"GET","path":"http://[2001:db8::1]/a/","response_code":200}"#,
            r#"{"method":"GET","path":"/a/","status":"-","status_code":"200"}"#,
            r#"{"request":"GET /a/ HTTP/1.1","status":200}"#,
            r#"{"request":"GET https://host/a/ HTTP/1.1","status":200}"#,
            r#"{"request":"abc","method":"GET","path":"/a/","status":200}"#,
            r#"{"request":{"method":"GET","uri":"/a/","headers":{}},"status":200}"#,
            r#"{"request":{"method":"GET","uri":"/a/"},"response":{"status":200,"size":1}}"#,
        ] {
            assert_eq!(read(line.as_bytes()).as_ref(), Ok(&wanted), "{line}");
        }
    }

    #[test]
    fn statuses() {
        for (fields, wanted) in [
            (r#""status":200,"response_code":403"#, Some(403)),
            (r#""status":0"#, None),
            (r#""status":"ok""#, None),
            (r#""status":true,"response":{"status":null}"#, None),
            (r#""status":70000"#, None),
            (r#""other":200"#, None),
        ] {
            let line = format!(r#"{{"method":"GET","path":"/a/",{fields}}}"#);
            let read = read(line.as_bytes()).map(|entry| entry.status);
            assert_eq!(read, Ok(wanted), "{line}");
        }
    }

    #[test]
    fn what_is_no_request() {
        for (line, wanted) in [
            (r#"{"target":"/a/"}"#, NoEntry::Unread(Unread::NoMethod)),
            (r#"{"method":"GET"}"#, NoEntry::Unread(Unread::NoTarget)),
            (r#"{"method":"GET","#, NoEntry::Unread(Unread::NotJson)),
            (r#"["GET"]"#, NoEntry::Unread(Unread::NotJson)),
            (r#"{"request":"x"}"#, NoEntry::Unread(Unread::NoRequestLine)),
            (r#"{"request":"-"}"#, NoEntry::NoRequest),
            (r#"{"method":"-","path":"-"}"#, NoEntry::NoRequest),
            (r#"{"method":null,"path":null}"#, NoEntry::NoRequest),
            (
                r#"{"message":"started"}"#,
                NoEntry::Unread(Unread::NoMethod),
            ),
        ] {
            assert_eq!(read(line.as_bytes()), Err(wanted), "{line}");
        }
    }
}
