//! The status of a guard: its policy, its reloads, and warnings.

use std::collections::HashSet;
use std::fmt;

use crate::guard::Guard;
use crate::log::Time;
use crate::shadow::Shadow;
use crate::sync::lock;

/// The policy and keys that a guard decides by, the outcome of its reloads, and the listeners that
/// let denials through: for the lines that a gateway prints at its start, and for its readiness.
///
/// ```
/// use routescope::pbx;
/// use routescope_guard::{Guard, Shadow};
///
/// let guard = Guard::builder(pbx::POLICY).build()?;
/// let trial = guard.listener("trial", Shadow::forbidden());
/// let status = guard.status();
/// assert!(status.is_ready());
/// assert_eq!(status.policy, "pbx");
/// assert!(status.to_string().contains("\nSHADOW MODE on listener `trial`: 403"));
/// # drop(trial);
/// # Ok::<(), routescope_guard::ReloadError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// The name of the policy in force.
    pub policy: String,
    /// Its revision.
    pub revision: u32,
    /// Its digest in hexadecimal.
    pub digest: String,
    /// The number of its routes.
    pub routes: usize,
    /// The number of routes that are public: for them no key is looked at.
    pub public_routes: usize,
    /// The number of routes that are open to every valid key.
    pub any_key_routes: usize,
    /// The number of keys that are known.
    pub keys: usize,
    /// Things that somebody should look at: keys with scopes that the policy does not know, a file
    /// that others can read, a shadow mode for a route that the policy does not have.
    pub warnings: Vec<String>,
    /// The number of reloads that were done.
    pub reloads: u64,
    /// The number of reloads that failed or were refused.
    pub failures: u64,
    /// Why the last reload failed, if it did. The policy and keys before it are then in force.
    pub last_error: Option<String>,
    /// The second since 1970 at which policy and keys were last loaded.
    pub loaded: u64,
    /// The listeners that are in use, in the order in which they were made. The first one has no
    /// name.
    pub listeners: Vec<ListenerStatus>,
}

/// A listener and its shadow mode.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ListenerStatus {
    /// The name that [`Guard::listener`] was given; empty for the first one.
    pub name: String,
    /// Its mode: the denials that it lets through.
    pub shadow: Shadow,
}

impl Status {
    /// Whether a gateway should get requests: the policy has a route that somebody may call.
    ///
    /// A failed reload changes nothing about that. All instances read the same bad file, and what
    /// they had before is still right: look at [`Self::last_error`] in an alert, and not in
    /// readiness, or one typing mistake takes all of them out of service. Nor does a file without
    /// keys, since keys may be looked up elsewhere, or be tokens.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.routes > 0
    }

    /// The listeners that let denials through.
    pub fn shadowed(&self) -> impl Iterator<Item = &ListenerStatus> {
        self.listeners
            .iter()
            .filter(|listener| !listener.shadow.is_off())
    }
}

/// A line about what is in force, and one for each listener in shadow mode, for a failed reload
/// and for each warning. No line break of a name or an error begins a line.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "policy {} revision {} ({} routes, ",
            OneLine(&self.policy),
            self.revision,
            self.routes,
        )?;
        if self.public_routes > 0 {
            write!(f, "{} of them public, ", self.public_routes)?;
        }
        if self.any_key_routes > 0 {
            write!(f, "{} of them for any valid key, ", self.any_key_routes)?;
        }
        write!(
            f,
            "digest {}), {} keys; loaded {}, {} reloads, {} failed",
            self.digest,
            self.keys,
            Time(self.loaded),
            self.reloads,
            self.failures,
        )?;
        for listener in self.shadowed() {
            let shadow = listener.shadow.to_string();
            let shadow = OneLine(&shadow);
            match &*listener.name {
                "" => write!(f, "\nSHADOW MODE: {shadow}")?,
                name => write!(f, "\nSHADOW MODE on listener `{}`: {shadow}", OneLine(name))?,
            }
            f.write_str(" is let through")?;
        }
        if let Some(error) = &self.last_error {
            write!(
                f,
                "\nlast reload failed, the old policy and keys are in force: {}",
                OneLine(error)
            )?;
        }
        for warning in &self.warnings {
            write!(f, "\nwarning: {}", OneLine(warning))?;
        }
        Ok(())
    }
}

/// A text without control characters; its line breaks are followed by spaces.
struct OneLine<'t>(&'t str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\n' => f.write_str("\n    ")?,
                _ if character.is_control() => write!(f, "{}", character.escape_default())?,
                _ => write!(f, "{character}")?,
            }
        }
        Ok(())
    }
}

impl Guard {
    /// The policy and keys that the guard decides by now, and the outcome of its reloads.
    ///
    /// It waits for no reload. Cost: a copy of the texts, and of the names of all routes if a
    /// listener names some.
    #[must_use]
    pub fn status(&self) -> Status {
        let history = lock(&self.shared.history);
        // A reload replaces the snapshot while it holds the history.
        let snapshot = self.shared.snapshot.load_full();
        let history = history.clone();
        let listeners = self.shared.listeners.in_use();
        let mut warnings = history.warnings;
        let mut known = HashSet::new();
        for listener in &listeners {
            for route in listener.shadow.routes() {
                if known.is_empty() {
                    known.extend(snapshot.texts().routes());
                }
                if !known.contains(&**route) {
                    warnings.push(unknown_route(&listener.name, route));
                }
            }
        }
        let policy = snapshot.policy();
        Status {
            policy: policy.name().to_owned(),
            revision: policy.revision(),
            digest: snapshot.texts().digest.as_ref().to_owned(),
            routes: snapshot.texts().routes().count(),
            public_routes: snapshot.texts().public,
            any_key_routes: snapshot.texts().any_key,
            keys: snapshot.keys.len(),
            warnings,
            reloads: history.reloads,
            failures: history.failures,
            last_error: history.last_error,
            loaded: history.loaded,
            listeners: listeners
                .iter()
                .map(|listener| ListenerStatus {
                    name: listener.name.as_ref().to_owned(),
                    shadow: listener.shadow.clone(),
                })
                .collect(),
        }
    }
}

fn unknown_route(listener: &str, route: &str) -> String {
    let listener = match listener {
        "" => String::new(),
        name => format!(" of listener `{name}`"),
    };
    format!(
        "the shadow mode{listener} names the route `{route}`, which the policy does not have: nothing is let through by it; `routescope routes` lists the names"
    )
}
