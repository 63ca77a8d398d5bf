//! Files that a gateway trusts: nobody else may have written them.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Whose files are trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// Those of root and of the process's user: a gateway takes keys from nobody else.
    RootOrOwn,
    /// The same, and for root those of every user: an administrator looks after them.
    AnyForRoot,
}

/// The content of a file that was opened, with what there is to warn of.
pub(crate) struct Content {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Whether users who are neither its owner nor of its group may read it.
    pub(crate) public: Option<FileProblem>,
}

/// Why a file is not trusted or cannot be read, and what would help.
///
/// It is about the file as a whole, and shows nothing of its content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileProblem {
    file: String,
    message: String,
    help: String,
}

impl FileProblem {
    pub(crate) fn new(file: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// The name of the file, as it was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The problem in a sentence without its subject, the file.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The advice that would fix it.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl std::error::Error for FileProblem {}

/// `api.rsp: larger than 256 MiB, the limit; name another file`
impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.file, self.message, self.help)
    }
}

/// Reads a file that a gateway trusts, such as a certificate, under the conditions of key files: it
/// belongs to root or to the process's user, and nobody else may write or replace it.
///
/// # Errors
///
/// A file that cannot be read, is larger than the limit in bytes, or is not to be trusted.
pub fn read_trusted_file(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    Ok(read(path, limit, Owner::RootOrOwn)?.bytes)
}

/// Reads a file that a gateway trusts and that is secret, such as a private key: not every user
/// may read it, either.
///
/// # Errors
///
/// As [`read_trusted_file`], and a file that every user may read.
pub fn read_secret_file(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    let content = read(path, limit, Owner::RootOrOwn)?;
    content.public.map_or(Ok(content.bytes), Err)
}

/// Reads a file through one handle, so that the file that is checked is the file that is read.
pub(crate) fn read(path: &Path, limit: u64, owner: Owner) -> Result<Content, FileProblem> {
    let name = path.display().to_string();
    let refused = |message: String, help: &str| FileProblem::new(&name, message, help);
    let unreadable = |error: io::Error| refused(format!("cannot be read: {error}"), remedy(&error));
    // Opening a device can have effects, so it is not opened at all.
    let named = fs::metadata(path).map_err(unreadable)?;
    if !named.is_file() {
        return Err(not_regular(&name, &named));
    }
    let file = options().open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(not_regular(&name, &metadata));
    }
    let public = permissions::check(path, &name, &metadata, owner)?;
    let too_large = || {
        let size = match limit >> 20 {
            0 => format!("{limit} bytes"),
            mebibytes => format!("{mebibytes} MiB"),
        };
        refused(
            format!("larger than {size}, the limit"),
            "name another file",
        )
    };
    if metadata.len() > limit {
        return Err(too_large());
    }
    // Never grows, so that no copy of its beginning is left in memory.
    let capacity = usize::try_from(metadata.len() + 1).map_err(|_| too_large())?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    let read = file.take(metadata.len() + 1).read_to_end(&mut bytes);
    read.map_err(unreadable)?;
    if bytes.len() as u64 > metadata.len() {
        return Err(refused(
            "it grew while it was read".to_owned(),
            "replace files as a whole: write another file, and rename it",
        ));
    }
    Ok(Content { bytes, public })
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the name",
        io::ErrorKind::PermissionDenied => "let the process's user read it",
        _ => "see whether another program can read it",
    }
}

fn not_regular(name: &str, metadata: &fs::Metadata) -> FileProblem {
    let what = match metadata.is_dir() {
        true => "a folder, not a file",
        false => "a pipe, a socket or a device, not a file",
    };
    FileProblem::new(
        name,
        what,
        "name a regular file, or a link that leads to one",
    )
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = File::options();
    // A pipe that takes the name after the check must not keep the process waiting.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    options
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true);
    options
}

#[cfg(unix)]
mod permissions {
    //! Owner and mode, as unix has them.

    use std::fs::{self, Metadata};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::{FileProblem, Owner};

    const WRITE_GROUP_OTHERS: u32 = 0o022;
    const READ_OTHERS: u32 = 0o004;
    const STICKY: u32 = 0o1000;

    pub(super) fn check(
        path: &Path,
        name: &str,
        metadata: &Metadata,
        owner: Owner,
    ) -> Result<Option<FileProblem>, FileProblem> {
        let user = rustix::process::geteuid().as_raw();
        let any = owner == Owner::AnyForRoot && user == 0;
        if !any && ![0, user].contains(&metadata.uid()) {
            return Err(FileProblem::new(
                name,
                format!(
                    "belongs to the user {}, and the process runs as {user}",
                    metadata.uid()
                ),
                "let it belong to root or to the process's user (chown)",
            ));
        }
        let mode = metadata.mode() & 0o7777;
        if mode & WRITE_GROUP_OTHERS != 0 {
            return Err(FileProblem::new(
                name,
                format!("others than its owner may write it (mode {mode:04o})"),
                "take that from them (chmod go-w)",
            ));
        }
        folders(path, name)?;
        Ok((mode & READ_OTHERS != 0).then(|| {
            FileProblem::new(
                name,
                format!("every user may read it (mode {mode:04o})"),
                "take that from them (chmod o-r)",
            )
        }))
    }

    /// A user who may write to a folder can put another file under the name. That goes for the folder
    /// of a link as for that of the file it leads to.
    fn folders(path: &Path, name: &str) -> Result<(), FileProblem> {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        for file in [path, &real] {
            let folder = match file.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            let mode = match fs::metadata(folder) {
                Ok(metadata) => metadata.mode() & 0o7777,
                Err(error) => {
                    return Err(FileProblem::new(
                        name,
                        format!("its folder cannot be checked: {error}"),
                        "let the process's user search it",
                    ));
                }
            };
            if mode & WRITE_GROUP_OTHERS != 0 && mode & STICKY == 0 {
                return Err(FileProblem::new(
                    name,
                    format!("others may replace it: its folder has the mode {mode:04o}"),
                    "take that from them (chmod go-w, on the folder)",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod permissions {
    //! Nothing is checked where there are no owners and modes of unix.

    use std::fs::Metadata;
    use std::path::Path;

    use super::{FileProblem, Owner};

    pub(super) fn check(
        _: &Path,
        _: &str,
        _: &Metadata,
        _: Owner,
    ) -> Result<Option<FileProblem>, FileProblem> {
        Ok(None)
    }
}
