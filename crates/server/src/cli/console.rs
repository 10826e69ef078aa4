//! What a command has to do with the outside: its flags, the configuration they lead to, what it
//! reads, prints and asks.
//!
//! Secrets come from standard input, never from arguments, which every user of the machine can see.
//! Results go to standard output, everything else to standard error.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use countersign_management::{Actor, Context};
use serde_json::{Value, json};
use tracing::dispatcher::DefaultGuard;
use zeroize::Zeroizing;

use super::exit_code::ExitCode;
use super::failure::Failure;
use super::global::{self, Global};
use crate::configuration::{
    CONFIG_VARIABLE, Configuration, ConfigurationError, Effective, LogFormat, Problem, Sources,
};
use crate::deployment::Deployment;
use crate::hidden_input::read_hidden;
use crate::logging;
use crate::surroundings::Surroundings;

/// More than any file that is read here needs.
const MAX_BYTES: u64 = 1_048_576;

/// A command's surroundings and the flags that every command has.
pub struct Console<'a> {
    pub global: Global,
    pub surroundings: &'a mut Surroundings,
    /// The log of this command, from when its deployment was opened.
    log: Option<DefaultGuard>,
}

impl<'a> Console<'a> {
    pub fn new(global: Global, surroundings: &'a mut Surroundings) -> Self {
        Self {
            global,
            surroundings,
            log: None,
        }
    }

    /// Reads the configuration of the deployment that the command is about.
    ///
    /// # Errors
    /// Returns a [`Failure`] if nothing is configured, or with everything that is wrong with the
    /// configuration.
    pub fn load(&self, flags: Vec<(&'static str, String)>) -> Result<Effective, Failure> {
        match self.read(flags)? {
            (effective, problems) if problems.is_empty() => Ok(effective),
            (_, problems) => Err(ConfigurationError(problems).into()),
        }
    }

    /// The same, for a check that looks for further faults.
    ///
    /// # Errors
    /// Returns a [`Failure`] if nothing is configured.
    pub fn read(
        &self,
        flags: Vec<(&'static str, String)>,
    ) -> Result<(Effective, Vec<Problem>), Failure> {
        let sources = global::sources(self.config_file(), self.surroundings);
        let sources = Sources { flags, ..sources };
        if global::nothing_is_configured(&sources) {
            return Err(global::no_configuration(self.surroundings));
        }
        Ok(Effective::read(&sources))
    }

    /// Opens the deployment, whether or not a server is running.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the configuration is wrong, the data folder or the store cannot be
    /// opened, or the database is for another issuer or another master key.
    pub async fn open(&mut self) -> Result<Deployment, Failure> {
        let deployment = Deployment::open_to_manage(self.begin()?)?;
        deployment.check_instance().await?;
        Ok(deployment)
    }

    /// Reads the configuration. From here on, the command has a log on standard error, as set in
    /// `logging`: each change is logged there with who made it.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the configuration is wrong.
    pub fn begin(&mut self) -> Result<Configuration, Failure> {
        let configuration = self.load(Vec::new())?.configuration;
        let mut settings = configuration.logging.clone();
        if self.global.json {
            // Machines read each line of standard error as an object.
            settings.format = LogFormat::Json;
        }
        let log = logging::dispatch(&settings, self.surroundings.errors.clone());
        self.log = Some(tracing::dispatcher::set_default(&log));
        Ok(configuration)
    }

    /// The context in which this command manages the deployment.
    pub fn context(&self, deployment: &Deployment) -> Context {
        deployment.context(self.actor())
    }

    /// Who is at the command line.
    pub fn actor(&self) -> Actor {
        let os_user = self.surroundings.os_user.clone();
        Actor::CommandLine { os_user }
    }

    /// The configuration file that was named.
    pub fn config_file(&self) -> Option<PathBuf> {
        let variable = self.surroundings.environment.get(CONFIG_VARIABLE);
        let named = self.global.config.clone();
        named.or_else(|| variable.map(PathBuf::from))
    }

    /// Prints `text`, or `value` with `--json`.
    ///
    /// # Errors
    /// Returns a [`Failure`] if standard output cannot be written to.
    pub fn print(&mut self, value: &Value, text: &str) -> Result<(), Failure> {
        if !self.global.json {
            return self.write(text);
        }
        let pretty = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::new(ExitCode::Internal, error.to_string()))?;
        self.write(&format!("{pretty}\n"))
    }

    /// Writes to standard output. If it has been closed (`| head`), no more is wanted; that is not
    /// a failure.
    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let output = &mut self.surroundings.output;
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

    /// Reports something in addition to the result: a line for people, an object with that one
    /// member for machines.
    pub fn note(&mut self, kind: &str, text: &str) {
        let line = match (self.global.json, kind) {
            (true, kind) => json!({ kind: text }).to_string(),
            (false, "note") => text.to_owned(),
            (false, kind) => format!("{kind}: {text}"),
        };
        // If standard error has been closed, no one wants to know.
        _ = writeln!(self.surroundings.errors, "{line}");
    }

    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the file cannot be read.
    pub fn file(&mut self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = if path == Path::new("-") {
            let input = &mut self.surroundings.input.reader;
            input.take(MAX_BYTES).read_to_end(&mut bytes)
        } else {
            std::fs::File::open(self.surroundings.path(path))
                .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
        };
        read.map_err(|error| Failure::refused(format!("can't read {}: {error}.", path.display())))?;
        Ok(bytes)
    }

    /// Reads a new password. At a terminal, it is typed twice and not shown; otherwise, standard
    /// input is read to its end.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the two passwords differ, the input cannot be read or is not UTF-8,
    /// or the prompt is interrupted.
    pub fn new_password(&mut self) -> Result<Zeroizing<String>, Failure> {
        if !self.surroundings.input.is_terminal {
            return self.secret();
        }
        let first = self.hidden("New password: ")?;
        match first == self.hidden("Repeat the password: ")? {
            true => Ok(first),
            false => Err(Failure::refused(
                "the two passwords differ. Nothing was changed.",
            )),
        }
    }

    fn hidden(&mut self, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        match read_hidden(prompt, &mut self.surroundings.errors) {
            Ok(Some(secret)) => Ok(secret),
            Ok(None) => Err(Failure::new(
                ExitCode::Interrupted,
                "interrupted. Nothing was changed.",
            )),
            Err(error) => Err(Failure::refused(format!(
                "can't read the password: {error}."
            ))),
        }
    }

    /// Reads a secret from standard input, up to its end, without the newline that ends it.
    fn secret(&mut self) -> Result<Zeroizing<String>, Failure> {
        let bytes = self.file(Path::new("-"))?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Failure::refused("standard input is not valid UTF-8."))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        Ok(Zeroizing::new(
            text.strip_suffix('\r').unwrap_or(text).to_owned(),
        ))
    }

    /// Continues if `--yes` was given, or if the person at the terminal confirms; without a
    /// terminal there is no one to ask.
    ///
    /// # Errors
    /// Returns a [`Failure`] with [`ExitCode::ConfirmationNeeded`] if it was not confirmed.
    pub fn confirm(&mut self, yes: bool, what: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        let needed = |message: String| Err(Failure::new(ExitCode::ConfirmationNeeded, message));
        if !self.surroundings.input.is_terminal {
            return needed(format!("this would {what}. Add --yes to confirm."));
        }
        let errors = &mut self.surroundings.errors;
        _ = write!(errors, "This will {what}. Type yes to confirm: ");
        _ = errors.flush();
        if line(&mut self.surroundings.input.reader).trim() == "yes" {
            Ok(())
        } else {
            needed("nothing was changed.".to_owned())
        }
    }
}

/// Reads up to the end of the line, and nothing of the next one.
fn line(reader: &mut dyn Read) -> String {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while matches!(reader.read(&mut byte), Ok(1)) && byte != *b"\n" && line.len() < 4096 {
        line.extend(byte);
    }
    String::from_utf8_lossy(&line).into_owned()
}
