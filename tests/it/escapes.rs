//! The rules of escapes, held to a transcription of them that says which rule is
//! broken and where. It decodes nothing itself: Rust's library reads the hex and
//! the UTF-8.

use routescope::PathRule;
use routescope_core::path::check_segment;

use crate::oracle::is_look_alike;

type Broken = (PathRule, usize);

/// The first rule that a segment breaks.
fn judge(segment: &[u8]) -> Result<(), Broken> {
    if segment.is_empty() {
        return Err((PathRule::EmptySegment, 0));
    }
    let (mut at, mut decoded) = (0, 0);
    while at < segment.len() {
        let (raw, bytes) = character(&segment[at..]).map_err(|rule| (rule, at))?;
        at += raw;
        decoded += bytes;
    }
    let len = segment.len();
    let all_dots = segment.iter().all(|&byte| byte == b'.');
    match segment {
        _ if decoded > 255 => Err((PathRule::SegmentTooLong, 0)),
        _ if all_dots => Err((PathRule::DotSegment, 0)),
        [b'%', b'2', b'0', ..] => Err((PathRule::SegmentEdge, 0)),
        [.., b'.'] => Err((PathRule::SegmentEdge, len - 1)),
        [.., b'%', b'2', b'0'] => Err((PathRule::SegmentEdge, len - 3)),
        _ => Ok(()),
    }
}

/// The raw and the decoded length of the character that a text begins with.
fn character(text: &[u8]) -> Result<(usize, usize), PathRule> {
    match text[0] {
        b'%' => {}
        byte if byte.is_ascii_alphanumeric() => return Ok((1, 1)),
        byte if b"-._~!$&'()*+,=:@".contains(&byte) => return Ok((1, 1)),
        b'#' => return Err(PathRule::Fragment),
        _ => return Err(PathRule::Byte),
    }
    let bytes: Vec<u8> = text.chunks(3).take(4).map_while(escaped).collect();
    let Some(&lead) = bytes.first() else {
        return Err(PathRule::BadEscape);
    };
    if lead.is_ascii_control() || b"/\\%;?#".contains(&lead) {
        return Err(PathRule::EncodedDelimiter);
    }
    if lead.is_ascii_alphanumeric() || b"-._".contains(&lead) {
        return Err(PathRule::EncodedUnreserved);
    }
    let texts = (1..=bytes.len()).filter_map(|len| std::str::from_utf8(&bytes[..len]).ok());
    let Some(c) = texts.filter_map(|text| text.chars().next()).next() else {
        return Err(PathRule::Utf8);
    };
    if is_look_alike(c) {
        return Err(PathRule::Confusable);
    }
    Ok((3 * c.len_utf8(), c.len_utf8()))
}

/// The byte of `%` and two hex digits. No sign: `u8`'s parser would take one.
fn escaped(text: &[u8]) -> Option<u8> {
    match text {
        [b'%', digits @ ..] if digits.len() == 2 && digits[0] != b'+' => {
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    }
}

fn compare(segment: &[u8]) {
    let checked = check_segment(segment).map_err(|bad| (bad.rule, bad.at));
    assert_eq!(checked, judge(segment), "{}", segment.escape_ascii());
}

fn escapes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

/// A code point in `len` bytes of UTF-8, even where UTF-8 forbids that: surrogates,
/// overlong forms, and numbers above U+10FFFF.
fn encoded(code_point: u32, len: u32) -> Vec<u8> {
    let continuation = |place: u32| 0x80 | (code_point >> (6 * place)) as u8 & 0x3F;
    let marker = [0, 0, 0xC0, 0xE0, 0xF0][len as usize];
    let mut bytes = vec![marker | (code_point >> (6 * (len - 1))) as u8];
    bytes.extend((0..len - 1).rev().map(continuation));
    bytes
}

#[test]
fn every_code_point() {
    for code_point in 0x80..=0x10_FFFF {
        let len = match code_point {
            0x80..=0x7FF => 2,
            0x800..=0xFFFF => 3,
            _ => 4,
        };
        let segment = escapes(&encoded(code_point, len));
        compare(segment.as_bytes());
        compare(segment.to_ascii_lowercase().as_bytes());
    }
}

/// Characters that some back end reads as an ASCII delimiter, and characters that
/// ordinary names contain.
#[test]
fn look_alikes_by_name() {
    let refused = |c: char| {
        let mut bytes = [0; 4];
        let segment = format!("x{}x", escapes(c.encode_utf8(&mut bytes).as_bytes()));
        match check_segment(segment.as_bytes()) {
            Ok(()) => false,
            Err(bad) => {
                assert_eq!((bad.rule, bad.at), (PathRule::Confusable, 1), "{c}");
                true
            }
        }
    };
    for (becomes, characters) in [
        (
            "/",
            "\u{2044}\u{2215}\u{FF0F}\u{2105}\u{29F8}\u{B4}\u{BD}\u{33A7}",
        ),
        ("\\", "\u{2216}\u{29F5}\u{FE68}\u{FF3C}\u{A5}\u{20A9}"),
        (
            ".",
            "\u{2024}\u{2026}\u{3002}\u{FF0E}\u{33C2}\u{33C7}\u{33D8}\u{2488}",
        ),
        ("%", "\u{66A}\u{FE6A}\u{FF05}"),
        (";", "\u{37E}\u{FF1B}"),
        ("?", "\u{BF}\u{2048}\u{FF1F}"),
        ("#", "\u{FE5F}\u{FF03}"),
        (":", "\u{589}\u{2236}\u{2A74}\u{FF1A}"),
        ("*", "\u{2217}\u{FE61}\u{FF0A}"),
        ("\"", "\u{2BA}\u{30E}\u{301D}\u{301E}\u{FF02}"),
        ("<", "\u{2329}\u{3008}\u{226E}\u{25C4}\u{FF1C}"),
        (">", "\u{232A}\u{3009}\u{226F}\u{25BA}\u{FF1E}"),
        ("|", "\u{A6}\u{1C0}\u{2223}\u{2758}\u{FF5C}"),
        ("+", "\u{207A}\u{208A}\u{253C}\u{FB29}\u{FF0B}"),
        ("$", "\u{FE69}\u{FF04}"),
        (
            "a space",
            "\u{A0}\u{A8}\u{AF}\u{2003}\u{2017}\u{3000}\u{309B}\u{FDFA}",
        ),
        ("a control", "\u{A7}\u{B6}\u{2302}\u{25D9}\u{266A}"),
        (
            "nothing",
            "\u{AD}\u{34F}\u{115F}\u{180B}\u{200B}\u{2065}\u{2800}\u{3164}\u{FE0F}\u{E0000}",
        ),
        (
            "anything",
            "\u{85}\u{600}\u{2028}\u{E000}\u{F0000}\u{100000}\u{10FFFD}\u{FDD0}\u{FFFE}",
        ),
    ] {
        for c in characters.chars() {
            assert!(refused(c), "U+{:04X} may become {becomes}", u32::from(c));
        }
    }
    for c in "\u{2018}\u{2019}\u{201C}\u{2013}\u{2014}ßẞıİﬃ𝐢①²ªäéğŁЖλאب漢かカ한€°·×÷«»😀".chars()
    {
        assert!(!refused(c), "U+{:04X}", u32::from(c));
    }
}

/// More bytes than a code point needs, and more bits than there are code points.
#[test]
fn no_other_form() {
    for code_point in 0..0x800 {
        compare(escapes(&encoded(code_point, 3)).as_bytes());
    }
    for code_point in (0..0x20_0000).filter(|point| *point < 0x1_0000 || *point > 0x10_FFFF) {
        compare(escapes(&encoded(code_point, 4)).as_bytes());
    }
}

/// Each pair of escaped bytes: alone, before something, and as the first half
/// and the last half of four.
#[test]
fn every_two_escapes() {
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            let pair = escapes(&[first, second]);
            for context in [
                "", "x", "%", "%8", "%80", "%80%80", "%20", "abcdefgh", ":@+",
            ] {
                compare(format!("{pair}{context}").as_bytes());
                compare(format!("{context}{pair}").as_bytes());
            }
            for lead in ["%E2", "%ED", "%F0%90", "%F4%8F", "%E3x"] {
                compare(format!("{lead}{pair}x").as_bytes());
            }
        }
    }
}

/// Each byte where a digit or the `%` should be.
#[test]
fn every_byte_of_an_escape() {
    for whole in ["%C3%A4", "%E6%BC%A2", "%F0%9F%98%80", "%21%22", "a%21b"] {
        for place in 0..whole.len() {
            for byte in 0..=u8::MAX {
                let mut text = whole.as_bytes().to_vec();
                text[place] = byte;
                compare(&text);
                text.extend_from_slice(b"abcdefghijklmnop");
                compare(&text);
            }
        }
    }
}

/// All texts of up to five of these, and each of them cut short.
#[test]
fn pieces_in_any_order() {
    const PIECES: [&str; 19] = [
        "a",
        ".",
        ":",
        "abcdefgh",
        "+.,=@~!$-_",
        "#",
        ";",
        "%20",
        "%21",
        "%2e",
        "%2F",
        "%C3%A4",
        "%C2%A0",
        "%C3",
        "%E6%BC%A2",
        "%EF%BC%8F",
        "%F0%9F%98%80",
        "%bc",
        "%",
    ];
    fn extend(text: &mut String, more: usize) {
        compare(text.as_bytes());
        let len = text.len();
        if more == 0 {
            compare(&text.as_bytes()[..len.saturating_sub(1)]);
            compare(&text.as_bytes()[..len.saturating_sub(2)]);
            return;
        }
        for piece in PIECES {
            text.push_str(piece);
            extend(text, more - 1);
            text.truncate(len);
        }
    }
    extend(&mut String::new(), 4);
}

/// Lengths up to the longest segment, around the multiples of 256, and some between.
fn near_a_limit(times: usize) -> bool {
    times <= 272 || times.is_multiple_of(16) || (times + 2) % 256 <= 4
}

/// Up to the longest segment and beyond, also beyond what a byte can count. CI tries every
/// number of repetitions.
#[test]
fn every_length() {
    let thorough = std::env::var_os("ROUTESCOPE_THOROUGH").is_some_and(|value| value == "1");
    for piece in ["a", "%21", "%C3%A4", "%E6%BC%A2", "%F0%9F%98%80"] {
        for plain in 0..4 {
            for times in (0..=1024).filter(|times| thorough || near_a_limit(*times)) {
                compare(format!("{}{}", "x".repeat(plain), piece.repeat(times)).as_bytes());
            }
        }
        for plain in 0..=600 {
            compare(format!("{}{}", piece.repeat(50), "x".repeat(plain)).as_bytes());
        }
    }
}
