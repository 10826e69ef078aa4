//! Which acts are worth trying in a state, so that neither generator spends its histories on what
//! says nothing.

use crate::acts::{
    Act, BrowserSessionId, ClientId, Epoch, GrantId, ParentEpochs, Proof, Secret, Under, UserId,
};
use crate::grant::Grant;
use crate::state::{Parent, State};

/// A grant that a history may issue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub grant: GrantId,
    pub client: ClientId,
    /// Another client, which presents what isn't its own.
    pub foreign: ClientId,
    pub under: Under,
}

/// Every act on the grant that can be told from the others in this state.
pub(super) fn grant_acts(state: &State, place: &Place) -> Vec<Act> {
    let &Place {
        grant,
        client,
        foreign,
        ..
    } = place;
    let mut acts = issues(state, place);
    let Some(row) = state.grants.get(&grant) else {
        acts.push(Act::RedeemCode {
            grant,
            code: Secret::MadeUp,
            client,
            proof: Proof::Right,
        });
        acts.push(Act::RotateRefreshToken {
            grant,
            token: Secret::MadeUp,
            client,
            faulty: false,
        });
        acts.push(Act::EndGrant { grant, client });
        return acts;
    };
    acts.extend(redemptions(row, place));
    acts.extend(rotations(row, place));
    acts.extend([
        Act::EndGrant {
            grant,
            client: foreign,
        },
        Act::EndGrant { grant, client },
    ]);
    let minted = state
        .access_tokens
        .get(&grant)
        .map_or(0, |tokens| tokens.len() as u32);
    let mut tokens: Vec<u32> = [0, minted.saturating_sub(1)]
        .into_iter()
        .filter(|&token| token < minted)
        .collect();
    tokens.dedup();
    acts.extend(tokens.iter().map(|&access_token| Act::CheckToken {
        grant,
        access_token,
    }));
    acts.extend(tokens.first().map(|&access_token| Act::DenyAccessToken {
        grant,
        access_token,
    }));
    acts
}

/// The endings of everything that the grant hangs under.
pub(super) fn endings(state: &State, place: &Place) -> Vec<Act> {
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
pub(super) fn standings(state: &State, place: &Place) -> Vec<Act> {
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

/// What is presented and renewed of the browser session that the grant hangs under.
pub(super) fn cookies(state: &State, place: &Place) -> Vec<Act> {
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

fn issues(state: &State, place: &Place) -> Vec<Act> {
    let &Place {
        grant,
        client,
        under,
        ..
    } = place;
    let now = handed_down(state, client, under);
    let before = ParentEpochs {
        user: Epoch(0),
        consent: Epoch(0),
        client: Epoch(0),
        ..now
    };
    let mut taken = vec![now, before];
    taken.dedup();
    taken
        .into_iter()
        .map(|taken| Act::IssueCode {
            grant,
            client,
            under,
            taken,
        })
        .collect()
}

/// What a grant takes now. A browser session keeps what it took at its sign-in, and once ended it
/// verifies no one: its grants are then dead on arrival.
fn handed_down(state: &State, client: ClientId, under: Under) -> ParentEpochs {
    let present = state.present_epochs(client, under);
    match under {
        Under::BrowserSession(BrowserSessionId(_)) => ParentEpochs {
            user: Epoch(0),
            browser_session: Some(Epoch(0)),
            ..present
        },
        Under::Consent(_) => present,
    }
}

fn redemptions(row: &Grant, place: &Place) -> Vec<Act> {
    let &Place {
        grant,
        client,
        foreign,
        ..
    } = place;
    let present = Secret::Issued(row.code);
    let mut acts = vec![
        Act::RedeemCode {
            grant,
            code: Secret::MadeUp,
            client,
            proof: Proof::Right,
        },
        Act::RedeemCode {
            grant,
            code: present,
            client: foreign,
            proof: Proof::Right,
        },
        Act::RedeemCode {
            grant,
            code: present,
            client,
            proof: Proof::Wrong,
        },
        Act::RedeemCode {
            grant,
            code: present,
            client,
            proof: Proof::Right,
        },
    ];
    if let Some(replaced) = row.code.checked_sub(1) {
        acts.push(Act::RedeemCode {
            grant,
            code: Secret::Issued(replaced),
            client,
            proof: Proof::Right,
        });
    }
    acts
}

fn rotations(row: &Grant, place: &Place) -> Vec<Act> {
    let &Place {
        grant,
        client,
        foreign,
        ..
    } = place;
    let present = |token: Secret, client: ClientId, faulty: bool| Act::RotateRefreshToken {
        grant,
        token,
        client,
        faulty,
    };
    let mut acts = vec![present(Secret::MadeUp, client, false)];
    let Some(family) = &row.family else {
        return acts;
    };
    let oldest_first = [
        family.current.checked_sub(2),
        family.current.checked_sub(1),
        Some(family.current),
    ];
    for token in oldest_first.into_iter().flatten().map(Secret::Issued) {
        acts.push(present(token, foreign, false));
        acts.push(present(token, client, true));
        acts.push(present(token, client, false));
    }
    acts
}
