//! One grant's row and what each act makes of it, without a look at any other record.
//!
//! All that decides about a grant is one row, so each function here is what a backend carries out
//! atomically. What the row alone can't know, that a parent has ended, is compared afterwards by
//! [`crate::state::apply`].

use crate::acts::{
    BrowserSessionId, ClientId, EndGrantOutcome, Epoch, IssueOutcome, ParentEpochs, Proof,
    RedeemOutcome, RotateOutcome, Secret, Under, UserId,
};
use crate::state::Lifetimes;

/// A grant's row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    pub client: ClientId,
    pub user: UserId,
    pub browser_session: Option<BrowserSessionId>,
    /// The parents' epochs, taken when the credential was verified, compared ever after.
    pub taken: ParentEpochs,
    /// The epoch of the client session that an online grant joined, or made, as it was written.
    pub client_session: Option<Epoch>,
    /// The present code, by the order in which the grant's codes were made.
    pub code: u32,
    /// Seconds. A code is valid before this instant.
    pub code_expires_at: i64,
    /// Seconds. Nothing of the grant is valid from this instant on.
    pub expires_at: i64,
    /// Made by the redemption: a grant without a family has an unused code.
    pub family: Option<RefreshFamily>,
    pub ended: bool,
}

/// A grant's refresh tokens: the current one and all that were before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefreshFamily {
    /// The current token, by the order in which the family's tokens were made: `current - 1` is its
    /// predecessor, anything lower an ancestor.
    pub current: u32,
    /// When the predecessor was rotated; seconds. The grace runs from here.
    pub rotated_at: i64,
    /// Seconds. The current refresh token is valid before this instant.
    pub idle_expires_at: i64,
}

impl Grant {
    /// A grant as its first code is issued. `user` is the browser session's, or the one who
    /// consents; `joined` is the present epoch of the client session.
    pub fn issue(
        client: ClientId,
        user: UserId,
        under: Under,
        taken: ParentEpochs,
        joined: Epoch,
        now: i64,
        lifetimes: &Lifetimes,
    ) -> Self {
        let browser_session = match under {
            Under::BrowserSession(id) => Some(id),
            Under::Consent(_) => None,
        };
        Self {
            client,
            user,
            browser_session,
            taken,
            client_session: browser_session.map(|_| joined),
            code: 0,
            code_expires_at: now + lifetimes.code_seconds,
            expires_at: now + lifetimes.grant_seconds,
            family: None,
            ended: false,
        }
    }

    /// Whether the authorization may be finished again.
    pub fn code_is_unused(&self) -> bool {
        self.family.is_none() && !self.ended
    }

    /// Puts `fresh` instead of `row`, while the code in that is unused.
    pub fn replace(row: &mut Option<Self>, fresh: Self) -> IssueOutcome {
        match row {
            None => {
                *row = Some(fresh);
                IssueOutcome::Issued
            }
            // The id is sealed into one client's form: another client's use of it would be a fault
            // of ours, and must not move a grant.
            Some(grant) if !grant.code_is_unused() || grant.client != fresh.client => {
                IssueOutcome::AlreadyUsed
            }
            Some(grant) => {
                *grant = Self {
                    code: grant.code + 1,
                    ..fresh
                };
                IssueOutcome::Replaced
            }
        }
    }

    /// Ends the grant for its own client.
    pub fn end(&mut self, client: ClientId) -> EndGrantOutcome {
        if self.client != client {
            return EndGrantOutcome::ForeignClient;
        }
        self.ended = true;
        EndGrantOutcome::Ended
    }

    /// Redeems the code as far as the row can tell.
    pub fn redeem(
        &mut self,
        code: Secret,
        client: ClientId,
        proof: Proof,
        now: i64,
        lifetimes: &Lifetimes,
    ) -> RedeemOutcome {
        if code != Secret::Issued(self.code) {
            return RedeemOutcome::Unknown;
        }
        if client != self.client {
            return RedeemOutcome::ForeignClient;
        }
        if self.ended {
            return RedeemOutcome::Ended;
        }
        if self.family.is_some() {
            return match proof {
                Proof::Right => {
                    self.ended = true;
                    RedeemOutcome::Replayed
                }
                Proof::Wrong => RedeemOutcome::UsedWithWrongProof,
            };
        }
        if now >= self.code_expires_at || now >= self.expires_at {
            return RedeemOutcome::Expired;
        }
        if proof == Proof::Wrong {
            self.ended = true;
            return RedeemOutcome::Invalidated;
        }
        self.family = Some(RefreshFamily::begin(now, lifetimes));
        RedeemOutcome::Redeemed
    }

    /// Rotates the refresh token as far as the row can tell. `rotates` is the client's setting.
    pub fn rotate(
        &mut self,
        token: Secret,
        client: ClientId,
        rotates: bool,
        now: i64,
        lifetimes: &Lifetimes,
    ) -> RotateOutcome {
        let Some(family) = &mut self.family else {
            return RotateOutcome::Unknown;
        };
        let Some(standing) = family.standing(token) else {
            return RotateOutcome::Unknown;
        };
        if client != self.client {
            return RotateOutcome::ForeignClient;
        }
        if self.ended {
            return RotateOutcome::Ended;
        }
        let in_grace =
            lifetimes.grace_seconds > 0 && now < family.rotated_at + lifetimes.grace_seconds;
        if standing == Standing::Ancestor || (standing == Standing::Predecessor && !in_grace) {
            self.ended = true;
            return RotateOutcome::Reused;
        }
        if now >= self.expires_at || now >= family.idle_expires_at {
            return RotateOutcome::Expired;
        }
        if standing == Standing::Predecessor {
            return RotateOutcome::Repeated {
                successor: family.current,
            };
        }
        family.idle_expires_at = now + lifetimes.refresh_idle_seconds;
        if !rotates {
            return RotateOutcome::Kept;
        }
        family.current += 1;
        family.rotated_at = now;
        RotateOutcome::Rotated {
            successor: family.current,
        }
    }
}

/// What an issued refresh token is to its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// The current token came from it and is unused.
    Predecessor,
    /// Its successor was used.
    Ancestor,
}

impl RefreshFamily {
    fn begin(now: i64, lifetimes: &Lifetimes) -> Self {
        Self {
            current: 0,
            rotated_at: now,
            idle_expires_at: now + lifetimes.refresh_idle_seconds,
        }
    }

    /// What `token` is to the family; `None` if it was never issued.
    pub fn standing(&self, token: Secret) -> Option<Standing> {
        let Secret::Issued(number) = token else {
            return None;
        };
        match self.current.checked_sub(number)? {
            0 => Some(Standing::Current),
            1 => Some(Standing::Predecessor),
            _ => Some(Standing::Ancestor),
        }
    }
}
