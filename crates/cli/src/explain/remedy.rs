//! The remedy for a broken path rule, told for the bytes that break it.

use routescope::PathRule;

use crate::wire::byte_from_hex;

/// The rule's own [remedy](PathRule::remedy), or a more exact one where the bytes tell more.
pub(super) fn remedy(rule: PathRule, bytes: &[u8]) -> String {
    let exact = match (rule, bytes) {
        (PathRule::QueryBytes, [byte]) => Some(format!("Escape it: write `%{byte:02X}`.")),
        (PathRule::Byte, [b';' | b'\\' | 0..=0x1F | 0x7F]) => {
            Some("A value cannot contain it, escaped or not: use another one.".to_owned())
        }
        (PathRule::Byte, _) if std::str::from_utf8(bytes).is_ok() => {
            let escaped: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
            Some(format!("Escape it: write `{escaped}`."))
        }
        (PathRule::EncodedUnreserved, [b'%', high, low]) => {
            byte_from_hex([*high, *low]).map(|byte| {
                format!(
                    "Write `{}` for `{}`.",
                    char::from(byte),
                    bytes.escape_ascii()
                )
            })
        }
        _ => None,
    };
    exact.unwrap_or_else(|| rule.remedy().to_owned())
}
