//! Fields of a vector as bytes.

/// A field with its escapes, `\xHH`, undone, if it fits and they are whole.
pub struct Unescaped<const SIZE: usize> {
    buffer: [u8; SIZE],
    length: Option<usize>,
}

impl<const SIZE: usize> Unescaped<SIZE> {
    /// Undoes the escapes of `field`.
    #[must_use]
    pub fn of(field: &[u8]) -> Self {
        let mut buffer = [0; SIZE];
        let length = unescape(field, &mut buffer);
        Self { buffer, length }
    }

    /// The bytes; `None` for a field that is malformed or too long.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.buffer.get(..self.length?)
    }
}

fn unescape(field: &[u8], buffer: &mut [u8]) -> Option<usize> {
    let mut rest = field;
    let mut length = 0;
    while let Some((&first, after)) = rest.split_first() {
        let byte = match (first, after) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                rest = after;
                hex_digit(*high)? << 4 | hex_digit(*low)?
            }
            (b'\\', _) => return None,
            _ => {
                rest = after;
                first
            }
        };
        *buffer.get_mut(length)? = byte;
        length += 1;
    }
    Some(length)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
