//! Points in time as key files write them.

use jiff::Timestamp;

/// The last second that four digits of a year can say.
const LAST: u64 = 253_402_300_799;

/// Seconds since 1970 of a time as key files write it: `2027-06-30T00:00:00Z`, RFC 3339 in
/// UTC and in whole seconds.
///
/// `None` for any other text, for a day that no calendar has, and for years before 1970.
///
/// ```
/// use routescope_guard::keys::{moment, moment_text};
///
/// assert_eq!(moment("2027-06-30T00:00:00Z"), Some(1_814_313_600));
/// assert_eq!(moment("2027-06-31T00:00:00Z"), None);
/// assert_eq!(moment_text(1_814_313_600), "2027-06-30T00:00:00Z");
/// ```
#[must_use]
pub fn moment(text: &str) -> Option<u64> {
    // The library reads many more forms, and 23:59:60 as the second before.
    let shape = text.len() == 20
        && text
            .bytes()
            .zip(*b"dddd-dd-ddTdd:dd:ddZ")
            .all(|(byte, shape)| match shape {
                b'd' => byte.is_ascii_digit(),
                _ => byte == shape,
            });
    if !shape || text.ends_with(":60Z") {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    u64::try_from(time.as_second()).ok()
}

/// A time as key files write it. Times after the year 9999 are its last second.
#[must_use]
pub fn moment_text(seconds: u64) -> String {
    let seconds = i64::try_from(seconds.min(LAST)).unwrap_or_default();
    // The library's range ends some hours before the year does, so that any offset fits.
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_only() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-02-29T23:59:59Z", Some(1_709_251_199)),
            ("2023-02-29T00:00:00Z", None),
            ("1969-12-31T23:59:59Z", None),
            ("2027-06-30T24:00:00Z", None),
            ("2016-12-31T23:59:60Z", None),
            ("2027-06-30T00:00:00.5Z", None),
            ("2027-06-30t00:00:00z", None),
            ("2027-06-30 00:00:00Z", None),
            ("2027-06-30T00:00:00+00:00", None),
            ("2027-06-30T00:00:00", None),
            ("2027-06-30", None),
            ("", None),
        ] {
            assert_eq!(moment(text), seconds, "{text}");
            if let Some(seconds) = seconds {
                assert_eq!(moment_text(seconds), text);
            }
        }
        assert_eq!(moment_text(u64::MAX).len(), 20);
    }
}
