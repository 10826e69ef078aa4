//! The embedded templates by name. An operator can put another in the place of each.

/// Name and source of each template.
pub(super) const EMBEDDED: &[(&str, &str)] = &[
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
    ("consent.html", include_str!("templates/consent.html")),
    ("error.html", include_str!("templates/error.html")),
    (
        "explanation.html",
        include_str!("templates/explanation.html"),
    ),
    ("form_post.html", include_str!("templates/form_post.html")),
    ("logged_out.html", include_str!("templates/logged_out.html")),
    ("login.html", include_str!("templates/login.html")),
    ("logout.html", include_str!("templates/logout.html")),
    (
        "logout_problem.html",
        include_str!("templates/logout_problem.html"),
    ),
    ("repost.html", include_str!("templates/repost.html")),
    (
        "select_account.html",
        include_str!("templates/select_account.html"),
    ),
    ("setup.html", include_str!("templates/setup.html")),
    ("setup_done.html", include_str!("templates/setup_done.html")),
    (
        "your_account.html",
        include_str!("templates/your_account.html"),
    ),
];
