//! The API behind a gateway: it keeps the exact bytes of each request that reaches it.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::clock;
use crate::http1::{self, Head};
use crate::process::free_address;

/// A request that has arrived at the API.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded {
    pub(crate) head: Head,
    /// The body as on the wire, with the sizes of chunks.
    pub(crate) body: Vec<u8>,
    /// When its head was read, by [`clock::tick`].
    pub(crate) at: u64,
}

/// A server that allows everything, upgrades included: it is for the gateway to refuse.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    forwarded: Arc<Mutex<Vec<Forwarded>>>,
}

impl Recorder {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(free_address()).expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let forwarded = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&forwarded);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, forwarded }
    }

    /// Takes what has arrived since the last time.
    pub(crate) fn take(&self) -> Vec<Forwarded> {
        std::mem::take(&mut lock(&self.forwarded))
    }
}

fn lock(forwarded: &Mutex<Vec<Forwarded>>) -> MutexGuard<'_, Vec<Forwarded>> {
    forwarded.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, forwarded: &Mutex<Vec<Forwarded>>) {
    // A gateway may close whenever it likes. Its request counts from its head on.
    let _ = exchange(stream, forwarded);
}

fn exchange(stream: TcpStream, forwarded: &Mutex<Vec<Forwarded>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(head) = Head::read(&mut stream)? {
        let at = clock::tick();
        let number = {
            let mut forwarded = lock(forwarded);
            forwarded.push(Forwarded {
                head: head.clone(),
                body: Vec::new(),
                at,
            });
            forwarded.len() - 1
        };
        let body = http1::request_body(&mut stream, &head)?;
        if let Some(forwarded) = lock(forwarded).get_mut(number) {
            forwarded.body = body;
        }
        if head.is_upgrade()
            && head
                .values("sec-websocket-version")
                .any(|value| value != b"13")
        {
            // Nothing is upgraded, and the connection goes on with HTTP/1.1: a gateway that takes
            // it for a tunnel now lets the next request through unasked.
            let answer = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\
                          Sec-WebSocket-Version: 13\r\n\r\n";
            stream.get_mut().write_all(answer.as_bytes())?;
            continue;
        }
        if head.is_upgrade() {
            return echo(stream, &head);
        }
        let end = if head.closes() {
            "Connection: close\r\n"
        } else {
            ""
        };
        let body = if head.method() == b"HEAD" { "" } else { "ok\n" };
        // Some gateways act on this header of an answer, which a client may have made up.
        let redirect = head.values("x-accel-redirect").next();
        let redirect = redirect.map_or(String::new(), |target| {
            format!("X-Accel-Redirect: {}\r\n", String::from_utf8_lossy(target))
        });
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n{redirect}{end}\r\n{body}");
        stream.get_mut().write_all(answer.as_bytes())?;
        if head.closes() {
            return Ok(());
        }
    }
    Ok(())
}

/// Agrees to whatever protocol a request asks for, and echoes bytes from then on. The accepted key
/// is that of RFC 6455's example, which the sender sends.
fn echo(mut stream: BufReader<TcpStream>, head: &Head) -> io::Result<()> {
    let protocol = head.values("upgrade").next().unwrap_or(b"");
    let answer = [
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ".as_slice(),
        protocol,
        b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ];
    stream.get_mut().write_all(&answer.concat())?;
    let mut bytes = [0; 4096];
    loop {
        let read = stream.read(&mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        stream.get_mut().write_all(&bytes[..read])?;
    }
}
