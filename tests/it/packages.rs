//! The first lines that users of the packages read: install lines, links and licences.

use std::fs;
use std::path::{Path, PathBuf};

const PACKAGES: [&str; 9] = [
    "",
    "crates/core",
    "crates/source",
    "crates/compiler",
    "crates/guard",
    "crates/tower",
    "crates/gateway",
    "crates/cli",
    "crates/ffi",
];

/// Texts that users read, as far as they have links or show how to install.
const TEXTS: [&str; 14] = [
    "README.md",
    "crates/core/README.md",
    "crates/compiler/README.md",
    "crates/ffi/README.md",
    "crates/gateway/README.md",
    "crates/guard/README.md",
    "crates/tower/README.md",
    "docs/command.md",
    "docs/firmware.md",
    "docs/gateways.md",
    "docs/guard.md",
    "docs/performance.md",
    "docs/reload.md",
    "docs/tables.md",
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Every package ships the licences, since its archive is all that some users get.
#[test]
fn each_package_has_the_licences() {
    for package in PACKAGES {
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let copy = Path::new(package).join(licence);
            let copy = copy.to_str().expect("ASCII");
            assert_eq!(read(copy), read(licence), "{copy}");
        }
    }
}

/// Nothing is in a registry or documented on docs.rs yet, and no repository is public.
#[test]
fn install_lines_work_today() {
    let manifests = PACKAGES.map(|package| PathBuf::from(package).join("Cargo.toml"));
    let manifests = manifests.iter().map(|file| file.to_str().expect("ASCII"));
    for file in TEXTS.into_iter().chain(manifests) {
        for (number, line) in (1..).zip(read(file).lines()) {
            let from_registry = line.split_once(" = ").is_some_and(|(name, value)| {
                let version = value.starts_with('"') || value.contains("version = ");
                let package = name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                package && name.starts_with("routescope") && version && !value.contains("path = ")
            });
            let not_ours = [
                "docs.rs/routescope",
                "github.com/routescope",
                "cargo add routescope",
            ];
            let not_ours = not_ours.iter().any(|text| line.contains(text));
            assert!(!from_registry && !not_ours, "{file}:{number}: {line}");
        }
    }
}

/// Each link of a text leads to a file.
#[test]
fn links_lead_somewhere() {
    let mut links = 0;
    for file in TEXTS {
        let text = read(file);
        let folder = repository().join(file);
        let folder = folder.parent().expect("a file is in a folder");
        let inline = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let defined = text.lines().filter_map(|line| {
            let (name, target) = line.strip_prefix('[')?.split_once("]: ")?;
            (!name.contains(']')).then_some(target)
        });
        for target in inline.chain(defined) {
            let target = target.split('#').next().unwrap_or_default();
            assert!(folder.join(target).exists(), "{file}: {target}");
            links += 1;
        }
    }
    assert!(links > 5, "only {links} links");
}

/// rustdoc shows README too, where its relative links lead nowhere: `src/lib.rs` defines
/// each of them before README does, and the first definition counts.
#[test]
fn links_work_in_rustdoc() {
    let (readme, lib) = (read("README.md"), read("src/lib.rs"));
    assert!(
        !readme.contains("]("),
        "an inline link, which rustdoc cannot follow"
    );
    let names = readme
        .lines()
        .filter_map(|line| Some(line.strip_prefix('[')?.split_once("]: ")?.0));
    for name in names {
        assert!(lib.contains(&format!("//! [{name}]: ")), "{name}");
    }
}
