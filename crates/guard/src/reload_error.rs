//! Why a guard was not built or not reloaded.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use routescope::LoadError;

use crate::keys::KeyFileError;
use crate::trusted_file::FileProblem;

/// Why a guard was not built or not reloaded. The policy and keys that were in force stay so.
///
/// It never shows a key or a hash.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReloadError {
    /// The file of the policy cannot be read, or others may write it.
    File(FileProblem),
    /// The policy is the text of a `routes.yaml`, and the program is built without the feature
    /// `compiler`.
    NoCompiler {
        /// The file.
        file: PathBuf,
    },
    /// A compiled policy was not loaded.
    Policy {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: LoadError,
    },
    /// The text of a policy has errors.
    #[cfg(feature = "compiler")]
    Compile {
        /// The report, with its places. A text in it that may be a key is
        /// masked.
        report: String,
    },
    /// A policy or keys are for another API.
    OtherApi {
        /// The file.
        file: String,
        /// The name of the policy that it is for.
        found: String,
        /// The name of the policy in force.
        policy: String,
    },
    /// A policy is older than the one in force.
    Older {
        /// The file.
        file: String,
        /// Its revision.
        found: u32,
        /// The revision in force.
        in_force: u32,
    },
    /// Some key could make a request by the new policy that it cannot make by the one in force.
    Wider {
        /// The file.
        file: String,
        /// A request that shows it, and the scopes that open it.
        request: String,
        /// The number of other such differences.
        more: usize,
    },
    /// Whether the new policy opens more was not found out.
    Incomparable {
        /// The file.
        file: String,
        /// Why not.
        why: String,
    },
    /// The key file or that of the secret was refused.
    Keys(KeyFileError),
    /// An id is empty or stands for two keys. A file with that is refused when it is read, with its
    /// place.
    BadId {
        /// The id.
        id: String,
    },
    /// One key is two people's. A file with that is refused when it is read, with its place.
    DuplicateKey {
        /// The id of the second.
        id: String,
    },
    /// Keys are stored as keyed hashes, and there is no secret.
    NoSecret {
        /// The key file.
        file: String,
    },
    /// The file with the keys of tokens was refused.
    #[cfg(feature = "tokens")]
    Tokens(crate::TokenKeysError),
}

impl ReloadError {
    /// Whether it may pass without a change of a file that shows: the file was not read.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Keys(error) => error.problems().iter().all(|one| one.position().is_none()),
            #[cfg(feature = "tokens")]
            Self::Tokens(error) => error.is_about_file(),
            _ => false,
        }
    }
}

impl From<FileProblem> for ReloadError {
    fn from(problem: FileProblem) -> Self {
        Self::File(problem)
    }
}

impl Error for ReloadError {}

/// The file, what is wrong with it, and what would help.
impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(problem) => fmt::Display::fmt(problem, f),
            Self::NoCompiler { file } => write!(
                f,
                "{}: it is a text, and this program has no compiler in it; give it what `routescope compile` writes, or build it with the feature `compiler` of routescope-guard",
                file.display()
            ),
            Self::Policy { file, error } => write!(f, "{}: {error}", file.display()),
            #[cfg(feature = "compiler")]
            Self::Compile { report } => f.write_str(report.trim_end()),
            Self::OtherApi {
                file,
                found,
                policy,
            } => write!(
                f,
                "{file}: it is for the policy `{found}`, and this guard decides by `{policy}`; name the right file"
            ),
            Self::Older {
                file,
                found,
                in_force,
            } => write!(
                f,
                "{file}: revision {found} is older than {in_force}, which is in force; raise `revision:` if the table is to be taken back"
            ),
            Self::Wider {
                file,
                request,
                more,
            } => {
                write!(
                    f,
                    "{file}: it opens more than the policy in force: {request}"
                )?;
                if *more > 0 {
                    write!(f, ", and {more} more")?;
                }
                f.write_str("; review it with `routescope diff`, then allow this reload")
            }
            Self::Incomparable { file, why } => write!(
                f,
                "{file}: whether it opens more was not found out: {why}; review it, then allow this reload"
            ),
            Self::Keys(error) => fmt::Display::fmt(error, f),
            Self::BadId { id } => write!(
                f,
                "the id `{id}` is empty or stands for two keys; give each key an id that no other has"
            ),
            Self::DuplicateKey { id } => {
                write!(f, "the key `{id}` is another one's too; give each its own")
            }
            Self::NoSecret { file } => write!(
                f,
                "{file}: some keys are stored as hmac_sha256, and no file with the secret is configured; name it, or make these keys anew"
            ),
            #[cfg(feature = "tokens")]
            Self::Tokens(error) => fmt::Display::fmt(error, f),
        }
    }
}
