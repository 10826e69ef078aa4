//! Causes of the logout endpoint.

use crate::error::causes;

causes! {
    /// Why nobody was signed out, or not sent back.
    pub enum LogoutFault {
        HintInvalid = "logout_hint_invalid" InvalidRequest Shape page InvalidLogoutRequest {
            rule: "id_token_hint is an ID token that this server issued (RP-Initiated Logout 2).",
            received: "Something that is none, or another server's.",
            expected: "The id_token of the sign-in; it may have expired.",
            fix: "Keep the id_token beside the session and send it as it is.",
        }
        HintOfAnotherClient = "logout_hint_of_another_client" InvalidRequest Hidden page InvalidLogoutRequest {
            rule: "client_id and the audience of id_token_hint are the same client (RP-Initiated Logout 2).",
            received: "Two different clients, or one that is not active.",
            expected: "The client that the ID token was issued to.",
            fix: "Leave client_id out; the hint says it.",
        }
        RedirectWithoutHint = "logout_redirect_without_hint" InvalidRequest Shape page InvalidLogoutRequest {
            rule: "Without id_token_hint it is not certain who asks, so nobody is sent anywhere (RP-Initiated Logout 3).",
            received: "post_logout_redirect_uri without id_token_hint.",
            expected: "Both.",
            fix: "Send the id_token of the sign-in along.",
        }
        RedirectNotRegistered = "logout_redirect_not_registered" InvalidRequest Hidden page InvalidLogoutRequest {
            rule: "post_logout_redirect_uri is compared character by character (RP-Initiated Logout 3).",
            received: "An address that the client did not register.",
            expected: "One of its post_logout_redirect_uris.",
            fix: "Register it with `countersign client update CLIENT_ID --post-logout-redirect-uri ...`, together with those that are there.",
        }
        ConfirmationInvalid = "logout_confirmation_invalid" AccessDenied Hidden page OtherBrowser {
            rule: "A confirmation counts from the browser and in the time that the page was made for.",
            received: "A form from another browser, too old, or changed.",
            expected: "The form of the page.",
            fix: "Start again.",
        }
        RequestTooLong = "logout_request_too_long" InvalidRequest Shape page InvalidLogoutRequest {
            rule: "The request is carried through the page that asks, which has a limit (`interactions.max_bytes`).",
            received: "A request above the limit.",
            expected: "A state of some hundred characters at most.",
            fix: "Keep the application's state on your side, under a short random state.",
        }
    }
}
