//! Two slots for policies that arrive while the device runs.

use routescope::{LoadError, LoadedPolicy, Loader};

/// The policy's name, which an update must have.
const NAME: &str = "pbx";

/// Room for a policy of twice the size of today's.
const SIZE: usize = 16 * 1024;

/// Two slots: the policy in force lies in one, and the next one is written into the other. On a
/// device they are in flash, here they are in RAM.
///
/// Nothing records which of the two is in force: it is the one with the higher revision of
/// those that load. So there is no moment at which a loss of power leaves none.
pub struct Slots {
    slots: [Slot; 2],
    in_force: Option<usize>,
}

struct Slot {
    length: usize,
    bytes: [u8; SIZE],
}

impl Slot {
    const EMPTY: Self = Self {
        length: 0,
        bytes: [0; SIZE],
    };

    fn load(&self, min_revision: u32) -> Result<LoadedPolicy<'_>, LoadError> {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        let loader = Loader::new().name(NAME).min_revision(min_revision);
        loader.load(bytes)
    }
}

impl Slots {
    /// Slots as they leave the factory.
    pub const EMPTY: Self = Self {
        slots: [Slot::EMPTY; 2],
        in_force: None,
    };

    /// Finds the policy in force after a reset, whatever the slots hold.
    pub fn boot(&mut self) {
        let revision = |slot: &Slot| Some(slot.load(0).ok()?.policy().revision());
        let revisions = self.slots.each_ref().map(revision);
        self.in_force = match revisions {
            [None, None] => None,
            [first, second] => Some(usize::from(second > first)),
        };
    }

    /// The policy in force, to keep while it decides, and the room for the next one. Without a
    /// policy, that of the image decides.
    pub fn split(&mut self) -> (Option<LoadedPolicy<'_>>, &mut [u8]) {
        let [first, second] = &mut self.slots;
        match self.in_force {
            Some(0) => (first.load(0).ok(), &mut second.bytes),
            Some(_) => (second.load(0).ok(), &mut first.bytes),
            None => (None, &mut first.bytes),
        }
    }

    /// Puts the policy into force whose `length` bytes were written into the room, if it is one,
    /// of our name, and later than the one in force. Otherwise nothing changes.
    pub fn change_over(&mut self, length: usize) -> Result<(), LoadError> {
        let (current, _) = self.split();
        let found = current.map_or(0, |current| current.policy().revision());
        // Nothing is later than the last number that there is.
        let minimum = found.checked_add(1).ok_or(LoadError::Revision {
            found,
            minimum: u32::MAX,
        })?;
        let spare = usize::from(self.in_force == Some(0));
        if let Some(slot) = self.slots.get_mut(spare) {
            slot.length = length;
            slot.load(minimum)?;
            self.in_force = Some(spare);
        }
        Ok(())
    }
}
