//! How results are written for people.

/// Columns of equal width, two spaces apart, the first row being the heads.
#[must_use]
pub fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// Seconds since 1970 as RFC 3339 in UTC.
#[must_use]
pub fn instant(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |instant| instant.to_string())
}

/// A length of time in its largest whole unit.
#[must_use]
pub fn duration(seconds: u32) -> String {
    let (count, unit) = match seconds {
        seconds if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        seconds if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(
            instant(i64::MAX),
            i64::MAX.to_string(),
            "beyond the calendar"
        );
        let lengths = [60, 61, 900, 3600, 7200].map(duration);
        assert_eq!(
            lengths,
            ["1 minute", "61 seconds", "15 minutes", "1 hour", "2 hours"]
        );
    }
}
