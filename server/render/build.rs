//! Finds the two fonts that are embedded, and says which package has them when they are missing.

use std::path::{Path, PathBuf};

const FOLDERS: [&str; 4] = ["/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/share/fonts/google-noto-serif-cjk-fonts", "/Library/Fonts"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=SIGNET_FONTS");
    let named = std::env::var_os("SIGNET_FONTS").map(PathBuf::from);
    for (variable, file) in [("SIGNET_FONT_REGULAR", "NotoSerifCJK-Regular.ttc"), ("SIGNET_FONT_BOLD", "NotoSerifCJK-Bold.ttc")] {
        let found = match &named {
            Some(folder) => Some(folder.join(file)).filter(|path| path.is_file()),
            None => FOLDERS.iter().map(|folder| Path::new(folder).join(file)).find(|path| path.is_file()),
        };
        let Some(path) = found else {
            let place = named.as_ref().map_or_else(|| FOLDERS.join(", "), |folder| folder.display().to_string());
            eprintln!(
                "error: the font {file} is not in {place}. Install the package fonts-noto-cjk (`apt-get install fonts-noto-cjk`), \
                 or set SIGNET_FONTS to the folder that holds NotoSerifCJK-Regular.ttc and NotoSerifCJK-Bold.ttc."
            );
            std::process::exit(1);
        };
        println!("cargo:rerun-if-changed={}", path.display());
        println!("cargo:rustc-env={variable}={}", path.display());
    }
}
