//! The command line: what there is to say, and which act each word is.
//!
//! Results go to standard output, as JSON with `--json`; a failure is one line, or one JSON object,
//! on standard error that says what to do, with an exit code of its own ([`exit_code`]). Nothing
//! below [`run`] touches the process's environment or streams.

mod client;
mod client_metadata;
mod client_owner;
mod client_secret;
mod codes;
mod config;
mod console;
mod errors;
pub mod exit_code;
pub mod failure;
mod global;
mod grant;
mod keys;
mod output;
mod quickstart;
mod registration_token;
mod resource;
mod restored;
mod rotate_master;
mod runtime;
mod serve;
mod session;
mod setup_link;
mod token;
mod user;

use std::ffi::OsString;
use std::io::Write;

use clap::{Parser, Subcommand};

use crate::surroundings::{Stream, Surroundings};
use console::Console;
use exit_code::ExitCode;
use failure::Failure;
use global::{Global, NoConfiguration};
use runtime::Runtime;

/// An OpenID Connect and OAuth 2 platform in one binary.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about,
    after_help = "`countersign exit-codes` lists what each exit code means."
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
    /// Print a new link that creates the first administrator.
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
    /// Manage the tokens that let applications register themselves.
    #[command(subcommand)]
    RegistrationToken(registration_token::RegistrationTokenCommand),
    /// Manage what access tokens are for: the APIs that clients call.
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// Show and revoke what people have allowed applications.
    #[command(subcommand)]
    Grant(grant::GrantCommand),
    /// Manage the API tokens that people make for their own programs.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Show and revoke where people are signed in.
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// Manage the keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Manage the authorization codes that have not been redeemed yet.
    #[command(subcommand)]
    Codes(codes::CodesCommand),
    /// End every session and grant in a database that was restored from a backup.
    Restored(restored::Restored),
    /// Explain the cause of an error.
    Errors(errors::Errors),
    /// Print the table of exit codes.
    #[command(long_about = exit_code::table())]
    ExitCodes(NoConfiguration),
}

/// Reads the command line, of which the first word is the program's name, does what it says, and
/// returns the exit code.
#[must_use]
pub fn run<Words>(words: Words, surroundings: &mut Surroundings) -> ExitCode
where
    Words: IntoIterator,
    Words::Item: Into<OsString>,
{
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let wants_json = words.iter().any(|word| word == "--json");
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            show(&mut surroundings.output, &error.render());
            return ExitCode::Success;
        }
        Err(error) if wants_json => {
            let message = error.render().to_string();
            let failure = Failure::new(ExitCode::Usage, message.trim());
            return failed(&failure, true, surroundings);
        }
        Err(error) => {
            show(&mut surroundings.errors, &error.render());
            return ExitCode::Usage;
        }
    };
    let Arguments { global, command } = arguments;
    let json = global.json;
    let mut console = Console::new(global, surroundings);
    match command.run(&mut console) {
        Ok(()) => ExitCode::Success,
        Err(failure) => failed(&failure, json, console.surroundings),
    }
}

// If standard error has been closed, no one wants to know.
fn failed(failure: &Failure, json: bool, surroundings: &mut Surroundings) -> ExitCode {
    _ = match json {
        true => writeln!(surroundings.errors, "{}", failure.to_json()),
        false => writeln!(surroundings.errors, "countersign: {failure}"),
    };
    failure.code
}

fn show(stream: &mut Stream, text: &clap::builder::StyledStr) {
    _ = match stream.is_terminal {
        true => write!(stream, "{}", text.ansi()),
        false => write!(stream, "{text}"),
    };
    _ = stream.flush();
}

impl Command {
    fn run(self, console: &mut Console<'_>) -> Result<(), Failure> {
        match self {
            Command::Config(command) => command.run(console),
            Command::Errors(command) => command.run(console),
            Command::ExitCodes(_) => console.print(&exit_code::as_json(), &exit_code::table()),
            Command::Quickstart(command) => command.run(console),
            Command::Serve(command) => command.run(console),
            Command::SetupLink(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::User(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Client(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::RegistrationToken(command) => {
                Runtime::of_one_thread()?.block_on(command.run(console))
            }
            Command::Resource(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Grant(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Token(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Session(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Keys(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Codes(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
            Command::Restored(command) => Runtime::of_one_thread()?.block_on(command.run(console)),
        }
    }
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
