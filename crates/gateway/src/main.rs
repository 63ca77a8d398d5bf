//! The authorization server.

fn main() {}
