//! Shows a key, once.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use routescope_guard::HashSecret;
use routescope_guard::keys::{NewKey, StoredHash};

use super::replaced::unusable;
use crate::failure::{Failure, Result};
use crate::policy::Source;

/// `--hmac-secret`, for the subcommands that make keys.
#[derive(Debug, clap::Args)]
pub(super) struct SecretArgument {
    /// Store a keyed hash (HMAC-SHA-256) in place of SHA-256, with the secret of this file, which
    /// the gateway must have too
    #[arg(long, value_name = "FILE")]
    hmac_secret: Option<PathBuf>,
}

impl SecretArgument {
    pub(super) fn read(&self) -> Result<Option<HashSecret>> {
        let secret = self.hmac_secret.as_deref().map(HashSecret::read);
        secret.transpose().map_err(|error| unusable(&error))
    }
}

/// A key of the policy's format, with its hash.
pub(super) fn new_key(
    policy: routescope::Policy<'_>,
    source: &Source,
    secret: Option<&HashSecret>,
) -> Result<(NewKey, StoredHash)> {
    let key = NewKey::generate(policy.key_format().as_ref()).map_err(|error| {
        Failure::new(
            format_args!("no key was made: {error}"),
            format_args!(
                "let `key:` in the policy ({}) ask for longer keys",
                source.origin()
            ),
        )
    })?;
    let hash = key.hash(secret);
    Ok((key, hash))
}

/// Writes the key to standard output: a line, and nothing else.
pub(super) fn show(key: &NewKey) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(key.expose().as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Refuses a standard output that is the key file, which a key must never be in, or that leads
/// nowhere, where the key would be lost. A closed one leads nowhere too.
#[cfg(unix)]
pub(super) fn is_elsewhere(keys: &Path) -> Result<()> {
    use std::fs::{self, File};
    use std::os::fd::AsFd;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    let out = io::stdout().as_fd().try_clone_to_owned();
    let Ok(out) = out.and_then(|out| File::from(out).metadata()) else {
        return Ok(());
    };
    if let Ok(keys) = fs::metadata(keys)
        && (out.dev(), out.ino()) == (keys.dev(), keys.ino())
    {
        return Err(Failure::new(
            "standard output is the key file, and the key would be written into it",
            "leave standard output alone: the file is written anyway",
        ));
    }
    if let Ok(null) = fs::metadata("/dev/null")
        && out.file_type().is_char_device()
        && out.rdev() == null.rdev()
    {
        return Err(Failure::new(
            "standard output leads nowhere, and the key would be lost",
            "leave standard output alone, or send it to the owner of the key",
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn is_elsewhere(_: &Path) -> Result<()> {
    Ok(())
}
