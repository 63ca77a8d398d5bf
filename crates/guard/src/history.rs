//! How the reloads of a guard went.

/// How the reloads of a guard went. It has its own lock, which nobody holds while files are read:
/// a probe for readiness must not wait for a slow disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) reloads: u64,
    pub(crate) failures: u64,
    /// Why the last reload failed, if it did.
    pub(crate) last_error: Option<String>,
    /// The second since 1970 at which the snapshot in force was loaded.
    pub(crate) loaded: u64,
    pub(crate) warnings: Vec<String>,
}

impl History {
    /// The history of a guard that was just built.
    pub(crate) fn new(warnings: Vec<String>, now: u64) -> Self {
        Self {
            loaded: now,
            warnings,
            ..Self::default()
        }
    }

    pub(crate) fn succeed(&mut self, warnings: Vec<String>, now: u64) {
        self.reloads += 1;
        self.last_error = None;
        self.loaded = now;
        self.warnings = warnings;
    }

    pub(crate) fn fail(&mut self, error: String, warnings: Vec<String>) {
        self.failures += 1;
        self.last_error = Some(error);
        self.warnings = warnings;
    }
}
