//! Settings from the environment: `COUNTERSIGN_*` for every field, `_FILE` for secrets, and the names that earlier systems used.

use std::collections::BTreeMap;
use std::path::Path;

use super::problem::Problem;
use super::settings::{Field, Kind};
use super::{Origin, fields};

/// A snapshot of the environment, so that tests need not change the real one.
pub type Environment = BTreeMap<String, String>;

/// The names of earlier systems and the fields that they set. They yield to `COUNTERSIGN_*`; quickstart ignores them, so that it
/// never touches somebody else's database.
pub const EARLIER_NAMES: &[(&str, &str)] = &[
    ("ISSUER_URL", "issuer"),
    ("DATABASE_URL", "store.url"),
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

/// The assignments in `environment`, lowest precedence first.
pub(super) fn assignments(
    environment: &Environment,
    with_earlier_names: bool,
    folder: &Path,
) -> Result<Vec<Assignment>, Vec<Problem>> {
    let fields = fields();
    let mut names: Vec<(String, &Field)> = Vec::new();
    if with_earlier_names {
        for (name, path) in EARLIER_NAMES {
            names.extend(
                fields
                    .iter()
                    .find(|field| field.path() == *path)
                    .map(|field| ((*name).to_owned(), field)),
            );
        }
    }
    names.extend(fields.iter().map(|field| (field.environment_name(), field)));

    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (name, field) in names {
        match read(environment, &name, field, folder) {
            Ok(assignment) => found.extend(assignment),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
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

/// Names that begin like ours but set nothing, to be warned about. They aren't refused: container platforms add names of their own.
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

fn read(
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

/// Reads a text from the environment or the command line as a value of that kind. A relative path begins at `folder`.
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
