//! The key file while it is changed: two commands at once lose nothing.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use routescope_compiler::unstable::nearest;
use routescope_guard::KeyFileError;
use routescope_guard::keys::{EditError, KeyEntry, KeyFileText};

use crate::atomic;
use crate::failure::{Failure, Result};

/// A key file that no other command changes meanwhile.
pub(super) struct Replaced {
    path: PathBuf,
    pub(super) text: KeyFileText,
    /// The text that the file had; `None` if there is none yet.
    before: Option<String>,
    /// Keeps other commands waiting until it is dropped.
    _lock: Option<File>,
}

/// How writing ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Written {
    Done,
    /// Somebody else wrote the file first: to be done again with the new one.
    Changed,
}

impl Replaced {
    /// Refuses a name under which there is no file.
    pub(super) fn is_file(path: &Path) -> Result<()> {
        let instead = "name the key file with --keys; `key new` makes one";
        atomic::is_replaceable(path, "key", instead)?;
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_dir() => Ok(()),
            Ok(_) => Err(io::ErrorKind::IsADirectory.into()),
            Err(error) => Err(error),
        }
        .map_err(|error: io::Error| {
            Failure::unreadable(&path.display().to_string(), &error).and_help(instead)
        })
    }

    /// A file that exists.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::is_file(path)?;
        let lock =
            lock(path).map_err(|error| Failure::unreadable(&path.display().to_string(), &error))?;
        let text = KeyFileText::read(path).map_err(|error| unusable(&error))?;
        Ok(Self {
            path: path.to_owned(),
            before: Some(text.as_str().to_owned()),
            text,
            _lock: lock,
        })
    }

    /// A file that exists, or an empty one for a policy.
    pub(super) fn open_or_new(path: &Path, policy: &str) -> Result<Self> {
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => return Self::open(path),
        }
        let name = path.display().to_string();
        let text = KeyFileText::empty(&name, policy).map_err(|error| unusable(&error))?;
        Ok(Self {
            path: path.to_owned(),
            text,
            before: None,
            _lock: None,
        })
    }

    /// The entry of an id.
    pub(super) fn entry(&self, id: &str) -> Result<&KeyEntry> {
        let entries = &self.text.file().entries;
        let found = entries.iter().find(|entry| entry.id == id);
        found.ok_or_else(|| {
            let ids = entries.iter().map(|entry| entry.id.as_str());
            let help = match nearest(id, ids) {
                Some(id) => format!("did you mean `{id}`?"),
                None => "`routescope key list` shows all".to_owned(),
            };
            let file = self.path.display();
            Failure::new(format_args!("no key in {file} has this id"), help)
        })
    }

    /// Puts the text in place of the file, which is whole at every moment.
    pub(super) fn write(&self) -> Result<Written> {
        let text = self.text.as_str().as_bytes();
        let Some(before) = &self.before else {
            return Ok(match atomic::create_private(&self.path, text)? {
                true => Written::Done,
                false => Written::Changed,
            });
        };
        // Editors know nothing of the lock, and not every file system has locks.
        match fs::read(&self.path) {
            Ok(now) if now == before.as_bytes() => {}
            _ => return Ok(Written::Changed),
        }
        atomic::replace(&self.path, text)?;
        Ok(Written::Done)
    }
}

/// Repeats a change until it is written to the file that it was made for.
pub(super) fn until_written<T>(
    open: impl Fn() -> Result<Replaced>,
    change: impl Fn(&mut Replaced) -> Result<T>,
) -> Result<T> {
    const TIMES: usize = 100;
    for _ in 0..TIMES {
        let mut file = open()?;
        let changed = change(&mut file)?;
        if file.write()? == Written::Done {
            return Ok(changed);
        }
    }
    Err(Failure::new(
        "the key file changes all the time",
        "see which program writes it; nothing was written",
    ))
}

/// A key file that cannot be used.
pub(super) fn unusable(error: &KeyFileError) -> Failure {
    let [problem] = error.problems() else {
        return Failure::new(error, "");
    };
    let file = problem.file();
    match problem.position() {
        Some((line, column)) => Failure::new(
            format_args!("{file}:{line}:{column}: {}", problem.message()),
            problem.help(),
        ),
        None => Failure::new(
            format_args!("{file}: {}", problem.message()),
            problem.help(),
        ),
    }
}

/// An edit that was refused.
pub(super) fn refused(path: &Path, error: &EditError) -> Failure {
    let file = path.display();
    let help = match error {
        EditError::Entry(error) => {
            return match error.problems().first() {
                Some(problem) => Failure::new(problem.message(), problem.help()),
                None => Failure::new(error, ""),
            };
        }
        EditError::ByHand(line) => {
            return Failure::new(
                format_args!(
                    "{file}:{line}: this cannot be changed without risk, and is as it was"
                ),
                "edit it by hand, or write the file as `key new` does: an entry is lines below a `-`",
            );
        }
        EditError::NoSuchKey => "`routescope key list` shows all",
        EditError::IdTaken => {
            "`routescope key rotate` gives it a new key; another owner needs another id"
        }
        EditError::NoPrevious => "without `--previous`, the key itself is removed",
    };
    Failure::new(format_args!("{file}: {error}"), help)
}

/// Waits until no other command changes the file. The lock belongs to the file, not to its name,
/// so the name must still lead to it afterwards.
#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::MetadataExt;

    loop {
        let file = File::open(path)?;
        match file.lock() {
            Ok(()) => {}
            // The content is compared before it is replaced, which is all that such a file system
            // lets us do.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(None),
            Err(error) => return Err(error),
        }
        let (locked, named) = (file.metadata()?, fs::metadata(path)?);
        if (locked.dev(), locked.ino()) == (named.dev(), named.ino()) {
            return Ok(Some(file));
        }
    }
}

/// Elsewhere a lock would keep this process from replacing the file.
#[cfg(not(unix))]
fn lock(path: &Path) -> io::Result<Option<File>> {
    File::open(path).map(|_| None)
}
