//! Keys, policies and sinks for tests.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use routescope_guard::{KeyEntry, KeyFile, KeyHash, StoredHash};

/// Seconds since 1970: 2026-05-28T20:26:40Z.
pub(crate) const NOW: u64 = 1_780_000_000;

/// A key of the PBX's format. Its letters are random, so that no other text has 12 of them in a
/// row by chance.
pub(crate) fn key(seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    let rest: String = (0..93).map(|_| random.alphanumeric()).collect();
    format!("wsk-v1-{rest}")
}

pub(crate) fn entry(id: &str, key: &str, scopes: &[&str]) -> KeyEntry {
    let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
    KeyEntry::new(id, hash, scopes.iter().copied())
}

pub(crate) fn keys(entries: impl IntoIterator<Item = KeyEntry>) -> KeyFile {
    KeyFile::new(entries)
}

/// The lines of a log.
pub(crate) type Lines = Arc<Mutex<Vec<u8>>>;

pub(crate) fn text(lines: &Lines) -> String {
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8(lines.clone()).expect("a log is UTF-8")
}

/// The lines from a place on, parsed.
pub(crate) fn parsed(lines: &Lines) -> Vec<serde_json::Value> {
    let text = text(lines);
    assert!(text.is_empty() || text.ends_with('\n'));
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    text.lines().map(parse).collect()
}

/// A file of this test run that is removed with its value.
pub(crate) struct File(pub(crate) PathBuf);

impl File {
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Self {
        let name = format!("routescope-guard-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("a temporary file is written");
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // Somebody else may have removed it.
        let _ = std::fs::remove_file(&self.0);
    }
}
