//! A policy that is replaced while the program decides: `cargo run --example reload`
//!
//! docs/reload.md tells the why of each step.

#![allow(clippy::print_stdout, reason = "the story that it tells")]

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use routescope::{Decision, LoadError, Loader, OwnedPolicy, ScopeSet};
use routescope_compiler::compare::{Change, Incomparable, compare};
use routescope_compiler::{Compiled, Report, compile};

/// A policy and every key's scopes prepared for it: what one decision needs, replaced as one.
#[derive(Debug)]
pub struct Snapshot {
    policy: OwnedPolicy,
    held: HashMap<String, ScopeSet>,
}

impl Snapshot {
    /// Prepares the scopes of all keys again. A set prepared for another policy holds nothing.
    fn new(policy: OwnedPolicy, keys: &Keys) -> Self {
        let prepare = |(key, scopes): (&String, &Vec<String>)| {
            (key.clone(), policy.policy().scope_set(scopes))
        };
        let held = keys.iter().map(prepare).collect();
        Self { policy, held }
    }

    /// Decides a request of a key; `None` if nobody knows the key.
    #[must_use]
    pub fn authorize(&self, key: &str, method: &str, target: &str) -> Option<Decision<'_>> {
        let held = self.held.get(key)?;
        Some(self.policy.policy().authorize(held, method, target))
    }
}

/// The names of the scopes that each key was given. A real gateway stores hashes of keys.
pub type Keys = HashMap<String, Vec<String>>;

/// The part of a gateway that decides.
#[derive(Debug)]
pub struct Gateway {
    in_force: ArcSwap<Snapshot>,
    keys: Keys,
}

impl Gateway {
    /// A gateway that starts with this policy. Without a policy it does not start: there is no
    /// table that could be right for an API that nobody has described.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`].
    pub fn new(bytes: Vec<u8>, keys: Keys) -> Result<Self, LoadError> {
        let snapshot = Snapshot::new(OwnedPolicy::from_bytes(bytes)?, &keys);
        Ok(Self {
            in_force: ArcSwap::from_pointee(snapshot),
            keys,
        })
    }

    /// The snapshot in force. One request asks one snapshot, even if a reload comes meanwhile.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.in_force.load_full()
    }

    /// Replaces the policy by one that was compiled elsewhere. Decisions go on meanwhile, by
    /// the old one.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`], for a policy of the same name and at least the same revision. The
    /// old policy stays in force.
    pub fn reload(&self, bytes: Vec<u8>) -> Result<(), LoadError> {
        let old = self.snapshot();
        let old = old.policy.policy();
        let loader = Loader::new().name(old.name()).min_revision(old.revision());
        let policy = OwnedPolicy::load(loader, bytes)?;
        self.in_force
            .store(Arc::new(Snapshot::new(policy, &self.keys)));
        Ok(())
    }
}

/// Compiles policies for a gateway, and refuses those that open more than the one before.
#[derive(Debug)]
pub struct Publisher {
    published: Compiled,
}

/// Why a policy is not published.
#[derive(Debug)]
pub enum Refusal {
    /// The file has errors.
    Errors(Box<Report>),
    /// Some key could make this request now that could not make it before.
    Wider {
        /// The method and a target of the request.
        request: String,
        /// The scopes that open it.
        scopes: Vec<String>,
    },
    /// The two files were not compared.
    Incomparable(Incomparable),
}

impl Publisher {
    /// Begins with a file that a person has reviewed.
    ///
    /// # Errors
    ///
    /// The report of a file with errors.
    pub fn new(source: &str) -> Result<Self, Report> {
        let published = compile("routes.yaml", source)?;
        Ok(Self { published })
    }

    /// The bytes to send.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.published.to_bytes()
    }

    /// Publishes a new edition of the file if it opens nothing that the last one kept shut.
    /// A person publishes a file that opens more, by [`Publisher::new`].
    ///
    /// # Errors
    ///
    /// - a file with errors;
    /// - a file that opens more, with a request that shows it;
    /// - a file that has too little in common with the old one to be compared.
    pub fn publish(&mut self, source: &str) -> Result<Vec<u8>, Refusal> {
        let new =
            compile("routes.yaml", source).map_err(|report| Refusal::Errors(report.into()))?;
        let comparison = compare(&self.published, &new).map_err(Refusal::Incomparable)?;
        let gains = |change: &&Change| !change.gained.is_empty();
        if let Some(change) = comparison.changes.iter().find(gains) {
            return Err(Refusal::Wider {
                request: format!("{} {}", change.method, change.witness.target),
                scopes: change.gained.clone(),
            });
        }
        self.published = new;
        Ok(self.bytes())
    }
}

/// The table that the story begins with.
pub const FIRST: &str = r#"version: 1
name: shop
revision: 1
scopes:
  "orders:read":
    routes:
      - GET /orders/
      - GET /orders/{id}/
  "orders:*":
    routes:
      - DELETE /orders/{id}/
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = Keys::from([("front desk".to_owned(), vec!["orders:*".to_owned()])]);
    let mut publisher = Publisher::new(FIRST)?;
    let gateway = Gateway::new(publisher.bytes(), keys)?;
    let ask = |gateway: &Gateway| {
        let snapshot = gateway.snapshot();
        let decision = snapshot.authorize("front desk", "DELETE", "/orders/7/");
        decision.map_or_else(|| "unknown_key".to_owned(), |decision| decision.to_string())
    };
    println!("revision 1: {}", ask(&gateway));

    // Nobody may delete orders any more.
    let narrower = FIRST.replace("revision: 1", "revision: 2").replace(
        "      - DELETE /orders/{id}/\n",
        "      - PUT /orders/{id}/\n",
    );
    match publisher.publish(&narrower) {
        // PUT is new: a request that no key could make.
        Err(Refusal::Wider { request, scopes }) => {
            println!("refused: {request} would be open to {}", scopes.join(", "));
        }
        other => return Err(format!("not refused: {other:?}").into()),
    }
    let narrower = narrower.replace(
        "    routes:\n      - PUT /orders/{id}/\n",
        "    routes: []\n",
    );
    let old_bytes = publisher.bytes();
    let bytes = publisher
        .publish(&narrower)
        .map_err(|refusal| format!("{refusal:?}"))?;
    gateway.reload(bytes)?;
    println!("revision 2: {}", ask(&gateway));

    // An attacker who kept the old file cannot bring it back.
    match gateway.reload(old_bytes) {
        Err(error) => println!("refused: {error}"),
        Ok(()) => return Err("the old edition came back".into()),
    }
    println!("still: {}", ask(&gateway));
    Ok(())
}
