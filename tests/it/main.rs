//! The product against the oracle: one table of cases, and properties over
//! random policies and paths. Every implementation goes through all of them.

mod affixes;
mod api;
mod api_key;
mod bytes;
mod cases;
mod escapes;
mod guard;
mod implementations;
mod limits;
mod look_alikes;
mod names;
mod oracle;
mod packages;
mod policy_txt;
mod properties;
mod queries;
mod random;
mod readme;
mod rule_seven;
mod scope_model;
mod scopes;
mod vectors;
