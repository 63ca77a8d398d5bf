//! The file of the secret of keyed hashes.

use std::path::Path;

use super::HashSecret;
use super::problem::KeyFileError;
use crate::trusted_file::{self, Owner};

/// The largest file of a secret in bytes.
const LARGEST: u64 = 4096;

/// Fewer different bytes than these are no random secret, were it written in hexadecimal.
const LEAST_DIFFERENT: usize = 8;

impl HashSecret {
    /// Reads the secret from a file, whose whole content it is, less one line break at the end.
    /// `openssl rand -hex 32 > secret` makes one.
    ///
    /// The file must be a regular one (links are followed), belong to root or to the process's
    /// user, be writable by nobody else and readable by its owner and group only, and its folder
    /// must not be writable by everybody, unless it is sticky. Elsewhere than on unix, owner and
    /// mode are not checked. The buffer that it is read into is wiped.
    ///
    /// # Errors
    ///
    /// - a file that cannot be read, or is no regular file;
    /// - an owner or a mode that lets others write or read it;
    /// - less than [`MIN_LENGTH`](Self::MIN_LENGTH) bytes, more than 4,096, or a few bytes
    ///   repeated, which are no random ones.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let refused = |message: String, help: &str| {
            KeyFileError::of_file(&path.display().to_string(), message, help)
        };
        let content = trusted_file::read(path, LARGEST, Owner::RootOrOwn)?;
        if let Some(public) = content.public {
            return Err(refused(
                format!("{}, and it is a secret", public.message()),
                public.help(),
            ));
        }
        let bytes = content.bytes.as_slice();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let make = "make it of random bytes: `openssl rand -hex 32`";
        let secret = Self::new(bytes).ok_or_else(|| {
            let least = Self::MIN_LENGTH;
            refused(format!("a secret of less than {least} bytes"), make)
        })?;
        let mut seen = [false; 256];
        bytes
            .iter()
            .for_each(|&byte| seen[usize::from(byte)] = true);
        if seen.iter().filter(|&&seen| seen).count() < LEAST_DIFFERENT {
            return Err(refused(
                "a secret of a few bytes, repeated".to_owned(),
                make,
            ));
        }
        Ok(secret)
    }
}
