//! The guard as a gateway uses it.

mod reload_under_load;
