//! The embedded fonts: Noto Serif CJK, its Simplified Chinese faces, regular and bold.

use std::sync::LazyLock;

use ttf_parser::Face;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// Font family that templates name.
pub const FAMILY: &str = "Noto Serif CJK SC";

static REGULAR: &[u8] = include_bytes!(env!("SIGNET_FONT_REGULAR"));
static BOLD: &[u8] = include_bytes!(env!("SIGNET_FONT_BOLD"));

/// What Typst is offered: the two faces and their book, made once.
pub struct Fonts {
    /// The faces, in the book's order.
    pub faces: Vec<Font>,
    /// Their names and coverage.
    pub book: LazyHash<FontBook>,
}

/// The fonts of every renderer.
pub static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let faces: Vec<Font> =
        [REGULAR, BOLD].into_iter().map(|data| Font::new(Bytes::new(data), simplified_chinese(data)).expect("the build found a readable Noto font")).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&faces)), faces }
});

/// The faces as the outline drawer reads them: regular, bold.
pub static OUTLINES: LazyLock<[Face<'static>; 2]> =
    LazyLock::new(|| [REGULAR, BOLD].map(|data| Face::parse(data, simplified_chinese(data)).expect("the build found a readable Noto font")));

/// A collection holds one face per language; this is the place of the Simplified Chinese one.
fn simplified_chinese(data: &[u8]) -> u32 {
    let count = ttf_parser::fonts_in_collection(data).unwrap_or(1);
    (0..count)
        .find(|&index| {
            Face::parse(data, index).is_ok_and(|face| {
                face.names()
                    .into_iter()
                    .filter(|name| matches!(name.name_id, ttf_parser::name_id::FAMILY | ttf_parser::name_id::TYPOGRAPHIC_FAMILY))
                    .filter_map(|name| name.to_string())
                    .any(|name| name == FAMILY)
            })
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simplified_chinese_faces_are_chosen() {
        assert_eq!(FONTS.faces.len(), 2);
        for face in &FONTS.faces {
            assert_eq!(face.info().family, FAMILY);
        }
        assert!(FONTS.faces[1].info().variant.weight > FONTS.faces[0].info().variant.weight);
    }
}
