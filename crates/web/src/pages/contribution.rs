//! What a crate contributes to the pages: its templates, its texts, and a sample of each page.

use super::language::Language;
use super::pages_error::PagesError;
use super::view::View;

/// The pages of one crate.
#[derive(Clone, Copy)]
pub struct PageSet {
    /// Name and source of each template. Names are shared by all sets, and an operator can put
    /// another template instead of each.
    pub templates: &'static [(&'static str, &'static str)],
    /// The texts in a language, as a Fluent file. Names are shared by all sets.
    pub texts: fn(Language) -> &'static str,
    /// Shows every page, full and sparse, with harmless data, up to the first error. They are
    /// rendered when the pages are made, so that a template with a misspelt name fails then.
    pub samples: fn(&mut Visit<'_>) -> Result<(), PagesError>,
}

/// Looks at a view.
pub type Visit<'a> = dyn FnMut(&dyn View) -> Result<(), PagesError> + 'a;
