//! The compiled policy as text, which a reviewer reads, and its size.

use std::fs;

use routescope::pbx::POLICY;

/// If this fails, the file has been written anew: look at the diff, and commit
/// it if you meant it.
#[test]
fn policy_txt_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy.txt");
    let now = format!("{POLICY}\ntables: {} bytes\n", POLICY.tables().size());
    if fs::read_to_string(path).ok().as_deref() != Some(&now) {
        fs::write(path, &now).expect("tests/policy.txt can be written");
        panic!("tests/policy.txt was stale and has been written anew: look at its diff");
    }
}

#[test]
fn the_tables_stay_small() {
    let size = POLICY.tables().size();
    assert!(size <= 8 * 1024, "{size} bytes");
}
