//! The configuration: one struct, read once from a TOML file, the environment and the command
//! line's flags.
//!
//! Precedence: flag, `COUNTERSIGN_*`, file, an earlier system's name, default. [`sections`] says
//! what there is; every value remembers where it came from, so that an error and `countersign
//! config print` can say it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use countersign_settings::{Field, Kind, Part, Settings, lookup};

use countersign_web::SiteSettings;

use crate::data_directory::MASTER_KEY_FILE;

mod checks;
mod environment;
mod file;
mod print;
mod problem;
mod reference;
mod sections;
mod store_url;
mod values;

pub use environment::{
    CONFIG_VARIABLE, EARLIER_NAMES, Environment, Overruled, names_of, unknown_names,
};
pub use print::{as_json, as_toml};
pub use problem::{ConfigurationError, Problem};
pub use reference::{reference, reference_as_json};
pub use sections::*;
pub use store_url::StoreLocation;
pub(crate) use values::repeats_a_few;
pub use values::{
    ListenAddress, LogFilter, MASK, Network, ProviderIssuer, Secret, SecretKey, StoreUrl,
};

/// Where to look for settings.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// What relative paths outside of the file are relative to; empty means the process's current
    /// folder.
    pub folder: PathBuf,
    /// The TOML file; none means that there is none.
    pub file: Option<PathBuf>,
    /// The environment's names and values.
    pub environment: Environment,
    /// Whether the names of earlier systems count ([`EARLIER_NAMES`]).
    pub earlier_names: bool,
    /// Dotted paths and values from the command line's flags: `("listen", "127.0.0.1:9000")`.
    pub flags: Vec<(&'static str, String)>,
    /// Values in place of the built-in defaults, as quickstart's are.
    pub defaults: Vec<(&'static str, String)>,
}

/// The settings, and where each came from.
#[derive(Debug, Clone)]
pub struct Effective {
    pub configuration: Configuration,
    origins: BTreeMap<String, Origin>,
    /// Names of earlier systems that are set and have no effect.
    overruled: Vec<Overruled>,
    pub(crate) files: Files,
}

/// The files that the settings were read from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    pub(crate) configuration: Option<PathBuf>,
    /// Each of a `*_FILE` name.
    pub(crate) secrets: Vec<PathBuf>,
}

impl Files {
    fn of(sources: &Sources, origins: &BTreeMap<String, Origin>) -> Self {
        let secret = |origin: &Origin| match origin {
            Origin::Environment(name) if name.ends_with("_FILE") => {
                let path = sources.environment.get(name)?;
                Some(sources.folder.join(path))
            }
            _ => None,
        };
        Self {
            configuration: sources.file.clone(),
            secrets: origins.values().filter_map(secret).collect(),
        }
    }
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
        match Self::read(sources) {
            (effective, problems) if problems.is_empty() => Ok(effective),
            (_, problems) => Err(ConfigurationError(problems)),
        }
    }

    /// The same, for a check that looks for further faults: a field whose value is faulty has its
    /// default.
    #[must_use]
    pub fn read(sources: &Sources) -> (Self, Vec<Problem>) {
        let mut merged = Merged::default();
        for (path, text) in &sources.defaults {
            merged.assign_text(path, text, &Origin::Default, &sources.folder);
        }
        if let Some(path) = &sources.file {
            match read(path) {
                Ok(text) => merged.overlay(file::parse(path, &text)),
                Err(problem) => merged.refuse_file(problem),
            }
        }
        merged.assign_all(environment::own_names(
            &sources.environment,
            &sources.folder,
        ));
        for (path, text) in &sources.flags {
            let flag = format!(
                "--{}",
                path.rsplit('.').next().unwrap_or(path).replace('_', "-")
            );
            merged.assign_text(path, text, &Origin::Flag(flag), &sources.folder);
        }
        let mut overruled = Vec::new();
        if sources.earlier_names {
            let has_master_key = merged
                .data_dir(&sources.folder)
                .join(MASTER_KEY_FILE)
                .exists();
            let is_set = |path: &str| merged.is_set(path);
            let earlier = environment::earlier_names(&sources.environment, is_set, has_master_key);
            for (name, field) in earlier.apply {
                merged.assign_all(environment::one_name(
                    &sources.environment,
                    name,
                    field,
                    &sources.folder,
                ));
            }
            overruled = earlier.overruled;
        }
        let (mut effective, mut problems) = merged.finish();
        effective.overruled = overruled;
        effective.anchor(&sources.folder);
        effective.files = Files::of(sources, &effective.origins);
        for problem in &mut problems {
            problem.explain_earlier_name();
        }
        (effective, problems)
    }

    /// Where the field of that dotted path got its value.
    #[must_use]
    pub fn origin(&self, path: &str) -> &Origin {
        self.origins.get(path).unwrap_or(&Origin::Default)
    }

    /// Relative paths are relative to where they were written; the default data folder, and a store
    /// that is set outside the file, to `folder`.
    fn anchor(&mut self, folder: &Path) {
        if *self.origin("data_dir") == Origin::Default {
            self.configuration.basics.data_dir = folder.join(&self.configuration.basics.data_dir);
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
    pub(crate) fn problem(&self, path: &str, message: impl Into<String>) -> Problem {
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
    /// The issuer. [`Effective::load`] has seen to it that there is one; a configuration that was
    /// made otherwise may lack it.
    ///
    /// # Errors
    /// What to do about it.
    pub fn issuer(&self) -> Result<&ProviderIssuer, Problem> {
        self.basics.issuer.as_ref().ok_or_else(|| Problem {
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
            None => StoreLocation::Sqlite(self.basics.data_dir.join(store_url::DATABASE_FILE)),
        }
    }

    /// The site's settings, with the host of `client_certificates.endpoints_url` among the allowed
    /// ones.
    #[must_use]
    pub fn site(&self) -> SiteSettings {
        let mut site = self.site.clone();
        let hosts = &mut site.requests.allowed_hosts;
        let is_any_served = hosts.is_empty() && !self.issuer_is_loopback();
        let url = self.provider.client_certificates.endpoints_url.as_ref();
        if let Some(url) = url.filter(|_| !is_any_served)
            && let Ok(host) = url.host().parse()
        {
            hosts.push(host);
        }
        site
    }

    /// Whether the server itself speaks TLS.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.tls.certificate_file.is_some()
    }

    /// Whether the issuer's host is a loopback address.
    #[must_use]
    pub fn issuer_is_loopback(&self) -> bool {
        self.basics
            .issuer
            .as_ref()
            .is_some_and(|issuer| issuer.is_loopback())
    }
}

/// Every field there is, in the order of the reference.
#[must_use]
pub fn fields() -> Vec<Field> {
    sections()
        .into_iter()
        .flat_map(|(.., fields)| fields)
        .collect()
}

/// Every section once, with the fields of all who own some of it.
fn sections() -> Vec<(&'static str, &'static str, Vec<Field>)> {
    let mut sections: Vec<(&'static str, &'static str, Vec<Field>)> = Vec::new();
    for part in Configuration::parts() {
        let Part {
            section,
            documentation,
            fields,
        } = part;
        match sections.iter_mut().find(|(name, ..)| *name == section) {
            Some((.., known)) => known.extend(fields),
            None => sections.push((section, documentation, fields.to_vec())),
        }
    }
    sections
}

fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| Problem {
        place: Some(path.display().to_string()),
        field: None,
        message: format!("can't read the configuration: {error}. Name another file with --config."),
    })
}

/// The values of all sources so far, and what is wrong with them.
#[derive(Debug, Default)]
struct Merged {
    values: toml::Table,
    origins: BTreeMap<String, Origin>,
    problems: Vec<Problem>,
    /// The file could not be read to its end, so a field that is missing may be in it.
    is_file_unreadable: bool,
}

impl Merged {
    fn overlay(&mut self, file: file::File) {
        self.is_file_unreadable = file.has_syntax_errors;
        self.problems.extend(file.problems);
        for field in fields() {
            if let Some(value) = lookup(&file.values, &field)
                && let Some(origin) = file.origins.get(&field.path())
            {
                self.assign(field, value, origin.clone());
            }
        }
        self.origins.extend(file.origins);
    }

    fn refuse_file(&mut self, problem: Problem) {
        self.is_file_unreadable = true;
        self.problems.push(problem);
    }

    fn assign_text(&mut self, path: &str, text: &str, origin: &Origin, folder: &Path) {
        let problem = |message: String| Problem {
            place: Some(origin.to_string()),
            field: Some(path.to_owned()),
            message,
        };
        let Some(field) = fields().into_iter().find(|field| field.path() == path) else {
            self.problems
                .push(problem("there is no such field".to_owned()));
            return;
        };
        match environment::value_of(field.kind, text, folder) {
            Ok(value) => self.assign(field, value, origin.clone()),
            Err(message) => self.problems.push(problem(message)),
        }
    }

    fn assign_all(&mut self, read: environment::Read) {
        for assignment in read.assignments {
            self.assign(assignment.field, assignment.value, assignment.origin);
        }
        self.problems.extend(read.problems);
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
        if let Some(table) = section.as_table_mut() {
            table.insert(field.name.to_owned(), value);
        }
    }

    /// The data folder as it is known so far.
    fn data_dir(&self, folder: &Path) -> PathBuf {
        let written = self.values.get("data_dir").and_then(toml::Value::as_str);
        let default = Configuration::default().basics.data_dir;
        folder.join(written.map_or(default, PathBuf::from))
    }

    /// Whether the field of that dotted path has been set anywhere.
    fn is_set(&self, path: &str) -> bool {
        let is_written = |origin: &Origin| *origin != Origin::Default;
        let named_in_problem = |problem: &Problem| problem.field.as_deref() == Some(path);
        self.origins.get(path).is_some_and(is_written) || self.problems.iter().any(named_in_problem)
    }

    /// Each field by itself, then all together. A faulty field counts as its default, so that the
    /// faults of the others are reported too.
    fn finish(mut self) -> (Effective, Vec<Problem>) {
        for field in fields() {
            let Some(value) = lookup(&self.values, &field) else {
                continue;
            };
            if self.is_told(&field.path()) {
                self.remove(&field);
            } else if let Err(misread) = field.check(&value) {
                self.problems.push(Problem {
                    place: self.origins.get(&field.path()).map(ToString::to_string),
                    field: Some(field.path() + &misread.part),
                    message: match field.kind {
                        // serde's own words would repeat the value.
                        Kind::Secret if misread.message.starts_with("invalid type") => {
                            "must be text.".to_owned()
                        }
                        _ => misread.message,
                    },
                });
                self.remove(&field);
            }
        }
        let configuration = Configuration::read(&self.values).unwrap_or_else(|message| {
            self.problems.push(Problem {
                place: None,
                field: None,
                message,
            });
            Configuration::default()
        });
        let effective = Effective {
            configuration,
            origins: self.origins,
            overruled: Vec::new(),
            files: Files::default(),
        };
        let mut problems = self.problems;
        let is_open = |path: &str| {
            (self.is_file_unreadable && *effective.origin(path) == Origin::Default)
                || problems.iter().any(|problem| problem.is_about(path))
        };
        let crossed = checks::check(&effective, &is_open);
        problems.extend(crossed);
        (effective, problems)
    }

    fn is_told(&self, path: &str) -> bool {
        self.problems.iter().any(|problem| problem.is_about(path))
    }

    fn remove(&mut self, field: &Field) {
        let table = match field.section {
            "" => Some(&mut self.values),
            section => self
                .values
                .get_mut(section)
                .and_then(toml::Value::as_table_mut),
        };
        if let Some(table) = table {
            table.remove(field.name);
        }
    }
}

impl Origin {
    /// Whether it is a line of that file.
    pub(crate) fn is_in_file(&self, file: &Path) -> bool {
        matches!(self, Self::File { path, .. } if path == file)
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
