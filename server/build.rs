//! Names the folder of the built site (`SIGNET_SITE`, else `target/site`) for embedding, and builds again when it changes.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=SIGNET_SITE");
    println!("cargo::rerun-if-changed=migrations");
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the folder"));
    let site = std::env::var_os("SIGNET_SITE").map_or_else(|| here.join("../target/site"), PathBuf::from);
    // Only an existing folder is watched: a missing one would count as changed at every build.
    if site.is_dir() {
        println!("cargo::rerun-if-changed={}", site.display());
    }
    let code = format!(
        "/// The site's files.\n#[derive(rust_embed::RustEmbed)]\n#[folder = {:?}]\n#[allow_missing = true]\nstruct Files;\n",
        site.display().to_string()
    );
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names the output folder"));
    std::fs::write(out.join("site.rs"), code).expect("the output folder is writable");
}
