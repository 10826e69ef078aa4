//! The table, as Markdown and as JSON.

use std::path::Path;

use serde::Serialize;

use crate::Result;
use crate::bars::Bar;
use crate::load::Measured;

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub scenario: String,
    pub users: usize,
    #[serde(flatten)]
    pub measured: Measured,
    /// What it is compared with, if it is not a ceiling itself.
    pub ceiling: Option<Comparison>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    pub with: String,
    /// Operations per second over the ceiling's.
    pub ratio: f64,
    /// The ceiling's time on the core per operation over this one's: much the same number, and the
    /// steadier one where other programs take turns on the core.
    pub cpu_ratio: f64,
}

#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub machine: String,
    pub pinned: String,
    pub load_average: [f64; 2],
    pub rows: Vec<Row>,
    pub bars: Vec<Bar>,
    /// What the controls did between the start and the end.
    pub notes: Vec<String>,
}

impl Report {
    pub fn row(&self, scenario: &str, users: usize) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| row.scenario == scenario && row.users == users)
    }

    pub fn print(&self) {
        println!("{}; {}", self.machine, self.pinned);
        let [before, after] = self.load_average;
        println!("load average before {before:.1}, after {after:.1}\n");
        println!(
            "| scenario | users | ops/s | p50 µs | p99 µs | CPU µs/op | core busy | RSS MiB | ratio (CPU) | over |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|---|");
        for row in &self.rows {
            println!("{}", line(row));
        }
        println!("\n| | measured | bar | goal | |\n|---|--:|--:|--:|---|");
        for bar in &self.bars {
            let unit = bar.unit;
            println!(
                "| {} | {:.2}{unit} | {}{unit} | {}{unit} | {} |",
                bar.what,
                bar.measured,
                bar.bar,
                bar.goal,
                bar.verdict()
            );
        }
        println!();
        for note in &self.notes {
            println!("{note}");
        }
    }

    /// Writes the report for machines.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        std::fs::write(path, serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }
}

/// A line of the Markdown table.
pub fn line(row: &Row) -> String {
    let measured = &row.measured;
    let (ratio, with) = match &row.ceiling {
        Some(ceiling) => (
            format!("{:.2} ({:.2})", ceiling.ratio, ceiling.cpu_ratio),
            ceiling.with.as_str(),
        ),
        None => (String::new(), ""),
    };
    format!(
        "| {} | {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.0} % | {:.0} | {ratio} | {with} |",
        row.scenario,
        row.users,
        measured.per_second,
        measured.p50_microseconds,
        measured.p99_microseconds,
        measured.cpu_microseconds,
        measured.server_busy * 100.0,
        measured.resident_mib,
    )
}
