//! Every page of this crate, full and sparse, with harmless data.

use super::contribution::Visit;
use super::error_kind;
use super::pages_error::PagesError;
use super::view::ClientView;
use super::{CauseView, ErrorView, Explanation, FormPostView, RepostView, WayOn};

pub(super) fn each(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    errors(visit)?;
    visit(&FormPostView {
        redirect_uri: CALLBACK,
        parameters: &[("code", "a"), ("state", "b")],
        client: CLIENT,
    })?;
    visit(&RepostView {
        action: "/action",
        parameters: &[("scope", "openid")],
    })
}

fn errors(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let sparse = Explanation {
        cause: "cause",
        rule: "A rule.",
        ..Explanation::default()
    };
    let full = Explanation {
        received: Some("this"),
        expected: Some("that"),
        value: Some("https://client.example/other"),
        fix: Some("Do so."),
        command: Some("do --so"),
        docs_url: Some(HOME),
        ..sparse
    };
    visit(&CauseView {
        code: "invalid_request",
        explain: full,
    })?;
    for kind in error_kind::ALL {
        let error = ErrorView::new(*kind, "request");
        visit(&error)?;
        visit(&ErrorView {
            explain: Some(sparse),
            way_on: WayOn {
                application: Some(HOME),
                place: Some("shop.example"),
                account: Some("/account"),
            },
            ..error
        })?;
        visit(&ErrorView {
            explain: Some(full),
            ..error
        })?;
    }
    Ok(())
}

const HOME: &str = "https://example.com/";
const CALLBACK: &str = "https://client.example/callback";
const CLIENT: ClientView<'static> = ClientView {
    name: "Example",
    logo: Some("/logo"),
    client_uri: Some(HOME),
    policy_uri: Some(HOME),
    tos_uri: Some(HOME),
    unverified: true,
};
