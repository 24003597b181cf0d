//! How a page's content leaves the graphics state: what is drawn after it must stand where its own `q` and `Q` left off
//! (ISO 32000-2 §7.8.2, §8.4.2).

use super::lexer::{is_regular, is_space};

/// Saves and restores that lack their counterparts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// `Q` without `q` before it.
    pub restores: usize,
    /// `q` without `Q` after it.
    pub saves: usize,
}

/// More than this many of either is no page but an attack on the stacks of viewers.
pub const MAX_UNBALANCED: usize = 1_000;

impl Balance {
    /// Counts `q` and `Q` of one more stream, outside of strings, names, comments and pictures. No word goes on in the next stream (§7.8.2).
    pub fn count(&mut self, content: &[u8]) {
        let mut at = 0;
        while let Some(&byte) = content.get(at) {
            at = match byte {
                b'%' => at + content[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count(),
                b'(' => string_end(content, at),
                b'<' if content.get(at + 1) == Some(&b'<') => at + 2,
                b'<' => at + content[at..].iter().take_while(|&&byte| byte != b'>').count() + 1,
                b'/' => at + 1 + word(&content[at + 1..]).len(),
                _ if is_regular(byte) => self.operator(content, at),
                _ => at + 1,
            };
        }
    }

    /// Counts the word at `at`, and gives the place after it.
    fn operator(&mut self, content: &[u8], at: usize) -> usize {
        let word = word(&content[at..]);
        match word {
            b"q" => self.saves += 1,
            b"Q" if self.saves > 0 => self.saves -= 1,
            b"Q" => self.restores += 1,
            b"ID" => return picture_end(content, at + 2),
            _ => {}
        }
        at + word.len()
    }
}

fn word(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().take_while(|&&byte| is_regular(byte)).count()]
}

/// After the bracket that closes the string at `at`.
fn string_end(content: &[u8], mut at: usize) -> usize {
    let mut open = 0_usize;
    while let Some(&byte) = content.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => open += 1,
            b')' if open == 1 => return at + 1,
            b')' => open -= 1,
            _ => {}
        }
        at += 1;
    }
    content.len()
}

/// After the `EI` of the picture whose data begin at `at` (§8.9.7): a word of its own, with text and no further data after it.
fn picture_end(content: &[u8], at: usize) -> usize {
    let mut from = at;
    while let Some(found) = content.get(from..).and_then(|rest| rest.windows(2).position(|pair| pair == b"EI")) {
        let (start, end) = (from + found, from + found + 2);
        let apart = is_space(content[start - 1]) && content.get(end).is_none_or(|&byte| !is_regular(byte));
        let text = content[end..].iter().take(12).all(|&byte| is_space(byte) && byte != 0 || (0x20..0x7F).contains(&byte));
        if apart && text {
            return end;
        }
        from = end;
    }
    content.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(content: &[u8]) -> (usize, usize) {
        let mut balance = Balance::default();
        balance.count(content);
        (balance.restores, balance.saves)
    }

    #[test]
    fn saves_and_restores_are_matched() {
        assert_eq!(counted(b""), (0, 0));
        assert_eq!(counted(b"q 1 0 0 1 0 0 cm q Q Q"), (0, 0));
        assert_eq!(counted(b"q q\n2 0 0 2 0 0 cm Q"), (0, 1));
        assert_eq!(counted(b"Q Q q"), (2, 1));
        assert_eq!(counted(b"q[q]q/q q(q"), (0, 4));
        assert_eq!(counted(b"Qq qQ BTq"), (0, 0));
    }

    #[test]
    fn strings_names_comments_and_pictures_do_not_count() {
        assert_eq!(counted(b"(q \\) q (Q) q) Tj <4142 q> Tj /q gs % q q\rq"), (0, 1));
        assert_eq!(counted(b"/Tag <</MCID 0 /X (q)>> BDC q EMC"), (0, 1));
        assert_eq!(counted(b"q BI /W 2 /H 2 ID q Q \xFF EI \xFE q\nEI Q"), (0, 0));
        assert_eq!(counted(b"BI ID q q q"), (0, 0));
        assert_eq!(counted(b"(q q"), (0, 0));
    }
}
