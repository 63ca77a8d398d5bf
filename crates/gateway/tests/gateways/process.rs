//! Programs that a test starts and ends.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A program with its output. It ends with its children when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: PathBuf,
}

impl Process {
    /// Starts a program in its own process group, with both outputs in a file of `folder`,
    /// and waits until all of these addresses accept.
    pub(crate) fn start(command: &mut Command, folder: &Path, accepts: &[SocketAddr]) -> Self {
        let output = folder.join("output.txt");
        let file = File::create(&output).expect("a file for the output");
        let errors = file.try_clone().expect("a second handle");
        command.current_dir(folder).process_group(0);
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut process = Self { child, output };
        for address in accepts {
            let started = Instant::now();
            while TcpStream::connect(address).is_err() {
                let ended = process.child.try_wait().expect("a child");
                assert!(
                    ended.is_none() && started.elapsed() < Duration::from_secs(30),
                    "{command:?} does not accept at {address} ({ended:?}):\n{}",
                    process.output()
                );
                thread::sleep(Duration::from_millis(5));
            }
        }
        process
    }

    /// Everything that the program has printed.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.output).expect("its output")).into_owned()
    }

    /// The last lines of its output, for a failure.
    pub(crate) fn last_output(&self) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Sends `SIGHUP` to the program.
    pub(crate) fn hang_up(&self) {
        kill_process(self.pid(), Signal::HUP).expect("a running program");
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The group of a program that has ended may be gone.
        let _ = kill_process_group(self.pid(), Signal::TERM);
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if started.elapsed() > Duration::from_secs(2) {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// An address on the loopback interface at which nothing listens.
///
/// No port is given twice, and none is one that the system gives to clients and to `127.0.0.1:0`:
/// a gateway binds it later, and Envoy would share it with another one that has it by then.
pub(crate) fn free_address() -> SocketAddr {
    const PORTS: Range<u32> = 10_000..32_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Another run of the tests at the same time begins elsewhere.
    let first = std::process::id().wrapping_mul(997);
    loop {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        assert!((given as usize) < PORTS.len(), "no port is free");
        let at = first.wrapping_add(given) % (PORTS.end - PORTS.start);
        let port = u16::try_from(PORTS.start + at).expect("a port");
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().expect("a bound socket");
        }
    }
}

/// The path of a program, in the list that `gateways/install` prints.
pub(crate) fn installed(name: &str) -> PathBuf {
    static LIST: OnceLock<String> = OnceLock::new();
    let list = LIST.get_or_init(|| match env::var("ROUTESCOPE_GATEWAYS") {
        Ok(list) => list,
        Err(_) => {
            let output = Command::new(repository().join("gateways/install")).output();
            let output = output.expect("gateways/install");
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).expect("lines of text")
        }
    });
    let mut lines = list.lines().map(|line| line.splitn(3, ' '));
    let path = lines.find_map(|mut words| {
        let is_named = words.next() == Some(name);
        words.nth(1).filter(|_| is_named)
    });
    PathBuf::from(path.unwrap_or_else(|| panic!("gateways/install names no {name}:\n{list}")))
}

/// The repository's folder.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the repository")
}
