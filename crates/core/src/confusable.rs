//! Code points that look like a delimiter, look like nothing, or turn into
//! something else when a back end normalises Unicode.

/// Inclusive ranges, sorted. `tests/data/confusables.txt` names each one.
const RANGES: [(u32, u32); 23] = [
    (0x0080, 0x009F),
    (0x00A0, 0x00A0),
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x180E, 0x180E),
    (0x2000, 0x200F),
    (0x2024, 0x2026),
    (0x2028, 0x202E),
    (0x2044, 0x2044),
    (0x2060, 0x206F),
    (0x2215, 0x2215),
    (0x2216, 0x2216),
    (0x29F5, 0x29F5),
    (0x29F8, 0x29F8),
    (0x29F9, 0x29F9),
    (0x3000, 0x3000),
    (0x3002, 0x3002),
    (0xE000, 0xF8FF),
    (0xFDD0, 0xFDEF),
    (0xFE50, 0xFE6F),
    (0xFEFF, 0xFEFF),
    (0xFF00, 0xFFEF),
];

/// Tags and the supplement of variation selectors.
const PLANE_14: (u32, u32) = (0xE0000, 0xE0FFF);

/// Whether a decoded path segment may not contain `code_point`.
pub(crate) fn is_confusable(code_point: u32) -> bool {
    // The last two code points of every plane are noncharacters.
    code_point & 0xFFFE == 0xFFFE
        || (PLANE_14.0 <= code_point && code_point <= PLANE_14.1)
        || RANGES
            .iter()
            .any(|&(first, last)| first <= code_point && code_point <= last)
}
