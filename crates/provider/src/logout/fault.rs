//! Causes of the logout endpoint, and what a page says of them.

use crate::error::{Failure, causes};
use crate::pages::LogoutProblem;

causes! {
    /// Which part of a logout request was not used, and why.
    pub enum LogoutFault {
        HintInvalid = "logout_hint_invalid" InvalidRequest Shape {
            rule: "id_token_hint is an ID token that this server issued (RP-Initiated Logout, sections 2 and 4).",
            received: "An id_token_hint that is not an ID token, or one of another server.",
            expected: "The id_token of the sign-in; it may have expired.",
            fix: "Store the id_token with the session, and send it unchanged.",
        }
        HintOfAnotherClient = "logout_hint_of_another_client" InvalidRequest Hidden {
            rule: "client_id and the audience of id_token_hint must name the same client (RP-Initiated Logout, section 2).",
            received: "A client_id and an id_token_hint of two different clients.",
            expected: "The client that the ID token was issued to.",
            fix: "Leave client_id out; the hint names the client.",
        }
        ClientUnknown = "logout_client_unknown" InvalidRequest Hidden {
            rule: "client_id, or the audience of id_token_hint, must name a client of this server (RP-Initiated Logout, section 2).",
            received: "A client that does not exist or is disabled.",
            expected: "The client_id from registration.",
            fix: "`countersign client list` shows the clients.",
        }
        RedirectWithoutClient = "logout_redirect_without_client" InvalidRequest Shape {
            rule: "Without id_token_hint or client_id, the server cannot tell which client the address belongs to (RP-Initiated Logout, sections 2 and 3).",
            received: "post_logout_redirect_uri without a usable id_token_hint or client_id.",
            expected: "The id_token of the sign-in, or at least the client_id.",
            fix: "Send id_token_hint as well. The user is then not asked to confirm.",
        }
        RedirectNotRegistered = "logout_redirect_not_registered" InvalidRequest Hidden {
            rule: "post_logout_redirect_uri is compared character by character (RP-Initiated Logout, section 3).",
            received: "An address that the client did not register.",
            expected: "One of its post_logout_redirect_uris.",
            fix: "Register it with `countersign client update CLIENT_ID --add-post-logout-redirect-uri URI`.",
        }
        RequestUnreadable = "logout_request_unreadable" InvalidRequest Shape {
            rule: "The parameters are form-encoded, each at most once, within the limits (RP-Initiated Logout, section 2; OpenID Connect Core, section 13).",
            received: "Parameters that could not be read.",
            expected: "For example /logout?id_token_hint=...&post_logout_redirect_uri=...",
            fix: "Encode each value once and send each parameter once.",
        }
        ConfirmationInvalid = "logout_confirmation_invalid" AccessDenied Hidden {
            rule: "A confirmation is valid only in the browser that got the page, and only for a limited time.",
            received: "A form that is from another browser, too old, or changed.",
            expected: "The form as the page sends it.",
            fix: "Decide again on the page that is shown now.",
        }
        RequestTooLong = "logout_request_too_long" InvalidRequest Shape {
            rule: "The page that asks carries the request along, up to a limit (`interactions.max_bytes`).",
            received: "Parameters larger than the form of the page may carry.",
            expected: "A state of a few hundred characters at most.",
            fix: "Keep the application's state on your side, and send a short random value that refers to it.",
        }
    }
}

impl LogoutFault {
    pub(super) fn because(self, detail: impl Into<String>) -> Unusable {
        Unusable {
            fault: self,
            failure: Failure::from(self).detail(detail),
        }
    }

    fn problem(self) -> LogoutProblem {
        match self {
            LogoutFault::HintInvalid | LogoutFault::HintOfAnotherClient => LogoutProblem::Hint,
            LogoutFault::ClientUnknown | LogoutFault::RedirectWithoutClient => {
                LogoutProblem::Client
            }
            LogoutFault::RedirectNotRegistered => LogoutProblem::ReturnAddress,
            LogoutFault::RequestUnreadable => LogoutProblem::Unreadable,
            LogoutFault::ConfirmationInvalid => LogoutProblem::Confirmation,
            LogoutFault::RequestTooLong => LogoutProblem::TooLong,
        }
    }
}

/// A part of a request that was not used.
#[derive(Debug)]
pub(super) struct Unusable {
    fault: LogoutFault,
    /// For the log.
    pub failure: Failure,
}

impl Unusable {
    /// What the page says of it.
    pub fn problem(&self) -> LogoutProblem {
        self.fault.problem()
    }
}

impl From<LogoutFault> for Unusable {
    fn from(fault: LogoutFault) -> Unusable {
        Unusable {
            fault,
            failure: fault.into(),
        }
    }
}
