//! The command from the outside: what it is given, and what it answers.

mod bounded;
mod check;
mod common;
mod compile;
mod decide;
mod diff;
mod explain;
mod explain_hints;
mod explain_look_alikes;
mod fmt;
mod generate;
mod graph;
mod guides;
mod hostile_sources;
mod import;
mod import_into;
mod key;
mod limits;
mod manual;
mod openapi;
mod policy;
mod routes;
mod suggest;
mod test;
mod trial_cases;
mod trial_sources;
