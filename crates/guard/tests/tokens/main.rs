//! Bearer tokens: attacks on the verifier, each with the check that stops it, and JWK sets.

mod cases;
mod claims;
mod compact;
mod header;
mod properties;
mod sets;
mod sign;
