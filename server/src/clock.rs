//! Time as a value that tests can hold still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Unix time in milliseconds.
    fn now(&self) -> i64;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        Timestamp::now().as_millisecond()
    }
}

/// A clock that moves only when told to.
#[derive(Clone)]
pub struct FrozenClock(Arc<AtomicI64>);

impl FrozenClock {
    /// A clock that stands at `at`, unix milliseconds.
    pub fn at(at: i64) -> Self {
        Self(Arc::new(AtomicI64::new(at)))
    }

    /// Moves it forward by `milliseconds`.
    pub fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// RFC 3339 UTC with milliseconds, as every wire value writes time.
pub fn rfc3339(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// The same moment as a seal shows it: `2026-11-23 14:02 +08:00`.
pub fn printed(milliseconds: i64) -> String {
    zoned(milliseconds).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

/// The same moment as a printed form shows it: `2026-11-23 14:02`.
pub fn minute(milliseconds: i64) -> String {
    zoned(milliseconds).strftime("%Y-%m-%d %H:%M").to_string()
}

fn zoned(milliseconds: i64) -> jiff::Zoned {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::system())
}

/// The office's offset from UTC at that moment, in minutes (the machine's time zone).
pub fn offset_minutes(milliseconds: i64) -> i32 {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::system().to_offset(at).seconds() / 60
}

/// Year, month and day of that moment in the office's time zone.
pub fn date(milliseconds: i64) -> jiff::civil::Date {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::system()).date()
}

/// Reads RFC 3339 or `YYYY-MM-DD` (midnight in the office's time zone) into unix milliseconds; the second value is true for a bare day.
pub fn parse(text: &str) -> Option<(i64, bool)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at.as_millisecond(), false));
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    let at = day.to_zoned(jiff::tz::TimeZone::system()).ok()?;
    Some((at.timestamp().as_millisecond(), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_written_with_milliseconds_and_read_back() {
        assert_eq!(rfc3339(1_763_892_000_005), "2025-11-23T10:00:00.005Z");
        assert_eq!(parse("2025-11-23T10:00:00.005Z"), Some((1_763_892_000_005, false)));
        assert_eq!(parse("yesterday"), None);
        assert!(parse("2025-11-23").is_some_and(|(_, day)| day));
    }
}
