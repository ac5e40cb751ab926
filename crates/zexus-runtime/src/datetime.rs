//! Instants as civil dates in UTC (language.md 4.5, 19.4, chapter 20), in the proleptic Gregorian calendar.

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The first and last microsecond of the years 0001 to 9999: the instants that a DateTime may be.
const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = 253_402_300_799_999_999;

/// An instant taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub micro: i64,
}

/// Whether an instant lies in the years 0001 to 9999.
pub fn in_bounds(micros: i64) -> bool {
    (FIRST..=LAST).contains(&micros)
}

/// Days since 1970-01-01 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year starts in March, so that the leap day is its last; eras have 400 years.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The days that a month has.
fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Civil {
    /// The date and time of an instant in microseconds since 1970.
    pub fn of(micros: i64) -> Civil {
        let time = micros.rem_euclid(DAY);
        let z = micros.div_euclid(DAY) + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Civil {
            year: year + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * shifted + 2) / 5 + 1,
            hour: time / 3_600_000_000,
            minute: time / 60_000_000 % 60,
            second: time / 1_000_000 % 60,
            micro: time % 1_000_000,
        }
    }

    /// The instant; `None` if a part is out of range or the date does not exist.
    pub fn micros(self) -> Option<i64> {
        let fits = (1..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=month_days(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..1_000_000).contains(&self.micro);
        let seconds = (self.hour * 60 + self.minute) * 60 + self.second;
        fits.then(|| days(self.year, self.month, self.day) * DAY + seconds * 1_000_000 + self.micro)
    }

    /// The day of the week; Monday is 1.
    pub fn weekday(self) -> i64 {
        (days(self.year, self.month, self.day) + 3).rem_euclid(7) + 1
    }

    /// The day of the year, from 1.
    pub fn year_day(self) -> i64 {
        days(self.year, self.month, self.day) - days(self.year, 1, 1) + 1
    }
}

/// The display form: `2026-01-31T12:00:00Z`, with `.ffffff` if there is a fraction.
pub fn display(micros: i64) -> String {
    let c = Civil::of(micros);
    let mut text =
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
    if c.micro != 0 {
        text.push_str(&format!(".{:06}", c.micro));
    }
    text.push('Z');
    text
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The text that a format gives, with `%Y %m %d %H %M %S %f %j %a %b %%`; another letter after `%` stands for itself.
pub fn format(micros: i64, format: &str) -> String {
    let c = Civil::of(micros);
    let mut out = String::with_capacity(format.len() + 16);
    let mut chars = format.chars();
    while let Some(ch) = chars.next() {
        if ch != '%' {
            out.push(ch);
            continue;
        }
        let text = match chars.next() {
            Some('Y') => format!("{:04}", c.year),
            Some('m') => format!("{:02}", c.month),
            Some('d') => format!("{:02}", c.day),
            Some('H') => format!("{:02}", c.hour),
            Some('M') => format!("{:02}", c.minute),
            Some('S') => format!("{:02}", c.second),
            Some('f') => format!("{:06}", c.micro),
            Some('j') => format!("{:03}", c.year_day()),
            Some('a') => WEEKDAYS.get(c.weekday() as usize - 1).copied().unwrap_or_default().to_owned(),
            Some('b') => MONTHS.get(c.month as usize - 1).copied().unwrap_or_default().to_owned(),
            Some('%') => "%".to_owned(),
            Some(other) => format!("%{other}"),
            None => "%".to_owned(),
        };
        out.push_str(&text);
    }
    out
}

/// The instant that an ISO 8601 text names: a date, or a date and time with an optional fraction and zone (UTC if there is none).
pub fn parse(text: &str) -> Option<i64> {
    let mut p = Parser { rest: text.trim() };
    let year = p.digits(4)?;
    p.literal('-')?;
    let month = p.digits(2)?;
    p.literal('-')?;
    let day = p.digits(2)?;
    let mut c = Civil { year, month, day, hour: 0, minute: 0, second: 0, micro: 0 };
    let mut offset = 0;
    if !p.rest.is_empty() {
        p.literal('T').or_else(|| p.literal('t')).or_else(|| p.literal(' '))?;
        c.hour = p.digits(2)?;
        p.literal(':')?;
        c.minute = p.digits(2)?;
        if p.literal(':').is_some() {
            c.second = p.digits(2)?;
            if p.literal('.').is_some() {
                c.micro = p.fraction()?;
            }
        }
        offset = p.zone()?;
    }
    if !p.rest.is_empty() {
        return None;
    }
    let micros = c.micros()? - offset * 60_000_000;
    in_bounds(micros).then_some(micros)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn literal(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    fn digits(&mut self, n: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(n)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        digits.parse().ok()
    }

    /// The digits after the point as microseconds; those beyond the sixth are dropped.
    fn fraction(&mut self) -> Option<i64> {
        let n = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        if n == 0 {
            return None;
        }
        let six: String = digits.chars().chain("000000".chars()).take(6).collect();
        six.parse().ok()
    }

    /// The zone in minutes east of UTC.
    fn zone(&mut self) -> Option<i64> {
        if self.rest.is_empty() || self.literal('Z').or_else(|| self.literal('z')).is_some() {
            return Some(0);
        }
        let sign = if self.literal('+').is_some() {
            1
        } else {
            self.literal('-')?;
            -1
        };
        let hours = self.digits(2)?;
        let _ = self.literal(':');
        let minutes = if self.rest.is_empty() { 0 } else { self.digits(2)? };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::{Civil, FIRST, LAST, display, format, parse};

    #[test]
    fn instants_and_texts() {
        let check = |text: &str, micros: i64, shown: &str| {
            assert_eq!(parse(text), Some(micros), "{text}");
            assert_eq!(display(micros), shown);
            assert_eq!(Civil::of(micros).micros(), Some(micros));
        };
        check("1970-01-01", 0, "1970-01-01T00:00:00Z");
        check("2023-11-14T22:13:20Z", 1_700_000_000_000_000, "2023-11-14T22:13:20Z");
        check("2026-01-31T12:00:00+02:00", 1_769_853_600_000_000, "2026-01-31T10:00:00Z");
        check("1969-12-31T23:59:59.5", -500_000, "1969-12-31T23:59:59.500000Z");
        check("2000-02-29T00:00", 951_782_400_000_000, "2000-02-29T00:00:00Z");
        check("0001-01-01T00:00:00Z", FIRST, "0001-01-01T00:00:00Z");
        check("9999-12-31T23:59:59.999999Z", LAST, "9999-12-31T23:59:59.999999Z");
        for bad in [
            "yesterday",
            "",
            "2023-02-29",
            "2023-13-01",
            "2023-01-01T24:00",
            "2023-01-01T",
            "2023-01-01x",
            "1-1-1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn formats() {
        let t = parse("2026-01-31T12:05:09.25Z").unwrap();
        assert_eq!(format(t, "%Y %m %d %H %M %S %f %j %a %b %%"), "2026 01 31 12 05 09 250000 031 Sat Jan %");
        assert_eq!(format(t, "%q %"), "%q %");
        assert_eq!(Civil::of(t).weekday(), 6);
    }
}
