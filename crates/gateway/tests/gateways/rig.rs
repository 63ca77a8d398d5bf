//! A gateway between a client and an API, with the authorization server beside it.

use std::fs;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use routescope_guard::Answer;
use tempfile::TempDir;

use crate::gateways::Gateway;
use crate::http1::Head;
use crate::process::{Process, free_address, installed, repository};
use crate::recorder::{Forwarded, Recorder};
use crate::relay::{Check, Relay};
use crate::sender::{self, Protocol, Reply, Request};
use crate::server::{Policy, Server};
use crate::verdicts::{Fate, Fault, judge, judge_all};

/// A running gateway, its authorization server, and the recorders at both.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) front: SocketAddr,
    /// The address that takes cleartext HTTP/2.
    pub(crate) front_http2: Option<SocketAddr>,
    // Fields are dropped in this order: the gateway ends before the servers that it uses.
    gateway: Process,
    pub(crate) server: Server,
    pub(crate) api: Recorder,
    pub(crate) relay: Relay,
    _folder: TempDir,
}

impl Rig {
    /// Starts a gateway with its configuration.
    pub(crate) fn start(gateway: &Gateway) -> Self {
        Self::start_by(gateway, Policy::Pbx)
    }

    /// Starts a gateway with its configuration, and a server with another policy.
    pub(crate) fn start_by(gateway: &Gateway, policy: Policy) -> Self {
        let (rig, fault) = Self::start_changed(gateway, policy, |text| text);
        if let Some(fault) = fault {
            panic!("{fault}\n{}", rig.gateway.last_output());
        }
        rig
    }

    /// Starts a gateway with what `change` makes of each file of its configuration, and returns
    /// the first fault that it has shown by then.
    pub(crate) fn start_with(
        gateway: &Gateway,
        change: impl Fn(String) -> String,
    ) -> (Self, Option<Fault>) {
        Self::start_changed(gateway, Policy::Pbx, change)
    }

    fn start_changed(
        gateway: &Gateway,
        policy: Policy,
        change: impl Fn(String) -> String,
    ) -> (Self, Option<Fault>) {
        let server = Server::start(gateway.preset, policy);
        let api = Recorder::start();
        let relay = Relay::start(server.address, gateway.preset);
        let (front, second) = (free_address(), free_address());
        let ports = [
            ("8080", front.port()),
            ("8081", second.port()),
            ("9180", relay.address.port()),
            ("3000", api.address.port()),
        ];
        let folder = tempfile::tempdir().expect("a folder");
        // The workers of some gateways belong to another user, who reads scripts.
        open(folder.path());
        let source = repository().join("gateways").join(gateway.folder);
        let files = fs::read_dir(&source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
        for file in files.map(|file| file.expect("a file")) {
            let name = file.file_name().into_string().expect("a name in UTF-8");
            let text = fs::read_to_string(file.path()).expect("a text");
            let text = change(text);
            let text = ports
                .iter()
                .fold(text, |text, (port, own)| replace_number(&text, port, *own));
            fs::write(folder.path().join(&name), text).expect("a copy");
        }
        let path = folder.path().to_str().expect("a path in UTF-8");
        let mut command = Command::new(installed(gateway.program));
        command.args(
            gateway
                .arguments
                .iter()
                .map(|argument| argument.replace("FOLDER", path)),
        );
        command
            .env("HOME", path)
            .env("XDG_DATA_HOME", path)
            .env("XDG_CONFIG_HOME", path);
        let process = Process::start(&mut command, folder.path(), &[front]);
        let front_http2 = gateway
            .http2
            .map(|port| if port == "8081" { second } else { front });
        let rig = Self {
            front,
            front_http2,
            gateway: process,
            server,
            api,
            relay,
            _folder: folder,
        };
        let fault = rig.wait();
        (rig, fault)
    }

    /// Calls a function for each item, in order, with one of the gateway's processes.
    pub(crate) fn for_each<T: Sync, R: Send>(
        gateway: &Gateway,
        items: &[T],
        call: impl Fn(&Self, &T) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let work = || {
            let rig = Self::start(gateway);
            let mut results = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else {
                    rig.finish();
                    return results;
                };
                results.push((at, call(&rig, item)));
            }
        };
        let mut results: Vec<(usize, R)> = thread::scope(|scope| {
            let workers: Vec<_> = (0..gateway.processes).map(|_| scope.spawn(work)).collect();
            let results = workers.into_iter().map(thread::ScopedJoinHandle::join);
            results
                .flat_map(|results| results.unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        results.sort_by_key(|result| result.0);
        results.into_iter().map(|result| result.1).collect()
    }

    /// Waits until an allowed request is answered with 200, since some gateways accept before they
    /// have read their configuration. They must forward nothing unasked then, too.
    fn wait(&self) -> Option<Fault> {
        let started = Instant::now();
        let request = self.request("GET", "/api/v1/colleagues/", "pbx:*");
        loop {
            let (reply, result) = self.observe(Protocol::Http1, &request);
            if result.is_err() || reply.status == Some(200) {
                return result.err();
            }
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "an allowed request gets {reply:?} ({result:?}):\n{}\n{}",
                self.gateway.last_output(),
                self.server.process.last_output()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A request with the key of one scope.
    pub(crate) fn request(
        &self,
        method: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        scope: &str,
    ) -> Request {
        Request::new(method, target, [self.server.keys.bearer(scope)])
    }

    /// The answer of the library to the bytes of a request.
    pub(crate) fn library(&self, request: &Request) -> Answer {
        let server = &self.server;
        server.library(&request.authorization, &request.method, &request.target)
    }

    /// Judges everything that was recorded since the last time, of which `authorization` tells the
    /// credentials, and returns what was forwarded.
    pub(crate) fn judge_recorded(
        &self,
        authorization: impl Fn(&Head) -> Vec<String>,
    ) -> Result<Vec<Forwarded>, Fault> {
        let (checks, forwarded) = (self.relay.take(), self.api.take());
        judge_all(&self.server, authorization, &checks, &forwarded)?;
        Ok(forwarded)
    }

    /// Sends a request on its own connection and judges it.
    pub(crate) fn observe(
        &self,
        protocol: Protocol,
        request: &Request,
    ) -> (Reply, Result<Fate, Fault>) {
        let address = match protocol {
            Protocol::Http1 => self.front,
            Protocol::Http2 => self.front_http2.expect("a front for HTTP/2"),
        };
        self.observe_by(request, || sender::send(protocol, address, request))
    }

    /// Judges a request that `send` sends.
    pub(crate) fn observe_by(
        &self,
        request: &Request,
        send: impl FnOnce() -> Reply,
    ) -> (Reply, Result<Fate, Fault>) {
        // A request that is forwarded after its answer is found here, before the next one.
        self.assert_quiet();
        let reply = send();
        let (checks, forwarded) = (self.relay.take(), self.api.take());
        let result = judge(&self.server, request, &reply, &checks, &forwarded);
        (reply, result)
    }

    /// As [`Self::observe`], where a fault is a failure.
    pub(crate) fn send(&self, protocol: Protocol, request: &Request) -> (Reply, Fate) {
        let (reply, result) = self.observe(protocol, request);
        let fate = result.unwrap_or_else(|fault| {
            panic!(
                "{fault}\n{request:?}\n{reply:?}\n{}",
                self.gateway.last_output()
            )
        });
        (reply, fate)
    }

    /// Fails if something was asked or forwarded that nobody has sent.
    pub(crate) fn assert_quiet(&self) {
        let late: (Vec<Check>, Vec<Forwarded>) = (self.relay.take(), self.api.take());
        assert!(
            late.0.is_empty() && late.1.is_empty(),
            "after the answer: {late:?}"
        );
    }

    /// Fails if the output of the server or the gateway has a key, or tells of a panic.
    pub(crate) fn finish(self) {
        self.assert_quiet();
        for output in [self.server.process.output(), self.gateway.output()] {
            for key in &self.server.keys.all {
                assert!(
                    !output.contains(key.secret.expose()),
                    "a key in the log:\n{output}"
                );
            }
            assert!(!output.contains("panicked"), "{output}");
        }
    }
}

fn open(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder's mode");
}

/// Replaces a number, and no longer number that it is a part of.
fn replace_number(text: &str, number: &str, by: u16) -> String {
    let mut pieces = text.split(number).peekable();
    let mut replaced = String::new();
    while let Some(piece) = pieces.next() {
        replaced += piece;
        if let Some(next) = pieces.peek() {
            let is_part = replaced.ends_with(|last: char| last.is_ascii_digit())
                || next.starts_with(|first: char| first.is_ascii_alphanumeric());
            replaced += &if is_part {
                number.to_owned()
            } else {
                by.to_string()
            };
        }
    }
    replaced
}
