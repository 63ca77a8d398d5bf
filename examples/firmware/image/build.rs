//! Where the linker finds the memory of the board, and cortex-m-rt's script.

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
    println!(
        "cargo::rustc-link-search={}",
        std::env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it")
    );
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}
