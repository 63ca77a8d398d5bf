//! The places that a guard reads its policy, keys and secrets from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::counters::Counters;
use crate::file_stamp::FileStamp;
use crate::keys::{HashSecret, KeyEntry, KeyFile, KeyTable, KeyTableError};
use crate::policy_origin::PolicyOrigin;
use crate::reload_error::ReloadError;
use crate::snapshot::{HeldPolicy, PreparedPolicy, Snapshot};

/// The places that policy, keys and secrets come from.
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

    pub(crate) fn stamps(&self) -> Vec<Option<FileStamp>> {
        self.files().into_iter().map(FileStamp::of).collect()
    }

    /// Reads everything. Nothing of the old snapshot goes into the new one but the places at
    /// which routes are counted.
    pub(crate) fn load(&self, counters: &Counters) -> Result<(Snapshot, Vec<String>), ReloadError> {
        let policy = PreparedPolicy::new(self.policy.load()?);
        self.prepare(Arc::new(policy), counters)
    }

    /// Reads the keys and prepares them for a policy.
    pub(crate) fn prepare(
        &self,
        policy: Arc<PreparedPolicy>,
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
        keys.check_policy(policy.held.policy())
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
        warn_of_unknown_scopes(&keys.entries, &policy.held, &file_name, &mut warnings);
        let table = KeyTable::new(&keys.entries, secret, policy.held.policy()).map_err(
            |error| match error {
                KeyTableError::MissingSecret => ReloadError::NoSecret { file: file_name },
                KeyTableError::BadId { id } => ReloadError::BadId { id },
                KeyTableError::Duplicate { id } => ReloadError::DuplicateKey { id },
            },
        )?;
        #[cfg(feature = "tokens")]
        let tokens = match &self.tokens {
            Some((rules, path)) => {
                let keys = self.token_keys.read(path);
                let keys = keys.map_err(ReloadError::Tokens)?;
                let ignored = keys.ignored().iter();
                warnings.extend(ignored.map(|ignored| format!("{}: {ignored}", path.display())));
                Some(crate::tokens::TokenVerifier::new(rules.clone(), keys))
            }
            None => None,
        };
        let slots = counters.slots(&policy.texts);
        let snapshot = Snapshot::new(
            policy,
            table,
            #[cfg(feature = "tokens")]
            tokens,
            slots,
        );
        Ok((snapshot, warnings))
    }
}

/// One line for all keys together: a file of ten thousand keys may have one mistake in each. It has
/// no id, since warnings are also shown to people who may see the policy and not whose keys there
/// are.
fn warn_of_unknown_scopes(
    entries: &[KeyEntry],
    policy: &HeldPolicy,
    file: &str,
    warnings: &mut Vec<String>,
) {
    let policy = policy.policy();
    let unknown = |entry: &&KeyEntry| policy.unknown_scopes(&entry.scopes).next().is_some();
    let keys = match entries.iter().filter(unknown).count() {
        0 => return,
        1 => "1 key holds".to_owned(),
        keys => format!("{keys} keys hold"),
    };
    warnings.push(format!(
        "{file}: {keys} scopes that the policy {} does not know and that grant nothing; `routescope key check` names them",
        policy.name(),
    ));
}
