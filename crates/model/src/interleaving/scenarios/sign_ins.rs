//! Sign-ins, from their password to their token, beside whatever may end them.

use super::beginning::{quiet, redeemed_online};
use super::{ONLINE, OWN, Offer, SESSION, Scenario, USER};
use crate::interleaving::sign_in::Consent;
use crate::state::Parent;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![sign_in(), consent(), password(), disabling()]
}

/// A sign-in while the user and the session end.
fn sign_in() -> Scenario {
    Scenario {
        name: "sign-in",
        budget: 5,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Continue,
            Offer::Redeem,
            Offer::Check,
            Offer::End(Parent::User(USER)),
            Offer::End(Parent::BrowserSession(SESSION)),
        ],
        shows: &[
            "a code is invalid from the start",
            "a code is redeemed",
            "a token is active",
            "a token's grant has ended",
            "a code is replaced",
            "tokens are returned beside their ending",
        ],
        ..quiet()
    }
}

/// A sign-in while the consent is withdrawn, the client is disabled, and its session ends. The
/// consent is remembered, or given again.
fn consent() -> Scenario {
    Scenario {
        name: "consent",
        budget: 4,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::SignIn(ONLINE, Consent::Given),
            Offer::Redeem,
            Offer::Check,
            Offer::End(Parent::Consent(USER, OWN)),
            Offer::End(Parent::Client(OWN)),
            Offer::End(Parent::ClientSession(SESSION, OWN)),
        ],
        shows: &[
            "a code is invalid from the start",
            "a code is redeemed",
            "a token is active",
            "a token's grant has ended",
            "tokens are returned beside their ending",
        ],
        ..quiet()
    }
}

/// A new password, by processes that may die between its two steps, while someone signs in with the
/// old one.
fn password() -> Scenario {
    Scenario {
        name: "password",
        budget: 5,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Continue,
            Offer::ChangePassword,
            Offer::Redeem,
        ],
        shows: &[
            "a code is redeemed",
            "a code is invalid from the start",
            "a new password signs in before the old one's end",
        ],
        ..quiet()
    }
}

/// The user is disabled while a new password is set, whose response may be lost.
fn disabling() -> Scenario {
    Scenario {
        name: "disabling",
        prelude: redeemed_online(),
        budget: 5,
        cuts: 2,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::ChangePassword,
            Offer::Disable,
            Offer::Check,
        ],
        shows: &[
            "a token is active",
            "a token's grant has ended",
            "a finished authorization is refused",
        ],
        ..quiet()
    }
}
