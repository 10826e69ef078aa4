//! The binary: everything is in the library, so that tests and the benchmark can use it.

fn main() -> std::process::ExitCode {
    countersign::cli::run()
}
