//! `countersign config print`: the effective values and where each came from, secrets masked.

use countersign_settings::{Field, Settings, lookup};

use super::{Effective, fields, sections};

/// The settings as TOML that could be read again, except for the masked secrets. Each line ends
/// with its origin.
#[must_use]
pub fn as_toml(effective: &Effective) -> String {
    let mut text = String::new();
    for (section, _, fields) in sections() {
        if !section.is_empty() {
            text.push_str(&format!("\n[{section}]\n"));
        }
        for field in fields {
            let origin = effective.origin(&field.path());
            match value(effective, &field) {
                Some(value) => text.push_str(&format!("{} = {value}  # {origin}\n", field.name)),
                None => text.push_str(&format!("# {} is not set\n", field.name)),
            }
        }
    }
    text
}

/// The same for machines: an object of dotted paths, each with `value` and `origin`.
#[must_use]
pub fn as_json(effective: &Effective) -> serde_json::Value {
    fields()
        .iter()
        .map(|field| {
            let value = value(effective, field).and_then(|value| serde_json::to_value(value).ok());
            let origin = effective.origin(&field.path()).to_string();
            (
                field.path(),
                serde_json::json!({ "value": value, "origin": origin }),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn value(effective: &Effective, field: &Field) -> Option<toml::Value> {
    let mut values = toml::Table::new();
    effective.configuration.write(&mut values);
    lookup(&values, field)
}
