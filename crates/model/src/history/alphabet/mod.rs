//! Which acts are worth trying in a state, so that neither generator spends its histories on what
//! says nothing. Here are the acts on a grant.

mod parents;

use crate::acts::{
    Act, BrowserSessionId, ClientId, Epoch, GrantId, ParentEpochs, Proof, Secret, Under,
};
use crate::grant::Grant;
use crate::state::State;
pub(super) use parents::{cookies, endings, standings};

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
/// verifies no one: its grants are then invalid from the start.
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
