//! Pictures that creators attach: a data URL, checked by what the bytes say and not by what their label says.

use app::model::LocalText;
use base64ct::{Base64, Encoding};

use super::both;

const MAX_BYTES: usize = 5 << 20;
const MAX_SIDE: u32 = 12_000;
/// A small file can unpack to gigabytes; this many pixels still can be laid out.
const MAX_PIXELS: u64 = 40_000_000;

/// A checked picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `jpg` or `png`.
    pub extension: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Reads `data:image/jpeg;base64,…` or `data:image/png;base64,…`.
pub fn parse(data_url: &str) -> Result<Picture, LocalText> {
    let unreadable = || both("This is no readable JPEG or PNG picture.", "这不是可读取的 JPEG 或 PNG 图片。");
    if data_url.len() > MAX_BYTES / 3 * 4 + 100 {
        return Err(both("The picture is over 5 MB; take it with a lower resolution.", "图片超过 5 MB，请降低分辨率。"));
    }
    let (head, body) = data_url.split_once(',').ok_or_else(unreadable)?;
    if !matches!(head, "data:image/jpeg;base64" | "data:image/png;base64") {
        return Err(unreadable());
    }
    let bytes = Base64::decode_vec(body).map_err(|_| unreadable())?;
    let (extension, (width, height)) = match bytes.get(..3) {
        Some(b"\x89PN") => ("png", png_size(&bytes).ok_or_else(unreadable)?),
        Some(b"\xFF\xD8\xFF") => ("jpg", jpeg_size(&bytes).ok_or_else(unreadable)?),
        _ => return Err(unreadable()),
    };
    if width == 0 || height == 0 {
        return Err(unreadable());
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(both("The picture has over 40 million pixels; make it smaller.", "图片超过 4000 万像素，请缩小。"));
    }
    Ok(Picture { extension, bytes })
}

/// Width and height from the header chunk, which comes first.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let side = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((side(16)?, side(20)?))
}

/// Width and height from the first start-of-frame segment.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        if marker == 0xFF {
            at += 1;
            continue;
        }
        let word = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
        match marker {
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => return Some((word(at + 7)?, word(at + 5)?)),
            0xD9 | 0xDA => return None,
            _ => at += 2 + usize::try_from(word(at + 2)?).ok()?.max(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::sample;

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        let sample = sample::picture();
        assert_eq!(parse(&sample).unwrap().extension, "png");
        assert!(parse(&sample.replace("png", "svg+xml")).is_err());
        for bad in [
            "",
            "data:image/png;base64",
            "data:image/png;base64,!!!!",
            "data:image/png;base64,AAAA",
            "data:image/jpeg;base64,/9j/",
            "https://example.org/a.png",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bombs_are_refused_by_their_header() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(60_000u32.to_be_bytes());
        png.extend(60_000u32.to_be_bytes());
        assert!(parse(&format!("data:image/png;base64,{}", Base64::encode_string(&png))).unwrap_err().en.contains("pixels"));
        assert!(parse(&format!("data:image/png;base64,{}", "A".repeat(8 << 20))).unwrap_err().en.contains("5 MB"));
    }
}
