//! The declarations: a section, several sections together, and an enum of words.

/// Declares a section: `Name in "toml_name" { /// doc  field: Type = default, least to greatest; }`.
///
/// The crate that uses it depends on serde.
#[macro_export]
macro_rules! section {
    (
        $(#[doc = $section_documentation:literal])*
        $name:ident in $section:literal {
            $( $(#[doc = $documentation:literal])* $field:ident: $type:ty = $default:expr $(, $least:literal to $greatest:literal)?; )*
        }
    ) => {
        $(#[doc = $section_documentation])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $( $(#[doc = $documentation])* pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $name {
            const PART: $crate::Part = $crate::Part {
                section: $section,
                documentation: concat!($($section_documentation, "\n"),*),
                fields: &[ $( $crate::Field::new::<$type>(
                    $section,
                    stringify!($field),
                    concat!($($documentation, "\n"),*),
                    $crate::range(&[$($least, $greatest)?]),
                ), )* ],
            };
        }

        impl $crate::Settings for $name {
            fn parts() -> Vec<$crate::Part> {
                vec![Self::PART]
            }

            fn read(values: &$crate::Table) -> Result<Self, String> {
                Self::PART.read(values)
            }

            fn write(&self, values: &mut $crate::Table) {
                Self::PART.write(self, values);
            }
        }
    };
}

/// Puts sections together: `Name { /// doc  field: Section, }`.
#[macro_export]
macro_rules! settings {
    (
        $(#[doc = $whole_documentation:literal])*
        $name:ident { $( $(#[doc = $documentation:literal])* $field:ident: $type:ty, )* }
    ) => {
        $(#[doc = $whole_documentation])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $( $(#[doc = $documentation])* pub $field: $type, )*
        }

        impl $crate::Settings for $name {
            fn parts() -> Vec<$crate::Part> {
                let parts = [$( <$type as $crate::Settings>::parts() ),*];
                parts.into_iter().flatten().collect()
            }

            fn read(values: &$crate::Table) -> Result<Self, String> {
                Ok(Self { $( $field: $crate::Settings::read(values)?, )* })
            }

            fn write(&self, values: &mut $crate::Table) {
                $( $crate::Settings::write(&self.$field, values); )*
            }
        }
    };
}

/// Declares an enum of words that a field may hold.
#[macro_export]
macro_rules! choice {
    ($(#[doc = $documentation:literal])* $name:ident { $( $(#[doc = $variant_documentation:literal])* $variant:ident = $word:literal, )* }) => {
        $(#[doc = $documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[doc = $variant_documentation])* #[serde(rename = $word)] $variant, )*
        }

        impl $crate::Setting for $name {
            const KIND: $crate::Kind = $crate::Kind::Choice(&[$($word),*]);
        }
    };
}
