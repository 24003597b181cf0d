//! Names the folder of the built site (`SIGNET_SITE`, else `target/site`), which `main.rs` embeds.
//!
//! The folder itself is not watched: then the whole library would be built again with every style that changes. The compiler knows each file that
//! is embedded, and one of them lists all names (`.ci/compress`).

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=SIGNET_SITE");
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the folder"));
    let site = std::env::var_os("SIGNET_SITE").map_or_else(|| here.join("../target/site"), PathBuf::from);
    let code = format!("#[derive(rust_embed::RustEmbed)]\n#[folder = {:?}]\n#[allow_missing = true]\nstruct Site;\n", site.display().to_string());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names the output folder"));
    std::fs::write(out.join("site.rs"), code).expect("the output folder is writable");
}
