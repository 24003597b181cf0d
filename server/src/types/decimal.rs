//! Decimal numbers as text: exact, never through floating point.

/// A checked decimal: sign, whole digits without leading zeros, at most six decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    whole: String,
    part: String,
}

/// Reads `1280`, `-12.5`, `1,280.50`, full-width digits too. At most 12 digits before the point and 6 after it.
pub fn parse(text: &str) -> Option<Decimal> {
    let text: String = text.trim().chars().map(half_width).collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let whole = ungrouped(whole)?;
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(&whole) || !all_digits(part) || part.len() > 6 {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let part = part.trim_end_matches('0');
    if whole.len() > 12 {
        return None;
    }
    let zero = whole.is_empty() && part.is_empty();
    Some(Decimal { negative: negative && !zero, whole: if whole.is_empty() { "0".into() } else { whole.into() }, part: part.into() })
}

/// Takes the commas out of `1,234,567`; a comma elsewhere is a mistake, not a decimal point.
fn ungrouped(whole: &str) -> Option<String> {
    if !whole.contains(',') {
        return Some(whole.to_owned());
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    ((1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)).then(|| whole.replace(',', ""))
}

fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{2212}' => '-',
        _ => c,
    }
}

impl Decimal {
    /// How many decimals are written.
    pub fn decimals(&self) -> usize {
        self.part.len()
    }

    /// The shortest plain form: `12.5`.
    pub fn plain(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        if self.part.is_empty() { format!("{sign}{}", self.whole) } else { format!("{sign}{}.{}", self.whole, self.part) }
    }

    /// The form of an amount, two decimals: `12.50`. `None` when there are more.
    pub fn money(&self) -> Option<String> {
        let sign = if self.negative { "-" } else { "" };
        (self.part.len() <= 2).then(|| format!("{sign}{}.{:0<2}", self.whole, self.part))
    }

    /// In millionths, exact.
    pub fn millionths(&self) -> i128 {
        let digits = format!("{}{:0<6}", self.whole, self.part);
        let value: i128 = digits.parse().expect("at most 18 digits");
        if self.negative { -value } else { value }
    }

    /// Nearest floating-point number, for conditions.
    pub fn to_f64(&self) -> f64 {
        self.plain().parse().expect("plain digits are a number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, money) in [("128", "128.00"), ("0128.5", "128.50"), ("-0", "0.00"), ("1,280.50", "1280.50"), ("１２.３", "12.30"), ("-7.10", "-7.10")] {
            assert_eq!(parse(text).unwrap().money().unwrap(), money);
        }
        assert_eq!(parse("0.123456").unwrap().millionths(), 123_456);
        assert_eq!(parse("1.234").unwrap().money(), None);
        assert_eq!(parse("-3").unwrap().to_f64(), -3.0);
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "-", ".5", "5.", "1e3", "1,28", "12,3456", "0x1", "NaN", "1 2", "1.2.3", "9999999999999", "1.1234567", "--1", "+1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
