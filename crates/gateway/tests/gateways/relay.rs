//! The way from a gateway to the authorization server: bytes pass unchanged, and each check
//! request is kept with its answer.

use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::clock;
use crate::gateways::Preset;
use crate::grpc_relay;
use crate::http1::{self, Head};
use crate::process::free_address;

/// A check request, and the answer to it.
#[derive(Clone)]
pub(crate) struct Check {
    /// A number that no other check has.
    id: u64,
    /// The method that the gateway told, or `None` where it told none or several.
    pub(crate) method: Option<Vec<u8>>,
    /// The target that it told.
    pub(crate) target: Option<Vec<u8>>,
    pub(crate) answer: Option<Answered>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |text: &Option<Vec<u8>>| match text {
            Some(text) => text.escape_ascii().to_string(),
            None => "(none)".to_owned(),
        };
        write!(
            f,
            "{} {}: {:?}",
            told(&self.method),
            told(&self.target),
            self.answer
        )
    }
}

/// The answer to a check request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// When the answer was passed on, by [`clock::tick`].
    pub(crate) at: u64,
}

/// The delay of answers that are late; the configurations give up after a second.
pub(crate) const LATE: Duration = Duration::from_millis(1_500);

/// How the relay treats the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    Pass,
    /// Answers come after the gateway has given up. (Over gRPC they have the number of their
    /// stream, and pass at once.)
    Late,
    /// Connections are accepted, and nothing is answered.
    Hang,
    /// The port is closed.
    Away,
}

/// The server between a gateway and the authorization server.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    server: SocketAddr,
    preset: Preset,
    mode: Mutex<Mode>,
    checks: Mutex<Vec<Check>>,
    /// The gateway's connections, to be closed.
    streams: Mutex<Vec<TcpStream>>,
}

impl Relay {
    pub(crate) fn start(server: SocketAddr, preset: Preset) -> Self {
        let listener = TcpListener::bind(free_address()).expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let shared = Arc::new(Shared {
            server,
            preset,
            mode: Mutex::new(Mode::Pass),
            checks: Mutex::default(),
            streams: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.mode() == Mode::Away {
                    return;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || {
                    // Either side may close whenever it likes.
                    let _ = shared.serve(stream);
                });
            }
        });
        Self { address, shared }
    }

    /// Takes the checks since the last time.
    pub(crate) fn take(&self) -> Vec<Check> {
        std::mem::take(&mut self.shared.checks())
    }

    /// Changes the mode, for connections that are open too.
    pub(crate) fn set(&self, mode: Mode) {
        *lock(&self.shared.mode) = mode;
        if mode == Mode::Away {
            // A last connection wakes the thread that accepts, and it gives the port up.
            drop(TcpStream::connect(self.address));
            for stream in lock(&self.shared.streams).drain(..) {
                // The gateway may have closed it already.
                let _ = stream.shutdown(Shutdown::Both);
            }
            while TcpStream::connect(self.address).is_ok() {
                thread::yield_now();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn checks(&self) -> MutexGuard<'_, Vec<Check>> {
        lock(&self.checks)
    }

    pub(crate) fn mode(&self) -> Mode {
        *lock(&self.mode)
    }

    fn serve(self: Arc<Self>, gateway: TcpStream) -> io::Result<()> {
        gateway.set_nodelay(true)?;
        lock(&self.streams).push(gateway.try_clone()?);
        let server = TcpStream::connect(self.server)?;
        server.set_nodelay(true)?;
        match self.preset {
            Preset::EnvoyGrpc => grpc_relay::pass(&self, gateway, server),
            _ => self.pass(gateway, server),
        }
    }

    /// Passes HTTP/1.1 messages, one after the other.
    fn pass(&self, gateway: TcpStream, server: TcpStream) -> io::Result<()> {
        let (mut gateway, mut server) = (BufReader::new(gateway), BufReader::new(server));
        while let Some(request) = Head::read(&mut gateway)? {
            let body = http1::request_body(&mut gateway, &request)?;
            let id = self.record(self.preset.told(&request));
            let mode = self.mode();
            if matches!(mode, Mode::Hang | Mode::Away) {
                return hang(gateway.get_mut());
            }
            server.get_mut().write_all(&request.bytes)?;
            server.get_mut().write_all(&body)?;
            let Some(response) = Head::read(&mut server)? else {
                return Ok(());
            };
            let body = http1::response_body(&mut server, &response, request.method())?;
            if let Some(status) = response.status() {
                self.answered(id, status);
            }
            if mode == Mode::Late {
                thread::sleep(LATE);
            }
            gateway
                .get_mut()
                .write_all(&[response.bytes, body].concat())?;
        }
        Ok(())
    }

    /// Keeps a check with the method and the target that it tells, and returns its id.
    pub(crate) fn record(&self, told: (Option<Vec<u8>>, Option<Vec<u8>>)) -> u64 {
        let (method, target) = told;
        let id = clock::tick();
        self.checks().push(Check {
            id,
            method,
            target,
            answer: None,
        });
        id
    }

    pub(crate) fn answered(&self, id: u64, status: u16) {
        let answer = Some(Answered {
            status,
            at: clock::tick(),
        });
        // The test may have taken it already.
        if let Some(check) = self.checks().iter_mut().find(|check| check.id == id) {
            check.answer = answer;
        }
    }
}

/// Reads until the gateway gives up.
pub(crate) fn hang(gateway: &mut TcpStream) -> io::Result<()> {
    let mut ignored = [0; 4096];
    while gateway.read(&mut ignored)? > 0 {}
    Ok(())
}
