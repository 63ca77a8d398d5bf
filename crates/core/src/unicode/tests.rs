//! The tables of characters, held to the sentences that they are made from, over all code
//! points. Shares nothing with the script that makes them but the two lists that people
//! write: the forms come from `unicode-normalization` and the case mappings of Rust's
//! library, the properties from `regex-syntax`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

extern crate std;

use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use regex_syntax::hir::{Class, HirKind};
use unicode_normalization::UnicodeNormalization;

use super::ascii_form::ascii_form;
use super::confusable::is_confusable;
use super::tables::{ASCII_FORMS, ASCII_WORDS, CONFUSABLE, CONFUSABLE_BEYOND};

const BEST_FIT: &str = include_str!("../../../../scripts/unicode-tables/best-fit.txt");
const BY_HAND: &str = include_str!("../../../../scripts/unicode-tables/by-hand.txt");

fn characters() -> impl Iterator<Item = char> {
    '\u{80}'..=char::MAX
}

fn is_significant(c: char) -> bool {
    c.is_ascii_control() || " /\\.%;?#:*\"<>|+$".contains(c)
}

fn hex(text: &str) -> u32 {
    u32::from_str_radix(text, 16).unwrap_or_else(|_| panic!("not hexadecimal: {text}"))
}

/// The lines of a list without its comments, cut at spaces.
fn lines(list: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').collect())
}

/// The characters of a property, by its name.
fn property(name: &str) -> BTreeSet<char> {
    let hir = regex_syntax::parse(&format!(r"\p{{{name}}}")).expect("a property");
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else {
        panic!("{name} is no set of characters");
    };
    let ranges = class.ranges().iter();
    ranges
        .flat_map(|range| range.start()..=range.end())
        .collect()
}

/// The characters that the sentence names without regard to compatibility forms.
fn refused_as_they_are() -> BTreeSet<char> {
    let mut refused = BTreeSet::new();
    for name in ["Cc", "Cf", "Z", "Co", "Default_Ignorable_Code_Point"] {
        refused.extend(property(name));
    }
    refused.extend(characters().filter(|c| {
        let code_point = u32::from(*c);
        code_point & 0xFFFE == 0xFFFE || matches!(code_point, 0xFDD0..=0xFDEF)
    }));
    for fields in lines(BEST_FIT) {
        let becomes = char::from_u32(hex(fields[1])).expect("a character");
        assert!(is_significant(becomes), "{fields:?}");
        refused.extend(char::from_u32(hex(fields[0])));
    }
    for fields in lines(BY_HAND) {
        let (first, last) = fields[0].split_once('-').unwrap_or((fields[0], fields[0]));
        refused.extend((hex(first)..=hex(last)).filter_map(char::from_u32));
    }
    refused
}

/// All that the sentence says: these, what a compatibility form turns into text with one of
/// them, and what it turns into text with a delimiter, a space or a control.
fn refused() -> BTreeSet<char> {
    let as_they_are = refused_as_they_are();
    let becomes_refused = |c: &char| {
        let is_refused = |c: char| is_significant(c) || as_they_are.contains(&c);
        c.nfkc().any(is_refused) || c.nfkd().any(is_refused)
    };
    let mut refused: BTreeSet<char> = characters().filter(becomes_refused).collect();
    refused.extend(as_they_are.iter().filter(|c| !c.is_ascii()));
    refused
}

/// After NFKC and full case folding. Folding is what remains the same in upper case and in
/// lower case, and Turkish has two more letters for an `i`.
fn folded(c: char) -> String {
    let fold = |c: char| match c {
        'İ' | 'ı' => "i".to_string(),
        _ => {
            let lower: String = c.to_lowercase().collect();
            lower.to_uppercase().to_lowercase()
        }
    };
    let folded: String = c.nfkc().map(fold).collect();
    folded.nfkc().collect()
}

/// The letter of an index among the mathematical alphabets that is left free, because the
/// letter had been encoded before.
fn mathematical_gap(c: char, assigned: &BTreeSet<char>) -> Option<String> {
    let index = u32::from(c).checked_sub(0x1D400)?;
    let is_gap = c <= '\u{1D6A3}' && !assigned.contains(&c);
    is_gap.then(|| char::from(b'a' + (index % 26) as u8).to_string())
}

fn form(code_point: u32) -> Option<String> {
    let bytes = ascii_form(code_point)?.get().to_le_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("ASCII");
    let text = text.trim_end_matches('\0');
    assert!(text.is_ascii() && !text.contains('\0'), "{code_point:04X}");
    Some(text.to_string())
}

#[test]
fn the_same_unicode_everywhere() {
    assert_eq!(unicode_normalization::UNICODE_VERSION, (17, 0, 0));
    let generated = include_str!("tables.rs");
    assert!(generated.contains("from Unicode 17.0.0."));
}

#[test]
fn every_refused_character() {
    let refused = refused();
    assert!(refused.len() > 140_000);
    for c in characters() {
        assert_eq!(
            is_confusable(u32::from(c)),
            refused.contains(&c),
            "{:04X}",
            u32::from(c)
        );
    }
}

#[test]
fn every_ascii_form() {
    let (refused, assigned) = (refused(), property("Assigned"));
    let mut count = 0;
    for c in characters() {
        let text = folded(c);
        let expected = if refused.contains(&c) {
            None
        } else if text.is_ascii() {
            Some(text)
        } else {
            mathematical_gap(c, &assigned)
        };
        count += usize::from(expected.is_some());
        assert_eq!(form(u32::from(c)), expected, "{:04X}", u32::from(c));
    }
    assert_eq!(count, 1278);
    for code_point in (0..0x80).chain(0xD800..0xE000).chain([0x11_0000, u32::MAX]) {
        assert_eq!(form(code_point), None, "{code_point:04X}");
    }
}

/// The engine still refuses every character that it refused before these tables were
/// generated.
#[test]
fn nothing_refused_before_is_accepted() {
    const BEFORE: [(u32, u32); 38] = [
        (0x0080, 0x00A0),
        (0x00A5, 0x00A5),
        (0x00AD, 0x00AD),
        (0x017F, 0x017F),
        (0x034F, 0x034F),
        (0x037E, 0x037E),
        (0x061C, 0x061C),
        (0x115F, 0x1160),
        (0x1680, 0x1680),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2000, 0x200F),
        (0x2024, 0x2026),
        (0x2028, 0x202F),
        (0x2044, 0x2044),
        (0x2047, 0x2049),
        (0x205F, 0x206F),
        (0x20A9, 0x20A9),
        (0x2100, 0x2101),
        (0x2105, 0x2106),
        (0x212A, 0x212A),
        (0x2215, 0x2216),
        (0x2488, 0x249B),
        (0x2800, 0x2800),
        (0x29F5, 0x29F5),
        (0x29F8, 0x29F9),
        (0x3000, 0x3000),
        (0x3002, 0x3002),
        (0x3164, 0x3164),
        (0xE000, 0xF8FF),
        (0xFDD0, 0xFDEF),
        (0xFE00, 0xFE19),
        (0xFE30, 0xFE6F),
        (0xFEFF, 0xFFFB),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0x1F100, 0x1F100),
        (0xE0000, 0xE0FFF),
    ];
    let plane_ends = (0..=16).map(|plane| (plane << 16 | 0xFFFE, plane << 16 | 0xFFFF));
    for (first, last) in BEFORE.into_iter().chain(plane_ends) {
        for code_point in first..=last {
            assert!(is_confusable(code_point), "{code_point:04X}");
        }
    }
}

#[test]
fn named_characters() {
    const REFUSED: &str =
        "٪։∶ʺ〈〈∗㏂㏇㏘；／＼．⁄∕∖⧵⧸⧹¥₩¦´½≮ſ\u{212A}\u{2800}\u{FEFF}\u{200B}\u{F0000}\u{10FFFD}";
    for c in REFUSED.chars() {
        assert!(is_confusable(u32::from(c)), "{c} {:04X}", u32::from(c));
    }
    const ACCEPTED: &str = "’‘“”–—ßäéÉøñçğışœłЖжλאب漢かカ한😀👍€°·×÷±«»";
    for c in ACCEPTED.chars() {
        assert!(!is_confusable(u32::from(c)), "{c} {:04X}", u32::from(c));
    }
    let cases = BTreeMap::from([
        ('ß', Some("ss")),
        ('ẞ', Some("ss")),
        ('İ', Some("i")),
        ('ı', Some("i")),
        ('ﬃ', Some("ffi")),
        ('ﬅ', Some("st")),
        ('ﬆ', Some("st")),
        ('𝐢', Some("i")),
        ('𝚤', Some("i")),
        ('ℓ', Some("l")),
        ('℡', Some("tel")),
        ('①', Some("1")),
        ('⑳', Some("20")),
        ('㊿', Some("50")),
        ('⑴', Some("(1)")),
        ('⒇', Some("(20)")),
        ('⒜', Some("(a)")),
        ('🄩', Some("(z)")),
        ('🄁', Some("0,")),
        ('²', Some("2")),
        ('ª', Some("a")),
        ('㎢', Some("km2")),
        ('ⅷ', Some("viii")),
        ('Ⅷ', Some("viii")),
        ('𝟗', Some("9")),
        ('\u{1D455}', Some("h")), // a gap: the italic h is U+210E
        ('ä', None),
        ('漢', None),
        ('Ａ', None), // refused
        ('⒈', None),  // refused: it ends in a dot
    ]);
    for (c, expected) in cases {
        assert_eq!(form(u32::from(c)).as_deref(), expected, "{c}");
    }
}

/// Firmware carries these.
#[test]
fn tables_are_small() {
    assert!(size_of_val(&ASCII_FORMS) + size_of_val(&ASCII_WORDS) < 900);
    assert!(size_of_val(&CONFUSABLE) + size_of_val(&CONFUSABLE_BEYOND) < 600);
}
