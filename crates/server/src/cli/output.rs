//! What a command prints: lines for people, one JSON value for machines. Results go to standard output, everything else to
//! standard error.

use std::io::{self, Write};

use serde_json::Value;

use super::exit_code::ExitCode;
use super::failure::Failure;

/// Prints `text`, or `value` with `--json`.
pub fn print(json: bool, value: &Value, text: &str) -> Result<(), Failure> {
    if json {
        let pretty = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::new(ExitCode::Internal, error.to_string()))?;
        write(&format!("{pretty}\n"))
    } else {
        write(text)
    }
}

/// Writes to standard output. Whoever closed it (`| head`) wants no more, which is no failure.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
            ExitCode::Internal,
            format!("can't write the result: {error}."),
        )),
        _ => Ok(()),
    }
}

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
