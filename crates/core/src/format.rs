//! Policies as bytes: the format that `routescope compile` writes.
//!
//! ```text
//!  0  magic                    8 bytes
//!  8  version of the format    u32
//! 12  length of all            u32
//! 16  layout of the tables     u64
//! 24  digest                  32 bytes
//! 56  revision                 u32
//! 60  slots of the edge hash   u32
//! 64  options                  8 bytes: case, trailing slash, words of the exact map's hash,
//!                              words of the scope hash, alphabet of keys, features,
//!                              length of keys as u16; the highest bit of the features stands for
//!                              `values: no-colon`
//! 72  rows of each section    17 x u32
//! 140 the sections, in this order: name, updated, umbrella, prefix of keys, then the tables
//!     in the order of `Section`, text last
//! end checksum                 u64: FNV-1a of all bytes before it
//! ```
//!
//! Numbers are little-endian. Nothing is padded: every section is an array of bytes, so that it
//! is read where it lies, whatever its address.

use crate::automaton::{Features, HashedEdgeBytes};
use crate::automaton::{RouteBytes, ScopeBytes, SlashPairBytes, StateBytes, Tables};
use crate::path::{Case, PathOptions, TrailingSlash, Values};
use crate::{Alphabet, KeyFormat, LoadError};

/// The bytes that every compiled policy begins with. As in PNG, a byte above 0x7F, a line break
/// and an end-of-file character of DOS show a transfer that took the file for text.
pub const MAGIC: [u8; 8] = *b"\x89RSP\r\n\x1a\n";

/// The version of the format that is read and written.
pub const VERSION: u32 = 1;

/// The bytes before the sections.
pub const HEADER: usize = 140;

/// The bit of the features that stands for `values: no-colon`.
pub const NO_COLON: u8 = 1 << 7;

/// The number of sections.
pub const SECTIONS: usize = 17;

/// FNV-1a with 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv). One changed byte always changes
/// it, since each step is a bijection of the sum.
#[must_use]
pub const fn checksum(bytes: &[u8]) -> u64 {
    let (mut sum, mut rest) = (0xCBF2_9CE4_8422_2325_u64, bytes);
    while let Some((byte, after)) = rest.split_first() {
        sum = (sum ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01B3);
        rest = after;
    }
    sum
}

/// Reads the table of contents of a policy. The caller validates the tables.
///
/// # Errors
///
/// As [`Loader::load`](crate::Loader::load), without those of the loader's conditions and of the
/// tables' validation.
pub(crate) fn read(bytes: &[u8]) -> Result<Tables<'_>, LoadError> {
    let mut reader = Reader { rest: bytes };
    if reader.array() != Ok(MAGIC) {
        return Err(LoadError::NotAPolicy);
    }
    let length = |expected| LoadError::Length {
        expected,
        found: bytes.len(),
    };
    let too_short = |Short| length(HEADER.wrapping_add(size_of::<u64>()));
    let version = reader.u32().map_err(too_short)?;
    if version != VERSION {
        return Err(LoadError::Format {
            found: version,
            supported: VERSION,
        });
    }
    let total = reader.u32().map_err(too_short)? as usize;
    if total != bytes.len() {
        return Err(length(total));
    }
    let Some((content, sum)) = bytes.split_last_chunk() else {
        return Err(length(total));
    };
    if u64::from_le_bytes(*sum) != checksum(content) {
        return Err(LoadError::Checksum);
    }
    let header = content.len().min(reader.position(bytes));
    reader.rest = content.get(header..).unwrap_or_default();
    tables(&mut reader).map_err(|error| match error {
        Error::Short => LoadError::Malformed { field: "sections" },
        Error::Malformed(field) => LoadError::Malformed { field },
    })
}

/// The bytes end before the field.
#[derive(Debug, Eq, PartialEq)]
struct Short;

enum Error {
    Short,
    Malformed(&'static str),
}

impl From<Short> for Error {
    fn from(Short: Short) -> Self {
        Self::Short
    }
}

fn tables<'b>(reader: &mut Reader<'b>) -> Result<Tables<'b>, Error> {
    let layout = u64::from_le_bytes(reader.array()?);
    let digest = reader.array()?;
    let revision = reader.u32()?;
    let edge_slots = reader.u32()?;
    let [
        case,
        trailing_slash,
        exact_hash_words,
        scope_hash_words,
        alphabet,
        features,
        key_length @ ..,
    ] = reader.array::<8>()?;
    let case = match case {
        0 => Case::Exact,
        1 => Case::Insensitive,
        _ => return Err(Error::Malformed("case")),
    };
    let trailing_slash = match trailing_slash {
        0 => TrailingSlash::Exact,
        1 => TrailingSlash::Optional,
        _ => return Err(Error::Malformed("trailing slash")),
    };
    let values = match features & NO_COLON {
        0 => Values::Any,
        _ => Values::NoColon,
    };
    let features = Features::from_bits(features & !NO_COLON).ok_or(Error::Malformed("features"))?;
    let mut counts = [0; SECTIONS];
    for count in &mut counts {
        *count = reader.u32()?;
    }
    let [
        name,
        updated,
        umbrella,
        prefix,
        states,
        slash_pairs,
        edges,
        edge_displacements,
        exact,
        exact_displacements,
        exact_filter,
        routes,
        accepted,
        scopes,
        scope_slots,
        scope_displacements,
        text,
    ] = counts;
    let tables = Tables {
        name: reader.text(name, "name")?,
        updated: reader.text(updated, "updated")?,
        revision,
        umbrella: reader.text(umbrella, "umbrella")?,
        digest,
        layout,
        features,
        options: PathOptions {
            case,
            trailing_slash,
            values,
        },
        key: key_format(alphabet, key_length, reader.text(prefix, "key prefix")?)?,
        states: reader.states(states)?,
        slash_pairs: reader.rows::<{ size_of::<SlashPairBytes>() }>(slash_pairs)?,
        edge_slots,
        edges: reader.rows::<{ size_of::<HashedEdgeBytes>() }>(edges)?,
        edge_displacements: reader.rows(edge_displacements)?,
        exact: reader.rows(exact)?,
        exact_displacements: reader.rows(exact_displacements)?,
        exact_hash_words,
        exact_filter: reader.rows(exact_filter)?,
        routes: reader.rows::<{ size_of::<RouteBytes>() }>(routes)?,
        accepted: reader.rows(accepted)?,
        scopes: reader.rows::<{ size_of::<ScopeBytes>() }>(scopes)?,
        scope_slots: reader.rows(scope_slots)?,
        scope_displacements: reader.rows(scope_displacements)?,
        scope_hash_words,
        text: reader.text(text, "text")?,
    };
    if tables.name.is_empty() {
        return Err(Error::Malformed("name"));
    }
    if reader.rest.is_empty() {
        Ok(tables)
    } else {
        Err(Error::Malformed("sections"))
    }
}

fn key_format(alphabet: u8, length: [u8; 2], prefix: &str) -> Result<Option<KeyFormat<'_>>, Error> {
    let length = u16::from_le_bytes(length);
    let alphabet = match alphabet.checked_sub(1) {
        None if length == 0 && prefix.is_empty() => return Ok(None),
        None => return Err(Error::Malformed("key")),
        Some(number) => Alphabet::ALL.get(usize::from(number)).copied(),
    };
    match alphabet {
        Some(alphabet) if prefix.len() < usize::from(length) => Ok(Some(KeyFormat {
            prefix,
            length,
            alphabet,
        })),
        _ => Err(Error::Malformed("key")),
    }
}

/// The bytes that are left to read.
struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// The offset in `all` of the first byte that is left.
    const fn position(&self, all: &[u8]) -> usize {
        all.len().wrapping_sub(self.rest.len())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Short)?;
        self.rest = rest;
        Ok(*array)
    }

    fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_le_bytes)
    }

    fn bytes(&mut self, count: u32, size: usize) -> Result<&'b [u8], Short> {
        let len = (count as usize).checked_mul(size).ok_or(Short)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Short)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A table of rows of `N` bytes.
    fn rows<const N: usize>(&mut self, count: u32) -> Result<&'b [[u8; N]], Short> {
        self.bytes(count, N).map(|bytes| bytes.as_chunks().0)
    }

    fn states(&mut self, count: u32) -> Result<&'b [StateBytes], Short> {
        let bytes = self.bytes(count, size_of::<StateBytes>())?;
        Ok(bytes.as_chunks().0.as_chunks().0)
    }

    /// A text of visible ASCII: what a policy says goes into headers and logs.
    fn text(&mut self, len: u32, field: &'static str) -> Result<&'b str, Error> {
        let bytes = self.bytes(len, 1)?;
        match core::str::from_utf8(bytes) {
            Ok(text) if bytes.iter().all(u8::is_ascii_graphic) => Ok(text),
            _ => Err(Error::Malformed(field)),
        }
    }
}
