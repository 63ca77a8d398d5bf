//! Listening sockets: TCP and unix.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use crate::certificates::Certificate;
use crate::config::{Address, Place};
use crate::peer::Peer;
use crate::socket_file::{self, SocketFile};

/// A socket that is bound.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: Socket,
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "as with TLS"))]
    certificate: Certificate,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    /// The file comes first, so that it goes first: while the socket is open, no other server
    /// takes its name.
    Unix(SocketFile, UnixListener),
}

/// A connection, of whichever kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that was accepted, and has said nothing yet.
pub(crate) struct Accepted {
    stream: Box<dyn Stream>,
    #[cfg(feature = "tls")]
    tls: Option<std::sync::Arc<rustls::ServerConfig>>,
}

impl Listener {
    /// Binds the address of a place. With a certificate, each connection has TLS.
    ///
    /// # Errors
    ///
    /// An address that is in use or not of this machine, a port that is not ours to take, a path
    /// that another file has.
    pub(crate) async fn bind(place: &Place, certificate: Certificate) -> io::Result<Self> {
        let socket = match &place.address {
            Address::Tcp(address) => Socket::Tcp(TcpListener::bind(address).await?),
            Address::Unix(path) => {
                let (file, listener) = socket_file::bind(path, place.mode).await?;
                Socket::Unix(file, listener)
            }
        };
        Ok(Self {
            socket,
            certificate,
        })
    }

    /// The address that it has: for port 0, the port that the system chose.
    pub(crate) fn address(&self) -> io::Result<Address> {
        match &self.socket {
            Socket::Tcp(listener) => Ok(Address::Tcp(listener.local_addr()?)),
            Socket::Unix(file, _) => Ok(Address::Unix(file.path().to_owned())),
        }
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> io::Result<(Accepted, Peer)> {
        let (stream, peer): (Box<dyn Stream>, Peer) = match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // An answer is one small packet, which must not wait for another.
                stream.set_nodelay(true)?;
                (Box::new(stream), Peer::Address(address.ip()))
            }
            Socket::Unix(_, listener) => {
                let (stream, _) = listener.accept().await?;
                let user = stream.peer_cred().ok().map(|peer| peer.uid());
                (Box::new(stream), Peer::User(user))
            }
        };
        let accepted = Accepted {
            stream,
            #[cfg(feature = "tls")]
            tls: self.certificate.as_ref().map(|tls| tls.current()),
        };
        Ok((accepted, peer))
    }
}

impl Accepted {
    /// The stream that is spoken on: with TLS, after a handshake, which must not take longer than
    /// the limit. None if it fails.
    #[cfg(feature = "tls")]
    pub(crate) async fn secure(self, limit: Duration) -> Option<Box<dyn Stream>> {
        let Some(config) = self.tls else {
            return Some(self.stream);
        };
        let handshake = tokio_rustls::TlsAcceptor::from(config).accept(self.stream);
        let stream = tokio::time::timeout(limit, handshake).await.ok()?.ok()?;
        Some(Box::new(stream))
    }

    /// The stream that is spoken on.
    #[cfg(not(feature = "tls"))]
    #[allow(clippy::unused_async, reason = "as with TLS")]
    pub(crate) async fn secure(self, _: Duration) -> Option<Box<dyn Stream>> {
        Some(self.stream)
    }
}
