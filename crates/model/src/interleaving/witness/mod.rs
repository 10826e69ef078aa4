//! A witness sees every act and everything that is returned, and remembers what the store need not.
//! The properties are checked against it.
//!
//! [`mod@acts`] has what it concludes when an act is carried out, [`mod@responses`] when a request
//! returns.

mod acts;
mod responses;
mod violations;

use std::collections::{BTreeMap, BTreeSet};

use crate::acts::{Act, Epoch, GrantId, IssueOutcome, Outcome, ParentEpochs, RedeemOutcome};
use crate::grant::Grant;
use crate::interleaving::World;
use crate::interleaving::engine::ActId;
use crate::interleaving::requests::Request;
use crate::interleaving::scenarios::SUBJECT;
use crate::state::{Parent, State, parents};
pub use violations::{Acceptance, Violation};

/// What was seen. Codes and refresh tokens are those of the scenario's grant, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Witness {
    /// Codes that someone has received.
    pub codes: BTreeSet<u32>,
    /// Refresh tokens that someone has received.
    pub refresh_tokens: BTreeSet<u32>,
    /// Codes that were exchanged for tokens.
    redeemed: BTreeSet<u32>,
    /// The code that an act has used.
    used: Option<UsedCode>,
    /// Whether the grant's row has ever ended.
    has_ended_row: bool,
    /// What each used refresh token was exchanged for.
    rotations: BTreeMap<u32, Rotation>,
    /// What the credential behind a grant's code was verified with.
    verified: BTreeMap<(GrantId, u32), Seen>,
    /// The epochs that endings have put in place and returned.
    endings: BTreeMap<Parent, Epoch>,
    /// Someone was told that the scenario's grant itself has ended.
    has_ended: bool,
    /// Codes below this were deleted, if they were unused.
    deleted_below: u32,
    /// The setting of a new password returned.
    pub password_changed: bool,
    /// Someone was told that the user is disabled.
    pub user_disabled: bool,
    /// What must never be.
    pub violations: BTreeSet<Violation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct UsedCode {
    code: u32,
    by: ActId,
    /// The grant's end; seconds.
    expires_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rotation {
    successor: u32,
    by: ActId,
    /// Seconds.
    at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Seen {
    epochs: ParentEpochs,
    password: u8,
}

impl Witness {
    /// Whether an ending of the grant or of a parent, as they were when its credential was
    /// verified, has returned.
    pub fn covers(&self, id: GrantId, grant: &Grant) -> bool {
        let ended_itself = id == SUBJECT && self.has_ended;
        ended_itself
            || self.has_newer_parents(id, grant, |parent| {
                self.endings.get(&parent).copied().unwrap_or_default()
            })
    }

    /// Whether the request presents a code that was deleted.
    pub fn deleted(&self, request: Request) -> bool {
        matches!(request, Request::Redeem { code, .. } if code < self.deleted_below)
    }

    /// Whether an ending of this parent has returned.
    pub fn knows_the_end_of(&self, parent: Parent) -> bool {
        self.endings.contains_key(&parent)
    }

    /// The password that the grant's sign-in was verified with.
    pub fn password_of(&self, id: GrantId, grant: &Grant) -> Option<u8> {
        let seen = self.verified.get(&(id, grant.code))?;
        Some(seen.password)
    }

    /// An act was carried out and returned before the race.
    pub(super) fn told(&mut self, act: &Act, outcome: Outcome, store: &State) {
        match (*act, outcome) {
            (Act::IssueCode { grant, taken, .. }, Outcome::IssueCode(IssueOutcome::Issued)) => {
                self.issued(grant, 0, taken, 0);
                self.codes.extend((grant == SUBJECT).then_some(0));
            }
            (
                Act::RedeemCode { grant: SUBJECT, .. },
                Outcome::RedeemCode(RedeemOutcome::Redeemed),
            ) => {
                self.redeemed.insert(0);
                self.refresh_tokens.insert(0);
                self.used = store.grants.get(&SUBJECT).map(|grant| UsedCode {
                    code: grant.code,
                    by: 0,
                    expires_at: grant.expires_at,
                });
            }
            _ => {}
        }
    }

    /// A code was issued on a credential that was verified like this.
    fn issued(&mut self, id: GrantId, code: u32, epochs: ParentEpochs, password: u8) {
        self.verified.insert((id, code), Seen { epochs, password });
    }

    /// Whether `epoch` gives some parent a newer epoch than the one under which the grant's
    /// credential was verified.
    fn has_newer_parents(
        &self,
        id: GrantId,
        grant: &Grant,
        epoch: impl Fn(Parent) -> Epoch,
    ) -> bool {
        let Some(&Seen { epochs, .. }) = self.verified.get(&(id, grant.code)) else {
            return false;
        };
        let as_verified = Grant {
            taken: epochs,
            family: None,
            ..*grant
        };
        parents(&as_verified)
            .into_iter()
            .flatten()
            .any(|(parent, verified)| epoch(parent) > verified)
    }
}

impl World {
    /// The grants that nothing has ended.
    pub(super) fn alive(&self) -> BTreeSet<GrantId> {
        self.store
            .grants
            .keys()
            .copied()
            .filter(|id| is_alive(&self.store, *id))
            .collect()
    }
}

fn is_alive(store: &State, id: GrantId) -> bool {
    store
        .grants
        .get(&id)
        .is_some_and(|grant| store.is_live(grant))
}
