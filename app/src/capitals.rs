//! An amount in Chinese capitals, as forms of the office ask for it: `7280.00` is 柒仟贰佰捌拾元整.

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];

/// The capitals of a decimal amount with at most two decimals and twelve digits before them; nothing for other texts.
pub fn capitals(amount: &str) -> Option<String> {
    let plain: String = amount.trim().chars().filter(|c| !matches!(c, ',' | '\u{ff0c}')).collect();
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let cents: Vec<usize> = format!("{cents:0<2}").bytes().map(|byte| usize::from(byte - b'0')).collect();
    let mut text = yuan(whole);
    if !text.is_empty() {
        text.push('元');
    }
    match (cents[0], cents[1]) {
        (0, 0) if text.is_empty() => return Some("零元整".to_owned()),
        (0, 0) => text.push('整'),
        (tenths, 0) => {
            text.extend([DIGITS[tenths], '角', '整']);
        }
        (tenths, hundredths) => {
            if tenths > 0 {
                text.extend([DIGITS[tenths], '角']);
            } else if !text.is_empty() {
                text.push('零');
            }
            text.extend([DIGITS[hundredths], '分']);
        }
    }
    Some(text)
}

/// Whole yuan without the unit. `digits` has no leading zero.
fn yuan(digits: &str) -> String {
    let mut text = String::new();
    let mut zero = false;
    let mut group_filled = false;
    for (index, byte) in digits.bytes().enumerate() {
        let place = digits.len() - 1 - index;
        let digit = usize::from(byte - b'0');
        if digit == 0 {
            zero = true;
        } else {
            if zero && !text.is_empty() {
                text.push('零');
            }
            zero = false;
            group_filled = true;
            text.push(DIGITS[digit]);
            text.push_str(PLACES[place % 4]);
        }
        if place.is_multiple_of(4) {
            if group_filled {
                text.push_str(GROUPS[place / 4]);
                // Noughts at the end of a group that counts are not read.
                zero = false;
            }
            group_filled = false;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::capitals;

    #[test]
    fn amounts_read_as_the_bank_writes_them() {
        for (amount, expected) in [
            ("7280.00", "柒仟贰佰捌拾元整"),
            ("0", "零元整"),
            ("0.05", "伍分"),
            ("0.50", "伍角整"),
            ("10", "壹拾元整"),
            ("1004.05", "壹仟零肆元零伍分"),
            ("100000.30", "壹拾万元叁角整"),
            ("10005000", "壹仟万伍仟元整"),
            ("100050000.01", "壹亿零伍万元零壹分"),
            ("1,280.5", "壹仟贰佰捌拾元伍角整"),
        ] {
            assert_eq!(capitals(amount).as_deref(), Some(expected), "{amount}");
        }
        for other in ["", "-1", "1.234", "12a", "1234567890123"] {
            assert_eq!(capitals(other), None, "{other}");
        }
    }
}
