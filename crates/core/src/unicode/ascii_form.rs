//! The ASCII text of characters that some back ends turn into ASCII: their form after NFKC
//! and full case folding (`ﬃ` is `ffi`, `𝐢` is `i`). Rule 7 compares values in this form.
//!
//! A row of [`ASCII_FORMS`] is a code point, shifted left by eleven bits, and how the code
//! points from there on read, up to the next row's. `scripts/unicode-tables` writes them.

use core::num::NonZero;

use super::tables::{ASCII_FORMS, ASCII_WORDS};

/// The code points of the row count letters or numbers. The lowest seven bits are the first
/// one. Without this bit, the row holds an index into [`ASCII_WORDS`].
const COUNTED: u32 = 1 << 10;
/// They are letters: `z` is followed by `a`.
const LETTERS: u32 = 1 << 9;
/// They are single digits: `9` is followed by `0`.
const ONE_DIGIT: u32 = 1 << 8;
/// They stand in parentheses.
const PARENTHESES: u32 = 1 << 7;

/// Marks the last byte of a word. A word of this bit alone says: no ASCII form. A zero byte
/// ends the words of a row.
const LAST: u8 = 0x80;

/// The text of a character beyond ASCII after NFKC and full case folding, if that is ASCII
/// only and the character itself is not refused: one to four bytes in lower case, the first
/// in the lowest byte, padded with zeros.
///
/// Code points that Unicode leaves free among the mathematical letters have the form of the
/// letter of their place: no character is lost by it, and the table is smaller.
///
/// Both Turkic i's (`İ`, `ı`) are an `i`, although full case folding keeps the second and the
/// dot of the first: Turkish case rules turn them into ASCII.
///
/// Never inlined: few paths have an escape beyond ASCII. Cost: a binary search, and a scan of
/// at most 32 words.
#[cold]
pub(crate) fn ascii_form(code_point: u32) -> Option<NonZero<u32>> {
    let next = ASCII_FORMS.partition_point(|row| row >> 11 <= code_point);
    let row = *ASCII_FORMS.get(next.checked_sub(1)?)?;
    let ordinal = code_point.wrapping_sub(row >> 11);
    NonZero::new(if row & COUNTED == 0 {
        word(row & (COUNTED - 1), ordinal)
    } else {
        counted(row, (row & 0x7F).wrapping_add(ordinal))
    })
}

/// A letter or a number of at most two digits, perhaps in parentheses.
fn counted(row: u32, number: u32) -> u32 {
    let zero = u32::from(b'0');
    let (tens, ones) = (zero | (number / 10 % 10), zero | (number % 10));
    let (text, width) = if row & LETTERS != 0 {
        (u32::from(b'a').wrapping_add(number % 26), 8)
    } else if row & ONE_DIGIT != 0 || tens == zero {
        (ones, 8)
    } else {
        (tens | ones << 8, 16)
    };
    if row & PARENTHESES == 0 {
        return text;
    }
    u32::from(b'(') | text << 8 | u32::from(b')') << 8 << width
}

/// The word number `ordinal` of those that begin at `at`. Zero if there are fewer.
fn word(at: u32, ordinal: u32) -> u32 {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let words = ASCII_WORDS.get(at..).unwrap_or_default();
    let (mut left, mut text, mut width) = (ordinal, 0, 0u32);
    for &byte in words.iter().take_while(|&&byte| byte != 0) {
        if left == 0 {
            text |= u32::from(byte & !LAST) << (width & 31);
            width = width.wrapping_add(8);
        }
        if byte & LAST != 0 {
            if left == 0 {
                return text;
            }
            left = left.wrapping_sub(1);
        }
    }
    0
}
