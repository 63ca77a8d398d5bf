//! The ASCII text of characters that some back ends take for ASCII: their form after
//! NFKC and full case folding (`ﬃ` is `ffi`, `𝐢` is `i`), with which rule 7 compares.

use core::num::NonZero;

use crate::unicode_tables::{ASCII_FORMS, ASCII_WORDS};

/// What the lower eleven bits of a row say: the letter, digit or number of its first code
/// point in the lowest seven, those of the next ones counted on from there. Without
/// `COUNTED`, a place in [`ASCII_WORDS`].
const COUNTED: u32 = 1 << 10;
const LETTERS: u32 = 1 << 9;
const ONE_DIGIT: u32 = 1 << 8;
const PARENTHESES: u32 = 1 << 7;

/// In [`ASCII_WORDS`], of the last character of a word. Alone, it is a character without
/// a form.
const LAST: u8 = 0x80;

/// The text of a character beyond ASCII after NFKC and full case folding, if it is all
/// ASCII and no segment is refused for the character. One to four characters, in lower
/// case, the first in the lowest byte; zeros behind them.
///
/// Both Turkic i's (`İ`, `ı`) are an `i` here, as they are to whoever folds by Turkish rules.
#[cold]
pub(crate) fn ascii_form(code_point: u32) -> Option<NonZero<u32>> {
    let behind = ASCII_FORMS.partition_point(|row| row >> 11 <= code_point);
    let row = *ASCII_FORMS.get(behind.checked_sub(1)?)?;
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
    let (tens, ones) = (zero | number / 10 % 10, zero | number % 10);
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

/// The word that so many others are between and `at`. Zero if the words end before it.
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
