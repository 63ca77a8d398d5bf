//! Updates the policy of a running device on a Cortex-M4F: updates come from files, good ones
//! decide the shared vectors, and bad ones change nothing.
#![no_std]
#![no_main]

use core::ffi::CStr;

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;

use image::slots::Slots;
use image::{host, leave};
use routescope::LoadError;

/// An update: what it is, the file, what befalls it on the way, and whether this is what becomes
/// of it.
type Update = (
    &'static str,
    &'static CStr,
    fn(&mut [u8], usize) -> usize,
    fn(&Result<(), LoadError>) -> bool,
);

const UPDATES: [Update; 8] = [
    ("another API's", c"other.rsp", arrives, |said| {
        matches!(said, Err(LoadError::Name))
    }),
    ("edition 7", c"pbx-7.rsp", arrives, Result::is_ok),
    ("edition 7 again", c"pbx-7.rsp", arrives, |said| {
        matches!(said, Err(LoadError::Revision { .. }))
    }),
    (
        "edition 8, the power fails",
        c"pbx-8.rsp",
        |_, length| length / 2,
        |said| matches!(said, Err(LoadError::Length { .. })),
    ),
    ("edition 8, a bit flips", c"pbx-8.rsp", flips, |said| {
        matches!(said, Err(LoadError::Checksum))
    }),
    ("edition 8", c"pbx-8.rsp", arrives, Result::is_ok),
    ("edition 7 once more", c"pbx-7.rsp", arrives, |said| {
        matches!(said, Err(LoadError::Revision { .. }))
    }),
    ("another API's again", c"other.rsp", arrives, |said| {
        matches!(said, Err(LoadError::Name))
    }),
];

fn arrives(_: &mut [u8], length: usize) -> usize {
    length
}

fn flips(bytes: &mut [u8], length: usize) -> usize {
    if let Some(byte) = bytes.get_mut(length / 2) {
        *byte ^= 0x10;
    }
    length
}

#[entry]
fn main() -> ! {
    let mut slots = Slots::EMPTY;
    let mut good = true;
    let mut revision = None;
    for (what, file, on_the_way, expected) in UPDATES {
        let (_, room) = slots.split();
        let Some(length) = host::read(file, room) else {
            hprintln!("cannot read {:?}", file);
            leave(false);
        };
        let length = on_the_way(room, length);
        let said = slots.change_over(length);
        good &= expected(&said);
        match &said {
            Ok(()) => hprintln!("{}: in force", what),
            Err(error) => hprintln!("{}: refused, {}", what, error),
        }

        let in_force = revision_of(&mut slots);
        good &= said.is_ok() != (in_force == revision);
        revision = in_force;
        // A reset finds the same one.
        slots.boot();
        good &= revision_of(&mut slots) == revision;
        if said.is_ok() {
            good &= decides(&mut slots);
        }
    }
    if revision != Some(8) {
        hprintln!("not edition 8 at the end: {:?}", revision);
        good = false;
    }
    leave(good)
}

fn revision_of(slots: &mut Slots) -> Option<u32> {
    let (loaded, _) = slots.split();
    Some(loaded?.policy().revision())
}

/// Whether the policy in force answers all vectors as they say.
fn decides(slots: &mut Slots) -> bool {
    let (Some(loaded), _) = slots.split() else {
        return false;
    };
    let policy = loaded.policy();
    let (mut held, mut all) = (0usize, 0usize);
    for (line, vector) in vectors::all() {
        all += 1;
        let holds = vector.is_ok_and(|vector| {
            vector.holds(policy, |held, method, target| {
                policy.authorize(held, method, target)
            })
        });
        if holds {
            held += 1;
        } else {
            hprintln!("line {} does not hold", line);
        }
    }
    hprintln!("{}/{} vectors from bytes", held, all);
    held == all && all > 0
}
