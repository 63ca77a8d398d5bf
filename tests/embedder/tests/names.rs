//! A name that the policy does not have is an error of rustc, and committed code is up to date.

use std::process::Command;

use routescope_compiler::{Generator, compile};

/// rustc words its errors as it likes: they are compared in the version that they were written
/// for. In any version, `build_errors.rs` looks for what is near.
#[test]
fn wrong_names_do_not_build() {
    let version = Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    if version.starts_with(include_str!("ui/rustc.txt").trim()) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
    }
}

/// `src/committed.rs` is what this command writes:
/// `routescope generate tests/embedder/routes.yaml --lang rust -o tests/embedder/src/committed.rs`
#[test]
fn the_committed_module_is_up_to_date() {
    let compiled = compile("routes.yaml", include_str!("../routes.yaml")).unwrap();
    let generated = Generator::new()
        .module("routescope", "crate::committed")
        .command("routescope generate routes.yaml --lang rust")
        .rust(&compiled, "routes.yaml")
        .unwrap();
    assert!(
        generated.source == include_str!("../src/committed.rs"),
        "run the command above"
    );
}

/// The same policy, whether a build script or a person has made the code.
#[test]
fn the_committed_module_is_that_of_the_build() {
    use embedder::{committed, store};

    assert_eq!(committed::POLICY.digest(), store::POLICY.digest());
    assert_eq!(committed::scopes::FILES_READ, store::scopes::FILES_READ);
    let found = committed::route("GET", "/files/a/b").unwrap();
    assert_eq!(
        store::Route::of(found),
        Some(store::Route::GetFilesRootPath)
    );
}
