//! The target in a log, which may follow a scheme and a host.
//!
//! Load balancers write the URL that they understood, not the bytes on the wire. The engine
//! refuses a request that is sent this way; a line of a log is cut.

use std::borrow::Cow;

const SCHEMES: [&[u8]; 4] = [b"http://", b"https://", b"ws://", b"wss://"];

/// Cuts the scheme and the host of a URL; any other target stays unchanged.
pub(super) fn without_host(target: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let starts_with = |scheme: &&[u8]| {
        let start = target.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let Some(scheme) = SCHEMES.iter().find(|scheme| starts_with(scheme)) else {
        return target;
    };
    let start = scheme.len();
    let end =
        memchr::memchr3(b'/', b'?', b'#', &target[start..]).map_or(target.len(), |at| start + at);
    if !is_authority(&target[start..end]) {
        return target;
    }
    if target.get(end) != Some(&b'/') {
        return Cow::Owned([b"/", &target[end..]].concat());
    }
    match target {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[end..]),
        Cow::Owned(mut bytes) => {
            bytes.drain(..end);
            Cow::Owned(bytes)
        }
    }
}

/// Whether a text is an authority, such as `pbx.example:443` or `[2001:db8::1]:80`. Of any
/// other text, no two readers may agree on its end.
fn is_authority(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]%".contains(byte);
    !text.is_empty() && text.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_host_go() {
        for (target, path) in [
            ("https://pbx.example:443/a/?x=1", "/a/?x=1"),
            ("http://[2001:db8::1]:80/a/", "/a/"),
            ("WSS://pbx.example/a", "/a"),
            ("https://pbx.example", "/"),
            ("https://pbx.example?x=/a", "/?x=/a"),
            ("/https://pbx.example/a", "/https://pbx.example/a"),
            ("https:/a", "https:/a"),
            ("https:///a", "https:///a"),
            ("ftp://pbx.example/a", "ftp://pbx.example/a"),
            ("https://pbx.example\\@x/a", "https://pbx.example\\@x/a"),
            ("https://a b/c", "https://a b/c"),
            ("*", "*"),
            ("pbx.example:443", "pbx.example:443"),
        ] {
            let borrowed = without_host(Cow::Borrowed(target.as_bytes()));
            assert_eq!(borrowed, path.as_bytes(), "{target}");
            assert_eq!(without_host(Cow::Owned(target.into())), borrowed);
        }
    }
}
