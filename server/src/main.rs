//! The `signet` program: the server with the site inside.

use std::process::ExitCode;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

fn main() -> ExitCode {
    server::site::carry(<Site as rust_embed::RustEmbed>::get);
    server::commands::run()
}
