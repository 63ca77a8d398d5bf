//! Configurations with one change that lets requests in: each is caught by the rule that it breaks.
//! They show that the rules can fail, on real gateways.

use crate::gateways::{ENVOY, Gateway, NGINX, TRAEFIK};
use crate::rig::Rig;
use crate::sender::{Protocol, Request};
use crate::verdicts::Fault;

/// A change to one file of a configuration, and a request that it lets in.
struct Unsafe {
    gateway: Gateway,
    file: &'static str,
    /// The text that the change replaces; it must be in the file.
    before: &'static str,
    after: &'static str,
    method: &'static str,
    target: &'static str,
    /// The scope of the key, or none for a request without one.
    scope: Option<&'static str>,
    headers: &'static [(&'static str, &'static str)],
    /// The rule that catches it.
    rule: fn(&Fault) -> bool,
}

/// The rule names of [`Unsafe::rule`].
const UNASKED: fn(&Fault) -> bool = |fault| matches!(fault, Fault::Unasked(_));
const OTHER: fn(&Fault) -> bool = |fault| matches!(fault, Fault::OtherThanTold(_));
const HEADER: fn(&Fault) -> bool = |fault| matches!(fault, Fault::Header(_));
const STATUS: fn(&Fault) -> bool = |fault| matches!(fault, Fault::Status(_));
