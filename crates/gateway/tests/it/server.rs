//! Starts the real program, and ends it.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A wait that takes longer has failed. It is long, because machines that test are busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, which is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) stderr: Lines,
    pub(crate) stdout: Lines,
    addresses: HashMap<String, String>,
}

/// The lines that a program has written so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    is_closed: bool,
}

/// A folder that only this user may write to, as key files need it.
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("gateway")
        .tempdir()
        .unwrap()
}

/// The program, with no output that anybody reads.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_routescope-gateway"));
    command.stdin(Stdio::null());
    command
}

/// Runs a command that must end by itself, and returns its exit code and what it wrote to standard
/// error.
pub(crate) fn run_to_end(command: &mut Command) -> (Option<i32>, String) {
    struct Killed(Child);

    impl Drop for Killed {
        fn drop(&mut self) {
            // It may have ended.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = Killed(command.spawn().unwrap());
    let stderr = Lines::of(child.0.stderr.take().unwrap());
    let status = until("the end of the command", || child.0.try_wait().unwrap());
    (status.code(), stderr.all().join("\n"))
}

impl Server {
    /// Starts a server by a configuration in a folder, in which its other files are already, and
    /// waits until all of its listeners are bound. Listeners take `address: 127.0.0.1:0`.
    pub(crate) fn start(folder: TempDir, config: &str) -> Self {
        let file = folder.path().join("gateway.yaml");
        fs::write(&file, config).unwrap();
        let mut command = program();
        command.arg("--config").arg(file);
        Self::spawn(folder, command)
    }

    /// Starts a command, and waits until its listeners are bound.
    pub(crate) fn spawn(folder: TempDir, mut command: Command) -> Self {
        command.stdout(Stdio::piped());
        let mut server = Self::spawn_unread(folder, command);
        server.stdout = Lines::of(server.child.stdout.take().unwrap());
        server
    }

    /// As [`Self::spawn`], with the standard output that the command says.
    pub(crate) fn spawn_unread(folder: TempDir, mut command: Command) -> Self {
        command.stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = Lines::of(child.stderr.take().unwrap());
        let mut server = Self {
            child,
            folder,
            stderr,
            stdout: Lines::default(),
            addresses: HashMap::new(),
        };
        // The line about the policy comes when every listener is bound.
        server.stderr.wait_for("policy ");
        for line in server.stderr.lines() {
            if let Some((_, told)) = line.split_once(" asks at ")
                && let Some((address, name)) = told.split_once(" (listener `")
            {
                let name = name.trim_end_matches("`)").to_owned();
                server.addresses.insert(name, address.to_owned());
            } else if let Some(address) = line.strip_prefix("operators ask at ") {
                server.addresses.insert("admin".into(), address.to_owned());
            }
        }
        server
    }

    /// The address of a listener, `127.0.0.1:1234` or `unix:/path`; the one of operators is
    /// `admin`.
    pub(crate) fn address(&self, listener: &str) -> &str {
        self.addresses
            .get(listener)
            .unwrap_or_else(|| panic!("no listener {listener}: {:?}", self.stderr.lines()))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).unwrap();
    }

    /// Waits for the end of the program.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        until("the end of the program", || self.child.try_wait().unwrap())
    }

    /// Stops the server as a service manager does.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lines {
    /// Collects the lines of a pipe, in a thread that ends with it.
    pub(crate) fn of(pipe: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let collected = lines.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(pipe);
            let mut line = Vec::new();
            let (state, changed) = &*collected.0;
            while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                state.lock().unwrap().lines.push(text);
                changed.notify_all();
                line.clear();
            }
            state.lock().unwrap().is_closed = true;
            changed.notify_all();
        });
        lines
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.0.lock().unwrap().lines.clone()
    }

    /// All lines up to the end of the pipe.
    pub(crate) fn all(&self) -> Vec<String> {
        self.wait(|state| state.is_closed.then(|| state.lines.clone()))
            .unwrap_or_else(|| panic!("still open: {:?}", self.lines()))
    }

    /// Waits for a line that has a text in it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_for_nth(text, 1)
    }

    /// Waits for the nth line that has a text in it.
    pub(crate) fn wait_for_nth(&self, text: &str, nth: usize) -> String {
        let find = |state: &State| {
            let mut found = state.lines.iter().filter(|line| line.contains(text));
            let found = found.nth(nth - 1).cloned();
            // A pipe that is closed tells nothing more.
            found.map(Some).or(state.is_closed.then_some(None))
        };
        let found = self.wait(find).flatten();
        found.unwrap_or_else(|| panic!("no line {nth} with {text:?}: {:#?}", self.lines()))
    }

    fn wait<T>(&self, mut find: impl FnMut(&State) -> Option<T>) -> Option<T> {
        let (state, changed) = &*self.0;
        let end = Instant::now() + PATIENCE;
        let mut state = state.lock().unwrap();
        loop {
            if let Some(found) = find(&state) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            state = changed.wait_timeout(state, left).unwrap().0;
        }
    }
}

/// Asks until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
