//! Sixteen bytes of a text at a time.
//!
//! Written so that the compiler turns each function into a few vector
//! instructions where the processor has them, and into plain loops elsewhere:
//! no intrinsics, no `unsafe`, the same answers everywhere.

/// Bytes looked at in one go.
pub(crate) const LANES: usize = 16;

/// Where, from `at` on, the first byte stands that is not `wanted`, or the
/// length of the text.
#[inline]
pub(crate) fn first_not(text: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let mut at = at;
    while let Some((bytes, behind)) = window(text, at) {
        let unwanted = mask(bytes.map(|byte| u8::from(!wanted(byte))));
        // The bit above the lanes is for the end of the window.
        let lanes = ((unwanted | 1 << LANES) >> behind).trailing_zeros() as usize;
        at = at.wrapping_add(lanes);
        if lanes < LANES {
            break;
        }
    }
    at.min(text.len())
}

/// Whether any two neighbours, of a text's first byte and second, second and
/// third and so on, are `wanted`.
#[inline]
pub(crate) fn any_neighbours(text: &[u8], wanted: impl Fn(u8, u8) -> bool) -> bool {
    let mut at = 1;
    while let Some((bytes, behind)) = window(text, at) {
        let start = at.wrapping_sub(behind);
        let before = text
            .get(start.wrapping_sub(1)..)
            .and_then(<[u8]>::first_chunk::<LANES>);
        let Some(before) = before else {
            // Less than a window.
            return text
                .windows(2)
                .any(|pair| matches!(pair, &[a, b] if wanted(a, b)));
        };
        let mut found = [0; LANES];
        for ((found, &a), b) in found.iter_mut().zip(before).zip(bytes) {
            *found = u8::from(wanted(a, b));
        }
        if u128::from_ne_bytes(found) != 0 {
            return true;
        }
        at = start.wrapping_add(LANES);
    }
    false
}

/// The bytes from `at` on, or the last sixteen where fewer are left, and how
/// many of these lie before `at`. `None` at the end.
///
/// A text of less than sixteen bytes is padded with zeros.
#[inline]
fn window(text: &[u8], at: usize) -> Option<([u8; LANES], usize)> {
    let Some(last) = text.len().checked_sub(LANES) else {
        return padded(text, at);
    };
    if at >= text.len() {
        return None;
    }
    let start = at.min(last);
    let bytes = text.get(start..)?.first_chunk()?;
    Some((*bytes, at.wrapping_sub(start)))
}

#[cold]
fn padded(text: &[u8], at: usize) -> Option<([u8; LANES], usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let mut bytes = [0; LANES];
    for (padded, byte) in bytes.iter_mut().zip(rest) {
        *padded = *byte;
    }
    Some((bytes, 0))
}

/// One bit for each lane, which is 0 or 1.
#[inline]
fn mask(lanes: [u8; LANES]) -> u32 {
    match lanes.as_chunks::<8>().0 {
        [low, high] => gather(*low) | gather(*high) << 8,
        _ => 0,
    }
}

/// Multiplying moves bit `8 * i` to bit `56 + i`; no two partial sums meet.
#[inline]
fn gather(lanes: [u8; 8]) -> u32 {
    (u64::from_le_bytes(lanes).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8; 70] =
        b"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx";

    #[test]
    fn the_first_of_every_length_and_place() {
        for len in 0..TEXT.len() {
            for start in 0..=len {
                assert_eq!(first_not(&TEXT[..len], start, |_| true), len);
                for odd in start..len {
                    let mut text = TEXT[..len].to_vec();
                    text[odd] = b'/';
                    assert_eq!(first_not(&text, start, |byte| byte != b'/'), odd);
                }
            }
        }
    }

    #[test]
    fn neighbours_of_every_length_and_place() {
        for len in 0..TEXT.len() {
            let wanted = |a: u8, b: u8| a == b'/' && b == b'.';
            assert!(!any_neighbours(&TEXT[..len], wanted));
            for odd in 1..len {
                let mut text = TEXT[..len].to_vec();
                text[odd - 1] = b'/';
                assert!(!any_neighbours(&text, wanted), "{odd} of {len}");
                text[odd] = b'.';
                assert!(any_neighbours(&text, wanted), "{odd} of {len}");
            }
        }
    }
}
