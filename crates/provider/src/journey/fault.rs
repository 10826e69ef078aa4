//! Causes of a journey: why it ended without success, and why a page's form did not lead on.

use crate::error::{Failure, causes};
use crate::pages::error_kind::{INTERACTION_EXPIRED, OTHER_BROWSER};
use crate::sealed_form::NotOpened;

causes! {
    /// Why a journey ended before its destination.
    pub enum JourneyFault {
        LoginRequired = "login_required" LoginRequired Shape {
            rule: "With prompt=none no page may be shown (OpenID Connect Core, section 3.1.2.6).",
            received: "prompt=none, and the user is not signed in, did not sign in recently enough, or is not the user that the hint names.",
            expected: "A signed-in user.",
            fix: "Start an ordinary sign-in.",
        }
        ConsentRequired = "consent_required" ConsentRequired Shape {
            rule: "With prompt=none no page may be shown (OpenID Connect Core, section 3.1.2.6).",
            received: "prompt=none, and the user has not granted these scopes to this client.",
            expected: "A remembered consent.",
            fix: "Ask once without prompt=none.",
        }
        OtherUserThanHinted = "other_user_than_hinted" LoginRequired Shape {
            rule: "If someone other than the user that id_token_hint names signs in, the response is an error (OpenID Connect Core, section 3.1.2.1).",
            received: "A sign-in by another user.",
            expected: "The user that the hint names.",
            fix: "Leave id_token_hint out to let anyone sign in.",
        }
        AcrNotReached = "acr_not_reached" UnmetAuthenticationRequirements Shape {
            rule: "A sign-in fails if its acr is not one of those that are requested as essential (OpenID Connect Core, section 5.5.1.1; OpenID Connect Core Unmet Authentication Requirements, section 2).",
            received: "A claims parameter with an essential acr that this sign-in can't reach.",
            expected: "One of acr_values_supported.",
            fix: "Request acr as a voluntary claim or with acr_values, and check the acr in the ID token.",
        }
        Cancelled = "sign_in_cancelled" AccessDenied Shape {
            rule: "A user may refuse (RFC 6749, section 4.1.2.1).",
            received: "The user cancelled the sign-in.",
            expected: "Either: it is the user's choice.",
            fix: "Offer to try again.",
        }
        ConsentDenied = "consent_denied" AccessDenied Shape {
            rule: "A user may refuse (RFC 6749, section 4.1.2.1).",
            received: "The user denied the client's request.",
            expected: "Either: it is the user's choice.",
            fix: "Explain what the scopes are for, or ask for fewer.",
        }
    }
}

causes! {
    /// Why a page's form did not lead on.
    pub enum InteractionFault {
        TooLong = "authorize_parameter_too_long" InvalidRequest Shape {
            rule: "The sign-in pages carry the request along, up to a limit (`interactions.max_bytes`).",
            received: "Parameters larger than the form of a page may carry.",
            expected: "A state and a nonce of a few hundred characters at most.",
            fix: "Keep the application's state on your side, and send a short random value that refers to it.",
        }
        Missing = "interaction_missing" InvalidRequest Hidden page OTHER_BROWSER {
            rule: "The forms of a sign-in carry the sealed request that they belong to.",
            received: "A form without the sealed request.",
            expected: "The form as the page sends it.",
            fix: "Start again from the application.",
        }
        OpenedByHand = "interaction_opened_by_hand" InvalidRequest Hidden page INTERACTION_EXPIRED {
            rule: "The pages of a sign-in are responses to an authorization request and have no address of their own.",
            received: "The address of a sign-in page, opened by hand or from a bookmark.",
            expected: "A sign-in that starts at the application.",
            fix: "Open the application and sign in there.",
        }
        Unreadable = "interaction_unreadable" InvalidRequest Hidden page OTHER_BROWSER {
            rule: "The sealed request is opened with the key that sealed it.",
            received: "A form that does not open: truncated, changed, or sealed with a key that no longer exists.",
            expected: "The unchanged form.",
            fix: "Start again from the application. After the master key has changed, this is expected once.",
        }
        Expired = "interaction_expired" InvalidRequest Hidden page INTERACTION_EXPIRED {
            rule: "A sign-in takes at most `interactions.lifetime_seconds`.",
            received: "A form that has expired.",
            expected: "A form within that time.",
            fix: "Nothing: the sign-in starts again by itself.",
        }
        OtherBrowser = "interaction_other_browser" AccessDenied Hidden page OTHER_BROWSER {
            rule: "A form is accepted only from the browser that it was made for, so that another site cannot post it.",
            received: "A form without the cookie that it is bound to, or with another one.",
            expected: "The cookie that was set with the page.",
            fix: "Allow cookies for this site, and start again from the application.",
        }
        OtherUser = "interaction_other_user" AccessDenied Hidden page OTHER_BROWSER {
            rule: "Consent is given by the user who was shown the page.",
            received: "A consent form that was sent after the session ended or another user signed in.",
            expected: "The same user.",
            fix: "Nothing: the sign-in continues with the user who is signed in now.",
        }
        ClientChanged = "interaction_client_changed" AccessDenied Hidden page OTHER_BROWSER {
            rule: "Consent is given to the client that the page showed.",
            received: "A consent form for a client that no one vouches for, and that has changed its name, addresses or keys since the page was shown.",
            expected: "The same client.",
            fix: "Nothing to fix: the user is asked again, for the client as it is now.",
        }
    }
}

impl InteractionFault {
    /// Why a sealed form of these pages was not taken.
    pub fn not_opened(why: NotOpened) -> Failure {
        match why {
            NotOpened::Missing => InteractionFault::Missing,
            NotOpened::Unreadable => InteractionFault::Unreadable,
            NotOpened::Expired => InteractionFault::Expired,
            NotOpened::OtherBrowser => InteractionFault::OtherBrowser,
        }
        .into()
    }
}
