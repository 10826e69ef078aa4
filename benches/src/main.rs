//! Countersign beside its ceilings:
//! `cargo run --release -p countersign-bench [-- --quick] [--json FILE]`.
//!
//! Absolute times don't hold from machine to machine; ratios measured in one run do. So every
//! scenario runs beside the least that it could cost ([`ceilings`]), on the same core, in turns.
//! The servers are child processes of this program (`serve-...`), on a core of their own; the load
//! ([`load`]) is on another. It reports and never fails a build. What the numbers were last, and
//! where the time goes: docs/performance.md.

mod bars;
mod ceilings;
mod children;
mod cores;
mod countersign_server;
mod footprint;
mod hashing;
mod journeys;
mod load;
mod machine;
mod report;
mod scenarios;

use std::path::PathBuf;
use std::process::ExitCode;

/// What went wrong, in words: errors are not handled here but printed.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

const USAGE: &str = "countersign-bench [--quick] [--json FILE] [--binary FILE] [--only GROUP]

  --quick        two minutes instead of ten: 16 users only
  --json FILE    write the table as JSON too
  --binary FILE  the server whose start and memory are measured (default: countersign beside this program)
  --only GROUP   one of: documents, client-credentials, durable, passwords, footprint";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve-hello"] => children::serve(ceilings::hello::router()),
        ["serve-sign", algorithm] => children::serve(ceilings::sign::router(algorithm.parse()?)?),
        ["serve-verify", algorithm] => {
            children::serve(ceilings::verify::router(algorithm.parse()?)?)
        }
        ["serve-model", folder] => children::serve(ceilings::model::router(folder.as_ref())?),
        ["serve-countersign", folder, algorithm, passwords] => {
            countersign_server::serve(folder.as_ref(), algorithm.parse()?, passwords.parse()?)
        }
        ["hash", implementation, seconds] => {
            hashing::print_rate(implementation.parse()?, seconds.parse()?)
        }
        _ => scenarios::run(&Options::read(&words)?),
    }
}

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub struct Options {
    pub quick: bool,
    pub json: Option<PathBuf>,
    pub binary: Option<PathBuf>,
    pub only: Option<String>,
}

impl Options {
    fn read(words: &[&str]) -> Result<Options> {
        let mut options = Options::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .ok_or(format!("{word} needs a value\n\n{USAGE}"))
            };
            match *word {
                "--quick" => options.quick = true,
                "--json" => options.json = Some(value()?.into()),
                "--binary" => options.binary = Some(value()?.into()),
                "--only" => options.only = Some((*value()?).to_owned()),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }
}
