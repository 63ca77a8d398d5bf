//! A mistake in `routes.yaml` reaches the person who made it through `cargo build`
//! of a crate with the build script that the README shows, and must be understood there.
//!
//! The crate is built in this package's own target folder, where the compiler
//! already is.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

const GOOD: &str = r#"version: 1
name: demo
scopes:
  "colleagues:read":
    summary: Look up colleagues
    routes:
      - GET /colleagues/
      - GET /colleagues/{id}/
  "colleagues:*":
    routes:
      - PUT /colleagues/{id}/
"#;

/// Mistakes that a tired person makes in the file: a name for each, the text that is
/// replaced, its replacement, the position to which the build must point, and its advice.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "tab",
        "      - GET /colleagues/\n",
        "\t- GET /colleagues/\n",
        "7:1",
        "indent with spaces",
    ),
    (
        "typo in a scope",
        "\"colleagues:read\"",
        "\"colleagues:raed\"",
        "4:4",
        "did you mean `colleagues:read`?",
    ),
    (
        "route twice",
        "      - GET /colleagues/{id}/\n",
        "      - GET /colleagues/\n",
        "8:9",
        "remove one of them",
    ),
    (
        "no leading slash",
        "GET /colleagues/\n",
        "GET colleagues/\n",
        "7:13",
        "write `/colleagues/`",
    ),
    (
        "read under the full scope",
        "PUT /colleagues/{id}/",
        "GET /colleagues/{id}/",
        "11:9",
        "list it under `colleagues:read`",
    ),
    (
        "typo in a field",
        "    routes:\n      - PUT",
        "    routs:\n      - PUT",
        "10:5",
        "did you mean `routes`?",
    ),
    (
        "conflict",
        "GET /colleagues/\n",
        "GET /{kind}/export/\n",
        "8:9",
        "both match `/colleagues/export/`",
    ),
    (
        "brace",
        "- GET /colleagues/{id}/",
        "- GET /colleagues/{id/",
        "8:25",
        "write `{id}`",
    ),
    (
        "empty file",
        GOOD,
        "",
        "1:1",
        "write a version, a name and scopes",
    ),
    (
        "version",
        "version: 1",
        "version: 2",
        "1:10",
        "write `version: 1`",
    ),
    (
        "mapping instead of text",
        "- GET /colleagues/\n",
        "- GET: /colleagues/\n",
        "7:9",
        "write `- GET /colleagues/`",
    ),
];

#[test]
fn mistakes_in_a_build() {
    let gateway = Gateway::new();
    gateway.write(GOOD);
    for generated in gateway.generated() {
        fs::remove_file(generated).unwrap();
    }

    for &(what, good, bad, at, advice) in MISTAKES {
        assert_eq!(GOOD.matches(good).count(), 1, "{what}");
        gateway.write(&GOOD.replace(good, bad));
        let (built, output) = gateway.build();
        assert!(!built, "{what} builds:\n{output}");
        for expected in [
            format!("error: gateway@0.0.0: routes.yaml:{at}: "),
            "Error: routes.yaml: 1 error".to_owned(),
            advice.to_owned(),
        ] {
            assert!(
                output.contains(&expected),
                "{what}: no `{expected}` in\n{output}"
            );
        }
        // At the top, in what the script wrote, and with its line: no more.
        let said = output.matches(advice).count();
        assert!(said <= 3, "{what}: said {said} times in\n{output}");
        assert!(gateway.generated().is_empty(), "{what} writes tables");
    }

    // Two mistakes: both with their lines, the first also at the top.
    let twice = GOOD.replace("GET", "get");
    gateway.write(&twice);
    let (built, output) = gateway.build();
    assert!(!built);
    assert!(output.contains("error: gateway@0.0.0: and one more error"));
    assert!(output.contains("--> routes.yaml:7:9"), "{output}");
    assert!(output.contains("--> routes.yaml:8:9"), "{output}");

    // Not text at all, and not there at all.
    gateway.write_bytes(b"version: 1\nname: d\xE4mo\n");
    let (built, output) = gateway.build();
    assert!(!built);
    assert!(
        output.contains("routes.yaml:2:8: the file is not UTF-8"),
        "{output}"
    );
    fs::remove_file(gateway.package.join("routes.yaml")).unwrap();
    let (built, output) = gateway.build();
    assert!(!built);
    assert!(output.contains("cannot read `routes.yaml`"), "{output}");

    repaired_it_builds_again_and_only_when_needed(&gateway);
    mistakes_in_names(&gateway);
    odd_policies_build(&gateway);
}

/// rustc's own words, whatever its version: `tests/names.rs` has all of them, of one version.
fn mistakes_in_names(gateway: &Gateway) {
    gateway.write(GOOD);
    for (what, code, near) in [
        (
            "a constant",
            "pub const S: routescope::Scope = api::scopes::COLLEAGUE_READ;",
            "a constant with a similar name exists",
        ),
        (
            "a set",
            "pub const S: api::ScopeSet = api::scope_set![COLLEAGUES_READ, COLLEAGUES_AL];",
            "a constant with a similar name exists",
        ),
        (
            "a route",
            "pub const R: api::Route = api::Route::GetColleagueId;",
            "there is a variant with a similar name",
        ),
    ] {
        gateway.put(
            "src/lib.rs",
            &format!("routescope::policy!(pub mod api = \"routes\");\n{code}\n"),
        );
        let (built, output) = gateway.build();
        assert!(!built, "{what} builds");
        assert!(output.contains(near), "{what}: no `{near}` in\n{output}");
    }
    // Two routes of one name: the build script says it, and writes nothing.
    gateway.write_lib();
    gateway.write(&GOOD.replace("- GET /colleagues/\n", "- GET /colleagues/id/\n"));
    let (built, output) = gateway.build();
    assert!(!built);
    let said = "routes.yaml:8:9: `GET /colleagues/id/` and `GET /colleagues/{id}/` would both be `GetColleaguesId` in generated code";
    assert!(output.contains(said), "{output}");
    assert_eq!(gateway.generated(), Vec::<PathBuf>::new());
}

/// Policies that a compiler of generated code may trip over: for each, what takes the place of
/// `scopes` and all below, and code that uses what is generated.
const ODD: &[(&str, &str, &str)] = &[
    (
        "no scopes",
        "scopes: {}\n",
        "pub fn count(route: api::Route) -> usize { route.index() + api::Route::ALL.len() }",
    ),
    (
        "no routes",
        "scopes:\n  \"things:read\":\n    routes: []\n",
        "pub const S: api::ScopeSet = api::scope_set![THINGS_READ, THINGS_ALL];",
    ),
    (
        "a summary that would reorder what follows",
        "scopes:\n  \"things:read\":\n    summary: \"\\u202Eit \\u2066is\"\n    routes: [GET /things]\n",
        "pub const R: api::Route = api::Route::GetThings;",
    ),
];

/// rustc has nothing to say about what is generated of a policy that the compiler accepts.
fn odd_policies_build(gateway: &Gateway) {
    for (what, scopes, code) in ODD {
        gateway.put(
            "src/lib.rs",
            &format!(
                "#![deny(warnings)]\nroutescope::policy!(pub mod api = \"routes\");\n{code}\n"
            ),
        );
        gateway.write(&format!("version: 1\nname: demo\n{scopes}"));
        let (built, output) = gateway.build();
        assert!(built, "{what}:\n{output}");
    }
}

fn repaired_it_builds_again_and_only_when_needed(gateway: &Gateway) {
    gateway.write(GOOD);
    let (built, output) = gateway.build();
    assert!(built, "{output}");
    assert!(!output.contains("warning"), "{output}");
    let first = gateway.tables();

    fs::write(gateway.package.join("notes.txt"), "not for the build").unwrap();
    gateway.write_lib();
    let (built, output) = gateway.build();
    assert!(built, "{output}");
    assert!(gateway.tables() == first, "the script ran for another file");

    gateway.write(&GOOD.replace("  \"colleagues:*\"", "  \"collegues:*\""));
    let (built, output) = gateway.build();
    assert!(built, "{output}");
    let warning =
        "warning: gateway@0.0.0: routes.yaml:9:4: resource `collegues` is one letter away";
    assert!(output.contains(warning), "{output}");
    let second = gateway.tables();
    assert!(second.0 != first.0 && second.1 != first.1);

    // A file that goes bad leaves no tables: neither half of the new ones, nor
    // the last good ones for a script that looks away from the error.
    gateway.write("version: 1\n");
    assert!(!gateway.build().0);
    assert_eq!(gateway.generated(), Vec::<PathBuf>::new());
}

/// A crate as an embedder would write it, in a folder for tests.
struct Gateway {
    package: PathBuf,
    target: PathBuf,
}

impl Gateway {
    fn new() -> Self {
        let embedder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let engine = embedder.join("../..").canonicalize().unwrap();
        let compiler = engine.join("crates/compiler");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let gateway = Self {
            package: folder.join("gateway"),
            target: folder.parent().unwrap().to_owned(),
        };
        fs::create_dir_all(gateway.package.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"gateway\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nroutescope = {{ path = {engine:?}, default-features = false }}\n\n\
             [build-dependencies]\nroutescope-compiler = {{ path = {compiler:?} }}\n\n\
             [workspace]\n"
        );
        gateway.put("Cargo.toml", &manifest);
        gateway.put(
            "build.rs",
            "fn main() -> Result<(), routescope_compiler::Report> {\n    \
             routescope_compiler::build(\"routes.yaml\")\n}\n",
        );
        gateway.write_lib();
        // The versions that are already here, since nothing may be fetched.
        let lock = fs::read_to_string(embedder.join("Cargo.lock")).unwrap();
        gateway.put("Cargo.lock", &lock);
        gateway
    }

    /// Writes a file unless it has this text already, to keep its modification time.
    fn put(&self, name: &str, text: &str) {
        let path = self.package.join(name);
        if !fs::read_to_string(&path).is_ok_and(|old| old == text) {
            fs::write(path, text).unwrap();
        }
    }

    fn write_lib(&self) {
        let lib = "routescope::policy!(pub mod api = \"routes\");\n";
        fs::write(self.package.join("src/lib.rs"), lib).unwrap();
    }

    fn write(&self, routes: &str) {
        self.write_bytes(routes.as_bytes());
    }

    fn write_bytes(&self, routes: &[u8]) {
        fs::write(self.package.join("routes.yaml"), routes).unwrap();
    }

    /// Builds it: whether that succeeded, and what Cargo said.
    fn build(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--color=never"])
            .current_dir(&self.package)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CARGO_BUILD_TARGET")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), text)
    }

    /// The tables that the build script has written.
    fn generated(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let builds = fs::read_dir(self.target.join("debug/build")).into_iter();
        let mut folders: Vec<PathBuf> = builds
            .flatten()
            .map(|build| build.unwrap().path())
            .filter(|build| {
                let name = build.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("gateway-")
            })
            .collect();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if path.is_dir() {
                    folders.push(path);
                } else if name.starts_with("routes.") {
                    found.push(path);
                }
            }
        }
        found
    }

    /// The tables, and when they were written.
    fn tables(&self) -> (String, SystemTime) {
        let generated = self.generated();
        let is_source = |path: &&PathBuf| path.extension().is_some_and(|kind| kind == "rs");
        let sources: Vec<&PathBuf> = generated.iter().filter(is_source).collect();
        let [path] = sources.as_slice() else {
            panic!("one file of tables expected: {generated:?}");
        };
        (
            fs::read_to_string(path).unwrap(),
            fs::metadata(path).unwrap().modified().unwrap(),
        )
    }
}
