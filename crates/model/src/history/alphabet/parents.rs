//! What ends, disables, enables and renews the records above a grant.

use crate::acts::{Act, Epoch, Secret, Under, UserId};
use crate::history::alphabet::Place;
use crate::state::{Parent, State};

/// The endings of everything that the grant belongs to.
pub(in crate::history) fn endings(state: &State, place: &Place) -> Vec<Act> {
    let user: UserId = state.setup.user_of(place.under);
    let client = place.client;
    let mut acts = vec![
        Act::EndUser {
            user,
            epoch: next(state, Parent::User(user)),
        },
        Act::WithdrawConsent { user, client },
        Act::EndClient {
            client,
            epoch: next(state, Parent::Client(client)),
        },
    ];
    if let Under::BrowserSession(browser_session) = place.under {
        acts.push(Act::EndBrowserSession { browser_session });
        acts.push(Act::EndClientSession {
            browser_session,
            client,
        });
    }
    acts
}

/// What disables and enables the grant's user and client, and an ending that is sent again.
pub(in crate::history) fn standings(state: &State, place: &Place) -> Vec<Act> {
    let user: UserId = state.setup.user_of(place.under);
    let client = place.client;
    let (of_user, of_client) = (Parent::User(user), Parent::Client(client));
    let mut acts = vec![
        Act::DisableUser {
            user,
            epoch: next(state, of_user),
        },
        Act::DisableClient {
            client,
            epoch: next(state, of_client),
        },
    ];
    // The act that brought the present epoch, again; and the undoing of it and of the one before.
    for disabled_by in last_two(state, of_user) {
        acts.push(Act::EnableUser { user, disabled_by });
    }
    for disabled_by in last_two(state, of_client) {
        acts.push(Act::EnableClient {
            client,
            disabled_by,
        });
    }
    let (user_epoch, client_epoch) = (state.epoch(of_user), state.epoch(of_client));
    if user_epoch > Epoch(0) {
        acts.push(Act::EndUser {
            user,
            epoch: user_epoch,
        });
        acts.push(Act::DisableUser {
            user,
            epoch: user_epoch,
        });
    }
    if client_epoch > Epoch(0) {
        acts.push(Act::EndClient {
            client,
            epoch: client_epoch,
        });
        acts.push(Act::DisableClient {
            client,
            epoch: client_epoch,
        });
    }
    acts
}

/// What is presented and renewed of the browser session that the grant belongs to.
pub(in crate::history) fn cookies(state: &State, place: &Place) -> Vec<Act> {
    let Under::BrowserSession(browser_session) = place.under else {
        return Vec::new();
    };
    let user = state.setup.user_of(place.under);
    let another = UserId((user.0 + 1) % state.setup.users);
    let number = state.present_secret(browser_session);
    let renew = |user: UserId, user_epoch: Epoch, secret: u32| Act::RenewSession {
        browser_session,
        user,
        user_epoch,
        secret,
    };
    let present = |secret: Secret| Act::PresentCookie {
        browser_session,
        secret,
    };
    let mut acts = vec![
        present(Secret::MadeUp),
        present(Secret::Issued(number)),
        renew(user, Epoch(0), number + 1),
    ];
    if let Some(earlier) = number.checked_sub(1) {
        acts.push(present(Secret::Issued(0)));
        acts.push(present(Secret::Issued(earlier)));
        acts.push(renew(user, Epoch(0), number));
    }
    let now = state.epoch(Parent::User(user));
    if now > Epoch(0) {
        acts.push(renew(user, now, number + 1));
    }
    if another != user {
        acts.push(renew(another, Epoch(0), number + 1));
    }
    acts
}

/// The epoch that the parent's next ending brings.
fn next(state: &State, parent: Parent) -> Epoch {
    Epoch(state.epoch(parent).0 + 1)
}

/// The parent's present epoch and the one before it.
fn last_two(state: &State, parent: Parent) -> Vec<Epoch> {
    let present = state.epoch(parent).0;
    [present.checked_sub(1), Some(present)]
        .into_iter()
        .flatten()
        .map(Epoch)
        .collect()
}
