//! A crate that embeds a table, as its users would write it, built by cargo: how
//! long the build script and rustc take, and how much memory.
//!
//! cargo builds the crate three times: with a table of one route, so that what
//! the crate depends on is there; with the table, but without the line that
//! includes it, so that the build script runs and rustc has nothing to do; and
//! with that line, so that the script does not run and rustc has the table. Each
//! peak is that of the largest of cargo and its children, as the system counts it;
//! cargo alone has about 55 MiB.
//!
//! The build script is optimised (`build-override`), which cargo does not do
//! unless told to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use wait4::Wait4;

/// A crate that embeds a table, in a folder that is removed after the run.
pub struct Embedder {
    folder: tempfile::TempDir,
    /// The target folder of cargo. It is kept between runs, so that dependencies are built once.
    target: PathBuf,
}

/// The cost of a build.
#[derive(Clone, Copy)]
pub struct Cost {
    pub seconds: f64,
    pub mebibytes: f64,
}

const ONE_ROUTE: &str =
    "version: 1\nname: one\nscopes:\n  \"a:read\":\n    routes:\n      - GET /a\n";
const INCLUDED: &str = "routescope::policy!(pub mod api = \"routes\");\n";

impl Embedder {
    /// Sets the crate up and builds what it depends on.
    pub fn new() -> Result<Self> {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = peers.join("../..").canonicalize()?;
        let folder = tempfile::tempdir().context("a folder for the crate")?;
        let target = std::env::current_exe()?
            .ancestors()
            .nth(2)
            .context("the program does not lie in a target folder")?
            .join("scale");
        let manifest = format!(
            r#"[package]
name = "scale"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
routescope = {{ path = '{root}', default-features = false }}

[build-dependencies]
routescope-compiler = {{ path = '{root}/crates/compiler' }}

[profile.release.build-override]
opt-level = 3
"#,
            root = root.display()
        );
        fs::create_dir(folder.path().join("src"))?;
        fs::write(folder.path().join("Cargo.toml"), manifest)?;
        fs::copy(peers.join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
        fs::write(
            folder.path().join("build.rs"),
            "fn main() -> Result<(), routescope_compiler::Report> {\n    routescope_compiler::Build::new(\"routes.yaml\").names(false).run()\n}\n",
        )?;
        let embedder = Self { folder, target };
        embedder.write("routes.yaml", ONE_ROUTE)?;
        embedder.write("src/lib.rs", INCLUDED)?;
        embedder.build()?;
        Ok(embedder)
    }

    /// The cost of the build script, and that of rustc.
    pub fn costs(&self, yaml: &str) -> Result<(Cost, Cost)> {
        self.write("src/lib.rs", "")?;
        self.write("routes.yaml", yaml)?;
        let script = self.build()?;
        self.write("src/lib.rs", INCLUDED)?;
        let rustc = self.build()?;
        Ok((script, rustc))
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.folder.path().join(file), text)?)
    }

    fn build(&self) -> Result<Cost> {
        // Into a file: nobody reads a pipe meanwhile.
        let said = tempfile::NamedTempFile::new()?;
        let start = Instant::now();
        let cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--release", "--offline", "--quiet"])
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", &self.target)
            // Cargo has set it for this program, and the build of the other crate must not see it.
            .env_remove("CARGO_MANIFEST_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said.reopen()?)
            .spawn()
            .context("cargo")?;
        let ended = cargo.wait4()?;
        if !ended.status.success() {
            let said = fs::read_to_string(said.path()).unwrap_or_default();
            bail!("the embedding crate does not build:\n{said}");
        }
        Ok(Cost {
            seconds: start.elapsed().as_secs_f64(),
            mebibytes: ended.rusage.maxrss as f64 / f64::from(1 << 20),
        })
    }
}
