//! The one place where a setting's name, type, default and description meet.
//!
//! [`section!`] turns a list of fields into a struct that TOML is read into and into a table of [`Field`]s. The table drives the
//! environment, `countersign config print` and the reference in docs/configuration.md, so none of them can drift from the struct.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::secret::Secret;

/// One setting, as the reference and the environment see it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The section that it stands in, empty for the top of the file.
    pub section: &'static str,
    /// Its name within the section.
    pub name: &'static str,
    /// What it does, in sentences.
    pub documentation: &'static str,
    /// What may be written there.
    pub kind: Kind,
    /// The least and the greatest value of a whole number.
    pub range: Option<(i64, i64)>,
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
    /// A list of texts; in the environment separated by commas.
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
            Kind::List => "list of texts".to_owned(),
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
    Integer: u16, u32, u64, usize;
    Boolean: bool;
    List: Vec<String>;
    Secret: Secret;
    Path: PathBuf;
}

impl<T: Setting> Setting for Option<T> {
    const KIND: Kind = T::KIND;
}

impl<T> Setting for BTreeMap<String, T> {
    const KIND: Kind = Kind::Table;
}

/// Two limits as a range; none is none.
pub(super) const fn range(limits: &[i64]) -> Option<(i64, i64)> {
    match limits {
        [least, most] => Some((*least, *most)),
        _ => None,
    }
}

/// Declares a section: `Name in "toml_name" { /// doc  field: Type = default, least to most; }`.
macro_rules! section {
    (
        $(#[doc = $section_documentation:literal])*
        $name:ident in $section:literal {
            $( $(#[doc = $documentation:literal])* $field:ident: $type:ty = $default:expr $(, $least:literal to $most:literal)?; )*
        }
        $( sections { $( $part:ident: $part_type:ty; )* } )?
    ) => {
        $(#[doc = $section_documentation])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $( $(#[doc = $documentation])* pub $field: $type, )*
            $( $( #[doc = concat!("The section `[", stringify!($part), "]`.")] pub $part: $part_type, )* )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* $( $( $part: <$part_type>::default(), )* )? }
            }
        }

        impl $name {
            /// What the section is for.
            pub const DOCUMENTATION: &'static str = concat!($($section_documentation, "\n"),*);
            /// The section's own fields, in the order of the reference.
            pub const FIELDS: &'static [$crate::configuration::settings::Field] = &[
                $( $crate::configuration::settings::Field {
                    section: $section,
                    name: stringify!($field),
                    documentation: concat!($($documentation, "\n"),*),
                    kind: <$type as $crate::configuration::settings::Setting>::KIND,
                    range: $crate::configuration::settings::range(&[$($least, $most)?]),
                }, )*
            ];
        }
    };
}

/// Declares an enum of words that a field may hold.
macro_rules! choice {
    ($(#[doc = $documentation:literal])* $name:ident { $( $(#[doc = $variant_documentation:literal])* $variant:ident = $word:literal, )* }) => {
        $(#[doc = $documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[doc = $variant_documentation])* #[serde(rename = $word)] $variant, )*
        }

        impl $crate::configuration::settings::Setting for $name {
            const KIND: $crate::configuration::settings::Kind =
                $crate::configuration::settings::Kind::Choice(&[$($word),*]);
        }
    };
}

pub(super) use {choice, section};
