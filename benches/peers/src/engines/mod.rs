//! The engines, each written as its own users would write it.

mod actix;
mod bounds;
mod casbin;
mod cedar;
mod matchit;
mod matchit_scopes;
mod path_tree;
mod regex_set;
mod regorus;
mod routed;
mod routescope;
mod wayfind;
mod xitca;

pub use matchit::set_up as matchit;
pub use routescope::authorize as reference;

use anyhow::Result;

use crate::engine::Entrant;
use crate::workload::Workload;

/// The engine that all others are compared with.
pub const REFERENCE: &str = "routescope";

type SetUp = for<'w> fn(&'w Workload<'w>) -> Result<Entrant<'w>>;

/// Every engine, with what sets it up for a workload.
pub const ENGINES: [(&str, SetUp); 17] = [
    (REFERENCE, routescope::authorize),
    ("routescope-scopes", routescope::required_scopes),
    ("matchit-scopes", matchit_scopes::set_up),
    ("matchit", matchit::set_up),
    ("wayfind", wayfind::set_up),
    ("path-tree", path_tree::set_up),
    ("actix-router", actix::set_up),
    ("xitca-router", xitca::set_up),
    ("regex-set", regex_set::set_up),
    ("cedar", cedar::set_up),
    ("casbin", casbin::routed),
    ("casbin-keymatch", casbin::key_match),
    ("regorus", regorus::engine),
    ("regorus-vm", regorus::compiled),
    ("regorus-routed", regorus::routed),
    ("hash-map", bounds::hash_map),
    ("baseline", bounds::baseline),
];
