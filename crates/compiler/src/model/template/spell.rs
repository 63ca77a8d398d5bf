//! The one spelling of a template's segments.

use routescope_core::path;

/// The one spelling of a segment that keeps the path rules.
pub(super) fn canonical(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(char::from(byte));
            continue;
        }
        let digit = |digit: Option<u8>| {
            digit
                .and_then(|d| char::from(d).to_digit(16))
                .unwrap_or_default()
        };
        let value = digit(bytes.next()) << 4 | digit(bytes.next());
        out.push_str(&spell(u8::try_from(value).unwrap_or_default()));
    }
    out
}

/// A decoded byte as a canonical segment writes it.
pub(crate) fn spell(byte: u8) -> String {
    let raw = [byte];
    // A lone dot is refused as a segment, not as a byte; templates keep it raw.
    if byte == b'.' || path::check_segment(&raw).is_ok() {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
