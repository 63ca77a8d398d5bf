//! Replaces the policy and the keys while the guard decides.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use routescope::LoadError;

use crate::counters::Counters;
use crate::guard::Guard;
use crate::keys::{HashSecret, KeyEntry, KeyFile, KeyFileError, KeyTable, KeyTableError};
use crate::log::system_time;
use crate::policy_origin::PolicyOrigin;
use crate::snapshot::{HeldPolicy, Snapshot};
use crate::sync::lock;
use crate::texts::Texts;

/// Where everything comes from.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    pub(crate) policy: PolicyOrigin,
    keys: Keys,
    pub(crate) hash_secret: Secret,
    #[cfg(feature = "tokens")]
    pub(crate) tokens: Option<(crate::TokenRules, PathBuf)>,
    #[cfg(feature = "tokens")]
    pub(crate) token_keys: crate::TokenKeysReader,
    #[cfg(feature = "compiler")]
    pub(crate) refuses_wider: bool,
}

#[derive(Clone, Debug)]
enum Keys {
    Given(Arc<KeyFile>),
    File(PathBuf),
}

#[derive(Clone, Debug)]
pub(crate) enum Secret {
    None,
    Given(Arc<HashSecret>),
    File(PathBuf),
}

/// The state of a file by which a change is noticed.
#[derive(Debug, Eq, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// The file itself, since a file that is replaced by another may have its time and length.
    identity: (u64, u64, i64, i64),
}

/// Reads the sources.
#[derive(Debug)]
pub(crate) struct Reloader {
    sources: Sources,
    stamps: Vec<Option<Stamp>>,
    pub(crate) warnings: Vec<String>,
}

/// A reload that was done.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reload {
    /// The digest of the policy that is in force now, in hexadecimal.
    pub digest: String,
    /// The revision of that policy.
    pub revision: u32,
    /// The number of keys that are known now.
    pub keys: usize,
    /// What somebody should look at: keys with scopes that the policy does not know, a file that
    /// others can read. Each begins with the file, if it is about one.
    pub warnings: Vec<String>,
}

impl Sources {
    pub(crate) fn new(policy: PolicyOrigin) -> Self {
        Self {
            policy,
            keys: Keys::Given(Arc::new(KeyFile::new([]))),
            hash_secret: Secret::None,
            #[cfg(feature = "tokens")]
            tokens: None,
            #[cfg(feature = "tokens")]
            token_keys: crate::TokenKeysReader::new(),
            #[cfg(feature = "compiler")]
            refuses_wider: false,
        }
    }

    pub(crate) fn set_keys(&mut self, keys: KeyFile) {
        self.keys = Keys::Given(Arc::new(keys));
    }

    pub(crate) fn set_keys_file(&mut self, path: PathBuf) {
        self.keys = Keys::File(path);
    }

    /// The files, in a fixed order.
    fn files(&self) -> Vec<&Path> {
        let mut files: Vec<&Path> = Vec::new();
        files.extend(self.policy.path());
        if let Keys::File(path) = &self.keys {
            files.push(path);
        }
        if let Secret::File(path) = &self.hash_secret {
            files.push(path);
        }
        #[cfg(feature = "tokens")]
        files.extend(self.tokens.as_ref().map(|(_, path)| path.as_path()));
        files
    }

    fn stamps(&self) -> Vec<Option<Stamp>> {
        self.files().into_iter().map(Stamp::of).collect()
    }

    /// Reads everything. Nothing of the old snapshot goes into the new one but the places at
    /// which routes are counted.
    fn load(&self, counters: &Counters) -> Result<(Snapshot, Vec<String>), ReloadError> {
        let policy = self.policy.load()?;
        self.prepare(policy, counters)
    }

    /// Reads the keys and prepares them for a policy.
    fn prepare(
        &self,
        policy: HeldPolicy,
        counters: &Counters,
    ) -> Result<(Snapshot, Vec<String>), ReloadError> {
        let read;
        let (keys, file) = match &self.keys {
            Keys::Given(keys) => (&**keys, None),
            Keys::File(path) => {
                read = KeyFile::read(path).map_err(ReloadError::Keys)?;
                (&read, Some(path.as_path()))
            }
        };
        let file_name =
            file.map_or_else(|| "the keys".to_owned(), |file| file.display().to_string());
        keys.check_policy(policy.policy())
            .map_err(ReloadError::Keys)?;
        let secret = match &self.hash_secret {
            Secret::File(path) => {
                let secret = HashSecret::read(path).map_err(ReloadError::Keys)?;
                Some(Arc::new(secret))
            }
            Secret::Given(secret) => Some(Arc::clone(secret)),
            Secret::None => None,
        };
        let mut warnings: Vec<String> = keys.warnings().map(str::to_owned).collect();
        warn_of_unknown_scopes(&keys.entries, &policy, &file_name, &mut warnings);
        let table =
            KeyTable::new(&keys.entries, secret, policy.policy()).map_err(|error| match error {
                KeyTableError::MissingSecret => ReloadError::NoSecret { file: file_name },
                KeyTableError::Duplicate { id } => ReloadError::DuplicateKey { id },
            })?;
        #[cfg(feature = "tokens")]
        let tokens = match &self.tokens {
            Some((rules, path)) => {
                let keys = self.token_keys.read(path);
                let keys = keys.map_err(|error| ReloadError::Tokens(Arc::new(error)))?;
                let ignored = keys.ignored().iter();
                warnings.extend(ignored.map(|ignored| format!("{}: {ignored}", path.display())));
                Some(Arc::new(crate::tokens::TokenVerifier::new(
                    rules.clone(),
                    keys,
                )))
            }
            None => None,
        };
        let texts = Texts::new(policy.policy());
        let slots = counters.slots(&texts);
        let snapshot = Snapshot::new(
            policy,
            texts,
            table,
            #[cfg(feature = "tokens")]
            tokens,
            slots,
        );
        Ok((snapshot, warnings))
    }
}

/// One line for all keys together: a file of ten thousand keys may have one mistake in each.
fn warn_of_unknown_scopes(
    entries: &[KeyEntry],
    policy: &HeldPolicy,
    file: &str,
    warnings: &mut Vec<String>,
) {
    let policy = policy.policy();
    let unknown = |entry: &&KeyEntry| policy.unknown_scopes(&entry.scopes).next().is_some();
    let mut keys = entries.iter().filter(unknown);
    if let Some(first) = keys.next() {
        let more = keys.count();
        let others = match more {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        warnings.push(format!(
            "{file}: scopes that the policy {} does not know grant nothing: key `{}`{others}; `routescope key check` names them",
            policy.name(),
            first.id,
        ));
    }
}

impl Stamp {
    /// `None` for a file that is not there.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (
                metadata.dev(),
                metadata.ino(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            )
        };
        #[cfg(not(unix))]
        let identity = (0, 0, 0, 0);
        Some(Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
            identity,
        })
    }
}

impl Reloader {
    pub(crate) fn new(sources: Sources) -> Self {
        Self {
            sources,
            stamps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Reads everything for the first time.
    pub(crate) fn first(&mut self, counters: &Counters) -> Result<Snapshot, ReloadError> {
        self.stamps = self.sources.stamps();
        let (snapshot, warnings) = self.sources.load(counters)?;
        self.warnings = warnings;
        Ok(snapshot)
    }

    /// Reads everything again, to replace `old`.
    fn again(
        &mut self,
        old: &Snapshot,
        counters: &Counters,
        #[cfg_attr(
            not(feature = "compiler"),
            allow(unused_variables, reason = "compares")
        )]
        may_open_more: bool,
    ) -> Result<Snapshot, ReloadError> {
        // Before the files are read: one that changes meanwhile is read again next time.
        self.stamps = self.sources.stamps();
        let policy = self.sources.policy.load()?;
        let (was, is) = (old.policy(), policy.policy());
        if was.name() != is.name() {
            return Err(ReloadError::OtherApi {
                file: self.policy_name(),
                found: is.name().to_owned(),
                policy: was.name().to_owned(),
            });
        }
        if is.revision() < was.revision() {
            return Err(ReloadError::Older {
                file: self.policy_name(),
                found: is.revision(),
                in_force: was.revision(),
            });
        }
        #[cfg(feature = "compiler")]
        if self.sources.refuses_wider && !may_open_more && was.digest() != is.digest() {
            refuse_wider(&self.policy_name(), was, is)?;
        }
        let (snapshot, warnings) = self.sources.prepare(policy, counters)?;
        self.warnings = warnings;
        Ok(snapshot)
    }

    fn policy_name(&self) -> String {
        let path = self.sources.policy.path();
        path.map_or_else(
            || "the policy".to_owned(),
            |path| path.display().to_string(),
        )
    }
}

/// Refuses a policy by which some key could make a request that it cannot make now.
#[cfg(feature = "compiler")]
fn refuse_wider(
    file: &str,
    was: routescope::Policy<'_>,
    is: routescope::Policy<'_>,
) -> Result<(), ReloadError> {
    use routescope_compiler::compare::compare_policies;

    let comparison = compare_policies(was, is).map_err(|why| ReloadError::Incomparable {
        file: file.to_owned(),
        why: why.to_string(),
    })?;
    if !comparison.is_wider() {
        return Ok(());
    }
    let mut wider = comparison
        .changes
        .iter()
        .filter(|change| !change.gained.is_empty());
    let request = wider.next().map(|change| {
        let scopes = change.gained.join(", ");
        format!("{} {} with {scopes}", change.method, change.witness.target)
    });
    Err(ReloadError::Wider {
        file: file.to_owned(),
        // The form of keys alone is wider: no request is new.
        request: request.unwrap_or_else(|| "keys of another form".to_owned()),
        more: wider.count(),
    })
}

impl Guard {
    /// Reads policy, keys, secret and token keys again, and puts them in force as one. Decisions
    /// go on meanwhile, and none mixes old and new.
    ///
    /// On an error everything stays as it is. The error is also kept for [`Guard::status`] until a
    /// reload succeeds: **say so loudly**, because a gateway that quietly keeps last month's keys
    /// lets in whom somebody has revoked.
    ///
    /// It blocks: call it on a thread that may read files.
    ///
    /// # Errors
    ///
    /// - a file that cannot be read, or is no regular file;
    /// - a policy that is damaged, of another name, of an older revision, or, if
    ///   [`Builder::refuse_wider`](crate::Builder) says so, one that opens more;
    /// - a file of keys with a mistake, of another policy, or that others may write;
    /// - keyed hashes without a secret, or a secret that others may read;
    /// - token keys with a mistake.
    ///
    /// Cost: reading and preparing all keys; some milliseconds for ten thousand, apart from
    /// reading their file.
    pub fn reload(&self) -> Result<Reload, ReloadError> {
        self.reload_with(false)
    }

    /// As [`Guard::reload`], for a policy that a person has reviewed and that opens more.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`], but for a policy that opens more.
    pub fn reload_wider(&self) -> Result<Reload, ReloadError> {
        self.reload_with(true)
    }

    /// As [`Guard::reload`] if one of the files has changed since it was read last; `None` if none
    /// has. A change is noticed by the file's time, length and identity.
    ///
    /// Call it every second or so, from a timer of the program. It costs a call of `stat` for each
    /// file.
    pub fn reload_if_changed(&self) -> Option<Result<Reload, ReloadError>> {
        let is_same = {
            let reloader = lock(&self.shared.reloader);
            reloader.stamps == reloader.sources.stamps()
        };
        (!is_same).then(|| self.reload())
    }

    /// Puts a policy and keys in force, as one, that the program has read itself, in place of
    /// those of files. Later reloads keep them.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`].
    pub fn replace(
        &self,
        policy: impl Into<PolicyOrigin>,
        keys: KeyFile,
    ) -> Result<Reload, ReloadError> {
        self.change(|sources| {
            sources.policy = policy.into();
            sources.keys = Keys::Given(Arc::new(keys));
        })
    }

    /// Puts another policy in force, which the program has loaded itself, with the keys that are
    /// where they were.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`].
    pub fn set_policy(&self, policy: impl Into<PolicyOrigin>) -> Result<Reload, ReloadError> {
        self.change(|sources| sources.policy = policy.into())
    }

    /// Puts other keys in force, which the program has read itself, in place of those of a file.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`].
    pub fn set_keys(&self, keys: KeyFile) -> Result<Reload, ReloadError> {
        self.change(|sources| sources.keys = Keys::Given(Arc::new(keys)))
    }

    /// Reloads from other sources, and keeps the old ones if that fails.
    fn change(&self, change: impl FnOnce(&mut Sources)) -> Result<Reload, ReloadError> {
        let mut reloader = lock(&self.shared.reloader);
        let mut sources = reloader.sources.clone();
        change(&mut sources);
        let old = std::mem::replace(&mut reloader.sources, sources);
        let done = self.reload_locked(&mut reloader, false);
        if done.is_err() {
            reloader.sources = old;
            reloader.stamps = reloader.sources.stamps();
        }
        done
    }

    fn reload_with(&self, may_open_more: bool) -> Result<Reload, ReloadError> {
        let mut reloader = lock(&self.shared.reloader);
        self.reload_locked(&mut reloader, may_open_more)
    }

    /// One reload at a time, so that the older of two never comes last.
    fn reload_locked(
        &self,
        reloader: &mut Reloader,
        may_open_more: bool,
    ) -> Result<Reload, ReloadError> {
        #[cfg(feature = "tracing")]
        let _span = crate::trace::reload_span().entered();
        let old = self.shared.snapshot.load_full();
        let done = match reloader.again(&old, &self.shared.counters, may_open_more) {
            Ok(snapshot) => {
                let done = Reload {
                    digest: snapshot.texts.digest.as_ref().to_owned(),
                    revision: snapshot.policy().revision(),
                    keys: snapshot.keys.len(),
                    warnings: reloader.warnings.clone(),
                };
                let mut history = lock(&self.shared.history);
                self.shared.snapshot.store(Arc::new(snapshot));
                history.succeed(done.warnings.clone(), system_time());
                Ok(done)
            }
            Err(error) => {
                lock(&self.shared.history).fail(error.to_string());
                Err(error)
            }
        };
        self.log_reload(&done);
        done
    }
}

/// Why a guard was not built or not reloaded. What was in force stays in force.
///
/// It never shows a key or a hash.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReloadError {
    /// A file cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The kind of error.
        kind: io::ErrorKind,
    },
    /// A file cannot be what it is taken for.
    Unfit {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: &'static str,
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
    Compile(Arc<routescope_compiler::Report>),
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
        /// How many more such differences there are.
        more: usize,
    },
    /// Whether the new policy opens more was not found out.
    Incomparable {
        /// The file.
        file: String,
        /// Why not.
        why: String,
    },
    /// The file of keys or that of the secret was refused.
    Keys(KeyFileError),
    /// One key is two people's. A file with that is refused when it is read, with its place.
    DuplicateKey {
        /// The id of the second.
        id: String,
    },
    /// Keys are stored as keyed hashes, and there is no secret.
    NoSecret {
        /// The file of keys.
        file: String,
    },
    /// The file of token keys was refused.
    #[cfg(feature = "tokens")]
    Tokens(Arc<crate::TokenKeysError>),
}

impl ReloadError {
    pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Self {
        Self::Unreadable {
            file: file.to_owned(),
            kind: error.kind(),
        }
    }

    pub(crate) fn unfit(file: &Path, why: &'static str) -> Self {
        Self::Unfit {
            file: file.to_owned(),
            why,
        }
    }
}

impl Error for ReloadError {}

/// The file, what is wrong with it, and what would help.
impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, kind } => write!(f, "{}: {kind}", file.display()),
            Self::Unfit { file, why } => write!(f, "{}: {why}", file.display()),
            Self::Policy { file, error } => write!(f, "{}: {error}", file.display()),
            #[cfg(feature = "compiler")]
            Self::Compile(report) => write!(f, "{report}"),
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
