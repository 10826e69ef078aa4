//! Pages whose form submits itself, with a button for browsers without JavaScript.
//!
//! [`FormPostView`] is OAuth 2.0 Form Post Response Mode 1.0: the response reaches the client in a
//! POST. [`RepostView`] sends a cross-site POST once more from our own origin, because
//! `SameSite=Lax` cookies did not come with the first.

use serde::Serialize;

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

    fn form_leads_to(&self) -> [Option<&str>; 2] {
        [Some(self.redirect_uri), self.client.client_uri]
    }

    fn submits_itself(&self) -> bool {
        true
    }
}

/// Posts the same parameters to ourselves again. Id of the button: `submit-continue`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct RepostView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The parameters as they came, in order; include whatever marks the second round.
    pub parameters: &'a [(&'a str, &'a str)],
    /// The address, if it is proven, that the second round may end in a redirect to.
    #[serde(skip)]
    pub redirect_uri: Option<&'a str>,
    /// Whose address that is.
    #[serde(skip)]
    pub client: Option<ClientView<'a>>,
}

impl View for RepostView<'_> {
    fn template(&self) -> &'static str {
        "repost.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn form_leads_to(&self) -> [Option<&str>; 2] {
        [
            self.redirect_uri,
            self.client.and_then(|client| client.client_uri),
        ]
    }

    fn submits_itself(&self) -> bool {
        true
    }
}
