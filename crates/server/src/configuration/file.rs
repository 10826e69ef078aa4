//! Reading the TOML file: every field with its line; unknown fields are refused, with the nearest
//! known name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use countersign_settings::Kind;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use super::{Origin, fields};
use countersign_settings::spelling;

/// A file's values, where each was written, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) values: toml::Table,
    pub(super) origins: BTreeMap<String, Origin>,
    pub(super) problems: Vec<Problem>,
    pub(super) has_syntax_errors: bool,
}

/// Reads and checks the names in `text`, which was read from `path`. Relative paths in it are
/// relative to its folder. If the text is not valid TOML, the rest of it is read anyway.
pub(super) fn parse(path: &Path, text: &str) -> File {
    let place = |offset: Option<usize>| match offset {
        Some(offset) => format!("{}:{}", path.display(), line_of(text, offset)),
        None => path.display().to_string(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut file = File {
        has_syntax_errors: !errors.is_empty(),
        ..File::default()
    };
    file.problems.extend(errors.iter().map(|error| Problem {
        place: Some(place(error.span().map(|span| span.start))),
        field: None,
        message: format!(
            "not valid TOML: {}",
            error.message().trim().replace('\n', ", ")
        ),
    }));
    let mut lines = BTreeMap::new();
    collect_lines("", table.get_ref(), text, &mut lines);
    for (field, line) in lines {
        let origin = Origin::File {
            path: path.to_owned(),
            line,
        };
        match fault_of_name(&field, table.get_ref()) {
            None => _ = file.origins.insert(field, origin),
            Some(message) => file.problems.push(Problem {
                place: Some(origin.to_string()),
                field: Some(field),
                message,
            }),
        }
    }
    // What can't be read as a value has already been reported as a syntax error.
    file.values = toml::Table::deserialize(toml::de::Deserializer::from(table)).unwrap_or_default();
    anchor_paths(&mut file.values, path.parent().unwrap_or(Path::new("")));
    file
}

fn collect_lines(
    prefix: &str,
    table: &DeTable<'_>,
    text: &str,
    lines: &mut BTreeMap<String, usize>,
) {
    for (key, value) in table {
        let name = if prefix.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{prefix}.{}", key.get_ref())
        };
        let is_operators_own = NAMED_TABLES.iter().any(|table| table.field == prefix);
        if !is_operators_own {
            lines.insert(name.clone(), line_of(text, key.span().start));
        }
        if let DeValue::Table(inner) = value.get_ref() {
            collect_lines(&name, inner, text, lines);
        }
    }
}

/// A table whose entries the operator names.
struct NamedTable {
    field: &'static str,
    /// What an entry is, at the beginning of a sentence.
    entry: &'static str,
    members: &'static [&'static str],
}

const NAMED_TABLES: [NamedTable; 2] = [
    NamedTable {
        field: "scopes",
        entry: "A scope",
        members: &["title", "description", "claims"],
    },
    NamedTable {
        field: "resources",
        entry: "A resource",
        members: &[
            "scopes",
            "access_token_format",
            "access_token_algorithm",
            "access_token_lifetime_seconds",
            "introspecting_clients",
            "userinfo",
        ],
    },
];

impl NamedTable {
    /// Whether a path is below the table.
    fn has(&self, path: &str) -> bool {
        path.strip_prefix(self.field)
            .is_some_and(|below| below.starts_with('.'))
    }

    fn unknown_member(&self) -> String {
        let members: Vec<String> = self
            .members
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let (last, others) = members
            .split_last()
            .map_or(("", &[][..]), |(l, o)| (l.as_str(), o));
        format!(
            "unknown field. {} has {} and {last}.",
            self.entry,
            others.join(", ")
        )
    }
}

/// Why there is no field or section of that path, unless there is one.
fn fault_of_name(path: &str, table: &DeTable<'_>) -> Option<String> {
    let is_section = fields().iter().any(|field| field.section == path);
    let value = table.iter().find(|(key, _)| key.get_ref() == path);
    match value.map(|(_, value)| value.get_ref()) {
        Some(DeValue::Table(_)) | None => unknown(path),
        Some(_) if is_section => Some(format!(
            "must be a section: [{path}], with its fields below."
        )),
        Some(_) => unknown(path),
    }
}

fn unknown(path: &str) -> Option<String> {
    let fields = fields();
    let known = |candidate: &str| {
        fields
            .iter()
            .any(|field| field.path() == candidate || field.section == candidate)
    };
    if known(path) {
        return None;
    }
    // An entry may have any name, with dots too; what it holds may not.
    if let Some(table) = NAMED_TABLES.iter().find(|table| table.has(path)) {
        let member = path.rsplit('.').next().unwrap_or_default();
        return (!table.members.contains(&member)).then(|| table.unknown_member());
    }
    if let Some((parent, _)) = path.rsplit_once('.')
        && !known(parent)
    {
        return Some("unknown field in an unknown section.".to_owned());
    }
    let elsewhere = fields
        .iter()
        .find(|field| path.rsplit('.').next() == Some(field.name))
        .map(countersign_settings::Field::path);
    let candidates: Vec<String> = fields
        .iter()
        .flat_map(|field| [field.path(), field.section.to_owned()])
        .filter(|candidate| !candidate.is_empty())
        .collect();
    let nearest = spelling::near(path, candidates.iter().map(String::as_str), 3);
    Some(match (elsewhere.as_deref(), nearest.first().copied()) {
        (Some(candidate), _) | (None, Some(candidate)) => {
            format!("unknown field. Did you mean `{candidate}`?")
        }
        (None, None) => {
            "unknown field. `countersign config reference` lists all fields.".to_owned()
        }
    })
}

fn anchor_paths(values: &mut toml::Table, folder: &Path) {
    for field in fields()
        .into_iter()
        .filter(|field| field.kind == Kind::Path)
    {
        let table = match field.section {
            "" => Some(&mut *values),
            section => values.get_mut(section).and_then(toml::Value::as_table_mut),
        };
        if let Some(toml::Value::String(path)) = table.and_then(|table| table.get_mut(field.name))
            && let Some(anchored) = folder
                .join(&*path)
                .components()
                .collect::<PathBuf>()
                .to_str()
        {
            *path = anchored.to_owned();
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse(Path::new("countersign.toml"), text)
            .problems
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_unknown_field_is_refused_with_file_line_and_the_nearest_name() {
        assert_eq!(
            problems("issuer = \"https://id.example\"\n\n[http]\nmax_body_byte = 1\n"),
            [
                "countersign.toml:4: http.max_body_byte: unknown field. Did you mean `http.max_body_bytes`?"
            ]
        );
        assert_eq!(
            problems("access_token_lifetime_seconds = 1\n"),
            [
                "countersign.toml:1: access_token_lifetime_seconds: unknown field. Did you mean `tokens.access_token_lifetime_seconds`?"
            ]
        );
        assert_eq!(
            problems("[resources.\"https://api.example.com/v1\"]\nscopes = [\"a\"]\nscope = []\n"),
            [
                "countersign.toml:3: resources.https://api.example.com/v1.scope: unknown field. A resource has `scopes`, `access_token_format`, `access_token_algorithm`, `access_token_lifetime_seconds`, `introspecting_clients` and `userinfo`."
            ]
        );
        for resources in [
            "[resources.\"https://api.example.com\"]\nscopes = [\"a\"]\n",
            "[resources]\n\"https://api.example.com\" = { userinfo = true }\n",
            "resources = { \"urn:api\" = {}, \"http://127.0.0.1:1/mcp\" = { scopes = [] } }\n",
            "[resources.api]\n",
        ] {
            assert_eq!(problems(resources), [""; 0], "{resources}");
        }
        assert_eq!(
            problems("[scopes.invoices]\ndescription = \"a\"\nclaim = []\n"),
            [
                "countersign.toml:3: scopes.invoices.claim: unknown field. A scope has `title`, `description` and `claims`."
            ]
        );
        assert_eq!(
            problems("[wholly.elsewhere]\n").first().unwrap(),
            "countersign.toml:1: wholly: unknown field. `countersign config reference` lists all fields."
        );
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let problems = problems("issuer = \"https://id.example\"\nlisten = \n");
        assert!(
            problems
                .first()
                .unwrap()
                .starts_with("countersign.toml:2: not valid TOML: "),
            "{problems:?}"
        );
    }

    #[test]
    fn a_syntax_error_hides_no_other_fault() {
        let problems =
            problems("isuer = \"https://id.example\"\nlisten = \nhttp = 3\ndata_dir = \n");
        for (index, begin) in [
            "countersign.toml:2: not valid TOML: ",
            "countersign.toml:4: not valid TOML: ",
            "countersign.toml:3: http: must be a section: [http]",
            "countersign.toml:1: isuer: unknown field. Did you mean `issuer`?",
        ]
        .iter()
        .enumerate()
        {
            assert!(problems[index].starts_with(begin), "{problems:?}");
        }
        assert_eq!(problems.len(), 4);
    }

    #[test]
    fn relative_paths_are_relative_to_the_file() {
        let file = parse(
            Path::new("/etc/countersign/main.toml"),
            "data_dir = \"data\"\n[pages]\ntemplate_dir = \"/srv/pages\"\n",
        );
        assert_eq!(
            file.values.get("data_dir").and_then(toml::Value::as_str),
            Some("/etc/countersign/data")
        );
        assert_eq!(
            file.values
                .get("pages")
                .and_then(|pages| pages.get("template_dir"))
                .and_then(toml::Value::as_str),
            Some("/srv/pages")
        );
        assert_eq!(
            file.origins
                .get("data_dir")
                .map(ToString::to_string)
                .as_deref(),
            Some("/etc/countersign/main.toml:1")
        );
    }
}
