//! Pages whose form submits itself, with a button for browsers without JavaScript.
//!
//! [`FormPostView`] is OAuth 2.0 Form Post Response Mode 1.0: the response reaches the client in a
//! POST. [`RepostView`] sends a cross-site POST once more from our own origin, because
//! `SameSite=Lax` cookies did not come with the first.

use serde::Serialize;

use super::scripts::Script;
use super::view::{ClientView, Value, View, context_of};

/// Posts an authorization response to the client. Id of the button: `submit-continue`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct FormPostView<'a> {
    /// The proven redirect URI.
    pub redirect_uri: &'a str,
    /// The response's parameters in order.
    pub parameters: &'a [(&'a str, &'a str)],
    /// Whom it is for.
    pub client: ClientView<'a>,
}

impl View for FormPostView<'_> {
    fn template(&self) -> &'static str {
        "form_post.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn may_lead_to_client(&self) -> bool {
        true
    }

    fn script(&self) -> Option<Script> {
        Some(Script::SubmitForm)
    }
}

/// Posts the same parameters to ourselves again. Id of the button: `submit-continue`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct RepostView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The parameters as they came, in order; include whatever marks the second round.
    pub parameters: &'a [(&'a str, &'a str)],
}

impl View for RepostView<'_> {
    fn template(&self) -> &'static str {
        "repost.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    /// The second round of an authorization or a sign-out may end at the client at once.
    fn may_lead_to_client(&self) -> bool {
        true
    }

    fn script(&self) -> Option<Script> {
        Some(Script::SubmitForm)
    }
}
