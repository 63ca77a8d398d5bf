//! Compiles Google's routes into the program, and tells it what it is built
//! with: other compilers and flags make other counts.

use std::path::PathBuf;
use std::process::Command;
use std::{env, error, fs};

use routescope_compiler::Generator;

fn main() -> Result<(), Box<dyn error::Error>> {
    // Not `routescope_compiler::build`, which would pass on what the compiler
    // finds odd in Google's scopes, in every build.
    let compiled = routescope_compiler::compile("google.yaml", &tables::google().yaml())?;
    let generated = Generator::new()
        .names(false)
        .rust(&compiled, "google.yaml")?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("google.rs"), generated.source)?;
    fs::write(out.join("google.md"), generated.docs)?;

    let version = Command::new(env::var("RUSTC")?).arg("--version").output()?;
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    tell("RUSTC_VERSION", String::from_utf8(version.stdout)?.trim());
    tell("RUSTC_FLAGS", &flags.replace('\u{1f}', " "));
    Ok(())
}

fn tell(name: &str, value: &str) {
    println!("cargo::rustc-env={name}={value}");
}
