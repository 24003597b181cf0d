//! Times as PDF writes them (ISO 32000-2 §7.9.4), from and to unix seconds, without a clock or a time zone table.

/// `D:YYYYMMDDHHmmSS+hh'mm`, the local time of an offset in minutes east of UTC.
pub fn date(unix: i64, offset_minutes: i32) -> String {
    let offset = offset_minutes.clamp(-1_439, 1_439);
    let (year, month, day, seconds) = civil(unix.clamp(0, 253_402_300_799 - 86_400) + i64::from(offset) * 60);
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    format!("D:{year:04}{month:02}{day:02}{:02}{:02}{:02}{sign}{hours:02}'{minutes:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The same instant as XMP writes it: `YYYY-MM-DDThh:mm:ssZ`.
pub fn xmp_date(unix: i64) -> String {
    let (year, month, day, seconds) = civil(unix.clamp(0, 253_402_300_799));
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Unix seconds of a PDF date. Parts that are left out count as their smallest value, a missing offset as UTC.
pub fn parse_date(text: &str) -> Option<i64> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let part = |from: usize, to: usize, missing: i64| if digits >= to { text[from..to].parse::<i64>().ok() } else { Some(missing) };
    let year = if digits >= 4 { part(0, 4, 0)? } else { return None };
    let (month, day) = (part(4, 6, 1)?, part(6, 8, 1)?);
    let (hour, minute, second) = (part(8, 10, 0)?, part(10, 12, 0)?, part(12, 14, 0)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(digits..)?;
    let offset = match rest.bytes().next() {
        None | Some(b'Z') => 0,
        Some(sign @ (b'+' | b'-')) => {
            let number = |part: Option<&str>| part.map_or(Some(0), |part| if part.is_empty() { Some(0) } else { part.parse::<i64>().ok() });
            let mut parts = rest[1..].split('\'');
            let minutes = number(parts.next())? * 60 + number(parts.next())?;
            if sign == b'-' { -minutes } else { minutes }
        }
        Some(_) => return None,
    };
    Some(days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset.clamp(-1_440, 1_440) * 60)
}

/// Days since 1970 of a date in the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month, day and second of the day of unix seconds (`civil_from_days`).
fn civil(unix: i64) -> (i64, i64, i64, i64) {
    let shifted = unix.div_euclid(86_400) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day, unix.rem_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_both_ways() {
        assert_eq!(date(1_795_435_200, 480), "D:20261123200000+08'00");
        assert_eq!(date(1_795_435_200, -210), "D:20261123083000-03'30");
        assert_eq!(xmp_date(951_782_400), "2000-02-29T00:00:00Z");
        for unix in [0, 951_782_400, 1_795_435_200, 4_102_444_799] {
            assert_eq!(parse_date(&date(unix, 345)), Some(unix));
        }
        assert_eq!(parse_date("D:2026"), Some(1_767_225_600));
        for broken in ["", "D:", "D:20261301", "D:20260101990000", "D:20260101000000x", "D:2026é"] {
            assert_eq!(parse_date(broken), None, "{broken}");
        }
    }
}
