//! Points in time as people write them after `--expires` and `--overlap`.

use std::time::{SystemTime, UNIX_EPOCH};

use routescope_guard::keys::moment;

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A length of time: `90d`, `12h`, `2w`. `0` is none.
pub(super) fn duration(text: &str) -> Result<u64, String> {
    let wrong = || "write a number and a unit: `12h`, `7d` or `4w`".to_owned();
    if text == "0" {
        return Ok(0);
    }
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let unit = match unit {
        "h" => 3600,
        "d" => 24 * 3600,
        "w" => 7 * 24 * 3600,
        _ => return Err(wrong()),
    };
    // More digits would be a date of another calendar.
    if number.is_empty() || number.len() > 6 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    number
        .parse::<u64>()
        .map(|number| number * unit)
        .map_err(|_| wrong())
}

/// The time at which a key expires.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expiry {
    At(u64),
    In(u64),
}

impl Expiry {
    /// The first second at which it is no longer valid.
    pub(super) fn seconds(self, now: u64) -> u64 {
        match self {
            Self::At(seconds) => seconds,
            Self::In(seconds) => now.saturating_add(seconds),
        }
    }
}

/// A date, which means its first second in UTC; a time like `2027-06-30T12:00:00Z`; or a length of
/// time from now on.
pub(super) fn expiry(text: &str) -> Result<Expiry, String> {
    if let Ok(seconds) = duration(text) {
        return Ok(Expiry::In(seconds));
    }
    moment(text)
        .or_else(|| moment(&format!("{text}T00:00:00Z")))
        .map(Expiry::At)
        .ok_or_else(|| {
            "write a date, `2027-06-30`, which is its first second in UTC; a time, `2027-06-30T12:00:00Z`; or a length of time from now on, `90d`".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        for (text, seconds) in [
            ("90d", Some(100 + 7_776_000)),
            ("12h", Some(100 + 43_200)),
            ("2w", Some(100 + 1_209_600)),
            ("2027-06-30", Some(1_814_313_600)),
            ("2027-06-30T12:00:00Z", Some(1_814_356_800)),
            ("2027-06-31", None),
            ("30.06.2027", None),
            ("90", None),
            ("d", None),
            ("", None),
            ("-1d", None),
            ("1é", None),
            ("1000000d", None),
            ("1m", None),
        ] {
            assert_eq!(
                expiry(text).ok().map(|expiry| expiry.seconds(100)),
                seconds,
                "{text}"
            );
        }
        assert_eq!(duration("0"), Ok(0));
    }
}
