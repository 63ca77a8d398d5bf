//! Replacing a file so that whoever looks sees the old one or the new one, whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::failure::{Failure, Result};

/// Replaces the content of a file that exists. Its permissions stay; where the
/// name is a link, the file it leads to is replaced.
pub(crate) fn replace(file: &Path, text: &str) -> Result<()> {
    try_replace(file, text).map_err(|error| unwritable(file, &error))
}

/// Writes a file that does not exist yet.
pub(crate) fn create(file: &Path, text: &str) -> Result<()> {
    let write = || {
        let folder = folder(file);
        let mut temporary = tempfile::Builder::new();
        // What the user's mask leaves of it, as for any new file.
        #[cfg(unix)]
        temporary.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut temporary = temporary.tempfile_in(folder)?;
        temporary.write_all(text.as_bytes())?;
        temporary.as_file().sync_all()?;
        temporary
            .persist_noclobber(file)
            .map_err(|error| error.error)?;
        sync(folder)
    };
    write().map_err(|error: io::Error| unwritable(file, &error))
}

fn try_replace(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let folder = folder(&file);
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    fs::set_permissions(temporary.path(), fs::metadata(&file)?.permissions())?;
    temporary.as_file().sync_all()?;
    temporary.persist(&file).map_err(|error| error.error)?;
    sync(folder)
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// So that the new name outlasts a power cut. Not every system can.
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
