//! Lays out what routes need: lists of scopes and sets, each once. The form is described in core's
//! `lists.rs`.

use std::collections::{BTreeMap, HashMap};

use routescope_core::__private::{Features, RouteRow, SETS_FOLLOW};

use crate::automaton::no_tables::OverLimit;
use crate::model::ScopeName;
use crate::model::requirements::{RequiredSet, Requirement};

/// The lists that are laid out so far.
pub(crate) struct ScopeLists<'m> {
    ids: HashMap<&'m ScopeName, u16>,
    has_masks: bool,
    starts: BTreeMap<Vec<u16>, u32>,
    /// `accepted` of the tables.
    pub(crate) numbers: Vec<u16>,
    /// The features that the lists use.
    pub(crate) features: Features,
}

impl<'m> ScopeLists<'m> {
    /// No lists, of scopes in the order of their rows.
    pub(crate) fn new(known: &'m [ScopeName]) -> Self {
        Self {
            ids: known.iter().zip(0..).collect(),
            has_masks: known.len() <= 64,
            starts: BTreeMap::new(),
            numbers: Vec::new(),
            features: Features::NONE,
        }
    }

    /// Adds a requirement, and returns the number that stands for it in the row of a route.
    pub(crate) fn add(&mut self, requirement: &Requirement) -> Result<u32, OverLimit> {
        let (singles, sets) = match requirement {
            Requirement::Public => {
                self.features = self.features.with(Features::PUBLIC);
                return Ok(RouteRow::PUBLIC);
            }
            Requirement::AnyKey => {
                self.features = self.features.with(Features::ANY_KEY);
                return Ok(RouteRow::ANY_KEY);
            }
            Requirement::Scopes { singles, sets } => (singles, sets),
        };
        let ids = self.ids(singles);
        let mut list = vec![number(ids.len())?];
        list.extend_from_slice(&ids);
        if !sets.is_empty() {
            self.features = self.features.with(Features::SETS);
            list[0] |= SETS_FOLLOW;
            list.push(number(sets.len())?);
            for set in sets {
                self.set(set, &mut list)?;
            }
        }
        if let Some(&start) = self.starts.get(&list) {
            return Ok(start);
        }
        if self.has_masks {
            self.numbers.extend(mask(&ids));
        }
        let start = u32::try_from(self.numbers.len()).ok();
        let start = start.filter(|start| *start < RouteRow::ANY_KEY);
        let start = start.ok_or_else(too_many)?;
        self.numbers.extend_from_slice(&list);
        self.starts.insert(list, start);
        Ok(start)
    }

    fn set(&self, set: &RequiredSet, list: &mut Vec<u16>) -> Result<(), OverLimit> {
        list.push(number(set.position)?);
        list.push(number(set.clauses.len())?);
        for clause in &set.clauses {
            let ids = self.ids(clause);
            if self.has_masks {
                list.extend(mask(&ids));
            }
            list.push(number(ids.len())?);
            list.extend(ids);
        }
        Ok(())
    }

    fn ids(&self, scopes: &[ScopeName]) -> Vec<u16> {
        let ids = scopes.iter().filter_map(|scope| self.ids.get(scope));
        ids.copied().collect()
    }
}

/// The bits of scopes, for a policy of at most 64.
fn mask(ids: &[u16]) -> [u16; 4] {
    let bits = ids.iter().fold(0u64, |bits, id| bits | 1 << id);
    [0, 16, 32, 48].map(|by| (bits >> by) as u16)
}

/// A number of a list. The highest bit of some has another meaning.
fn number(number: usize) -> Result<u16, OverLimit> {
    let number = u16::try_from(number).ok();
    number
        .filter(|number| number & SETS_FOLLOW == 0)
        .ok_or_else(too_many)
}

fn too_many() -> OverLimit {
    OverLimit {
        what: "accepted scopes",
        limit: u32::MAX as usize,
    }
}
