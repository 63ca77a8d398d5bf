//! Keys, and the files that a server reads them from.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use routescope::pbx;
use routescope_guard::KeyEntry;
use routescope_guard::keys::{KeyFileText, NewKey};

/// A key of the PBX API that no server knows.
pub(crate) fn new_key() -> NewKey {
    NewKey::generate(pbx::POLICY.key_format().as_ref()).unwrap()
}

/// Writes a key file for the PBX policy, with a key of each id and its scopes, and returns the
/// keys.
pub(crate) fn write_keys<const N: usize>(file: &Path, keys: [(&str, &[&str]); N]) -> [String; N] {
    let mut text = KeyFileText::empty("keys.yaml", "pbx").unwrap();
    let keys = keys.map(|(id, scopes)| {
        let key = new_key();
        let entry = KeyEntry::new(id, key.hash(None), scopes.iter().copied());
        text.add(&entry).unwrap();
        key.expose().to_owned()
    });
    replace(file, text.as_str());
    keys
}

/// Replaces a file as a whole, so that no server reads half of it.
pub(crate) fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    // A key file that everybody may read is a warning.
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(new, file).unwrap();
}
