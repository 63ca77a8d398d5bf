//! The authorization server, as the program that users run, with keys that the test makes.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use routescope::{OwnedPolicy, pbx};
use routescope_guard::keys::{KeyFileText, NewKey};
use routescope_guard::{Answer, Guard, KeyEntry, PolicyOrigin, seconds_since_1970};
use tempfile::TempDir;

use crate::gateways::Preset;
use crate::process::{Process, free_address, repository};

/// The policy that a server decides by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Policy {
    /// The PBX API's, which the program has in it.
    Pbx,
    /// The PBX API's with a public route beside a guarded one.
    WithPublic,
}

impl Policy {
    /// The bytes of its file, if the program does not have it.
    fn bytes(self) -> Option<Vec<u8>> {
        const REBOOT: &str = "      - PUT /api/v1/pbx/system/reboot/\n";
        let changes = match self {
            Self::Pbx => return None,
            Self::WithPublic => [
                (
                    "\nscopes:\n",
                    "\npublic: [POST /api/v1/public/login/]\nscopes:\n",
                ),
                (
                    REBOOT,
                    &format!("{REBOOT}      - POST /api/v1/public/{{id}}/\n"),
                ),
            ],
        };
        let file = repository().join("routes.yaml");
        let mut text = fs::read_to_string(&file).expect("the PBX API's policy");
        for (old, new) in changes {
            assert_eq!(text.matches(old).count(), 1, "{old}");
            text = text.replace(old, new);
        }
        let compiled = routescope_compiler::compile("routes.yaml", &text);
        let compiled = compiled.unwrap_or_else(|report| panic!("{report}"));
        Some(compiled.to_bytes())
    }
}

/// A key, and the only scope that it holds.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) secret: NewKey,
    entry: KeyEntry,
}

/// The id of the key that holds a scope.
fn id(scope: &str) -> String {
    format!("key-of-{scope}")
}

/// A key for each scope of the PBX policy.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) all: Vec<Key>,
}

impl Keys {
    fn new() -> Self {
        let key = |scope: &str| {
            let secret = NewKey::generate(pbx::POLICY.key_format().as_ref()).expect("a key");
            let entry = KeyEntry::new(id(scope), secret.hash(None), [scope]);
            Key {
                scope: scope.to_owned(),
                secret,
                entry,
            }
        };
        let all = pbx::POLICY
            .scopes()
            .map(|scope| key(scope.name()))
            .collect();
        Self { all }
    }

    /// The `Authorization` header of the key that holds this scope.
    pub(crate) fn bearer(&self, scope: &str) -> String {
        let key = self.all.iter().find(|key| key.scope == scope);
        key.unwrap_or_else(|| panic!("no scope {scope}")).bearer()
    }

    /// The text of a key file, without the key of one scope.
    pub(crate) fn text_without(&self, revoked: Option<&str>) -> KeyFileText {
        let mut text = KeyFileText::empty("keys.yaml", "pbx").expect("a name");
        for key in self
            .all
            .iter()
            .filter(|key| Some(key.scope.as_str()) != revoked)
        {
            text.add(&key.entry).expect("a key");
        }
        text
    }
}

impl Key {
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.secret.expose())
    }
}

/// The running program, with a guard that has the same policy and the same keys.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) keys: Keys,
    pub(crate) process: Process,
    guard: Guard,
    keys_file: PathBuf,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(preset: Preset, policy: Policy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Guards refuse keys in a folder that others could write to.
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder.path(), mode).expect("the folder's mode");
        let keys = Keys::new();
        let keys_file = folder.path().join("keys.yaml");
        let text = keys.text_without(None);
        write_keys(&keys_file, &text);
        let (address, admin) = (free_address(), free_address());
        let policy = policy.bytes();
        let policy_file = folder.path().join("api.rsp");
        let policy_line = match &policy {
            None => String::new(),
            Some(bytes) => {
                fs::write(&policy_file, bytes).expect("a policy");
                format!("policy: {}\n", policy_file.display())
            }
        };
        let configuration = format!(
            "{policy_line}keys: {}\nlisteners:\n  - gateway: {}\n    address: {address}\nadmin:\n  address: {admin}\n",
            keys_file.display(),
            preset.name(),
        );
        let file = folder.path().join("gateway.yaml");
        fs::write(&file, configuration).expect("a configuration");
        let mut command = Command::new(env!("CARGO_BIN_EXE_routescope-gateway"));
        command.arg("--config").arg(file);
        let process = Process::start(&mut command, folder.path(), &[address]);
        let origin = match policy {
            None => pbx::POLICY.into(),
            Some(bytes) => PolicyOrigin::from(OwnedPolicy::from_bytes(bytes).expect("a policy")),
        };
        let guard = Guard::builder(origin).keys(text.file().clone());
        let guard = guard.build().expect("a guard");
        Self {
            address,
            keys,
            process,
            guard,
            keys_file,
            _folder: folder,
        }
    }

    /// The answer of the library to a request with these `Authorization` headers.
    pub(crate) fn library(&self, authorization: &[String], method: &[u8], target: &[u8]) -> Answer {
        let now = seconds_since_1970();
        self.guard.decide(
            authorization.iter().map(String::as_bytes),
            method,
            target,
            now,
        )
    }

    /// Replaces the key file by another, and tells the server.
    pub(crate) fn replace_keys(&self, text: &KeyFileText) {
        let other = self.keys_file.with_extension("new");
        write_keys(&other, text);
        fs::rename(&other, &self.keys_file).expect("the key file's place");
        self.process.hang_up();
    }
}

/// Writes a key file that only its owner may read.
fn write_keys(path: &Path, text: &KeyFileText) {
    fs::write(path, text.as_str()).expect("a key file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file's mode");
}
