//! A gateway whose policy and keys are replaced while it decides:
//! `cargo run --package routescope-guard --features compiler --example reload`
//!
//! docs/reload.md tells the reason for each step.

#![allow(clippy::print_stdout, reason = "the story that it tells")]

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use routescope_guard::keys::KeyFileText;
use routescope_guard::{Answer, Guard, KeyEntry, KeyHash, PolicyOrigin, ReloadError, StoredHash};
use tempfile::{NamedTempFile, TempDir};

/// The files that a gateway reads, in a folder that nobody else may write to.
#[derive(Debug)]
pub struct Files(TempDir);

impl Files {
    /// A folder with the first policy and two keys.
    ///
    /// # Errors
    ///
    /// The folder or a file cannot be written.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let files = Self(TempDir::new()?);
        let mut keys = KeyFileText::empty("keys.yaml", "shop")?;
        for (id, key, scopes) in [
            ("front-desk", FRONT_DESK, ["orders:*"]),
            ("screen", SCREEN, ["orders:read"]),
        ] {
            let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
            keys.add(&KeyEntry::new(id, hash, scopes))
                .map_err(|error| format!("{error:?}"))?;
        }
        files.replace(&files.policy(), &compiled(FIRST)?)?;
        files.replace(&files.keys(), keys.as_str().as_bytes())?;
        Ok(files)
    }

    /// The compiled policy.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.0.path().join("shop.rsp")
    }

    /// The key file.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.path().join("keys.yaml")
    }

    /// Replaces a file as a whole: a reader finds the old one or the new one, and no half of it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(self.0.path())?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    }

    /// Takes a key out of its file, as `routescope key revoke` does.
    ///
    /// # Errors
    ///
    /// The file has no such key, or cannot be read or written.
    pub fn revoke(&self, id: &str) -> Result<(), Box<dyn Error>> {
        let mut keys = KeyFileText::read(&self.keys())?;
        keys.remove(id).map_err(|error| format!("{error:?}"))?;
        self.replace(&self.keys(), keys.as_str().as_bytes())?;
        Ok(())
    }

    /// A guard over these files. It refuses a policy that opens more than the one in force.
    ///
    /// # Errors
    ///
    /// As [`Guard::reload`]. Without a sound policy a gateway does not start.
    pub fn guard(&self) -> Result<Guard, ReloadError> {
        Guard::builder(PolicyOrigin::file(self.policy()))
            .keys_file(self.keys())
            .refuse_wider(true)
            .build()
    }
}

/// The bytes that `routescope compile` writes, where people review the policy.
///
/// # Errors
///
/// The report of a policy with errors.
pub fn compiled(source: &str) -> Result<Vec<u8>, routescope_compiler::Report> {
    Ok(routescope_compiler::compile("routes.yaml", source)?.to_bytes())
}

/// Decides a request of a key.
pub fn ask(guard: &Guard, key: &str, method: &str, target: &str) -> Answer {
    let header = format!("Bearer {key}");
    guard.decide(Some(header.as_bytes()), method, target, 1_780_000_000)
}

/// The key of `front-desk`. Real ones are random, and in no source.
pub const FRONT_DESK: &str = "shop-00000000000000000000000000000001";
/// The key of `screen`.
pub const SCREEN: &str = "shop-00000000000000000000000000000002";

/// The policy that the story begins with.
pub const FIRST: &str = r#"version: 1
name: shop
revision: 1
key: { prefix: shop-, length: 37, alphabet: lower-hex }
scopes:
  "orders:read":
    routes:
      - GET /orders/
      - GET /orders/{id}/
  "orders:*":
    routes:
      - DELETE /orders/{id}/
"#;

/// The second edition: nobody may delete orders any more.
#[must_use]
pub fn second() -> String {
    let delete = "    routes:\n      - DELETE /orders/{id}/\n";
    FIRST
        .replace("revision: 1", "revision: 2")
        .replace(delete, "    routes: []\n")
}

/// The story, told line by line.
///
/// # Errors
///
/// Those of the files, of the policies, and of the output.
pub fn story(output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let files = Files::new()?;
    let guard = files.guard()?;
    let mut tell = |what: &str, method: &str| -> io::Result<()> {
        // A real gateway calls this from a timer, and logs a failure loudly.
        let reload = match guard.reload_if_changed() {
            None => "nothing has changed".to_owned(),
            Some(Ok(done)) => format!("revision {}, keys: {}", done.revision, done.keys),
            Some(Err(error)) => format!("REFUSED: {error}"),
        };
        let folder = format!("{}/", files.0.path().display());
        writeln!(output, "{what}: {}", reload.replace(&folder, ""))?;
        let answer = ask(&guard, FRONT_DESK, method, "/orders/7/");
        writeln!(output, "    front-desk: {answer}")
    };
    tell("at the start", "DELETE")?;

    // PUT is new: a request that no key could make before.
    let wider = second().replace("routes: []", "routes: [\"PUT /orders/{id}/\"]");
    files.replace(&files.policy(), &compiled(&wider)?)?;
    tell("a policy that opens more", "DELETE")?;

    files.replace(&files.policy(), &compiled(&second())?)?;
    tell("a policy that opens less", "DELETE")?;

    // Somebody who kept the old file cannot bring it back.
    files.replace(&files.policy(), &compiled(FIRST)?)?;
    tell("an older policy", "DELETE")?;

    // The policy is still refused, and holds the revocation up for nobody.
    files.revoke("front-desk")?;
    tell("a key revoked beside it", "GET")?;

    files.replace(&files.policy(), &compiled(&second())?)?;
    tell("the policy repaired", "GET")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    story(&mut io::stdout().lock())
}
