//! The state of a file by which a change is noticed.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// The state of a file by which a change is noticed without reading it: its time, its length and
/// its identity.
///
/// ```
/// use std::path::Path;
///
/// use routescope_guard::FileStamp;
///
/// let file = Path::new("server.pem");
/// let before = FileStamp::of(file);
/// // Later, from a timer:
/// let has_changed = FileStamp::of(file) != before;
/// assert!(!has_changed);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileStamp {
    modified: Option<SystemTime>,
    length: u64,
    /// The file itself, since a file that is replaced by another may have its time and length.
    identity: (u64, u64, i64, i64),
}

impl FileStamp {
    /// The present stamp of a file; `None` for one that is not there. It costs a call of
    /// `stat`.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
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
