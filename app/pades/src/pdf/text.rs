//! Text strings (ISO 32000-2 §7.9.2.2): PDFDocEncoding, or UTF-16BE or UTF-8 with their marks.

/// PDFDocEncoding from 0x18 to 0x1F (annex D.3): accents that stand by themselves.
const ACCENTS: [char; 8] = ['\u{2d8}', '\u{2c7}', '\u{2c6}', '\u{2d9}', '\u{2dd}', '\u{2db}', '\u{2da}', '\u{2dc}'];
/// PDFDocEncoding from 0x80 to 0xA0; 0x9F stands for nothing.
const HIGH: [char; 33] = [
    '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}', '\u{2044}', '\u{2039}', '\u{203a}', '\u{2212}', '\u{2030}', '\u{201e}',
    '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{2122}', '\u{fb01}', '\u{fb02}', '\u{141}', '\u{152}', '\u{160}', '\u{178}', '\u{17d}',
    '\u{131}', '\u{142}', '\u{153}', '\u{161}', '\u{17e}', '\0', '\u{20ac}',
];

/// What the bytes of a string say; `None` where they are not wholly text.
pub fn decode(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xFE, 0xFF, units @ ..] if units.len().is_multiple_of(2) => {
            char::decode_utf16(units.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))).collect::<Result<_, _>>().ok()
        }
        [0xFE, 0xFF, ..] => None,
        [0xEF, 0xBB, 0xBF, text @ ..] => std::str::from_utf8(text).ok().map(str::to_owned),
        _ => bytes.iter().map(|&byte| character(byte)).collect(),
    }
}

/// One byte of PDFDocEncoding.
pub fn character(byte: u8) -> Option<char> {
    match byte {
        0x18..=0x1F => Some(ACCENTS[usize::from(byte - 0x18)]),
        0x7F | 0x9F | 0xAD => None,
        0x80..=0xA0 => Some(HIGH[usize::from(byte - 0x80)]),
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn one_text_has_three_forms() {
        let forms: [&[u8]; 3] = [b"M\xfcller \xa0 \x85", b"\xfe\xff\0M\0\xfc\0l\0l\0e\0r\0 \x20\xac\0 \x20\x13", "\u{feff}Müller € –".as_bytes()];
        for form in forms {
            assert_eq!(decode(form).as_deref(), Some("Müller € –"), "{form:02x?}");
        }
        assert_eq!(decode(b"\xfe\xff\xd8\x40\xdc\x0b").as_deref(), Some("\u{2000b}"));
        for broken in [&b"\xfe\xff\0"[..], b"\xfe\xff\xd8\x40", b"\xef\xbb\xbf\xff", b"\x9f", b"\xad"] {
            assert_eq!(decode(broken), None, "{broken:02x?}");
        }
    }
}
