//! What a crate contributes to the pages: its templates, its texts, and a sample of each page.

use super::language::Language;
use super::pages_error::PagesError;
use super::samples;
use super::view::View;

/// The pages of one crate.
#[derive(Clone, Copy)]
pub struct PageSet {
    /// Name and source of each template. Names are shared by all sets, and an operator can put
    /// another template in the place of each.
    pub templates: &'static [(&'static str, &'static str)],
    /// The texts in a language, as a Fluent file. Names are shared by all sets.
    pub texts: fn(Language) -> &'static str,
    /// Shows every page, full and sparse, with harmless data, up to the first error. They are
    /// rendered when the pages are made, so that a template with a misspelt name fails then.
    pub samples: fn(&mut Visit<'_>) -> Result<(), PagesError>,
}

/// Looks at a view.
pub type Visit<'a> = dyn FnMut(&dyn View) -> Result<(), PagesError> + 'a;

/// The pages and parts of pages that every site has.
pub(super) const SHARED: PageSet = PageSet {
    templates: &[
        ("account.html", include_str!("templates/account.html")),
        ("base.html", include_str!("templates/base.html")),
        ("cause.html", include_str!("templates/cause.html")),
        (
            "client_links.html",
            include_str!("templates/client_links.html"),
        ),
        (
            "client_logo.html",
            include_str!("templates/client_logo.html"),
        ),
        ("error.html", include_str!("templates/error.html")),
        (
            "explanation.html",
            include_str!("templates/explanation.html"),
        ),
        ("form_post.html", include_str!("templates/form_post.html")),
        ("repost.html", include_str!("templates/repost.html")),
    ],
    texts: |language| match language {
        Language::English => include_str!("texts/en.ftl"),
        Language::German => include_str!("texts/de.ftl"),
    },
    samples: samples::each,
};
