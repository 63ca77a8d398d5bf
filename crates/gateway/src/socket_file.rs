//! The file of a unix socket, which goes when its listener does.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// Connections that wait to be accepted. The system may have a lower limit.
const BACKLOG: u32 = 1024;

const WRITE_GROUP_OTHERS: u32 = 0o022;

/// The file of a unix socket, which goes when its listener does.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and number, by which it is known: another server may have put its own there.
    identity: Option<(u64, u64)>,
}

/// Listens at a path with a mode. A socket that nobody listens on any more is replaced.
///
/// # Errors
///
/// A path that another file or a live socket has, or a folder in which others could put
/// another socket in its place: the gateway would ask them.
pub(crate) async fn bind(path: &Path, mode: u32) -> io::Result<(SocketFile, UnixListener)> {
    check_folder(path)?;
    remove_left_over(path).await?;
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    let mut file = SocketFile {
        path: path.to_owned(),
        identity: None,
    };
    file.identity = Some(identity(&fs::symlink_metadata(path)?));
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    // Before this, nobody can connect, so that it does not matter which mode it had at first.
    Ok((file, socket.listen(BACKLOG)?))
}

impl SocketFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let found = fs::symlink_metadata(&self.path).ok();
        if found.as_ref().map(identity) == self.identity {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn check_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let metadata = fs::metadata(folder)?;
    let (mode, owner) = (metadata.mode() & 0o7777, metadata.uid());
    // In a sticky folder nobody else can remove the socket, but everybody can make one while there
    // is none, as at a restart.
    let reason = if mode & WRITE_GROUP_OTHERS != 0 {
        format!("has the mode {mode:04o} (chmod go-w, on the folder)")
    } else if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        format!("belongs to the user {owner} (chown, on the folder)")
    } else {
        return Ok(());
    };
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("others may replace the socket, because its folder {reason}"),
    ))
}

/// Removes a socket that nobody listens on any more. A file that is no socket stays, and so does
/// the socket of another server.
async fn remove_left_over(path: &Path) -> io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file of this name that is no socket",
        ));
    }
    match UnixStream::connect(path).await {
        // Any other error is one of a server that is too busy, or not for this user.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "another program listens there",
        )),
    }
}
