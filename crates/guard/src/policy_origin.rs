//! The origin of a guard's policy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use routescope::{Loader, OwnedPolicy, Policy};

use crate::reload_error::ReloadError;
use crate::snapshot::HeldPolicy;
use crate::trusted_file::{self, Owner};

/// The origin of a guard's policy. Each reload reads the policy from it again.
///
/// ```
/// use routescope::pbx;
/// use routescope_guard::PolicyOrigin;
///
/// let embedded: PolicyOrigin = pbx::POLICY.into();
/// let file = PolicyOrigin::file("/etc/gateway/api.rsp");
/// ```
#[derive(Clone, Debug)]
pub struct PolicyOrigin(Origin);

#[derive(Clone, Debug)]
enum Origin {
    Embedded(Policy<'static>),
    Loaded(Arc<OwnedPolicy>),
    File(PathBuf),
}

/// The largest file that is read as a policy: a table of 100,000 routes has some 15 MB.
const MAX_FILE: u64 = 256 * 1024 * 1024;

impl PolicyOrigin {
    /// A file: bytes that `routescope compile` wrote, or, with the feature `compiler`, the text
    /// of a `routes.yaml`. Bytes are better in a gateway: the compiler then runs where people
    /// review the table, and not in the process that faces attackers.
    ///
    /// Everybody who can write the file decides who gets in: it must belong to root or to the
    /// process's user, and nobody else may write it or replace it (on unix; elsewhere nothing is
    /// checked).
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Origin::File(path.into()))
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.0 {
            Origin::File(path) => Some(path),
            Origin::Embedded(_) | Origin::Loaded(_) => None,
        }
    }

    /// Loads the policy that its origin has now.
    pub(crate) fn load(&self) -> Result<HeldPolicy, ReloadError> {
        let path = match &self.0 {
            Origin::Embedded(policy) => return Ok(HeldPolicy::Embedded(*policy)),
            Origin::Loaded(policy) => return Ok(HeldPolicy::Loaded(Arc::clone(policy))),
            Origin::File(path) => path,
        };
        let mut content = trusted_file::read(path, MAX_FILE, Owner::RootOrOwn)?;
        let bytes = std::mem::take(&mut *content.bytes);
        let bytes = if is_text(&bytes) {
            compile(path, bytes)?
        } else {
            bytes
        };
        match OwnedPolicy::load(Loader::new(), bytes) {
            Ok(policy) => Ok(HeldPolicy::Loaded(Arc::new(policy))),
            Err(error) => Err(ReloadError::Policy {
                file: path.clone(),
                error,
            }),
        }
    }
}

impl From<Policy<'static>> for PolicyOrigin {
    fn from(policy: Policy<'static>) -> Self {
        Self(Origin::Embedded(policy))
    }
}

impl From<OwnedPolicy> for PolicyOrigin {
    fn from(policy: OwnedPolicy) -> Self {
        Self(Origin::Loaded(Arc::new(policy)))
    }
}

/// Whether bytes are the text of a `routes.yaml`, and not a compiled policy, which begins with a
/// byte that no text has.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && !bytes.is_empty()
}

#[cfg(feature = "compiler")]
fn compile(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, ReloadError> {
    // It was seen to be text.
    let text = String::from_utf8(bytes).unwrap_or_default();
    let name = path.display().to_string();
    match routescope_compiler::compile(&name, &text) {
        Ok(compiled) => Ok(compiled.to_bytes()),
        Err(report) => Err(ReloadError::Compile {
            report: crate::mask::masked(&report.to_string()),
        }),
    }
}

#[cfg(not(feature = "compiler"))]
fn compile(path: &Path, _: Vec<u8>) -> Result<Vec<u8>, ReloadError> {
    Err(ReloadError::NoCompiler {
        file: path.to_owned(),
    })
}
