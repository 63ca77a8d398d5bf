//! A key's scopes, prepared, in memory of the caller's.

use core::mem::{align_of, offset_of};

use routescope::Policy;

use crate::code::{Answer, BAD_SCOPE_SET, BAD_SIZE, BAD_TEXT, NO_POLICY, OK, TOO_FEW_WORDS};
use crate::handle::{Handle, policy_of};
use crate::text::Text;

/// The beginning of a scope set. Its size says how many words follow: two for the
/// library, then 1, 4 or 64 with a bit for each scope.
#[derive(Debug)]
#[repr(C)]
pub struct ScopeSet {
    /// The caller's `sizeof`. Set by the caller, never changed.
    pub size: u32,
    /// [`OK`] once it is prepared.
    pub answer: Answer,
    /// Aligned as C aligns its words.
    words: [u64; 0],
}

/// A scope set of C with `WORDS` words of scopes.
#[repr(C)]
struct SetOf<const WORDS: usize> {
    head: ScopeSet,
    set: routescope::ScopeSet<WORDS>,
}

/// The size of a scope set in C: `size` and `answer`, two words, and `words`.
const fn size_in_c(words: usize) -> u32 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::arithmetic_side_effects,
        reason = "64 words at most"
    )]
    {
        (8 + 8 * (2 + words)) as u32
    }
}

const SMALL: u32 = size_in_c(1);
const MIDDLE: u32 = size_in_c(4);
const LARGE: u32 = size_in_c(64);

const fn fits<const WORDS: usize>() -> bool {
    size_of::<SetOf<WORDS>>() <= size_in_c(WORDS) as usize
        && offset_of!(SetOf<WORDS>, set) == size_of::<ScopeSet>()
        && align_of::<SetOf<WORDS>>() == align_of::<ScopeSet>()
}
const _: () = assert!(fits::<1>() && fits::<4>() && fits::<64>());

/// Prepares a key's scopes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_scope_set_prepare(
    policy: *const Handle,
    set: *mut ScopeSet,
    names: *const Text,
    count: usize,
) -> bool {
    // SAFETY: the header's contract.
    let Some(size) = (unsafe { size_of_set(set) }) else {
        return false;
    };
    // SAFETY: the header's contract.
    let policy = unsafe { policy_of(policy) };
    // SAFETY: the header's contract.
    let names = unsafe { names_of(names, count) };
    let prepare = match size {
        SMALL => prepare::<1>,
        MIDDLE => prepare::<4>,
        LARGE => prepare::<64>,
        // Only what every struct has room for; a smaller one, not even that.
        size if size >= 8 => {
            // SAFETY: `answer` lies within the size that the caller vouches for.
            unsafe { (&raw mut (*set).answer).write(BAD_SIZE) };
            return false;
        }
        _ => return false,
    };
    // SAFETY: the size is that of the words chosen.
    let answer = unsafe { prepare(policy, set, names) };
    // SAFETY: as above.
    unsafe { (&raw mut (*set).answer).write(answer) };
    answer == OK
}

/// Writes a set of the given words: empty, unless the answer is [`OK`].
///
/// # Safety
///
/// `to` must be aligned and valid for writes of a set of `WORDS` words.
unsafe fn prepare<const WORDS: usize>(
    policy: Option<Policy<'static>>,
    to: *mut ScopeSet,
    names: Option<&[Text]>,
) -> Answer {
    let (answer, set) = match (policy, names) {
        (None, _) => (NO_POLICY, routescope::ScopeSet::EMPTY),
        (_, None) => (BAD_TEXT, routescope::ScopeSet::EMPTY),
        (Some(policy), _) if policy.scope_words() > WORDS => {
            (TOO_FEW_WORDS, routescope::ScopeSet::EMPTY)
        }
        (Some(policy), Some(names)) => {
            // SAFETY: names_of has seen that each of them can be read.
            let bytes = names.iter().map(|name| unsafe { name.bytes() });
            // A name that is not UTF-8 is unknown, like the empty one.
            let texts = bytes.map(|name| str::from_utf8(name.unwrap_or_default()).unwrap_or(""));
            (OK, policy.scope_set_in::<WORDS>(texts))
        }
    };
    // SAFETY: within the caller's struct, and aligned like its beginning.
    unsafe { (&raw mut (*to.cast::<SetOf<WORDS>>()).set).write(set) };
    answer
}

/// The names, if every one of them can be read.
///
/// # Safety
///
/// `names` must be null or misaligned, which is noticed, or valid for reads of
/// `count` texts, and each of these as [`Text::bytes`] says.
unsafe fn names_of<'a>(names: *const Text, count: usize) -> Option<&'a [Text]> {
    if count == 0 {
        return Some(&[]);
    }
    let bytes = count.checked_mul(size_of::<Text>())?;
    let fits = isize::try_from(bytes).is_ok() && names.addr().checked_add(bytes).is_some();
    if names.is_null() || !names.is_aligned() || !fits {
        return None;
    }
    // SAFETY: not null, aligned, not longer than a slice may be, and the caller
    // vouches for the rest.
    let names = unsafe { core::slice::from_raw_parts(names, count) };
    // SAFETY: the caller vouches for each.
    let readable = names.iter().all(|name| unsafe { name.bytes() }.is_some());
    readable.then_some(names)
}

/// The size of a set, unless that is null or misaligned.
///
/// # Safety
///
/// Otherwise, `set` must be valid for reads of 4 bytes.
unsafe fn size_of_set(set: *const ScopeSet) -> Option<u32> {
    if set.is_null() || !set.is_aligned() {
        return None;
    }
    // SAFETY: every set begins with its size.
    Some(unsafe { (&raw const (*set).size).read() })
}

/// Returns the scopes of a prepared set.
///
/// # Safety
///
/// `set` must be null or misaligned, which is noticed, or valid for reads of as
/// many bytes as its `size` says, prepared or zeroed, and not change.
pub(crate) unsafe fn held_by<'a>(set: *const ScopeSet) -> Result<Prepared<'a>, Answer> {
    // SAFETY: the caller vouches for it.
    let size = unsafe { size_of_set(set) };
    let Some(size @ (SMALL | MIDDLE | LARGE)) = size else {
        return Err(BAD_SCOPE_SET);
    };
    // SAFETY: all three sizes have room for it.
    if unsafe { (&raw const (*set).answer).read() } != OK {
        return Err(BAD_SCOPE_SET);
    }
    // SAFETY: `size` is that of a set with this many words.
    unsafe {
        Ok(match size {
            SMALL => Prepared::Small(words_of(set)),
            MIDDLE => Prepared::Middle(words_of(set)),
            _ => Prepared::Large(words_of(set)),
        })
    }
}

/// The engine's set in a set of C's.
///
/// # Safety
///
/// `set` must be aligned and valid for reads of a set of `WORDS` words, which
/// do not change. Any bytes will do: the engine's set consists of integers.
unsafe fn words_of<'a, const WORDS: usize>(
    set: *const ScopeSet,
) -> &'a routescope::ScopeSet<WORDS> {
    // SAFETY: the caller vouches for it.
    unsafe { &(*set.cast::<SetOf<WORDS>>()).set }
}

/// A prepared set of any size.
pub(crate) enum Prepared<'a> {
    Small(&'a routescope::ScopeSet<1>),
    Middle(&'a routescope::ScopeSet<4>),
    Large(&'a routescope::ScopeSet<64>),
}

impl Prepared<'_> {
    fn unknown(&self) -> usize {
        match self {
            Self::Small(set) => set.unknown_count(),
            Self::Middle(set) => set.unknown_count(),
            Self::Large(set) => set.unknown_count(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Small(set) => set.len(),
            Self::Middle(set) => set.len(),
            Self::Large(set) => set.len(),
        }
    }
}

/// Returns the number of names that the policy does not know.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_scope_set_unknown(set: *const ScopeSet) -> u32 {
    // SAFETY: the header's contract.
    let unknown = unsafe { held_by(set) }.map_or(0, |set| set.unknown());
    u32::try_from(unknown).unwrap_or(u32::MAX)
}

/// Returns the number of scopes that the set holds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn routescope_scope_set_held(set: *const ScopeSet) -> u32 {
    // SAFETY: the header's contract.
    let held = unsafe { held_by(set) }.map_or(0, |set| set.len());
    u32::try_from(held).unwrap_or(u32::MAX)
}
