//! Compiles the PBX API's policy. An embedder's build script is the same, with
//! its own file and without the feature.

#[cfg(feature = "pbx")]
fn main() -> Result<(), routescope_compiler::Report> {
    routescope_compiler::build("routes.yaml")
}

#[cfg(not(feature = "pbx"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
