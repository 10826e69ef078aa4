//! The binary: everything is in the library, so that tests and the benchmark can use it.

use countersign::{cli, surroundings::Surroundings};

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os(), &mut Surroundings::of_the_process()).into()
}
