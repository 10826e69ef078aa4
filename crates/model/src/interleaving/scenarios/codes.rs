//! A code: redeemed, replaced, deleted, collected.

use super::beginning::{bystanders, issued_online, quiet};
use super::{FOREIGN, ONLINE, OWN, Offer, Scenario};
use crate::interleaving::sign_in::Consent;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![redemption(), deletion(), collection()]
}

/// A code is redeemed by several at once, rightly and wrongly, while the authorization is finished
/// again.
fn redemption() -> Scenario {
    Scenario {
        name: "redemption",
        prelude: [issued_online(), bystanders()].concat(),
        budget: 5,
        instants: vec![0, 10],
        clients: &[OWN, FOREIGN],
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Redeem,
            Offer::Check,
        ],
        shows: &[
            "a code is redeemed",
            "a code is replayed",
            "a used code comes with a wrong proof",
            "a code is invalidated",
            "a code has expired",
            "a replaced code is unknown",
            "another client's code is refused",
            "a code is replaced",
            "a finished authorization is refused",
            "a token is active",
            "a token's grant has ended",
            "tokens are returned beside their ending",
        ],
        ..quiet()
    }
}

/// All unused codes are deleted while one is redeemed and replaced.
fn deletion() -> Scenario {
    Scenario {
        name: "deletion",
        prelude: [issued_online(), bystanders()].concat(),
        budget: 5,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Redeem,
            Offer::DeleteCodes,
            Offer::Check,
        ],
        shows: &[
            "a code is redeemed",
            "a deleted code is refused",
            "a finished authorization is refused",
            "a token is active",
        ],
        ..quiet()
    }
}

/// A grant from its code to its collection, with a form that may be sent for longer than the code
/// is valid.
fn collection() -> Scenario {
    Scenario {
        name: "collection",
        prelude: issued_online(),
        budget: 4,
        instants: vec![0, 10, 15, 25, 35],
        form_seconds: 20,
        collect_after_seconds: 5,
        offers: vec![
            Offer::SignIn(ONLINE, Consent::Remembered),
            Offer::Redeem,
            Offer::Refresh,
            Offer::Collect,
        ],
        shows: &[
            "a grant is collected",
            "a code is replayed",
            "a code has expired",
            "a code is replaced",
            "a finished authorization is refused",
        ],
        ..quiet()
    }
}
