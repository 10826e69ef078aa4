//! Refresh tokens of every age, presented rightly and wrongly.

use std::sync::Arc;

use super::beginning::{bystanders, quiet, redeemed_online};
use super::{FOREIGN, OWN, Offer, Scenario, USER};
use crate::state::{Client, Parent, Setup};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![rotation(), shortcuts(), rotation_off()]
}

/// Refresh tokens of every age are presented by their client and by another, within the grace and
/// after it.
fn rotation() -> Scenario {
    Scenario {
        name: "rotation",
        prelude: [redeemed_online(), bystanders()].concat(),
        budget: 5,
        instants: vec![0, 10, 20],
        clients: &[OWN, FOREIGN],
        offers: vec![Offer::Refresh],
        shows: &[
            "a refresh token rotates",
            "a rotation is repeated",
            "two racers get the same successor",
            "a refresh token is reused",
            "a refresh token has expired",
            "another client's refresh token is refused",
            "a refresh meets its grant's end",
        ],
        ..quiet()
    }
}

/// Refreshes with another fault beside, of a grant whose user allows less meanwhile.
fn shortcuts() -> Scenario {
    Scenario {
        name: "shortcuts",
        prelude: redeemed_online(),
        budget: 4,
        instants: vec![0, 10],
        clients: &[OWN, FOREIGN],
        offers: vec![Offer::Refresh, Offer::FaultyRefresh, Offer::Narrow],
        shows: &[
            "a fault is returned for a token that is good",
            "a used token with a fault is reuse",
            "another client's refresh token is refused",
            "a rotation is repeated",
        ],
        ..quiet()
    }
}

/// A client whose refresh tokens stay, which revokes and is revoked.
fn rotation_off() -> Scenario {
    let setup = Setup {
        clients: vec![Client { rotates: false }; 2],
        ..Setup::clone(&quiet().setup)
    };
    Scenario {
        name: "rotation off",
        setup: Arc::new(setup),
        prelude: redeemed_online(),
        budget: 5,
        clients: &[OWN, FOREIGN],
        offers: vec![
            Offer::Refresh,
            Offer::Check,
            Offer::Deny,
            Offer::EndGrant,
            Offer::End(Parent::User(USER)),
        ],
        shows: &[
            "a refresh token is kept",
            "a token is denied",
            "a refresh meets its grant's end",
            "a token is active",
        ],
        ..quiet()
    }
}
