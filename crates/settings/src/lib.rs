//! What a setting is: declared once, where it is used, and read, shown and documented from there.
//!
//! [`section!`] declares the settings of one capability, [`settings!`] puts several together, and
//! [`Settings`] is what both are. Where values come from (a file, the environment) is the binary's
//! business.

mod declare;
mod field;
mod settings;
pub mod spelling;
mod text;

pub use field::{Field, Kind, Misread, Setting, range};
pub use settings::{Part, Settings, lookup, pick};
pub use text::from_text;
/// The values of a document, as TOML has them.
pub use toml::Table;
