//! Acts that consist of a read and a commit, with conflicts and lost responses.

use super::beginning::{issued_online, quiet, redeemed_online};
use super::{Engine, ONLINE, OWN, Offer, SESSION, Scenario, USER};
use crate::interleaving::sign_in::Consent;
use crate::state::Parent;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![redemption(), deletion(), rotation(), reuse(), endings()]
}

/// A code is redeemed and replaced while upkeep writes the record.
fn redemption() -> Scenario {
    Scenario {
        name: "shared redemption",
        engine: Engine::Shared,
        prelude: issued_online(),
        budget: 3,
        cuts: 2,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Redeem,
            Offer::Upkeep,
        ],
        shows: &[
            "a code is redeemed",
            "a code is replayed",
            "a code is replaced",
            "a replaced code is unknown",
            "a commit conflicts",
            "a commit is sent again",
            "an act whose response was lost is found again",
            "an act of unknown fate is contended",
        ],
        ..quiet()
    }
}

/// All unused codes are deleted while one is redeemed and replaced.
fn deletion() -> Scenario {
    Scenario {
        name: "shared deletion",
        budget: 3,
        cuts: 1,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Redeem,
            Offer::DeleteCodes,
        ],
        shows: &[
            "a code is redeemed",
            "a code is replaced",
            "a deleted code is refused",
            "a commit conflicts",
            "an act whose response was lost is found again",
        ],
        ..redemption()
    }
}

/// A refresh token is rotated, repeated and reused beside upkeep.
fn rotation() -> Scenario {
    Scenario {
        name: "shared rotation",
        engine: Engine::Shared,
        prelude: redeemed_online(),
        budget: 3,
        cuts: 1,
        instants: vec![0, 10],
        offers: vec![
            Offer::Refresh,
            Offer::FaultyRefresh,
            Offer::EndGrant,
            Offer::Upkeep,
        ],
        shows: &[
            "a refresh token rotates",
            "a rotation is repeated",
            "two racers get the same successor",
            "a refresh token is reused",
            "a used token with a fault is reuse",
            "a commit conflicts",
            "an act whose response was lost is found again",
            "an act of unknown fate is contended",
        ],
        ..quiet()
    }
}

/// Long enough for a rotation that two others follow.
fn reuse() -> Scenario {
    Scenario {
        name: "shared reuse",
        budget: 5,
        cuts: 1,
        instants: vec![0],
        offers: vec![Offer::Refresh],
        shows: &[
            "a refresh token rotates",
            "a rotation is repeated",
            "a refresh token is reused",
            "a commit conflicts",
            "an act whose response was lost is found again",
            "an act of unknown fate is contended",
        ],
        ..rotation()
    }
}

/// What is above a grant ends between the read and the commit, and after it.
fn endings() -> Scenario {
    Scenario {
        name: "shared endings",
        budget: 4,
        cuts: 1,
        instants: vec![0],
        offers: vec![
            Offer::Refresh,
            Offer::EndGrant,
            Offer::End(Parent::User(USER)),
            Offer::End(Parent::ClientSession(SESSION, OWN)),
        ],
        shows: &[
            "a refresh token rotates",
            "a refresh meets its grant's end",
            "tokens are returned beside their ending",
            "an act whose response was lost is found again",
            "an act of unknown fate is contended",
        ],
        ..rotation()
    }
}
