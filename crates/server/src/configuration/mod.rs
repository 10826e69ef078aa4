//! The configuration: one struct, read once from a TOML file, the environment and the command line's flags.
//!
//! Precedence: flag, `COUNTERSIGN_*`, an earlier system's name, file, default. [`sections`] says what there is; every value
//! remembers where it came from, so that an error and `countersign config print` can say it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

mod checks;
mod environment;
mod file;
mod print;
mod problem;
mod reference;
mod sections;
mod settings;
mod store_url;
mod values;

pub use environment::{CONFIG_VARIABLE, EARLIER_NAMES, Environment, names_of, unknown_names};
pub use print::{as_json, as_toml};
pub use problem::{ConfigurationError, Problem};
pub use reference::{reference, reference_as_json};
pub use sections::*;
pub use settings::{Field, Kind};
pub use store_url::StoreLocation;
pub(crate) use values::repeats_a_few;
pub use values::{
    HostName, ListenAddress, LogFilter, MASK, Network, ProviderIssuer, Secret, SecretKey,
    SigningAlgorithm, StoreUrl,
};

/// Where to look for settings.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// What relative paths outside of the file are relative to; empty stands for the process's current folder.
    pub folder: PathBuf,
    /// The TOML file; none means that there is none.
    pub file: Option<PathBuf>,
    /// The environment's names and values.
    pub environment: Environment,
    /// Whether the names of earlier systems count ([`EARLIER_NAMES`]).
    pub earlier_names: bool,
    /// Dotted paths and values from the command line's flags: `("listen", "127.0.0.1:9000")`.
    pub flags: Vec<(&'static str, String)>,
    /// Values that stand in for the built-in defaults, as quickstart's do.
    pub defaults: Vec<(&'static str, String)>,
}

/// The settings, and where each came from.
#[derive(Debug, Clone)]
pub struct Effective {
    pub configuration: Configuration,
    origins: BTreeMap<String, Origin>,
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Environment(String),
    Flag(String),
}

impl Effective {
    /// Reads, merges and checks.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place and what to do.
    pub fn load(sources: &Sources) -> Result<Self, ConfigurationError> {
        let mut merged = Merged::default();
        for (path, text) in &sources.defaults {
            merged.assign_text(path, text, &Origin::Default, &sources.folder)?;
        }
        if let Some(path) = &sources.file {
            merged.overlay(file::parse(path, &read(path)?)?);
        }
        let assignments =
            environment::assignments(&sources.environment, sources.earlier_names, &sources.folder)
                .map_err(ConfigurationError)?;
        for assignment in assignments {
            merged.assign(assignment.field, assignment.value, assignment.origin);
        }
        for (path, text) in &sources.flags {
            let flag = format!(
                "--{}",
                path.rsplit('.').next().unwrap_or(path).replace('_', "-")
            );
            merged.assign_text(path, text, &Origin::Flag(flag), &sources.folder)?;
        }
        let mut effective = merged.finish()?;
        effective.anchor(&sources.folder);
        checks::check(&effective)?;
        Ok(effective)
    }

    /// Where the field of that dotted path got its value.
    #[must_use]
    pub fn origin(&self, path: &str) -> &Origin {
        self.origins.get(path).unwrap_or(&Origin::Default)
    }

    /// Relative paths begin where they were written; that of the default data folder, and of a store outside of the file, at `folder`.
    fn anchor(&mut self, folder: &Path) {
        if *self.origin("data_dir") == Origin::Default {
            self.configuration.data_dir = folder.join(&self.configuration.data_dir);
        }
        let folder = match self.origin("store.url") {
            Origin::File { path, .. } => path.parent().unwrap_or(Path::new("")).to_owned(),
            _ => folder.to_owned(),
        };
        if let Some(url) = &mut self.configuration.store.url {
            url.anchor(&folder);
        }
    }

    /// A fault of the field of that dotted path.
    fn problem(&self, path: &str, message: impl Into<String>) -> Problem {
        let place = Some(self.origin(path))
            .filter(|origin| **origin != Origin::Default)
            .map(ToString::to_string);
        Problem {
            place,
            field: Some(path.to_owned()),
            message: message.into(),
        }
    }
}

impl Configuration {
    /// The issuer. [`Effective::load`] has seen to it that there is one; a configuration that was made otherwise may lack it.
    ///
    /// # Errors
    /// What to do about it.
    pub fn issuer(&self) -> Result<&ProviderIssuer, Problem> {
        self.issuer.as_ref().ok_or_else(|| Problem {
            place: None,
            field: Some("issuer".to_owned()),
            message: checks::MISSING_ISSUER.to_owned(),
        })
    }

    /// Where the store is, from `store.url` and `data_dir`.
    #[must_use]
    pub fn store_location(&self) -> StoreLocation {
        match &self.store.url {
            Some(url) => url.location().clone(),
            None => StoreLocation::Sqlite(self.data_dir.join(store_url::DATABASE_FILE)),
        }
    }

    /// Whether the issuer's host is a loopback address.
    #[must_use]
    pub fn issuer_is_loopback(&self) -> bool {
        self.issuer
            .as_ref()
            .is_some_and(|issuer| issuer.is_loopback())
    }
}

/// Every field there is, in the order of the reference.
#[must_use]
pub fn fields() -> Vec<Field> {
    parts()
        .into_iter()
        .flat_map(|(_, _, fields)| fields.iter().copied())
        .collect()
}

/// Every section: its name, its description and its fields.
fn parts() -> Vec<(&'static str, &'static str, &'static [Field])> {
    vec![
        ("", Configuration::DOCUMENTATION, Configuration::FIELDS),
        ("http", Http::DOCUMENTATION, Http::FIELDS),
        ("tokens", Tokens::DOCUMENTATION, Tokens::FIELDS),
        ("sessions", Sessions::DOCUMENTATION, Sessions::FIELDS),
        (
            "interactions",
            Interactions::DOCUMENTATION,
            Interactions::FIELDS,
        ),
        ("login", Login::DOCUMENTATION, Login::FIELDS),
        ("passwords", Passwords::DOCUMENTATION, Passwords::FIELDS),
        ("keys", Keys::DOCUMENTATION, Keys::FIELDS),
        ("store", Store::DOCUMENTATION, Store::FIELDS),
        ("pages", Pages::DOCUMENTATION, Pages::FIELDS),
        ("setup", Setup::DOCUMENTATION, Setup::FIELDS),
        ("errors", Errors::DOCUMENTATION, Errors::FIELDS),
        ("logging", Logging::DOCUMENTATION, Logging::FIELDS),
    ]
}

fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| Problem {
        place: Some(path.display().to_string()),
        field: None,
        message: format!("can't read the configuration: {error}. Name another file with --config."),
    })
}

/// The values of all sources so far.
#[derive(Debug, Default)]
struct Merged {
    values: toml::Table,
    origins: BTreeMap<String, Origin>,
}

impl Merged {
    fn overlay(&mut self, file: file::File) {
        for (name, value) in file.values {
            match (self.values.get_mut(&name), value) {
                (Some(toml::Value::Table(present)), toml::Value::Table(over)) => {
                    present.extend(over)
                }
                (_, value) => _ = self.values.insert(name, value),
            }
        }
        self.origins.extend(file.origins);
    }

    fn assign_text(
        &mut self,
        path: &str,
        text: &str,
        origin: &Origin,
        folder: &Path,
    ) -> Result<(), Problem> {
        let problem = |message: String| Problem {
            place: Some(origin.to_string()),
            field: Some(path.to_owned()),
            message,
        };
        let field = fields()
            .into_iter()
            .find(|field| field.path() == path)
            .ok_or_else(|| problem("there is no such field".to_owned()))?;
        let value = environment::value_of(field.kind, text, folder).map_err(problem)?;
        self.assign(field, value, origin.clone());
        Ok(())
    }

    fn assign(&mut self, field: Field, value: toml::Value, origin: Origin) {
        self.origins.insert(field.path(), origin);
        if field.section.is_empty() {
            self.values.insert(field.name.to_owned(), value);
            return;
        }
        let section = self
            .values
            .entry(field.section)
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        // A section that the file wrote as something else than a table is refused when the struct is read.
        if let Some(table) = section.as_table_mut() {
            table.insert(field.name.to_owned(), value);
        }
    }

    /// Each field by itself first, so that all faults are told together.
    fn finish(self) -> Result<Effective, ConfigurationError> {
        let Self { values, origins } = self;
        let misread = |field: Field| {
            let misread = field.check(&print::lookup(&values, &field)?).err()?;
            Some(Problem {
                place: origins.get(&field.path()).map(ToString::to_string),
                field: Some(field.path() + &misread.part),
                message: match field.kind {
                    // serde's own words would repeat the value.
                    Kind::Secret if misread.message.starts_with("invalid type") => {
                        "must be a text.".to_owned()
                    }
                    _ => misread.message,
                },
            })
        };
        let problems: Vec<Problem> = fields().into_iter().filter_map(misread).collect();
        if !problems.is_empty() {
            return Err(ConfigurationError(problems));
        }
        let read = serde_path_to_error::deserialize(toml::Value::Table(values));
        match read {
            Ok(configuration) => Ok(Effective {
                configuration,
                origins,
            }),
            Err(error) => {
                let path = error.path().to_string();
                let place = origins.get(&path).or_else(|| {
                    path.rsplit_once('.')
                        .and_then(|(parent, _)| origins.get(parent))
                });
                Err(Problem {
                    place: place.map(ToString::to_string),
                    field: Some(path),
                    message: error.inner().message().trim().to_owned(),
                }
                .into())
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => formatter.write_str("default"),
            Origin::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Origin::Environment(name) | Origin::Flag(name) => formatter.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests;
