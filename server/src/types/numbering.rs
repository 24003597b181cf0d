//! Document numbers from a type's pattern: `EXP-{yyyy}-{seq:6}` gives `EXP-2026-000123`.

use app::model::{LocalText, Number, TypeCode};

use super::both;

/// Whether `pattern` can number documents of `code`.
pub fn check(code: &TypeCode, pattern: &str) -> Result<(), LocalText> {
    let prefix = format!("{code}-");
    if !pattern.starts_with(&prefix) {
        return Err(both(format!("a number starts with the type's code: {prefix}…"), format!("编号须以类型代码开头：{prefix}…")));
    }
    let pieces = pieces(pattern).ok_or_else(|| {
        both(
            "a number pattern has letters, digits, dashes, dots, {yyyy}, {mm} and {seq:width} (width 1 to 12)",
            "编号格式只含字母、数字、短横线、点、{yyyy}、{mm} 与 {seq:位数}（位数 1 至 12）",
        )
    })?;
    if pieces.iter().filter(|piece| matches!(piece, Piece::Sequence(_))).count() != 1 {
        return Err(both("a number pattern has {seq:width} exactly once", "编号格式中 {seq:位数} 恰好出现一次"));
    }
    if pieces.contains(&Piece::Month) && !pieces.contains(&Piece::Year) {
        return Err(both("{mm} needs {yyyy}, else numbers would come again after a year", "{mm} 须与 {yyyy} 同用，否则一年后编号会重复"));
    }
    // The largest number must still be one.
    number(pattern, 9999, 12, 999_999_999_999)
        .map(|_| ())
        .ok_or_else(|| both("numbers of this pattern would be over 60 characters or malformed", "按此格式生成的编号超过 60 个字符或格式错误"))
}

/// The counter that numbers of this month come from: the pattern with its date filled in. Each scope counts from 1.
pub fn scope(pattern: &str, year: i16, month: i8) -> String {
    let pieces = pieces(pattern).unwrap_or_default();
    pieces.into_iter().map(|piece| piece.written(year, month, None)).collect()
}

/// The number with sequence `sequence`, from 1. `None` when the pattern was never checked.
pub fn number(pattern: &str, year: i16, month: i8, sequence: u64) -> Option<Number> {
    let text: String = pieces(pattern)?.into_iter().map(|piece| piece.written(year, month, Some(sequence))).collect();
    text.parse().ok()
}

/// The counter that a number of this pattern came from, and its sequence; `None` where it is no number of the pattern.
pub fn counter_of(pattern: &str, number: &str) -> Option<(String, i64)> {
    let pieces = pieces(pattern)?;
    let least = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        Piece::Year => 4,
        Piece::Month => 2,
        Piece::Sequence(width) => *width,
    };
    let (mut counter, mut sequence, mut rest) = (String::new(), None, number);
    for (place, piece) in pieces.iter().enumerate() {
        let behind: usize = pieces[place + 1..].iter().map(least).sum();
        let length = if matches!(piece, Piece::Sequence(_)) { rest.len().checked_sub(behind)? } else { least(piece) };
        let (own, after) = (rest.get(..length)?, rest.get(length..)?);
        match piece {
            Piece::Text(text) if own != *text => return None,
            Piece::Text(_) => counter.push_str(own),
            _ if !own.bytes().all(|byte| byte.is_ascii_digit()) || own.len() < least(piece) => return None,
            Piece::Year | Piece::Month => counter.push_str(own),
            Piece::Sequence(_) => {
                sequence = own.parse().ok();
                counter.push_str("{seq}");
            }
        }
        rest = after;
    }
    sequence.filter(|_| rest.is_empty()).map(|sequence| (counter, sequence))
}

#[derive(Clone, Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Year,
    Month,
    Sequence(usize),
}

impl Piece<'_> {
    fn written(&self, year: i16, month: i8, sequence: Option<u64>) -> String {
        match (self, sequence) {
            (Self::Text(text), _) => (*text).to_owned(),
            (Self::Year, _) => format!("{year:04}"),
            (Self::Month, _) => format!("{month:02}"),
            (Self::Sequence(width), Some(sequence)) => format!("{sequence:0width$}", width = *width),
            (Self::Sequence(_), None) => "{seq}".to_owned(),
        }
    }
}

fn pieces(pattern: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (token, after) = after.split_once('}')?;
        pieces.push(Piece::Text(before));
        pieces.push(match token {
            "yyyy" => Piece::Year,
            "mm" => Piece::Month,
            _ => Piece::Sequence(token.strip_prefix("seq:")?.parse().ok().filter(|width| (1..=12).contains(width))?),
        });
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    pieces.iter().all(|piece| !matches!(piece, Piece::Text(text) if !plain(text))).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_their_counters() {
        assert_eq!(number("EXP-{yyyy}-{seq:6}", 2026, 11, 123).unwrap().as_str(), "EXP-2026-000123");
        assert_eq!(number("WO-{yyyy}{mm}-{seq:4}", 2026, 3, 12_345).unwrap().as_str(), "WO-202603-12345");
        assert_eq!(scope("WO-{yyyy}{mm}-{seq:4}", 2026, 3), "WO-202603-{seq}");
        assert_ne!(scope("EXP-{yyyy}-{seq:6}", 2026, 12), scope("EXP-{yyyy}-{seq:6}", 2027, 1));
        for (pattern, sequence) in [("EXP-{yyyy}-{seq:6}", 7), ("WO-{yyyy}{mm}-{seq:4}", 12_345), ("A-{seq:3}.{yyyy}", 999)] {
            let number = number(pattern, 2026, 3, sequence).unwrap();
            assert_eq!(counter_of(pattern, number.as_str()), Some((scope(pattern, 2026, 3), sequence as i64)), "{number}");
        }
        assert_eq!(counter_of("EXP-{yyyy}-{seq:6}", "EXP-2026-12"), None);
        assert_eq!(counter_of("EXP-{yyyy}-{seq:6}", "EXP-20x6-000012"), None);
    }

    #[test]
    fn patterns_that_could_repeat_or_break_are_refused() {
        let code: TypeCode = "EXP".parse().unwrap();
        check(&code, "EXP-{seq:8}").unwrap();
        for bad in [
            "EXP-{yyyy}",
            "WO-{seq:6}",
            "EXP{seq:6}",
            "EXP-{seq:0}",
            "EXP-{seq:99}",
            "EXP-{seq:6}{seq:6}",
            "EXP-{mm}-{seq:6}",
            "EXP-{day}-{seq:6}",
            "EXP-{seq:6",
            "EXP-费-{seq:6}",
            "EXP-/../{seq:6}",
        ] {
            assert!(check(&code, bad).is_err(), "{bad}");
        }
        assert!(check(&code, &format!("EXP-{}{{seq:6}}", "A".repeat(50))).is_err());
    }
}
