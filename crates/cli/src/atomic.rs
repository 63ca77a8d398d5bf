//! Replaces a file so that every reader sees either the whole old file or the whole new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::failure::{Failure, Result};

/// Refuses a pipe, a device or a socket, which has no content that could be replaced, before
/// anything is read from it. A link counts as the file that it leads to. `instead` is what a user
/// of the `command` can do.
pub(crate) fn is_replaceable(file: &Path, command: &str, instead: &str) -> Result<()> {
    // A file that is missing or forbidden gives its own error when it is read.
    let Ok(metadata) = fs::metadata(file) else {
        return Ok(());
    };
    let kind = metadata.file_type();
    if kind.is_file() || kind.is_dir() {
        return Ok(());
    }
    Err(Failure::new(
        format_args!(
            "{} is {}, and `{command}` writes files only",
            file.display(),
            in_words(kind)
        ),
        instead,
    ))
}

#[cfg(unix)]
fn in_words(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn in_words(_: fs::FileType) -> &'static str {
    "no file"
}

/// Replaces the content of a file that exists. Its permissions stay, and its
/// owner where the system lets them; where the name is a link, the file it leads
/// to is replaced.
pub(crate) fn replace(file: &Path, content: &[u8]) -> Result<()> {
    try_replace(file, content).map_err(|error| unwritable(file, &error))
}

/// Writes a file, in place of the one that has the name, if there is one.
pub(crate) fn write(file: &Path, content: &[u8]) -> Result<()> {
    if file.symlink_metadata().is_ok() {
        return replace(file, content);
    }
    create(file, content)
}

/// Writes a file that does not exist yet.
pub(crate) fn create(file: &Path, content: &[u8]) -> Result<()> {
    // The user's mask takes permissions away from these, as for any new file.
    try_create(file, content, 0o666).map_err(|error| unwritable(file, &error))
}

/// Writes a file that does not exist yet and that only its owner may read. Says whether it did:
/// somebody else may have made one meanwhile.
pub(crate) fn create_private(file: &Path, content: &[u8]) -> Result<bool> {
    match try_create(file, content, 0o600) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unwritable(file, &error)),
    }
}

#[cfg_attr(not(unix), allow(unused_variables, reason = "there are no modes"))]
fn try_create(file: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let folder = folder(file);
    let mut temporary = tempfile::Builder::new();
    #[cfg(unix)]
    temporary.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    let mut temporary = temporary.tempfile_in(folder)?;
    temporary.write_all(content)?;
    temporary.as_file().sync_all()?;
    temporary
        .persist_noclobber(file)
        .map_err(|error| error.error)?;
    sync(folder)
}

fn try_replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let metadata = fs::metadata(&file)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let folder = folder(&file);
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(content)?;
    keep_owner(temporary.as_file(), &metadata);
    fs::set_permissions(temporary.path(), metadata.permissions())?;
    temporary.as_file().sync_all()?;
    temporary.persist(&file).map_err(|error| error.error)?;
    sync(folder)
}

/// Gives a file the owner and group of another, as far as that is permitted: an
/// administrator who formats somebody's file does not take it away.
#[cfg(unix)]
fn keep_owner(file: &File, like: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};

    let _ = fchown(file, Some(like.uid()), Some(like.gid()))
        .or_else(|_| fchown(file, None, Some(like.gid())));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes the new name outlast a power cut, on systems that can.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "the folder does not exist: create it, or check the name",
        io::ErrorKind::PermissionDenied => {
            "you may not write there: the folder must be writable too"
        }
        io::ErrorKind::AlreadyExists => "`--into` updates a file that exists; or remove it first",
        _ => "the file is as it was",
    };
    Failure::new(
        format_args!("cannot write {}: {error}", file.display()),
        help,
    )
}
