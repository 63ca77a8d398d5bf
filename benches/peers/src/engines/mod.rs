//! The engines, each written as its own users would write it.

mod bounds;
mod matchit;
mod routescope;
mod wayfind;

use anyhow::Result;

use crate::engine::Entrant;
use crate::workload::Workload;

/// The engine that all others are compared with.
pub const REFERENCE: &str = "routescope";

type SetUp = for<'w> fn(&'w Workload<'w>) -> Result<Entrant<'w>>;

/// Every engine, with what sets it up for a workload.
pub const ENGINES: [(&str, SetUp); 6] = [
    (REFERENCE, routescope::authorize),
    ("routescope-scopes", routescope::required_scopes),
    ("matchit", matchit::set_up),
    ("wayfind", wayfind::set_up),
    ("hash-map", bounds::hash_map),
    ("baseline", bounds::baseline),
];
