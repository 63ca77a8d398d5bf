//! The compiler from outside: what it refuses, what it makes of a policy, and
//! how it compares two.

mod bad_policies;
mod bounded;
mod build_options;
mod compare;
mod compare_bounds;
mod compare_sets;
mod determinism;
mod google;
mod many_scopes;
mod matcher;
mod names;
mod notations;
mod overlaps;
mod relations;
mod runs;
