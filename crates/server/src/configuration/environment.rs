//! Settings from the environment: `COUNTERSIGN_*` for every field, `_FILE` for secrets, and the
//! names that earlier systems used.

use std::collections::BTreeMap;
use std::path::Path;

use countersign_settings::{Field, Kind};

use super::problem::Problem;
use super::{Origin, fields};

/// A snapshot of the environment, so that tests need not change the real one.
pub type Environment = BTreeMap<String, String>;

/// The names of earlier systems and the fields that they set. They are used only for settings that
/// nothing else sets; quickstart ignores them, so that it never touches someone else's database.
pub const EARLIER_NAMES: &[(&str, &str)] = &[
    ("ISSUER_URL", "issuer"),
    ("DATABASE_URL", "store.url"),
    ("REDIS_URL", "store.url"),
    ("SECRET_KEY", "keys.secret_key"),
    ("PRIVATE_KEY_PATH", "keys.private_key_path"),
    ("PUBLIC_KEY_PATH", "keys.public_key_path"),
    ("TOKEN_EXPIRY", "tokens.access_token_lifetime_seconds"),
    ("REFRESH_EXPIRY", "tokens.refresh_token_lifetime_seconds"),
];

/// Names the configuration file in place of `--config`.
pub const CONFIG_VARIABLE: &str = "COUNTERSIGN_CONFIG";

/// A value that the environment gives to a field.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) field: Field,
    pub(super) value: toml::Value,
    pub(super) origin: Origin,
}

/// What was read from the environment, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) assignments: Vec<Assignment>,
    pub(super) problems: Vec<Problem>,
}

/// The fields that `COUNTERSIGN_*` names set.
pub(super) fn own_names(environment: &Environment, folder: &Path) -> Read {
    let mut all = Read::default();
    for field in fields() {
        let read = one_name(environment, &field.environment_name(), field, folder);
        all.assignments.extend(read.assignments);
        all.problems.extend(read.problems);
    }
    all
}

/// The field, as that name sets it.
pub(super) fn one_name(environment: &Environment, name: &str, field: Field, folder: &Path) -> Read {
    let mut read = Read::default();
    match read_name(environment, name, &field, folder) {
        Ok(assignment) => read.assignments.extend(assignment),
        Err(problem) => read.problems.push(problem),
    }
    read
}

/// A name of an earlier system that is set and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    pub name: &'static str,
    /// What decides instead: a field's dotted path, or another name.
    pub by: &'static str,
}

/// Which names of earlier systems count.
#[derive(Debug, Default)]
pub(super) struct EarlierNames {
    pub(super) apply: Vec<(&'static str, Field)>,
    pub(super) overruled: Vec<Overruled>,
}

/// Sorts the names of earlier systems that are set. `is_set` says which fields the configuration
/// sets, `has_master_key` whether there is a `master.key` in the data folder.
pub(super) fn earlier_names(
    environment: &Environment,
    is_set: impl Fn(&str) -> bool,
    has_master_key: bool,
) -> EarlierNames {
    let is_present = |name: &str| {
        environment.contains_key(name) || environment.contains_key(&format!("{name}_FILE"))
    };
    let mut names = EarlierNames::default();
    for (name, path) in EARLIER_NAMES {
        let Some(field) = fields().into_iter().find(|field| field.path() == *path) else {
            continue;
        };
        let is_secret = field.kind == Kind::Secret;
        let is_given = environment.contains_key(*name) || (is_secret && is_present(name));
        if !is_given {
            continue;
        }
        let by = match *path {
            path if is_set(path) => Some(path),
            // What is sealed under that file can't be opened with another key.
            "keys.secret_key" if has_master_key => Some("the file master.key in data_dir"),
            // Setting where the data is also sets where the store is.
            "store.url" if is_set("data_dir") => Some("data_dir"),
            // Beside a database Redis is for what may be lost, which is kept in the database here.
            "store.url" if *name == "REDIS_URL" && is_present("DATABASE_URL") => {
                Some("DATABASE_URL")
            }
            _ => None,
        };
        match by {
            None => names.apply.push((*name, field)),
            Some(by) => names.overruled.push(Overruled { name, by }),
        }
    }
    names
}

/// The names that set the field of that dotted path, those of earlier systems among them.
#[must_use]
pub fn names_of(path: &str) -> Vec<String> {
    let fields = fields().into_iter().filter(|field| field.path() == path);
    let earlier = EARLIER_NAMES.iter().filter(|(_, field)| *field == path);
    fields
        .map(|field| field.environment_name())
        .chain(earlier.map(|(name, _)| (*name).to_owned()))
        .collect()
}

/// Names that begin like ours but set nothing, to warn about. They aren't refused, because
/// container platforms add their own names.
#[must_use]
pub fn unknown_names(environment: &Environment) -> Vec<String> {
    let known: Vec<String> = fields()
        .iter()
        .flat_map(|field| {
            [
                field.environment_name(),
                format!("{}_FILE", field.environment_name()),
            ]
        })
        .chain([CONFIG_VARIABLE.to_owned()])
        .collect();
    environment
        .keys()
        .filter(|name| name.starts_with("COUNTERSIGN_") && !known.contains(name))
        .cloned()
        .collect()
}

fn read_name(
    environment: &Environment,
    name: &str,
    field: &Field,
    folder: &Path,
) -> Result<Option<Assignment>, Problem> {
    let file_name = format!("{name}_FILE");
    let problem = |name: &str, message: String| Problem {
        place: Some(name.to_owned()),
        field: Some(field.path()),
        message,
    };
    let direct = environment.get(name);
    let from_file = environment
        .get(&file_name)
        .filter(|_| field.kind == Kind::Secret);
    let (name, text) = match (direct, from_file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(problem(
                name,
                format!("set twice. Set either {name} or {file_name}."),
            ));
        }
        (Some(text), None) => (name, text.clone()),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(folder.join(path))
                .map_err(|error| problem(&file_name, format!("can't read {path}: {error}")))?;
            (
                file_name.as_str(),
                text.trim_end_matches(['\r', '\n']).to_owned(),
            )
        }
    };
    let value = value_of(field.kind, &text, folder).map_err(|message| problem(name, message))?;
    Ok(Some(Assignment {
        field: *field,
        value,
        origin: Origin::Environment(name.to_owned()),
    }))
}

/// Reads a text from the environment or the command line as a value of that kind. A relative path
/// is relative to `folder`.
pub(super) fn value_of(kind: Kind, text: &str, folder: &Path) -> Result<toml::Value, String> {
    let inline = |text: &str| -> Result<toml::Value, String> {
        let table: toml::Table = toml::from_str(&format!("value = {text}"))
            .map_err(|error| error.message().to_owned())?;
        table
            .get("value")
            .cloned()
            .ok_or_else(|| "empty".to_owned())
    };
    match kind {
        Kind::Text | Kind::Secret | Kind::Choice(_) => Ok(toml::Value::String(text.to_owned())),
        Kind::Path => Ok(toml::Value::String(folder.join(text).display().to_string())),
        Kind::Integer => text
            .trim()
            .parse()
            .map(toml::Value::Integer)
            .map_err(|_| "must be a whole number".to_owned()),
        Kind::Boolean => match text.trim() {
            "true" | "1" => Ok(toml::Value::Boolean(true)),
            "false" | "0" => Ok(toml::Value::Boolean(false)),
            _ => Err("must be true or false".to_owned()),
        },
        Kind::List if text.trim_start().starts_with('[') => inline(text),
        Kind::List => Ok(toml::Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| toml::Value::String(part.to_owned()))
                .collect(),
        )),
        Kind::Table => {
            inline(text).map_err(|message| format!("must be an inline TOML table: {message}"))
        }
    }
}
