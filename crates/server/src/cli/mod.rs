//! The command line: what there is to say, and which act each word is.
//!
//! Results go to standard output, as JSON with `--json`; a failure is one line on standard error that says what to do, with an exit
//! code of its own ([`exit_code`]). Secrets come from standard input, never from arguments.

mod client;
mod client_metadata;
mod codes;
mod config;
mod deployment;
mod errors;
pub mod exit_code;
pub mod failure;
pub mod global;
mod input;
mod keys;
mod output;
mod quickstart;
mod serve;
mod setup_link;
mod user;

use clap::{Parser, Subcommand};

use exit_code::ExitCode;
use failure::Failure;
use global::Global;

/// An OpenID Connect and OAuth 2 platform in one binary.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about,
    after_help = "`countersign help exit-codes` says what each exit code means."
)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one in a process")]
enum Command {
    /// Try it: a provider and a demo application, with no configuration.
    Quickstart(quickstart::Quickstart),
    /// Run the server.
    Serve(serve::Serve),
    /// Print a new link that makes the first administrator.
    SetupLink(setup_link::SetupLink),
    /// Show and check the settings.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Manage the people who can sign in.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage the applications that people sign in to.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Manage the keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Manage the authorization codes that wait to be redeemed.
    #[command(subcommand)]
    Codes(codes::CodesCommand),
    /// Explain the cause of an error.
    Errors(errors::Errors),
    /// Print the table of exit codes.
    #[command(long_about = exit_code::table())]
    ExitCodes,
}

/// Reads the command line, does what it says, and returns the process's exit code.
#[must_use]
pub fn run() -> std::process::ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            _ = error.print();
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Success
            };
            return code.into();
        }
    };
    match arguments.execute() {
        Ok(()) => ExitCode::Success.into(),
        Err(failure) => {
            eprintln!("countersign: {failure}");
            failure.code.into()
        }
    }
}

impl Arguments {
    fn execute(self) -> Result<(), Failure> {
        let Self { global, command } = self;
        match command {
            Command::Config(command) => command.run(&global),
            Command::Errors(command) => command.run(&global),
            Command::ExitCodes => output::write(&exit_code::table()),
            Command::Quickstart(command) => on_all_cores()?.block_on(command.run(&global)),
            Command::Serve(command) => on_all_cores()?.block_on(command.run(&global)),
            Command::SetupLink(command) => on_one_core()?.block_on(command.run(&global)),
            Command::User(command) => on_one_core()?.block_on(command.run(&global)),
            Command::Client(command) => on_one_core()?.block_on(command.run(&global)),
            Command::Keys(command) => on_one_core()?.block_on(command.run(&global)),
            Command::Codes(command) => on_one_core()?.block_on(command.run(&global)),
        }
    }
}

fn on_all_cores() -> Result<tokio::runtime::Runtime, Failure> {
    runtime(tokio::runtime::Builder::new_multi_thread())
}

fn on_one_core() -> Result<tokio::runtime::Runtime, Failure> {
    runtime(tokio::runtime::Builder::new_current_thread())
}

fn runtime(mut builder: tokio::runtime::Builder) -> Result<tokio::runtime::Runtime, Failure> {
    builder
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Internal, format!("can't start: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_begin_with_a_dash_and_flags_are_still_flags() {
        for words in [
            ["countersign", "user", "delete", "-5aZ_x", "--yes"],
            ["countersign", "user", "delete", "--yes", "-5aZ_x"],
            ["countersign", "client", "delete", "-5aZ_x", "--yes"],
        ] {
            let parsed = format!("{:?}", Arguments::try_parse_from(words).expect("parsed"));
            assert!(
                parsed.contains("\"-5aZ_x\"") && parsed.contains("yes: true"),
                "{parsed}"
            );
        }
        assert!(Arguments::try_parse_from(["countersign", "user", "list", "--nonsense"]).is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
