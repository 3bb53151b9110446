//! The time at which a collector received a report. The browser's own reports have no time, only an age.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use toml::value::{Datetime, Offset, Time as Clock};

/// The names under which collectors note it, next to the report or in it.
const NAMES: &[&str] = &[
    "timestamp",
    "@timestamp",
    "ts",
    "time",
    "date",
    "datetime",
    "received",
    "received_at",
    "receivedAt",
    "created_at",
    "createdAt",
];

/// The first second of the year 10000.
const END: i64 = 253_402_300_800;

/// Numbers from here on are milliseconds: in seconds they are past the year 5000.
const MILLISECONDS: f64 = 1e11;

/// A time in seconds since 1970, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i64);

impl Time {
    /// The time that an object has under one of [`NAMES`].
    pub(super) fn of(object: &Map<String, Value>) -> Option<Self> {
        NAMES.iter().find_map(|name| Self::read(object.get(*name)?))
    }

    /// A date and time of RFC 3339, in UTC if it has no offset, or a number of seconds or milliseconds since 1970.
    fn read(value: &Value) -> Option<Self> {
        let seconds = match value {
            Value::Number(number) => match number.as_f64()? {
                milliseconds if milliseconds >= MILLISECONDS => (milliseconds / 1000.0) as i64,
                seconds => seconds as i64,
            },
            Value::String(text) => from_text(text)?,
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        (0..END).contains(&seconds).then_some(Self(seconds))
    }
}

fn from_text(text: &str) -> Option<i64> {
    let Datetime { date, time, offset } = text.parse().ok()?;
    let date = date?;
    let Clock { hour, minute, second, .. } = time?;
    let seconds = u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second.unwrap_or(0));
    let minutes = match offset {
        None | Some(Offset::Z) => 0,
        Some(Offset::Custom { minutes }) => minutes,
    };
    let days = days(date.year.into(), date.month.into(), date.day.into());
    Some(days * 86400 + i64::from(seconds) - i64::from(minutes) * 60)
}

/// The days from 1970 to a date, by [civil calendar algorithms](https://howardhinnant.github.io/date_algorithms.html).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the day that may be missing is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (past, seconds) = (self.0 / 86400, self.0 % 86400);
        let mut year = 1970 + past / 366;
        while days(year + 1, 1, 1) <= past {
            year += 1;
        }
        let mut month = 12;
        while days(year, month, 1) > past {
            month -= 1;
        }
        let day = past - days(year, month, 1) + 1;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Option<String> {
        Time::read(&value).map(|time| time.to_string())
    }

    #[test]
    fn every_spelling_of_a_time_is_read_as_utc() {
        for (value, expected) in [
            (json!("2026-11-28T22:22:33Z"), "2026-11-28T22:22:33Z"),
            (json!("2026-11-28T23:22:33.5+01:00"), "2026-11-28T22:22:33Z"),
            (json!("2024-02-29 23:30:00-01:00"), "2024-03-01T00:30:00Z"),
            (json!("2026-11-28 22:22:33"), "2026-11-28T22:22:33Z"),
            (json!(0), "1970-01-01T00:00:00Z"),
            (json!(951_782_400), "2000-02-29T00:00:00Z"),
            (json!(1_795_904_553_123_u64), "2026-11-28T22:22:33Z"),
            (json!(1_795_904_553.9), "2026-11-28T22:22:33Z"),
            (json!(253_402_300_799_000_u64), "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(read(value.clone()).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [
            json!("yesterday"),
            json!("2026-11-28"),
            json!("2026-13-01T00:00:00Z"),
            json!("1969-12-31T23:59:59Z"),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!("\u{1b}[2J"),
            json!([1]),
            json!(null),
        ] {
            assert_eq!(read(value.clone()), None, "{value}");
        }
    }

    #[test]
    fn days_are_counted_through_every_month() {
        let mut past = 0;
        for year in 1970..2410 {
            let is_leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
            let february = if is_leap { 29 } else { 28 };
            for (month, length) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
                let month = month as i64 + 1;
                assert_eq!(days(year, month, 1), past);
                let first = Time(past * 86400).to_string();
                assert!(first.starts_with(&format!("{year:04}-{month:02}-01T")));
                past += length;
            }
        }
    }
}
