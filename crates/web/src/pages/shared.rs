//! The pages and parts of pages that every site has.

use super::contribution::PageSet;
use super::language::Language;
use super::samples;

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
