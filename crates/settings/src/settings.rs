//! Settings as a whole: a section, or several sections together.

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::field::Field;

/// A section, or what is made up of sections. `Default` is the secure choice for each setting.
pub trait Settings: Default {
    /// The sections in the order of the reference.
    fn parts() -> Vec<Part>;

    /// Reads its own fields from a document's values; a field that is absent has its default.
    ///
    /// # Errors
    /// Why a value can't be read, in serde's words. [`Field::check`] names the field beforehand.
    fn read(values: &Table) -> Result<Self, String>;

    /// Writes its fields to a document's values.
    fn write(&self, values: &mut Table);
}

/// A section, or the fields of it that one capability owns.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its name in a document; empty for the top.
    pub section: &'static str,
    pub documentation: &'static str,
    pub fields: &'static [Field],
}

impl Part {
    /// What [`section!`](crate::section) reads its struct from.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn read<T: DeserializeOwned>(&self, values: &Table) -> Result<T, String> {
        let own = Value::Table(pick(values, self.fields));
        own.try_into()
            .map_err(|error: toml::de::Error| error.message().trim().to_owned())
    }

    /// What [`section!`](crate::section) writes its struct to.
    pub fn write<T: Serialize>(&self, section: &T, values: &mut Table) {
        let Ok(Value::Table(own)) = Value::try_from(section) else {
            return;
        };
        if self.section.is_empty() {
            values.extend(own);
            return;
        }
        let entry = values
            .entry(self.section)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Some(table) = entry.as_table_mut() {
            table.extend(own);
        }
    }
}

/// Those of a document's values that are the fields', by their names within the section.
#[must_use]
pub fn pick(values: &Table, fields: &[Field]) -> Table {
    fields
        .iter()
        .filter_map(|field| Some((field.name.to_owned(), lookup(values, field)?)))
        .collect()
}

/// The field's value in a document.
#[must_use]
pub fn lookup(values: &Table, field: &Field) -> Option<Value> {
    let table = match field.section {
        "" => values,
        section => values.get(section)?.as_table()?,
    };
    table.get(field.name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{section, settings};

    section! {
        /// Limits.
        Limits in "http" {
            /// The maximum size.
            max_bytes: u32 = 10, 1 to 100;
        }
    }

    section! {
        /// Names.
        Names in "http" {
            /// Who is served.
            hosts: Vec<String> = vec!["a".to_owned()];
        }
    }

    section! {
        /// The top.
        Top in "" {
            /// The folder.
            folder: Option<String> = None;
        }
    }

    settings! {
        /// Everything.
        Everything {
            top: Top,
            limits: Limits,
            names: Names,
        }
    }

    #[test]
    fn one_section_may_have_several_owners_and_each_reads_its_own() {
        let document: Table = toml::from_str("folder = \"here\"\n[http]\nmax_bytes = 7\n").unwrap();
        let read = Everything::read(&document).unwrap();
        assert_eq!(read.top.folder.as_deref(), Some("here"));
        assert_eq!(
            (read.limits.max_bytes, read.names.hosts.as_slice()),
            (7, &["a".to_owned()][..])
        );
        let mut written = Table::new();
        read.write(&mut written);
        assert_eq!(Everything::read(&written), Ok(read));
        assert_eq!(written["http"].as_table().map(Table::len), Some(2));
    }

    #[test]
    fn a_field_knows_its_path_its_range_and_its_documentation() {
        let parts = Everything::parts();
        let fields: Vec<Field> = parts
            .iter()
            .flat_map(|part| part.fields.iter().copied())
            .collect();
        assert_eq!(
            fields.iter().map(Field::path).collect::<Vec<_>>(),
            ["folder", "http.max_bytes", "http.hosts"]
        );
        let max_bytes = fields[1];
        assert_eq!(max_bytes.documentation.trim(), "The maximum size.");
        assert_eq!(max_bytes.environment_name(), "COUNTERSIGN_HTTP__MAX_BYTES");
        assert!(max_bytes.check(&Value::Integer(100)).is_ok());
        let fault = max_bytes.check(&Value::Integer(101)).unwrap_err();
        assert_eq!(fault.message, "must be from 1 to 100, not 101.");
        assert!(max_bytes.check(&Value::String("a".to_owned())).is_err());
    }
}
