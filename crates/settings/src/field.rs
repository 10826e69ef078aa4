//! One setting: its name, its documentation, and how a value is checked by itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

/// One setting, as the reference and the environment see it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The section that it belongs to, empty for the top of the file.
    pub section: &'static str,
    /// Its name within the section.
    pub name: &'static str,
    /// What it does, in sentences.
    pub documentation: &'static str,
    /// What may be written there.
    pub kind: Kind,
    /// The minimum and the maximum of a whole number.
    pub range: Option<(i64, i64)>,
    /// Tries to read a value as the field's type.
    reads: fn(toml::Value) -> Result<(), Misread>,
}

/// Why a value can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// Which part of it, as in `[2]` or `.invoices.claims`; empty for the whole.
    pub part: String,
    pub message: String,
}

impl Field {
    /// The dotted path, as in `http.max_body_bytes`.
    #[must_use]
    pub fn path(&self) -> String {
        if self.section.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}.{}", self.section, self.name)
        }
    }

    /// Checks a value by itself: its type, then its range.
    ///
    /// # Errors
    /// Returns a [`Misread`].
    pub fn check(&self, value: &toml::Value) -> Result<(), Misread> {
        if let (Some((least, greatest)), Some(number)) = (self.range, value.as_integer())
            && !(least..=greatest).contains(&number)
        {
            return Err(Misread {
                part: String::new(),
                message: format!("must be from {least} to {greatest}, not {number}."),
            });
        }
        (self.reads)(value.clone())
    }

    /// The environment variable that sets it, as in `COUNTERSIGN_HTTP__MAX_BODY_BYTES`.
    #[must_use]
    pub fn environment_name(&self) -> String {
        format!(
            "COUNTERSIGN_{}",
            self.path().to_uppercase().replace('.', "__")
        )
    }
}

/// What may be written in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Boolean,
    /// A list of text values; in the environment separated by commas.
    List,
    /// A table with names of the operator's own; in the environment an inline TOML table.
    Table,
    Secret,
    Path,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// The kind in the words of the reference.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Kind::Text => "text".to_owned(),
            Kind::Integer => "whole number".to_owned(),
            Kind::Boolean => "true or false".to_owned(),
            Kind::List => "list of text values".to_owned(),
            Kind::Table => "table".to_owned(),
            Kind::Secret => "secret text".to_owned(),
            Kind::Path => "path".to_owned(),
            Kind::Choice(words) => words
                .iter()
                .map(|word| format!("`{word}`"))
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }
}

/// A type that a field can have.
pub trait Setting {
    const KIND: Kind;
}

macro_rules! kinds {
    ($($kind:ident: $($type:ty),+;)+) => { $($(impl Setting for $type { const KIND: Kind = Kind::$kind; })+)+ };
}

kinds! {
    Text: String;
    Integer: u16, u32, u64, i64, usize;
    Boolean: bool;
    Path: PathBuf;
}

impl<T: Setting> Setting for Vec<T> {
    const KIND: Kind = Kind::List;
}

impl<T: Setting> Setting for Option<T> {
    const KIND: Kind = T::KIND;
}

impl<T> Setting for BTreeMap<String, T> {
    const KIND: Kind = Kind::Table;
}

/// Reads a value as a `T` and forgets it again.
fn reads<T: DeserializeOwned>(value: toml::Value) -> Result<(), Misread> {
    match serde_path_to_error::deserialize::<_, T>(value) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = error.inner().message().trim().to_owned();
            let part = match error.path().to_string() {
                whole if whole == "." => String::new(),
                element if element.starts_with('[') => element,
                member => format!(".{member}"),
            };
            Err(Misread { part, message })
        }
    }
}

impl Field {
    /// What [`section!`](crate::section) makes of a line.
    #[must_use]
    pub const fn new<T: Setting + DeserializeOwned>(
        section: &'static str,
        name: &'static str,
        documentation: &'static str,
        range: Option<(i64, i64)>,
    ) -> Self {
        Self {
            section,
            name,
            documentation,
            kind: T::KIND,
            range,
            reads: reads::<T>,
        }
    }
}

/// Two limits as a range; none is none.
#[must_use]
pub const fn range(limits: &[i64]) -> Option<(i64, i64)> {
    match limits {
        [least, greatest] => Some((*least, *greatest)),
        _ => None,
    }
}
