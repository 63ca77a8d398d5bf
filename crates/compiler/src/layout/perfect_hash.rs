//! A perfect hash: every key gets a slot that no other key has.
//!
//! Compress, hash and displace (Belazzougui, Botelho, Dietzfelbinger 2009): keys fall into
//! small buckets, and each bucket, the largest first, takes the smallest displacement that
//! sends all of its keys to free slots.

use routescope_core::__private::{bucket, slot};

/// A perfect hash: the slot of each key.
pub(crate) struct Placement {
    pub(crate) slots: u32,
    pub(crate) displacements: Vec<u16>,
    /// The slot of each key, in the order given.
    pub(crate) slot_of: Vec<u32>,
}

impl Placement {
    /// Of no keys.
    pub(crate) fn none() -> Self {
        Self {
            slots: 1,
            displacements: vec![0],
            slot_of: Vec::new(),
        }
    }
}

/// Places distinct keys. `None` if they cannot be placed, which takes two that are
/// equal, or so near each other as hashes never are.
pub(crate) fn assign_slots(keys: &[u64]) -> Option<Placement> {
    // Small tables are packed tight; large ones get air, or the last buckets
    // would search for long.
    let tight = keys.len().max(1);
    (0..40).find_map(|round| {
        let slots = tight + if tight > 1024 { tight / 32 } else { 0 } + tight * round / 20;
        try_assign(keys, u32::try_from(slots).ok()?)
    })
}

fn try_assign(keys: &[u64], slots: u32) -> Option<Placement> {
    let buckets = (keys.len() / 3).max(1).next_power_of_two();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); buckets];
    for (index, &key) in keys.iter().enumerate() {
        members[bucket(key, buckets)].push(index);
    }
    let mut order: Vec<usize> = (0..buckets).collect();
    order.sort_by_key(|&bucket| (usize::MAX - members[bucket].len(), bucket));
    let mut taken = vec![false; slots as usize];
    let mut placement = Placement {
        slots,
        displacements: vec![0; buckets],
        slot_of: vec![0; keys.len()],
    };
    let mut here: Vec<u32> = Vec::new();
    for bucket in order {
        let displacement = (0..=u16::MAX).find(|&displacement| {
            here.clear();
            members[bucket].iter().all(|&index| {
                let slot = slot(keys[index], displacement, slots);
                let free = !taken[slot as usize] && !here.contains(&slot);
                here.push(slot);
                free
            })
        })?;
        placement.displacements[bucket] = displacement;
        for (&index, &slot) in members[bucket].iter().zip(&here) {
            taken[slot as usize] = true;
            placement.slot_of[index] = slot;
        }
    }
    Some(placement)
}
