//! `modules APP.wasm PADES.wasm FOLDER`: what the compiler made becomes what browsers load. The app is split into the parts that pages fetch when
//! they need them (FOLDER/parts), then it and the signing core get their JavaScript (FOLDER/signet, FOLDER/pades).

use std::error::Error;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [app, pades, folder] = &arguments[..] else { return Err("usage: modules APP.wasm PADES.wasm FOLDER".into()) };
    let parts = folder.join("parts");
    let whole = std::fs::read(app).map_err(|error| format!("{}: {error}", app.display()))?;
    let main = parts.join("signet.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = &parts;
    options.main_out_path = &main;
    options.main_module = "./signet.js";
    transform(options)?;
    bind("signet", &main, &folder.join("signet"), true)?;
    bind("pades", pades, &folder.join("pades"), false)?;
    std::fs::remove_file(main)?;
    Ok(())
}

/// The parts find what they share by the linker's exports.
fn bind(name: &str, input: &Path, folder: &Path, linker_exports: bool) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(name).web(true)?.typescript(false).keep_lld_exports(linker_exports);
    bindgen.remove_name_section(true).remove_producers_section(true);
    // The JavaScript finds its module beside itself; the library, unlike its command, leaves that out.
    bindgen.omit_default_module_path(false);
    Ok(bindgen.generate(folder)?)
}
