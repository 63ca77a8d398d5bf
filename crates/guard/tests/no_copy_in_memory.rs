//! After a decision, when the caller has overwritten its buffer, a process that ran the guard has
//! no copy of the key in its memory: not in the heap, not on a stack, not in a register that was
//! saved.
//!
//! The test starts itself as another process, sends it keys through a pipe, and searches all of
//! its memory for parts of them. No harness: nothing but the guard runs in that process.

#![allow(
    clippy::print_stdout,
    reason = "it has no harness that says what passed"
)]

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--guard") => linux::guard(),
        Some("--list") => println!("no_copy_in_memory: test"),
        _ => linux::search(),
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashSet;
    use std::env;
    use std::fs::{self, File};
    use std::future::Future;
    use std::io::{Read, Write};
    use std::os::unix::fs::FileExt;
    use std::pin::pin;
    use std::process::{Child, Command, Stdio};
    use std::task::{Context, Poll, Waker};

    use routescope::pbx;
    use routescope_guard::{
        FoundKey, Guard, HashSecret, KeyEntry, KeyFile, KeyHash, KeyLookup, LookupFailed,
        StoredHash,
    };

    const NOW: u64 = 1_780_000_000;
    const KEY: usize = 100;
    const PREFIX: &str = "wsk-v1-";
    const SCHEME: &str = "Bearer ";
    const SECRET: &[u8; 32] = b"a secret of the test, 32 bytes !";

    /// The calls that the process makes with a key, and the answers to them.
    const CASES: [(&str, &str); 7] = [
        ("known", "allow"),
        ("keyed", "allow"),
        ("expired", "expired_key"),
        ("unknown", "unknown_key"),
        ("malformed", "malformed_key"),
        ("looked-up", "allow"),
        // Keeps a copy, so that the search has something to find.
        ("leaking", "allow"),
    ];

    /// The process that is searched: reads a header, decides, overwrites the header, answers, and
    /// waits.
    pub(super) fn guard() {
        let mode = env::args().nth(2).unwrap_or_default();
        let hash = env::args().nth(3).unwrap_or_default();
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(hash.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).expect("hexadecimal");
            *byte = u8::from_str_radix(digits, 16).expect("hexadecimal");
        }
        let hash = KeyHash::from_bytes(bytes);
        let stored = match &*mode {
            "keyed" => StoredHash::HmacSha256(hash),
            _ => StoredHash::Sha256(hash),
        };
        let mut entry = KeyEntry::new("front-desk", stored, ["colleagues:read"]);
        if mode == "expired" {
            entry.expires = Some(NOW);
        }
        let is_stored = !["unknown", "looked-up"].contains(&&*mode);
        let keys = KeyFile::new(is_stored.then_some(entry));
        let builder = Guard::builder(pbx::POLICY).keys(keys);
        let builder = match &*mode {
            "keyed" => builder.hash_secret(HashSecret::new(SECRET).expect("long enough")),
            _ => builder,
        };
        let guard = builder.build().expect("sound keys");
        // Unbuffered: std's own buffer of the input would be a copy.
        let mut input = File::open("/proc/self/fd/0").expect("the pipe");
        let mut output = File::options()
            .write(true)
            .open("/proc/self/fd/1")
            .expect("the pipe");
        let mut header = vec![0; SCHEME.len() + KEY];
        input.read_exact(&mut header).expect("a header");
        let copy = (mode == "leaking").then(|| header.clone());
        let mut answer = String::new();
        for target in ["/api/v1/colleagues/", "/api/v1/colleagues/4711/"] {
            let decided = match &*mode {
                "looked-up" => {
                    let decided = guard.decide_with(&Store, Some(&*header), "GET", target, NOW);
                    match pin!(decided).poll(&mut Context::from_waker(Waker::noop())) {
                        Poll::Ready(answer) => answer,
                        Poll::Pending => panic!("the store answers at once"),
                    }
                }
                _ => guard.decide(Some(&*header), "GET", target, NOW),
            };
            answer = decided
                .reason()
                .map_or("allow", |reason| reason.as_str())
                .to_owned();
        }
        header.fill(0);
        output.write_all(answer.as_bytes()).expect("somebody reads");
        output.write_all(b"\n").expect("somebody reads");
        // Until the other process has looked.
        input.read_to_end(&mut header).expect("the end");
        drop(copy);
    }

    struct Store;

    impl KeyLookup for Store {
        async fn find(&self, _: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
            Ok(Some(FoundKey::new("customer", ["colleagues:read"])))
        }
    }

    /// Asks a process about a key, and searches its memory.
    pub(super) fn search() {
        for (mode, expected) in CASES {
            let mut key = new_key();
            if mode == "malformed" {
                key.replace_range(KEY - 1.., "!");
            }
            let hash = match mode {
                "keyed" => HashSecret::new(SECRET)
                    .expect("long enough")
                    .hash(key.as_bytes()),
                _ => KeyHash::sha256(key.as_bytes()),
            };
            let hash: String = hash
                .as_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let mut child = Command::new(env::current_exe().expect("this program"))
                .args(["--guard", mode, &hash])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("a process");
            let mut input = child.stdin.take().expect("a pipe");
            input
                .write_all(format!("{SCHEME}{key}").as_bytes())
                .expect("the process reads");
            assert_eq!(line(&mut child), expected, "{mode}");
            let found = copies(child.id(), &key);
            drop(input);
            assert!(child.wait().expect("an end").success(), "{mode}");
            if mode == "leaking" {
                assert!(
                    !found.is_empty(),
                    "the search finds nothing, not even a copy"
                );
            } else {
                assert!(
                    found.is_empty(),
                    "{mode}: parts of the key are in {found:?}"
                );
            }
            println!("{mode}: ok");
        }
    }

    /// A line of the process.
    fn line(child: &mut Child) -> String {
        let output = child.stdout.as_mut().expect("a pipe");
        let mut line = String::new();
        let mut byte = [0];
        while output.read_exact(&mut byte).is_ok() && byte != *b"\n" {
            line.push(char::from(byte[0]));
        }
        line
    }

    /// A key from the system's random numbers.
    fn new_key() -> String {
        let mut random = [0; KEY];
        let mut source = File::open("/dev/urandom").expect("random numbers");
        source.read_exact(&mut random).expect("random numbers");
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let letter = |byte: &u8| char::from(letters[usize::from(*byte) % letters.len()]);
        let rest = random.iter().map(letter).take(KEY - PREFIX.len());
        PREFIX.chars().chain(rest).collect()
    }

    /// The parts of a process's memory in which eight bytes of a key are, in their order or with the
    /// bytes of each word reversed, as SHA-256 reads them.
    fn copies(process: u32, key: &str) -> Vec<String> {
        let key = key.as_bytes();
        let mut wanted = HashSet::new();
        for window in key[PREFIX.len()..].windows(8) {
            wanted.insert(<[u8; 8]>::try_from(window).expect("eight bytes"));
        }
        for words in key.windows(8).step_by(4) {
            let [a, b, c, d, e, f, g, h] = words.try_into().expect("eight bytes");
            wanted.insert([d, c, b, a, h, g, f, e]);
            wanted.insert([h, g, f, e, d, c, b, a]);
        }
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).expect("its memory");
        let memory = File::open(format!("/proc/{process}/mem")).expect("its memory");
        let mut found = Vec::new();
        for map in maps.lines() {
            let mut fields = map.split_whitespace();
            let (range, rights) = (fields.next().expect("a range"), fields.next());
            if !rights.is_some_and(|rights| rights.starts_with('r')) {
                continue;
            }
            let (start, end) = range.split_once('-').expect("a range");
            let address = |text: &str| u64::from_str_radix(text, 16).expect("an address");
            let (start, end) = (address(start), address(end));
            let mut bytes = vec![0; usize::try_from(end - start).expect("it is in memory")];
            // The kernel's own pages cannot be read.
            if memory.read_exact_at(&mut bytes, start).is_err() {
                assert!(map.contains("[v"), "unreadable: {map}");
                continue;
            }
            let copies = bytes.windows(8).filter(|window| wanted.contains(*window));
            let copies = copies.count();
            if copies > 0 {
                found.push(format!("{map}: {copies} windows"));
            }
        }
        found
    }
}
