//! The compiler's messages where `policy!` has nothing to include.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package with this source, and with a build script or without.
fn package(name: &str, build_script: Option<&str>, source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nroutescope-core = {{ path = '{}' }}\n",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    if let Some(script) = build_script {
        fs::write(folder.join("build.rs"), script).unwrap();
    }
    folder
}

#[test]
fn says_what_is_missing() {
    let cases = [
        (
            "no-build-script",
            None,
            "this package has no build script. Write `fn main() -> Result<(), routescope_compiler::Report> { routescope_compiler::build(\"routes.yaml\") }` into build.rs",
        ),
        // A build script wrote the policy under another name.
        ("another-name", Some("fn main() {}"), "rotues.rs"),
    ];
    for (name, build_script, says) in cases {
        let source = "routescope_core::policy!(pub mod api = \"rotues\");\n";
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet", "--color", "never"])
            .current_dir(package(name, build_script, source))
            .env_remove("OUT_DIR")
            .env(
                "CARGO_TARGET_DIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("target"),
            )
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name} compiles");
        assert!(said.contains(says), "{name}: {said}");
        // At the line that the embedder wrote.
        assert!(said.contains("src/lib.rs:1:1"), "{name}: {said}");
        // And nothing else that would hide it.
        assert!(said.contains("due to 1 previous error"), "{name}: {said}");
    }
}
