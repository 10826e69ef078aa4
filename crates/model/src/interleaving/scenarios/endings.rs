//! Whatever is above a grant ends while it is refreshed and its tokens are checked.

use super::beginning::{bystanders, quiet, redeemed_offline, redeemed_online};
use super::{FOREIGN, OWN, Offer, SESSION, Scenario, USER};
use crate::state::Parent;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![logout(), endings(), client_sessions(), offline()]
}

/// The user logs out or gets a new password while an online grant is refreshed, revoked, and its
/// tokens are checked.
fn logout() -> Scenario {
    Scenario {
        name: "logout",
        prelude: [redeemed_online(), bystanders()].concat(),
        budget: 4,
        instants: vec![0, 10],
        offers: vec![
            Offer::Refresh,
            Offer::Check,
            Offer::EndGrant,
            Offer::End(Parent::User(USER)),
            Offer::End(Parent::BrowserSession(SESSION)),
        ],
        shows: REFRESHED_AND_ENDED,
        ..quiet()
    }
}

/// Anything above an online grant ends while it is refreshed and its tokens are checked.
fn endings() -> Scenario {
    Scenario {
        name: "endings",
        budget: 3,
        instants: vec![0],
        offers: vec![
            Offer::Refresh,
            Offer::Check,
            Offer::EndGrant,
            Offer::End(Parent::User(USER)),
            Offer::End(Parent::BrowserSession(SESSION)),
            Offer::End(Parent::ClientSession(SESSION, OWN)),
            Offer::End(Parent::Consent(USER, OWN)),
            Offer::End(Parent::Client(OWN)),
        ],
        ..logout()
    }
}

/// One client's part of the browser session ends, or another's: the other parts continue.
fn client_sessions() -> Scenario {
    Scenario {
        name: "client sessions",
        budget: 5,
        instants: vec![0],
        offers: vec![
            Offer::Refresh,
            Offer::Check,
            Offer::End(Parent::ClientSession(SESSION, OWN)),
            Offer::End(Parent::ClientSession(SESSION, FOREIGN)),
        ],
        shows: &[
            "a refresh token rotates",
            "a refresh meets its grant's end",
            "a token's grant has ended",
            "a token outlives another client's session",
            "tokens are returned beside their ending",
        ],
        ..logout()
    }
}

/// An offline grant while the browser session and the user end.
fn offline() -> Scenario {
    Scenario {
        name: "offline",
        prelude: redeemed_offline(),
        budget: 6,
        offers: vec![
            Offer::Refresh,
            Offer::Check,
            Offer::End(Parent::User(USER)),
            Offer::End(Parent::BrowserSession(SESSION)),
        ],
        shows: &[
            "an offline token outlives its browser session",
            "a token's grant has ended",
            "a refresh meets its grant's end",
        ],
        ..quiet()
    }
}

const REFRESHED_AND_ENDED: &[&str] = &[
    "a refresh token rotates",
    "a rotation is repeated",
    "two racers get the same successor",
    "a refresh meets its grant's end",
    "a token is active",
    "a token's grant has ended",
    "tokens are returned beside their ending",
];
